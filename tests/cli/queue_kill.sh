#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Killed at its system calls (kill.sh): what was said to be kept is there, whole, and
# arrives; what arrives twice was said to be uncertain.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/kill.sh" || exit 99

export XDG_STATE_HOME=$T/state HOME=$T/home
mkdir -p "$HOME"
folder=$XDG_STATE_HOME/posthaste/queue

mail() { sed "s/<test@example.org>/<$1@example.org>/" "$T/mail"; }
begin() {
	smarthost --extensions "$EXTENSIONS,CHUNKING" --once 0
	queue='auto\nqueue_autostart off' conf "logfile $T/log" 'log_format json'
}
keep() { mail "$1" | timeout 60 "$POSTHASTE" -C "$T/rc" --queue=always bob@example.org >"$T/out" 2>"$T/err"; }
work() { timeout 60 "$POSTHASTE" -C "$T/rc" -q >"$T/out" 2>"$T/err" </dev/null; }
# A run that can make no child works itself, and so is the one that is killed; the other: tests/cli/queue_crash.sh.
kill_options+=(-e inject='?clone,?clone3,?fork,?vfork:error=EAGAIN')
waiting() { find "$folder/new" -type f 2>/dev/null | wc -l; }
# copies ID: how many of them the server has stored
copies() { grep -l -a -F "<$1@example.org>" "$T"/spool/*.eml 2>/dev/null | wc -l; }

# ---- keeping ----
begin
keep first && [ "$(waiting)" = 1 ]
is "$?" 0 "a message is kept"
mail counted >"$T/counted"
calls_of "$POSTHASTE" -C "$T/rc" --queue=always bob@example.org <"$T/counted"
total=$(wc -l <"$T/calls")
from=$(first_call)
[ "${from:-0}" -gt 0 ] && [ "$total" -gt "$from" ]
is "$?" 0 "its system calls can be counted"
promised='first counted' lost='' torn='' killed=0 rounds=0
for n in $(kill_points "$from"); do
	rounds=$((rounds + 1))
	before=$(waiting)
	mail "kept$n" >"$T/this"
	killed_at "$n" "$POSTHASTE" -C "$T/rc" --queue=always bob@example.org <"$T/this"
	status=$?
	[ "$status" = 137 ] && killed=$((killed + 1))
	after=$(waiting)
	[ "$status" = 0 ] && promised="$promised kept$n" && [ "$after" != $((before + 1)) ] && lost="$lost $n"
	[ "$after" -lt "$before" ] || [ "$after" -gt $((before + 1)) ] && torn="$torn $n"
done
[ "$killed" -gt $((rounds * 9 / 10)) ]
is "$?" 0 "it is killed at $killed of its $((total - from)) calls"
is "$lost" '' "killed: what ended with 0 is kept"
is "$torn" '' "killed: nothing else changes"
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
calls_of "$POSTHASTE" -C "$T/rc" -q </dev/null
total=$(wc -l <"$T/calls")
from=$(first_call)
lost='' twice='' stuck='' killed=0 rounds=0
for n in $(kill_points "$from"); do
	rounds=$((rounds + 1))
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
[ "$killed" -gt $((rounds * 8 / 10)) ]
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
calls_of "$POSTHASTE" -C "$T/rc" -q </dev/null
total=$(wc -l <"$T/calls")
from=$(first_call)
empty
[ "$(copies counted3)" = 1 ] && [ "$total" -gt "$from" ]
is "$?" 0 "a refused message: its sender has a report"
lost='' twice='' stuck='' killed=0 rounds=0
for n in $(kill_points "$from"); do
	rounds=$((rounds + 1))
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
[ "$killed" -gt $((rounds * 8 / 10)) ]
is "$?" 0 "it is killed at $killed of its $((total - from)) calls"
is "$stuck" '' "killed while reporting: nothing waits for ever"
is "$lost" '' "killed while reporting: the sender gets a report"
is "$twice" '' "killed while reporting: and gets one report"
is "$(find "$folder/failed" -type f | wc -l)" 0 "killed while reporting: nothing is left over"
smarthost_stop
done_testing
