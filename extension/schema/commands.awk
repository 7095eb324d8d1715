# commands.awk: the typed SQL functions of command/commands.def, each with its comment; with -v mode=doc the table of
# docs/commands.md. A function takes the fields in the table's order, from the first optional one on with the default null
# (left out of the command), then command_id, and version where the command names something that can have changed.
#
#   awk -f commands.awk commands.def            SQL for the install script
#   awk -v mode=doc -f commands.awk commands.def

BEGIN {
	if (mode == "") {
		print "-- Made from command/commands.def by schema/commands.awk: one typed function per command. Each builds the message and hands"
		print "-- it to collab.execute, so there is one frame; each returns the ACK's payload."
	} else {
		print "| command | least role | what it does | fields |"
		print "| --- | --- | --- | --- |"
	}
	split("UUID uuid USER bigint USERS bigint[] NAME text TITLE text DESCRIPTION text POSITION int LIMIT int TIME timestamptz " \
	      "PRIORITY text CATEGORY text ROLE collab.workspace_role FORMAT text LABELS text[] OBJECT jsonb CONFIG jsonb SETTINGS jsonb " \
	      "COVER jsonb COMMENT text FILE_NAME text URL text TOKEN text COLOR text BOOLEAN boolean SECONDS int VISIBILITY text " \
	      "KIND text OPTIONS text[] VALUE jsonb ID bigint IDS bigint[]", word, " ")
	for (i = 1; i in word; i += 2) type[word[i]] = word[i + 1]
}

# Entries span lines: gather one up to its closing parenthesis after the summary.
/^COMMAND\(/ { entry = "" ; inside = 1 }
inside { entry = entry " " $0 }
inside && /"\)$/ { inside = 0; take(entry) }

function take(text,   head, parts, n, rest, field, arguments, optional, args, object, name, summary, quoted, list, given) {
	match(text, /"[^\n]*"\)$/)
	summary = substr(text, RSTART + 1, RLENGTH - 3)
	gsub(/\\"/, "\"", summary)
	rest = substr(text, 1, RSTART - 1)
	sub(/^ *COMMAND\(/, "", rest)
	n = split(rest, parts, /, */)
	name = parts[1]
	arguments = optional = object = list = ""
	while (match(rest, /FIELD\([^)]*\)/)) {
		split(substr(rest, RSTART + 6, RLENGTH - 7), field, /, */)
		rest = substr(rest, RSTART + RLENGTH)
		if (!(field[2] in type)) { print "commands.awk: no SQL type for " field[2] > "/dev/stderr"; exit 1 }
		quoted = field[1] == "position" ? "\"position\"" : field[1]
		given = field[2] == "LABELS" || field[2] == "OPTIONS" || field[2] ~ /^(USERS|IDS)$/ ? "to_jsonb(" quoted ")" : quoted
		if (field[3] != "REQUIRED") optional = " DEFAULT NULL"
		arguments = arguments ", " quoted " " type[field[2]] optional
		object = object ", '" field[1] "', " given
		list = list (list == "" ? "" : ", ") field[1] (field[3] == "REQUIRED" ? "" : "?")
	}
	if (mode != "") { printf "| `%s` | %s | %s | %s |\n", name, tolower(parts[4]), summary, list; return }
	args = substr(arguments ", command_id uuid DEFAULT NULL", 3)
	if (parts[5] !~ /^(NONE|INVITE|TASK_CHILDREN)$/ || parts[3] == "BOARD") args = args ", version int DEFAULT NULL"
	printf "\nCREATE OR REPLACE FUNCTION collab.%s(%s)\n\tRETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$\n", tolower(name), args
	printf "\tSELECT collab.run_command('%s', jsonb_build_object(%s), command_id, %s)\n$$;\n", name, substr(object, 3), args ~ / version int/ ? "version" : "NULL"
	gsub(/'/, "''", summary)
	gsub(/ DEFAULT NULL/, "", args)
	printf "COMMENT ON FUNCTION collab.%s(%s) IS '%s';\n", tolower(name), args, summary
}
