#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The port begins with TLS and the account in plain text, or the other way
# round: both sides would wait.  The program looks with a second connection and
# names what does not fit, and the cure.  The usual ports are named at once.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good

# ---- servers that begin the other way ----
# They cost five seconds each, so they run together, each in a folder of its own.
T_all=$T
# try N SINK-OPTIONS ACCOUNT-LINES ARGUMENTS
try() {
	local T=$T_all/$1 sink=$2 lines=$3 words=$4
	mkdir -p "$T"
	cp "$T_all/mail" "$T_all/password" "$T"
	eval "smarthost --once 9 $sink"
	eval "conf $lines"
	# shellcheck disable=SC2086
	post $words
	smarthost_stop
	echo "$status" >"$T/status"
}
tls="--tls implicit --cert '$CA/good.pem' --key '$CA/good.key'"
cat >"$T/rows" <<ROWS
TLS port, STARTTLS|$tls|'tls on' 'tls_starttls on' 'tls_trust_file $CA/ca.crt'|bob@example.org|with TLS.*tls_starttls on: |Set tls_starttls off
TLS port, STARTTLS, certificate not trusted|$tls|'tls on' 'tls_starttls on' 'tls_trust_file system'|bob@example.org|with TLS|Set tls_starttls off
TLS port, STARTTLS on the command line|$tls|'tls on' 'tls_trust_file $CA/ca.crt'|--tls-starttls=on bob@example.org|with TLS.*--tls-starttls|Set tls_starttls off
TLS port that wants a certificate, STARTTLS|$tls --client-ca '$CA/ca.crt' --require-client-cert|'tls on' 'tls_starttls on'|bob@example.org|with TLS|Set tls_starttls off
TLS port with an old version, STARTTLS|$tls --tls-priority NORMAL:-VERS-ALL:+VERS-TLS1.0|'tls on' 'tls_starttls on'|bob@example.org|with TLS|Set tls_starttls off
TLS port, TLS off|$tls|'tls off'|bob@example.org|with TLS|Set tls on and tls_starttls off
TLS port, TLS off, --check|$tls|'tls off'|--check|with TLS|Set tls on and tls_starttls off
TLS port, TLS off, -bv|$tls|'tls off'|-bv bob@example.org|with TLS|Set tls on and tls_starttls off
TLS port, TLS off, --serverinfo|$tls|'tls off'|--serverinfo|with TLS|Set tls on and tls_starttls off
TLS port, TLS off, queue auto|$tls|'tls off' 'queue auto'|bob@example.org|with TLS|Set tls on and tls_starttls off
plain port, TLS from the first byte||'tls on' 'tls_starttls off'|bob@example.org|in plain text|Set tls_starttls on|76
plain port, TLS from the first byte, --check||'tls on' 'tls_starttls off'|--check|in plain text|Set tls_starttls on|76
ROWS
# name|sink|account|arguments|how the port begins|cure|exit status if not 78: a TLS handshake that got a greeting is 76
n=0
running=
while IFS='|' read -ru 9 _ sink lines words _; do
	n=$((n + 1))
	try $n "$sink" "$lines" "$words" 9<&- &
	running="$running $!"
done 9<"$T/rows"
# shellcheck disable=SC2086
wait $running
n=0
while IFS='|' read -ru 9 name _ _ words text cure want; do
	n=$((n + 1))
	T=$T_all/$n
	err=$T/err
	status=$(cat "$T/status")
	status_is "${want:-78}" "$name: exit status ${want:-78}"
	like "$(cat "$T/out" "$err")" "(port [0-9]+ of 127\.0\.0\.1 begins|it answered) $text" "$name: it is named"
	said "^hint: $cure" "$name: the cure"
	unsaid 'has not greeted|queued| 500 ' "$name: nothing else is said"
done 9<"$T_all/rows"
T=$T_all
err=$T/err

# ---- servers that are silent at first ----
# server.py greets the connection that begins the right way only after another one was made: that of the client who
# looks.  It gets nothing ("silent"), or a greeting in plain text ("greet").
cat >"$T/server.py" <<'END'
import socket, sys
listener = socket.create_server(("127.0.0.1", 0))
print("127.0.0.1", listener.getsockname()[1], flush=True)
first, _ = listener.accept()
second, _ = listener.accept()
if sys.argv[1] == "greet":
    second.sendall(b"220 plain.example.org ESMTP\r\n")
    print("probe", second.makefile("rb").read(), flush=True)
    sys.exit()
print("probe", len(second.recv(1)), flush=True)
second.close()
f = first.makefile("rwb")
def say(line):
    f.write(line + b"\r\n")
    f.flush()
