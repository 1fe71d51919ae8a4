#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Success is silent, and nothing is lost by that: what would have been said is
# a note of --json.  A failure is never silent, and does not break the pipe of
# the program that writes the message.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

# notes: those in $out, one a line
notes() { "$PYTHON" -c 'import json, sys; print(*json.load(open(sys.argv[1]))["notes"], sep="\n")' "$out"; }

# name|queue|sink options|config line|arguments|the note
while IFS='|' read -ru 9 name kept sink line words note; do
	for how in '' --json -d; do
		queue="$kept\nqueue_autostart off"
		rm -rf "$XDG_STATE_HOME/posthaste" # the queue: what waits there is not overtaken
		if [ "$sink" = away ]; then port=1; else eval "smarthost $sink"; fi
		conf "$line"
		eval "post $how $words bob@example.org"
		[ "$sink" = away ] || smarthost_end
		status_is 0 "$name ${how:-plainly}: exit status 0"
		case $how in
		-d) like "$(cat "$err")" "^posthaste: $note|^$note" "$name -d: said" ;;
		*) is "$(cat "$err")" "" "$name ${how:-plainly}: nothing is said" ;;
		esac
		[ "$how" != --json ] || like "$(notes)" "$note" "$name: a note"
	done
done 9<<'ROWS'
the server is away|auto|away|||queued as .* for bob@example.org: connecting
4xx to the recipient|auto|--reply 'rcpt=451 4.7.1 Later'|||queued as .* for bob@example.org: .*451 4.7.1 Later
a log that cannot be written|off||logfile /nonexistent/log||cannot log to /nonexistent/log
a priority that is dropped|off||priority 3||a priority was asked for
ROWS
queue=off

# ---- what commands write to standard error ----
# They complain, and repeat what they print in several ways.
cat >"$T/command" <<'END'
#!/bin/sh
printf '%s%s\nmore: another-secret\n' "$2" correct-horse
{
	echo "the vault complains: correct-horse, another-secret"
	printf 'Y29ycmVjdC1ob3JzZQ== 636f72726563742d686f727365 correct%%2Dhorse \000correct-horse\n'
	head -c 100000 /dev/zero | tr '\0' x
} >&2
exit "$1"
END
chmod +x "$T/command"
secrets='correct.{0,2}horse|Y29ycmVjdC1ob3Jz|636f7272656374|another-secret'
# name|the account's line|our exit status|whether there is an account with a log
while IFS='|' read -ru 9 name line want logged; do
	for how in '' --json -d; do
		smarthost --auth PLAIN --user joe --password-file "$T/password"
		conf "auth plain" "logfile $T/log" "$line"
		rm -f "$T/log"
		post $how bob@example.org
		name="${name%, *}${how:+, $how}"
		if [ "$want" = 0 ]; then smarthost_end; else smarthost_stop; fi
		status_is "$want" "$name: exit status $want"
		if [ "$want" = 0 ] && [ "$how" != -d ]; then
			is "$(cat "$err")" "" "$name: nothing is said"
		else
			said '^posthaste: .*the command of .* wrote: the vault complains: \*\*\*, \*\*\*$' "$name: its words"
		fi
		[ "$how" != --json ] || like "$(cat "$out")" 'the vault complains: \*\*\*' "$name: JSON"
		[ -z "$logged" ] || like "$(cat "$T/log")" "warning='.*the vault complains" "$name: in the log"
		unlike "$(cat "$err" "$out" "$T/log" 2>/dev/null)" "$secrets" "$name: no secret is shown"
	done
done 9<<ROWS
passwordeval|passwordeval $T/command 0|0|yes
passwordeval that fails|passwordeval $T/command 1|75|yes
eval|eval $T/command 0 'password '|0|yes
eval with more space|eval $T/command 0 'password     '|0|yes
eval that fails|eval $T/command 1 'password '|75|
ROWS

# ---- commands whose result is read: what is wrong with the configuration belongs to it ----
while read -ru 9 words; do
	smarthost --auth PLAIN --user joe --password-file "$T/password"
	conf 'auth plain' "eval $T/command 0 'password '"
	# shellcheck disable=SC2086
	post $words
	smarthost_stop
	status_is 0 "$words: exit status 0"
	said 'the vault complains' "$words: a warning is shown though nothing failed"
