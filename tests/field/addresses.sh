#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Addresses as people and programs write them: what can be understood is sent to, an entry without an address is
# nothing, what cannot be understood is refused by name, and the others get the message.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

# reaches NAME STATUS RECIPIENTS: what arrived after post
reaches() {
	local name=$1 want=$2 to=$3 got
	got=$([ "$(stored)" = 0 ] || envelope rcpt)
	if [ "$status" != "$want" ]; then
		not_ok "$name" "exit status $status, wanted $want"
		show_err
	elif [ "$got" != "$to" ]; then
		not_ok "$name" "recipients \"$got\", wanted \"$to\""
	elif [ "$want" = 0 ] && [ -s "$T/err" ]; then
		not_ok "$name" "standard error: $(cat "$T/err")"
	else
		ok "$name"
	fi
}

# address STATUS RECIPIENTS ENTRY: alone, with others as arguments, and in the header; ENTRY in printf's escapes
address() {
	local want=$1 to=$2 entry shown others
	entry=$(printf "$3.")
	entry=${entry%.}
	shown=$(printf '%q' "$entry")
	others="first@example.org${to:+ $to} last@example.org"
	smarthost
	conf
	post first@example.org "$entry" last@example.org
	smarthost_stop
	reaches "$shown, between others" "$want" "$others"
	[ "$want" = 0 ] || said "$(printf '%s' "$entry" | tr -d '\r\n' | cut -c1 | sed 's/[][\\.*^$?+(){}|]/./g')" \
		"$shown, between others: it is named"
	smarthost
	conf
	post_stdin -t < <(printf 'From: alice@example.org\nTo: first@example.org, %s,\n last@example.org\n%s\n\nx\n' \
		"$(printf '%s' "$entry" | tr -d '\r\n')" 'Bcc: x@example.org')
	smarthost_stop
	reaches "$shown, in To" "$want" "$others x@example.org"
	smarthost
	conf
	post "$entry"
	smarthost_stop
	if [ -n "$to" ]; then
		reaches "$shown, alone" "$want" "$to"
	elif [ "$want" = 67 ]; then
		reaches "$shown, alone" 65 ""
	else
		reaches "$shown, alone: no recipient" 64 ""
	fi
}

b=b@example.org
while IFS='|' read -ru 9 want to entry; do
	[ -z "$want" ] || address "$want" "$to" "$entry"
done 9<<'ROWS'
0|b@example.org|b@example.org\n
0|b@example.org|b@example.org\r\n
0|b@example.org|\t b@example.org \r
0|b@example.org|Joe Doe <b@example.org>
0|b@example.org|"Doe, Joe" <b@example.org>
0|b@example.org|"Joe" b@example.org
0|b@example.org|Joe Doe b@example.org
0|b@example.org|b@example.org (Joe)
0|b@example.org|mailto:b@example.org
0|b@example.org|<mailto:b@example.org>
0|b@example.org|Joe <MAILTO:b@example.org>
0|b@example.org|Joe <<b@example.org>>
0|b@example.org|Joe <b@example.org>>
0|b@example.org|b@example.org,
0|b@example.org|b@example.org;
0|b@example.org c@example.org|b@example.org; c@example.org
0|b@example.org c@example.org|b@example.org;c@example.org
0|b@example.org c@example.org|b@example.org c@example.org
0|b@example.org c@example.org|<b@example.org> <c@example.org>
0|b@example.org c@example.org|"Doe, Joe" <b@example.org>; "Roe, Jane" <c@example.org>
0|b@example.org c@example.org|Team: b@example.org, c@example.org;
0||<>
0||;
0||,
0||Undisclosed recipients
0||undisclosed-recipients:;
0||undisclosed-recipients;;
0||Undisclosed-Recipients: ;
0||"Undisclosed recipients" <>
0||"undisclosed recipients:" <>
0||Nobody: ;
67||bad@
67||@example.org
67||a@b@example.org
67||a@.example.org
67||a@b..example.org
67||a@-example.org
67||John <j@example.org
67||:include:/etc/passwd
67||\\\\root
67||"unclosed@example.org
67||(unclosed@example.org
67||<a b@example.org>
67||two words
67||a\377b@example.org
67||b@example.org> NOTIFY=NEVER
ROWS

# ---- control characters inside refuse everything ----
for entry in 'a\001b@example.org' 'b@example.org\r\nRSET' 'b@exam\nple.org' 'b@example.org\177' \
	'"a\033"@example.org'; do
	smarthost
	conf
	post first@example.org "$(printf "$entry")"
	smarthost_stop
	reaches "$(printf '%q' "$(printf "$entry")") between others" 65 ""
done

# ---- -f ----
while IFS='|' read -ru 9 want entry; do
	smarthost
	conf
	post -f "$entry" bob@example.org
	smarthost_stop
	is "$status $(envelope mail_from)" "0 $want" "-f '$entry'"
done 9<<'ROWS'
a@example.org|Name <a@example.org>
a@example.org|"Name, First" <a@example.org>
a@example.org|a@example.org (Name)
a@example.org| a@example.org 
a@example.org|a@example.org,
a@example.org|Name a@example.org
a@example.org|mailto:a@example.org
|
|<>
ROWS
smarthost
conf
post -f 'a@@example.org' bob@example.org
smarthost_stop
reaches "-f that cannot be understood" 65 ""
done_testing
