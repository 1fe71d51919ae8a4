#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is negotiated, as Postfix received it, and what happens when one of its
# ports lacks an extension.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/post.sh" || exit 99

bed_need postfix dovecot
post_mail
printf '%s\n' 'From: sender@mail.test' 'To: a@mail.test' 'Date: Sun, 1 Nov 2026 00:00:00 +0000' \
	'Message-ID: <7@client.test>' '' 'seven bits' . >"$T/seven"
post_wire "$T/seven"
postfix_start

# plain PORT [OPTION...] RECIPIENT...
plain() {
	delivered_clear "$POSTFIX_BOX"
	post plain "$@"
}
got() { arrived "$POSTFIX_BOX" "$1" "$2" "$3"; }
nothing() { nothing_arrived "$POSTFIX_BOX" "$1"; }
# The size of a message and the body type it has: a MAIL command's usual end.
mail() { printf 'MAIL FROM:<sender@mail.test> SIZE=%d BODY=%s\n' "$(post_size "$1")" "$2"; }
full=$(mail "$T/mail.wire" 8BITMIME)
a='RCPT TO:<a@mail.test>'
green=$'gr\303\274n'

# ---- SIZE and BODY ----
plain "$POSTFIX_PLAIN" a@mail.test <"$T/seven"
got "$T/seven.wire" "$(mail "$T/seven.wire" 7BIT)"$'\n'"$a" "seven-bit text"
plain "$POSTFIX_PLAIN" -B 8BITMIME a@mail.test <"$T/seven"
got "$T/seven.wire" "$(mail "$T/seven.wire" 8BITMIME)"$'\n'"$a" "seven-bit text declared as eight"

# Exactly the limit of 10000 octets, and one more.
big() {
	cat "$T/seven"
	head -c $(($1 - $(post_size "$T/seven.wire"))) /dev/zero | tr '\0' x | fold -w 898 | sed 's/^..//'
}
big 10000 >"$T/limit"
post_wire "$T/limit"
is "$(post_size "$T/limit.wire")" 10000 "a message of just the size the port takes"
plain "$POSTFIX_SMALL" a@mail.test <"$T/limit"
is "$status" 65 "we let it pass; with its own trace field it is too much for Postfix: status 65"
said '^posthaste: end of data: .*: 552 5\.3\.4 ' "the text says that it was Postfix, and when"
nothing "just the size"
big 9000 >"$T/fits"
post_wire "$T/fits"
plain "$POSTFIX_SMALL" a@mail.test <"$T/fits"
is "$status" 0 "a smaller one is taken"
got "$T/fits.wire" "$(mail "$T/fits.wire" 7BIT)"$'\n'"$a" "a smaller one"
printf x | cat "$T/limit" - >"$T/over"
POSTFIX_LOG_BEFORE=$(wc -l <"$BED/postfix/postfix.log")
plain "$POSTFIX_SMALL" a@mail.test <"$T/over"
is "$status" 65 "a larger one is refused: status 65"
said '^posthaste: .*has 10001 bytes, the server accepts at most 10000'$'\n''hint: ' "both sizes are named"
nothing "too large"
unlike "$(tail -n +$((POSTFIX_LOG_BEFORE + 1)) "$BED/postfix/postfix.log")" 'reject|552' \
	"it is refused before MAIL: Postfix has nothing to refuse"
plain "$POSTFIX_PLAIN" --size-limit=1000 a@mail.test <"$T/mail"
is "$status" 65 "our own limit: status 65"
said 'limit set by size_limit is 1000' "its text names the setting"

# ---- PIPELINING and single verdicts ----
plain "$POSTFIX_PLAIN" a@mail.test refused@mail.test b@mail.test <"$T/mail"
is "$status" 67 "one recipient refused for good: status 67"
said '^posthaste: RCPT TO:<refused@mail\.test>: .*: 550 5\.1\.1 .*no such user here'$'\n''hint: ' "which one and why"
said 'accepted for 2 of 3 recipients: a@mail\.test, b@mail\.test$' "and who has it"
told '"outcome":"partial","status":67' "--json: partial"
told '"address":"refused@mail\.test","outcome":"refused","code":550,"enhanced":"5\.1\.1"' "--json: the verdict on one"
told '"round_trips":4[,}]' "greeting, EHLO, one flight with the message: four round trips with the connection"
got "$T/mail.wire" "$full"$'\n'"$a"$'\n''RCPT TO:<b@mail.test>' "the rest"
plain "$POSTFIX_PLAIN" a@mail.test busy@mail.test refused@mail.test <"$T/mail"
is "$status" 75 "one put off and one refused: status 75"
said 'RCPT TO:<busy@mail\.test>: .*: 450 4\.2\.1 ' "the one put off is named"
got "$T/mail.wire" "$full"$'\n'"$a" "the rest again"
plain "$POSTFIX_PLAIN" refused@mail.test busy@mail.test <"$T/mail"
is "$status" 75 "no recipient accepted, one could be later: status 75"
nothing "no recipient accepted"
plain "$POSTFIX_PLAIN" --partial=abort a@mail.test refused@mail.test <"$T/mail"
is "$status" 67 "partial abort: status 67"
nothing "partial abort"
plain "$POSTFIX_NOPIPE" a@mail.test refused@mail.test b@mail.test <"$T/mail"
is "$status" 67 "without PIPELINING: the same status"
told '"round_trips":8[,}]' "without PIPELINING: a round trip for each command, BDAT and message together"
got "$T/mail.wire" "$full"$'\n'"$a"$'\n''RCPT TO:<b@mail.test>' "without PIPELINING"
plain "$POSTFIX_NOCHUNK" a@mail.test refused@mail.test b@mail.test <"$T/mail"
is "$status" 67 "without CHUNKING: the same status"
told '"round_trips":5[,}]' "without CHUNKING: one flight to DATA, and one more for the message"
got "$T/mail.wire" "$full"$'\n'"$a"$'\n''RCPT TO:<b@mail.test>' "without CHUNKING"
POST_SENDER=spammer@mail.test plain "$POSTFIX_PLAIN" a@mail.test <"$T/mail"
said ': 550 5\.7\.1 .*we take no mail from you' "a sender refused: the server's words"
nothing "a sender refused"

