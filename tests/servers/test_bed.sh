#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The testbed judged by a stand-in client: each server starts, speaks TLS,
# authenticates and refuses, and what it delivered is found again octet for
# octet with its envelope. When this fails, look here before looking at posthaste.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99

password_mechanisms='PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256'

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
	run env BED_SECRET="${secret-$BED_PASSWORD}" "$BED_PYTHON" "$BED_LIB/client.py" "$@" \
		--user="$BED_USER" --ca="$CA/ca.crt" <"$T/message"
}

# delivered_same BOX NAME: the newest message is what was sent
delivered_same() {
	delivered_message "$1" latest >"$T/got"
	same_file "$T/got" "$T/message" "$2"
}

# shows PORT REGEX NAME [OPTION...]: EHLO shows it
shows() {
	local port=$1 pattern=$2 name=$3
	shift 3
	client "$port" --ehlo "$@"
	like "$(cat "$out")" "$pattern" "$name"
}

lacks() {
	client "$1" --ehlo
	is "$status" 0 "$3: the session comes about"
	unlike "$(cat "$out")" "$2" "$3"
}

# logs_in SERVER PORT LOGIN-COMMAND MECHANISM...: with the right password, and
# not with a wrong one
logs_in() {
	local server=$1 port=$2 login=$3 mechanism secret
	shift 3
	for mechanism in "$@"; do
		secret=$BED_PASSWORD
		case $mechanism in XOAUTH2 | OAUTHBEARER) secret=$BED_TOKEN ;; esac
		client "$port" --tls=starttls --auth="$mechanism" --to=a@mail.test
		is "$status" 0 "$server takes mail after AUTH $mechanism"
		login_is() { [ "$($login)" = "$mechanism $BED_USER" ]; }
		check "$server knows the user by $mechanism" wait_until 5 login_is
		secret=wrong
		client "$port" --tls=starttls --auth="$mechanism" --to=a@mail.test
		like "$(cat "$out")" '535' "$server refuses a wrong secret with AUTH $mechanism"
	done
}

dovecot_last_login() { dovecot_logins | tail -n 1; }

