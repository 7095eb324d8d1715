import { defineConfig } from "vitest/config";

/* Everything the page needs is in dist: no request leaves the bridge, nothing is inlined that its policy would refuse. */
export default defineConfig({
  root: "app",
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  test: {
    root: ".",
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    coverage: {
      provider: "v8",
      include: ["client/**/*.ts"],
      exclude: ["client/protocol.ts"] /* types only */,
      reporter: ["text", "json-summary"],
      reportsDirectory: "../../coverage/web",
    },
  },
});
