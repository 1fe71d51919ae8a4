#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# -bs: SMTP on standard input and output.  What the engine does with each command is in tests/dialogues/server.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

CLIENT=$top_srcdir/tests/cli/serve_client.py
queue_list() { "$POSTHASTE" -C "$T/rc" -bp; }

# client MODE ARGUMENT... -- OPTION...: the program with -C $T/rc -bs and these options
client() {
	local words=()
	while [ "$1" != -- ]; do
		words+=("$1")
		shift
	done
	shift
	run timeout -k 5 60 "$PYTHON" "$CLIENT" "${words[@]}" -- "$POSTHASTE" -C "$T/rc" -bs "$@" <"$T/mail"
}
talk() { client talk "$@" --; }
# ends NAME: the client was content and the program ended with 0
ends() {
	status_is 0 "$1: the replies"
	is "$(tail -n 1 "$out")" "status ${2:-0}" "$1: exit status ${2:-0}"
}
reply() { grep -aE "^[0-9]{3}[ -]" "$out" | tail -n "${1:-1}"; }

MAIL=('>MAIL FROM:<alice@example.org>\r\n' '<250 ')
EHLO=('<220 ' '>EHLO c\r\n' '<250-' "${MAIL[@]}")
BOB=('>RCPT TO:<bob@example.org>\r\n' '<250 ')
CAROL=('>RCPT TO:<carol@example.org>\r\n' '<250 ')
DATA=('>DATA\r\n' '<354 ' '>Subject: x\r\n\r\n..dot\r\nGood morning.\r\n.\r\n')
QUIT=('>QUIT\r\n' '<221 ' end)

# ---- one message, and what arrives ----
smarthost --reply 'eod=250 2.0.0 Ok: queued as FAR1'
conf
offers='<250-.*PIPELINING\r\n250-8BITMIME\r\n250-BINARYMIME\r\n250-CHUNKING\r\n'
offers+='250-SIZE\r\n250-DSN\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n$'
talk '<220 ' '>EHLO c\r\n' "$offers" \
	"${MAIL[@]}" "${BOB[@]}" "${DATA[@]}" '<250 2.0.0 Ok: queued as FAR1' "${QUIT[@]}"
smarthost_end
ends "a message"
is "$(envelope mail_from) to $(envelope rcpt)" "alice@example.org to bob@example.org" "a message: sender and recipient"
like "$(tr -d '\r' <"$T/spool/0001.eml")" 'Date: .*Subject: x.*\.dot.Good morning' \
	"a message: its text, and the header filled"
no_violation "a message: the dialogue was correct"
silent_err() { if [ -s "$err" ]; then not_ok "$1" "$(cat "$err")"; else ok "$1"; fi; }
silent_err "a message: nothing on standard error"

# ---- several messages over one connection; recipients do not leak ----
smarthost
conf
talk "${EHLO[@]}" "${BOB[@]}" "${DATA[@]}" '<250 ' "${MAIL[@]}" "${CAROL[@]}" "${DATA[@]}" '<250 ' '>RSET\r\n' '<250 ' \
	"${MAIL[@]}" "${BOB[@]}" '>RSET\r\n' '<250 ' '>DATA\r\n' '<503 ' \
	"${MAIL[@]}" "${CAROL[@]}" "${DATA[@]}" '<250 ' "${QUIT[@]}"
smarthost_end
ends "three messages"
is "$(stored)" 3 "three messages: one connection took them"
is "$(envelope rcpt)/$(envelope rcpt 0002)/$(envelope rcpt 0003)" \
	"bob@example.org/carol@example.org/carol@example.org" "three messages: the recipients of each"
is "$(grep -ac '^C: EHLO' "$T/transcript")" 1 "three messages: one session"

# ---- BDAT, everything in one write, QUIT missing ----
smarthost
conf
flight='>EHLO c\r\nMAIL FROM:<alice@example.org> BODY=8BITMIME SIZE=20\r\nRCPT TO:<bob@example.org>\r\n'
flight+='BDAT 12\r\nSubject: x\r\nBDAT 7 LAST\r\n\r\n.\r\n\xe4\n'
talk '<220 ' "$flight" \
	'<250-' '<250 ' '<250 ' '<250 ' '<250 ' eof end
smarthost_end
ends "in chunks"
is "$(tail -c 8 "$T/spool/0001.eml" | od -An -c | tr -d ' ')" '\r\n.\r\n344\r\n' \
	"in chunks: octets as they are, lines as SMTP has them"

# ---- clients ----
smarthost --reply 'rcpt:bad@example.org=550 5.1.1 no such user'
conf
client symfony bob@example.org bad@example.org carol@example.org --
smarthost_end
ends "Symfony"
is "$(grep -aE '^(sent|failed)' "$out")" "sent, id none
failed: 550 no such user
sent, id none" "Symfony: what is told"
is "$(stored)" 2 "Symfony: what is sent"

