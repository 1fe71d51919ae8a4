# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# The language of the tables in this folder, on top of tests/cli/cli.sh.  A row begins with "= NAME" and is one
# result; it says what somebody had, did and must see.  Blank lines separate, lines with "#" are comments.
#
#   what there was
#     conf LINE       a line of the configuration; host, port, from and the queue's settings come first ("bare": no)
#     msmtprc         the configuration is ~/.msmtprc, else ~/.config/posthaste/config
#     raw TEXT        the same, but printf's escapes are expanded and no line end is added
#                     In both: @PORT@, @T@, @CA@ (tests/lib/ca.sh)
#     head            From, To, Subject, Date and Message-ID for the message
#     mail TEXT       a line of the message (printf's escapes; \c at its end: no line end); else it is $T/mail
#     sink OPTION...  options of the smarthost; words as the shell splits them
#     reply STAGE=TEXT    what the smarthost answers there
#   what was done
#     do COMMAND      in a shell, with the message as its standard input; posthaste, sendmail and msmtp are the program;
#                     "posthaste bob@example.org" unless it is said.  $T, $port
#   what must come of it
#     exit N          the exit status (0).  With 0 nothing is printed to standard error, otherwise something is
#     to ADDRESS...   who received it: bob@example.org if the status is 0, else nobody.  "*": a test says it
#     from REGEX      the envelope sender as a whole; nothing: the null sender
#     stored N        how many messages arrived: 1 if there are recipients
#     says REGEX      a line of standard error; a text may be given with status 0, too.  "unsaid": no line
#     noisy           standard error is not looked at
#     prints REGEX    a line of standard output
#     has REGEX       a line (as a whole) of the message that arrived.  "lacks": no line.  "count N REGEX": N lines
#     same            what arrived is the message, line ends apart
#     means           a mail reader sees the same in what arrived: header fields and parts, both decoded
#     sent REGEX      the beginning of a line that the server received.  "unsent": no line
#     test COMMAND    succeeds in the shell
#     rude            the smarthost may report violations (it was scripted to be at fault itself)

. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

mkdir -p "$T/bin" "$XDG_CONFIG_HOME/posthaste"
for name in posthaste sendmail msmtp mailq; do ln -s "$POSTHASTE" "$T/bin/$name"; done
PATH=$T/bin:$PATH
export PATH T OPEN

row_head='From: alice@example.org\nTo: bob@example.org\nSubject: x\nDate: Sun, 1 Mar 2026 10:00:00 +0000\n'
row_head+='Message-ID: <test@example.org>\n'

cat >"$T/means.py" <<'END'
import difflib, email, email.header, email.policy, re, sys

def words(value):
    raw = value.encode("utf-8", "surrogateescape")
    pieces = email.header.decode_header(raw.decode("ascii")) if raw.isascii() else [(raw, "utf-8")]
    text = "".join(p.decode(c or "ascii", "replace") if isinstance(p, bytes) else p for p, c in pieces)
    return re.sub(r"\s*<", "<", re.sub(r"[\s\"]+", " ", text)).strip()

def shown(part, depth=0):
    pad = "  " * depth
    for name, value in part.raw_items():
        if name.lower() not in ("content-transfer-encoding", "mime-version", "content-type", "content-disposition"):
            yield f"{pad}{name.lower()}: {words(value)}"
    yield f"{pad}type {part.get_content_type()} {part.get_content_charset() or 'us-ascii'} {part.get_filename()}"
    if part.is_multipart():
        for sub in part.get_payload():
            yield from shown(sub, depth + 1)
    else:
        text = part.get_payload(decode=True) or b""
        if part.get_content_maintype() in ("text", "message"):
            text = text.replace(b"\r\n", b"\n").rstrip(b"\n")
        yield f"{pad}{len(text)} {text[:200]!r} {hash(text)}"

def read(path):
    data = open(path, "rb").read().replace(b"\r\n", b"\n")
    return list(shown(email.message_from_bytes(data, policy=email.policy.compat32)))

a, b = read(sys.argv[1]), read(sys.argv[2])
print("\n".join(difflib.unified_diff(a, b, lineterm="", n=0)))
sys.exit(a != b)
END

row_reset() {
	row_name=$1 row_conf=() row_raw='' row_file=$XDG_CONFIG_HOME/posthaste/config row_bare='' row_sink=() row_rude=''
	row_do='posthaste bob@example.org' row_checks=() row_mail='' row_exit=0 row_to=- row_stored='' row_may_say=''
}

# fault TEXT: one more thing that is wrong with this row
fault() { row_faults+=("$1"); }

row_configuration() {
	rm -f "$HOME/.msmtprc" "$XDG_CONFIG_HOME/posthaste/config"
	{
		[ -n "$row_bare" ] || printf 'account default\nhost 127.0.0.1\nport %s\nfrom alice@example.org\nqueue off\n' "$port"
		[ "${#row_conf[@]}" = 0 ] || printf '%s\n' "${row_conf[@]}"
		printf '%b' "$row_raw"
	} | sed "s|@PORT@|$port|g;s|@CA@|${CA:-}|g;s|@T@|$T|g;s|@FINGERPRINT@|${FINGERPRINT:-}|g" >"$row_file"
	chmod 600 "$row_file"
}

