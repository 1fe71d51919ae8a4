#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# archive: a copy of what a server accepted, in a Maildir, once, with Bcc.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

export HOME=$T/home XDG_STATE_HOME=$T/state
mkdir "$HOME"
box=$HOME/Mail/sent
printf '%s\n' 'To: bob@example.org' 'Bcc: secret@example.org,' ' other@example.org' 'Subject: a test' \
	'BCC : third@example.org' '' 'Good morning.' '.dot' 'no line end' | head -c -1 >"$T/mail"

copies() { find "$box/cur" -type f 2>/dev/null | wc -l | tr -d ' '; }
copy() { cat "$box"/cur/*; }
archiving() { conf 'archive maildir:~/Mail/sent' "$@"; }
# sends STATUS NAME ARGUMENT... after these
empty() { rm -rf "$HOME/Mail"; }

# ---- what is kept ----
smarthost
archiving
sends 0 "a copy" -t
is "$(copies)" 1 "a copy: there is one"
is "$(cat "$T/err")" "" "a copy: nothing is said"
like "$(basename "$(find "$box/cur" -type f)")" '^[0-9]+\.R[0-9a-f]{16}\.[^/:]+:2,S$' "a copy: its name"
is "$(find "$box/tmp" "$box/new" -type f)" "" "a copy: nothing is left in tmp"
is "$(stat -c '%a ' "$HOME/Mail" "$box" "$box/tmp" "$box/new" "$box/cur" "$(find "$box/cur" -type f)" | tr -d '\n')" \
	'700 700 700 700 700 600 ' "a copy: folders and file are for the user alone"
printf 'Bcc: secret@example.org,\r\n other@example.org\r\nBCC : third@example.org\r\n' >"$T/wanted"
cat "$T/spool/0001.eml" >>"$T/wanted"
if cmp "$T/wanted" <(copy) >"$T/cmp" 2>&1; then ok "a copy: the bytes that were sent, after Bcc"; else
	not_ok "a copy: the bytes that were sent, after Bcc" "$(cat "$T/cmp" "$T/wanted"; copy)"
fi
smarthost
archiving
sends 0 "a second copy" -t
is "$(copies)" 2 "a second copy: it is beside the first"

empty
smarthost
archiving 'remove_bcc_headers off'
sends 0 "Bcc that is sent" -t
is "$(copy | grep -c -i '^bcc')" 2 "Bcc that is sent: it is not doubled"
empty
smarthost
archiving "filter sed s/morning/evening/"
sends 0 "with a filter" -t
like "$(copy)" 'Bcc: secret.*Good evening' "with a filter: what it made, and Bcc"
"$PYTHON" -c 'print("Subject: large\n"); [print("x" * 70) for _ in range(60000)]' >"$T/large"
empty
smarthost
archiving
run timeout 60 "$POSTHASTE" -C "$T/rc" bob@example.org <"$T/large"
smarthost_stop
if cmp "$T/spool/0001.eml" <(copy); then ok "a large message"; else not_ok "a large message"; fi

# ---- when ----
empty
smarthost --reply 'rcpt=550 no'
archiving
sends 67 "refused" -t
smarthost --reply 'eod=554 no'
archiving
sends 65 "refused at the end" -t
smarthost --reply 'eod=451 later'
archiving
sends 75 "refused for now" -t
is "$(copies)" 0 "refused: no copy"
post --dry-run -t
is "$status $(copies)" "0 0" "--dry-run: no copy"

smarthost --reply 'rcpt:secret@example.org=450 later'
archiving 'queue auto' 'queue_autostart off'
sends 0 "accepted for some" -t
is "$(copies)" 1 "accepted for some: there is a copy"
smarthost
archiving 'queue auto' 'queue_autostart off'
run timeout 60 "$POSTHASTE" -C "$T/rc" -q
smarthost_end
is "$status $(stored) $(copies)" "0 1 1" "the rest is sent later: no second copy"

empty
smarthost --reply 'eod=451 later'
archiving 'queue auto' 'queue_autostart off'
sends 0 "queued" -t
is "$(copies)" 0 "queued: no copy yet"
for round in 1 2; do
	# the second one accepts all who are left
	if [ $round = 1 ]; then smarthost --reply 'rcpt:secret@example.org=450 later'; else smarthost; fi
	sed -i "s/^port .*/port $port/" "$T/rc"
	(cd / && run timeout 60 "$POSTHASTE" -C "$T/rc" -q)
	smarthost_end
	is "$(stored) $(copies)" "1 1" "sent by the queue, attempt $round: one copy"
done
like "$(copy)" '^Bcc: secret@example.org,' "sent by the queue: with Bcc"
unlike "$(cat "$T/spool/0001.eml")" 'secret@' "sent by the queue: without it to the server"

# ---- other ways in ----
empty
smarthost
archiving
printf 'From alice@example.org Sun Mar  1 10:00:00 2026\nTo: bob@example.org\nSubject: %s\n\nGood morning.\n\n' \
	1 2 >"$T/mbox"
run timeout 60 "$POSTHASTE" -C "$T/rc" "--batch=mbox:$T/mbox"
smarthost_stop
is "$status $(copies)" "0 2" "--batch: a copy of each"
empty
smarthost
archiving
printf '%s\r\n' 'HELO me' 'MAIL FROM:<alice@example.org>' 'RCPT TO:<bob@example.org>' DATA 'Subject: x' '' x . QUIT |
	run timeout 60 "$POSTHASTE" -C "$T/rc" -bs
smarthost_stop
is "$(copies)" 1 "-bs: a copy"

# ---- failures are notes ----
# noted NAME REGEX PATH
noted() {
	smarthost
	conf "archive maildir:$3"
	sends 0 "$1" --json -t
	is "$(stored) $(cat "$T/err")" "1 " "$1: sent, and nothing is said"
	like "$("$PYTHON" -c 'import json, sys; print(json.load(sys.stdin)["notes"])' <"$out")" \
		"the message was sent, but not archived in $3: $2" "$1: a note"
}
mkdir "$HOME/docs"
: >"$HOME/docs/thesis"
noted "a folder of something else" 'the folder .* is neither empty nor a Maildir' "$HOME/docs"
is "$(ls "$HOME/docs")" thesis "a folder of something else: it is not changed"
noted "a file" 'cannot open the folder .*: Not a directory' "$HOME/docs/thesis"
mkdir -p "$HOME/odd/cur"
ln -s "$HOME/docs" "$HOME/odd/tmp"
chmod 500 "$HOME/docs"
[ "$(id -u)" = 0 ] || noted "tmp that cannot be written" 'cannot make a file in tmp' "$HOME/odd"
chmod 700 "$HOME/docs"
rm "$HOME/odd/tmp"
: >"$HOME/odd/tmp"
noted "no tmp" 'cannot make a file in tmp: Not a directory' "$HOME/odd"
if [ "$(id -u)" = 0 ]; then
	chown 65534 "$HOME"
	# shellcheck disable=SC2088 # the program replaces it
	noted "the home of another user" 'the home directory .* belongs to another user' '~/other'
	chown 0 "$HOME"
fi
mkdir "$T/elsewhere"
ln -s "$T/elsewhere" "$HOME/link"
smarthost
conf "archive maildir:$HOME/link/"
sends 0 "a link to an empty folder" -t
is "$(find "$T/elsewhere/cur" -type f | wc -l | tr -d ' ')" 1 "a link to an empty folder: the copy is there"

# ---- the configuration ----
for bad in "$HOME/x" mbox:/x maildir: maildir:sent 'maildir:~bob/sent'; do
	conf "archive $bad"
	post bob@example.org
	status_is 78 "archive $bad: exit status 78"
done
smarthost
archiving archive
empty
sends 0 "an empty argument" -t
is "$(copies)" 0 "an empty argument: no copy"
done_testing