test_postfix() {
	local name pattern
	postfix_start expired
	logs_in Postfix "$POSTFIX_SUBMISSION" postfix_last_login $password_mechanisms XOAUTH2 OAUTHBEARER
	logs_in "Postfix with Cyrus SASL" "$POSTFIX_CYRUS" postfix_last_login $password_mechanisms

	shows "$POSTFIX_SUBMISSION" 'STARTTLS' "Postfix offers STARTTLS"
	lacks "$POSTFIX_SUBMISSION" 'AUTH' "Postfix offers no AUTH before TLS"
	client "$POSTFIX_SUBMISSION" --tls=starttls --to=a@mail.test
	like "$(cat "$out")" '554 5.7.1' "Postfix takes no mail without AUTH"
	client "$POSTFIX_CERT_expired" --tls=first --auth=PLAIN --to=a@mail.test
	like "$(cat "$out")" 'certificate has expired' "Postfix shows the certificate that was asked for"

	delivered_clear "$POSTFIX_BOX"
	client "$POSTFIX_SMTPS" --tls=first --auth=PLAIN --mail-option=BODY=8BITMIME \
		--mail-option=RET=HDRS --mail-option=ENVID=id+2B7 \
		--to='a@mail.test NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;x@y' --to=refused@mail.test --to=busy@mail.test --to=b@mail.test
	is "$status" 0 "Postfix takes mail over TLS from the first byte"
	like "$(cat "$out")" '550 5.1.1.*'$'\n''450 4.2.1' "Postfix refuses one recipient for good, one for now"
	delivered_same "$POSTFIX_BOX" "Postfix: the octets are those that were sent"
	is "$(delivered_envelope "$POSTFIX_BOX" latest)" \
		'MAIL FROM:<sender@mail.test> BODY=8BITMIME RET=HDRS ENVID=id+2B7
RCPT TO:<a@mail.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;x@y
RCPT TO:<b@mail.test>' "Postfix: the envelope is what was received"
	is "$(delivered_count "$POSTFIX_BOX")" 1 "Postfix: exactly one message arrived"
	like "$(delivered_raw "$POSTFIX_BOX" latest)" '^Received: .*by postfix.bed.test.*Received: from elsewhere' \
		"Postfix: only its own trace field is taken away"

	client "$POSTFIX_PLAIN" --bdat --to=a@mail.test
	is "$status" 0 "Postfix takes BDAT"
	delivered_same "$POSTFIX_BOX" "Postfix: the same octets by BDAT"
	client "$POSTFIX_PLAIN" --from=spammer@mail.test --to=a@mail.test
	like "$(cat "$out")" '550 5.7.1' "Postfix refuses a sender"
	client "$POSTFIX_FEW" --to={a,b,c,d}@mail.test
	like "$(cat "$out")" '452 4.5.3' "Postfix limits recipients on one port"
	client "$POSTFIX_SMALL" --mail-option=SIZE=10001 --to=a@mail.test
	like "$(cat "$out")" '552 5.3.4' "Postfix limits the size on one port"
	client "$POSTFIX_CCERT" --tls=starttls --to=a@mail.test
	like "$(cat "$out")" '554 5.7.1' "Postfix wants a client certificate on one port"
	client "$POSTFIX_CCERT" --tls=starttls --cert="$CA/client.pem" --to=a@mail.test
	is "$status" 0 "Postfix takes mail with a client certificate"

	client "$POSTFIX_PLAIN" --ehlo
	cp "$out" "$T/shown"
	while read -r name pattern; do
		like "$(cat "$T/shown")" "$pattern" "Postfix shows $pattern"
		lacks "${!name}" "$pattern" "Postfix without $pattern"
	done <<-END
	POSTFIX_NOPIPE PIPELINING
	POSTFIX_NO8BIT 8BITMIME
	POSTFIX_NODSN DSN
	POSTFIX_NOUTF8 SMTPUTF8
	POSTFIX_NOCHUNK CHUNKING
	END
	lacks "$POSTFIX_BARE" 'PIPELINING|SIZE|8BITMIME|DSN|SMTPUTF8|CHUNKING|AUTH' "Postfix without any extension"

	client "$POSTFIX_QUEUE" --to=a@mail.test
	check "Postfix delivers what went through its queue" delivered_wait "$POSTFIX_QUEUE_BOX" 1
	delivered_same "$POSTFIX_QUEUE_BOX" "Postfix: the octets survive its queue"
}

test_dovecot() {
	dovecot_start
	logs_in Dovecot "$DOVECOT_SUBMISSION" dovecot_last_login $password_mechanisms XOAUTH2 OAUTHBEARER
	client "$DOVECOT_SUBMISSION" --tls=starttls --cert="$CA/client.pem" --auth=EXTERNAL --to=a@mail.test
	is "$status" 0 "Dovecot takes AUTH EXTERNAL with a client certificate"
	shows "$DOVECOT_SMTPS" 'DSN' "Dovecot shows DSN after AUTH" --tls=first --auth=PLAIN

	delivered_clear "$DOVECOT_BOX"
	client "$DOVECOT_SMTPS" --tls=first --auth=PLAIN --mail-option=BODY=8BITMIME \
		--to='a@mail.test NOTIFY=NEVER' --to=b@mail.test
	delivered_same "$DOVECOT_BOX" "Dovecot: the octets are those that were sent"
	is "$(delivered_envelope "$DOVECOT_BOX" latest | sed 's/ SIZE=[0-9]*//')" \
		'MAIL FROM:<sender@mail.test> BODY=8BITMIME
RCPT TO:<a@mail.test> NOTIFY=NEVER
RCPT TO:<b@mail.test>' "Dovecot: the envelope is passed on"

	client 0 --lmtp="$DOVECOT_LMTP" --to=a@mail.test --to=full@mail.test --to=b@mail.test
	is "$(sed -n 's/^\(... [0-9.]*\) .*/\1/p' "$out" | tail -n 3 | paste -sd,)" '250 2.0.0,552 5.2.2,250 2.0.0' \
		"Dovecot: by LMTP only the full mailbox is refused"
	delivered_same "$(dovecot_maildir a)" "Dovecot: the octets in a maildir are those that were sent"
	is "$(delivered_count "$(dovecot_maildir b)")" 1 "Dovecot: the other recipient has it as well"
}

