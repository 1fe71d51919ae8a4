#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The testbed checked by a stand-in client: each server starts, speaks TLS, lets
# in who may, and what it delivered is found again octet for octet with its
# envelope. When this fails, look here before looking at posthaste; the other
# tests of this folder show the rest with the program itself.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99

# What goes wrong most: dots, 8-bit octets, empty lines at the end, a Received
# field of the sender's own, a line longer than any buffer.
write_message() {
	printf 'Received: from elsewhere.test by another.test; Sun, 1 Nov 2026 00:00:00 +0000\r\n'
	printf 'From: Sender <sender@mail.test>\r\nTo: a@mail.test\r\nDate: Sun, 1 Nov 2026 00:00:00 +0000\r\n'
	printf 'Message-ID: <bed@client.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n'
	printf 'Content-Transfer-Encoding: 8bit\r\nSubject: folded\r\n\tsubject \r\n\r\n'
	printf '.\r\n..\r\n...three\r\nFrom here\r\n>From there\r\ngr\303\274n\r\n \t\r\n'
	printf '%0900d\r\n\r\n\r\n' 7
}

# client ARGUMENT...: sends $T/message; its output is in $out
client() {
	run env BED_SECRET="$BED_PASSWORD" "$BED_PYTHON" "$BED_LIB/client.py" "$@" --ca="$CA/ca.crt" <"$T/message"
}

# delivered_same BOX NAME: the newest message is what was sent
delivered_same() {
	delivered_message "$1" latest >"$T/got"
	same_file "$T/got" "$T/message" "$2"
}

# fates SERVER BOX ARGUMENT...: a message to four, two of whom are refused
fates() {
	local server=$1 box=$2
	shift 2
	client "$@" --mail-option=BODY=8BITMIME --to='a@mail.test NOTIFY=DELAY' --to=refused@mail.test --to=busy@mail.test \
		--to=b@mail.test
	is "$status" 0 "$server takes mail"
	like "$(cat "$out")" '550 5.1.1.*'$'\n''450 4.2.1' "$server refuses one recipient for good, one for now"
	check "$server delivers" delivered_wait "$box" 1
	is "$(delivered_count "$box")" 1 "$server: exactly one message arrived"
	delivered_same "$box" "$server: the octets are those that were sent"
	is "$(delivered_envelope "$box" latest)" \
		'MAIL FROM:<sender@mail.test> BODY=8BITMIME
RCPT TO:<a@mail.test> NOTIFY=DELAY
RCPT TO:<b@mail.test>' "$server: the envelope is what was received"
}

test_postfix() {
	postfix_start expired
	client "$POSTFIX_SUBMISSION" --tls=starttls --to=a@mail.test
	like "$(cat "$out")" '554 5.7.1' "Postfix takes no mail without AUTH"
	fates Postfix "$POSTFIX_BOX" "$POSTFIX_SMTPS" --tls=first --user="$BED_USER"
	is "$(postfix_last_login)" "PLAIN $BED_USER" "Postfix knows who logged in"
	like "$(delivered_raw "$POSTFIX_BOX" latest)" '^Received: .*by postfix.bed.test.*Received: from elsewhere' \
		"Postfix: only its own trace field is taken away"
	client "${POSTFIX_CERT_expired:?}" --tls=first --to=a@mail.test
	like "$(cat "$out")" 'certificate has expired' "Postfix shows the certificate that was asked for"
	client "$POSTFIX_PLAIN" --ehlo
	like "$(cat "$out")" 'PIPELINING' "Postfix shows its extensions"
	client "$POSTFIX_BARE" --ehlo
	unlike "$(cat "$out")" 'PIPELINING|SIZE|8BITMIME|DSN|SMTPUTF8|CHUNKING|AUTH' "Postfix without any extension"
}

test_dovecot() {
	dovecot_start
	client "$DOVECOT_SUBMISSION" --tls=starttls --user="$BED_USER" --to=a@mail.test
	is "$status" 0 "Dovecot takes mail"
	is "$(dovecot_logins)" "PLAIN $BED_USER" "Dovecot knows who logged in"
	delivered_same "$DOVECOT_BOX" "Dovecot: the octets are those that were sent"
	client 0 --lmtp="$DOVECOT_LMTP" --to=a@mail.test --to=full@mail.test
	is "$(sed -n 's/^\(... [0-9.]*\) .*/\1/p' "$out" | tail -n 2 | paste -sd,)" '250 2.0.0,552 5.2.2' \
		"Dovecot: by LMTP only the full mailbox is refused"
	delivered_same "$(dovecot_maildir a)" "Dovecot: the octets in a maildir are those that were sent"
}

test_exim() {
	exim_start
	fates Exim "$EXIM_BOX" "$EXIM_SMTPS" --tls=first --user="$BED_USER"
	is "$(exim_last_login)" "PLAIN $BED_USER" "Exim knows who logged in"
	client "$EXIM_PIPECONNECT" --ehlo
	like "$(cat "$out")" 'PIPECONNECT|PIPE_CONNECT' "Exim shows early pipelining on one port"
}

test_opensmtpd() {
	opensmtpd_start
	client "$OPENSMTPD_PLAIN" --to=a@mail.test
	is "$status" 0 "OpenSMTPD takes mail"
	check "OpenSMTPD delivers" delivered_wait "$OPENSMTPD_BOX" 1
	delivered_same "$OPENSMTPD_BOX" "OpenSMTPD: the octets are those that were sent"
	client "$OPENSMTPD_PLAIN" --ehlo
	unlike "$(cat "$out")" 'PIPELINING|CHUNKING|SMTPUTF8' "OpenSMTPD is a plain old server"
}

bed_need capture
ca_need good
write_message >"$T/message"
bed_if test_postfix postfix cyrus dovecot
bed_if test_dovecot dovecot
bed_if test_exim exim dovecot
bed_if test_opensmtpd opensmtpd
done_testing
