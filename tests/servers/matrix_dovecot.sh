#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Dovecot's submission service: every way in and every mechanism, and the
# extensions that it shows to those it knows.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/post.sh" || exit 99

bed_need dovecot
post_mail
post_mail_bare
kerberos=
bed_have kdc && kdc_start && kerberos=GSSAPI
dovecot_start

# Dovecot leaves itself room for the trace field it adds: the size we declared, and 1024.
post_mail_line() { printf 'MAIL FROM:<%s> BODY=8BITMIME SIZE=%d\n' "$POST_SENDER" $(($1 + 1024)); }
# shellcheck disable=SC2086
post_matrix Dovecot "$DOVECOT_BOX" dovecot_last_login starttls "$DOVECOT_SUBMISSION" \
	$DOVECOT_MECHANISMS EXTERNAL $kerberos
# shellcheck disable=SC2086
post_matrix Dovecot "$DOVECOT_BOX" dovecot_last_login first "$DOVECOT_SMTPS" $DOVECOT_MECHANISMS EXTERNAL $kerberos
# It takes a client on its own address for safe, as we take a server there.
post_matrix Dovecot "$DOVECOT_BOX" dovecot_last_login plain "$DOVECOT_SUBMISSION" SCRAM-SHA-256 PLAIN

delivered_clear "$DOVECOT_BOX"
post_login starttls "$DOVECOT_SUBMISSION" PLAIN a@mail.test <"$T/bare"
is "$status" 0 "Dovecot takes a message without From, Date and Message-ID"
arrived_bare "$DOVECOT_BOX" "Dovecot, bare message"

post_login first "$DOVECOT_SMTPS" ON a@mail.test <"$T/mail"
told "\"auth\":\"$DOVECOT_BEST\"" "auth on chooses $DOVECOT_BEST of what Dovecot offers"

delivered_clear "$DOVECOT_BOX"
post_login starttls "$DOVECOT_SUBMISSION" PLAIN --dsn-notify=success,failure --dsn-return=headers -V 'id+7' \
	a@mail.test b@mail.test <"$T/mail"
is "$status" 0 "Dovecot takes DSN, which it shows only after AUTH"
told '"extensions":\[[^]]*"DSN"' "--json says that DSN was used"
arrived "$DOVECOT_BOX" "$T/mail.wire" "$(post_mail_line "$(post_size "$T/mail.wire")" |
	sed 's/8BITMIME/& ENVID=id+2B7 RET=HDRS/')
RCPT TO:<a@mail.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a@mail.test
RCPT TO:<b@mail.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b@mail.test" "Dovecot, DSN"

done_testing
