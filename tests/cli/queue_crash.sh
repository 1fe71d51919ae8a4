#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A message that makes the program crash costs one attempt of its own, whatever it crashes at: the run goes on with the
# others, the runner stays, and the message waits for its next time.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
ulimit -c 0
# With sanitizers a crash would be their exit status 1, and not the signal.
if sanitized; then export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}handle_segv=0:handle_abort=0"; fi

PUT=$top_builddir/tests/lib/queue_put
[ -x "$PUT" ] || skip_all "queue_put is not built: make check builds it"
LOG=$T/log
QUEUE=$XDG_STATE_HOME/posthaste/queue
put() { "$PUT" config="$T/rc" "$@" <"$T/mail"; }
is_stored() { [ "$(stored)" = "$1" ]; }
waiting() { find "$QUEUE/new" -type f 2>/dev/null | wc -l | tr -d ' '; }
show() { "$POSTHASTE" --queue-show "$1" 2>&1 | sed -n "s/^$2: //p"; }
attempts() { show "$1" Attempts; }
# the process that works for $runner
worker() { cat "/proc/$runner/task/$runner/children" 2>/dev/null | tr -d ' '; }
is_hanging() { [ "$(grep -c '^C: RCPT TO:<poison@' "$T/transcript")" = "${1:-1}" ] && [ -n "$(worker)" ]; }
[ -e "/proc/$$/task/$$/children" ] || skip_all "/proc does not name the children of a process"

# ---- killed from outside, where the server does not answer ----
while read -ru 9 mode signal marked; do
	name="$mode, $signal"
	rm -rf "$XDG_STATE_HOME/posthaste" "$LOG"
	smarthost --once 1000 --hang rcpt:poison@example.org
	conf "logfile $LOG" queue_autostart\ off
	put account=default first@example.org >/dev/null
	poison=$(put account=default poison@example.org)
	put count=3 account=default bob@example.org >/dev/null
	"$POSTHASTE" "$mode" </dev/null >"$T/run.out" 2>"$T/run.err" 7>&- &
	runner=$!
	check "$name: the message hangs" wait_until 20 is_hanging
	kill -s "$signal" "$(worker)"
	check "$name: the others go" wait_until 20 is_stored 4
	is "$(attempts "$poison")" 1 "$name: it costs one attempt"
	like "$(show "$poison" Why)" 'may have been delivered' "$name: what is known about it"
	is "$(grep -c "queue_id=$poison .*EX_TEMPFAIL" "$LOG")" "$marked" "$name: it is in the log"
	if [ "$mode" = -q ]; then
		wait "$runner"
		is "$?" 75 "$name: exit status 75"
		like "$(cat "$T/run.err")" "message $poison in the queue: posthaste crashed while it worked on this message" \
			"$name: it is said which"
	else
		put account=default carol@example.org >/dev/null
		check "$name: the runner goes on" wait_until 20 is_stored 5
		kill "$runner"
		wait "$runner"
		is "$?" 75 "$name: asked to end, it ends, with the status of a crash"
	fi
	is "$(waiting)" 1 "$name: only that message waits"
	smarthost_stop
done 9<<'ROWS'
-q SEGV 1
-q KILL 1
--queue-runner SEGV 1
--queue-runner ABRT 1
ROWS

# ---- crashes at every attempt, before MAIL ----
for mode in -q --queue-runner; do
	rm -rf "$XDG_STATE_HOME/posthaste" "$LOG"
	smarthost --once 1000
	conf "logfile $LOG" queue_autostart\ off
	printf '%s\n' 'account poison : default' 'auth plain' 'auth_without_tls on' 'keyring off' \
		'passwordeval kill -s SEGV $PPID; sleep 9' >>"$T/rc"
	poison=$(put account=poison bob@example.org)
	second=$(put account=poison carol@example.org)
	put count=2 account=default bob@example.org >/dev/null
	timeout -k 5 60 "$POSTHASTE" "$mode" </dev/null >"$T/run.out" 2>"$T/run.err" 7>&- &
	runner=$!
	check "$mode, a password command that kills it: the others go" wait_until 20 is_stored 2
	[ "$mode" = -q ] || kill "$runner"
	wait "$runner"
	is "$(attempts "$poison") $(attempts "$second")" "1 1" "$mode, at every attempt: each costs one"
	like "$(show "$poison" Why)" '^posthaste crashed while it worked on this message: ' "$mode, at every attempt: why"
	unlike "$(show "$poison" 'Next attempt')" 'due now' "$mode, at every attempt: tried again later"
	smarthost_stop
done

# ---- who dies with whom ----
rm -rf "$XDG_STATE_HOME/posthaste"
smarthost --once 1000 --hang rcpt:poison@example.org
conf queue_autostart\ off
put account=default poison@example.org >/dev/null
"$POSTHASTE" --queue-runner </dev/null >"$T/run.out" 2>&1 7>&- &
runner=$!
wait_until 20 is_hanging
works=$(worker)
kill -KILL "$runner"
wait "$runner" 2>/dev/null
if linux_features; then
	check "the worker dies with the process that started it" wait_until 20 eval '! kill -0 "$works" 2>/dev/null'
else
	skip "nothing ends a process with the one that made it" "the worker dies with the process that started it"
	kill -KILL "$works"
	wait_until 20 eval '! kill -0 "$works" 2>/dev/null'
fi
smarthost_stop
done_testing
