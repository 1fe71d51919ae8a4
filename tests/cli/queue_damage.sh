#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A thousand messages of the queue are damaged at random, in their files and in
# their states: none is sent other than it was accepted, none is lost, each is held
# and reported; the messages between them are delivered.
# SEED=N repeats a run, COUNT=N makes it longer.
[ -w /dev/shm ] && export TMPDIR=/dev/shm # thousands of files, and most of them are synced
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

DAMAGE=$top_builddir/tests/lib/queue_damage
[ -x "$DAMAGE" ] || skip_all "queue_damage is not built: make check builds it"
QUEUE=$XDG_STATE_HOME/posthaste/queue
count=${COUNT:-1000}
sanitized && count=$((count / 5))
seed=${SEED:-20261130}
note "seed $seed"

smarthost --once 100000
conf "on_failure sh -c \"cat >>$T/events\""
cp "$T/rc" "$HOME/.posthasterc"
mkdir "$T/originals"
"$DAMAGE" "$seed" "$count" "$T/originals" >"$T/damage"
is "$? $(grep -vc 'whole$' "$T/damage")" "0 $count" "$count messages are damaged"
for place in front header body state; do
	for how in cut flip zero; do
		check "$place: $how" grep -q " $place $how " "$T/damage"
	done
done
q() { run timeout -k 5 300 "$POSTHASTE" "$@" </dev/null; }
ids() { sed -n "$1s/^[0-9]* \([^ ]*\) .*/\1/p" "$T/damage" | sort; }
waiting() { find "$QUEUE/new" -type f -printf '%f\n' | sort; }

# What the server has got: each message as it was submitted, for those recipients who lacked it.  Prints the numbers.
cat >"$T/judge.py" <<'END'
import glob, json, re, sys
originals = sys.argv[1]
for name in sorted(glob.glob(sys.argv[2] + '/*.eml')):
    data = open(name, 'rb').read()
    rcpts = ' '.join(rcpt['address'] for rcpt in json.load(open(name[:-3] + 'json'))['rcpt'])
    found = re.search(rb'^X-Number: (\d+)\r\n', data, re.M)
    number = found.group(1).decode() if found else 'none'
    try:
        right = data == open(f'{originals}/{number}.eml', 'rb').read() and rcpts == open(f'{originals}/{number}.rcpt').read()
    except FileNotFoundError:
        right = False
    print(number if right else 'WRONG ' + name)
END
sent() { "$PYTHON" "$T/judge.py" "$T/originals" "$T/spool" | sort -n; }

q -q
status_is 74 "-q: exit status 74"
is "$(grep -c '^posthaste: message .* in the queue: .*damaged' "$err")" "$count" "and a line for each on standard error"
is "$(sent)" "$(sed -n 's/^\([0-9]*\) .* whole$/\1/p' "$T/damage")" \
	"the undamaged messages arrive as they were submitted, and no other"
no_violation "the server has nothing to complain about"
is "$(waiting)" "$(ids '/whole$/!')" "every damaged message is still there"
run "$POSTHASTE" -bp --json
"$PYTHON" -c 'import json, sys
for m in json.load(sys.stdin):
    print(m["queue_id"], m["state"], m["hold"], bool(m["reason"] and m["hint"]), \
	m["next_attempt"])' <"$out" | sort >"$T/listed"
is "$(cat "$T/listed")" "$(ids '/whole$/!' | sed 's/$/ held damaged True None/')" \
	"and held as damaged, with a reason and a hint"
"$PYTHON" -c 'import json, sys
for line in sys.stdin:
    e = json.loads(line)
    print(e["queue_id"], e["event"])' <"$T/events" | sort >"$T/reported"
is "$(cat "$T/reported")" "$(ids '/whole$/!' | sed 's/$/ held/')" "each is reported once"

# ---- later ----
sent >"$T/before"
"$POSTHASTE" --queue-runner </dev/null >/dev/null 2>&1
is "$?" 0 "the runner has nothing to do"
q -q
status_is 0 "nor has -q"
is "$(sent)" "$(cat "$T/before")" "nothing else is sent"
is "$(wc -l <"$T/events" | tr -d ' ')" "$count" "and nothing reported twice"

# ---- the user's decision ----
run "$POSTHASTE" --queue-status
is "$status" 1 "--queue-status calls it stuck"
content=$(sed -n '/ state /!{/whole$/!s/^[0-9]* \([^ ]*\) .*/\1/p}' "$T/damage" | head -50)
# shellcheck disable=SC2086
run "$POSTHASTE" --queue-autostart=off --queue-release $content
status_is 74 "damaged messages are not released: exit status 74"
is "$(grep -c 'is damaged and is not released' "$err")" 50 "each with a reason"
q -q
is "$(sent)" "$(cat "$T/before")" "and none is sent"
state=$(sed -n 's/^[0-9]* \([^ ]*\) state .*/\1/p' "$T/damage" | head -20)
for id in $state; do
	number=$(sed -n "s/^\([0-9]*\) $id .*/\1/p" "$T/damage")
	cp "$T/originals/$number.all" "$T/originals/$number.rcpt"
	echo "$number" >>"$T/before"
done
# shellcheck disable=SC2086
run "$POSTHASTE" --queue-autostart=off --queue-release $state
status_is 0 "of which only the state was damaged, they are released"
q -q
is "$(sent)" "$(sort -n "$T/before")" "and go to all of their recipients"
# shellcheck disable=SC2046
run "$POSTHASTE" --queue-remove $(waiting)
status_is 0 "the others can be removed"
q -q
is "$(find "$QUEUE" -mindepth 2 -type f)" "" "and the next run leaves nothing of them behind"
smarthost_stop
done_testing
