#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Whatever a mode prints with --json, and whatever happened, is one JSON value that doc/posthaste.schema.json describes:
# every key is there, and no other.  A mode of the table in src/cli/cli.c that is not tried here fails the test, and so
# does a definition of the schema that nothing was checked against.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

used=' ' tried=' '
# prints DEFINITION STATUS NAME ARGUMENT...: what the program prints is as described; also after the command
prints() {
	tried="$tried${*:4} "
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
	sed "s/^/$1\t/" "$out" >>"$T/all"
	in_schema "$1" "$2"
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
# ---- without a server ----
printf 'root: alice@example.org\n' >"$T/aliases"
printf 'root: alice@example.org\nno colon\nx: |cmd\n' >"$T/wrong"
port=1
queue=off
log=("logfile $T/log" 'log_format json')
conf 'auth plain' "password_file $T/password" 'auth_without_tls on' "${log[@]}"
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
import|66|--import=$T/no-such-file
import|78|--import=$T/rc
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
conf "${log[@]}"
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
conf "${log[@]}"
prints submission 67 "one is refused" bob@example.org carol@example.org
smarthost_stop

# ---- the queue ----
smarthost --once 9 --reply 'rcpt:bob@example.org=450 4.2.0 not now'
queue='auto\nqueue_autostart off'
conf "on_failure sh -c \"cat >>$T/events\"" "${log[@]}"
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
tried="$tried--queue-status "
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
	conf 'tls off' 'auth off' "${log[@]}"
	{ echo 'From alice@example.org Sun Mar  1 10:00:00 2026' && cat "$T/mail"; } >"$T/mbox"
	post_stdin --json "--batch=mbox:$T/mbox" </dev/null
	smarthost_end
	described batch "a batch: ${reply:-accepted}"
	smarthost --reply "eod=$reply"
	conf 'tls off' 'auth off'
	printf '%s\r\n' 'MAIL FROM:<alice@example.org>' 'RCPT TO:<bob@example.org>' DATA 'a: b' '' hello . >"$T/commands"
	post_stdin --json -bS <"$T/commands"
	smarthost_end
	described batch "batch SMTP: ${reply:-accepted}"
done
tried="$tried--batch -bS "

# ---- the log ----
cp "$T/log" "$out"
described log "the log"
is "$(grep -rhoE 'log_event_(word|text|number|flag|list)\((&event|event), "[a-z_]+"' "$top_srcdir/src" |
	sed 's/.*"\(.*\)"/\1/' | sort -u)" "$("$PYTHON" -c 'import json, sys
keys = set(json.load(open(sys.argv[1]))["$defs"]["log"]["properties"])
print(*sorted(keys - {"time", "level"}), sep="\n")' "$SCHEMA")" \
	"what the program logs, and no more, is described"

# ---- every mode ----
# Those that print nothing with --json, or what is not theirs to choose: help is text, -bs has the SMTP session on
# standard output, the others are processes without an output.
silent=' --help --keeper --queue-runner -bD -bd -bs '
"$PYTHON" - "$top_srcdir" >"$T/modes" <<'END'
import re, sys
read = lambda name: open(sys.argv[1] + name, encoding="utf-8").read()
flags = {}
for id, flag, letter in re.findall(r'^OPTION\((\w+), \w+, (?:"\w+"|NULL),\s+(?:"([\w-]+)"|NULL),\s+(?:0|\'(.)\'),',
                                   read("/src/config/options.def"), re.M):
    flags[id] = "--" + flag if flag else "-" + letter
source = read("/src/cli/cli.c")
table, letters = re.findall(r"\} (?:letter_)?modes\[\] = (\{.*?\});", source, re.S)
for id in re.findall(r"\{OPT_(\w+), mode_", table):
    print(flags[id])
for letter in re.findall(r"\{'(.)', mode_", letters):
    print("-b" + letter)
END
is "$(($(wc -l <"$T/modes") >= 29))" 1 "the modes are found"
while read -r mode; do
	case "$silent$tried" in
	*" $mode "* | *" $mode="*) ok "$mode was tried" ;;
	*) not_ok "$mode was tried" "nothing of it was checked against the schema" ;;
	esac
done <"$T/modes"

# ---- by another program ----
if "$PYTHON" -c 'import jsonschema' 2>/dev/null; then
	is "$("$PYTHON" -W ignore -c 'import json, jsonschema, sys
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
for line in open(sys.argv[2]):
    name, value = line.split("\t", 1)
    each = jsonschema.Draft202012Validator({"$ref": "#/$defs/" + name, "$defs": schema["$defs"]})
    for error in each.iter_errors(json.loads(value)):
        print(name, error.message[:200])' "$SCHEMA" "$T/all" 2>&1)" '' \
		"python3-jsonschema says the same of all that was printed"
else
	skip "python3-jsonschema is missing; on Debian or Ubuntu: apt install python3-jsonschema" "the schema is one"
fi

# ---- each definition is used, and each kind of error has its name ----
is "$("$PYTHON" -c 'import json, sys
print(*json.load(open(sys.argv[1]))["$defs"]["failure"]["properties"]["error"]["enum"][1:], sep="\n")' "$SCHEMA")" \
	"$("$top_builddir/posthaste-gen" kinds | cut -f 1)" "the kinds of errors are those of the program"
is "$("$PYTHON" -c 'import json, sys
names = [r["$ref"].split("/")[-1] for r in json.load(open(sys.argv[1]))["anyOf"]]
print(*[n for n in names if n not in sys.argv[2].split()])' \
	"$SCHEMA" "$used")" '' "each kind of output was seen"
done_testing
