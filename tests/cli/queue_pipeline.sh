#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pipeline_messages in the queue: several messages under way over one session.  Each has its own outcome, the limits of
# the account hold, and a line that is cut loses and doubles nothing silently (queue_pipeline.py).
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
ulimit -c 0

PUT=$top_builddir/tests/lib/queue_put
[ -x "$PUT" ] || skip_all "queue_put is not built: make check builds it"
LOG=$T/log
QUEUE=$XDG_STATE_HOME/posthaste/queue
PIPELINING=PIPELINING,SIZE,CHUNKING
waiting() { find "$QUEUE/new" -type f 2>/dev/null | wc -l | tr -d ' '; }
asks() { run timeout -k 5 120 "$POSTHASTE" "$@" </dev/null; }
connections() { grep -c '^C: EHLO' "$T/transcript"; }
arrived() { sed -n 's/^X-Number: \([0-9]*\).*/\1/p' "$T"/spool/*.eml | tr '\n' ' '; }
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
	smarthost --once 1000 --extensions "$PIPELINING" "${options[@]}"
	conf queue_autostart\ off "logfile $LOG" "$@"
	chmod 600 "$T/rc"
	"$PUT" count="$n" account=default config="$T/rc" bob@example.org <"$T/mail" >"$T/ids"
}
all() { seq -s ' ' 1 "$1" | sed 's/$/ /'; }
# RSET stands before a MAIL that is sent before the reply to BDAT.
ahead() { grep -c '^C: RSET' "$T/transcript"; }

# ---- one message after the other, but without waiting ----
while IFS='|' read -ru 9 name messages wanted few many lines options; do
	eval "begin $messages $options -- $lines"
	asks -q
	status_is 0 "$name"
	is "$(arrived)$(waiting)" "$(all "$messages")0" "$name: all arrive, in order"
	is "$(connections) $(wc -l <"$LOG")" "$wanted $messages" "$name: connections, log lines"
	check "$name: so many are sent ahead: $(ahead)" eval "[ $(ahead) -ge $few ] && [ $(ahead) -le $many ]"
	no_violation "$name: the dialogue is correct"
	smarthost_stop
done 9<<'ROWS'
nothing is said|8|1|0|0||
8 messages|40|1|5|38|pipeline_messages\ 8
more than there are|5|1|1|3|pipeline_messages\ 1000
so many over a connection|11|4|0|4|pipeline_messages\ 8 max_messages_per_connection\ 3
with min_interval|3|1|0|0|pipeline_messages\ 8 min_interval\ 1s
the server has no PIPELINING|5|1|0|0|pipeline_messages\ 8|--extensions CHUNKING
the server has no CHUNKING|8|1|0|0|pipeline_messages\ 8|--extensions PIPELINING
the server has neither|5|1|0|0|pipeline_messages\ 8|--extensions SIZE
it takes few messages in a session|7|4|0|2|pipeline_messages\ 8|--extensions PIPELINING,CHUNKING,LIMITS\ MAILMAX=2
ROWS

begin 30 -- pipeline_messages\ 5
timeout -k 5 60 "$POSTHASTE" --queue-runner </dev/null
is "$? $(arrived)$(waiting)" "0 $(all 30)0" "the background runner does it, too"
smarthost_stop

# ---- each has its own outcome ----
none='--reply rcpt= --reply rcpt= --reply rcpt='
taken='--reply eod= --reply eod= --reply eod='
while IFS='|' read -ru 9 name want_status want_arrived want options; do
	eval "begin 8 $options -- pipeline_messages\\ 4"
	asks -q --json
	is "$status $(js "(v['done'], v['failed'], v['left'])")" "$want_status $want" "$name: the status, and JSON"
	is "$(arrived)" "$want_arrived" "$name: the others arrive, in order"
	is "$(wc -l <"$LOG")" 8 "$name: a line of the log for each"
	no_violation "$name: the dialogue is correct"
	smarthost_stop
done 9<<ROWS
a recipient is refused in the middle|0|1 2 3 5 6 7 8 |(8, 1, 0)|$none --reply rcpt=550\ 5.1.1\ who --reply rcpt=
a message is refused in the middle|0|1 2 3 5 6 7 8 |(8, 1, 0)|$taken --reply eod=554\ 5.6.0\ no --reply eod=
one has to wait|75|1 2 3 5 6 7 8 |(7, 0, 1)|$taken --reply eod=451\ 4.3.0\ later --reply eod=
two have to wait|75|1 2 3 6 7 8 |(6, 0, 2)|$taken --reply eod=451\ 4.3.0\ later --reply eod=452\ full --reply eod=
ROWS

# ---- the server ends the session ----
begin 8 --close-at-421 --reply eod= --reply eod= --reply eod=421\ 4.3.2\ enough --reply eod= -- pipeline_messages\ 4
asks -q
is "$status $(arrived)$(connections)" "0 $(all 8)2" "421: it goes on in a new session, in order, with what was refused"
is "$(wc -l <"$LOG")" 8 "421: what is returned was no attempt"
smarthost_stop
begin 8 --close-at-421 --reply greeting= --reply greeting=421\ 4.3.2\ enough --reply eod= --reply eod= \
	--reply eod=421\ 4.3.2\ enough -- pipeline_messages\ 4
asks -q
is "$status $(arrived)$(connections) $(waiting)" "75 1 2 1 6" "421 to the next session, too: the account waits"
asks -bp --json
is "$(js "[m['attempts'] for m in v], [m['possible_duplicate'] for m in v].count(True)")" "([1, 0, 0, 0, 0, 0], 0)" \
	"that was one attempt of one message"
is "$(find "$QUEUE/state" -type f -empty | wc -l)" 0 "and no other one is marked"
smarthost_stop

# ---- several connections ----
begin 60 -- pipeline_messages\ 5 queue_sessions\ 3
asks -q
is "$status $(arrived | tr ' ' '\n' | sort -n | tr '\n' ' ' | sed 's/^ //')$(waiting)" "0 $(all 60)0" \
	"with queue_sessions: each arrives once"
is "$(connections) $(wc -l <"$LOG")" "4 60" "with queue_sessions: connections, log lines"
no_violation "with queue_sessions: the dialogues are correct"
smarthost_stop
busy='421 4.7.0 too many connections'
begin 40 --reply greeting= --reply "greeting=$busy" --reply greeting= -- pipeline_messages\ 5 queue_sessions\ 3
asks -q
is "$status $(($(stored) + $(waiting))) $(waiting)" "0 40 0" "one connection is refused: all arrive, once"
smarthost_stop

# ---- a process that crashes with several messages under way ----
children() { cat "/proc/$1/task/$1/children" 2>/dev/null; }
marked() { find "$QUEUE/state" -type f -empty 2>/dev/null | wc -l | tr -d ' '; }
all_under_way() { [ "$(waiting) $(marked)" = "$1 $1" ]; }
if [ -e "/proc/$$/task/$$/children" ] && ! sanitized; then
	for sessions in 1 2; do
		name="killed with $sessions sessions" n=$((3 * sessions))
		begin 12 --hang rcpt:poison@example.org -- pipeline_messages\ 3 "queue_sessions $sessions"
		"$PUT" count=$n account=default config="$T/rc" poison@example.org <"$T/mail" >"$T/ids"
		"$POSTHASTE" -q </dev/null >"$T/run.out" 2>"$T/run.err" 7>&- &
		runner=$!
		check "$name: $n messages are under way, and marked" wait_until 15 all_under_way $n
		victims=$(children "$runner")
		[ "$sessions" = 1 ] || victims=$(children "${victims// /}")
		# shellcheck disable=SC2086 # words
		kill -s KILL $victims
		wait "$runner"
		is "$? $(stored) $(waiting) $(marked)" "75 12 $n 0" "$name: it was an attempt of each"
		asks -bp --json
		is "$(js "[(m['attempts'], m['possible_duplicate'], m['sending']) for m in v] == [(1, True, False)] * $n")" True \
			"$name: each of them may have been delivered"
		is "$(grep -c "posthaste crashed while it worked on this message" "$T/run.err")" $((sessions == 1 ? 1 : n)) \
			"$name: it is said"
		smarthost_stop
	done
fi

# ---- the line is cut ----
status=0
POSTHASTE=$POSTHASTE "$PYTHON" "$top_srcdir/tests/cli/queue_pipeline.py" "$T" >"$T/cuts" || status=$?
while read -r line; do
	case $line in
	ok*) ok "${line#ok * - }" ;;
	not*) not_ok "${line#not ok * - }" "$(grep '^#' "$T/cuts" | head -20)" ;;
	esac
done <"$T/cuts"
is "$status $(grep -c '^ok' "$T/cuts")" "0 6" "a line that is cut at many places"
done_testing
