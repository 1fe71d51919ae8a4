#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Messages that wait because the account they share with another one failed: mailq, --queue-show, JSON and -q name the
# account, the reason and that other message, and promise no attempt that is not made.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

PUT=$top_builddir/tests/lib/queue_put
[ -x "$PUT" ] || skip_all "queue_put is not built: make check builds it"
empty_queue() { rm -rf "$XDG_STATE_HOME/posthaste"; }
put() { "$PUT" account="${account-default}" config="$T/rc" "$@" <"$T/mail"; }
asks() { run timeout -k 5 60 "$POSTHASTE" "$@" </dev/null; }
# js EXPRESSION: of the JSON in $out, as v
js() { "$PYTHON" -c 'import json, sys, time
v = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$out" "$1" 2>&1; }
# waits ID FINDER REASON NAME: what is said of ID, which waits for what happened to FINDER
waits() {
	local id=$1 why="waits for account ${label-default}: $3 \\($2\\)"
	asks -bp
	like "$(cat "$out")" "(^|
)$id  [^(]*\\($why\\)" "$4: mailq"
	asks --queue-show "$id"
	like "$(cat "$out")" "Why: $why" "$4: --queue-show says why"
	unlike "$(cat "$out")" 'Next attempt: due now' "$4: --queue-show promises nothing"
	asks -bp --json
	like "$(js "[m['reason'] for m in v if m['queue_id'] == '$id'][0]")" "^$why\$" "$4: mailq --json"
	is "$(js "[m['state'] for m in v if m['queue_id'] == '$id'][0]")" queued "$4: it is not held itself"
	is "$(js "all(m['next_attempt_unix'] is None or m['next_attempt_unix'] >= time.time() - 5 for m in v)")" True \
		"$4: no attempt in the past"
	asks --queue-show "$id" --json
	like "$(js "v['reason']")" "^$why\$" "$4: --queue-show --json"
}

# ---- what only a change can end ----
while IFS='|' read -ru 9 name options lines reason hint; do
	empty_queue
	# shellcheck disable=SC2086
	smarthost --once 1000 $options
	conf queue_autostart\ off
	printf '%b' "$lines" >>"$T/rc"
	finder=$(put bob@example.org)
	behind=$(put carol@example.org)
	later=$(put due=3600 dave@example.org)
	put not_before=7200 erin@example.org >"$T/others"
	account=other put frank@example.org >>"$T/others"
	put hold=user grace@example.org >>"$T/others"
	asks --queue-run "$finder"
	smarthost_stop
	waits "$behind" "$finder" "$reason" "$name"
	waits "$later" "$finder" "$reason" "$name, due in an hour"
	asks -bp --json
	is "$(js "sorted(m['queue_id'] for m in v if (m['reason'] or '').startswith('waits for account'))")" \
		"$("$PYTHON" -c 'import sys; print(sorted(sys.argv[1:]))' "$behind" "$later")" \
		"$name: neither the one for later, nor that of another account, nor the user's"
	is "$(js "[m['next_attempt'] for m in v if m['queue_id'] in ('$behind', '$later')]")" "[None, None]" \
		"$name: no attempt is promised"
	is "$(js "len({m['hint'] for m in v if m['queue_id'] in ('$behind', '$finder')})")" 1 "$name: the hint is the same"
	is "$(js "[m['error'] for m in v if m['queue_id'] == '$behind'][0]")" "$hint" "$name: the kind of failure"
done 9<<'ROWS'
a wrong password|--auth PLAIN --require-auth --user joe --password-file /dev/null|auth plain\nauth_without_tls on\nuser joe\npassword wrong\n|.*535.*|auth_refused
a wrong line|--auth PLAIN|no_such_command on\n|.*no_such_command.*|config
ROWS

# ---- what is held goes when the account works again, although no runner is there to notice it ----
# Each row: what happens once the password, which a command prints, is right again; which messages are sent at once;
# which state the held message has then.
printf 'Subject: x\n\nx\n' >"$T/small"
held() { asks --queue-show "$1" && sed -n 's/^State: //p' "$out"; }
refusing() {
	smarthost_stop
	smarthost --once 9 --listen "127.0.0.1:$port" --auth PLAIN --user joe --password-file "$T/password" \
		--reply 'rcpt=550 no'
}
nameless() {
	run "$POSTHASTE" -C /dev/null --from=a@example.org --host=127.0.0.1 --port="$port" --auth=plain \
		--auth-without-tls=on --user=joe --passwordeval="cat $T/secret" --tls=off --queue=auto \
		--queue-autostart=off carol@example.org <"$T/small"
}
while IFS='|' read -ru 9 name password autostart wanted state command; do
	empty_queue
	smarthost --once 1000 --auth PLAIN --require-auth --user joe --password-file "$T/password"
	conf queue\ auto "queue_autostart $autostart" 'auth plain' 'auth_without_tls on' "passwordeval cat $T/secret"
	echo wrong >"$T/secret"
	finder=$(put bob@example.org)
	asks --queue-run "$finder"
	is "$(held "$finder")" "held until something is fixed" "$name: held first"
	asks -bp
	like "$(cat "$out")" 'when that is corrected, posthaste -q sends it' "$name: mailq says what to do"
	cp "$T/$password" "$T/secret"
	eval "$command"
	[ "$wanted" = 0 ] || check "$name: $wanted sent" wait_until 10 eval '[ "$(stored)" = "$wanted" ]'
	is "$(stored)" "$wanted" "$name: $wanted are sent"
	[ "$state" = gone ] || is "$(held "$finder")" "$state" "$name: the held message"
	for id in "$XDG_STATE_HOME"/posthaste/queue/new/*; do # what a runner holds keeps it
		[ ! -f "$id" ] || asks --queue-remove "${id##*/}"
	done
	smarthost_stop
