#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The modes that send nothing against real servers: --check, -bv, --serverinfo
# and --rmqs with Postfix, --check and -bv with Dovecot.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99

bed_need postfix dovecot
postfix_start expired
printf '%s\n' "$BED_PASSWORD" >"$T/password"
printf 'wrong\n' >"$T/wrong"

# account TLS PORT LINE...
account() {
	printf 'host localhost\nport %s\nfrom sender@mail.test\ntls_trust_file %s\n' "$2" "$CA/ca.crt" >"$T/rc"
	case $1 in
	starttls) printf 'tls on\ntls_starttls on\n' >>"$T/rc" ;;
	first) printf 'tls on\ntls_starttls off\n' >>"$T/rc" ;;
	plain) printf 'tls off\n' >>"$T/rc" ;;
	esac
	shift 2
	[ $# = 0 ] || printf '%s\n' "$@" >>"$T/rc"
}
login=("auth on" "user $BED_USER" "password_file $T/password")

# asks STATUS NAME ARGUMENT...
asks() {
	local want=$1 name=$2
	shift 2
	run timeout -k 5 60 "$POSTHASTE" -C "$T/rc" "$@" </dev/null
	is "$status" "$want" "$name: exit status $want"
	[ "$status" = "$want" ] || note "$(cat "$out" "$err")"
	unlike "$(cat "$out" "$err")" "$(printf %s "$BED_PASSWORD" | sed 's/[+]/[+]/g')" "$name: no secret"
}
# shows REGEX NAME: a line of standard output matches
shows() {
	if grep -Eq -- "$1" "$out"; then ok "$2"; else not_ok "$2" "no line matches: $1" "$(cat "$out")"; fi
}
nothing_sent() { is "$(delivered_count "$1")" 0 "$2: nothing arrived"; }

# ---- --check ----
check_server() { # SERVER TLS PORT BOX MECHANISM
	account "$2" "$3" "${login[@]}"
	asks 0 "--check of $1 ($2)" --check
	is "$(grep -c '^FAIL' "$out")" 0 "--check of $1 ($2): no stage fails"
	shows "^PASS AUTH: $5 as tester" "--check of $1 ($2): the best mechanism"
	shows '^PASS sender: accepted, and reset: 250 ' "--check of $1 ($2): the sender is accepted"
	shows '^PASS certificate dates: .*days left: [0-9]' "--check of $1 ($2): the certificate's dates"
	nothing_sent "$4" "--check of $1 ($2)"
	account "$2" "$3" "auth plain" "user $BED_USER" "password_file $T/wrong"
	asks 77 "--check of $1 ($2) with a wrong password" --check
	shows '^FAIL AUTH: .*535' "--check of $1 ($2) with a wrong password: the stage"
	shows '^SKIP sender: not reached' "--check of $1 ($2) with a wrong password: what is after"
}
check_server Postfix starttls "$POSTFIX_SUBMISSION" "$POSTFIX_BOX" SCRAM-SHA-256
check_server Postfix first "$POSTFIX_SMTPS" "$POSTFIX_BOX" SCRAM-SHA-256
check_server Dovecot starttls "$DOVECOT_SUBMISSION" "$DOVECOT_BOX" "$DOVECOT_BEST"
check_server Dovecot first "$DOVECOT_SMTPS" "$DOVECOT_BOX" "$DOVECOT_BEST"
account first "$POSTFIX_CERT_expired"
asks 77 "--check of an expired certificate" --check
shows '^FAIL certificate dates: .*which is in the past' "--check of an expired certificate: the stage"

# Postfix checks the sender with the first recipient, so --check cannot see it, and -bv can.
account plain "$POSTFIX_PLAIN"
asks 0 "--check of a sender Postfix refuses later" --check -f spammer@mail.test
asks 67 "-bv with a sender Postfix refuses" -bv -f spammer@mail.test a@mail.test
shows '^a@mail.test: refused: 550 5.7.1' "-bv with a sender Postfix refuses: the recipient's line"

# ---- -bv ----
account plain "$POSTFIX_PLAIN"
asks 75 "-bv with Postfix" -bv a@mail.test refused@mail.test busy@mail.test
is "$(sed 's/\(: [0-9]* [0-9.]*\).*/\1/' "$out")" "a@mail.test: accepted: 250 2.1.5
refused@mail.test: refused: 550 5.1.1
busy@mail.test: not now: 450 4.2.1" "-bv with Postfix: a line for each"
account plain "$POSTFIX_NOPIPE"
asks 67 "-bv without PIPELINING" -bv refused@mail.test a@mail.test
shows '^a@mail.test: accepted' "-bv without PIPELINING: the second has its verdict"
account starttls "$POSTFIX_SUBMISSION" "${login[@]}"
asks 0 "-bv after AUTH" -bv a@mail.test
account starttls "$DOVECOT_SUBMISSION" "${login[@]}"
asks 0 "-bv with Dovecot" -bv a@mail.test
nothing_sent "$POSTFIX_BOX" "-bv with Postfix"
nothing_sent "$DOVECOT_BOX" "-bv with Dovecot"

# ---- --rmqs ----
account plain "$POSTFIX_PLAIN"
asks 0 "--rmqs with Postfix" --rmqs=mail.test
asks 0 "--rmqs of a domain with Postfix" --rmqs=@mail.test
asks 65 "--rmqs that Postfix does not understand" --rmqs=not_a..host
account plain "$POSTFIX_BARE"
asks 69 "--rmqs of a server without ETRN" --rmqs=mail.test
account starttls "$POSTFIX_SUBMISSION" "${login[@]}"
asks 0 "--rmqs after AUTH" --rmqs=mail.test

# ---- --serverinfo ----
account starttls "$POSTFIX_SUBMISSION" "${login[@]}"
asks 0 "--serverinfo" --serverinfo
shows 'AUTH .* - log-in mechanisms' "--serverinfo explains what is offered"
shows '^ +[0-9]+ days until it expires' "--serverinfo shows the days left"
account first "$POSTFIX_CERT_expired" "tls_certcheck off"
asks 0 "--serverinfo of an expired certificate" --serverinfo
shows '^ +expired$' "--serverinfo says that it has expired"
done_testing
