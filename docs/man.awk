# man.awk: a man page from one of the pages of docs/, as much Markdown as these use: headings, paragraphs, fences, tables.
#
#   awk -v page=NAME -v section=N -v about='one line' -f docs/man.awk docs/PAGE.md
#
# A table becomes a list: its first column the term, its last one the text, what stands between in brackets before it.

# Backslashes, a leading dot or quote, and hyphens that must stay hyphens (they are typed).
function plain(text)
{
	gsub(/\\\|/, "|", text)
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	return text
}

# [text](where) is text, `code` is bold, *word* is in italics.
function inline(text,    out, found, start, width)
{
	while (match(text, /\[[^]]*\]\([^)]*\)/)) {
		found = substr(text, RSTART + 1, RLENGTH - 1)
		sub(/\].*/, "", found)
		text = substr(text, 1, RSTART - 1) found substr(text, RSTART + RLENGTH)
	}
	text = plain(text)
	while (match(text, /`[^`]*`/)) {
		start = RSTART; width = RLENGTH # slanted() has its own
		out = out slanted(substr(text, 1, start - 1)) "\\fB" substr(text, start + 1, width - 2) "\\fP"
		text = substr(text, start + width)
	}
	return out slanted(text)
}

function slanted(text,    out)
{
	while (match(text, /\*[A-Za-z]+\.?\*/)) {
		out = out substr(text, 1, RSTART - 1) "\\fI" substr(text, RSTART + 1, RLENGTH - 2) "\\fP"
		text = substr(text, RSTART + RLENGTH)
	}
	return out text
}

# Folded at spaces; roff joins it again. A dot or quote must not begin a line.
function line(text,    at)
{
	while (length(text) > 78 && !is_fenced) {
		for (at = 78; at > 1 && substr(text, at, 1) != " "; at--) ;
		if (at <= 1) break
		whole(substr(text, 1, at - 1))
		text = substr(text, at + 1)
	}
	whole(text)
}

function whole(text)
{
	if (text ~ /^[.']/) text = "\\&" text
	print text
}

function row(text,    cell, count, i, between)
{
	gsub(/^\| *| *\|$/, "", text)
	gsub(/\\\|/, "\001", text)
	count = split(text, cell, / *\| */)
	for (i = 1; i <= count; i++) gsub(/\001/, "\\|", cell[i])
	for (i = 2; i < count; i++)
		if (cell[i] != "") between = between (between == "" ? "" : ", ") (heading[i] == "" ? "" : heading[i] " ") inline(cell[i])
	print ".TP"
	line(inline(cell[1]))
	line((between == "" ? "" : "(" between ") ") inline(cell[count]))
}

BEGIN {
	printf ".\\\" Made by `make documentation` from docs/%s.md: change that.\n", page == "collab-bridge" ? page : "configuration"
	printf ".TH %s %s 2026-11-21 collab collab\n.SH NAME\n%s \\- %s\n", toupper(page), section, plain(page), about
}

/^# / { next }
/^## / { has_section = 1; print ".SH " toupper(plain(substr($0, 4))); after_heading = 1; next }
/^```/ { is_fenced = !is_fenced; print is_fenced ? ".nf" : ".fi"; next }
is_fenced { line(plain($0)); next }
/^\| *---/ { next }
/^\|/ {
	if (!in_table) {
		in_table = 1
		sub(/^\| */, "")
		split($0, heading, / *\| */)
		next
	}
	row($0)
	next
}
/^$/ { in_table = 0; wants_paragraph = 1; next }
# The first paragraph of a page that has a section for it is in NAME already.
{
	if (section == 1 && !has_section) next
	if (!has_section && !has_text++) print ".SH DESCRIPTION"
	else if (wants_paragraph && !after_heading) print ".PP"
	wants_paragraph = after_heading = 0
	line(inline($0))
}

END {
	print ".SH SEE ALSO"
	print page == "collab-bridge" ? ".BR collab\\-bridge.conf (5)" : ".BR collab\\-bridge (1)"
}
