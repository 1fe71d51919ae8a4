#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Seeing and steering the queue: mailq, --queue-show, --queue-hold, --queue-release,
# --queue-remove, --queue-status, and what strangers' words may not do there.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

PUT=$top_builddir/tests/lib/spool_put
[ -x "$PUT" ] || skip_all "spool_put is not built: make check builds it"
TZ=UTC
export TZ
queue=$XDG_STATE_HOME/posthaste/queue
NOW=1763726400 # Fri Nov 21 12:00:00 2025
ESC=$(printf '\033')
put() { "$PUT" --now $NOW "$@" </dev/null; }
asks() { run timeout 20 "$POSTHASTE" "$@" </dev/null; }
printed() { cat "$out"; }
empty_queue() { rm -rf "$queue"; }
# js EXPRESSION: of the JSON in $out, as v
js() { "$PYTHON" -c 'import json, sys
v = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$out" "$1" 2>&1; }

# ---- nothing there ----
asks -bp
is "$status $(printed)" "0 Mail queue is empty" "-bp without a queue"
asks -bp --json
is "$status $(printed)" "0 []" "-bp --json without a queue"
asks --queue-status
is "$status" 0 "--queue-status without a queue: 0"
like "$(printed)" '^QUEUE OK - the queue is empty \| messages=0 ' "--queue-status without a queue"
for mode in show hold release remove; do
	asks --queue-$mode 1m7
	status_is 66 "--queue-$mode without a queue: there is no such message"
	said 'there is no message "1m7"' "--queue-$mode names it"
	asks --queue-$mode ''
	status_is 64 "--queue-$mode of nothing: 64"
done
check "looking makes no queue" test ! -e "$queue"

# ---- sendmail's look ----
open=$(put --from me@example.org --size 2048 --to a@example.org --text 'it cannot be taken now' --code 451 \
	--server '4.2.0 later' \
	--to b@example.org --text 'it cannot be taken now' --code 451 --server '4.2.0 later' \
	--to done@example.org --accepted --to d@example.org --text 'no such user' --refused --attempt 'a, b: later')
fix=$(put --from '' --to c@example.org --fix 'the password was refused')
held=$(put --to h@example.org --held)
failed=$(put --to f@example.org --failed --attempt 'nobody wants it')
later=$(put --to l@example.org --not-before 32503680000)
cat >"$T/wanted" <<END
-Queue ID-     --Size-- ----Arrival Time---- -Sender/Recipient-------
$open      2048 Fri Nov 21 12:00:00  me@example.org
                (it cannot be taken now: 451 4.2.0 later)
                                             a@example.org
                                             b@example.org
                (no such user)
                                             d@example.org

$fix!      326 Fri Nov 21 12:00:00  MAILER-DAEMON
                (the password was refused)
                (when that is corrected, posthaste -q sends it)
                                             c@example.org

$held!      326 Fri Nov 21 12:00:00  me@example.org
                (held until it is released with --queue-release)
                                             h@example.org

$later       326 Fri Nov 21 12:00:00  me@example.org
                (to be sent later: Wed Jan  1 00:00:00)
                                             l@example.org

$failed#      326 Fri Nov 21 12:00:00  me@example.org
                (failed, and the report could not be sent: nobody wants it)
                                             f@example.org

-- 3 Kbytes in 5 Requests.
END
# the IDs of one millisecond have no order of their own: neither has the listing
blocks() { awk 'BEGIN { RS = ""; ORS = "\0" } { sub(/^-Queue ID-[^\n]*\n/, ""); print }' "$1" | sort -z |
	tr '\0' '\n'; }
blocks "$T/wanted" >"$T/wanted.blocks"
for name in mailq sendmail; do ln -sf "$POSTHASTE" "$T/$name"; done
run "$T/mailq"
status_is 0 "mailq: exit status 0"
blocks "$out" >"$T/got.blocks"
same_file "$T/got.blocks" "$T/wanted.blocks" "mailq: a block for each message, with reasons and marks"
is "$(head -1 "$out")" "$(head -1 "$T/wanted")" "mailq: the heading"
is "$(tail -1 "$out")" "-- 3 Kbytes in 5 Requests." "mailq: the end"
cp "$out" "$T/mailq.out"
asks -bp
same_file "$out" "$T/mailq.out" "-bp says the same"
run "$T/sendmail" -bp
same_file "$out" "$T/mailq.out" "sendmail -bp says the same"
run "$T/mailq" --json
status_is 64 "mailq takes no long options"
for word in --queue-show --queue-hold --queue-release --queue-remove; do
	run "$T/sendmail" "$word" "$open"
	status_is 64 "sendmail does not take $word"
done
for word in --queue-status --raw; do
	run "$T/sendmail" "$word"
	status_is 64 "sendmail does not take $word"
done

# ---- JSON ----
before=$(date +%s)
asks -bp --json
status_is 0 "-bp --json"
is "$(js 'len(v)')" 5 "an object for each message"
keys='from size arrival arrival_unix attempts hold state message_id'
is "$(js "[tuple(m[k] for k in '$keys'.split()) for m in v if m['queue_id'] == '$open']")" \
	"[('me@example.org', 2048, '2025-11-21T12:00:00Z', $NOW, 1, None, 'queued', '<one@example.org>')]" "its fields"
keys='address state code server'
of_open="for m in v if m['queue_id'] == '$open' for r in m['recipients']"
is "$(js "[tuple(r[k] for k in '$keys'.split()) $of_open][1:3]")" \
	"[('b@example.org', 'open', 451, '4.2.0 later'), ('done@example.org', 'accepted', None, None)]" \
	"its recipients, those who have their mail too"
far="('queued', 'None', '3000-01-01T00:00:00Z')"
# of what is due since 2025, the next attempt is now, not then
is "$(js "sorted((m['state'], str(m['hold']),
	'now' if m['next_attempt_unix'] and $before <= m['next_attempt_unix'] <= $(date +%s)
	else str(m['next_attempt'])) for m in v)")" \
	"[('failed', 'None', 'None'), ('held', 'fix', 'now'), ('held', 'user', 'None'), $far, ('queued', 'None', 'now')]" \
	"states and next attempts"

# ---- showing ----
asks --queue-show "$open"
status_is 0 "--queue-show"
for line in "Message: $open" 'State: waits' 'Size: 2048 bytes' 'From: me@example.org' \
	'To: a@example.org \(to be tried\)' 'To: done@example.org \(accepted by the next server\)' \
	'To: d@example.org \(refused for good\)' 'Next attempt: due now' \
	'Why: it cannot be taken now: 451 4.2.0 later' 'Attempts: 1' \
	'    Fri Nov 21 12:00:00  a, b: later' 'Subject: a test'; do
	like "$(printed)" "(^|
)$line(
|\$)" "--queue-show says: $line"
done
unlike "$(printed)" 'Good morning' "--queue-show does not show the body"
asks --queue-show "$open" --raw
printf 'From: me@example.org\r\nMessage-ID: <one@example.org>\r\nSubject: a test\r\n\r\nGood morning.\n' >"$T/raw"
same_file "$out" "$T/raw" "--raw: the octets and nothing else"
asks --queue-show "$open" --json
is "$(js "v['queue_id'], v['history'][0]['text'], v['header'].count('\r\n')")" "('$open', 'a, b: later', 4)" \
	"--queue-show --json"
