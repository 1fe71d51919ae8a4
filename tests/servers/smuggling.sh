#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# SMTP smuggling (CVE-2023-51764, -51765, -51766): whatever stands around a lone
# dot, one message arrives at each server, in the canonical form: every line end
# CRLF, every dot where it was.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/post.sh" || exit 99

bed_need capture
smuggled='MAIL FROM:<evil@mail.test>\r\nRCPT TO:<victim@mail.test>\r\nDATA\r\nFrom: evil@mail.test\r\n\r\nevil\r\n.\r\n'
cases=()

# case_of NAME BODY: BODY is printf's format
case_of() {
	{
		printf 'From: sender@mail.test\nTo: a@mail.test\nDate: Sun, 1 Nov 2026 00:00:00 +0000\n'
		printf 'Message-ID: <%s@client.test>\nSubject: x\n\n' "$1"
		# shellcheck disable=SC2059
		printf "$2"
	} >"$T/$1"
	"$BED_PYTHON" -c 'import re, sys
text = re.sub(rb"\r\n|\r|\n", b"\r\n", sys.stdin.buffer.read())
sys.stdout.buffer.write(text if text.endswith(b"\r\n") else text + b"\r\n")' <"$T/$1" >"$T/$1.wire"
	cases+=("$1")
}

case_of lf-dot-lf "text\\n.\\n$smuggled"
case_of cr-dot-cr "text\\r.\\r$smuggled"
case_of lf-dot-crlf "text\\n.\\r\\n$smuggled"
case_of crlf-dot-cr "text\\r\\n.\\r$smuggled"
case_of crlf-dot-lf "text\\r\\n.\\n$smuggled"
case_of cr-dot-crlf "text\\r.\\r\\n$smuggled"
case_of cr-lf-dot-crlf "text\\r\\r\\n.\\r\\n$smuggled"
case_of lf-cr-dot-cr-lf "text\\n\\r.\\n\\r$smuggled"
case_of crlf-dot-crlf "text\\r\\n.\\r\\n$smuggled"
case_of dot-first ".\\r\\n$smuggled"
case_of dot-at-the-end 'text\n.'
case_of cr-at-the-end 'text\r'
case_of dots-cr-at-the-end 'text\n..\r'
case_of two-dots 'text\n..\n...\n.\n'
# Lines of every length up to 96, again and again: somewhere a buffer ends in
# front of each dot and after it.
dots=$(for ((i = 0; i < 96; i++)); do printf '.%*s\\n' "$i" '' | tr ' ' .; done)
case_of dots-everywhere "$(for ((i = 0; i < 40; i++)); do printf %s "$dots"; done)"
case_of dots-alone "$(printf '.%.0s\\n' {1..30000})"

# smuggle SERVER BOX PORT: all of them, and last a witness that the server is
# through with them
smuggle() {
	local server=$1 box=$2 port=$3 name id
	delivered_clear "$box"
	for name in "${cases[@]}"; do
		post plain "$port" "${@:4}" a@mail.test <"$T/$name"
		is "$status" 0 "$server, $name: taken"
	done
	delivered_wait "$box" "${#cases[@]}" || true
	post plain "$port" "${@:4}" a@mail.test <"$T/witness"
	delivered_wait "$box" $((${#cases[@]} + 1)) || true
	is "$(delivered_count "$box")" $((${#cases[@]} + 1)) "$server: one message for each, none smuggled in"
	for id in $(delivered_ids "$box"); do
		delivered_message "$box" "$id" >"$T/got"
		name=$(sed -n 's/^Message-ID: <\(.*\)@client\.test>\r$/\1/p;/^\r$/q' "$T/got")
		same_file "$T/got" "$T/${name:-nothing}.wire" "$server, ${name:-a message without our Message-ID}: in canonical form"
		unlike "$(delivered_envelope "$box" "$id")" 'evil|victim' "$server, ${name:-?}: the envelope is ours"
	done
}

# Some take a NUL for the end of a line: it goes out encoded, and what stands
# around it arrives octet for octet.
printf 'text\n\0.\r\n\0\n.\nevil\n' >"$T/nul.body"
{
	printf '%s\n' 'From: sender@mail.test' 'To: a@mail.test' 'Date: Sun, 1 Nov 2026 00:00:00 +0000' \
		'Message-ID: <nul@client.test>' ''
	cat "$T/nul.body"
} >"$T/nul"

# nul SERVER BOX PORT
nul() {
	delivered_clear "$2"
	post plain "$3" a@mail.test <"$T/nul"
	is "$status" 0 "$1, a NUL: taken"
	delivered_wait "$2" 1 || true
	is "$(delivered_count "$2")" 1 "$1, a NUL: one message arrives"
	delivered_message "$2" latest >"$T/got"
	sed '1,/^\r$/d' "$T/got" | tr -d '\r' | base64 -d >"$T/decoded"
	same_file "$T/decoded" "$T/nul.body" "$1, a NUL: in base64, and nothing is lost"
}

case_of witness 'the last one\n'
unset 'cases[-1]'

try_postfix() {
	postfix_start
	smuggle "Postfix by BDAT" "$POSTFIX_BOX" "$POSTFIX_PLAIN"
	told '"CHUNKING"' "Postfix: that was BDAT"
	smuggle "Postfix by DATA" "$POSTFIX_BOX" "$POSTFIX_NOCHUNK"
	unlike "$(cat "$out")" '"CHUNKING"' "Postfix: that was DATA"
	nul "Postfix by BDAT" "$POSTFIX_BOX" "$POSTFIX_PLAIN"
	nul "Postfix by DATA" "$POSTFIX_BOX" "$POSTFIX_NOCHUNK"
}
try_exim() {
	exim_start
	smuggle "Exim by BDAT" "$EXIM_BOX" "$EXIM_PLAIN"
	told '"CHUNKING"' "Exim: that was BDAT"
	smuggle "Exim by DATA" "$EXIM_BOX" "$EXIM_NOCHUNK"
	unlike "$(cat "$out")" '"CHUNKING"' "Exim: that was DATA"
}
try_opensmtpd() { opensmtpd_start && smuggle OpenSMTPD "$OPENSMTPD_BOX" "$OPENSMTPD_PLAIN"; }
try_dovecot() {
	dovecot_start
	post_secret PLAIN
	smuggle Dovecot "$DOVECOT_BOX" "$DOVECOT_SUBMISSION" --auth=plain --user="$BED_USER" --password-file="$T/secret"
}
bed_if try_postfix postfix dovecot
bed_if try_exim exim dovecot
bed_if try_opensmtpd opensmtpd
bed_if try_dovecot dovecot
done_testing
