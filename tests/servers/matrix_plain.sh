#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# OpenSMTPD without TLS and AUTH: a plain old server on the loopback.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/post.sh" || exit 99

bed_need opensmtpd
post_mail
post_mail_bare
ca_need good
opensmtpd_start

# It relays with its own MAIL, one transaction or several: compare who got what.
plain() {
	delivered_clear "$OPENSMTPD_BOX"
	post plain "$OPENSMTPD_PLAIN" "$@"
}
recipients() {
	local id
	for id in $(delivered_ids "$OPENSMTPD_BOX"); do delivered_envelope "$OPENSMTPD_BOX" "$id"; done |
		sed -n 's/^RCPT TO:<\([^>]*\)>.*/\1/p' | sort | paste -sd' '
}

plain a@mail.test <"$T/mail"
is "$status" 0 "OpenSMTPD takes mail"
told '"outcome":"accepted","status":0' "--json says so"
check "OpenSMTPD delivers" delivered_wait "$OPENSMTPD_BOX" 1
delivered_message "$OPENSMTPD_BOX" latest >"$T/got"
same_file "$T/got" "$T/mail.wire" "OpenSMTPD: the octets are those of the input"
is "$(recipients)" a@mail.test "OpenSMTPD: the recipient is the one that was asked for"

plain a@mail.test <"$T/bare"
arrived_bare "$OPENSMTPD_BOX" "OpenSMTPD, bare message"

plain a@mail.test refused@mail.test <"$T/mail"
is "$status" 67 "OpenSMTPD refuses one recipient: status 67"
said '^posthaste: RCPT TO:<refused@mail\.test>: .*: 550 ' "which one"
check "the other has it" delivered_wait "$OPENSMTPD_BOX" 1
is "$(recipients)" a@mail.test "and no other recipient"

plain $'gr\303\274n@mail.test' <"$T/mail"
is "$status" 65 "OpenSMTPD knows no SMTPUTF8: status 65"
post starttls "$OPENSMTPD_PLAIN" a@mail.test <"$T/mail"
is "$status" 69 "STARTTLS wanted, not offered: status 69"
post_login plain "$OPENSMTPD_PLAIN" PLAIN a@mail.test <"$T/mail"
is "$status" 69 "AUTH wanted, not offered: status 69"
said '^posthaste: AUTH.*: the server does not offer authentication' "and the text says so"
done_testing