done 9<<'ROWS'
a message goes through|password|off|1|waits|post carol@example.org
a message goes through, the runner starts|password|on|2|gone|post carol@example.org
a message is refused|password|off|0|waits|refusing; post carol@example.org
the password is still wrong|secret|off|0|held until something is fixed|post carol@example.org
a message of another account|password|off|1|held until something is fixed|nameless
-q|password|off|1|gone|asks -q
ROWS

# ---- the next message that is queued says that it waits ----
empty_queue
smarthost --once 1000 --auth PLAIN --require-auth --user joe --password-file "$T/password"
conf queue\ always queue_autostart\ off 'auth plain' 'auth_without_tls on' "password wrong"
finder=$(put bob@example.org)
asks --queue-run "$finder"
smarthost_stop
post --json carol@example.org
status_is 0 "queued for an account that is held: exit status 0"
is "$(cat "$err")" "" "queued for an account that is held: success is silent"
like "$(js "v['notes']")" "queued as [^ ]*, but waits for account default: .*535.* \\($finder\\)" \
	"queued for an account that is held: a note"
post -v carol@example.org
said "queued as [^ ]*, but waits for account default" "queued for an account that is held: -v says so"
said '^hint: .*posthaste -q sends what waits' "and what to do"
post -v -a other carol@example.org
unsaid 'waits for account' "another account does not"

# ---- what passes, in its time ----
empty_queue
smarthost
conf queue_autostart\ off
smarthost_stop
finder=$(put bob@example.org)
behind=$(put carol@example.org)
asks --queue-run "$finder"
status_is 75 "the server is away"
waits "$behind" "$finder" "cannot connect .*" "the server is away"
asks -bp --json
is "$(js "len({m['next_attempt_unix'] for m in v})")" 1 "the server is away: both are tried at the same time"

