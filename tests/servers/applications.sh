#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The mail libraries of web applications, as they are: Symfony Mailer and nodemailer, which speak SMTP to `sendmail -bs`
# or to a listener, or call sendmail for each message.  Each of them sends four messages, of which the server refuses
# one; the others arrive whole, and the library learns of all four what became of them.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/mailers.sh" || exit 99

bed_need postfix dovecot
postfix_start
mkdir -p "$T/bin" "$XDG_CONFIG_HOME/posthaste"
ln -s "$POSTHASTE" "$T/bin/sendmail"
printf '%s\n' 'host localhost' "port $POSTFIX_PLAIN" 'tls off' 'from home@mail.test' 'queue off' 'queue_autostart off' \
	>"$XDG_CONFIG_HOME/posthaste/config"
printf 'one\n.\n..\nFrom here\ngr\303\274n\n' >"$T/body"
printf 'attached\0\1\2\377' >"$T/attached"

who() { delivered_envelope "$POSTFIX_BOX" "$1" | sed -n 's/^[A-Z ]*:\(<[^>]*>\).*/\1/p' | paste -sd' '; }

# took NAME OUTPUT SENDER [RCPT]: what the library printed matches, and three messages of it arrived, in order and
# whole.  RCPT: with the second message, RCPT had this, too
took() {
	local name=$1 ids
	is "$status" 0 "$name: succeeds"
	like "$(paste -sd'|' "$out")" "$2" "$name: what it learns of each message"
	is "$(cat "$err")" '' "$name: nothing else is said"
	mapfile -t ids < <(delivered_ids "$POSTFIX_BOX")
	is "${#ids[@]}" 3 "$name: three messages arrive"
	is "$(for id in "${ids[@]}"; do who "$id"; done)" "<$3> <a@mail.test> <c@mail.test> <hidden@mail.test>
<$3> <a@mail.test>
<$3> <a@mail.test>" "$name: their senders and recipients"
	[ -z "${4:-}" ] || like "$(delivered_envelope "$POSTFIX_BOX" "${ids[1]}" | paste -sd'|')" "$4" \
		"$name: what is asked of the server for the second"
	for id in "${ids[@]}"; do delivered_message "$POSTFIX_BOX" "$id" >"$T/$id.got"; done
	run "$BED_PYTHON" - "$T/body" "$T/attached" "${ids[@]/#/$T/}" <<'END'
import email, email.policy, sys
text, attached = open(sys.argv[1], encoding="utf-8").read(), open(sys.argv[2], "rb").read()
first, second, last = (email.message_from_binary_file(open(name + ".got", "rb"), policy=email.policy.default)
                       for name in sys.argv[3:])
def lines(part): return part.get_content().replace("\r\n", "\n").rstrip("\n")
parts = list(first.iter_parts())
assert first["Subject"] == "gr\u00fcn" and "hidden" not in first.as_string(), first.as_string()
assert lines(parts[0]) == text.rstrip("\n"), parts[0].get_content()
assert parts[1].get_content() == attached, parts[1].get_content()
assert lines(second).startswith(".\n.."), second.as_string()
assert last["Subject"] == "last" and lines(last) == 3000 * "x", last.as_string()
END
	is "$status $(cat "$err")" '0 ' "$name: they are whole"
	delivered_clear "$POSTFIX_BOX"
}

# ---- Symfony Mailer ----
# By way of HELO, so there are no enhanced codes.
symfony_test() {
	symfony_send "$T/bin/sendmail -bs"
	took "Symfony Mailer, -bs" \
		'^sent gruen@php.test\|sent dots@php.test\|failed .*code "550".*no such user.*\|sent last@php.test$' php@mail.test
	symfony_send "$T/bin/sendmail -t -i"
	took "Symfony Mailer, -t" \
		'^sent gruen@php.test\|sent dots@php.test\|failed .*exit code 67: .*550 5\.1\.1 .*\|sent last@php.test$' php@mail.test
	# Version 6 calls a message what it is called in the queue.
	symfony_send "$POSTHASTE --queue=always -bs"
	local wanted=$'gruen@php.test\ndots@php.test\nrefused@php.test\nlast@php.test'
	! grep -qr 'queued as' "$BED_TREES/php/usr/share/php/Symfony/Component/Mailer/Transport/Smtp" ||
		wanted=$("$POSTHASTE" -bp --json | "$BED_PYTHON" -c 'import json, sys
print("\n".join(m["queue_id"] for m in json.load(sys.stdin)))')
	is "$status $(sed -n 's/^sent //p' "$out")" "0 $wanted" "Symfony Mailer, -bs: the names of what is queued"
	"$POSTHASTE" -q 2>"$T/log"
	is "$(delivered_count "$POSTFIX_BOX")" 3 "Symfony Mailer, -bs: what can be sent is sent later"
	delivered_clear "$POSTFIX_BOX"
}
bed_if symfony_test symfony

# ---- nodemailer ----
nodemailer_test() {
	local ok='sent 250 2\.0\.0 [^|]*' refused='failed 550 550 5\.1\.1 [^|]*'
	nodemailer_send bs "$T/bin/sendmail"
	took "nodemailer, -bs" "^$ok\|$ok\|$refused\|$ok\|statuses 0 0$" node@mail.test \
		'RET=HDRS ENVID=a\+20b.*NOTIFY=FAILURE,DELAY ORCPT=rfc822;old@mail\.test'
	nodemailer_send sendmail "$T/bin/sendmail"
	took "nodemailer, sendmail" \
		'^sent .*\|sent .*\|failed Sendmail exited with code 67 \|sent .*\|statuses $' node@mail.test
}
bed_if nodemailer_test nodemailer
done_testing
