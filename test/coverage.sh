#!/usr/bin/env bash
# coverage.sh: what the tests reached, folder by folder, as one table. Called by run.sh in the copy of the tree in which
# they ran with COVERAGE=1: gcov's counts lie beside the objects, vitest's in coverage/web.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# "file covered total" for C, by gcovr, and for TypeScript, by v8.
c_files() {
  gcovr --root . --filter 'extension/' --filter 'bridge/' --json-summary - . 2>/dev/null |
    node -e 'for (const f of JSON.parse(require("fs").readFileSync(0)).files) console.log(f.filename, f.line_covered, f.line_total)'
}

typescript_files() {
  node -e '
    const all = JSON.parse(require("fs").readFileSync("coverage/web/coverage-summary.json"));
    for (const [name, { lines }] of Object.entries(all))
      if (name !== "total") console.log(name.replace(process.cwd() + "/", ""), lines.covered, lines.total)'
}

{ c_files && typescript_files; } | awk '
  {
    folder = $1; sub(/\/[^\/]*$/, "", folder)
    covered[folder] += $2; total[folder] += $3; all_covered += $2; all_total += $3
    if ($3 && $2 / $3 < 0.8) low[$1] = $2 / $3
  }
  END {
    if (!all_total) exit 1
    for (folder in total) printf "%-28s %6d of %6d lines  %5.1f %%\n", folder, covered[folder], total[folder], 100 * covered[folder] / (total[folder] ? total[folder] : 1) | "sort"
    close("sort")
    for (file in low) printf "  below 80 %%: %-40s %5.1f %%\n", file, 100 * low[file] | "sort"
    close("sort")
    printf "%-28s %6d of %6d lines  %5.1f %%\n", "all", all_covered, all_total, 100 * all_covered / all_total
  }'
