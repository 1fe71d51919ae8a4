#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Days of retries in seconds, with the real program under another clock: a
# message that no server takes is given up after its lifetime, and its sender gets a report.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
sanitized && skip_all "the clock is replaced by a library that sanitizers do not bear"
command -v faketime >/dev/null || skip_all "faketime is missing; on Debian or Ubuntu: apt install faketime"
export XDG_STATE_HOME=$T/state HOME=$T/home
mkdir -p "$HOME"
folder=$XDG_STATE_HOME/posthaste/queue
waiting() { find "$folder/new" -type f | wc -l; }
# at DAYS ARGUMENT...: the program as it will be then
at() {
	local days=$1
	shift
	run timeout 60 faketime -f "+${days}d" "$POSTHASTE" -C "$T/rc" "$@" </dev/null
}

smarthost --once 0 --reply 'rcpt:bob@example.org=451 4.2.0 later'
queue='auto\nqueue_autostart off' conf
[ "$(faketime -f +3d date +%s)" -gt $(($(date +%s) + 200000)) ] || skip_all "faketime does not work here"
post --json bob@example.org
status_is 0 "put off: kept"
is "$(waiting)" 1 "it waits"
for day in 1 2 3 4; do
	at $day -q
	status_is 75 "day $day: put off again"
	is "$(waiting)" 1 "day $day: it still waits"
done
at 4 -bp
like "$(cat "$out")" '451 4.2.0 later' "mailq says why"
is "$(stored)" 0 "no recipient has it"
at 6 -q
at 6 -q # the report is a message of its own
is "$(stored)" 1 "day 6: its sender gets a report"
report=$T/spool/0001.eml
is "$(envelope mail_from)" "" "by a report from the null sender"
is "$(envelope rcpt)" "alice@example.org" "to the sender"
for line in '^Content-Type: multipart/report' '^Action: failed' '^Status: [45]\.' \
	'^Final-Recipient: rfc822; ?bob@example.org' 'Auto-Submitted: auto-replied' \
	'451 4.2.0 later'; do
	like "$(tr -d '\r' <"$report")" "(^|
)[^
]*${line#^}" "the report says: $line"
done
at 6 -q
at 7 -q
is "$(stored)" 1 "one report, and nothing more"
is "$(waiting)" 0 "the queue is empty"
is "$(find "$folder/failed" -type f 2>/dev/null | wc -l)" 0 "nothing is kept that was reported"
smarthost_stop

# A report that cannot be delivered either: no report about it, and the message stays.
smarthost --once 0 --reply 'rcpt:bob@example.org=550 5.1.1 who' --reply 'rcpt:alice@example.org=550 5.1.1 who'
queue='auto\nqueue_autostart off' conf
post --queue=always bob@example.org
at 0 -q
at 1 -q
at 6 -q
at 12 -q
is "$(stored)" 0 "no server takes the report"
is "$(waiting)" 0 "nothing waits for ever"
[ "$(find "$folder/failed" -type f | wc -l)" -ge 1 ]
is "$?" 0 "the message is kept, as failed"
at 12 --queue-status
is "$status" 1 "and monitoring sees it"
smarthost_stop

# A clock that was wrong.
smarthost --once 0
queue='auto\nqueue_autostart off' conf
rm -rf "$folder"
run timeout 60 faketime -f '+400d' "$POSTHASTE" -C "$T/rc" --queue=always bob@example.org <"$T/mail"
status_is 0 "kept by a clock that is a year ahead"
at 0 -q
is "$(stored) $(waiting)" "1 0" "the right clock sends it"
smarthost_stop
done_testing