run "$POSTHASTE" --queue-show "$(printf '%s' "$open" | tr '[:lower:]' '[:upper:]')"
status_is 0 "the ID in upper case"
asks --queue-show "$open" "$held"
is "$(grep -c '^Message: ' "$out")" 2 "--queue-show of two"
asks --queue-show "${open%"${open#????????}"}"
status_is 0 "eight letters of an ID"
for alike in 2abc0a 2abc0b; do put --to one@example.org --id "${alike}m7t9w2z" >"$T/alike"; done
asks --queue-show 2ABC0
status_is 64 "a beginning that several have is 64"
said '2 messages in the queue begin with "2ABC0": 2abc0am7t9w2z, 2abc0bm7t9w2z' "and names them"
asks --queue-remove 2abc0a 2ABC0B
is "$status $(tr '\n' ' ' <"$out")" "0 2abc0am7t9w2z: removed 2abc0bm7t9w2z: removed " "one letter more is enough"
asks --queue-show lll
status_is 66 "an ID that no message has is 66"
asks --raw
status_is 64 "--raw alone is 64"
asks --queue-show "$open" --raw "$held"
status_is 64 "--raw of two is 64"
asks --queue-show "$open" --queue-remove "$open"
status_is 64 "one thing at a time"
asks --queue-status bob@example.org
status_is 64 "--queue-status takes no arguments"
if [ -c /dev/full ]; then
	"$POSTHASTE" -bp >/dev/full 2>"$err"
	is "$?" 74 "a listing that cannot be written is 74"
fi

# ---- steering ----
state_of() { asks -bp --json; js "[m['state'] + '/' + str(m['hold']) for m in v if m['queue_id'] == '$1']"; }
asks --queue-hold "$open"
is "$status $(printed)" "0 $open: held" "--queue-hold"
is "$(state_of "$open")" "['held/user']" "it is held"
asks --queue-autostart=off --queue-release "$open" "$later"
is "$status $(tr '\n' ' ' <"$out")" "0 $open: released $later: released " "--queue-release of two"
is "$(state_of "$open")" "['queued/None']" "it is queued again"
asks -bp --json
is "$(js "[m['next_attempt_unix'] < 32503680000 for m in v if m['queue_id'] == '$later']")" "[True]" \
	"send later is over when it is released"
asks --queue-autostart=off --queue-release "$failed"
is "$(state_of "$failed")" "['queued/None']" "what has failed can be tried again"
check "and lies where it is found" test -f "$queue/new/$failed"
asks --queue-remove "$fix" lll "$held"
status_is 66 "--queue-remove of three, one of them unknown: 66"
is "$(sort "$out")" "$(printf '%s: removed\n' "$fix" "$held" | sort)" "the others are removed"
is "$(state_of "$fix")" "[]" "it is gone"

coproc CLAIM { exec "$PUT" --now $NOW --to busy@example.org --claim 2>/dev/null; }
read -r busy <&"${CLAIM[0]}"
for mode in hold release remove; do
	asks --queue-$mode "$busy"
	status_is 75 "--queue-$mode of a message that is being sent: 75"
	said "the message $busy is being sent at this moment" "--queue-$mode says why"
done
run "$T/mailq"
like "$(printed)" "(^|
)$busy\\*  " "mailq marks it"
asks --queue-show "$busy"
like "$(printed)" 'Next attempt: under way' "--queue-show knows"
claim_pid=$CLAIM_PID
eval "exec ${CLAIM[1]}>&-"
wait "$claim_pid" 2>/dev/null
asks --queue-remove "$busy"
status_is 0 "afterwards it can be removed"