smarthost
conf
printf 'Subject: \xc3\xa4\nFrom: alice@example.org\n\n.leading dot\nlast line without end' >"$T/mail2"
run timeout 60 "$PYTHON" "$CLIENT" smtplib bob@example.org carol@example.org -- \
	"$POSTHASTE" -C "$T/rc" -bs <"$T/mail2"
smarthost_end
ends "smtplib"
like "$(cat "$out")" "sent \{\}.noop 250 vrfy 252 rset 250" "smtplib: it is content" || true
options='NOTIFY=FAILURE ORCPT=rfc822;'
is "$(envelope rcpt)" "bob@example.org ${options}bob@example.org carol@example.org ${options}carol@example.org" \
	"smtplib: NOTIFY is passed on"
like "$(envelope mail_params)" "RET=HDRS ENVID=a\+2Bb" "smtplib: RET and ENVID are passed on"

# ---- reports that differ for each recipient ----
smarthost
conf
talk "${EHLO[@]}" '>RCPT TO:<bob@example.org> NOTIFY=NEVER\r\n' '<250 ' \
	'>RCPT TO:<carol@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;old+2Bcarol@example.org\r\n' '<250 ' \
	'>RCPT TO:<dave@example.org>\r\n' '<250 ' '>RCPT TO:<erin@example.org> ORCPT=rfc822;e@example.org\r\n' '<250 ' \
	"${DATA[@]}" '<250 ' "${QUIT[@]}"
smarthost_end
ends "NOTIFY for each"
is "$(envelope rcpt)" "bob@example.org NOTIFY=NEVER ORCPT=rfc822;bob@example.org carol@example.org \
NOTIFY=SUCCESS,DELAY ORCPT=rfc822;old+2Bcarol@example.org dave@example.org \
erin@example.org ORCPT=rfc822;e@example.org" \
	"NOTIFY for each: passed on"

# ---- options that mean nothing here ----
smarthost
conf
client talk "${EHLO[@]}" "${BOB[@]}" "${DATA[@]}" '<250 ' "${QUIT[@]}" -- -i -oi -t -odb -oem -om -oee
smarthost_end
ends "-i -oi -t -odb -oem"
is "$(envelope rcpt)" bob@example.org "-t: the header names no recipients"

# ---- what the smarthost says ----
# verdict NAME REPLY SINK-OPTIONS...: with queue off
verdict() {
	local name=$1 want=$2
	shift 2
	smarthost "$@"
	conf
	talk "${EHLO[@]}" "${BOB[@]}" "${DATA[@]}" "<$want" "${MAIL[@]}" "${QUIT[@]}"
	smarthost_end
	ends "$name"
}
verdict "refused at the end" '554 5.7.1 spam\r\n$' --reply 'eod=554 5.7.1 spam'
verdict "not now at the end" '452 4.3.1 disk\r\n$' --reply 'eod=452 4.3.1 disk'
verdict "the sender is refused" '553 5.7.1 not yours\r\n$' --reply 'mail=553 5.7.1 not yours'
verdict "the recipient is refused" '550 5.1.1 who\r\n$' --reply 'rcpt=550 5.1.1 who'
verdict "the smarthost shuts down" '451 4.3.2 .*421 4.3.2 bye\r\n$' --reply 'mail=421 4.3.2 bye'
verdict "the smarthost has no time" '451 4.0.0 .*421 busy\r\n$' --reply 'greeting=421 busy'
verdict "the smarthost is gone after the end" '451.4.4.2 .*may have been delivered' --close eod
smarthost
smarthost_stop
conf
talk "${EHLO[@]}" "${BOB[@]}" "${DATA[@]}" '<451.4.4.1 ' "${QUIT[@]}"
ends "there is no smarthost"
is "$(queue_list)" "Mail queue is empty" "queue off: nothing is queued"

# A client does not wait for a smarthost that is silent; the deadline stands for that of serve_message.h.
smarthost --hang mail
conf 'deadline 1s'
talk "${EHLO[@]}" "${BOB[@]}" "${DATA[@]}" '<451.4.4.2 .*time limit' "${QUIT[@]}"
smarthost_end
ends "a silent smarthost"

