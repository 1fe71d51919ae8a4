#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Postfix, with SASL by Dovecot and by Cyrus: every way in and every mechanism.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/post.sh" || exit 99

bed_need postfix cyrus dovecot
post_mail
post_mail_bare
kerberos=
bed_have kdc && kdc_start && kerberos=GSSAPI
postfix_start

passwords='PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256'
# shellcheck disable=SC2086
post_matrix Postfix "$POSTFIX_BOX" postfix_last_login starttls "$POSTFIX_SUBMISSION" $passwords XOAUTH2 OAUTHBEARER \
	$kerberos
# shellcheck disable=SC2086
post_matrix Postfix "$POSTFIX_BOX" postfix_last_login first "$POSTFIX_SMTPS" $passwords XOAUTH2 OAUTHBEARER $kerberos
# shellcheck disable=SC2086
post_matrix "Postfix with Cyrus" "$POSTFIX_BOX" postfix_last_login starttls "$POSTFIX_CYRUS" $passwords NTLM $kerberos

post_login starttls "$POSTFIX_SUBMISSION" ON a@mail.test <"$T/mail"
told '"auth":"SCRAM-SHA-256"' "auth on chooses SCRAM-SHA-256 of what Postfix offers"
delivered_clear "$POSTFIX_BOX"
secret=wrong post_login starttls "$POSTFIX_SUBMISSION" ON a@mail.test <"$T/mail"
is "$status" 77 "auth on with a wrong password: status 77"
nothing_arrived "$POSTFIX_BOX" "auth on with a wrong password"
post_login first "$POSTFIX_SMTPS" EXTERNAL a@mail.test <"$T/mail"
is "$status" 69 "a mechanism that is not offered: status 69"
said 'EXTERNAL: not offered by the server\); the server offers PLAIN, LOGIN,' "the text lists what is offered"
post starttls "$POSTFIX_SUBMISSION" a@mail.test <"$T/mail"
is "$status" 67 "Postfix takes no mail without AUTH"
nothing_arrived "$POSTFIX_BOX" "without AUTH"

# SCRAM-SHA-512 is Cyrus', and comes first where libgsasl has it.
best=SCRAM-SHA-256
"$POSTHASTE" --version | grep -q SCRAM-SHA-512 && best=SCRAM-SHA-512
post_login starttls "$POSTFIX_CYRUS" ON a@mail.test <"$T/mail"
told "\"auth\":\"$best\"" "auth on chooses $best of what Postfix with Cyrus offers"

post_anonymous() {
	delivered_clear "$POSTFIX_BOX"
	post starttls "$1" --auth=anonymous "${@:3}" a@mail.test <"$T/mail"
	is "$status" "$2" "ANONYMOUS${3:+ as $3}, port $1: status $2"
}
post_anonymous "$POSTFIX_ANONYMOUS" 0
told '"auth":"ANONYMOUS"' "ANONYMOUS: --json says so"
arrived "$POSTFIX_BOX" "$T/mail.wire" "$(post_mail_line "$(post_size "$T/mail.wire")")
RCPT TO:<a@mail.test>" "ANONYMOUS"
post_anonymous "$POSTFIX_ANONYMOUS" 0 --user=trace@client.test
like "$(bed_log postfix)" 'sasl_method=ANONYMOUS' "Postfix took the anonymous login"
post_anonymous "$POSTFIX_CYRUS" 69
nothing_arrived "$POSTFIX_BOX" "ANONYMOUS where it is not offered"

# ---- Kerberos without being asked for ----
# post_on NAME LINE...: auth on, no password anywhere, and nobody to ask
post_on() {
	delivered_clear "$POSTFIX_BOX"
	post starttls "$POSTFIX_CYRUS" --auth=on --user="$BED_USER" --debug a@mail.test <"$T/mail"
}
if [ -n "$kerberos" ]; then
	kdc_login || bail "the KDC gave no ticket: $(cat "$BED/kdc/kinit.log")"
	post_on
	is "$status" 0 "auth on, with a ticket and without a password: taken"
	told '"auth":"GSSAPI"' "auth on, with a ticket and without a password: GSSAPI"
	post_login starttls "$POSTFIX_CYRUS" ON a@mail.test <"$T/mail"
	told "\"auth\":\"$best\"" "auth on, with a ticket and a password: the password"
	post_login starttls "$POSTFIX_CYRUS" GSSAPI --user=somebody-else a@mail.test <"$T/mail"
	is "$status" 0 "GSSAPI: the ticket decides who it is, whatever user says"
	post starttls "$POSTFIX_CYRUS" --auth=gssapi --authzid=somebody-else a@mail.test <"$T/mail"
	is "$status" 77 "GSSAPI for an identity that the ticket does not allow: refused"
	said "the server refused the Kerberos login: 535 " "GSSAPI, another identity: the message"
	kdc_logout
	post_on
	is "$status" 78 "auth on, without a ticket and a password: status 78"
	said 'no password for tester at localhost' "auth on, without a ticket and a password: the message"
	printf 'stale' >"${KRB5CCNAME#FILE:}"
	post_on
	is "$status" 77 "auth on, with a ticket that is none: status 77"
	said '^posthaste: AUTH GSSAPI: Kerberos did not issue a ticket' "auth on, with a ticket that is none: the message"
	echo "machine localhost login $BED_USER password $BED_PASSWORD" >"$T/.netrc"
	chmod 600 "$T/.netrc"
	HOME=$T post_on
	told "\"auth\":\"$best\"" "auth on, with a password in netrc: that one"
