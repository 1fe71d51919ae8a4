#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A report about a queued message, read by somebody else's parser.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

SAMPLE=$top_builddir/tests/lib/notify_sample
[ -x "$SAMPLE" ] || skip_all "the maker of reports is not built: make check builds it"

cat >"$T/judge.py" <<'END'
import email, email.policy, quopri, sys
ret, sender, recipient, server = sys.argv[2:6]
octets = open(sys.argv[1], "rb").read()
original = open(sys.argv[6], "rb").read()
report = email.message_from_bytes(octets, policy=email.policy.default)
faults = []
def want(what, got, wanted):
    if got != wanted:
        faults.append("%s is %r, not %r" % (what, got, wanted))
def defects(part):
    found = list(part.defects)
    for value in part.values():
        found += getattr(value, "defects", [])
    for inner in part.iter_parts() if part.is_multipart() and part.get_content_type() == "multipart/report" else []:
        found += defects(inner)
    return found
want("defects", defects(report), [])
want("type", report.get_content_type(), "multipart/report")
want("report-type", report.get_param("report-type"), "delivery-status")
want("Auto-Submitted", report["Auto-Submitted"], "auto-replied")
want("To", report["To"].addresses[0].addr_spec if report["To"].addresses else None, sender)
want("fields To", len(report.get_all("To")), 1)
want("Bcc", report["Bcc"], None)
parts = list(report.iter_parts())
want("number of parts", len(parts), 3)
text, status, rest = parts
want("text", text.get_content_type(), "text/plain")
words = " ".join(text.get_content().split())
if recipient not in words:
    faults.append("the text does not name the recipient: " + words)
want("status", status.get_content_type(), "message/delivery-status")
groups = status.get_payload()
want("groups", len(groups), 2)
want("Action", groups[1]["Action"], "failed")
kind, address = groups[1]["Final-Recipient"].split("; ")
want("Final-Recipient", (kind, address), ("rfc822", recipient) if recipient.isascii() else ("utf-8", recipient.replace("ö", "\\x{F6}").replace("ü", "\\x{FC}")))
want("Status's class", groups[1]["Status"][0], "5")
source = email.message_from_bytes(original, policy=email.policy.default)
if ret == "full":
    want("third part", rest.get_content_type(), "message/rfc822" if original.split(b"\n\n")[0].isascii() else "message/global")
    payload = rest.get_payload()
    inner = payload[0] if isinstance(payload, list) else email.message_from_string(payload, policy=email.policy.default)
    want("original's Subject", inner["Subject"], source["Subject"])
    if original.isascii():
        want("original's body", inner.get_content().splitlines(), source.get_content().splitlines())
    tail = original.split(b"\n\n", 1)[1].replace(b"\n", b"\r\n")
    want("original's octets are in it", tail in octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), True)
else:
    want("third part", rest.get_content_type(), "text/rfc822-headers" if original.split(b"\n\n")[0].isascii() else "message/global-headers")
    if rest.get_content_type() == "text/rfc822-headers":
        fields = rest.get_payload(decode=True)
    else: # which the parser takes for a message, and does not decode
        want("encoding", rest["Content-Transfer-Encoding"], "quoted-printable")
        body = octets.split(b"message/global-headers", 1)[1].split(b"\r\n\r\n", 1)[1]
        fields = quopri.decodestring(body.split(b"\r\n--" + report.get_boundary().encode())[0])
    want("original's fields", fields.replace(b"\r\n", b"\n").strip(), original.split(b"\n\n")[0])
    want("original's body is not in it", b"SECRET-BODY" in octets, False)
for fault in faults:
    print(fault)
sys.exit(bool(faults))
END

n=0
# told NAME RET SENDER RECIPIENT WORDS MESSAGE
told() {
	n=$((n + 1))
	run "$SAMPLE" "$T/queue.$n" "$2" "$3" "$4" "$5" <"$6"
	is "$status" 0 "$1: there is a report"
	cp "$out" "$T/report"
	run "$PYTHON" "$T/judge.py" "$T/report" "$2" "$3" "$4" "$5" "$6"
	[ "$status" = 0 ] && ok "$1: it says what it is to say" || not_ok "$1: it says what it is to say" \
		"$(cat "$out" "$err")"
}

printf '%s\n' 'From: alice@example.org' 'To: bob@example.org' 'Subject: a test' 'Message-ID: <test@example.org>' '' \
	SECRET-BODY . --=x 'Good morning.' >"$T/plain"
printf '%s\n' 'From: alice@example.org' 'To: bob@example.org' 'Subject: Grüße' 'Message-ID: <test@example.org>' '' \
	'SECRET-BODY mit Grüßen' >"$T/utf8"
for ret in unset hdrs full; do
	told "ASCII, RET $ret" $ret alice@example.org bob@example.org '5.1.1 no such user' "$T/plain"
	told "UTF-8, RET $ret" $ret alice@example.org bob@example.org '5.1.1 no such user' "$T/utf8"
	told "a recipient in UTF-8, RET $ret" $ret alice@example.org 'jörg@bücher.example' '5.1.1 kennt hier niemand: Jörg' \
		"$T/plain"
	told "hostile words, RET $ret" $ret alice@example.org bob@example.org \
		$'no\r\nBcc: x@example.net\r\n\r\n--=x\r\n\033[2J' "$T/plain"
done

done_testing
