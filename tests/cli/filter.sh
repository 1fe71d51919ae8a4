#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# filter: a command changes, signs or refuses a message once, before it is sent or queued.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

# filter NAME: the standard input of a shell script becomes $T/NAME, which notes each run in $T/runs
filter() {
	{
		printf '#!/bin/sh\necho run >>%s/runs\n' "$T"
		cat
	} >"$T/$1"
	chmod +x "$T/$1"
	: >"$T/runs"
}
runs() { wc -l <"$T/runs" | tr -d ' '; }
# filtered NAME STATUS LINE... -- ARGUMENT...: the account with `filter $T/it` and the lines; $T/eml is what arrived
filtered() {
	local name=$1 want=$2 lines=()
	shift 2
	while [ "$1" != -- ]; do
		lines+=("$1")
		shift
	done
	shift
	smarthost
	conf "filter $T/it" "${lines[@]}"
	post "$@"
	smarthost_stop
	status_is "$want" "$name: exit status $want"
	tr -d '\r' <"$T/spool/0001.eml" >"$T/eml" 2>/dev/null || : >"$T/eml"
}
mail=$T/mail

# ---- what it gets, and what is sent ----
printf '%s\n' 'To: bob@example.org' 'Bcc: secret@example.org' 'Subject: a test' '' 'Good morning.' >"$mail"
filter it <<END
cat >$T/got
printf '%s|%s\n' "\$POSTHASTE_SENDER" "\$POSTHASTE_RECIPIENTS" >$T/env
sed 's/morning/evening/' $T/got
echo footer
END
filtered "a change" 0 -- -t '"a b"@example.org'
is "$(sed '1,/^$/d' "$T/eml")" $'Good evening.\nfooter' "a change: it arrives"
is "$(cat "$T/err")" "" "a change: nothing is said"
is "$(runs)" 1 "a change: the command has run once"
is "$(cat "$T/env")" 'alice@example.org|"a b"@example.org bob@example.org secret@example.org' \
	"the environment: sender and recipients"
unlike "$(cat "$T/got")" $'\r' "what it gets: lines end with LF"
like "$(sed '/^$/q' "$T/got")" $'\nDate: ' "what it gets: the fields that are added"
unlike "$(cat "$T/got")" 'Bcc|secret@' "what it gets: no Bcc"
is "$(sed '/^$/q' "$T/got")" "$(sed '/^$/q' "$T/eml")" "what it prints stays as it is"

filter it <<'END'
sed '1i Bcc: secret@example.org\nX-Filter: \tas  it was  ' | grep -v '^Date:'
END
filtered "a Bcc in the output" 0 -- bob@example.org
unlike "$(cat "$T/eml")" '(Bcc|Date):' "a Bcc in the output: it is removed, and nothing is added"
like "$(cat "$T/eml")" $'X-Filter: \tas  it was  \n' "a Bcc in the output: other fields stay"
filtered "-f <>" 0 -- -f '<>' bob@example.org
filter it <<'END'
[ "${POSTHASTE_SENDER-unset}" = "" ] && cat
END
filtered "the null sender" 0 -- -f '<>' bob@example.org

smarthost
printf 'cat\n' >"$T/two words"
conf "filter sh \"$T/two words\""
sends 0 "words in quotes" bob@example.org

# With CRLF, and without a line end.
printf 'Subject: x\r\n\r\none\r\ntwo' >"$mail"
filter it <<END
tee $T/got
END
filtered "CRLF" 0 -- bob@example.org
is "$(sed -n '/^$/,$p' "$T/got")" $'\none\ntwo' "CRLF: it gets LF"

# ---- large ones, in any order ----
"$PYTHON" -c 'print("Subject: large\n"); [print("x" * 70) for _ in range(80000)]' >"$mail"
size=$(wc -c <"$mail")
for script in cat 'head -c 3000000 /dev/zero | tr "\0" "y" | fold -w 70 >'"$T/y"'; (sed "/^$/q"; cat '"$T/y"'; cat)' \
	'exec 3>&1; cat >'"$T/all"'; cat '"$T/all"; do
	filter it <<<"$script"
	filtered "a large message: ${script:0:20}" 0 -- bob@example.org
	is "$(($(wc -c <"$T/eml") >= size))" 1 "a large message: ${script:0:20}: it arrives"
done
filter it <<<'printf "Subject: small\n\nsmall\n"'
filtered "one that does not read" 0 -- bob@example.org
is "$(cat "$T/eml")" $'Subject: small\n\nsmall' "one that does not read: what it printed arrives"
printf '%s\n' 'Subject: a test' '' 'Good morning.' >"$mail"

