#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Servers that fall silent, drip, or hang up, at every stage, in clear and
# inside TLS: the program ends with 75 by itself, says where it was, and after
# the last octet of the message that nobody knows what became of it.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good

# begin WAY SINK-OPTION...
begin() {
	local way=$1
	shift
	case $way in
	plain) smarthost --auth PLAIN --user joe --password-file "$T/password" "$@" ;;
	*) smarthost --tls "$way" --cert "$CA/good.pem" --key "$CA/good.key" --auth PLAIN --user joe --password-file "$T/password" "$@" ;;
	esac
	case $way in
	plain) conf 'auth plain' 'password correct-horse' ;;
	starttls) conf 'auth plain' 'password correct-horse' 'tls on' 'tls_starttls on' "tls_trust_file $CA/ca.crt" ;;
	implicit) conf 'auth plain' 'password correct-horse' 'tls on' 'tls_starttls off' "tls_trust_file $CA/ca.crt" ;;
	esac
}

# row: WAYS|STAGE|where standard error says it was
silence() {
	local way=$1 stage=$2 where=$3 seconds
	begin "$way" --hang "$stage"
	seconds=$SECONDS
	post --timeout=1 bob@example.org
	seconds=$((SECONDS - seconds))
	smarthost_end
	status_is 75 "silent at $stage, $way: exit status 75"
	said "^posthaste: $where: .*in time" "silent at $stage, $way: the place is named"
	said '^hint: ' "silent at $stage, $way: a hint"
	check "silent at $stage, $way: it ended by its own limit" test "$seconds" -lt 50
}
hangup() {
	local way=$1 stage=$2 where=$3
	begin "$way" --close "$stage"
	post bob@example.org
	smarthost_end
	status_is 75 "hung up at $stage, $way: exit status 75"
	said "^posthaste: $where: " "hung up at $stage, $way: the place is named"
	said '^hint: ' "hung up at $stage, $way: a hint"
}
while IFS='|' read -ru 9 ways stage where; do
	for way in $ways; do
		silence "$way" "$stage" "$where"
		hangup "$way" "$stage" "$where"
		if [ "$stage" = eod ]; then
			said 'may or may not have been delivered' "after the last octet, $way: nobody knows what became of it"
			is "$(stored)" 1 "after the last octet, $way: it was delivered indeed"
		else
			unsaid 'may or may not' "at $stage, $way: it is known that nothing was delivered"
			is "$(stored)" 0 "at $stage, $way: nothing was delivered"
		fi
	done
done 9<<'ROWS'
plain starttls implicit|greeting|greeting
plain starttls implicit|ehlo|EHLO
starttls|ehlo:tls|EHLO
starttls|starttls|STARTTLS
starttls implicit|tls|TLS
plain implicit|auth|AUTH( PLAIN)?
plain implicit|mail|MAIL.*
plain implicit|rcpt|RCPT.*
plain implicit|data|DATA
plain starttls implicit|eod|end of data
ROWS

# A server that stops reading in the middle of a message that fits no buffer.
"$PYTHON" -c 'import sys
sys.stdout.write("From: alice@example.org\n\n" + ("x" * 70 + "\n") * 250000)' >"$T/large"
for way in plain implicit; do
	begin $way --hang body:100000
	post_stdin --timeout=1 bob@example.org <"$T/large"
	smarthost_stop
	status_is 75 "silent within the message, $way: exit status 75"
	said '^posthaste: message: .*in time' "silent within the message, $way: the place is named"
	unsaid 'may or may not' "silent within the message, $way: it is known that nothing was delivered"
	begin $way --close body:100000
	post_stdin bob@example.org <"$T/large"
	smarthost_end
	status_is 75 "hung up within the message, $way: exit status 75"
	said '^posthaste: message: ' "hung up within the message, $way: the place is named"
done

# Octet by octet a reply would take 40 s and more: the limit is that of a reply, not of an octet.
for stage in greeting ehlo mail eod; do
	begin plain --drip $stage --reply "$stage=$(printf '250-%0500d' 0)"
	post --timeout=1 bob@example.org
	smarthost_stop
	status_is 75 "dripping at $stage: exit status 75"
	said '^posthaste: .*in time' "dripping at $stage: said so"
done

# Everything together has a limit too.
begin plain --hang mail
post --deadline=1 --timeout=off bob@example.org
smarthost_end
status_is 75 "the deadline for everything together: exit status 75"
said '^hint: .*deadline' "the deadline for everything together: the hint names it"

# Replies without an end: lines that never end, and lines that never stop coming.
endless() {
	local name=$1 piece=$2
	"$PYTHON" - "$piece" >"$T/ports2" 2>/dev/null 7>&- <<'END' &
import socket, sys
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(1)
print(listener.getsockname()[1], flush=True)
connection = listener.accept()[0]
piece = sys.argv[1].encode().decode("unicode_escape").encode("latin-1") * 500
sent = 0
try:
    while sent < 1 << 30:
        sent += connection.send(piece)
except OSError:
    pass
END
	local server=$!
	wait_until 10 test -s "$T/ports2"
	port=$(cat "$T/ports2")
	conf
	post --timeout=20 bob@example.org
	kill "$server" 2>/dev/null
	wait "$server" 2>/dev/null
	rm -f "$T/ports2"
	status_is 76 "$name: exit status 76"
	said '^posthaste: greeting: ' "$name: the place is named"
	check "$name: little of it is shown" test "$(wc -c <"$err")" -lt 4000
}
endless "a line without an end" 'x'
endless "a reply line without an end" '2202202202202202202'
endless "a reply of endless lines" '220-more\r\n'
endless "a line of NULs" '\0'
done_testing