row_run() {
	rm -rf "$XDG_STATE_HOME/posthaste/capabilities"
	smarthost "${row_sink[@]}"
	export port
	row_configuration
	if [ -n "$row_mail" ]; then printf '%b' "$row_mail" >"$T/input"; else cp "$T/mail" "$T/input"; fi
	run timeout -k 5 60 bash -c "$row_do" <"$T/input"
	if [ -s "$T/transcript" ]; then smarthost_end; else smarthost_stop; fi
	: >"$T/got"
	[ ! -f "$T/spool/0001.eml" ] || tr -d '\r' <"$T/spool/0001.eml" >"$T/got"
	grep -a '^C: ' "$T/transcript" | cut -c4- >"$T/received"
}

# line_matches REGEX FILE [GREP-OPTION]
line_matches() { grep -aEq ${3:+"$3"} -- "$1" "$2"; }

row_check() {
	local how=$1 what=$2
	case $how in
	from) [[ $(envelope mail_from) =~ ^$what$ ]] || fault "the envelope sender is \"$(envelope mail_from)\", not $what" ;;
	says) line_matches "$what" "$T/err" || fault "no line of standard error matches: $what" ;;
	unsaid) ! line_matches "$what" "$T/err" || fault "a line of standard error matches: $what" ;;
	prints) line_matches "$what" "$T/out" || fault "no line of standard output matches: $what" ;;
	has) line_matches "$what" "$T/got" -x || fault "no line of the message is: $what" ;;
	lacks) ! line_matches "$what" "$T/got" || fault "a line of the message matches: $what" ;;
	count) [ "$(grep -acE -- "${what#* }" "$T/got")" = "${what%% *}" ] || fault "the lines of the message: $what" ;;
	means) what=$("$PYTHON" "$T/means.py" "$T/input" "$T/spool/0001.eml" 2>&1) || fault "the reader sees: $what" ;;
	same) tr -d '\r' <"$T/input" | cmp -s - "$T/got" || fault "the message has changed" ;;
	sent) line_matches "^($what)" "$T/received" || fault "the server did not receive: $what" ;;
	unsent) ! line_matches "^($what)" "$T/received" || fault "the server received: $what" ;;
	test) (eval "$what") || fault "this fails: $what" ;;
	*) bail "unknown word in a row: $how" ;;
	esac
}

# The recipients that the smarthost accepted, in all messages
row_recipients() {
	cat "$T"/spool/*.json 2>/dev/null | sed -n 's/.*{"address": "\([^"]*\)",.*"code": 25[012].*/\1/p' | paste -sd' '
}

row_judge() {
	local got check
	row_faults=()
	[ "$row_to" != - ] || { [ "$row_exit" != 0 ] && row_to='' || row_to=bob@example.org; }
	[ -n "$row_stored" ] || { [ -n "$row_to" ] && row_stored=1 || row_stored=0; }
	got=$(row_recipients)
	[ "$status" = "$row_exit" ] || fault "exit status $status, wanted $row_exit"
	[ "$row_to" = '*' ] || [ "$got" = "$row_to" ] || fault "recipients \"$got\", wanted \"$row_to\""
	[ "$(stored)" = "$row_stored" ] || fault "$(stored) messages arrived, wanted $row_stored"
	[ -n "$row_rude" ] || [ ! -s "$T/violations" ] || fault "the dialogue: $(cat "$T/violations")"
	if [ "$row_exit" != 0 ]; then
		grep -aq '^[a-z]*: ' "$T/err" || fault "nothing is said"
	elif [ -z "$row_may_say" ] && [ -s "$T/err" ]; then
		fault "standard error is not empty"
	fi
	for check in "${row_checks[@]}"; do row_check "${check%% *}" "${check#* }"; done
	if [ "${#row_faults[@]}" = 0 ]; then
		ok "$row_name"
	else
		not_ok "$row_name" "${row_faults[@]}" "standard error: $(head -c 1500 "$T/err")" \
			"${row_shown:+message: $(head -c 1500 "$T/got")}" "${row_shown:+$(head -c 3000 "$T/transcript")}"
	fi
}

row_end() {
	[ -n "$row_name" ] || return 0
	[[ -z ${ROW:-} || $row_name =~ $ROW ]] || return 0
	row_shown=${ROW:-}
	row_run
	row_judge
}

row_word() {
	local word=$1 rest=$2
	case $word in
	conf) row_conf+=("$rest") ;;
	raw) row_raw+=$rest ;;
	bare) row_bare=yes ;;
	msmtprc) row_file=$HOME/.msmtprc ;;
	head) row_mail+=$row_head ;;
	mail) row_mail+=$rest'\n' row_mail=${row_mail%'\c\n'} ;;
	sink) eval "row_sink+=($rest)" ;;
	reply) row_sink+=(--reply "$rest") ;;
	do) row_do=$rest ;;
	exit) row_exit=$rest ;;
	to) row_to=$rest ;;
	stored) row_stored=$rest ;;
	rude) row_rude=yes ;;
	noisy) row_may_say=yes ;;
	says) row_may_say=yes row_checks+=("says $rest") ;;
	*) row_checks+=("$word $rest") ;;
	esac
}

# rows: reads rows from descriptor 9 and checks each; ROW=REGEX in the environment chooses among them and shows more
rows() {
	local line
	row_reset ''
	while IFS= read -ru 9 line; do
		case $line in
		'' | '#'*) ;;
		'= '*)
			row_end
			row_reset "${line#= }"
			;;
		*' '*) row_word "${line%% *}" "${line#* }" ;;
		*) row_word "$line" '' ;;
		esac
	done
	row_end
}
