#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The message as it arrives, octet by octet: line ends, dots, headers added and
# removed, recipients taken from the header, and everything smugglers have
# tried: exactly one message arrives, and it is the right one.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

# arrives NAME INPUT WANTED ARGUMENT...: by BDAT and by DATA; both in printf's escapes; nothing is added to the header
arrives() {
	local name=$1 input=$2 wanted=$3
	shift 3
	[ $# -gt 0 ] || set -- bob@example.org
	printf "$input" >"$T/input"
	printf "$wanted" >"$T/wanted"
	arrives_by smarthost_chunking "$name, by BDAT" "$@"
	arrives_by smarthost "$name" "$@"
	[ "$status" = 0 ] || return 0
	post_stdin --dry-run "$@" <"$T/input"
	sed '1,/^$/d' "$out" >"$T/dry"
	same_file "$T/dry" "$T/wanted" "$name: --dry-run shows the same octets"
}

# arrives_by SMARTHOST NAME ARGUMENT...: $T/input arrives as $T/wanted
arrives_by() {
	local smarthost=$1 name=$2
	shift 2
	$smarthost --max-line 0
	conf 'set_from_header off' 'set_date_header off' 'set_msgid_header off'
	post_stdin "$@" <"$T/input"
	smarthost_end
	if [ "$status" != 0 ]; then
		not_ok "$name" "exit status $status"
		show_err
	elif [ "$(stored)" != 1 ]; then
		not_ok "$name" "$(stored) messages arrived"
	elif [ "$(went_by)" != "$smarthost" ]; then
		not_ok "$name" "it went by the other command"
	else
		same_file "$T/spool/0001.eml" "$T/wanted" "$name"
		[ ! -s "$T/violations" ] || not_ok "$name: the dialogue was correct" "$(cat "$T/violations")"
	fi
}
went_by() {
	if grep -aq '^C: BDAT' "$T/transcript"; then echo smarthost_chunking; else echo smarthost; fi
}

# ---- line ends ----
arrives "LF becomes CRLF" 'A: b\n\nc\nd\n' 'A: b\r\n\r\nc\r\nd\r\n'
arrives "CRLF stays" 'A: b\r\n\r\nc\r\nd\r\n' 'A: b\r\n\r\nc\r\nd\r\n'
arrives "a mixture" 'A: b\r\n\nc\r\nd\ne\r\n' 'A: b\r\n\r\nc\r\nd\r\ne\r\n'
arrives "a lone CR becomes CRLF" 'A: b\n\nc\rd\n' 'A: b\r\n\r\nc\r\nd\r\n'
arrives "CR CR LF" 'A: b\n\nc\r\r\nd\n' 'A: b\r\n\r\nc\r\n\r\nd\r\n'
arrives "a CR at the very end" 'A: b\n\nc\r' 'A: b\r\n\r\nc\r\n'
arrives "a lone CR in the header is a space" 'A: b\rC: d\n\ne\n' 'A: b C: d\r\n\r\ne\r\n'
arrives "CR is the only line end" 'A: b\rC: d\r\re\r.\rf\r' 'A: b\r\nC: d\r\n\r\ne\r\n.\r\nf\r\n'
arrives "no final line end" 'A: b\n\nc' 'A: b\r\n\r\nc\r\n'
arrives "no final line end, CRLF elsewhere" 'A: b\r\n\r\nc' 'A: b\r\n\r\nc\r\n'
arrives "empty lines at the end" 'A: b\n\nc\n\n\n' 'A: b\r\n\r\nc\r\n\r\n\r\n'

# ---- dots ----
arrives "dots at the start of lines" 'A: b\n\n.\n..\n...\n.c\n' 'A: b\r\n\r\n.\r\n..\r\n...\r\n.c\r\n'
arrives "a dot as the first octet of the body" 'A: b\n\n.' 'A: b\r\n\r\n.\r\n'
arrives "a dot after a lone CR" 'A: b\n\nc\r.\rd\n' 'A: b\r\n\r\nc\r\n.\r\nd\r\n'
arrives "a dot without -i" 'A: b\n\nc\n.\nd\n' 'A: b\r\n\r\nc\r\n.\r\nd\r\n'
arrives "a dot with -i" 'A: b\n\nc\n.\nd\n' 'A: b\r\n\r\nc\r\n.\r\nd\r\n' -i bob@example.org
arrives "a dot with -oi" 'A: b\n\nc\n.\nd\n' 'A: b\r\n\r\nc\r\n.\r\nd\r\n' -oi bob@example.org
"$PYTHON" -c 'import sys
# a dot at the start of every line around the sizes of buffers
for n in (16384, 65536):
    for d in (-2, -1, 0, 1, 2):
        sys.stdout.write("x" * ((n + d) % 900) + "\n.\n" + ".y\n" * ((n - 900) // 3))' >"$T/dots"
arrives "dots at the edges of buffers" "A: b\n\n$(cat "$T/dots")\n" \
	"A: b\r\n\r\n$(sed 's/$/\\r\\n/' "$T/dots" | tr -d '\n')"

# ---- kinds of content ----
arrives "8-bit text" 'Content-Type: a/b\n\n\303\251\377\200\n' 'Content-Type: a/b\r\n\r\n\303\251\377\200\r\n'
is "$(envelope mail_params)" "SIZE=27 BODY=8BITMIME" "8-bit text is declared, with its size"
arrives "a text without a header" 'Good morning\nmy friend\n' '\r\nGood morning\r\nmy friend\r\n'
# a body is not obligatory, nor the line in front of it (RFC 5322 section 3.5)
arrives "a header only" 'A: b\nC: d\n' 'A: b\r\nC: d\r\n'
arrives "a header and an empty line" 'A: b\nC: d\n\n' 'A: b\r\nC: d\r\n\r\n'
arrives "a header without its last line end" 'A: b' 'A: b\r\n'
arrives "nothing at all" '' ''
arrives "an empty line only" '\n' '\r\n'
arrives "an mbox line is dropped" 'From bob Mon Mar  2 10:00:00 2026\nA: b\n\nFrom here on\n' \
	'A: b\r\n\r\nFrom here on\r\n'
arrives "a folded header field" 'A: b\n\tc\n  d\nE: f\n\ng\n' 'A: b\r\n\tc\r\n  d\r\nE: f\r\n\r\ng\r\n'
long=$(printf 'x%.0s' {1..5000})
for target in smarthost_chunking smarthost; do
	$target
	conf 'set_from_header off' 'set_date_header off' 'set_msgid_header off'
	post_stdin --debug bob@example.org < <(printf 'A: b\n\n%s\n' "$long")
	smarthost_end
	name="a long line to a $target"
	status_is 0 "$name: exit status 0"
	printf '%s\r\n' 'A: b' 'MIME-Version: 1.0' 'Content-Type: text/plain; charset=us-ascii' \
		'Content-Transfer-Encoding: quoted-printable' '' >"$T/wanted"
	fold -w 75 <<<"$long" | sed '$!s/$/=/; s/$/\r/' >>"$T/wanted"
	same_file "$T/spool/0001.eml" "$T/wanted" "$name: it is encoded"
	is "$(envelope mail_params)" "SIZE=$(wc -c <"$T/wanted") BODY=7BIT" "$name: the size is that of what was sent"
	like "$(cat "$out" "$err")" 'converted to fit the server; parts encoded: 1' "$name: --debug says so"
	no_violation "$name: the dialogue was correct"
done
smarthost --extensions "$EXTENSIONS,CHUNKING,BINARYMIME"
conf 'set_from_header off' 'set_date_header off' 'set_msgid_header off'
printf 'A: b\nContent-Transfer-Encoding: binary\n\na\0b\r\rc\n\r\xff' >"$T/input"
post_stdin --json bob@example.org <"$T/input"
smarthost_end
status_is 0 "a binary message: exit status 0"
{ printf 'A: b\r\nContent-Transfer-Encoding: binary\r\n\r\n' && tail -n +4 "$T/input"; } >"$T/wanted"
same_file "$T/spool/0001.eml" "$T/wanted" "a binary message: octet for octet"
is "$(envelope mail_params)" "SIZE=$(wc -c <"$T/wanted") BODY=BINARYMIME" "a binary message: declared, with its size"
like "$(cat "$out")" '"extensions":\[[^]]*"BINARYMIME"' "a binary message: --json names BINARYMIME"
no_violation "a binary message: the dialogue was correct"
coded="Content-Transfer-Encoding: base64"
printf '%s\n\n%s\n' "$coded" "$long" >"$T/input"
{ printf '%s\n\n' "$coded" && fold -w 76 <<<"$long"; } | sed 's/$/\r/' >"$T/wanted"
arrives_by smarthost_chunking "a long line of base64 is broken, by BDAT" bob@example.org
arrives_by smarthost "a long line of base64 is broken" bob@example.org
coded="Content-Transfer-Encoding: x-own"
arrives "a long line with an unknown encoding passes" "$coded\n\n$long\n" "$coded\r\n\r\n$long\r\n"
smarthost
conf
post_stdin --long-lines=refuse bob@example.org < <(printf '%s\n\n%s\n' "$coded" "$long")
smarthost_end
status_is 65 "a long line refused on request: exit status 65"
said '^posthaste: .*5000.*998' "a long line refused on request: both numbers"

# What is signed and has to be converted all the same is reported; what needs no conversion is not.
while IFS='|' read -ru 9 name body says; do
	smarthost
	conf "logfile $T/log" 'set_from_header off' 'set_date_header off' 'set_msgid_header off'
	rm -f "$T/log"
	post_stdin --json bob@example.org < <(printf "$body")
	smarthost_end
	status_is 0 "$name: exit status 0"
	is "$(grep -c '"notes":\[[^]]*DKIM' "$out")" "$says" "$name: --json"
	is "$(grep -c "warning='[^']*DKIM" "$T/log")" "$says" "$name: the log"
done 9<<ROWS
a signed message with a long line|DKIM-Signature: v=1; b=x\n\n$long\n|1
a signed message with raw text in the header|DKIM-Signature: v=1; b=x\nSubject: \303\251\n\nc\n|1
a signed message that fits|DKIM-Signature: v=1; b=x\n\n\303\251\n|0
an unsigned message with a long line|A: b\n\n$long\n|0
ROWS

# ---- what no other recipient may see ----
while IFS='|' read -ru 9 name header left; do
	arrives "removed: $name" "A: b\n${header}C: d\n\nBcc: stays in the text\n" \
		"A: b\r\n${left}C: d\r\n\r\nBcc: stays in the text\r\n"
done 9<<'ROWS'
Bcc|Bcc: x@example.org\n|
Bcc in another case|bCC: x@example.org\n|
a blank before the colon|Bcc : x@example.org\n|
a tab before the colon|BCC\t: x@example.org\n|
folded|Bcc: x@example.org,\n\ty@example.org,\n z@example.org\n|
folded before the address|Bcc:\n x@example.org\n|
twice|Bcc: x@example.org\nBcc: y@example.org\n|
Resent-Bcc|Resent-Bcc: x@example.org\n|
Resent-Bcc, blank and case|RESENT-bcc : x@example.org\n|
empty|Bcc:\n|
a CR within the name|B\rcc: x@example.org\n|
CRLF|Bcc: x@example.org\r\n|
other names stay|X-Bcc: x@example.org\nBcc2: y\n|X-Bcc: x@example.org\r\nBcc2: y\r\n
ROWS
arrives "removed: first of all" 'Bcc: x@example.org\nA: b\n\nc\n' 'A: b\r\n\r\nc\r\n'
arrives "removed: last of all, without a body" 'A: b\nBcc: x@example.org' 'A: b\r\n'
arrives "removed: after an mbox line" 'From bob\nBcc: x@example.org\nA: b\n\nc\n' 'A: b\r\n\r\nc\r\n'
arrives "kept on request" 'A: b\nBcc: x@example.org\n\nc\n' 'A: b\r\nBcc: x@example.org\r\n\r\nc\r\n' \
	--remove-bcc-headers=off bob@example.org
smarthost --max-line 0
conf
"$PYTHON" -c 'import sys
fields = "".join("X-%d: %s\n" % (i, "y" * 90) for i in range(11000))
sys.stdout.write("From: a@example.org\n" + fields + "Bcc: hidden@example.org\n\nc\n")' >"$T/input"
post_stdin bob@example.org <"$T/input"
smarthost_end
status_is 0 "after a header of 1 MiB: exit status 0"
check "removed: after a header of 1 MiB" test "$(grep -c hidden "$T/spool/0001.eml")" = 0

# ---- headers that are added ----
date='[A-Z][a-z]{2}, [ 0-9][0-9]? [A-Z][a-z]{2} 20[0-9]{2} [0-9:]{8} [-+][0-9]{4}'
# adds NAME INPUT PATTERN ARGUMENT...: the whole message against a pattern, its lines joined by "|"
adds() {
	local name=$1 input=$2 pattern=$3
	shift 3
	smarthost --max-line 0
	conf
	printf "$input" >"$T/input"
	post_stdin "$@" bob@example.org <"$T/input"
	smarthost_end
	status_is 0 "$name: exit status 0"
	like "$(tr -d '\r' <"$T/spool/0001.eml" | tr '\n' '|')" "^$pattern\$" "$name"
	no_violation "$name: the dialogue was correct"
}
id='Message-ID: <[^ <>@]+@example.org>'
adds "all three, in front" 'Subject: x\n\ny\n' "From: alice@example.org\|Date: $date\|$id\|Subject: x\|\|y\|"
adds "to a text without a header" 'Good morning\n' "From: alice@example.org\|Date: $date\|$id\|\|Good morning\|"
adds "to nothing" '' "From: alice@example.org\|Date: $date\|$id\|"
adds "what is there stays" 'From: c@example.org\nDate: d\nMessage-ID: <e>\n\ny\n' \
	'From: c@example.org\|Date: d\|Message-ID: <e>\|\|y\|'
adds "a blank before the colon is seen" 'From : c@example.org\nDATE\t: d\nmessage-id : <e>\n\ny\n' \
	'From : c@example.org\|DATE.: d\|message-id : <e>\|\|y\|'
adds "an empty From is replaced" 'From:\nDate: d\nMessage-ID: <e>\n\ny\n' \
	'From: alice@example.org\|Date: d\|Message-ID: <e>\|\|y\|'
adds "the account's From for the null sender" 'Date: d\nMessage-ID: <e>\n\ny\n' \
	'From: alice@example.org\|Date: d\|Message-ID: <e>\|\|y\|' -f '<>'
ours='From: alice@example.org'
trace='Received: from x\| by y'
adds "Received stays in front" 'Received: from x\n by y\nDate: d\nMessage-ID: <e>\n\nz\n' \
	"($ours\|$trace|$trace\|$ours)\|Date: d\|Message-ID: <e>\|\|z\|"
other='Date: d\nMessage-ID: <e>\n\ny\n'
rest='\|Date: d\|Message-ID: <e>\|\|y\|'
adds "a plain name" "$other" "From: Alice Adams <alice@example.org>$rest" -F 'Alice Adams'
adds "a name with a comma" "$other" "From: \"Adams, Alice\" <alice@example.org>$rest" -F 'Adams, Alice'
adds "a name with quotes" "$other" 'From: "Alice \\"Al\\" Adams" <alice@example.org>'"$rest" -F 'Alice "Al" Adams'
adds "a name with brackets" "$other" 'From: "Alice <x@y>" <alice@example.org>'"$rest" -F 'Alice <x@y>'
adds "a name in UTF-8" "$other" "From: =\?[Uu][Tt][Ff]-8\?[BbQq]\?[^ ?]+\?= <alice@example.org>$rest" -F $'J\303\266rg'
adds "an empty name" "$other" "From: alice@example.org$rest" -F ''
here='From: c@example.org\nTo: t@example.org\nCc: u@example.org\nBcc: v@example.org\nDate: d\nMessage-ID: <e>\n\ny\n'
adds "set_from_header on" "$here" 'From: alice@example.org\|To: t@example.org\|Cc: u@example.org'"$rest" \
	--set-from-header=on
adds "set_from_header off" "$other" 'Date: d\|Message-ID: <e>\|\|y\|' --set-from-header=off
adds "set_date_header off" 'From: c@example.org\nMessage-ID: <e>\n\ny\n' 'From: c@example.org\|Message-ID: <e>\|\|y\|' \
	--set-date-header=off
adds "set_msgid_header off" 'From: c@example.org\nDate: d\n\ny\n' 'From: c@example.org\|Date: d\|\|y\|' \
	--set-msgid-header=off
adds "set_to_header on" "$here" 'To: carol@example.org, bob@example.org\|From: c@example.org'"$rest" \
	--set-to-header carol@example.org
adds "set_to_header undisclosed_recipients" "$here" 'To: undisclosed-recipients:;\|From: c@example.org'"$rest" \
	--set-to-header=undisclosed_recipients
adds "a name the account says in EHLO makes the Message-ID" 'From: c@example.org\nDate: d\n\ny\n' \
	'Message-ID: <[^ <>@]+@client.example.net>\|From: c@example.org\|Date: d\|\|y\|' --domain=client.example.net

# ---- recipients of the header ----
# goes_to NAME INPUT RECIPIENTS ARGUMENT...
goes_to() {
	local name=$1 input=$2 wanted=$3
	shift 3
	smarthost
	conf
	printf "$input" >"$T/input"
	post_stdin "$@" <"$T/input"
	smarthost_end
	status_is 0 "$name: exit status 0"
	is "$(envelope rcpt)" "$wanted" "$name"
}
goes_to "-t: To, Cc, Bcc" 'To: a@example.org\nCC: b@example.org\nbcc : c@example.org\n\nx\n' \
	'a@example.org b@example.org c@example.org' -t
goes_to "-t: names, comments, quotes" 'To: Al (the "great") <a@example.org>, "Doe, Jane" <b@example.org>\n\nx\n' \
	'a@example.org b@example.org' -t
goes_to "-t: groups" \
	'To: friends: a@example.org, B <b@example.org>;, c@example.org\nCc: undisclosed-recipients:;\n\nx\n' \
	'a@example.org b@example.org c@example.org' -t
goes_to "-t: folded" 'To: a@example.org,\n b@example.org\n\t, c@example.org\n\nx\n' \
	'a@example.org b@example.org c@example.org' -t
goes_to "-t and arguments, each once" 'To: a@example.org, b@example.org\n\nx\n' \
	'c@example.org a@example.org b@example.org' -t c@example.org a@example.org
block='Resent-To: r@example.org\nResent-Bcc: s@example.org\n'
goes_to "-t: only the first Resent block" \
	"${block}Received: x\\nResent-To: old@example.org\\nTo: a@example.org\\n\\nx\\n" 'r@example.org s@example.org' -t
check "-t: Resent-Bcc is not shown" test "$(grep -ci resent-bcc "$T/spool/0001.eml")" = 0
goes_to "-t: nothing of the body counts" 'To: a@example.org\n\nTo: b@example.org\n' a@example.org -t
goes_to "arguments: a list, a name, a group" 'A: b\n\nx\n' 'a@example.org b@example.org c@example.org' \
	'a@example.org, B <b@example.org>' 'g: c@example.org;'
goes_to "an A-label for a domain beyond ASCII" 'A: b\n\nx\n' 'bob@xn--bcher-kva.example' $'bob@b\303\274cher.example'
for header in 'From: c@example.org\n' 'From: C <c@example.org>, d@example.org\n' \
	'Resent-From: c@example.org\nFrom: d@example.org\n'; do
	goes_to "--read-envelope-from" "${header}\nx\n" bob@example.org --read-envelope-from bob@example.org
	is "$(envelope mail_from)" c@example.org "--read-envelope-from: $header"
done
goes_to "-f '<>'" 'A: b\n\nx\n' bob@example.org -f '<>' bob@example.org
is "$(envelope mail_from)" "" "-f '<>' is the null sender"
goes_to "-f MAILER-DAEMON" 'A: b\n\nx\n' bob@example.org -f mailer-daemon bob@example.org
is "$(envelope mail_from)" "" "-f MAILER-DAEMON is the null sender"

# ---- smuggling: Whatever is in a message, one message arrives ----
for piece in '\n.\n' '\r.\r' '\n.\r\n' '\r\n.\r' '\r\n.\n' '\r.\n' '\n.\r' '\r.\r\n' '\r\n\r.\r\n' '\n\n.\n\n' '.\r\n' \
	'\r\n.\r\n' '\r\n..\r\n' '\r\r\n.\r\r\n' '\n\r.\r\n'; do
	{
		printf "From: a@example.org\n\nfirst$piece"
		printf '%s\r\n' 'MAIL FROM:<eve@example.org>' 'RCPT TO:<victim@example.org>' DATA \
			'From: eve@example.org' '' smuggled .
	} >"$T/input"
	for smarthost in smarthost_chunking smarthost; do
		name="smuggling $piece to a $smarthost"
		$smarthost
		conf
		post_stdin bob@example.org <"$T/input"
		smarthost_end
		status_is 0 "$name: exit status 0"
		is "$(stored) $(envelope mail_from) $(envelope rcpt)" "1 alice@example.org bob@example.org" "$name: one message"
		is "$(went_by)" "$smarthost" "$name: by its own command"
		no_violation "$name: no bare CR or LF was sent"
		check "$name: all of it is there" grep -q '^smuggled' "$T/spool/0001.eml"
	done
done
for piece in '\0.\r\n' '\r\n\0.\r\n'; do
	smarthost
	conf
	printf "From: a@example.org\n\nfirst${piece}x\n" >"$T/input"
	post_stdin bob@example.org <"$T/input"
	smarthost_end
	status_is 0 "smuggling by NUL $piece: exit status 0"
	no_violation "smuggling by NUL $piece: no NUL was sent"
	printf "first${piece}x\n" >"$T/wanted"
	sed '1,/^.$/d' "$T/spool/0001.eml" | tr -d '\r\n' | base64 -d >"$T/got"
	check "smuggling by NUL $piece: it arrives, in base64" cmp "$T/wanted" "$T/got"
done

# ---- standard input that does not wait ----
# A process that shares the descriptor may have made it non-blocking. The message comes in pieces, each one only when
# the program has taken the last one and waits for more.
cat >"$T/pieces.py" <<'END'
import array, fcntl, os, socket, subprocess, sys, termios, time
kind, message, command = sys.argv[1], open(sys.argv[2], "rb").read(), sys.argv[3:]
if kind == "pipe":
    theirs, ours = os.pipe()
else:
    pair = socket.socketpair()
    theirs, ours = pair[0].detach(), pair[1].detach()
os.set_blocking(theirs, False)
program = subprocess.Popen(command, stdin=theirs)
def untaken():
    left = array.array("i", [0])
    fcntl.ioctl(theirs, termios.FIONREAD, left)
    return left[0]
def sleeps():
    with open("/proc/%d/stat" % program.pid) as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] == "S"
middle = len(message) // 2
for piece in message[:middle], message[middle:]:
    while program.poll() is None and (untaken() or not sleeps()):
        time.sleep(0.01)
    if program.poll() is None:
        os.write(ours, piece)
os.close(ours)
sys.exit(program.wait())
END
for kind in pipe socket; do
	smarthost
	conf
	run timeout -k 5 60 "$PYTHON" "$T/pieces.py" $kind "$T/mail" "$POSTHASTE" -C "$T/rc" bob@example.org
	smarthost_end
	status_is 0 "a $kind that does not wait: exit status 0"
	same_file <(tr -d '\r' <"$T/spool/0001.eml") "$T/mail" "a $kind that does not wait: all of it arrives"
done
done_testing