died=$(put --to x@example.org --in-flight $NOW)
asks --queue-hold "$died"
status_is 0 "a message whose attempt died"
like "$(cat "$out")" "$died: the last attempt was cut short, and the message may have been delivered" \
	"it may have been delivered, and that is reported"
asks --queue-show "$died"
like "$(printed)" 'may have been delivered' "and shown"

# ---- monitoring ----
# health STATUS REGEX NAME PUT-ARGUMENT...
health() {
	local want=$1 regex=$2 name=$3
	shift 3
	empty_queue
	"$PUT" --arrival "$(($(date +%s) - ${age:-60}))" --to x@example.org "$@" >/dev/null </dev/null
	asks --queue-status
	is "$status" "$want" "--queue-status: $name: $want"
	is "$(wc -l <"$out")" 1 "--queue-status: $name: one line"
	like "$(printed)" "$regex" "--queue-status: $name: what it says"
	asks --queue-status --json
	is "$status $(js "v['stuck']")" "$want $([ "$want" = 0 ] && echo False || echo True)" "--queue-status --json: $name"
}
health 0 '^QUEUE OK - 1 waiting .* messages=1 ' "a new message"
health 0 '^QUEUE OK .* 1 held by you' "held by the user" --held
health 1 '^QUEUE STUCK .* 1 held until' "held to be fixed" --fix 'no password'
health 1 '^QUEUE STUCK .* 1 failed' "failed" --failed
health 0 '^QUEUE OK' "wanted later" --not-before 32503680000
age=14000 health 0 '^QUEUE OK' "nearly four hours old"
age=14500 health 1 '^QUEUE STUCK .*1 of them' "older than four hours"
age=14500 health 0 '^QUEUE OK' "old, and to be sent since a minute" --not-before "$(($(date +%s) - 60))"

