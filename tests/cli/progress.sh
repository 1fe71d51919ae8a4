#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The line about a long transfer, on a terminal whose clock is a thousand times faster.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
sanitized && skip_all "faketime and the sanitizer's runtime both want to be loaded first"
command -v faketime >/dev/null || skip_all "faketime is missing; on Debian or Ubuntu: apt install faketime"
[ "$(faketime -f +3d date +%s)" -gt $(($(date +%s) + 200000)) ] || skip_all "faketime does not work here"

{
	printf 'From: alice@example.org\nTo: bob@example.org\nSubject: large\n\n'
	head -c 30000000 /dev/zero | tr '\0' x | fold -w 900
} >"$T/large"
# sends_large TERM: what is shown on a terminal of that type goes to $out
sends_large() {
	smarthost
	conf 'tls off' 'auth off'
	TERM=$1 on_terminal --input="$T/large" faketime -f '+0 x1000' "$POSTHASTE" -C "$T/rc" bob@example.org
	smarthost_end
	is "$status $(stored)" "0 1" "TERM=$1: it is delivered"
}
sends_large xterm
like "$(cat "$out")" 'sending: [0-9]+ % of 30.1 MB, [0-9.]+ MB/s' "the line is shown on a terminal"
is "$(tail -c 30 "$out")" "$(printf '%30s' '')" "and is overwritten at the end"
sends_large dumb
is "$(cat "$out")" "" "not on one on which nothing can be replaced"
smarthost
conf 'tls off' 'auth off'
TERM=xterm run faketime -f '+0 x1000' "$POSTHASTE" -C "$T/rc" bob@example.org <"$T/large"
smarthost_end
is "$status $(cat "$out" "$err")" "0 " "nor without a terminal"
done_testing