test_exim() {
	exim_start
	logs_in Exim "$EXIM_SUBMISSION" exim_last_login $password_mechanisms XOAUTH2 OAUTHBEARER
	lacks "$EXIM_SUBMISSION" 'AUTH' "Exim offers no AUTH before TLS"
	client "$EXIM_SUBMISSION" --tls=starttls --to=a@mail.test
	like "$(cat "$out")" '550 5.7.1' "Exim takes no mail without AUTH"

	delivered_wait "$EXIM_BOX" 8
	delivered_clear "$EXIM_BOX"
	client "$EXIM_SMTPS" --tls=first --auth=PLAIN --mail-option=BODY=8BITMIME --mail-option=RET=FULL \
		--to='a@mail.test NOTIFY=DELAY' --to=refused@mail.test --to=busy@mail.test --to=b@mail.test
	is "$status" 0 "Exim takes mail over TLS from the first byte"
	like "$(cat "$out")" '550 5.1.1.*'$'\n''450 4.2.1' "Exim refuses one recipient for good, one for now"
	check "Exim delivers" delivered_wait "$EXIM_BOX" 1
	delivered_same "$EXIM_BOX" "Exim: the octets are those that were sent"
	is "$(delivered_envelope "$EXIM_BOX" latest)" \
		'MAIL FROM:<sender@mail.test> BODY=8BITMIME RET=FULL
RCPT TO:<a@mail.test> NOTIFY=DELAY
RCPT TO:<b@mail.test>' "Exim: the envelope is what was received"

	delivered_clear "$EXIM_BOX"
	client "$EXIM_PLAIN" --bdat --to=a@mail.test
	check "Exim delivers what came by BDAT" delivered_wait "$EXIM_BOX" 1
	delivered_same "$EXIM_BOX" "Exim: the same octets by BDAT"
	client "$EXIM_PLAIN" --from=spammer@mail.test --to=a@mail.test
	like "$(cat "$out")" '550 5.7.1' "Exim refuses a sender"
	shows "$EXIM_PLAIN" 'SMTPUTF8' "Exim shows SMTPUTF8"
	lacks "$EXIM_PLAIN" 'PIPECONNECT|PIPE_CONNECT' "Exim hides early pipelining"
	shows "$EXIM_PIPECONNECT" 'PIPECONNECT|PIPE_CONNECT' "Exim shows early pipelining on one port"
}

test_opensmtpd() {
	opensmtpd_start
	client "$OPENSMTPD_PLAIN" --to=a@mail.test --to=refused@mail.test
	is "$status" 0 "OpenSMTPD takes mail"
	like "$(cat "$out")" $'\n550 ' "OpenSMTPD refuses a recipient"
	check "OpenSMTPD delivers" delivered_wait "$OPENSMTPD_BOX" 1
	delivered_same "$OPENSMTPD_BOX" "OpenSMTPD: the octets are those that were sent"
	lacks "$OPENSMTPD_PLAIN" 'PIPELINING|CHUNKING|SMTPUTF8' "OpenSMTPD is a plain old server"
}

# The stand-in has no Kerberos: that the servers offer it must do here.
test_kdc() {
	dovecot_stop
	exim_stop
	postfix_stop
	kdc_start
	postfix_start
	exim_start
	check "the KDC gives the user a ticket" kdc_login
	for name in POSTFIX_SUBMISSION POSTFIX_CYRUS DOVECOT_SUBMISSION EXIM_SUBMISSION; do
		shows "${!name}" 'GSSAPI' "$name offers GSSAPI" --tls=starttls
	done
}

# if_possible FUNCTION SERVER...
if_possible() {
	local function=$1 name reason
	shift
	for name in "$@"; do
		reason=$(bed_missing "$name")
		if [ -n "$reason" ]; then
			skip "$reason" "the testbed's $name"
			return
		fi
	done
	"$function"
}

bed_need capture
ca_need good
write_message >"$T/message"
if_possible test_postfix postfix cyrus dovecot
if_possible test_dovecot dovecot
if_possible test_exim exim dovecot
if_possible test_opensmtpd opensmtpd
if_possible test_kdc kdc postfix exim dovecot
done_testing
