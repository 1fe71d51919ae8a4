#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# How messages leave the queue: -q and its letters, --queue-run, the runner in
# the background; one connection for many, every message once, whatever dies meanwhile.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

PUT=$top_builddir/tests/lib/queue_put
[ -x "$PUT" ] || skip_all "queue_put is not built: make check builds it"
QUEUE=$XDG_STATE_HOME/posthaste/queue
LOG=$T/log

waiting() { find "$QUEUE/new" -type f 2>/dev/null | wc -l | tr -d ' '; }
failed() { find "$QUEUE/failed" -type f 2>/dev/null | wc -l | tr -d ' '; }
empty_queue() { rm -rf "$XDG_STATE_HOME/posthaste" "$LOG"; }
# put KEY=VALUE... RECIPIENT...: prints the IDs
put() { "$PUT" account=default config="$T/rc" "$@" <"$T/mail"; }
# q ARGUMENT...: with the configuration that the messages name
q() { run timeout -k 5 60 "$POSTHASTE" "$@" </dev/null; }
# conversations: how many EHLOs the server saw
conversations() { grep -c '^C: EHLO' "$T/transcript"; }
# numbers: X-Number of what was stored, in order of arrival
numbers() { sed -n 's/^X-Number: \([0-9]*\).*/\1/p' "$T"/spool/*.eml | paste -sd' '; }
is_waiting() { [ "$(waiting)" = "$1" ]; }
# state NAME ID: the latest value written down
state() {
	local file=$QUEUE/state/$2
	[ -f "$file" ] || file=$QUEUE/new/$2
	sed -n "/^end 0:/q;s/^$1 [0-9]*://p" "$file"
}
# marks ID: first attempts that are written down as under way
marks() { find "$QUEUE/state" -name "$1" -empty -perm 400 | wc -l | tr -d ' '; }
# a smarthost for any number of connections
server() { smarthost --once 1000 "$@"; conf "logfile $LOG" queue_autostart\ off; }
# one that comes back at the port where one was
server_returns() { smarthost --once 1000 --listen "127.0.0.1:$port" "$@"; }

# ---- nothing to do ----
q -q
status_is 0 "no queue: exit status 0"
check "no queue is made" [ ! -e "$QUEUE" ]

# ---- many messages, one connection ----
server
put count=20 bob@example.org >"$T/ids"
q -q
status_is 0 "20 messages"
is "$(stored) $(waiting)" "20 0" "all arrive, none is left"
is "$(numbers)" "$(seq -s' ' 20)" "in order of arrival"
is "$(conversations)" 1 "over one connection"
is "$(grep -c ' exitcode=EX_OK$' "$LOG")" 20 "a line of the log for each"
is "$(sed 's/.* queue_id=\([^ ]*\).*/\1/' "$LOG")" "$(cat "$T/ids")" "with its ID"
no_violation "20 messages: no violation"
printf 'max_messages_per_connection 3\n' >>"$T/rc"
put count=7 bob@example.org >/dev/null
q --queue-run
is "$(stored) $(conversations)" "27 4" "three messages per connection: 7 messages, 3 more connections"
smarthost_stop

# ---- the name it was queued under ----
empty_queue
server
ln -s "$POSTHASTE" "$T/msmtp"
# a backslash is an error in a file of ours
printf '%s\n' 'host 127.0.0.1' "port $port" 'from a@example.org' 'queue always' 'queue_autostart off' \
	'from_full_name "a\b"' >"$T/plain"
run timeout -k 5 60 "$T/msmtp" -C "$T/plain" bob@example.org <"$T/mail"
is "$status $(waiting)" "0 1" "queued by msmtp"
q -q
is "$status $(stored) $(waiting)" "0 1 0" "posthaste -q reads its file as msmtp did"
smarthost_stop

# ---- what is chosen ----
empty_queue
server
one=$(put bob@example.org)
two=$(put sender=other@example.net carol@example.org)
three=$(put due=3600 dave@example.org)
q -qRcarol
is "$(stored) $(envelope rcpt)" "1 carol@example.org" "-qR chooses by recipient"
q "-qI${one:8}"
is "$(stored) $(envelope rcpt 0002)" "2 bob@example.org" "-qI chooses by ID"
put sender=Other@example.net carol@example.org >/dev/null
q -qSOTHER
is "$(stored) $(envelope mail_from 0003)" "3 Other@example.net" "-qS chooses by sender"
q --queue-run "$three"
is "$(stored) $(envelope rcpt 0004)" "4 dave@example.org" "--queue-run takes an ID, due or not"
q --queue-run nosuchid
status_is 66 "an ID there is not: exit status 66"
said 'no message "nosuchid"' "and says so"
q --queue-run "$two"
status_is 66 "one that has gone, too"
q -qx
status_is 64 "-qx is no way to run a queue"
put hold=user bob@example.org >/dev/null
put not_before=3600 bob@example.org >/dev/null
q -q
status_is 0 "what the user holds and what is for later: exit status 0"
is "$(stored) $(waiting)" "4 2" "and both stay"
ln -s "$POSTHASTE" "$T/sendmail"
put bob@example.org >/dev/null
run timeout -k 5 60 "$T/sendmail" -q </dev/null
status_is 0 "sendmail -q"
is "$(stored)" 5 "sends"
smarthost_stop

# ---- the server is away, and returns ----
empty_queue
put count=3 bob@example.org >"$T/ids"
q -q
status_is 75 "the server is away: exit status 75"
said 'cannot connect to 127\.0\.0\.1' "and why"
is "$(waiting)" 3 "all wait"
is "$(state attempts "$(head -1 "$T/ids")") $(state attempts "$(tail -1 "$T/ids")")" "1 " \
	"one of them has found out for all"
server_returns
q -q
status_is 0 "it is back: exit status 0"
is "$(numbers)" "1 2 3" "every message arrives once"
smarthost_stop

# ---- 421 in the middle ----
empty_queue
server --reply 'mail=' --reply 'mail=421 4.3.2 closing down'
put count=4 bob@example.org >/dev/null
q -q
smarthost_stop
status_is 75 "421 to the second message: exit status 75"
is "$(numbers)" 1 "the first one is sent"
is "$(waiting)" 3 "the others wait"
server_returns
q -q
is "$(numbers)" "2 3 4" "and arrive once the server is back"
smarthost_stop

# ---- two hosts ----
# One smarthost at both addresses: each conversation is one with another host.
server
smarthost_stop
both=$port
# tries COUNT NAME SINK-OPTION...: one run, and how many hosts were talked to
tries() {
	local count=$1 name=$2
	shift 2
	empty_queue
	smarthost --once 1000 --listen "127.0.0.1:$both" --listen "127.0.0.2:$both" "$@"
	port=$both conf queue_autostart\ off
	sed -i 's/^host .*/host 127.0.0.1 127.0.0.2/' "$T/rc"
	put bob@example.org >/dev/null
	q -q
	smarthost_stop
	status_is 75 "$name: exit status 75"
	is "$(conversations) $(waiting)" "$count 1" "$name: $count of two hosts tried, and the message waits"
}
tries 2 "two hosts, 421 to EHLO" --reply 'ehlo=421 4.3.2 closing down'
tries 1 "two hosts, lost at MAIL" --close mail
tries 1 "two hosts, 421 to RCPT" --reply 'rcpt=421 4.3.2 closing down'
tries 1 "two hosts, lost at DATA" --close data
tries 1 "two hosts, 451 to the message" --reply 'eod=451 4.3.0 later'
tries 1 "two hosts, lost after the message" --close eod
is "$(stored)" 1 "two hosts, lost after the message: it was sent once"

# ---- recipients ----
empty_queue
server --reply 'rcpt:carol@example.org=450 4.2.0 later' --reply 'rcpt:bob@example.org=550 5.1.1 unknown' \
	--reply 'rcpt:bob@example.org='
id=$(put sender= bob@example.org carol@example.org dave@example.org)
q -q
status_is 75 "one later, one never, one accepted: exit status 75"
is "$(sed -n 's/^state [0-9]*://p' "$QUEUE/state/$id" | paste -sd' ')" "failed accepted" \
	"the first one has failed, the last one has it, the one between is open"
q -q
is "$(grep -c '^C: RCPT TO:<dave' "$T/transcript") $(grep -c '^C: RCPT TO:<bob' "$T/transcript")" "1 1" \
	"neither is named again"
smarthost_stop

# ---- perhaps delivered, and put off afterwards ----
empty_queue
server --close eod
id=$(put bob@example.org)
q -q
smarthost_stop
status_is 75 "the connection ends after the data: exit status 75"
server_returns --reply 'rcpt:bob@example.org=450 4.2.0 later' --reply 'rcpt:bob@example.org=450 4.2.0 later' \
	--reply 'rcpt:bob@example.org=550 5.1.1 unknown'
for attempt in second third; do
	q -q
	run "$POSTHASTE" --json --queue-show "$id"
	is "$(grep -o '"possible_duplicate":[a-z]*' "$out" | paste -sd' ')" \
		'"possible_duplicate":true "possible_duplicate":true' \
		"put off by the $attempt attempt: a second copy is still possible"
done
q -q
q -q
is "$(waiting) $(stored) $(envelope rcpt)" "0 1 alice@example.org" \
	"refused by the fourth attempt: its sender gets a report"
check "the report says that the message may have been delivered" grep -q 'may have been delivered' "$T/spool/0001.eml"
smarthost_stop

# ---- what must be fixed is held ----
empty_queue
server --auth PLAIN --require-auth --user joe --password-file "$T/password"
printf 'wrong\n' >"$T/secret"
printf 'auth plain\nauth_without_tls on\npassword_file %s\n' "$T/secret" >>"$T/rc"
put count=2 bob@example.org >"$T/ids"
q -q
status_is 75 "a wrong password: exit status 75"
is "$(grep -c '^C: AUTH' "$T/transcript")" 1 "and it is tried once for both"
"$POSTHASTE" --queue-runner </dev/null 7>&- &
runner=$!
cp "$T/password" "$T/secret"
wait_until 20 is_waiting 0
wait "$runner"
is "$? $(numbers) $(waiting)" "0 1 2 0" "fixed, it is sent automatically, and the runner ends"
is "$(grep -c '^C: AUTH' "$T/transcript")" 2 "it has not tried again before"
smarthost_stop

put account=gone bob@example.org >/dev/null
q -q
status_is 75 "an account that is gone: exit status 75"
said 'message [0-9a-z]{13} in the queue: .*gone' "and the line names message and account"

# ---- settings that a message was submitted with ----
empty_queue
server
put setting="logfile $T/other" setting='domain two.example.org' bob@example.org >/dev/null
put setting='tls_startls on' bob@example.org >"$T/ids"
put bob@example.org >/dev/null
q -q
status_is 75 "one message has a setting that no program knows: exit status 75"
is "$(stored) $(waiting)" "2 1" "the others are sent"
is "$(wc -l <"$T/other" | tr -d ' ') $(grep -c '^C: EHLO two.example.org' "$T/transcript")" "1 1" \
	"one with its own settings"
run "$POSTHASTE" -bp
like "$(cat "$out")" \
	"$(cat "$T/ids")!.*the command line it was submitted with: expected a setting of an account, got tls_startls" \
	"the third is held, and mailq says why"
smarthost_stop

# ---- what is left, and why ----
empty_queue
server
held=$(put hold=user bob@example.org)
later=$(put due=3600 not_before=3600 bob@example.org)
while read -r how wanted why; do
	eval "q $how"
	status_is "$wanted" "$how: exit status $wanted"
	if [ "$why" ]; then
		said "the message ($held|$later) is still in the queue: $why" "$how: it is said why"
	else
		is "$(cat "$err")" "" "$how: nothing is said"
	fi
done <<'END'
-q 0
-qRbob 0
-qI$held 75 held until it is released
END
q --queue-run "$held" "$later"
status_is 75 "--queue-run with IDs: exit status 75"
said "$held is still in the queue: held" "the first is held by the user"
said "$later is still in the queue: to be sent later" "the second is for later"
smarthost_stop
put count=2 bob@example.org >"$T/ids"
q -q
is "$status $(grep -c 'is still in the queue: ' "$err")" "75 2" "the server is away: both are named"

# ---- killed in the middle ----
empty_queue
server --hang eod
id=$(put bob@example.org)
"$POSTHASTE" --queue-runner </dev/null &
runner=$!
wait_until 20 grep -q '^C: DATA' "$T/transcript"
wait_until 20 test -s "$T/spool/0001.eml"
kill_runner "$runner"
smarthost_stop
cp "$T/spool/0001.eml" "$T/first.eml"
is "$(marks "$id")" 1 "killed after the data: an attempt is written down as under way"
server_returns
q -q
status_is 0 "asked for, it goes at once: exit status 0"
is "$(stored) $(waiting)" "1 0" "and is sent once more"
like "$(cat "$LOG")" "may have been delivered.*queue_id=$id exitcode=EX_TEMPFAIL" \
	"the log says that it may have been delivered"
is "$(grep -ai '^Message-ID' "$T/spool/0001.eml")" "$(grep -ai '^Message-ID' "$T/first.eml")" "with the same Message-ID"
smarthost_stop

# An attempt counts from MAIL on.  dies AT: the runner is killed where the server does not answer AT
dies() {
	empty_queue
	server --hang "$1"
	id=$(put bob@example.org)
	"$POSTHASTE" --queue-runner </dev/null &
	runner=$!
	wait_until 20 grep -q "$2" "$T/transcript"
	kill_runner "$runner"
	smarthost_stop
	server_returns
}
while read -r at seen marked; do
	for how in -q '-qI$id' '--queue-run $id' --queue-runner; do
		[ "$how $marked" = '--queue-runner 1' ] && continue # waits for its interval: tests/unit/test_schedule.c
		dies "$at" "$seen"
		is "$(marks "$id")" "$marked" "killed at $at: marked on disk: $marked"
		eval "q $how"
		is "$status $(stored) $(waiting)" "0 1 0" "killed at $at, $how: sent at once"
		is "$(grep -c 'may have been delivered' "$LOG")" "$marked" "killed at $at, $how: a second copy: $marked"
		smarthost_stop
	done
done <<'END'
ehlo ^C:.EHLO 0
mail ^C:.MAIL 1
rcpt ^C:.RCPT 1
END

# ---- the runner in the background ----
# Kept by the program itself: started, working, and ended when nothing is left.
empty_queue
server
conf "logfile $LOG" "queue always" "queue_autostart on"
post bob@example.org
status_is 0 "queue always: exit status 0"
wait_until 20 is_waiting 0
wait_until 20 test -s "$T/spool/0001.json"
is "$(stored) $(waiting)" "1 0" "the runner starts automatically and sends it"
nobody_runs() { locks free "$QUEUE/runner" 2>/dev/null; }
check "and ends" wait_until 20 nobody_runs
put due=3600 bob@example.org >/dev/null
"$POSTHASTE" --queue-runner </dev/null &
runner=$!
wait_until 20 eval '! nobody_runs'
"$POSTHASTE" --queue-runner </dev/null
is "$?" 0 "a second runner leaves at once"
put carol@example.org >/dev/null
wait_until 20 is_waiting 1
is "$(stored) $(envelope rcpt 0002)" "2 carol@example.org" "one that waits wakes for what comes"
kill "$runner"
wait "$runner"
is "$? $(waiting)" "0 1" "asked to end, it ends, and the message stays"
empty_queue
put due=1 bob@example.org >/dev/null
"$POSTHASTE" --queue-runner </dev/null
is "$? $(stored) $(waiting)" "0 3 0" "it waits for the time of a message, and ends after the last one"
smarthost_stop

# ---- what comes while the runner ends ----
# The runner is stopped after each of its looks into the queue's folders, the last ones included. Meanwhile a message
# is kept by the program itself, which starts a runner only if none is at work; one of the two must send it.
empty_queue
server
conf "queue always" "queue_autostart on"
# stopped_after N: a runner with one message to send, stopped after its Nth look; $tracer, $runner
stopped_after() {
	put bob@example.org >/dev/null
	rm -f "$T/trace"
	strace -f -qq -o "$T/trace" -e trace=getdents64 -e inject="getdents64:signal=SIGSTOP:when=$1" \
		"$POSTHASTE" --queue-runner </dev/null 7>&- &
	tracer=$!
	wait_until 20 eval 'grep -q "stopped by SIGSTOP" "$T/trace" 2>/dev/null || ! kill -0 "$tracer" 2>/dev/null'
	runner=$(sed -n 's/^\([0-9]*\) .*stopped by SIGSTOP.*/\1/p' "$T/trace")
}
if sanitized || ! strace -qq -o /dev/null -e trace=none true 2>/dev/null; then
	skip "strace is missing, or may not trace here" "what comes while the runner ends is sent"
else
	looks=0 lying=
	for ((n = 2; n < 100; n += 2)); do # a look is two calls: the names, and that there are no more
		stopped_after "$n"
		[ -n "$runner" ] || break
		looks=$((looks + 1))
		post carol@example.org
		kill -CONT "$runner"
		wait "$tracer"
		wait_until 20 is_waiting 0 || lying="$lying $n"
		wait_until 20 nobody_runs
		[ -z "$lying" ] || break
	done
	is "$lying" "" "what comes while the runner ends is sent ($looks looks)"
	check "the runner looks before it begins, after its work, and once more" [ "$looks" -ge 3 ]
fi
smarthost_stop

# ---- ten writers, two runners ----
empty_queue
server
writers=
for i in 1 2 3 4 5 6 7 8 9 10; do
	put count=5 "w$i@example.org" >/dev/null &
	writers="$writers $!"
done
"$POSTHASTE" --queue-runner </dev/null &
a=$!
"$POSTHASTE" -q </dev/null >/dev/null 2>&1 &
b=$!
# shellcheck disable=SC2086
wait $writers $a $b
"$POSTHASTE" --queue-runner </dev/null
is "$(waiting) $(stored)" "0 50" "nothing is lost or doubled"
is "$(cat "$T"/spool/*.json | grep -o 'w[0-9]*@example.org' | sort | uniq -c | awk '{print $1}' | sort -u |
	paste -sd' ')" "5" "each writer's five arrive"