# ---- failures ----
# fails STATUS REGEX NAME SCRIPT LINE...
fails() {
	local want=$1 words=$2 name=$3
	filter it <<<"$4"
	shift 4
	filtered "$name" "$want" 'queue auto' 'queue_autostart off' "$@" -- bob@example.org
	said "$words" "$name: the message"
	is "$(stored)" 0 "$name: nothing is sent"
	run timeout 60 "$POSTHASTE" -C "$T/rc" -bp
	like "$(cat "$out")" 'Mail queue is empty' "$name: nothing is queued"
}
fails 75 \
	"^posthaste: filter: the command $T/it cannot handle the message now \(exit status 75\): come back .\[1m later$" \
	"75" 'printf "come back\n\033[1m later\n" >&2; cat; exit 75'
fails 65 '^posthaste: filter: .*refused the message \(exit status 1\): it is spam' "1" 'echo it is spam >&2; exit 1'
fails 65 'exit status 127' "127" 'exit 127'
fails 75 'was terminated by signal 9' "killed" 'kill -9 $$'
fails 75 'did not end in time' "out of time" 'sleep 1000' 'timeout 1'
fails 75 'did not end in time' "out of time, by deadline" 'cat; exec sleep 1000' 'deadline 1'
fails 65 'printed no message: it must begin with a header' "no output" 'cat >/dev/null'
fails 65 'printed no message' "no header" 'echo; echo body'
fails 65 'printed no message' "a body alone" 'echo no header at all; cat >/dev/null'
fails 75 'printed more than' "without end" 'echo "A: b"; yes 0123456789abcdef'
rm "$T/it"
smarthost
conf "filter $T/it"
post bob@example.org
smarthost_stop
status_is 75 "not there: exit status 75"
said "cannot start the command $T/it: No such file" "not there: the message"

# ---- other ways in ----
filter it <<'END'
echo a word >&2
sed 's/morning/evening/'
END
filtered "--json" 0 -- --json bob@example.org
like "$("$PYTHON" -c 'import json, sys; print(json.load(sys.stdin)["notes"])' <"$out")" 'it wrote: a word' \
	"--json: what it wrote is a note"
conf "filter $T/it"
post --dry-run bob@example.org
status_is 0 "--dry-run: exit status 0"
like "$(cat "$out")" 'Good evening' "--dry-run shows what is sent"
: >"$T/runs"
post --pretend bob@example.org
is "$status $(runs)" "0 0" "--pretend does not run it"

export XDG_STATE_HOME=$T/state
smarthost
conf "filter $T/it" 'queue always' 'queue_autostart off'
: >"$T/runs"
post bob@example.org
is "$status $(runs)" "0 1" "queue always: it runs when the message is queued"
run timeout 60 "$POSTHASTE" -C "$T/rc" -q
smarthost_stop
is "$status $(stored) $(runs)" "0 1 1" "the queue sends what was made, and does not run it"
like "$(cat "$T/spool/0001.eml")" 'Good evening' "the queue sends what was made: it arrives"

speak() {
	printf '%s\r\n' 'HELO me' 'MAIL FROM:<alice@example.org>' 'RCPT TO:<bob@example.org>' DATA 'Subject: x' '' \
		'Good morning' . QUIT | run timeout 60 "$POSTHASTE" -C "$T/rc" -bs
}
smarthost
conf "filter $T/it"
speak
smarthost_stop
like "$(cat "$T/spool/0001.eml")" 'Good evening' "-bs"
filter it <<<'echo spam >&2; exit 1'
conf "filter $T/it"
speak
like "$(cat "$out")" '554-filter: .*refused the message .exit status 1.: spam' "-bs: a message that is refused"

smarthost
filter it <<<"sed 's/morning/evening/'"
printf 'From alice@example.org Sun Mar  1 10:00:00 2026\nTo: bob@example.org\nSubject: %s\n\nGood morning.\n\n' \
	1 2 >"$T/mbox"
conf "filter $T/it"
run timeout 60 "$POSTHASTE" -C "$T/rc" "--batch=mbox:$T/mbox"
smarthost_stop
is "$status $(stored) $(cat "$T"/spool/*.eml | grep -c evening)" "0 2 2" "--batch"

smarthost
conf "filter $T/it" 'filter'
sends 0 "an empty argument" bob@example.org
like "$(cat "$T/spool/0001.eml")" 'Good morning' "an empty argument: no filter"
post --filter=true bob@example.org
status_is 64 "--filter is no option: exit status 64"

done_testing