# ---- strangers' words ----
empty_queue
hostile="evil${ESC}[2J$(printf '\r\n\007\302\233')-- 0 Kbytes in 0 Requests.$(printf '\377')"
long=$(head -c 100000 /dev/zero | tr '\0' x)
id=$(put --to "j$(printf '\303\266')rg@example.org" --text "$hostile" --server "$hostile" --code 450 --host "h$ESC" \
	--to r@example.org --text "$long" --attempt "$hostile" --account "a$ESC" --header "Subject: $hostile
	folded$ESC
X: y

" --body "$hostile")
for words in "-bp" "--queue-show $id"; do
	# shellcheck disable=SC2086
	asks $words
	status_is 0 "$words with hostile words"
	is "$(LC_ALL=C tr -d '\n\t -~\303\266' <"$out" | od -An -tx1)" "" "$words: nothing a terminal would obey"
	like "$(printed)" "$(printf 'j\303\266rg@example.org')" "$words: UTF-8 stays"
	check "$words: no line is endless" test "$(awk '{ if (length > m) m = length } END { print m }' "$out")" -lt 2500
done
asks -bp
is "$(grep -c '^-- ' "$out")" 1 "no reason forges the end of the listing"
asks -bp --json
is "$(js "v[0]['recipients'][0]['server'] is not None and v[0]['queue_id']")" "$id" "JSON stays JSON"
is "$(LC_ALL=C tr -d '\n -~\200-\377' <"$out" | wc -c | tr -d ' ')" 0 "and holds no control character"

# ---- what is damaged ----
good=$(put --to good@example.org)
printf 'nonsense\n' >"$queue/new/$id"
rm -f "$queue/state/$id"
asks -bp
status_is 0 "a damaged message is listed"
like "$(printed)" "(^|
)$id! +9 .*\(unknown\)
 +\(.*damaged.*\)
 +\(hint: .*--queue-show $id --raw.*\)" "as held, with what is known of it"
asks -bp --json
is "$(js "sorted((m['state'], m['hold']) for m in v)[0]")" "('held', 'damaged')" "JSON says so, too"
asks --queue-show "$id"
status_is 74 "--queue-show: status 74"
like "$(printed)" "State: held because it is damaged" "and its state"
like "$(cat "$err")" "message $id is damaged" "and why"
run "$POSTHASTE" --queue-show "$id" --raw
is "$status $(cat "$out")" "74 nonsense" "--raw prints what is left"
asks --queue-status
is "$status" 1 "--queue-status calls it stuck"
like "$(printed)" " damaged=1 " "and counts it"

# ---- what cannot be read ----
id=$(put --to other@example.org)
chmod 644 "$queue/new/$id"
run "$T/mailq"
status_is 78 "a message that others can read: status 78"
like "$(printed)" "(^|
)$id\\?
 +\\(.*$id is not used.*\\)" "it is named"
like "$(printed)" "$good .*me@example.org" "and does not hide the others"
asks -bp --json
is "$(js "sorted(m['state'] for m in v)")" "['damaged', 'held', 'queued']" "JSON names it too"

# ---- many ----
if ! command -v strace >/dev/null || sanitized; then
	skip "strace is missing (apt install strace), or sanitizers bring calls of their own" "what a listing costs"
elif ! strace -o "$T/trace" true 2>/dev/null; then
	skip "strace is not allowed here" "what a listing costs"
elif ! linux_features; then
	skip "asking for a lock takes a call more with flock()" "what a listing costs"
else
	empty_queue
	calls() { strace -f -o "$T/trace" "$POSTHASTE" -bp >"$out" 2>"$err" </dev/null && wc -l <"$T/trace"; }
	put --count 10 >/dev/null
	few=$(calls)
	put --count 500 >/dev/null
	many=$(calls)
	is "$(tail -1 "$out")" "-- 162 Kbytes in 510 Requests." "510 messages are listed"
	note "system calls: $few for 10 messages, $many for 510"
	check "a message costs eight system calls" test $(((many - few) / 500)) -le 8
fi
done_testing
