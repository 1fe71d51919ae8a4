#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A batch that is killed at every system call and started again on the same Maildir: nothing is lost, and nothing is
# sent twice.  What is not sent again was said to be perhaps delivered.  POSTHASTE_TEST_FULL=1 takes every call, else
# every third after the program's start.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
sanitized && skip_all "sanitizers make system calls of their own, thousands of them"
command -v strace >/dev/null || skip_all "strace is missing; on Debian or Ubuntu: apt install strace"
strace -qq -o /dev/null -e trace=all true 2>/dev/null || skip_all "strace may not trace here"
export XDG_STATE_HOME=$T/state
step=3
[ "${POSTHASTE_TEST_FULL:-}" = 1 ] && step=1
exec 2>"$T/killed" # the shell reports every program that was killed
box=$T/box

# fill ID: two messages, the first for two recipients
fill() {
	rm -rf "$box" "$T/state"
	mkdir -p "$box/new" "$box/cur"
	sed "s/<test@example.org>/<a$1@example.org>/; s/^To: .*/To: bob@example.org, carol@example.org/" "$T/mail" \
		>"$box/new/1.a"
	sed "s/<test@example.org>/<b$1@example.org>/" "$T/mail" >"$box/cur/2.b:2,F"
}
again() { timeout 60 "$POSTHASTE" -C "$T/rc" --batch=maildir:"$box" >"$T/out" 2>"$T/err" </dev/null; }
# killed_at N: the status of a batch that is killed at the Nth call of $T/calls; 137 when it was
killed_at() {
	local call
	call=$(sed -n "s/^\([0-9]* \)*\([a-z0-9_]*\)(.*/\2/p" "$T/calls" |
		awk -v n="$1" 'NR <= n { seen[$1]++ } NR == n { print $1 ":signal=SIGKILL:when=" seen[$1] }')
	strace -qq -o /dev/null -e trace=all -e inject="${call:-exit_group:when=1000}" \
		"$POSTHASTE" -C "$T/rc" --batch=maildir:"$box" >"$T/out" 2>"$T/err" </dev/null
}
# named JSON ADDRESS: how often it is among the recipients of a message
named() {
	"$PYTHON" -c 'import json, sys
print(sum(r["address"] == sys.argv[2] for r in json.load(open(sys.argv[1]))["rcpt"]))' "$@"
}
# copies ID RECIPIENT: how many copies of a message were accepted for a recipient
copies() {
	local file n=0
	for file in $(grep -l -a -F "<$1@example.org>" "$T"/spool/*.eml 2>/dev/null); do
		n=$((n + $(named "${file%.eml}.json" "$2@example.org")))
	done
	echo "$n"
}
uncertain() { sed -n 's/^posthaste: \([^ ]*\): .*may have been delivered.*/\1/p' "$1"; }

# kill_all NAME
kill_all() {
	local name=$1 n total from killed=0 lost='' twice='' forgotten='' who
	fill counted
	strace -qq -o "$T/trace" -e trace=all "$POSTHASTE" -C "$T/rc" --batch=maildir:"$box" >"$T/out" 2>"$T/err" </dev/null
	grep -E '^[a-z0-9_]+\(' "$T/trace" >"$T/calls"
	total=$(wc -l <"$T/calls")
	from=$(grep -n -m 1 -F "$T/rc" "$T/calls" | cut -d: -f1)
	for ((n = from; n <= total + 1; n += step)); do
		fill "$n"
		killed_at "$n"
		[ "$?" = 137 ] && killed=$((killed + 1))
		again
		cp "$T/err" "$T/first"
		again
		for who in "a$n bob" "a$n carol" "b$n bob"; do
			# shellcheck disable=SC2086 # words
			case $(copies $who) in
			0) uncertain "$T/err" | grep -q "/[0-9].${who:0:1}" || lost="$lost $n" ;;
			1) ;;
			*) twice="$twice $n" ;;
			esac
		done
		[ "$(uncertain "$T/first")" = "$(uncertain "$T/err")" ] || forgotten="$forgotten $n"
	done
	[ "$killed" -gt $(((total - from) / step * 8 / 10)) ]
	is "$?" 0 "$name: it is killed at $killed of its $((total - from)) calls"
	is "$lost" '' "$name: nothing is lost silently"
	is "$twice" '' "$name: nothing is sent twice"
	is "$forgotten" '' "$name: what may have been delivered is said in each run"
}

queue='off\nqueue_autostart off'
smarthost --extensions "$EXTENSIONS,CHUNKING" --once 0
conf
kill_all "all accepted"
smarthost_stop
queue='auto\nqueue_autostart off'
smarthost --extensions "$EXTENSIONS,CHUNKING" --once 0
conf
kill_all "queue auto"
smarthost_stop
done_testing
