#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# --rmqs: ETRN, what the server makes of it, and the exit status.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

# asks STATUS COMMAND LINE NAME SINK-OPTIONS VALUE [LINE...]: what the server
# got ("-": nothing of it) and what is said ("-": nothing)
asks() {
	local want=$1 command=$2 line=$3 name=$4 value=$6
	eval "smarthost $5"
	shift 6
	conf "$@"
	run timeout -k 5 60 "$POSTHASTE" -C "$T/rc" --rmqs="$value"
	smarthost_end
	status_is "$want" "$name: exit status $want"
	is "$(grep -a '^C: ETRN' "$T/transcript" | tr -d '\r')" "${command#-}" "$name: what the server got"
	if [ "$line" = - ]; then is "$(cat "$err")" "" "$name: nothing is said"; else said "^posthaste: $line" \
		"$name: the message"; fi
	silent "$name: standard output stays silent"
	never_sent 'MAIL|RCPT|DATA' "$name: nothing is sent"
	no_violation "$name: the dialogue was correct"
}
offered='--extensions ETRN,SIZE'

asks 0 "C: ETRN example.org" - "a host" "$offered" example.org
asks 0 "C: ETRN @example.org" - "a domain" "$offered --reply 'etrn=251 nothing waits'" @example.org
asks 0 "C: ETRN #main" - "a queue" "$offered --reply 'etrn=253 2.0.0 two wait'" '#main'
asks 0 "C: ETRN example.org" - "with authentication" "$offered --auth PLAIN --user joe --password-file $T/password" \
	example.org "auth on" "password_file $T/password"
like "$(cat "$T/transcript")" 'AUTH PLAIN' "with authentication: it is done"
asks 69 - "ETRN: the server does not offer" "not offered" "--extensions SIZE" example.org
asks 75 "C: ETRN a.example" "ETRN: .*: 458 later" "not now" "$offered --reply 'etrn=458 later'" a.example
asks 75 "C: ETRN a.example" "ETRN: .*: 459 not for you" "not for us" "$offered --reply 'etrn=459 not for you'" a.example
asks 65 "C: ETRN a.example" "ETRN: .*: 501 what" "not understood" "$offered --reply 'etrn=501 what'" a.example
asks 69 "C: ETRN a.example" "ETRN: .*: 554 no" "refused" "$offered --reply 'etrn=554 no'" a.example
asks 77 "C: ETRN a.example" "ETRN: .*: 530 who" "authentication is wanted" "$offered --reply 'etrn=530 who'" a.example
asks 75 "C: ETRN a.example" "ETRN: the server closed the connection" "the connection is lost" "$offered --close etrn" \
	a.example

smarthost $offered
conf
for wrong in '' @ '#' 'a b' $'a\r\nMAIL FROM:<x@y>' $'a\xc3\xa9'; do
	run "$POSTHASTE" -C "$T/rc" --rmqs="$wrong"
	is "$status" 64 "a name that is none: exit status 64"
done
run "$POSTHASTE" -C "$T/rc" --rmqs=a.example bob@example.org
status_is 64 "recipients: exit status 64"
run "$POSTHASTE" -C "$T/rc" --rmqs=a.example -S
status_is 64 "with --serverinfo: exit status 64"
run "$POSTHASTE" -C "$T/rc" --rmqs=a.example --json
smarthost_end
status_is 0 "--json: exit status 0"
like "$(cat "$out")" '"outcome":"accepted"' "--json reports the outcome"
done_testing