fi

delivered_clear "$POSTFIX_BOX"
certificate=("--tls-cert-file=$CA/client.crt" "--tls-key-file=$CA/client.key")
post starttls "$POSTFIX_CCERT" "${certificate[@]}" a@mail.test <"$T/mail"
is "$status" 0 "Postfix takes mail with a client certificate"
arrived "$POSTFIX_BOX" "$T/mail.wire" "$(post_mail_line "$(post_size "$T/mail.wire")")
RCPT TO:<a@mail.test>" "Postfix, client certificate"
post starttls "$POSTFIX_CCERT" a@mail.test <"$T/mail"
is "$status" 67 "and none without"

post_login first "$POSTFIX_SMTPS" PLAIN a@mail.test <"$T/mail"
told '"round_trips":6[,}]' \
	"TLS from the first octet: connection, TLS, greeting, EHLO, AUTH, one flight with the message"
post_login starttls "$POSTFIX_SUBMISSION" PLAIN a@mail.test <"$T/mail"
told '"round_trips":8[,}]' "STARTTLS costs two more: itself, and another EHLO"

delivered_clear "$POSTFIX_BOX"
post plain "$POSTFIX_PLAIN" a@mail.test <"$T/bare"
is "$status" 0 "Postfix takes a message without From, Date and Message-ID"
arrived_bare "$POSTFIX_BOX" "Postfix, bare message"
delivered_clear "$POSTFIX_BOX"
post plain "$POSTFIX_PLAIN" a@mail.test <"$T/mail.wire"
arrived "$POSTFIX_BOX" "$T/mail.wire" "$(post_mail_line "$(post_size "$T/mail.wire")")
RCPT TO:<a@mail.test>" "input that has CRLF already"
post plain "$POSTFIX_QUEUE" a@mail.test <"$T/mail"
check "Postfix delivers what went through its queue" delivered_wait "$POSTFIX_QUEUE_BOX" 1
delivered_message "$POSTFIX_QUEUE_BOX" latest >"$T/got"
same_file "$T/got" "$T/mail.wire" "the octets survive its queue"

post plain "$POSTFIX_PLAIN" --source-ip=127.0.0.9 a@mail.test <"$T/mail"
is "$status" 0 "from another address of ours"
like "$(bed_log postfix)" 'client=unknown\[127\.0\.0\.9\]' "Postfix saw that address"

# The queue, with several messages under way over one session.
numbers() {
	for id in $(delivered_ids "$POSTFIX_BOX"); do
		delivered_message "$POSTFIX_BOX" "$id" | grep -a -i '^X-Number:'
	done
}
sessions() { bed_log postfix | grep -c 'smtpd\[[0-9]*\]: connect from'; }
login="tls on\\ntls_starttls off\\ntls_trust_file $CA/ca.crt\\nauth plain\\nuser $BED_USER\\npassword_file $T/secret"
while read -ru 9 name port lines; do
	delivered_clear "$POSTFIX_BOX"
	printf 'account default\nhost localhost\nport %s\nfrom sender@mail.test\nqueue auto\nqueue_autostart off\n%b\n' \
		"$port" "pipeline_messages 8\n$lines" >"$T/queue_rc"
	chmod 600 "$T/queue_rc"
	"$top_builddir/tests/lib/queue_put" count=20 account=default config="$T/queue_rc" a@mail.test <"$T/mail" >"$T/ids"
	before=$(sessions)
	run "$POSTHASTE" -q </dev/null
	is "$status" 0 "the queue, $name"
	is "$(numbers | tr -dc '0-9\n' | tr '\n' ' ')" "$(seq -s ' ' 1 20) " "the queue, $name: all arrive, in order"
	is $(($(sessions) - before)) 1 "the queue, $name: over one session"
done 9<<ROWS
BDAT $POSTFIX_PLAIN
DATA $POSTFIX_NOCHUNK
without_PIPELINING $POSTFIX_NOPIPE
TLS_and_AUTH $POSTFIX_SMTPS $login
ROWS

unlike "$(bed_log postfix | sed '/after CONNECT/d')" 'improper command|non-SMTP|lost connection|TLS library problem' \
	"Postfix saw no breach of protocol in all this"
done_testing
