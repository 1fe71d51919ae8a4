#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Messages that are converted for a server that takes less, as Postfix received
# them: Python's email package says whether they still say the same.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/post.sh" || exit 99

bed_need postfix dovecot
postfix_start

# converted PORT BODY MESSAGE
converted() {
	local name="$3, $2"
	"$BED_PYTHON" "$BED_LIB/convert.py" make "$3" >"$T/input"
	delivered_clear "$POSTFIX_BOX"
	post plain "$1" a@mail.test <"$T/input"
	is "$status" 0 "$name: taken"
	is "$(cat "$err")" '' "$name: no complaint"
	is "$(delivered_count "$POSTFIX_BOX")" 1 "$name: one message arrives"
	delivered_message "$POSTFIX_BOX" latest >"$T/got"
	check "$name: it says the same, in 7 bits" "$BED_PYTHON" "$BED_LIB/convert.py" same "$T/got" "$3"
	is "$(delivered_envelope "$POSTFIX_BOX" latest)" "MAIL FROM:<sender@mail.test> SIZE=$(post_size \
		"$T/got")${2:+ BODY=$2}"$'\n''RCPT TO:<a@mail.test>' \
		"$name: size and body type are those of what was sent"
}
for message in text tree plain long; do
	converted "$POSTFIX_NO8BIT" '' "$message"
done
done_testing
