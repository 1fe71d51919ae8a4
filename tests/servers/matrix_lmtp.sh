#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# LMTP to Dovecot on a Unix socket: each recipient has a fate of its own, after
# the message too.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/post.sh" || exit 99

bed_need dovecot
post_mail
post_mail_bare
dovecot_start

lmtp() {
	run "$POSTHASTE" --json --protocol=lmtp --queue=off --host=localhost --socket="$DOVECOT_LMTP" --tls=off \
		--domain=client.test \
		--from=sender@mail.test "$@"
}

lmtp a@mail.test full@mail.test b@mail.test <"$T/mail"
is "$status" 67 "one mailbox is full: status 67"
said '^posthaste: RCPT TO:<full@mail\.test>: .*: 552 5\.2\.2 ' "which one and why"
said 'accepted for 2 of 3 recipients: a@mail\.test, b@mail\.test$' "and who has it"
told '"address":"a@mail\.test","outcome":"accepted","code":250,' "--json: accepted"
told '"address":"full@mail\.test","outcome":"refused","code":552,"enhanced":"5\.2\.2"' "--json: refused"
for user in a b; do
	box=$(dovecot_maildir "$user")
	is "$(delivered_count "$box")" 1 "$user has one message"
	delivered_message "$box" latest >"$T/got"
	same_file "$T/got" "$T/mail.wire" "$user: the octets are those of the input"
	is "$(delivered_envelope "$box" latest)" 'MAIL FROM:<sender@mail.test>' \
		"$user: the sender is the one that was asked for"
done
is "$(delivered_count "$(dovecot_maildir full)")" 0 "the full mailbox has none"

lmtp c@mail.test <"$T/bare"
is "$status" 0 "LMTP takes a message without From, Date and Message-ID"
arrived_bare "$(dovecot_maildir c)" "LMTP, bare message"

lmtp full@mail.test <"$T/mail"
is "$status" 67 "nobody but the full one: status 67"
told '^\{"outcome":"refused"' "--json: refused"

run "$POSTHASTE" --protocol=lmtp --queue=off --host=localhost --socket="$T/none" --tls=off --from=sender@mail.test \
	a@mail.test <"$T/mail"
is "$status" 75 "no such socket: status 75"
said "^posthaste: connecting: .*$T/none" "and the text names it"
done_testing
