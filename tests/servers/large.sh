#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# 30 MB over TLS, and a thousand recipients in one flight, and more than that in two.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/post.sh" || exit 99

bed_need capture
{
	printf '%s\n' 'From: sender@mail.test' 'To: a@mail.test' 'Date: Sun, 1 Nov 2026 00:00:00 +0000' \
		'Message-ID: <large@client.test>' ''
	# Lines of base64 as attachments have them, and some that begin with a dot.
	head -c 22000000 /dev/zero | openssl enc -aes-128-ctr -K 00 -iv 00 2>/dev/null | base64 -w 76 | sed '7~100s/^/./'
} >"$T/large"
post_wire "$T/large"
head -n 6 "$T/large" >"$T/small"
post_wire "$T/small"
size=$(post_size "$T/large.wire")
check "the large message has more than 30 million octets" test "$size" -gt 30000000
people=()
for ((i = 1; i <= 1003; i++)); do people+=("person$i@mail.test"); done
expected() { for ((i = 1; i <= $1; i++)); do printf 'RCPT TO:<person%d@mail.test>\n' "$i"; done; }

# large SERVER BOX PORT
large() {
	delivered_clear "$2"
	post_login first "$3" PLAIN a@mail.test <"$T/large"
	is "$status" 0 "$1 takes it over TLS"
	arrived "$2" "$T/large.wire" "MAIL FROM:<sender@mail.test> SIZE=$size BODY=7BIT
RCPT TO:<a@mail.test>" "$1, 30 MB"
}

try_postfix() {
	postfix_start
	large Postfix "$POSTFIX_BOX" "$POSTFIX_SMTPS"
	delivered_clear "$POSTFIX_BOX"
	post plain "$POSTFIX_PLAIN" "${people[@]}" <"$T/small"
	is "$status" 0 "Postfix takes a thousand recipients at once; three go in a second transaction: status 0"
	is "$(cat "$err")" '' "and nothing is left to say"
	delivered_wait "$POSTFIX_BOX" 2 || true
	is "$(delivered_count "$POSTFIX_BOX")" 2 "two messages arrive"
	for id in $(delivered_ids "$POSTFIX_BOX"); do
		delivered_message "$POSTFIX_BOX" "$id" >"$T/got"
		same_file "$T/got" "$T/small.wire" "each is the one that was sent"
		delivered_envelope "$POSTFIX_BOX" "$id" >>"$T/envelopes"
	done
	is "$(grep -c "^MAIL FROM:<sender@mail\.test> SIZE=$(post_size "$T/small.wire") BODY=7BIT\$" "$T/envelopes")" 2 \
		"both are from the sender"
	expected 1003 | sort >"$T/people"
	grep '^RCPT' "$T/envelopes" | sort >"$T/served"
	same_file "$T/served" "$T/people" "everybody has it, and nobody twice"
}
try_exim() {
	exim_start
	large Exim "$EXIM_BOX" "$EXIM_SMTPS"
	delivered_clear "$EXIM_BOX"
	# Not more: the envelope goes through a variable of the test's, which has
	# room for 16 KiB in Exim's spool.
	post plain "$EXIM_PLAIN" "${people[@]:0:400}" <"$T/small"
	is "$status" 0 "Exim takes 400 recipients in one flight"
	told '"round_trips":4[,}]' "and they cost no round trip"
	arrived "$EXIM_BOX" "$T/small.wire" "MAIL FROM:<sender@mail.test> SIZE=$(post_size "$T/small.wire") BODY=7BIT
$(expected 400)" "Exim, 400 recipients"
}
bed_if try_postfix postfix dovecot
bed_if try_exim exim dovecot
done_testing
