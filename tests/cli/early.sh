#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Early pipelining: what is remembered of a server and where, what goes out
# before its greeting, and that a memory that is wrong costs time and no more.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good

early=PIPELINING,PIPECONNECT,SIZE,8BITMIME,ENHANCEDSTATUSCODES,DSN,SMTPUTF8,CHUNKING
late=${early/PIPECONNECT,/}
cache=$XDG_STATE_HOME/posthaste/capabilities

# Each sink has a port of its own; what was remembered of the last one is made
# to be about this one.
remember_here() {
	local text
	[ ! -f "$cache" ] || { text=$(sed "s/^\(server 127\.0\.0\.1\) [0-9]*/\1 $port/" "$cache") &&
		printf '%s\n' "$text" >"$cache"; }
}
# safe MECHANISMS EXTENSIONS [SINK OPTION...]: TLS from the first octet and a password
safe() {
	smarthost --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --auth "$1" --user joe \
		--password-file "$T/password" \
		--extensions "$2" "${@:3}"
	remember_here
	conf "tls on" "tls_starttls off" "tls_trust_file $CA/ca.crt" "auth on" "password ${password:-correct-horse}" \
		"early_pipelining on"
}
# plain EXTENSIONS [SINK OPTION...]: neither
plain() {
	smarthost --extensions "$@"
	remember_here
	conf "tls off" "auth off" "early_pipelining on"
}
used() { if grep -q '"PIPECONNECT"' "$T/out"; then echo yes; else echo no; fi; }
trips() { is "$(sed -n 's/.*"round_trips":\([0-9]*\).*/\1/p' "$T/out")" "$1" "$2: $1 round trips"; }
lines() { grep -ac -- "^C: $1" "$T/transcript"; }
remembers() { [ -f "$cache" ] && grep -q "^server 127.0.0.1 $port " "$cache"; }
forgot() { ! remembers; }

# taken NAME TRIPS: one message, no fault, no word
taken() {
	sends 0 "$1" --json bob@example.org
	trips "$2" "$1"
	is "$(stored)" 1 "$1: one message"
	is "$(cat "$T/err")" '' "$1: nothing is said"
	no_violation "$1: nothing the server could blame"
}
# again NAME [N]: two connections, one message, the sender named once (N times)
again() {
	sends 0 "$1" --json bob@example.org
	is "$(stored)" 1 "$1: one message"
	is "$(lines MAIL)" "${2:-1}" "$1: how often the sender is named"
	is "$(lines EHLO)" 2 "$1: two connections"
	is "$(cat "$T/err")" '' "$1: nothing is said"
	check "$1: the entry is gone" forgot
}