# ---- without an account in a file ----
empty_queue
smarthost
smarthost_stop
given="--host=127.0.0.1 --port=$port --tls=off --auth=off --from=a@example.org --queue=auto --queue-autostart=off"
# shellcheck disable=SC2086
for who in bob carol; do run "$POSTHASTE" -C /dev/null $given "$who@example.org" <"$T/small"; done
asks -bp --json
is "$(js "[m['account'] for m in v]")" "[None, None]" "settings of the command line: no account's name"
behind=$(js "v[1]['queue_id']")
finder=$(js "v[0]['queue_id']")
asks --queue-release "$behind" --queue-autostart=off
asks --queue-run "$finder"
label=127.0.0.1 waits "$behind" "$finder" "cannot connect .*" "settings of the command line: the host"

# ---- the server is back ----
LOG=$T/log
numbers() { sed -n 's/^Subject: \([0-9]\).*/\1/p' "$T"/spool/*.eml | paste -sd' '; }
is_stored() { [ "$(stored)" = "$1" ]; }
submits() { # NUMBER OPTION...: by the program itself, with the account of the file
	printf 'From: alice@example.org\nSubject: %s\n\nx\n' "$1" >"$T/small"
	run timeout -k 5 60 "$POSTHASTE" -C "$T/rc" "${@:2}" "bob$1@example.org" <"$T/small"
}
server_returns() { smarthost --once 1000 --listen "127.0.0.1:$port" "$@"; }
# away COUNT: a queue with as many messages, each tried once, to be tried again in an hour and more
away() {
	empty_queue
	smarthost
	conf "logfile $LOG" queue\ auto queue_autostart\ off 'queue_retry 1h'
	smarthost_stop
	local i id
	for ((i = 1; i <= $1; i++)); do submits "$i" --queue=always; done
	for id in "$XDG_STATE_HOME"/posthaste/queue/new/*; do asks --queue-run "${id##*/}"; done
	is "$(find "$XDG_STATE_HOME/posthaste/queue/new" -type f | wc -l)" "$1" "the server is away: $1 messages wait"
}
# In each row the server answers something else than the runner in the background, which is at work.
while IFS='|' read -ru 9 name wanted command; do
	away 4
	server_returns
	"$POSTHASTE" --queue-runner </dev/null 7>&- &
	runner=$!
	last=$(asks -bp --json && js "v[3]['queue_id']")
	eval "$command"
	check "$name: all go" wait_until 20 is_stored "$(wc -w <<<"$wanted")"
	is "$(numbers)" "$wanted" "$name: the oldest first"
	kill "$runner" 2>/dev/null
	wait "$runner"
	smarthost_stop
done 9<<'ROWS'
a submission|1 2 3 4 5|submits 5
--queue-run of the last one|4 1 2 3|asks --queue-run "$last"
-qR of the last one|4 1 2 3|asks -qRbob4
--queue-release of the first one|1 2 3 4|asks --queue-release "$(asks -bp --json; js "v[0]['queue_id']")"
ROWS

# ---- somebody else has it ----
# Another process has the message for a while and leaves it as it was.
empty_queue
server_returns
conf queue_autostart\ off
id=$(put carol@example.org)
coproc CLAIM { locks hold "$XDG_STATE_HOME/posthaste/queue/new/$id"; }
read -r _ <&"${CLAIM[0]}"
"$POSTHASTE" --queue-runner </dev/null >"$T/runner.out" 2>&1 7>&- &
runner=$!
put dave@example.org >/dev/null
check "somebody has a message: the runner sends others" wait_until 20 is_stored 1
asks --queue-run "$id"
status_is 75 "somebody has a message: --queue-run does not get it"
said "$id is still in the queue: another process is sending it" "and says why"
claim_pid=$CLAIM_PID
eval "exec ${CLAIM[1]}>&-"
wait "$claim_pid" 2>/dev/null
check "the claim ends: the message goes at once" wait_until 20 is_stored 2
check "and the runner ends" wait_until 20 eval '! kill -0 "$runner" 2>/dev/null'
wait "$runner"
is "$? $(envelope rcpt 0001) $(envelope rcpt 0002)" "0 dave@example.org carol@example.org" "each goes once"
smarthost_stop
done_testing
