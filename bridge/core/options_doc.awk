# options_doc.awk: docs/configuration.md from options.def. `make -C bridge documentation` writes it; a test compares.
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
	value = unquote(parts[3])
	unit = unquote(parts[6])
	printf "| `%s` | %s | %s | %s |\n", name, (value == "" ? "" : "`" value "`"), unit, unquote(parts[7])
}

BEGIN {
	print "# Configuration of the bridge"
	print ""
	print "Each option can stand in the file (`name = value`, `#` begins a comment), in the environment (`COLLAB_NAME`) and on the"
	print "command line (`--name value`, dashes and underscores alike); the later of these wins. The file is named with `--config`."
	print "`collab-bridge --check-config` says what it would run with, or what is wrong and where, and stops. Times take `ms`, `s`,"
	print "`min`, `h`; sizes `kB` (1024), `MB`, `GB`. SIGHUP reads the keys again, and so does a change of their files."
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