# ---- with a queue ----
queue='auto\nqueue_autostart off'
smarthost --hang eod
conf 'deadline 1s'
client symfony bob@example.org --
smarthost_end
ends "a silent smarthost, with a queue"
id=$(sed -n 's/^sent, id \(.*\)/\1/p' "$out")
like "$("$POSTHASTE" --queue-show "${id:-no id}")" 'may have been delivered' "a silent smarthost: queued as uncertain"
"$POSTHASTE" -C "$T/rc" --queue-remove "$id" >/dev/null
smarthost --reply 'eod=452 4.3.1 disk'
conf
client symfony bob@example.org --
smarthost_end
ends "temporary trouble"
id=$(sed -n 's/^sent, id \(.*\)/\1/p' "$out")
like "$(queue_list)" "${id:-no id} " "temporary trouble: queued under the ID in the reply"
"$POSTHASTE" -C "$T/rc" --queue-remove "$id" >/dev/null

smarthost --reply 'rcpt=550 5.1.1 who'
conf
talk "${EHLO[@]}" "${BOB[@]}" "${DATA[@]}" '<550 5.1.1 who' "${QUIT[@]}"
smarthost_end
ends "all refused"
is "$(queue_list)" "Mail queue is empty" "all refused: the reply has said it, there is no report"

# ---- what the smarthost offers ----
smarthost --extensions "$EXTENSIONS,DELIVERBY 60,MT-PRIORITY"
conf
talk "${EHLO[@]}" "${BOB[@]}" "${DATA[@]}" '<250 ' '>EHLO c\r\n' '<250-.*DELIVERBY 60\r\n250 MT-PRIORITY\r\n$' \
	'>MAIL FROM:<alice@example.org> BY=120;R MT-PRIORITY=3\r\n' '<250 ' "${BOB[@]}" "${DATA[@]}" '<250 ' "${QUIT[@]}"
smarthost_end
ends "extensions of the smarthost"
like "$(envelope mail_params 0002)" "BY=120;R MT-PRIORITY=3" \
	"extensions of the smarthost: listed once they are known, and used"

smarthost --once 3 --extensions "$EXTENSIONS,DELIVERBY 60,MT-PRIORITY"
conf
talk "${EHLO[@]}" "${BOB[@]}" "${DATA[@]}" '<250 ' "${QUIT[@]}"
talk '<220 ' '>EHLO c\r\n' \
	'<250-.*DELIVERBY 60\r\n250 MT-PRIORITY\r\n$' \
	'>MAIL FROM:<alice@example.org> BY=120;R\r\n' '<250 ' "${BOB[@]}" "${DATA[@]}" '<250 ' "${QUIT[@]}"
ends "a further session"
like "$(envelope mail_params 0002)" "BY=120;R" "a further session: what is known of the server is offered at once"
port=$((port ^ 1)) conf
talk '<220 ' '>EHLO c\r\n' '<250-' "${QUIT[@]}"
unlike "$(cat "$out")" 'DELIVERBY|MT-PRIORITY' "another server: nothing is known of it"
smarthost_stop

smarthost
smarthost_stop
conf
client talk "${EHLO[@]}" "${BOB[@]}" "${DATA[@]}" '<250 2.0.0 Ok: queued as ' "${QUIT[@]}" -- -odb
ends "-odb with a queue"
"$POSTHASTE" -C "$T/rc" --queue-remove "$(sed -n 's/^250 2.0.0 Ok: queued as //p' "$out")" >/dev/null

# ---- some recipients refused ----
smarthost --reply 'rcpt:carol@example.org=550 5.1.1 who'
conf
listed='<250-2.0.0 .*\r\n250-.*reported to the sender\r\n250 2.0.0 <carol@example.org>: .*550 5.1.1 who\r\n$'
talk "${EHLO[@]}" "${BOB[@]}" "${CAROL[@]}" "${DATA[@]}" "$listed" "${QUIT[@]}"
smarthost_end
ends "one refused, with a queue"
is "$(stored)" 1 "one refused: the other has the message"
post -q # makes the report
smarthost
conf
post -q
smarthost_end
report='To: <?alice@example.org.*Final-Recipient: rfc822; ?carol@example.org.Action: failed'
like "$(tr -d '\r' <"$T/spool/0001.eml")" "$report" \
	"one refused: the sender gets a report"
is "$(queue_list)" "Mail queue is empty" "one refused: that is all"

# partly NAME MAIL-ARGUMENT RCPT-ARGUMENT: everybody is in the reply, and nothing in the queue
partly() {
	smarthost --reply 'rcpt:carol@example.org=550 5.1.1 who'
	conf
	talk '<220 ' '>EHLO c\r\n' '<250-' ">MAIL FROM:$2\r\n" '<250 ' "${BOB[@]}" \
		">RCPT TO:<carol@example.org>$3\r\n" '<250 ' "${DATA[@]}" "<$4" "${QUIT[@]}"
	smarthost_end
	ends "$1"
	is "$(queue_list)" "Mail queue is empty" "$1: no report"
}
listed='554-5.0.0 Not all recipients.*\r\n554-5.0.0 <bob@example.org>: accepted\r\n'
listed+='554 5.0.0 <carol@example.org>: .*550 5.1.1 who\r\n$'
partly "one refused, and no sender to report to" '<>' '' "$listed"
partly "one refused, and no report is wanted" '<alice@example.org>' ' NOTIFY=NEVER' '250'
queue='off\nqueue_autostart off'
partly "one refused, without a queue" '<alice@example.org>' '' "$listed"

