#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# --import of msmtpq's folder: each message goes into the queue once, with the arguments that msmtp would have got.
# Whenever it is interrupted, no message is lost, and one that may be there twice is announced.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

mkdir -p "$HOME/.config/msmtp"
printf '%s\n' 'account work' 'host 127.0.0.1' 'port 1' 'from alice@example.org' 'queue_autostart off' \
	'local_recipients refuse' 	'account default : work' >"$HOME/.config/msmtp/config"
Q=$T/.msmtp.queue
old() { # ID ARGUMENT...
	mkdir -p "$Q"
	cp "$T/mail" "$Q/$1.mail"
	echo "${@:2}" >"$Q/$1.msmtp"
}
fresh() { rm -rf "$Q" "$XDG_STATE_HOME/posthaste"; }
import() { run timeout 20 "$POSTHASTE" --import "$Q" "$@"; }
# recipients of what is in the queue, a message on each line
queued() {
	"$POSTHASTE" -bp --json | "$PYTHON" -c 'import json, sys
for m in json.load(sys.stdin): print(m["from"], *sorted(r["address"] for r in m["recipients"]))' | sort
}
left() { find "$Q" -mindepth 1 -printf '%f\n' | sort | tr '\n' ' '; }

# ---- all of it ----
old 2026-01-02-10.00.00 -a work -- bob@example.org carol@example.org
old 2026-01-02-10.00.01 -t -f dave@example.org
old 2026-01-02-10.00.01-1 --read-envelope-from erin@example.org
import
status_is 0 "three messages: exit status 0"
is "$(wc -l <"$out")" 3 "three messages: a line for each"
like "$(head -1 "$out")" '^2026-01-02-10.00.00: queued as [0-9a-z]{13}$' "three messages: where each is"
is "$(queued)" "$(printf '%s\n' 'alice@example.org bob@example.org carol@example.org' \
	'alice@example.org erin@example.org' \
	'dave@example.org bob@example.org')" "three messages: their senders and recipients"
id=$(sed -n '1s/.* //p' "$out")
is "$("$POSTHASTE" --queue-show "$id" --raw | tail -1 | tr -d '\r')" 'Good morning.' "three messages: what they say"
is "$(left)" "" "three messages: msmtpq has none left"
import
status_is 78 "an empty folder: exit status 78"

# ---- what cannot be queued stays ----
fresh
old a bob@example.org
old b nobody-here
old c bob@example.org carol-here
old d --version
old e -a none bob@example.org
cp "$T/mail" "$Q/f.mail"
old g dave@example.org
import
status_is 67 "some cannot be queued: the status of the first"
is "$(queued)" "$(printf '%s\n' 'alice@example.org bob@example.org' 'alice@example.org dave@example.org')" \
	"some cannot be queued: the others are"
is "$(left)" "b.mail b.msmtp c.mail c.msmtp d.mail d.msmtp e.mail e.msmtp f.mail " "some cannot be queued: they stay"
for what in 'b: .*nobody-here' 'c: .*carol-here' 'd: .*these arguments do not' 'e: account none' \
	'f: f.msmtp is missing'; do
	said "^posthaste: .*$what" "some cannot be queued: $what"
done
is "$(grep -c '^hint: ' "$err")" 5 "some cannot be queued: each has a next step"
import --json
in_schema import "JSON"
is "$("$PYTHON" -c 'import json, sys
o = json.load(sys.stdin); print(o["program"], [(m["name"], m["error"]) for m in o["messages"]][:2])' <"$out")" \
	"msmtpq [('b', 'local_name'), ('c', 'local_name')]" "JSON: the messages"

# ---- somebody else works there ----
fresh
old a bob@example.org
mkdir "$Q/.lock"
import
status_is 75 "msmtpq works there: exit status 75"
said '^hint: .*rmdir ' "msmtpq works there: what to do"
is "$(left)" ".lock a.mail a.msmtp " "msmtpq works there: nothing is touched"

# ---- interrupted ----
fresh
old a bob@example.org
mv "$Q/a.mail" "$Q/a.mail.importing"
import
status_is 0 "interrupted before it was known to be queued: exit status 0"
like "$(cat "$out")" 'a: queued as .*may have been queued twice' \
	"interrupted before it was known to be queued: announced"
is "$(left)" "" "interrupted before it was known to be queued: taken"
fresh
mkdir "$Q"
cp "$T/mail" "$Q/a.mail.importing"
import
status_is 0 "interrupted after it was queued: exit status 0"
is "$(queued)" "" "interrupted after it was queued: not a second time"
is "$(left)" "" "interrupted after it was queued: the rest is removed"

# Killed before each call that changes the folder.
if sanitized || ! strace -qq -o /dev/null true 2>/dev/null; then
	skip "strace is missing or cannot be used here" "killed at each step"
else
	for call in mkdirat:1 renameat:1 fsync:1 fsync:2 unlinkat:1 unlinkat:2 unlinkat:3 unlinkat:4; do
		fresh
		old a bob@example.org
		# shellcheck disable=SC2016 # strace runs it
		{ strace -qq -o /dev/null -e "trace=${call%:*}" -e "inject=${call%:*}:signal=KILL:when=${call#*:}" \
			"$POSTHASTE" --import "$Q" >/dev/null; } 2>/dev/null
		killed=$?
		rmdir "$Q/.lock" 2>/dev/null
		before=$(queued | wc -l)
		if [ -n "$(left)" ]; then import; fi
		after=$(queued | wc -l)
		if [ "$after" = 1 ] || { [ "$after" = 2 ] && [ "$before" = 1 ] && grep -q 'queued twice' "$out"; }; then
			ok "killed at $call: not lost, twice only if that is said ($killed)"
		else
			not_ok "killed at $call: not lost, twice only if that is said" \
				"$before, then $after: $(cat "$out" "$err")"
		fi
		is "$(left)" "" "killed at $call: the next import takes what is left"
	done
fi
done_testing