# ---- DSN ----
plain "$POSTFIX_PLAIN" -N success,failure,delay -R full -V 'a+b = c' a@mail.test 'x+y@mail.test' <"$T/mail"
is "$status" 0 "DSN complete"
got "$T/mail.wire" "$full RET=FULL ENVID=a+2Bb+20+3D+20c
$a NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;a@mail.test
RCPT TO:<x+y@mail.test> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;x+2By@mail.test" "DSN complete"
plain "$POSTFIX_PLAIN" -N never -R headers a@mail.test <"$T/mail"
got "$T/mail.wire" "$full RET=HDRS"$'\n'"$a NOTIFY=NEVER ORCPT=rfc822;a@mail.test" "never, and headers"
plain "$POSTFIX_NODSN" -N failure a@mail.test <"$T/mail"
is "$status" 69 "DSN wanted and not offered: status 69"
said '^posthaste: .*the server does not offer DSN'$'\n''hint: .*dsn_required off' "and how to send without"
nothing "DSN not offered"
plain "$POSTFIX_NODSN" -N failure -R full --dsn-required=off a@mail.test <"$T/mail"
is "$status" 0 "dsn_required off: sent without"
got "$T/mail.wire" "$full"$'\n'"$a" "dsn_required off"
plain "$POSTFIX_NODSN" -V id a@mail.test <"$T/mail"
is "$status" 0 "an envelope id alone is dropped in silence"
got "$T/mail.wire" "$full"$'\n'"$a" "envelope id alone"

# ---- 8BITMIME, SMTPUTF8, domains ----
plain "$POSTFIX_NO8BIT" --eightbit=refuse a@mail.test <"$T/mail"
is "$status" 65 "8-bit text, no 8BITMIME, eightbit refuse: status 65"
said 'does not offer 8BITMIME'$'\n''hint: .*eightbit convert' "and what to do"
nothing "no 8BITMIME"
plain "$POSTFIX_NO8BIT" --eightbit=pass a@mail.test <"$T/mail"
is "$status" 0 "eightbit pass: sent as it is"
got "$T/mail.wire" "$(mail "$T/mail.wire" 7BIT | sed 's/ BODY.*//')"$'\n'"$a" "eightbit pass"
plain "$POSTFIX_PLAIN" "$green@mail.test" <"$T/mail"
is "$status" 0 "a local part in UTF-8 is taken"
got "$T/mail.wire" "$full SMTPUTF8"$'\n'"RCPT TO:<$green@mail.test>" "SMTPUTF8"
plain "$POSTFIX_PLAIN" -N failure "$green@mail.test" <"$T/mail"
got "$T/mail.wire" "$full SMTPUTF8"$'\n'"RCPT TO:<$green@mail.test> NOTIFY=FAILURE ORCPT=utf-8;gr\x{FC}n@mail.test" \
	"SMTPUTF8 with DSN"
plain "$POSTFIX_PLAIN" "a@$green.test" <"$T/mail"
is "$status" 0 "a domain that is not ASCII needs no SMTPUTF8"
got "$T/mail.wire" "$full"$'\n''RCPT TO:<a@xn--grn-ioa.test>' "A-labels"
plain "$POSTFIX_NOUTF8" "a@$green.test" <"$T/mail"
got "$T/mail.wire" "$full"$'\n''RCPT TO:<a@xn--grn-ioa.test>' "A-labels to a server without SMTPUTF8"
plain "$POSTFIX_NOUTF8" "$green@mail.test" <"$T/mail"
is "$status" 65 "a local part in UTF-8 and no SMTPUTF8: status 65"
said "$green@mail\\.test needs SMTPUTF8, which the server does not offer"$'\n''hint: ' "which address"
nothing "no SMTPUTF8"
plain "$POSTFIX_NOUTF8" "$green@mail.test" a@mail.test <"$T/mail"
got "$T/mail.wire" "$full"$'\n'"$a" "the others get it"

# ---- a server without anything, and one with few recipients ----
plain "$POSTFIX_BARE" a@mail.test refused@mail.test <"$T/seven"
is "$status" 67 "a server without extensions: the same verdict"
got "$T/seven.wire" "MAIL FROM:<sender@mail.test>"$'\n'"$a" "a server without extensions"
plain "$POSTFIX_FEW" {a,b,c,d}@mail.test <"$T/mail"
is "$status" 0 "more recipients than the server takes at once: all are served"
delivered_wait "$POSTFIX_BOX" 2 || true
is "$(for file in "$POSTFIX_BOX"/*.env; do
	delivered_envelope "$POSTFIX_BOX" "$(basename "$file" .env)"
	delivered_message "$POSTFIX_BOX" "$(basename "$file" .env)" | cmp - "$T/mail.wire" && echo "the same octets"
done)" "$full
RCPT TO:<a@mail.test>
RCPT TO:<b@mail.test>
RCPT TO:<c@mail.test>
the same octets
$full
RCPT TO:<d@mail.test>
the same octets" "in two transactions, each once"
is "$(delivered_count "$POSTFIX_BOX")" 2 "and nothing more"
done_testing
