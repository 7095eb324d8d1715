# options_doc.awk: docs/configuration.md from options.def. `make documentation` writes it; a test compares.
#
# Reads one OPTION(…) after the other, which may span lines, and the one-line comments between them as headings.

function unquote(text)
{
	gsub(/^[ \t]*"|"[ \t]*$/, "", text)
	gsub(/\\"/, "\"", text)
	gsub(/\|/, "\\|", text)
	return text
}

# Splits at commas that stand outside quotes.
function split_arguments(text, parts,    i, c, count, quoted, part)
{
	count = 0
	for (i = 1; i <= length(text); i++)
	{
		c = substr(text, i, 1)
		if (c == "\"" && substr(text, i - 1, 1) != "\\")
			quoted = !quoted
		if (c == "," && !quoted)
		{
			parts[++count] = part
			part = ""
		}
		else
			part = part c
	}
	parts[++count] = part
	return count
}

function print_option(text,    parts, name, value, unit)
{
	sub(/^OPTION\(/, "", text)
	sub(/\)[ \t]*$/, "", text)
	split_arguments(text, parts)
	name = parts[1]
	value = unquote(parts[4])
	unit = unquote(parts[7])
	printf "| `%s` | %s | %s | %s%s |\n", name, (value == "" ? "" : "`" value "`"), unit, unquote(parts[8]), (parts[3] ~ /RESTART/ ? " *Restart.*" : "")
}

BEGIN {
	print "# Configuration of the bridge"
	print ""
	print "Each option can stand in the file (`name = value`, `#` begins a comment), in the environment (`COLLAB_NAME`) and on the"
	print "command line (`--name value`, dashes and underscores alike); the later of these wins. The file is named with `--config`"
	print "or with `COLLAB_CONFIG`; without either, `/etc/collab/bridge.conf` is read when it is there. A value in single quotes may hold"
	print "`#` and spaces at its ends; a quote inside is doubled. Times take `ms`, `s`, `min`, `h`, `d`; sizes `kB` (1024), `MB`, `GB`."
	print ""
	print "`collab-bridge --check-config` reads all of it and the files with keys, and stops: status 0 and the options in force (passwords"
	print "masked), or status 2 and every problem with its place, `bridge.conf:7: pool_size: …`. It warns of secrets that everybody on"
	print "the machine may read."
	print ""
	print "SIGHUP reads all of it again while the bridge runs. Options marked *Restart* keep their value then, and the log names them"
	print "(`options_need_restart`); all others take effect at once, limits and intervals of a connection at its next look at them. When"
	print "anything is wrong, a key file included, nothing changes and the log says why (`configuration_not_reloaded`). A changed key"
	print "file is found without SIGHUP too, see `jwt_reload_interval`."
}

/^\/\* .* \*\/$/ && !open_option {
	heading = $0
	gsub(/^\/\* | \*\/$/, "", heading)
	printf "\n## %s\n\n| option | default | unit | |\n| --- | --- | --- | --- |\n", heading
	next
}

/^OPTION\(/ { open_option = 1; option = "" }

open_option {
	line = $0
	sub(/^[ \t]+/, " ", line)
	option = option line
	if (line ~ /\)[ \t]*$/)
	{
		print_option(option)
		open_option = 0
	}
}
