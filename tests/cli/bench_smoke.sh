#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The tools of tests/bench, each tried once: what they count must be right
# before anybody believes what they time.  No time is checked here.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh"

tools=$top_builddir/tests/bench
[ -x "$tools/fast_sink" ] || skip_all "the tools of tests/bench are not built: make check builds them"
ca_need good
sed 's/$/\r/' "$T/mail" >"$T/crlf"

# fast_smarthost OPTION...: $port, $T/fast.log; one at a time
fast_pid=
fast_smarthost() {
	[ -z "$fast_pid" ] || kill "$fast_pid"
	rm -f "$T/fast.port" "$T/fast.log"
	"$tools/fast_sink" --parent-death --port-file "$T/fast.port" --log "$T/fast.log" --cert "$CA/good.pem" \
		--key "$CA/good.key" "$@" 7>&- &
	fast_pid=$!
	track "$fast_pid"
	wait_until 10 test -e "$T/fast.port" || bail "fast_sink did not start"
	port=$(cat "$T/fast.port")
}
logged() { [ -s "$T/fast.log" ]; }
# noted FIELD NAME: of the last connection
noted() {
	wait_until 10 logged || { printf 'nothing'; return; }
	"$PYTHON" -c 'import json, sys
v = json.loads(open(sys.argv[1]).readlines()[-1])[sys.argv[2]]
print("; ".join(v) if isinstance(v, list) else v)' "$T/fast.log" "$1"
}
limit() {
	run timeout 60 "$tools/limit" --host localhost --port "$port" --bundle "$CA/ca.crt" "$@" <"$T/crlf"
}
ours() {
	printf '%s\n' 'account default' 'host localhost' "port $port" 'from alice@example.org' 'auth on' 'user joe' \
		'password secret' "tls_trust_file $CA/ca.crt" "$1" >"$T/rc"
	chmod 600 "$T/rc"
	post bob@example.org
}

# ---- who keeps the rules

for tls in implicit starttls; do
	flag=--no-auth
	[ "$tls" = implicit ] || flag=--starttls
	for extensions in PIPELINING,CHUNKING,SIZE,8BITMIME PIPELINING SIZE ''; do
		fast_smarthost --tls "$tls" --extensions "$extensions"
		ours "tls_starttls $([ "$tls" = implicit ] && echo off || echo on)"
		is "$status $(noted messages) $(noted faults)" "0 1 " \
			"posthaste, $tls, extensions \"$extensions\": one message, no fault"
	done
	fast_smarthost --tls "$tls" --auth "$([ "$tls" = implicit ] || echo PLAIN)"
	limit "$flag"
	is "$status $(noted messages) $(noted faults)" "0 1 " "limit, $tls: one message, no fault"
	fast_smarthost --tls "$tls" --auth PLAIN --extensions PIPELINING
	# shellcheck disable=SC2046 # no word at all
	limit $([ "$tls" = implicit ] || echo --starttls) --data
	is "$status $(noted messages) $(noted faults)" "0 1 " "limit, $tls, by DATA"
done

fast_smarthost
limit --messages 100 --recipients 3 --window 10
is "$status $(noted messages) $(noted faults)" "0 100 " "limit: a hundred messages in flights of ten"
fast_smarthost
run timeout 60 "$tools/batch" localhost "$port" "$CA/ca.crt" 20 <"$T/mail"
is "$status $(noted messages) $(noted faults)" "0 20 " "batch: twenty messages on one session of ours"
fast_smarthost
ours "tls_starttls off"
turns=$(noted turns)
fast_smarthost
limit
is "$turns" "$(noted turns)" "posthaste takes as many turns as the least client"

# ---- who does not

# says NAME FAULT TEXT: the text goes out at once, in clear
says() {
	run "$PYTHON" -c 'import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(sys.argv[2].encode().decode("unicode_escape").encode("latin-1"))
s.shutdown(socket.SHUT_WR)
while s.recv(65536):
    pass
' "$port" "$3"
	like "$(noted faults)" "$2" "$1"
}
fast_smarthost --tls none --auth ''
says "commands after EHLO are noticed" "commands after EHLO" 'EHLO x\r\nMAIL FROM:<a@b>\r\n'
fast_smarthost --tls none --auth '' --extensions ''
says "a group without PIPELINING is noticed" "without PIPELINING" 'EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n'
fast_smarthost --tls none --auth ''
says "text in front of the 354 is noticed" "before the 354" \
	'EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nhello\r\n.\r\n'
fast_smarthost --tls starttls
says "data after STARTTLS are noticed" "after STARTTLS" 'EHLO x\r\nSTARTTLS\r\nEHLO x\r\n'
fast_smarthost --tls none --auth ''
says "a bare LF is noticed" "bare LF within" \
	'EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 8 LAST\r\nab\ncde\r\nQUIT\r\n'
fast_smarthost --tls none --auth '' --extensions PIPELINING
says "BDAT without CHUNKING is noticed" "without CHUNKING" \
	'EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 3 LAST\r\na\r\n'

# ---- the link and the runner

fast_smarthost --tls none --auth ''
"$tools/link" "$T/link" proxy "$port" "$T/proxy.port" 7>&- &
track $!
wait_until 10 test -s "$T/proxy.port" || bail "the proxy did not start"
port=$(cat "$T/proxy.port")
limit --plain --no-auth
is "$status $(noted messages)" "0 1" "the proxy passes a session on"
flights=$("$PYTHON" -c 'import struct, sys; print(struct.unpack_from("Q", open(sys.argv[1], "rb").read(), 48)[0])' \
	"$T/link")
is "$flights" 3 "the proxy counts flights: EHLO, the message, QUIT"

run "$tools/run" -n 3 -i "$T/mail" sh -c 'cat >/dev/null; exit 7'
like "$(cat "$err")" '"status":7\}' "the runner reports the status"
run "$tools/run" -n 2 -i "$T/mail" cat
is "$(grep -c 'Good morning' "$out")" 2 "the runner gives the input again each time"

done_testing
