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

# ---- RFC 6710 sections 4.6 and 5.1: a report has the priority of its message, and the higher priority goes first ----
rm -rf "$XDG_STATE_HOME/posthaste"
EXTENSIONS=$EXTENSIONS,MT-PRIORITY
queue='always\nqueue_autostart off'
smarthost --once 2 --reply 'rcpt:bob@example.org=550 5.1.1 no such user'
conf
post --priority=-3 dave@example.org
post bob@example.org
post --priority=4 bob@example.org
post --priority=5 carol@example.org
goes
goes
smarthost_end
is "$(sed -n 's/^C: MAIL FROM:<\([^>]*\)>.*MT-PRIORITY=\(.*\)/\1 \2/p; s/^C: MAIL FROM:<\([^>]*\)>.*/\1 none/p' \
	"$T/transcript" | tr '\n' '|')" \
	"alice@example.org 5|alice@example.org 4|alice@example.org none|alice@example.org -3| 4| none|" \
	"messages by their priority, reports with that of their message"
EXTENSIONS=${EXTENSIONS/,MT-PRIORITY/}

# ---- RFC 3461 section 5.2.2: what a server without DSN accepts is reported by us ----
EXTENSIONS=${EXTENSIONS/,DSN/}
rm -rf "$XDG_STATE_HOME/posthaste"
queue='auto\nqueue_autostart off'
smarthost --once 2 --reply 'rcpt:carol@example.org=550 5.1.1 no such user'
conf "dsn_required off"
post -N success -V id-1 bob@example.org dave@example.org
status_is 0 "accepted without DSN: exit status 0"
silent "accepted without DSN"
is "$(envelope mail_params | grep -c 'RET\|ENVID') $(envelope rcpt)" "0 bob@example.org dave@example.org" \
	"accepted without DSN: nothing is asked of the server"
id=$("$POSTHASTE" -bp | sed -n 's/^\([0-9a-z]*\) .*alice@example.org$/\1/p')
like "$("$POSTHASTE" --queue-show "$id")" 'Next attempt: none; all that is left to do is to report it' \
	"accepted without DSN: --queue-show says what is left to do"
goes # makes the report ...
goes # ... and sends it
smarthost_end
status_is 0 "relayed: the report goes"
is "$(stored)" 2 "relayed: the message is not sent again"
is "$(envelope mail_from 0002) $(envelope rcpt 0002)" " alice@example.org" "relayed: to the sender"
for line in 'Action: relayed' 'Status: 2.0.0' 'Original-Envelope-Id: id-1' 'Final-Recipient: rfc822; bob@example.org' \
	'Final-Recipient: rfc822; dave@example.org'; do
	check "relayed: $line" grep -q "^$line" "$T/spool/0002.eml"
done
is "$("$POSTHASTE" -bp)" "Mail queue is empty" "relayed: nothing is left"

rm -rf "$XDG_STATE_HOME/posthaste"
queue=auto
smarthost --once 2
conf "dsn_required off"
post -N success bob@example.org
check "relayed: the runner makes the report and sends it" wait_until 10 eval '[ "$(stored)" = 2 ]'
smarthost_end
queue='auto\nqueue_autostart off'

# Each row: what is asked for, exit status, what is left in the queue, a note.
while IFS='|' read -ru 9 name config arguments want left note; do
	rm -rf "$XDG_STATE_HOME/posthaste"
	smarthost --reply 'rcpt:carol@example.org=550 5.1.1 no such user'
	conf "dsn_required off" $config
	read -ra words <<<"$arguments"
	post --json "${words[@]}"
	smarthost_end
	status_is "$want" "$name: exit status $want"
	is "$("$POSTHASTE" -bp | grep -c 'alice@example.org$' || true)" "$left" "$name: reports to be made"
	is "$(grep -c 'a report about success was asked for' "$out" || true)" "$note" "$name: notes about it"
done 9<<'ROWS'
success|| -N success bob@example.org|0|1|0
success and failure|| -N success,failure bob@example.org|0|1|0
failure|| -N failure bob@example.org|0|0|0
never|| -N never bob@example.org|0|0|0
nothing|| bob@example.org|0|0|0
the null sender|| -N success -f <> bob@example.org|0|0|0
one of two is refused|| -N success bob@example.org carol@example.org|67|1|0
all are refused|| -N success carol@example.org|67|0|0
no queue||--queue=off -N success bob@example.org|0|0|1
ROWS
smarthost --extensions "$EXTENSIONS,DSN"
conf "dsn_required off"
post -N success bob@example.org
smarthost_end
is "$status $(envelope rcpt)" "0 bob@example.org NOTIFY=SUCCESS ORCPT=rfc822;bob@example.org" "DSN: the server is asked"
is "$("$POSTHASTE" -bp)" "Mail queue is empty" "DSN: the server makes the report"

done_testing
