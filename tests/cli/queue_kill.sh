#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Killed at every system call: what was said to be kept is there, whole, and
# arrives; what arrives twice was said to be uncertain.  POSTHASTE_TEST_FULL=1
# takes every call, else every third after the program's start.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
sanitized && skip_all "sanitizers make system calls of their own, thousands of them"
command -v strace >/dev/null || skip_all "strace is missing; on Debian or Ubuntu: apt install strace"
strace -qq -o /dev/null -e trace=all true 2>/dev/null || skip_all "strace may not trace here"

export XDG_STATE_HOME=$T/state HOME=$T/home
mkdir -p "$HOME"
folder=$XDG_STATE_HOME/posthaste/queue
step=3
[ "${POSTHASTE_TEST_FULL:-}" = 1 ] && step=1
exec 2>"$T/killed" # the shell reports every program that was killed

mail() { sed "s/<test@example.org>/<$1@example.org>/" "$T/mail"; }
begin() {
	smarthost --extensions "$EXTENSIONS,CHUNKING" --once 0
	queue='auto\nqueue_autostart off' conf "logfile $T/log" 'log_format json'
}
keep() { mail "$1" | timeout 60 "$POSTHASTE" -C "$T/rc" --queue=always bob@example.org >"$T/out" 2>"$T/err"; }
work() { timeout 60 "$POSTHASTE" -C "$T/rc" -q >"$T/out" 2>"$T/err" </dev/null; }
# A run that can make no child works itself, and so is the one that is killed; the other: tests/cli/queue_crash.sh.
alone='?clone,?clone3,?fork,?vfork:error=EAGAIN'
# killed_at N COMMAND...: its status; 137 when it was killed.  A call is named as "the Kth of its kind", from $T/calls.
killed_at() {
	local call
	call=$(sed -n "s/^\([0-9]* \)*\([a-z0-9_]*\)(.*/\2/p" "$T/calls" |
		awk -v n="$1" 'NR <= n { seen[$1]++ } NR == n { print $1 ":signal=SIGKILL:when=" seen[$1] }')
	[ -n "$call" ] || call=exit_group:when=1000
	shift
	strace -qq -o /dev/null -e trace=all -e inject="$alone" -e inject="$call" "$@" >"$T/out" 2>"$T/err"
}
calls_of() {
	strace -qq -o "$T/trace" -e trace=all -e inject="$alone" "$@" >"$T/out" 2>"$T/err" </dev/null
	grep -E '^[a-z0-9_]+\(' "$T/trace" >"$T/calls"
	wc -l <"$T/calls"
}
# The first call that has to do with us, not with the dynamic linker.
first_call() { grep -n -m 1 -E "$T/rc|XDG|posthaste/queue" "$T/calls" | cut -d: -f1; }
waiting() { find "$folder/new" -type f 2>/dev/null | wc -l; }
# copies ID: how many of them the server has stored
copies() { grep -l -a -F "<$1@example.org>" "$T"/spool/*.eml 2>/dev/null | wc -l; }

# ---- keeping ----
begin
keep first && [ "$(waiting)" = 1 ]
is "$?" 0 "a message is kept"
mail counted >"$T/counted"
strace -qq -o "$T/trace" -e trace=all "$POSTHASTE" -C "$T/rc" --queue=always bob@example.org <"$T/counted" >/dev/null \
	2>&1
grep -E '^[a-z0-9_]+\(' "$T/trace" >"$T/calls"
total=$(wc -l <"$T/calls")
from=$(first_call)
[ "${from:-0}" -gt 0 ] && [ "$total" -gt "$from" ]
is "$?" 0 "its system calls can be counted"
promised='first counted' lost='' torn='' killed=0
for ((n = from; n <= total + 1; n += 1)); do
	before=$(waiting)
	mail "kept$n" >"$T/this"
	killed_at "$n" "$POSTHASTE" -C "$T/rc" --queue=always bob@example.org <"$T/this"
	status=$?
	[ "$status" = 137 ] && killed=$((killed + 1))
	after=$(waiting)
	[ "$status" = 0 ] && promised="$promised kept$n" && [ "$after" != $((before + 1)) ] && lost="$lost $n"
	[ "$after" -lt "$before" ] || [ "$after" -gt $((before + 1)) ] && torn="$torn $n"
done
[ "$killed" -gt $(((total - from) * 9 / 10)) ]
is "$?" 0 "it is killed at $killed of its $((total - from)) calls"
is "$lost" '' "killed at each call: what ended with 0 is kept"
is "$torn" '' "killed at each call: nothing else changes"
like "$promised" ' kept' "after the last call the message is kept"
found=$(waiting)
work
is "$?" 0 "all that is there can be read and sent"
is "$(waiting)" 0 "the queue is empty"
is "$(find "$T/spool" -name '*.eml' | wc -l)" "$found" "each entry arrived"
is "$(for id in $promised; do [ "$(copies "$id")" = 1 ] || echo "$id"; done)" '' "what was promised arrived, once"
is "$(grep -h -a -i '^Message-ID:' "$T"/spool/*.eml | sort | uniq -d)" '' "nothing arrived twice"
smarthost_stop

# ---- sending ----
begin
keep counted2
total=$(calls_of "$POSTHASTE" -C "$T/rc" -q)
from=$(first_call)
lost='' twice='' stuck='' killed=0
for ((n = from; n <= total + 1; n += step)); do
	keep "sent$n" || bail "cannot keep a message: $(cat "$T/err")"
	killed_at "$n" "$POSTHASTE" -C "$T/rc" -q </dev/null
	[ "$?" = 137 ] && killed=$((killed + 1))
	work
	[ "$(waiting)" = 0 ] || work
	[ "$(waiting)" = 0 ] || stuck="$stuck $n"
	case $(copies "sent$n") in
	0) lost="$lost $n" ;;
	1) ;;
	2) grep -q -a "sent$n@.*may have been delivered\|may have been delivered.*sent$n@" "$T/log" || twice="$twice $n" ;;
	*) twice="$twice $n" ;;
	esac
done
[ "$killed" -gt $(((total - from) / step * 8 / 10)) ]
is "$?" 0 "it is killed at $killed of its $((total - from)) calls"
is "$stuck" '' "killed while sending: the next run sends it"
is "$lost" '' "killed while sending: nothing is lost"
is "$twice" '' "killed while sending: what arrives twice is said to"
smarthost_stop

# ---- reporting ----
# No server takes it: the run that finds out makes the report, a later one sends it.
smarthost --extensions "$EXTENSIONS,CHUNKING" --once 0 --reply 'rcpt:bob@example.org=550 5.1.1 who'
queue='auto\nqueue_autostart off' conf "logfile $T/log" 'log_format json'
empty() { for _ in 1 2 3 4 5; do [ "$(waiting)" = 0 ] || work; done; }
keep counted3
total=$(calls_of "$POSTHASTE" -C "$T/rc" -q)
from=$(first_call)
empty
[ "$(copies counted3)" = 1 ] && [ "$total" -gt "$from" ]
is "$?" 0 "a refused message: its sender has a report"
lost='' twice='' stuck='' killed=0
for ((n = from; n <= total + 1; n += step)); do
	keep "told$n" || bail "cannot keep a message: $(cat "$T/err")"
	killed_at "$n" "$POSTHASTE" -C "$T/rc" -q </dev/null
	[ "$?" = 137 ] && killed=$((killed + 1))
	empty
	[ "$(waiting)" = 0 ] || stuck="$stuck $n"
	case $(copies "told$n") in
	0) lost="$lost $n" ;;
	1) ;;
	*) twice="$twice $n" ;;
	esac
done
[ "$killed" -gt $(((total - from) / step * 8 / 10)) ]
is "$?" 0 "it is killed at $killed of its $((total - from)) calls"
is "$stuck" '' "killed while reporting: nothing waits for ever"
is "$lost" '' "killed while reporting: the sender gets a report"
is "$twice" '' "killed while reporting: and gets one report"
is "$(find "$folder/failed" -type f | wc -l)" 0 "killed while reporting: nothing is left over"
smarthost_stop
done_testing
