#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Several messages under way (pipeline_messages), over one session and over two: the processes that send them are killed
# at their system calls (kill.sh).  Every message arrives; one that arrives twice was said to be uncertain.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/kill.sh" || exit 99

PUT=$top_builddir/tests/lib/queue_put
[ -x "$PUT" ] || skip_all "queue_put is not built: make check builds it"
export XDG_STATE_HOME=$T/state HOME=$T/home
mkdir -p "$HOME"
folder=$XDG_STATE_HOME/posthaste/queue
waiting() { find "$folder/new" -type f 2>/dev/null | wc -l; }
work() { timeout 60 "$POSTHASTE" -C "$T/rc" -q >"$T/out" 2>"$T/err" </dev/null; }
# begin LINE...
begin() {
	smarthost --extensions "$EXTENSIONS,CHUNKING" --once 0
	queue='auto\nqueue_autostart off' conf "logfile $T/log" 'log_format json' 'pipeline_messages 8' "$@"
	chmod 600 "$T/rc"
}
# put ROUND: the messages of a round; their IDs are in $T/ids
put() {
	sed "s/a test/round $1/" "$T/mail" |
		"$PUT" count="$messages" account=default config="$T/rc" bob@example.org >"$T/ids"
}
# is_said ID: that the message may have been delivered: in the log, or in the queue if the run was killed before that
is_said() {
	grep -q "$1.*may have been delivered\|may have been delivered.*$1" "$T/log" ||
		grep -q "$1.*duplicate\":true" "$T/list"
}
# check_round ROUND: works through what is left, and notes what is wrong
check_round() {
	local number=0 id copies
	"$POSTHASTE" -bp --json | tr '{' '\n' >"$T/list"
	for _ in 1 2 3; do [ "$(waiting)" = 0 ] || work; done
	[ "$(waiting)" = 0 ] || stuck="$stuck $1"
	grep -l -a -x -F $'Subject: round '"$1"$'\r' "$T"/spool/*.eml |
		xargs sed -n 's/^X-Number: \([0-9]*\).*/\1/p' >"$T/came"
	while read -r id; do
		number=$((number + 1))
		copies=$(grep -c -x "$number" "$T/came")
		case $copies in
		0) lost="$lost $1/$number" ;;
		1) ;;
		2) is_said "$id" || twice="$twice $1/$number" ;;
		*) twice="$twice $1/$number" ;;
		esac
	done <"$T/ids"
	[ "$number" = "$messages" ] || lost="$lost $1"
	rm -f "$T"/spool/*.eml "$T"/spool/*.json
}
results() {
	is "$stuck" '' "$1: the next runs send everything"
	is "$lost" '' "$1: nothing is lost"
	is "$twice" '' "$1: what arrives twice is said to"
}

# ---- one session ----
# A run that can make no child works itself.
before=("${kill_options[@]}")
kill_options+=(-e inject='?clone,?clone3,?fork,?vfork:error=EAGAIN')
messages=5
begin
put counted
calls_of "$POSTHASTE" -C "$T/rc" -q </dev/null
total=$(wc -l <"$T/calls")
# From the first mark on: what comes before is that of one message (queue_kill.sh).
from=$(grep -n -m 1 'O_CREAT|O_EXCL' "$T/calls" | cut -d: -f1)
[ "$(waiting)" = 0 ] && [ "${from:-0}" -gt 0 ] && [ "$total" -gt "$from" ]
is "$?" 0 "the system calls of a run can be counted"
rm -f "$T"/spool/*.eml "$T"/spool/*.json
lost='' twice='' stuck='' killed=0 rounds=0 several=0
for n in $(kill_points "$from"); do
	rounds=$((rounds + 1))
	put "$n"
	killed_at "$n" "$POSTHASTE" -C "$T/rc" -q </dev/null
	[ "$?" = 137 ] && killed=$((killed + 1))
	[ "$(find "$folder/state" -type f -empty | wc -l)" -gt 1 ] && several=$((several + 1))
	check_round "$n"
done
[ "$killed" -gt $((rounds * 8 / 10)) ]
is "$?" 0 "it is killed at $killed of its $((total - from)) calls"
[ "$several" -gt 5 ]
is "$?" 0 "$several times several messages were marked then"
results "one session"
smarthost_stop

# ---- two sessions ----
# Every process that comes to the call is killed: the workers, and the one that waits for them, which makes the first
# attempt.
kill_options=("${before[@]}" -f)
messages=9
begin 'queue_sessions 2'
lost='' twice='' stuck='' killed=0 rounds=0
for at in sendto:{2..8..2} unlinkat:{1..6} fsync:{2..10..2} recvfrom:{3..9..3} write:{2..6..2} fork:1; do
	call=${at%:*}
	[ "$call" != fork ] || call='?clone,?clone3,?fork,?vfork'
	rounds=$((rounds + 1))
	put "$rounds"
	strace -o /dev/null "${kill_options[@]}" -e inject="$call:signal=SIGKILL:when=${at#*:}" \
		timeout 60 "$POSTHASTE" -C "$T/rc" -q >"$T/out" 2>"$T/err" </dev/null
	[ "$?" = 0 ] || killed=$((killed + 1))
	check_round "$rounds"
done
[ "$killed" -gt $((rounds / 2)) ]
is "$?" 0 "of $rounds runs $killed are killed"
results "two sessions"
smarthost_stop
done_testing
