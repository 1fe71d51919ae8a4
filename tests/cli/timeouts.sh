#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Servers that fall silent, drip, or hang up, at every stage, in clear and
# inside TLS: the program ends with 75 without a signal, says where it was, and after
# the last octet of the message that its fate is unknown.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good

# begin WAY SINK-OPTION...
begin() {
	local way=$1
	shift
	case $way in
	chunking) smarthost_chunking --auth PLAIN --user joe --password-file "$T/password" "$@" ;;
	plain) smarthost --auth PLAIN --user joe --password-file "$T/password" "$@" ;;
	*) smarthost --tls "$way" --cert "$CA/good.pem" --key "$CA/good.key" --auth PLAIN --user joe \
		--password-file "$T/password" "$@" ;;
	esac
	case $way in
	plain | chunking) conf 'auth plain' 'password correct-horse' ;;
	starttls) conf 'auth plain' 'password correct-horse' 'tls on' 'tls_starttls on' "tls_trust_file $CA/ca.crt" ;;
	implicit) conf 'auth plain' 'password correct-horse' 'tls on' 'tls_starttls off' "tls_trust_file $CA/ca.crt" ;;
	esac
}

# The silent ones cost their limit each: many at a time, each in a folder of
# its own, checked when all are done.  The limit is for each step, so the steps
# before must not take as long on a busy machine.
limit=4
sanitized && limit=8
T_all=$T
silence() {
	local T=$T_all/$3/$1.${2//:/_} way=$1 stage=$2
	mkdir -p "$T"
	cp "$T_all/mail" "$T_all/password" "$T"
	begin "$way" --"$3" "$stage"
	post --timeout=$limit bob@example.org
	smarthost_end
	echo "$status" >"$T/status"
}
judge() {
	local way=$1 stage=$2 what=$3 where=$4 text=$5
	T=$T_all/$3/$1.${2//:/_}
	err=$T/err
	status=$(cat "$T/status")
	status_is 75 "$what at $stage, $way: exit status 75"
	said "^posthaste: $where: $text" "$what at $stage, $way: the place is named"
	said '^hint: ' "$what at $stage, $way: a hint"
	case $what.$stage.$way in
	hang.greeting.implicit) unsaid 'expects TLS' "$what at $stage, $way: TLS is not what is missing" ;;
	hang.greeting.*) said '^hint: .*expects TLS' "$what at $stage, $way: perhaps each waits for the other to begin" ;;
	esac
	if [ "$stage" = eod ]; then
		said 'may have been delivered' "$what after the last octet, $way: its fate is unknown"
		is "$(stored)" 1 "$what after the last octet, $way: it was delivered indeed"
	else
		unsaid 'may have been' "$what at $stage, $way: it is known that nothing was delivered"
		is "$(stored)" 0 "$what at $stage, $way: nothing was delivered"
	fi
	T=$T_all
	err=$T/err
}
cat >"$T/rows" <<'ROWS'
plain starttls implicit|greeting|greeting
plain starttls implicit|ehlo|EHLO
starttls|ehlo:tls|EHLO
starttls|starttls|STARTTLS
starttls implicit|tls|TLS
plain implicit|auth|AUTH( PLAIN)?
plain implicit|mail|MAIL.*
plain implicit|rcpt|RCPT.*
plain implicit|data|DATA
plain chunking starttls implicit|eod|end of data
ROWS
running=
while IFS='|' read -ru 9 ways stage _; do
	for way in $ways; do
		for what in hang close; do
			silence "$way" "$stage" $what 9<&- &
			running="$running $!"
		done
	done
	# shellcheck disable=SC2086
	[ "$(wc -w <<<"$running")" -lt 24 ] || { wait $running; running=; }
done 9<"$T/rows"
# shellcheck disable=SC2086
wait $running
while IFS='|' read -ru 9 ways stage where; do
	for way in $ways; do
		judge "$way" "$stage" hang "$where" '.*in time'
		judge "$way" "$stage" close "$where" ''
	done
done 9<"$T/rows"

# A server that stops reading in the middle of a message that fits no buffer.
"$PYTHON" -c 'import sys
sys.stdout.write("From: alice@example.org\n\n" + ("x" * 70 + "\n") * 250000)' >"$T/large"
for way in plain chunking implicit; do
	begin $way --close body:100000
	post_stdin bob@example.org <"$T/large"
	smarthost_end
	status_is 75 "hung up within the message, $way: exit status 75"
	said '^posthaste: message: ' "hung up within the message, $way: the place is named"
done

# These run together, too.  Octet by octet a reply would take 50 s and more: the limit is that of a reply,
# not of an octet.
slow() {
	local T=$T_all/slow/$1 way=$1 input=$2
	shift 2
	mkdir -p "$T"
	cp "$T_all/mail" "$T_all/password" "$T"
	begin "${way%.*}" "$@"
	post_stdin --timeout=$limit bob@example.org <"$input"
	smarthost_stop
	echo "$status" >"$T/status"
}
running=
for way in plain chunking implicit; do
	slow $way "$T/large" --hang body:100000 &
	running="$running $!"
done
for stage in greeting ehlo mail eod; do
	slow plain.$stage "$T/mail" --drip $stage --reply "$stage=$(printf '250-%0500d' 0)" &
	running="$running $!"
done
# shellcheck disable=SC2086
wait $running
for way in plain chunking implicit; do
	T=$T_all/slow/$way
	status=$(cat "$T/status")
	status_is 75 "silent within the message, $way: exit status 75"
	said '^posthaste: message: .*in time' "silent within the message, $way: the place is named"
	unsaid 'may have been' "silent within the message, $way: it is known that nothing was delivered"
done
for stage in greeting ehlo mail eod; do
	T=$T_all/slow/plain.$stage
	status=$(cat "$T/status")
	status_is 75 "dripping at $stage: exit status 75"
	said '^posthaste: .*in time' "dripping at $stage: said so"
done
T=$T_all

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
