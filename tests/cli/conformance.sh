#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Holds doc/conformance, the table of what the RFCs demand of a client: each row is well formed, no requirement is
# listed twice, each test that a row names is in the suite and contains the word that the row names, and what
# differs or is open says why.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/lib/tap.sh" || exit 99

# Reads a table and prints "problem LINE TEXT", "test LINE FILE LABEL" and "state STATE", separated by tabs.
read_table() {
	awk -F ' [|] ' -v OFS='\t' '
	function problem(text) { print "problem", NR, text }
	function finish() {
		if (state == "kept" && !tests) print "problem", row, "no test"
		if (state == "kept" && reasons) print "problem", row, "a reason, although it is kept"
		if (state ~ /^(different|open)$/ && !reasons) print "problem", row, "no reason"
		state = ""
	}
	/^#/ || /^$/ { next }
	/^== / {
		finish()
		if ($0 !~ /^== RFC [1-9][0-9]*  [^ ].*[^ ]$/) problem("not the head of an RFC")
		split($0, word, " ")
		rfc = word[3]
		if (rfc in seen_rfc) problem("RFC " rfc " has two groups")
		seen_rfc[rfc]
		next
	}
	/^\t/ {
		if (state == "") { problem("belongs to no row"); next }
		text = substr($0, 2)
		if (text ~ /^tests\//) {
			tests++
			colon = index(text, ": ")
			if (!colon) { problem("a test without a word that it contains"); next }
			print "test", NR, substr(text, 1, colon - 1), substr(text, colon + 2)
		} else if (text ~ /^[^ ].*[^ ]$/) {
			reasons++
		} else {
			problem("an empty reason, or blanks around it")
		}
		next
	}
	{
		finish()
		row = NR
		tests = reasons = 0
		state = $3
		if (NF != 4) { problem("not four columns"); next }
		if (rfc == "") problem("before the first RFC")
		if ($1 !~ /^[0-9A-Z]+([.][0-9]+)*$/) problem("\"" $1 "\" is no section")
		if ($2 !~ /^(MUST|MUST NOT|SHOULD|SHOULD NOT|MAY|-)$/) problem("\"" $2 "\" is no keyword")
		if ($3 !~ /^(kept|different|open)$/) problem("\"" $3 "\" is no state")
		if ($4 !~ /^[^ ].*[^ .]$/) problem("no requirement, or a full stop after it")
		name = rfc " " tolower($4)
		gsub(/[^a-z0-9]+/, " ", name)
		if (name in line) problem("also in line " line[name])
		line[name] = NR
		print "state", $3
	}
	END { finish() }' "$1"
}

# Prints what is wrong with the table $1, "LINE: PROBLEM" each.
faults() {
	local kind at file label
	read_table "$1" | while IFS=$'\t' read -r kind at file label; do
		case $kind in
		problem) printf '%s: %s\n' "$at" "$file" ;;
		test)
			if [ ! -f "$top_srcdir/$file" ]; then
				printf '%s: there is no %s\n' "$at" "$file"
			elif [ -z "$label" ] || ! grep -qF -e "$label" "$top_srcdir/$file"; then
				printf '%s: %s does not contain "%s"\n' "$at" "$file" "$label"
			elif ! is_run "$file"; then
				printf '%s: no make check runs %s\n' "$at" "$file"
			fi
			;;
		esac
	done
}

# Dialogues are found by their ending; other tests are listed, C programs without one.
is_run() {
	case $1 in
	tests/dialogues/*.dlg) ;;
	*) grep -qE "${1%.c}([ \\]|\$)" "$T/listed" ;;
	esac
}
find "$top_srcdir/tests" -name '*.mk' -exec grep -hv '^EXTRA_DIST' {} + >"$T/listed"

# ---- planted faults are found ----
printf '%s\n' '# a comment' '' '== RFC 1  One' \
	'1.2 | MUST | kept | Fine' $'\ttests/cli/conformance.sh: planted faults' \
	'A.2 | SHOULD NOT | different | Fine, too' $'\tBecause of the weather.' \
	'3 | - | open | Nothing holds it' $'\tA dialogue with two of them.' >"$T/good"
is "$(faults "$T/good")" '' "a table without faults has none"

# plant PROBLEM LINE...: these lines after the good ones, the problem expected without its line number
plant() {
	local wanted=$1
	shift
	{ cat "$T/good"; printf '%s\n' "$@"; } >"$T/bad"
	is "$(faults "$T/bad" | sed 's/^[0-9]*: //')" "$wanted" "found: $wanted"
}
ours=$'\ttests/cli/conformance.sh: planted faults'
plant 'no test' '4 | MUST | kept | Four'
plant 'no reason' '4 | MUST | different | Four' "$ours"
plant 'no reason' '4 | MUST | open | Four'
plant 'a reason, although it is kept' '4 | MUST | kept | Four' "$ours" $'\tWhy not.'
plant 'not four columns' '4 | MUST | kept' "$ours"
plant '"4 a" is no section' '4 a | MUST | kept | Four' "$ours"
plant '"must" is no keyword' '4 | must | kept | Four' "$ours"
plant '"done" is no state' '4 | MUST | done | Four' "$ours"
plant 'no requirement, or a full stop after it' '4 | MUST | kept | Four.' "$ours"
plant 'also in line 4' '4 | MUST | kept | fine' "$ours"
plant 'RFC 1 has two groups' '== RFC 1  One'
plant 'not the head of an RFC' '== RFC 2 Two'
plant 'belongs to no row' '== RFC 2  Two' "$ours"
plant 'a test without a word that it contains' '4 | MUST | kept | Four' $'\ttests/cli/conformance.sh'
plant 'there is no tests/cli/none.sh' '4 | MUST | kept | Four' $'\ttests/cli/none.sh: word'
plant 'tests/cli/cli.sh does not contain "such a word"' '4 | MUST | kept | Four' $'\ttests/cli/cli.sh: such a word'
plant 'no make check runs tests/cli/cli.sh' '4 | MUST | kept | Four' $'\ttests/cli/cli.sh: smarthost'

# ---- the table ----
table=$top_srcdir/doc/conformance
is "$(faults "$table")" '' "doc/conformance has no faults"
read_table "$table" | grep -a '^state' | sort | uniq -c | while read -r count _ state; do note "$state: $count"; done
isnt "$(read_table "$table" | grep -ac '^state')" 0 "it has rows"
done_testing