# ---- nothing is delivered by halves ----
# gone NAME STEP...
gone() {
	local name=$1
	shift
	smarthost
	conf
	talk "${EHLO[@]}" "${BOB[@]}" "$@" eof end
	smarthost_stop
	ends "$name"
	never_sent 'MAIL|DATA|BDAT' "$name: nothing is sent"
}
gone "the client is gone before DATA"
gone "the client is gone within the message" '>DATA\r\n' '<354 ' '>Subject: x\r\n\r\nhalf'
gone "the client is gone within the end" '>DATA\r\n' '<354 ' '>Subject: x\r\n\r\nhalf\r\n.\r'
gone "the client is gone within a chunk" '>BDAT 100 LAST\r\nSubject: x\r\n'
gone "LF . LF is no end" '>DATA\r\n' '<354 ' '>Subject: x\n\nhalf\n.\nQUIT\n'
gone "LF . CR LF is no end" '>DATA\r\n' '<354 ' '>Subject: x\r\n\r\nhalf\n.\r\nQUIT\r\n'

# A local user's LF is a line end.
smarthost
conf
talk "${EHLO[@]}" "${BOB[@]}" '>DATA\r\n' '<354 ' '>Subject: x\n\na\n.\nb\n..c\n\r\n.\r\n' '<250 ' "${QUIT[@]}"
smarthost_end
ends "LF in a message"
like "$(od -An -c "$T/spool/0001.eml" | tr -d ' \n')" '\\r\\n\\r\\na\\r\\n\.\\r\\nb\\r\\n\.c\\r\\n\\r\\n$' \
	"LF in a message: CRLF is sent"
is "$(stored)" 1 "LF in a message: it is one message"

# ---- addresses ----
smarthost
conf
talk '<220 ' '>EHLO c\r\n' '<250-' '>MAIL FROM: <alice@example.org>\r\n' '<250 ' \
	'>RCPT TO:<"a b"@example.org>\r\n' '<250 ' \
	'>RCPT TO:<a@exa_mple..org>\r\n' '<501 5.1.3' "${DATA[@]}" '<250 ' "${QUIT[@]}"
smarthost_end
ends "addresses"
is "$(envelope rcpt)" '"a b"@example.org' "a quoted local part is passed on"
smarthost
conf
talk "${EHLO[@]}" '>RCPT TO:<nobody-here>\r\n' '<250 ' "${DATA[@]}" '<550.5.1.2 .*local name' "${QUIT[@]}"
smarthost_stop
ends "a local name"
smarthost
conf "aliases $T/aliases"
printf 'root: bob@example.org\n' >"$T/aliases"
talk "${EHLO[@]}" '>RCPT TO:<root>\r\n' '<250 ' "${DATA[@]}" '<250 ' "${QUIT[@]}"
smarthost_end
ends "an alias"
is "$(envelope rcpt)" 'bob@example.org ORCPT=rfc822;root' "an alias: the message goes where it leads"
smarthost
conf 'sender force'
talk '<220 ' '>EHLO c\r\n' '<250-' '>MAIL FROM:<other@example.net>\r\n' '<250 ' \
	"${BOB[@]}" "${DATA[@]}" '<250 ' "${QUIT[@]}"
smarthost_end
ends "sender force"
is "$(envelope mail_from)" 'alice@example.org' "sender force: the account's rules apply"

# ---- what keeps a session from starting ----
# refuses STATUS NAME GREETING OPTION...
refuses() {
	local want=$1 name=$2 greeting=$3
	shift 3
	client talk "<$greeting" eof end -- "$@"
	ends "$name" "$want"
}
smarthost
smarthost_stop
conf 'port none'
refuses 78 "an error in the configuration" '421[ -]4.3.5 .*rc'
printf '# nothing\n' >"$T/rc"
refuses 78 "no account" '421[ -]4.3.5 '
conf
refuses 78 "an account that there is not" '421[ -]4.3.5 .*nowhere' -a nowhere
refuses 64 "recipients as arguments" '421[ -]4.3.5 .*RCPT' bob@example.org
refuses 64 "--json" '421[ -]4.3.5 .*--json' --json

# ---- sockets ----
smarthost
conf
client socket "${EHLO[@]}" "${BOB[@]}" "${DATA[@]}" '<250 ' "${QUIT[@]}" --
smarthost_end
ends "a Unix socket"
is "$(stored)" 1 "a Unix socket: the client is a user of this machine"

done_testing
