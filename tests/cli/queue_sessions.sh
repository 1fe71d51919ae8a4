#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# queue_sessions: several connections at once.  Each message goes once, the limits of the account hold for all of them
# together, and a server that wants fewer gets fewer.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
ulimit -c 0
if sanitized; then export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}handle_segv=0:handle_abort=0"; fi

PUT=$top_builddir/tests/lib/queue_put
[ -x "$PUT" ] || skip_all "queue_put is not built: make check builds it"
LOG=$T/log
QUEUE=$XDG_STATE_HOME/posthaste/queue
is_stored() { [ "$(stored)" = "$1" ]; }
waiting() { find "$QUEUE/new" -type f 2>/dev/null | wc -l | tr -d ' '; }
asks() { run timeout -k 5 120 "$POSTHASTE" "$@" </dev/null; }
connections() { grep -c '^C: EHLO' "$T/transcript"; }
js() { "$PYTHON" -c 'import json, sys
v = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$out" "$1" 2>&1; }
# begin MESSAGES OPTION... -- LINE...: a sink with the options, a queue of messages, a configuration with the lines
begin() {
	local n=$1 options=()
	shift
	while [ "$1" != -- ]; do options+=("$1") && shift; done
	shift
	rm -rf "$XDG_STATE_HOME/posthaste" "$LOG"
	smarthost --once 1000 "${options[@]}"
	conf queue_autostart\ off "logfile $LOG" "$@"
	chmod 600 "$T/rc"
	"$PUT" count="$n" account=default config="$T/rc" bob@example.org <"$T/mail" >"$T/ids"
}
# each_once N: the numbers of the messages that arrived are 1 to N
each_once() {
	is "$(sed -n 's/^X-Number: \([0-9]*\).*/\1/p' "$T"/spool/*.eml | sort -n | uniq -c | awk '$1 == 1' | wc -l)" "$1" \
		"${*:2}: each arrives once"
}

# ---- as many as there are ----
while IFS='|' read -ru 9 name messages wanted lines; do
	# shellcheck disable=SC2086
	eval "begin $messages -- $lines"
	asks -q
	status_is 0 "$name"
	[ "$messages" = 1 ] || each_once "$messages" "$name"
	is "$(connections) $(waiting) $(wc -l <"$LOG")" "$wanted 0 $messages" "$name: connections, messages left, log lines"
	no_violation "$name: the dialogues are correct"
	smarthost_stop
done 9<<'ROWS'
one session, as nothing is said|12|1|
one session|12|1|queue_sessions\ 1
four sessions|40|5|queue_sessions\ 4
more sessions than messages|4|4|queue_sessions\ 20
a message that comes alone|1|1|queue_sessions\ 4
two messages|2|1|queue_sessions\ 4
with min_interval|3|1|queue_sessions\ 4 min_interval\ 1s
ROWS

begin 61 -- queue_sessions\ 3 max_messages_per_connection\ 5
asks -q
each_once 61 "max_messages_per_connection"
is "$(awk '/^C: EHLO/ { c++ } END { print (c >= 13) }' "$T/transcript")" 1 "it holds for every connection"
smarthost_stop

begin 30 -- queue_sessions\ 4
timeout -k 5 60 "$POSTHASTE" --queue-runner </dev/null
is "$? $(stored) $(waiting)" "0 30 0" "the background runner uses them, too"
each_once 30 "--queue-runner"
smarthost_stop

# ---- one password for all ----
begin 20 --auth PLAIN --require-auth --user joe --password-file "$T/password" -- queue_sessions\ 4 auth\ plain \
	auth_without_tls\ on "passwordeval echo >>$T/asked; cat $T/password"
asks -q
is "$status $(wc -l <"$T/asked") $(connections)" "0 1 5" "the password is asked for once, and used five times"
smarthost_stop
begin 20 --auth PLAIN --require-auth --user joe --password-file "$T/password" -- queue_sessions\ 4 auth\ plain \
	auth_without_tls\ on "password wrong"
asks -q
is "$status $(grep -c '^C: AUTH' "$T/transcript") $(waiting)" "75 1 20" "a wrong password is tried once"
smarthost_stop
rm -f "$T/asked"

# ---- the server is away, or wants fewer ----
begin 10 -- queue_sessions\ 4
smarthost_stop
asks -q
is "$status $(waiting) $(wc -l <"$LOG")" "75 10 1" "a server that is away is asked once"

busy='421 4.7.0 too many connections'
while IFS='|' read -ru 9 name want_status want_left options; do
	eval "begin 20 $options -- queue_sessions\\ 4"
	asks -q
	is "$status $(waiting)" "$want_status $want_left" "$name"
	is "$(($(stored) + $(waiting)))" 20 "$name: nothing is lost, and nothing goes twice"
	[ "$want_status" != 0 ] || is "$(cat "$err")" "" "$name: success is silent"
	smarthost_stop
done 9<<'ROWS'
one connection is refused|0|0|--reply greeting= --reply "greeting=$busy" --reply greeting=
three connections are refused|0|0|--reply greeting= --reply "greeting=$busy" --reply "greeting=$busy" --reply "greeting=$busy" --reply greeting=
all but the first are refused|75|19|--reply greeting= --reply "greeting=$busy"
a login is refused for now|0|0|--reply ehlo= --reply ehlo=421\ 4.3.2\ later --reply ehlo=
a message is refused by 432|75|1|--reply eod= --reply eod=432\ 4.3.2\ concurrent\ connections\ limit\ exceeded --reply eod=
one is refused by 454|75|1|--reply eod= --reply eod=454\ Throttling\ failure:\ Maximum\ sending\ rate\ exceeded --reply eod=
ROWS

# ---- what failed is told by the one who asked ----
begin 12 --reply rcpt=550\ 5.1.1\ unknown -- queue_sessions\ 3
asks -q --json
is "$(js "(v['done'], v['failed'], v['left'], len(v['messages']), len({m['queue_id'] for m in v['messages']}))")" \
	"(12, 12, 0, 12, 12)" "JSON: what was given up in all processes"
smarthost_stop
begin 12 --reply eod= --reply eod=451\ 4.3.0\ later --reply eod=451\ 4.3.0\ later --reply eod= -- queue_sessions\ 3
asks -q --json
is "$status $(js "(v['done'], v['failed'], v['left'], len(v['messages']))")" "75 (10, 0, 2, 2)" "JSON: what is left"
smarthost_stop
begin 12 --reply eod= --reply eod=554\ 5.6.0\ Boo --reply eod=451\ 4.3.0\ later --reply eod= -- queue_sessions\ 3
asks -q
like "$(cat "$err")" 'Boo' "what a worker has to say is shown"
smarthost_stop

# ---- a worker that crashes ----
signals='SEGV KILL'
[ -e "/proc/$$/task/$$/children" ] || {
	skip "/proc does not name the children of a process" "crashes"
	signals=
}
children() { cat "/proc/$1/task/$1/children" 2>/dev/null; }
# The worker that hangs is the one whose socket is open while the others have ended.
only_one_is_left() { workers=$(children "$(children "$runner" | tr -d ' ')") && [ "$(wc -w <<<"$workers")" = 1 ]; }
for signal in $signals; do
	begin 5 --hang rcpt:poison@example.org -- queue_sessions\ 4
	poison=$("$PUT" account=default config="$T/rc" poison@example.org <"$T/mail")
	"$PUT" count=15 account=default config="$T/rc" carol@example.org <"$T/mail" >/dev/null
	"$POSTHASTE" -q </dev/null >"$T/run.out" 2>"$T/run.err" 7>&- &
	runner=$!
	check "$signal: the others go" wait_until 20 is_stored 20
	check "$signal: one worker hangs" wait_until 20 only_one_is_left
	kill -s "$signal" "${workers// /}"
	wait "$runner"
	is "$? $(waiting)" "75 1" "$signal: its message is left"
	like "$(cat "$T/run.err")" "message $poison in the queue: posthaste crashed while it worked on this message" \
		"$signal: it is said which"
	asks --queue-show "$poison"
	like "$(cat "$out")" 'may have been delivered' "$signal: what is known about it"
	smarthost_stop
done

# ---- asked to end ----
begin 40 --delay-ms 50 -- queue_sessions\ 4
"$POSTHASTE" -q </dev/null >"$T/run.out" 2>"$T/run.err" 7>&- &
runner=$!
check "messages go" wait_until 20 eval '[ "$(stored)" -ge 8 ]'
kill "$runner"
wait "$runner"
is "$(($(stored) + $(waiting)))" 40 "asked to end: the messages at hand are completed, the others wait"
check "asked to end: it does" [ "$(waiting)" -gt 0 ]
asks -q
each_once 40 "then the rest"
smarthost_stop
done_testing