smarthost_stop

# ---- three at once, one of them stuck ----
# The first run hangs with a message that it alone may send; the others send everything else.
empty_queue
server --hang rcpt:stuck@example.org
put stuck@example.org >/dev/null
put count=3 bob@example.org >/dev/null
"$POSTHASTE" -q </dev/null >"$T/first.out" 2>&1 &
first=$!
wait_until 20 grep -q '^C: RCPT TO:<stuck@' "$T/transcript"
"$POSTHASTE" -q </dev/null >"$T/second.out" 2>&1 &
second=$!
check "a second run sends the others" wait_until 20 eval '[ "$(stored)" = 3 ]'
"$POSTHASTE" --queue-runner </dev/null >"$T/runner.out" 2>&1 &
runner=$!
put carol@example.org >/dev/null
check "the runner sends what comes" wait_until 20 eval '[ "$(stored)" = 4 ]'
kill "$runner"
wait "$runner"
smarthost_stop
wait "$first" "$second"
is "$(grep -c '^C: RCPT TO:<stuck@' "$T/transcript") $(waiting)" "1 1" \
	"none of them touched the message that the first one has"
is "$(grep -c 'may have been delivered' "$LOG")" 0 "nor took its attempt for one that died"
is "$(cat "$T"/spool/*.json | grep -o '[a-z]*@example.org' | grep -v alice | sort | uniq -c | awk '{ print $1 $2 }' |
	paste -sd' ')" "3bob@example.org 1carol@example.org" "each of the others arrived once"
server_returns
q -q
is "$(stored) $(envelope rcpt) $(waiting)" "1 stuck@example.org 0" "and that one goes later, once"
smarthost_stop

# ---- the command line ----
run "$POSTHASTE" --help
unlike "$(cat "$out")" 'queue-runner' "the runner's own mode is not listed"

done_testing
