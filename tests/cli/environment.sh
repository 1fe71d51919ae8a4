#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surroundings that lack something: no HOME, no passwd entry, cron's empty
# environment, nowhere to write.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

sent() {
	smarthost_end
	status_is 0 "$1: exit status 0"
	is "$(stored)" 1 "$1: one message arrives"
	is "$(cat "$err")" "" "$1: nothing to complain of"
}

exec 6>"$T/ro.err"
smarthost
conf
run env -i "$POSTHASTE" -C "$T/rc" bob@example.org <"$T/mail"
sent "an empty environment"

smarthost
conf
run env -u HOME -u XDG_CONFIG_HOME -u XDG_STATE_HOME -u XDG_CACHE_HOME -u XDG_RUNTIME_DIR "$POSTHASTE" -C "$T/rc" \
	bob@example.org <"$T/mail"
sent "no HOME"

run env -i "$POSTHASTE" bob@example.org <"$T/mail"
status_is 78 "an empty environment without a configuration: exit status 78"
said '^hint: Write ' "an empty environment without a configuration: the cure"

smarthost
run env -i POSTHASTE_HOST=127.0.0.1 POSTHASTE_PORT="$port" POSTHASTE_FROM=alice@example.org "$POSTHASTE" \
	bob@example.org <"$T/mail"
sent "a container's variables"

if [ "$(id -u)" != 0 ]; then
	skip "needs root to become somebody else" "a user without a passwd entry"
	skip "needs root for a mount namespace" "nowhere to write"
	done_testing
fi

# A random user of a container: no name, no home, and not the owner of anything.
open_place
smarthost
conf
install -m 644 "$T/rc" "$OPEN/rc"
stranger() { setpriv --reuid 54321 --regid 54321 --clear-groups env -i "$@"; }
run stranger "$OPEN/posthaste" -C "$OPEN/rc" bob@example.org <"$T/mail"
sent "a user without a passwd entry"
smarthost
conf 'from %U@example.org'
install -m 644 "$T/rc" "$OPEN/rc"
run stranger "$OPEN/posthaste" -C "$OPEN/rc" bob@example.org <"$T/mail"
smarthost_stop
status_is 78 "a user without a name whose name is wanted: exit status 78"
said '^posthaste: .*%U' "a user without a name whose name is wanted: the message"

# HOME of somebody else: what cannot be reached is not there.  A file of ours that cannot be read is an error.
mkdir -p "$OPEN/home/.config/posthaste" "$OPEN/xdg/posthaste" "$OPEN/xdg/msmtp"
for file in home/.config/posthaste/config home/.posthasterc home/.msmtprc xdg/posthaste/config xdg/msmtp/config; do
	printf 'host wrong.example.org\n' >"$OPEN/$file"
done
theirs() { stranger HOME="$OPEN/home" "$@" "$OPEN/posthaste" bob@example.org <"$T/mail"; }
for way in home xdg; do
	xdg=
	[ $way = home ] || xdg=XDG_CONFIG_HOME=$OPEN/xdg
	chmod 700 "$OPEN/home" "$OPEN/xdg"
	smarthost
	run theirs ${xdg:+"$xdg"} POSTHASTE_HOST=127.0.0.1 POSTHASTE_PORT="$port" POSTHASTE_FROM=alice@example.org
	sent "a folder we may not enter ($way): another source is used"
	run theirs ${xdg:+"$xdg"}
	status_is 78 "a folder we may not enter ($way), nothing else: exit status 78"
	unsaid 'Permission denied' "a folder we may not enter ($way): not mentioned"
done
chmod 755 "$OPEN/home"
chmod 700 "$OPEN/home/.config"
printf 'host wrong.example.org\n' >"$OPEN/home/.posthasterc"
chmod 600 "$OPEN/home/.posthasterc"
run theirs
status_is 66 "a file in a folder we may enter that cannot be read: exit status 66"
said "^posthaste: .*$OPEN/home/.posthasterc: Permission denied" "a file that cannot be read: the message"
run stranger "$OPEN/posthaste" -C "$OPEN/home/.config/posthaste/config" bob@example.org <"$T/mail"
status_is 66 "a file named with -C that cannot be reached: exit status 66"

# A file system that cannot be written: what fits in memory goes out, more is refused before anything is sent.
readonly_tmp() {
	"$OWN_MOUNTS" sh -c '
		for d in /tmp /var/tmp; do mount --bind $d $d && mount -o remount,bind,ro $d || exit 99; done
		exec "$@"' sh "$@"
}
if why=$("$OWN_MOUNTS" true 2>&1); then
	smarthost
	conf
	readonly_tmp env TMPDIR=/nonexistent "$POSTHASTE" -C "$T/rc" bob@example.org <"$T/mail" >"$T/ro.out" 2>&1 7>&-
	is "$?" 0 "a read-only system, a small message: exit status 0"
	smarthost_end
	is "$(stored)" 1 "a read-only system, a small message: it arrives"
	smarthost
	conf
	{
		cat "$T/mail"
		head -c 400000 /dev/zero | tr '\0' x | fold -w 70
	} | readonly_tmp env TMPDIR=/nonexistent "$POSTHASTE" -C "$T/rc" bob@example.org 2>&1 7>&- | cat >&6
	is "${PIPESTATUS[1]}" 73 "a read-only system, a large message: exit status 73"
	smarthost_stop
	like "$(cat "$T/ro.err")" '/var/tmp' "a read-only system, a large message: the folders are named"
	is "$(stored)" 0 "a read-only system, a large message: nothing is sent"
else
	skip "$why" "a read-only system"
fi
done_testing
