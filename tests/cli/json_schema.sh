#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Whatever a mode prints with --json, and whatever happened, is one JSON value that doc/json-schema.json describes:
# every key is there, and no other.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

SCHEMA=$top_srcdir/doc/json-schema.json
valid() { "$PYTHON" "$top_srcdir/tests/lib/json_schema.py" "$SCHEMA" "$@" 2>&1; }
used=' '
# prints DEFINITION STATUS NAME ARGUMENT...: what the program prints is as described; also after the command
prints() {
	post --json "${@:4}"
	described "$1" "$3"
	is "$status" "$2" "$3: exit status $2"
	case $1 in
	queue_list | queue_show) ;;
	*) is "$(member status)" "$status" "$3: the status in the object is that of the program" ;;
	esac
}
described() {
	used="$used$1 "
	is "$(valid "$1" <"$out")" '' "$2: as doc/json-schema.json says"
}
member() { "$PYTHON" -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1" <"$out"; }

# ---- the checker can fail ----
while IFS='|' read -ru 9 definition value problem; do
	like "$(printf '%s\n' "$value" | valid "$definition")" "$problem" "the checker: $problem"
done 9<<'ROWS'
check|{}|account is missing
check|[]|is none of
tls|{"active":1,"version":null,"cipher":null,"verified_by":null,"resumed":false}|active: 1 is none of
keyring|{"account":null,"user":null,"changed":false,"more":1}|more is not described
keyring|{"account":null,"user":null,"changed":false}|notes is missing
check|{"stages":[{"stage":"x"}]}|verdict is missing
certificate|{"not_after":"2026-11-22 10:30:00"}|does not match
certificate|{"not_after":"2026-11-22T10:30:00Z","not_after_unix":5}|differ
version||nothing was printed
ROWS
if "$PYTHON" -c 'import jsonschema' 2>/dev/null; then
	check "the schema is one" "$PYTHON" -W ignore -c 'import json, jsonschema, sys
jsonschema.Draft202012Validator.check_schema(json.load(open(sys.argv[1])))' "$SCHEMA"
else
	skip "python3-jsonschema is missing; on Debian or Ubuntu: apt install python3-jsonschema" "the schema is one"
fi

# ---- without a server ----
printf 'root: alice@example.org\n' >"$T/aliases"
printf 'root: alice@example.org\nno colon\nx: |cmd\n' >"$T/wrong"
port=1
queue=off
conf 'auth plain' "password_file $T/password" 'auth_without_tls on'
while IFS='|' read -ru 9 definition want args; do
	# shellcheck disable=SC2086 # words
	prints "$definition" "$want" "$args" $args
done 9<<ROWS
version|0|--version
submission|64|--nonsense
submission|64|--check --nonsense
submission|64|-bv
submission|75|bob@example.org
submission|78|-a none bob@example.org
submission|66|-C $T/none bob@example.org
submission|75|-bv bob@example.org
submission|78|-a none -bv bob@example.org
submission|75|--rmqs=example.org
submission|64|--rmqs=
submission|78|-a none --rmqs=example.org
dry_run|0|--dry-run bob@example.org
dry_run|0|--dry-run --deliver-by=60 -t
dry_run|67|--dry-run bob@example.org nobody
dry_run|64|--dry-run
dry_run|78|-a none --dry-run bob@example.org
serverinfo|75|--serverinfo
serverinfo|78|-a none --serverinfo
check|75|--check
check|78|--check=none
accept_key|78|--accept-key=none
accept_key|78|--accept-key=default
submission|64|--accept-key=default bob@example.org
pretend|0|--pretend
pretend|0|--pretend bob@example.org
pretend|78|-a none --pretend
explain|0|--explain
explain|0|--explain bob@example.org
explain|78|-a none --explain
explain|66|-C $T/none --explain
aliases|0|-bi
aliases|0|-bi --aliases=$T/aliases
aliases|78|-bi --aliases=$T/wrong
aliases|66|-bi --aliases=$T/none
aliases|78|-a none -bi
configure|65|--configure=@
submission|64|--configure=
keyring|78|--login=none
keyring|64|--login=default bob@example.org
keyring|78|--logout=none
queue_list|0|-bp
queue_run|0|-q
queue_run|0|--queue-run
queue_run|66|--queue-run none
queue_run|64|-qx
queue_run|64|-q bob@example.org
queue_show|66|--queue-show none
queue_control|66|--queue-hold none
queue_control|66|--queue-release none other
queue_control|66|--queue-remove none
queue_status|0|--queue-status
ROWS
# a system bus that does not answer is no keyring
DBUS_SESSION_BUS_ADDRESS=unix:path=$T/no-bus prints keyring 78 "no keyring" --login=default
is "$(member account) $(member user) $(member host)" "default joe 127.0.0.1" "no keyring: for whom"

# ---- with one ----
smarthost --once 9
conf
while IFS='|' read -ru 9 definition want args; do
	# shellcheck disable=SC2086 # words
	prints "$definition" "$want" "$args, with a server" $args
done 9<<'ROWS'
submission|0|bob@example.org
submission|0|-bv bob@example.org
serverinfo|0|--serverinfo
check|0|--check
ROWS
smarthost_stop
smarthost --once 9 --reply 'rcpt:bob@example.org=550 5.1.1 Nobody of that name'
conf
prints submission 67 "one is refused" bob@example.org carol@example.org
smarthost_stop

# ---- the queue ----
smarthost --once 9 --reply 'rcpt:bob@example.org=450 4.2.0 not now'
queue='auto\nqueue_autostart off'
conf "on_failure sh -c \"cat >>$T/events\""
prints submission 0 "queued" bob@example.org carol@example.org
id=$(member queue_id)
prints queue_list 0 "a message waits" -bp
prints queue_show 0 "it is shown" --queue-show "$id"
prints queue_status 0 "it is counted" --queue-status
prints queue_run 75 "it cannot be sent" --queue-run "$id"
is "$("$PYTHON" -c 'import json, sys
o = json.load(sys.stdin)
print(o["left"], o["messages"][0]["queue_id"] == sys.argv[1], o["messages"][0]["code"])' "$id" <"$out")" "1 True 450" \
	"a run says what is left, and why"
prints queue_control 0 "held" --queue-hold "$id"
is "$("$PYTHON" -c 'import json, sys
print([(m["queue_id"] == sys.argv[1], m["done"]) for m in json.load(sys.stdin)["messages"]])' "$id" <"$out")" \
	"[(True, 'held')]" "what was held"
prints queue_list 0 "a held message" -bp
prints queue_control 0 "released" --queue-autostart=off --queue-release "$id"
smarthost_stop
smarthost --once 9 --listen "127.0.0.1:$port" --reply 'rcpt:bob@example.org=550 5.1.1 Nobody of that name'
prints queue_run 0 "given up" --queue-run "$id"
is "$("$PYTHON" -c 'import json, sys
o = json.load(sys.stdin)
print(o["failed"], o["left"], [(m["queue_id"] == sys.argv[1], m["state"], m["code"], m["reason"], m["next_attempt"],
	[r["state"] for r in m["recipients"]]) for m in o["messages"]])' "$id" <"$out")" \
	"1 0 [(True, 'failed', 550, 'the server refused the recipient: 550 5.1.1 Nobody of that name', None, ['failed'])]" \
	"a run names what failed, and why"
smarthost_stop
cp "$T/events" "$out"
described on_failure "what on_failure gets"
prints submission 0 "queued at once" --queue=always dave@example.org
id=$(member queue_id)
for file in "$XDG_STATE_HOME"/posthaste/queue/*/"$id"; do
	[ ! -f "$file" ] || printf 'x' | dd of="$file" bs=1 seek=40 conv=notrunc 2>/dev/null
done
post --json -bp
described queue_list "a damaged message in the list"
post --json --queue-show "$id"
described queue_show "a damaged message is shown"
post --json --queue-status
described queue_status "a damaged message is counted"
prints queue_control 0 "removed" --queue-remove "$id"
rm -rf "$XDG_STATE_HOME/posthaste/queue"
mkdir -p "$XDG_STATE_HOME/posthaste"
: >"$XDG_STATE_HOME/posthaste/queue"
for words in queue_list_failure:-bp queue_show:--queue-show=x queue_run:-q queue_control:--queue-hold=x \
	queue_status:--queue-status; do
	post --json "${words#*:}"
	isnt "$status" 0 "no queue can be made: $words fails"
	described "${words%%:*}" "no queue can be made: ${words#*:}"
	[ "${words#*:}" != -bp ] || is "$(member status)" "$status" "no queue can be made: -bp names its status"
done

# ---- a message of a batch ----
queue=off
for reply in '' '550 5.7.1 no' '451 4.3.0 later'; do
	smarthost --reply "eod=$reply"
	conf 'tls off' 'auth off'
	{ echo 'From alice@example.org Sun Mar  1 10:00:00 2026' && cat "$T/mail"; } >"$T/mbox"
	post_stdin --json "--batch=mbox:$T/mbox" </dev/null
	smarthost_end
	described batch "a batch: ${reply:-accepted}"
done

# ---- each definition is used ----
is "$("$PYTHON" -c 'import json, sys
names = [r["$ref"].split("/")[-1] for r in json.load(open(sys.argv[1]))["anyOf"]]
print(*[n for n in names if n not in sys.argv[2].split()])' \
	"$SCHEMA" "$used")" '' "each kind of output was seen"
done_testing
