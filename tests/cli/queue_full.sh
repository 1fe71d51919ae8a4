#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A file system that fills up: what cannot be kept is refused, nothing half-kept
# is left, and what was kept before arrives.
own_mounts=${top_srcdir:-$(dirname "$0")/../..}/tests/lib/own-mounts
if [ "${TEST_INSIDE_NAMESPACE:-}" != 1 ] && "$own_mounts" true 2>/dev/null; then
	TEST_INSIDE_NAMESPACE=1 exec "$own_mounts" bash "$0" "$@"
fi
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
[ "${TEST_INSIDE_NAMESPACE:-}" = 1 ] || skip_all "a file system of a limited size: $("$own_mounts" true 2>&1)"
export XDG_STATE_HOME=$T/state HOME=$T/home
mkdir -p "$XDG_STATE_HOME" "$HOME"
mount -t tmpfs -o size=256k,mode=700 none "$XDG_STATE_HOME" || bail "a file system of a limited size cannot be mounted"
at_exit umount "$XDG_STATE_HOME"
folder=$XDG_STATE_HOME/posthaste/queue
files() { find "$folder" -type f | sed "s,^$folder/,," | sort; }

smarthost --once 0
queue='auto\nqueue_autostart off' conf
kept=0
for n in $(seq 200); do
	{ sed "s/<test@/<full$n@/" "$T/mail" && head -c 6000 /dev/zero | tr '\0' x | fold -w 70; } >"$T/this"
	post_stdin --queue=always bob@example.org <"$T/this"
	[ "$status" = 0 ] || break
	kept=$((kept + 1))
done
[ "$kept" -gt 5 ] && [ "$kept" -lt 200 ]
is "$?" 0 "some messages are kept, then the file system is full"
like "$status" '^7[34]$' "the one that has no room: exit status 73 or 74"
said 'could not be queued' "the user learns that it was not queued"
said '^hint: ' "and what to do"
is "$(find "$folder/new" -type f | wc -l)" "$kept" "nothing half-kept is left"
is "$(find "$folder/tmp" -type f | wc -l)" 0 "nor the beginning of it"
before=$(files)
post_stdin --queue=always bob@example.org <"$T/this"
is "$(files)" "$before" "trying again changes nothing"

# Kept while a delivery failed: the status is the delivery's.
smarthost_stop
post_stdin bob@example.org <"$T/this"
status_is 75 "queue auto, the server away and no room: exit status 75"
said 'could not be queued' "queue auto: the user learns that it was not queued"

# Sending needs no room that is not there: states are small, and what was sent makes room.
smarthost --once 0
sed -i "s/^port .*/port $port/" "$T/rc"
post -q
[ "$(find "$folder/new" -type f | wc -l)" = 0 ] || post -q
is "$(find "$folder/new" -type f | wc -l)" 0 "all that was kept is sent from a file system that is full"
is "$(stored)" "$kept" "each arrived"
is "$(grep -h -a -i '^Message-ID:' "$T"/spool/*.eml | sort | uniq -d)" '' "each once"
smarthost_stop
done_testing