# ---- learning ----
safe PLAIN "$early"
taken "the first session" 6
is "$(used)" no "the first session: --json does not name PIPECONNECT"
check "the first session: the server is remembered" remembers
is "$(stat -c %a "$cache" "${cache%/*}" | paste -sd' ')" '600 700' "the first session: for the owner alone"
unlike "$(cat "$cache")" 'correct-horse|Y29ycmVjdC1ob3JzZ' "the first session: no secret is kept"
cp "$T/spool/0001.eml" "$T/first.eml"

safe PLAIN "$early"
before=$(stat -c %i "$cache")
taken "the second session" 4
is "$(used)" yes "the second session: --json names PIPECONNECT"
same_file "$T/spool/0001.eml" "$T/first.eml" "the second session: the same octets arrive"
is "$(stat -c %i "$cache")" "$before" "the second session: nothing is written"

safe PLAIN "$early"
sends 0 "--debug" --debug bob@example.org
like "$(tr '\n' ' ' <"$T/out")" \
	'using the remembered capabilities.*--> EHLO \[127.0.0.1\] login by PLAIN --> AUTH PLAIN <hidden> <-- 220 ' \
	"--debug shows what was early"

# ---- a memory that is wrong ----
safe PLAIN "${early/SIZE/SIZE 1000000}" --once 2
again "the list has changed"
no_violation "the list has changed: nothing the server could blame"
safe PLAIN "$early"
taken "the list has changed: after it the server is learned again" 6
check "the list has changed: and remembered" remembers

safe LOGIN "$early" --once 2
again "the mechanism is gone"
safe PLAIN "$early"
taken "the mechanism is gone: learned again" 6

safe PLAIN "$late" --once 2
again "PIPECONNECT is gone"
is "$(grep -v '^connection 1: ' "$T/violations")" '' "PIPECONNECT is gone: the second connection waits for its turn"
safe PLAIN "$late"
taken "PIPECONNECT is gone: and the next session, too" 6
check "PIPECONNECT is gone: the server is not remembered" forgot

safe PLAIN "$early"
taken "learned once more" 6
safe PLAIN "$early" --once 2 --reply 'greeting=554 SMTP synchronization error'
sends 69 "a server that rejects every client" bob@example.org
said '^posthaste: greeting: .*554 SMTP synchronization error' "a server that rejects every client: the message"
is "$(grep -c '^posthaste: ' "$T/err")" 1 "a server that rejects every client: once"
is "$(lines EHLO)" 1 "a server that rejects every client: the second time it may speak first"
is "$(stored)" 0 "a server that rejects every client: nothing arrives"
check "a server that rejects every client: the entry is gone" forgot

# ---- other ways to authenticate ----
safe PLAIN "$early"
taken "before a wrong password" 6
password=wrong-horse safe PLAIN "$early"
sends 77 "a wrong password" bob@example.org
is "$(lines EHLO)" 1 "a wrong password: one connection"
check "a wrong password: the memory was right" remembers
rm "$cache"
safe SCRAM-SHA-256 "$early"
taken "SCRAM, the first session" 8
safe SCRAM-SHA-256 "$early"
taken "SCRAM: its first step rides" 6
rm "$cache"
safe LOGIN "$early"
taken "LOGIN, the first session" 8
safe LOGIN "$early"
taken "LOGIN: its name rides" 6
rm "$cache"

# ---- without ----
plain "$early"
taken "without AUTH, the first session" 4
plain "$early"
taken "without AUTH: sender and recipients ride, the message waits" 3
rm "$cache"
plain "${early%,CHUNKING}"
taken "without CHUNKING, the first session" 5
plain "${early%,CHUNKING}"
taken "without CHUNKING: DATA rides" 3
plain "${early%,CHUNKING}" --once 2 --reply 'ehlo=250-sink.example.org\r\n250 PIPECONNECT'
again "the list has changed after DATA" 2
rm -f "$cache"

# ---- where it does not hold ----
safe PLAIN "$early"
sed -i '/^early_pipelining/d' "$T/rc"
taken "off, as it is without a word" 6
check "off: nothing is remembered" test ! -e "$cache"
safe PLAIN "$early"
sed -i 's/^tls_trust_file.*/tls_certcheck off/' "$T/rc"
taken "an unchecked certificate" 6
check "an unchecked certificate: nothing is remembered" test ! -e "$cache"
smarthost --tls starttls --cert "$CA/good.pem" --key "$CA/good.key" --extensions "$early"
conf "tls on" "tls_starttls on" "tls_trust_file $CA/ca.crt" "early_pipelining on"
taken "STARTTLS" 7
check "STARTTLS: nothing is remembered" test ! -e "$cache"

# ---- the state folder ----
saved=$XDG_STATE_HOME
for bad in /proc/self/fd/none "$T/mail"; do
	export XDG_STATE_HOME=$bad
	plain "$early"
	taken "a state folder that cannot be ($bad)" 4
done
export XDG_STATE_HOME=$saved
plain "$early"
sends 0 "--debug says why" --debug bob@example.org
rm "$cache"
echo precious >"$T/precious"
chmod 600 "$T/precious"
ln -s "$T/precious" "$cache"
plain "$early"
taken "a symbolic link for the file" 4
is "$(cat "$T/precious")" precious "a symbolic link for the file: what it points to is as it was"
check "a symbolic link for the file: replaced" test ! -L "$cache"
chmod 644 "$cache"
remember_here
plain "$early"
taken "a file that others can read does not count" 4
is "$(stat -c %a "$cache")" 600 "a file that others can read is replaced"
for garbage in '' 'garbage' "$(head -n 3 "$cache")"; do
	printf '%s' "$garbage" >"$cache"
	plain "$early"
	taken "a file that holds \"${garbage%%$'\n'*}\" and no end" 4
	check "a file that holds \"${garbage%%$'\n'*}\": written again" remembers
done
rm -r "${cache%/*}"
mkdir "$T/elsewhere"
ln -s "$T/elsewhere" "${cache%/*}"
plain "$early"
taken "a symbolic link for the folder" 4
is "$(ls "$T/elsewhere")" '' "a symbolic link for the folder: nothing is written there"
rm "${cache%/*}"

# ---- more rights than the caller has ----
setgid() { cp "$1" "$T/setgid" && chgrp 54321 "$T/setgid" && chmod 2755 "$T/setgid"; }
if [ "$(id -u)" != 0 ]; then
	skip "only root can make a program set-group-id for another group here" "a set-group-id program"
elif sanitized; then
	skip "the sanitizer's runtime has its own mind about set-group-id programs" "a set-group-id program"
elif ! setgid "$(command -v id)" || [ "$("$T/setgid" -g)" != 54321 ]; then
	skip "set-group-id programs have no effect below $T (nosuid)" "a set-group-id program"
else
	plain "$early"
	ours=$POSTHASTE
	POSTHASTE=$T/setgid
	setgid "$ours"
	post --json bob@example.org
	POSTHASTE=$ours
	smarthost_end
	status_is 0 "a set-group-id program: exit status 0"
	check "a set-group-id program: nothing is remembered" test ! -e "$cache"
fi
done_testing
