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

for word in STARTTLS auth; do
	conf "tls off" "ignore_extensions SIZE $word"
	sends 78 "$word cannot be ignored" bob@example.org
	said 'ignore_extensions cannot name STARTTLS or AUTH' "$word: what cannot be named"
done
conf "tls off" "ignore_extensions CHUNKING,SIZE"
sends 78 "a comma" bob@example.org
done_testing
