#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A message that has failed for good, and whose report failed, too: it is the only copy, and
# whatever its owner does with it (short of --queue-remove), it does not go without a word.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

PUT=$top_builddir/tests/lib/queue_put
[ -x "$PUT" ] || skip_all "queue_put is not built: make check builds it"
QUEUE=$XDG_STATE_HOME/posthaste/queue
in_folder() { find "$QUEUE/$1" -type f 2>/dev/null | wc -l | tr -d ' '; }
runs() { run timeout -k 5 60 "$POSTHASTE" "$@" </dev/null; }
printf '#!/bin/sh\ncat >>"%s"\n' "$T/told" >"$T/tell"
chmod +x "$T/tell"

# fails NAME: the message and its report are refused, and it is kept
fails() {
	runs -q
	runs -q
	is "$(in_folder new) $(in_folder failed)" "0 1" "$1: the message is kept where what failed lies"
}
smarthost --once 1000 --reply 'rcpt=550 5.1.1 nobody here'
conf queue_autostart\ off "on_failure $T/tell"
cp "$T/rc" "$HOME/.posthasterc"
run "$POSTHASTE" --queue=always -f me@example.org bob@example.org <"$T/mail"
status_is 0 "it is kept"
fails "refused, and its report, too"
id=$(basename "$(find "$QUEUE/failed" -type f)")
is "$(grep -c '"event":"failed"' "$T/told")" 2 "the command was run for the message and of the report"

runs --queue-hold "$id"
status_is 64 "what has failed cannot be held"
said '^posthaste: .*has failed, so there is nothing to hold' "that is reported"
said '^hint: .*--queue-release' "and what to do instead"

runs --queue-autostart=off --queue-release "$id"
status_is 0 "it is tried again"
fails "refused once more"
is "$(basename "$(find "$QUEUE/failed" -type f)")" "$id" "it is the same message"
is "$(grep -c '"event":"failed"' "$T/told")" 4 "the command was run once more"
like "$(grep -c -a '^C: RCPT TO:<me@example.org>' "$T/transcript")" '^2$' "a second report was tried"
smarthost_stop

smarthost --once 1000 --listen "127.0.0.1:$port"
runs --queue-autostart=off --queue-release "$id"
runs -q
is "$(in_folder new) $(in_folder failed) $(stored)" "0 0 1" "fixed and released, it is delivered, and gone"
smarthost_stop

# ---- given up for its age ----
# Its lifetime begins again with the release: put off once more it waits, and does not fail at once.
smarthost --once 1000 --reply 'rcpt:bob@example.org=451 4.2.0 later' \
	--reply 'rcpt:alice@example.org=550 5.1.1 nobody here'
conf queue_autostart\ off
id=$("$PUT" account=default config="$T/rc" arrival=-$((6 * 86400)) bob@example.org <"$T/mail")
for _ in 1 2 3 4; do runs -q; done
is "$(in_folder new) $(in_folder failed)" "0 1" \
	"six days old and put off three times it is given up, and its report is refused"
runs --queue-autostart=off --queue-release "$id"
for attempt in first second; do
	runs -q
	status_is 75 "released, the $attempt attempt is put off: exit status 75"
	is "$(in_folder new) $(in_folder failed)" "1 0" "released, the $attempt attempt is put off: it waits"
done
is "$(stored)" 0 "and no report is sent"
smarthost_stop
done_testing