say(b"220 slow.example.org ESMTP")
for line in f:
    verb = line[:4].upper()
    say(b"354 go" if verb == b"DATA" else b"221 bye" if verb == b"QUIT" else b"250 ok")
    if verb == b"DATA":
        while f.readline() != b".\r\n":
            pass
        say(b"250 taken")
    if verb == b"QUIT":
        break
END
server() {
	rm -f "$T/ports"
	mkfifo "$T/ports"
	"$PYTHON" "$T/server.py" "$1" >"$T/ports" 7>&- &
	server_pid=$!
	exec 8<"$T/ports"
	read -ru 8 _ port
}
server silent
conf 'tls off'
post bob@example.org
status_is 0 "a server that greets late, as the account expects: exit status 0"
read -ru 8 probe
is "$probe" "probe 1" "it was looked whether it begins with TLS"
wait "$server_pid"
server greet
conf 'tls on' 'tls_starttls off'
post bob@example.org
status_is 78 "a server that says nothing to TLS, and greets in plain text: exit status 78"
said '^hint: Set tls_starttls on' "a server that says nothing to TLS: the cure"
read -ru 8 probe
is "$probe" "probe b'QUIT\\r\\n'" "the second connection ends politely"
wait "$server_pid"

# ---- a Unix socket ----
# name|sink|account|how it begins|cure|exit status
while IFS='|' read -ru 9 name sink lines text cure want; do
	eval "smarthost --once 9 --listen unix:$T/socket $sink"
	printf '%s\n' 'account default' "socket $T/socket" 'from alice@example.org' 'queue off' 'timeout 20' >"$T/rc"
	eval "printf '%s\n' $lines" >>"$T/rc"
	post bob@example.org
	smarthost_stop
	status_is "$want" "socket, $name: exit status $want"
	said "(/socket begins|it answered) $text" "socket, $name: it is named"
	said "^hint: $cure" "socket, $name: the cure"
	unsaid 'port 0' "socket, $name: nothing is said of a port"
done 9<<ROWS
TLS, tls off|$tls|'tls off'|with TLS, and the account begins in plain text|Set tls on and tls_starttls off|78
TLS, STARTTLS|$tls|'tls on' 'tls_starttls on'|with TLS|Set tls on and tls_starttls off|78
plain, TLS||'tls on' 'tls_starttls off'|in plain text|Set tls_starttls on|76
ROWS

# ---- at a terminal the user is told what is waited for ----
eval "smarthost --once 9 $tls"
conf 'tls off'
on_terminal --input="$T/mail" "$POSTHASTE" -C "$T/rc" bob@example.org
mv "$out" "$err"
smarthost_stop
said '^posthaste: port [0-9]+ of 127.0.0.1 has not greeted for 5 seconds; looking whether it begins with TLS' \
	"at a terminal: what is waited for"

# ---- ports whose beginning is known are named before there is a connection ----
# port|lines|what is said
while IFS='|' read -ru 9 port lines text; do
	for file in rc msmtprc; do
		printf '%s\n' 'account default' 'host mail.example.org' "port $port" 'from alice@example.org' 'queue off' \
			>"$T/$file"
		eval "printf '%s\n' $lines" >>"$T/$file"
		run timeout -k 5 60 "$POSTHASTE" -C "$T/$file" --explain </dev/null
		status_is 0 "$file, port $port, $lines: exit status 0"
		if [ -n "$text" ]; then
			said "^posthaste: account default: .*port.* begins $text.*(port $port|tls).*\\)\\. Set " "$file, port $port, $lines"
		else
			is "$(cat "$err")" "" "$file, port $port, $lines: nothing is said"
		fi
	done
done 9<<'ROWS'
465|'tls on' 'tls_starttls on'|with TLS
465|'tls off'|with TLS
465|'tls on' 'tls_starttls off'|
587|'tls on' 'tls_starttls off'|in plain text
587|'tls on' 'tls_starttls on'|
587|'tls off'|
25|'tls on' 'tls_starttls off'|in plain text
25|'tls on' 'tls_starttls on'|
2525|'tls on' 'tls_starttls off'|
2465|'tls on' 'tls_starttls on'|
465|'tls off' 'host localhost'|
ROWS
port=1
for words in '--check' '--explain' 'bob@example.org'; do
	conf 'port 465' 'tls on' 'tls_starttls on' "logfile $T/log"
	# shellcheck disable=SC2086
	post $words
	said '^posthaste: account default: port 465 begins with TLS' "$words: port 465 with STARTTLS is named"
done
done_testing
