#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What waits for the server is not overtaken: with "queue auto" a later message of the same account is queued after it,
# makes it due, and goes with it, in order.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

PUT=$top_builddir/tests/lib/queue_put
[ -x "$PUT" ] || skip_all "queue_put is not built: make check builds it"
QUEUE=$XDG_STATE_HOME/posthaste/queue
empty_queue() { rm -rf "$XDG_STATE_HOME/posthaste"; }
waiting() { find "$QUEUE/new" -type f 2>/dev/null | wc -l; }
subjects() { sed -n 's/^Subject: \([0-9]*\).*/\1/p' "$T"/spool/*.eml | paste -sd' '; }
is_stored() { [ "$(stored)" = "$1" ]; }
# submits NUMBER ARGUMENT...
submits() {
	printf 'From: alice@example.org\nSubject: %s\n\nx\n' "$1" >"$T/small"
	run timeout -k 5 60 "$POSTHASTE" -C "$T/rc" "${@:2}" "bob$1@example.org" <"$T/small"
}
server_returns() { smarthost --once 1000 --listen "127.0.0.1:$port" "$@"; }
# away LINE...: the first message of a series has found no server
away() {
	empty_queue
	smarthost
	conf "$@" 'account other : default'
	smarthost_stop
	submits 1
	status_is 0 "the server is away: the first message is queued"
}

# ---- the rest of a series goes after it ----
away queue\ auto queue_autostart\ off
server_returns
submits 2
status_is 0 "a later message: status 0"
is "$(cat "$err")" "" "a later message: success is silent"
submits 3 --json
like "$(cat "$out")" 'goes after [0-9a-z]*, which waits for the same server' "a later message: a note says why"
like "$(cat "$out")" '"status": *"queued"|"queued"' "a later message: it is reported as queued"
is "$(stored) $(waiting)" "0 3" "a later message does not go before"
run timeout -k 5 60 "$POSTHASTE" -q </dev/null
status_is 0 "-q sends them"
is "$(subjects)" "1 2 3" "in order"
submits 4
is "$(subjects) $(waiting)" "1 2 3 4 0" "when nothing waits, a message goes at once"
smarthost_stop

# ---- what does not wait for the same server is not held up ----
while IFS='|' read -ru 9 name arguments; do
	away queue\ auto queue_autostart\ off
	server_returns
	# shellcheck disable=SC2086
	submits 2 $arguments
	is "$(subjects) $(waiting)" "2 1" "$name: goes at once"
	smarthost_stop
done 9<<'ROWS'
another account|-a other
without a queue|--queue=off
ROWS

# ---- which messages hold others up ----
while IFS='|' read -ru 9 name sent lines keys; do
	empty_queue
	smarthost
	conf queue\ auto "$lines"
	# shellcheck disable=SC2086
	"$PUT" account=default config="$T/rc" $keys carol@example.org <"$T/mail" >/dev/null
	submits 2
	smarthost_stop
	is "$(subjects)" "$sent" "$name"
done 9<<'ROWS'
one that waits for the server||queue_autostart off|account_fault=1 due=600
one that is to be tried now||queue_autostart off|account_fault=1
one that was to be tried minutes ago, and nothing works on the queue|2|queue_autostart off|account_fault=1 due=-300
one that waits for its recipient|2|queue_autostart off|due=600
one that the user holds|2|queue_autostart off|account_fault=1 hold=user
one that waits for a change|2|queue_autostart off|account_fault=1 hold=fix
one that is to be sent later|2|queue_autostart off|account_fault=1 not_before=600
ROWS

# ---- the runner: a new message makes the others due ----
away queue\ auto queue_autostart\ on 'queue_retry 1h'
server_returns
for i in 2 3 4 5; do submits $i; done
check "the server is back: a new message makes what waits go at once" wait_until 20 is_stored 5
is "$(subjects)" "1 2 3 4 5" "in order"
check "and nothing is left" wait_until 20 eval '[ "$(waiting)" = 0 ]'
smarthost_stop

# ---- but not before a rate limit is over ----
empty_queue
smarthost --once 1000 --reply 'greeting=421 4.7.0 too many connections'
conf queue\ auto queue_autostart\ off
submits 1
smarthost_stop
server_returns
submits 2
run timeout -k 5 2 "$POSTHASTE" --queue-runner </dev/null
is "$(stored) $(waiting)" "0 2" "a rate limit: a new message does not make the runner ask again"
run timeout -k 5 60 "$POSTHASTE" -q </dev/null
is "$(subjects)" "1 2" "a rate limit: -q does"
smarthost_stop
done_testing
