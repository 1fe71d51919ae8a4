#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Messages as scripts, phones and broken generators write them: whatever is wrong with their headers, every recipient
# that is named gets the message, and no recipient sees a hidden one.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

# hides NAME MESSAGE: with -t, and with the recipients as arguments; MESSAGE in printf's escapes
hides() {
	local name=$1
	printf -- "$2" >"$T/input"
	smarthost
	conf
	post_stdin -t <"$T/input"
	smarthost_end
	arrived_hidden "$name, -t"
	smarthost
	conf
	post_stdin bob@example.org secret@example.org <"$T/input"
	smarthost_end
	arrived_hidden "$name, with arguments"
}

arrived_hidden() {
	if [ "$status" != 0 ]; then
		not_ok "$1" "exit status $status"
		show_err
	elif [ "$(envelope rcpt | tr ' ' '\n' | sort | tr '\n' ' ')" != "bob@example.org secret@example.org " ]; then
		not_ok "$1" "recipients: $(envelope rcpt)"
	elif grep -aiE 'secret@|bcc[[:space:]]*:' "$T/spool/0001.eml" >"$T/shown"; then
		not_ok "$1" "the message shows: $(cat "$T/shown")"
	elif [ -s "$T/err" ]; then
		not_ok "$1" "standard error: $(cat "$T/err")"
	else
		ok "$1"
	fi
}

# text NAME MESSAGE TEXT: TEXT, and all after it, is the body
text() {
	printf -- "$2" >"$T/input"
	printf -- "$3" >"$T/wanted"
	smarthost --max-line 0
	conf
	post_stdin bob@example.org <"$T/input"
	smarthost_end
	sed '1,/^\r$/d' "$T/spool/0001.eml" >"$T/body"
	same_file "$T/body" "$T/wanted" "$1"
}

from='From: alice@example.org\n'
to='To: bob@example.org\n'
bcc='Bcc: secret@example.org\n'
end='Subject: x\n\nGood morning.\n'
bom='\357\273\277'
mbox='From alice@example.org Sun Nov 22 10:30:00 2026\n'

# ---- lines that are not a field, before, between and after ----
for line in 'this line has no colon' 'HTTP/1.1 200 OK' '--' ': x' ':' 'My Header: x' 'b\303\244d: x' 'a\001b: x' \
	'a\000b: x' 'a\177b: x' '\377\376: x' '<message-2@example.org>' '<!DOCTYPE html>' 'Content type: text/html' \
	'#!/bin/sh' '**********' 'warning: x is deprecated, at line 2' 'PHP Warning:  x in y.php on line 7' \
	'{"To": "x"}' "Subject - a report" 'To\302\240: x' '\302\240To: x' '"To": x' 'To;: x' 'To' 'stty: x' \
	"$(printf '%01100d' 0): x" "$(printf '%01100d' 0)"; do
	shown=$(printf '%.20s' "$line")
	hides "\"$shown\" in the middle" "$from$to$line\n$bcc$end"
	hides "\"$shown\" first" "$line\n$from$to$bcc$end"
	hides "\"$shown\" before the last field" "$from$to${bcc}X-A: b\n$line\n$end"
done
hides "three of them" "one\n$from${to}two\n\tmore of it\nthree\n$bcc$end"
hides "an unknown field between it and the hidden one" "$from${to}oops\nX-Mailer: y\nX-Priority: 1\n$bcc$end"
hides "a long text before the hidden recipient" "$from$to$(yes 'line of a list' | head -300 | sed 's/$/\\n/' |
	tr -d '\n')$bcc$end"
hides "a References continuation without its blank" \
	"$from${to}References: <a@example.org>\n<b@example.org>\n$bcc$end"
hides "a line that begins with a space, first" " leading\n$from$to$bcc$end"
hides "a line with a space only, first" " \n$from$to$bcc$end"

# ---- spellings of the field ----
for name in bcc BCC 'Bcc ' "Bcc\t" bCc; do
	hides "\"$name\" as a name" "$from$to$name: secret@example.org\n$end"
	hides "\"$name\" as a name, after a broken line" "$from${to}broken\n$name: secret@example.org\n$end"
done
hides "folded" "$from${to}broken\nBcc:\n secret@example.org\n$end"
hides "twice" "$from${to}broken\n${bcc}Bcc: bob@example.org\n$end"
hides "without a body" "$from$to${bcc}Subject: x\n"
hides "without the end of its line" "$from${to}Subject: x\nBcc: secret@example.org"
hides "after a broken line, without the end of its line" "$from${to}Subject: x\nbroken\nBcc: secret@example.org"
hides "CR LF" "From: alice@example.org\r\nTo: bob@example.org\r\nbroken\r\nBcc: secret@example.org\r\n\r\nx\r\n"

# ---- byte-order marks ----
hides "a byte-order mark" "$bom$from$to$bcc$end"
hides "a byte-order mark before the hidden recipient" "$from$to$bom$bcc$end"
hides "a byte-order mark before each line" "$bom$from$bom$to$bom$bcc$bom$end"
hides "a byte-order mark before a broken line" "$from$to${bom}broken\n$bcc$end"

# ---- separators of an mbox ----
for line in "$mbox" ">$mbox" 'From alice\n' '>From alice\n' "$bom$mbox"; do
	hides "\"$(printf '%.14s' "$line")\" first" "$line$from$to$bcc$end"
	hides "\"$(printf '%.14s' "$line")\" in the middle" "$from$to$line$bcc$end"
	hides "\"$(printf '%.14s' "$line")\" before the empty line" "$from$to$bcc${line}Subject: x\n\ny\n"
done

# ---- what is text stays text ----
text "a forgotten empty line" 'Subject: x\ntext\nmore\n' 'text\r\nmore\r\n'
text "a forgotten empty line, and fields that mean nothing" 'Subject: x\ntext\nnote: y\n' 'text\r\nnote: y\r\n'
text "fields of a header after an empty line" 'Subject: x\ntext\n\nTo: y\nBcc: z\n' 'text\r\n\r\nTo: y\r\nBcc: z\r\n'
text "a message without a header" 'Hello\nnote: y\n' 'Hello\r\nnote: y\r\n'
text "a sentence that begins with From" 'Subject: x\nFrom here on it rains.\n' 'From here on it rains.\r\n'
text "a byte-order mark before text" "${bom}Hello\n" "${bom}Hello\r\n"
done_testing
