#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# One fact has one name wherever it is printed: --json after sending, --check, mailq, --queue-show, the history of a
# message, on_failure and the log say the same about the same recipient.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

LOG=$T/log
queue='auto\nqueue_autostart off'

cat >"$T/said.py" <<'END'
import json, sys

KEYS = ['code', 'enhanced', 'error', 'text', 'server', 'hint', 'host', 'stage']
T = sys.argv[1]


def read(name):
    with open(T + '/' + name) as f:
        return json.load(f)


def lines(name):
    with open(T + '/' + name) as f:
        return [json.loads(line) for line in f]


def status(o):
    """The keys of a failure; each must be there, a number or text or null."""
    for key in KEYS:
        if o[key] is not None and not isinstance(o[key], int if key == 'code' else str):
            raise TypeError('%s is %r' % (key, o[key]))
    return {key: o[key] for key in KEYS}


def of(o, address='carol@example.org'):
    return status(next(r for r in o['recipients'] if r['address'] == address))


def logged(o):
    """What the log has of a failure."""
    return o['smtpstatus'], o['smtpmsg'].replace('\n', ' '), o['errormsg']


def to_log(s, said):
    words = ' '.join('%d%s%s' % (s['code'], mark, line) for mark, line in said)
    return s['code'], words, s['stage'] + ': ' + s['text']


def pick(o, *keys):
    return [o[key] for key in keys]


exec(sys.argv[2])
END
said() { "$PYTHON" "$T/said.py" "$T" "print($1)" 2>&1; }
# same NAME PYTHON...: each prints the same as the first
same() {
	local name=$1 first each
	first=$(said "$2")
	for each in "${@:3}"; do
		is "$(said "$each")" "$first" "$name: $each"
	done
}
# what the queue says about the message sent last
shown() {
	run "$POSTHASTE" -bp --json
	cp "$out" "$T/listed"
	run "$POSTHASTE" --queue-show "$(said "read('sent')['queue_id']")" --json
	cp "$out" "$T/shown"
}

# ---- put off: the submission, the queue and the log ----
smarthost --once 9 --reply 'rcpt:carol@example.org=450-4.2.0 Not\r\n450 4.2.0 now' \
	--reply 'rcpt:carol@example.org=550 5.1.1 Nobody of that name'
conf "logfile $LOG" 'log_format json' "on_failure sh -c \"cat >>$T/events\""
post --json bob@example.org carol@example.org
cp "$out" "$T/sent"
status_is 0 "one of two is put off: exit status 0"
shown
is "$(said "[v is not None if k in ('text', 'hint') else v for k, v in of(read('sent')).items()]")" \
	"[450, '4.2.0', 'server_temporary', True, '4.2.0 Not 4.2.0 now', False, '127.0.0.1', 'RCPT TO:<carol@example.org>']" \
	"what --json says about the recipient"
same "put off" "of(read('sent'))" "status(read('sent'))" "of(read('listed')[0])" "status(read('listed')[0])" \
	"of(read('shown'))" "status(read('shown'))" "status(read('shown')['history'][-1])"
same "put off, in the log" "logged(lines('log')[0])" \
	"to_log(of(read('sent')), [('-', '4.2.0 Not'), (' ', '4.2.0 now')])"
same "the ID" "read('sent')['queue_id']" "read('listed')[0]['queue_id']" "read('shown')['queue_id']" \
	"lines('log')[0]['queue_id']"
same "sender and size" "pick(read('sent'), 'from', 'size')" "pick(read('listed')[0], 'from', 'size')"
same "possible_duplicate" "False" "read('sent')['recipients'][1]['possible_duplicate']" \
	"read('listed')[0]['recipients'][0]['possible_duplicate']" "read('shown')['possible_duplicate']"

# ---- refused by the second attempt: the command and the log ----
run "$POSTHASTE" -q
smarthost_stop
is "$(said "pick(of(lines('events')[0]), 'code', 'enhanced', 'error', 'server')")" \
	"[550, '5.1.1', 'recipient_refused', '5.1.1 Nobody of that name']" "what on_failure says about the recipient"
same "refused" "of(lines('events')[0])" "status(lines('events')[0])"
same "refused, in the log" "logged(lines('log')[1])" \
	"to_log(of(lines('events')[0]), [(' ', '5.1.1 Nobody of that name')])"
for key in queue_id message_id account from size arrival arrival_unix; do
	same "the same message" "pick(read('listed')[0], '$key')" "pick(lines('events')[0], '$key')"
done
same "the keys of a recipient" "sorted(read('listed')[0]['recipients'][0])" "sorted(read('shown')['recipients'][0])" \
	"sorted(set(lines('events')[0]['recipients'][0]) - {'changed'})"
same "the keys of a message" "sorted(set(read('listed')[0]) - {'sending'})" \
	"sorted(set(lines('events')[0]) - {'event', 'advice'})"

# ---- perhaps delivered ----
rm -rf "$XDG_STATE_HOME/posthaste" "$LOG"
smarthost --close eod
conf
post --json carol@example.org
smarthost_stop
cp "$out" "$T/sent"
shown
same "perhaps delivered" "of(read('sent'))" "status(read('sent'))" "of(read('listed')[0])" "status(read('listed')[0])" \
	"of(read('shown'))" "status(read('shown')['history'][-1])"
same "perhaps delivered" "True" "of(read('sent'))['error'] == 'uncertain'" \
	"read('sent')['recipients'][0]['possible_duplicate']" \
	"read('listed')[0]['recipients'][0]['possible_duplicate']" "read('listed')[0]['possible_duplicate']"

# ---- every key is there, whatever failed, and also when nothing did ----
rm -rf "$XDG_STATE_HOME/posthaste"
while IFS='|' read -ru 9 name error sink args; do
	if [ -n "$sink" ]; then eval "smarthost $sink"; else port=1; fi
	queue=off conf
	eval "post $args"
	[ -z "$sink" ] || smarthost_stop
	cp "$out" "$T/sent"
	is "$(said "status(read('sent'))['error']")" "$error" "$name: error, and all the other keys"
	[ "$name" != sent ] || keys=$(said "sorted(read('sent'))")
	[[ $args = *--check* ]] || is "$(said "sorted(read('sent'))")" "$keys" "$name: the same keys as when all is well"
done 9<<'ROWS'
sent|None| |--json bob@example.org
asked|None| |--json -bv bob@example.org
refused|recipient_refused|--reply 'rcpt=550 5.1.1 no'|--json bob@example.org
no server|connect||--json bob@example.org
no account|config||--json -a none bob@example.org
wrong option|usage||--json --nonsense
checked|None| |--json --check
check without a server|connect||--json --check
ROWS
done_testing
