#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What a server offers and refuses is left out at once and remembered for the
# next message; ignore_extensions says it beforehand.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

cache=$XDG_STATE_HOME/posthaste/capabilities
lines() { grep -ac -- "^C: $1" "$T/transcript"; }

# refusing STAGE REPLY WHAT: a message is refused there once and sent without that; the next one without it at once
refusing() {
	rm -f "$cache"
	smarthost_chunking --once 2 --reply "$1=$2" --reply "$1="
	conf "tls off"
	post bob@example.org
	status_is 0 "$3: sent without it"
	is "$(cat "$T/err")" '' "$3: nothing is said"
	sends 0 "$3: the next message" bob@example.org
	is "$(stored)" 2 "$3: each once"
	is "$(lines EHLO)" 2 "$3: each in one session"
}

refusing bdat '502 5.5.1 not implemented' CHUNKING
is "$(lines BDAT) $(lines DATA)" '1 2' "BDAT was tried once, then DATA twice"
check "it is remembered" grep -q "^server 127.0.0.1 $port clear ! " "$cache"
check "by its keyword" grep -q '^ CHUNKING$' "$cache"

refusing mail '555 5.5.4 what is SIZE' parameters
is "$(lines MAIL) $(lines 'MAIL FROM:<[^>]*>.*SIZE')" '3 1' "MAIL has parameters once"
is "$(sed -n '/ ! /,/^end/p' "$cache" | grep -c '^ ')" 2 "SIZE and 8BITMIME are remembered"

rm -f "$cache"
smarthost_chunking
conf "tls off" "ignore_extensions chunking SIZE"
sends 0 "ignored beforehand" bob@example.org
is "$(lines BDAT) $(lines 'MAIL FROM:<[^>]*>.*SIZE') $(lines 'MAIL FROM:<[^>]*>.*BODY')" '0 0 1' "the others are used"
check "nothing is remembered of it" test ! -e "$cache"

# ---- several messages over one session ----
# What is refused at the first message, or at a later one, is not tried again with those after it.
PUT=$top_builddir/tests/lib/queue_put
waiting() { find "$XDG_STATE_HOME/posthaste/queue/new" -type f 2>/dev/null | wc -l | tr -d ' '; }
parameter="--reply 'mail=501 5.5.4 what' --reply mail=" chunk="--reply 'bdat=500 5.5.1 what' --reply bdat="
# NAME|REPLIES|how many EHLO, MAIL, BDAT, DATA
while IFS='|' read -ru 9 name replies wanted; do
	rm -rf "$cache" "$XDG_STATE_HOME/posthaste"
	eval "smarthost_chunking --once 9 $replies"
	queue='auto\nqueue_autostart off' conf "tls off"
	"$PUT" account=default config="$T/rc" count=4 bob@example.org >/dev/null <"$T/mail"
	post -q </dev/null
	smarthost_stop
	is "$status $(waiting) $(stored)" "0 0 4" "four messages, $name: each arrives once"
	is "$(lines EHLO) $(lines MAIL) $(lines BDAT) $(lines DATA)" "$wanted" "four messages, $name: the commands"
done 9<<ROWS
nothing refused||1 4 4 0
BDAT refused|$chunk|1 5 1 4
the third BDAT refused|--reply bdat= --reply bdat= $chunk|1 5 3 2
a parameter of MAIL refused|--reply 'mail=555 5.5.4 what' --reply mail=|1 5 5 0
a parameter of the second MAIL refused|--reply mail= --reply 'mail=555 5.5.4 what' --reply mail=|1 5 5 0
a parameter, then BDAT refused|$parameter --reply bdat= $chunk|1 6 2 4
the same at the second message|--reply mail= $parameter --reply bdat= --reply bdat= $chunk|1 6 3 3
ROWS

for word in STARTTLS auth; do
	conf "tls off" "ignore_extensions SIZE $word"
	sends 78 "$word cannot be ignored" bob@example.org
	said 'ignore_extensions cannot name STARTTLS or AUTH' "$word: what cannot be named"
done
conf "tls off" "ignore_extensions CHUNKING,SIZE"
sends 78 "a comma" bob@example.org
done_testing
