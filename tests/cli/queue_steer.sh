#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A message that has failed for good, and whose report failed, too: it is the only copy, and
# whatever its owner does with it (short of --queue-remove), it does not go without a word.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

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
is "$(grep -c '"event":"failed"' "$T/told")" 2 "the command was told of the message and of the report"

runs --queue-hold "$id"
status_is 64 "what has failed cannot be held"
said '^posthaste: .*waits for nothing' "that is said"
said '^hint: .*--queue-release' "and what to do instead"

runs --queue-autostart=off --queue-release "$id"
status_is 0 "it is tried again"
fails "refused once more"
is "$(basename "$(find "$QUEUE/failed" -type f)")" "$id" "it is the same message"
is "$(grep -c '"event":"failed"' "$T/told")" 4 "the command was told once more"
like "$(grep -c -a '^C: RCPT TO:<me@example.org>' "$T/transcript")" '^2$' "a second report was tried"
smarthost_stop

smarthost --once 1000 --listen "127.0.0.1:$port"
runs --queue-autostart=off --queue-release "$id"
runs -q
is "$(in_folder new) $(in_folder failed) $(stored)" "0 0 1" "mended and released, it is delivered, and gone"
smarthost_stop
done_testing