done 9<<'ROWS'
--check
--explain
--serverinfo
-bv bob@example.org
ROWS

# ---- a signal ----
# It ends the program at once and is what the caller sees.  What was kept is lost: cli/print.h says why.
cat >"$T/ended.py" <<'END'
import os, signal, subprocess, sys
number = getattr(signal, sys.argv[1])
usual = lambda: signal.signal(number, signal.SIG_DFL)
p = subprocess.Popen(sys.argv[3:], stdin=open(sys.argv[2] + '/mail'), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                     preexec_fn=usual)
while b'C: MAIL' not in open(sys.argv[2] + '/transcript', 'rb').read() and p.poll() is None:
    os.sched_yield()
p.send_signal(number)
out, err = p.communicate()
print(p.returncode == -number, out + err)
END
for name in SIGTERM SIGINT SIGHUP; do
	smarthost --hang mail
	queue='auto\nqueue_autostart off' conf 'priority 3' "logfile $T/log"
	rm -rf "$T/log" "$XDG_STATE_HOME/posthaste/queue"
	is "$("$PYTHON" "$T/ended.py" $name "$T" "$POSTHASTE" -C "$T/rc" --json bob@example.org)" "True b''" \
		"$name: it ends the program, without a word"
	smarthost_stop
	check "$name: nothing is logged" test ! -e "$T/log"
	check "$name: nothing is queued" test ! -e "$XDG_STATE_HOME/posthaste/queue"
done

# ---- the server's reply, where it is asked for ----
queue='off\nqueue_autostart off'
smarthost --reply $'eod=250-2.0.0 one\\r\\n250 2.0.0 kept \\x1b[31mas\\t42'
conf
sends 0 "--print-reply" --print-reply bob@example.org carol@example.org
like "$(cat -v "$out")" '^250 2\.0\.0 one.*kept [^^]*\[31mas.42$' "--print-reply: one line, without control characters"
is "$(wc -l <"$out") $(cat "$err")" "1 " "--print-reply: and nothing else"
smarthost --lmtp --reply 'eod:bob@example.org=250 2.1.5 for bob' --reply 'eod:carol@example.org=250 2.1.5 for carol' \
	--reply 'eod:dave@example.org=550 5.1.1 no'
conf 'protocol lmtp'
sends 67 "--print-reply, LMTP" --print-reply bob@example.org carol@example.org dave@example.org
is "$(cat "$out")" $'250 2.1.5 for bob\n250 2.1.5 for carol' "--print-reply, LMTP: a line for each that was accepted"
smarthost --reply 'eod=554 5.6.0 no'
conf
sends 65 "--print-reply, refused" --print-reply bob@example.org
is "$(cat "$out")" '' "--print-reply, refused: nothing"
smarthost
conf
sends 0 "--print-reply --json" --print-reply --json bob@example.org
is "$("$PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1]))["server"])' "$out")" '2.0.0 stored as 0001' \
	"--print-reply --json: the reply is in the object"
queue='auto\nqueue_autostart off'
port=1
conf
post --print-reply bob@example.org
is "$status $(cat "$out")" '0 ' "--print-reply, queued: nothing"

# ---- a program that writes more than a pipe holds ----
cat >"$T/writer.py" <<'END'
import subprocess, sys
p = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
try:
    p.stdin.write(b'Subject: x\n\n' + b'x' * 70 * 40000)
    p.stdin.close()
    wrote = 'written'
except BrokenPipeError:
    wrote = 'broken pipe'
print(wrote, p.stderr.read() != b'', p.wait())
END
port=1
conf
while IFS='|' read -r want words; do
	# shellcheck disable=SC2086
	is "$("$PYTHON" "$T/writer.py" "$POSTHASTE" -C "$T/rc" $words)" "written True $want" "$words: the writer sees $want"
done <<'ROWS'
64|--nonsense bob@example.org
64|--
66|-C /nonexistent/rc bob@example.org
66|-C /nonexistent/rc -t
66|-C /nonexistent/rc --dry-run bob@example.org
78|-a nosuch bob@example.org
ROWS
done_testing
