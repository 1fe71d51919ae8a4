#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Exim, which insists on the order of commands: every way in, every mechanism,
# every extension.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/post.sh" || exit 99

bed_need exim dovecot
post_mail
post_mail_bare
kerberos=
bed_have kdc && kdc_start && kerberos=GSSAPI
exim_start

mechanisms='PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 XOAUTH2 OAUTHBEARER'
# shellcheck disable=SC2086
post_matrix Exim "$EXIM_BOX" exim_last_login starttls "$EXIM_SUBMISSION" $mechanisms $kerberos
# shellcheck disable=SC2086
post_matrix Exim "$EXIM_BOX" exim_last_login first "$EXIM_SMTPS" $mechanisms $kerberos

delivered_clear "$EXIM_BOX"
post plain "$EXIM_PLAIN" a@mail.test <"$T/bare"
is "$status" 0 "Exim takes a message without From, Date and Message-ID"
arrived_bare "$EXIM_BOX" "Exim, bare message"

post starttls "$EXIM_SUBMISSION" a@mail.test <"$T/mail"
is "$status" 67 "Exim takes no mail without AUTH"
said '^posthaste: RCPT TO:<a@mail\.test>: .*: 550 5\.7\.1 log in first'$'\n''hint: .*auth on' "the hint speaks of auth"

size=$(post_size "$T/mail.wire")
mail="MAIL FROM:<sender@mail.test> SIZE=$size BODY=8BITMIME"

delivered_clear "$EXIM_BOX"
post plain "$EXIM_PLAIN" a@mail.test refused@mail.test busy@mail.test b@mail.test <"$T/mail"
is "$status" 75 "Exim refuses one recipient for good, one for now: status 75"
said '^posthaste: RCPT TO:<refused@mail\.test>: .*: 550 5\.1\.1 no such user here' "the one refused for good is named"
said 'posthaste: RCPT TO:<busy@mail\.test>: .*: 450 4\.2\.1 mailbox busy' "the one put off is named"
said 'accepted for 2 of 4 recipients: a@mail\.test, b@mail\.test'$ "and who has it"
told '"round_trips":4[,}]' "Exim gets MAIL, four RCPT, BDAT and the message in one flight"
arrived "$EXIM_BOX" "$T/mail.wire" "$mail
RCPT TO:<a@mail.test>
RCPT TO:<b@mail.test>" "Exim, mixed recipients"

delivered_clear "$EXIM_BOX"
post plain "$EXIM_PLAIN" -N delay,failure -R full -V 'id=7' a@mail.test <"$T/mail"
is "$status" 0 "Exim takes DSN"
arrived "$EXIM_BOX" "$T/mail.wire" "$mail RET=FULL ENVID=id+3D7
RCPT TO:<a@mail.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a@mail.test" "Exim, DSN"

delivered_clear "$EXIM_BOX"
post plain "$EXIM_PLAIN" -N success -V 'id 8' a@mail.test <"$T/mail"
check "Exim reports success on request" delivered_wait "$EXIM_BOX" 2
for id in $(delivered_ids "$EXIM_BOX"); do delivered_raw "$EXIM_BOX" "$id"; done >"$T/report"
like "$(tr -d '\000\r' <"$T/report")" 'Original-Envelope-ID: id\+208' "the report quotes the envelope id"

delivered_clear "$EXIM_BOX"
green=$'gr\303\274n'
post plain "$EXIM_PLAIN" "$green@mail.test" <"$T/mail"
is "$status" 0 "Exim takes a local part in UTF-8"
arrived "$EXIM_BOX" "$T/mail.wire" "$mail SMTPUTF8
RCPT TO:<$green@mail.test>" "Exim, SMTPUTF8"

delivered_clear "$EXIM_BOX"
post plain "$EXIM_PLAIN" "a@$green.test" <"$T/mail"
arrived "$EXIM_BOX" "$T/mail.wire" "$mail
RCPT TO:<a@xn--grn-ioa.test>" "Exim, a domain that is not ASCII"

unlike "$(bed_log exim)" 'synchronization error|protocol error' "Exim saw no breach of protocol in all this"
done_testing
