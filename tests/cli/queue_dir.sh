#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Where the queue of a user without a home lies: in queue_dir, with its marks and its checks, for every mode and for the
# runner that a submission starts.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
[ "$(id -u)" = 0 ] || skip_all "needs root, to be another user"
command -v setpriv >/dev/null || skip_all "setpriv is missing; on Debian or Ubuntu: apt install util-linux"
sanitized && skip_all "the program with sanitizers cannot be copied"

# A place that others can enter, with a copy of the program.
open_place
open=$OPEN
uid=65534
user=$(id -un "$uid" 2>/dev/null) || user=''
# as HOME ARGUMENT...: as that user, with no home that it can write to
as() { run timeout -k 5 60 setpriv --reuid "$uid" --regid "$uid" --clear-groups env -i PATH="$PATH" HOME=/nonexistent \
	"$open/posthaste" -C "$open/rc" "$@"; }
parent() { # MODE OWNER
	rm -rf "$open/spool"
	mkdir -m "$1" "$open/spool"
	chown "$2" "$open/spool"
	chmod "$1" "$open/spool"
}
config() {
	port=1 queue='auto' conf queue_autostart\ off "$@"
	cp "$T/rc" "$open/rc"
	chmod 644 "$open/rc"
}
mail() { as "$@" bob@example.org <"$T/mail"; }

while IFS='|' read -ru 9 name value mode owner status at words; do
	[ -n "$user" ] || [[ $value != *%U* ]] || continue
	parent "$mode" "$owner"
	config "queue_dir $open/spool/$value"
	mail
	status_is "$status" "$name"
	if [ -n "$at" ]; then
		check "$name: the message is there" test -n "$(ls "$open/spool/$(eval "echo $at")/new" 2>/dev/null)"
		is "$(stat -c '%u %a' "$open/spool/$(eval "echo $at")")" "$uid 700" "$name: the folder is the user's own"
		as -bp </dev/null
		like "$(cat "$out")" 'bob@example.org' "$name: mailq finds it"
		as -q </dev/null
		status_is 75 "$name: -q finds it"
	else
		said "$words" "$name: it is said why"
		is "$(ls -A "$open/spool")" "" "$name: nothing is made"
	fi
done 9<<'ROWS'
by number|%u|1733|0|0|$uid|
by name|%U|1733|0|0|$user|
with a percent sign|a%%b-%u|1733|0|0|a%b-$uid|
a folder below|%u/below|1733|0|0|$uid/below|
the user's own parent|%u|755|65534|0|$uid|
a parent without the sticky bit|%u|777|0|75||queue_dir is not used: .*lets others replace
a parent of somebody else|%u|1733|12345|75||queue_dir is not used: .*lets others replace
a parent that takes nothing|%u|755|0|75||cannot|could not
a mark that does not exist|%x|1733|0|75||queue_dir .* cannot be used
ROWS

# ---- the order ----
parent 1733 0
config "queue_dir $open/spool/%u"
mkdir "$open/home"
chown "$uid" "$open/home"
run timeout -k 5 60 setpriv --reuid "$uid" --regid "$uid" --clear-groups env -i PATH="$PATH" HOME="$open/home" \
	"$open/posthaste" -C "$open/rc" bob@example.org <"$T/mail"
status_is 0 "with a home: exit status 0"
is "$(ls -A "$open/spool")$(ls "$open/home/.local/state/posthaste")" queue "with a home, the queue is there"

# ---- the runner that is started finds it, although it does not read that file ----
parent 1733 0
smarthost --once 10
queue=always conf "queue_dir $open/spool/%u" queue_autostart\ on
cp "$T/rc" "$open/rc"
mail
status_is 0 "queued first"
is_stored() { [ "$(stored)" = "$1" ]; }
check "the runner sends it" wait_until 20 is_stored 1
smarthost_stop
done_testing
