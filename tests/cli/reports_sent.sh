#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Reports about messages, as a server gets them: over which connection, with which parameters.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99

ca_need good
queue='always\nqueue_autostart off'

# tls_host EXTENSIONS OPTION...: a smarthost that is ready for REQUIRETLS if it offers that
tls_host() {
	local offer=$1
	shift
	smarthost --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --extensions "$EXTENSIONS$offer" "$@"
	conf "tls on" "tls_starttls off" "tls_trust_file $CA/ca.crt"
}
# goes: everything that waits is tried once
goes() { run timeout -k 5 60 "$POSTHASTE" -C "$T/rc" -q; }

# ---- RFC 8689: a report about a message with REQUIRETLS ----
# returned NAME OFFER PARAMETERS: to a server with these extensions, a report goes with these parameters
returned() {
	rm -rf "$XDG_STATE_HOME/posthaste"
	tls_host ,REQUIRETLS --reply 'rcpt=550 5.1.1 no such user'
	post --require-tls -R full bob@example.org
	status_is 0 "$1: queued"
	goes
	smarthost_end
	like "$(cat "$T/transcript")" 'C: MAIL FROM:<alice@example.org>.* REQUIRETLS' "$1: the message required TLS"
	tls_host "$2"
	goes
	smarthost_end
	status_is 0 "$1: the report goes"
	is "$(envelope mail_from) $(envelope rcpt)" " alice@example.org" "$1: to the sender"
	is "$(envelope mail_params | sed 's/^SIZE=[0-9]* BODY=[78]BIT[A-Z]* *//')" "$3" "$1: what MAIL says"
	no_violation "$1: the dialogue was correct"
	check "$1: with the header" grep -q '^Subject: a test' "$T/spool/0001.eml"
	check "$1: without the text" eval "! grep -q 'Good morning' '$T/spool/0001.eml'"
	is "$("$POSTHASTE" -bp)" "Mail queue is empty" "$1: nothing is left"
}
returned "REQUIRETLS is offered" ,REQUIRETLS REQUIRETLS
returned "REQUIRETLS is not offered" "" ""

done_testing
