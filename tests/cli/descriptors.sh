#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Standard input, output and error that the caller closed or that cannot be
# written: nothing printed reaches a server, and what was delivered stays so.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

# without "CLOSED..." ARGUMENT...: the program with these descriptors closed
without() {
	local closed=$1
	shift
	run timeout -k 5 60 bash -c 'for fd in $1; do eval "exec $fd>&-"; done; shift; exec "$@"' bash "$closed" \
		"$POSTHASTE" -C "$T/rc" "$@" <"$T/mail"
}

# ---- closed ----
for closed in '' 1 2; do
	for options in '' -v -d --json; do
		name="closed: ${closed:-none}, ${options:-no option}"
		smarthost
		conf
		# shellcheck disable=SC2086 # no option is no word
		without "$closed" $options bob@example.org
		smarthost_end
		is "$status $(stored)" "0 1" "$name: sent"
		no_violation "$name: the server got nothing else"
		unlike "$(cat "$T/transcript")" 'C: (--> |<-- |.*outcome)' "$name: nothing printed is sent"
	done
done
for closed in 0 '0 1' '0 2' '0 1 2'; do
	for options in '' -v -t --read-envelope-from --json --dry-run; do
		name="closed: $closed, ${options:-no option}"
		smarthost
		conf
		# shellcheck disable=SC2086
		without "$closed" $options bob@example.org
		smarthost_stop
		is "$status $(stored)" "74 0" "$name: there is no message"
		case $closed in *2*) ;; *) said '^posthaste: .*standard input' "$name: the text" ;; esac
	done
done
smarthost
conf 'logfile -'
without 1 bob@example.org
smarthost_end
is "$status $(stored)" "0 1" "a log on a closed standard output: sent"
no_violation "a log on a closed standard output: the server got nothing of it"

# ---- standard output that cannot be written ----
[ -w /dev/full ] || done_testing
# full ARGUMENT...: its standard output is a full device
full() { run timeout -k 5 60 bash -c '"$@" >/dev/full' bash "$POSTHASTE" "$@"; }
smarthost --reply 'rcpt=550 5.1.1 who'
conf
full -C "$T/rc" --json bob@example.org <"$T/mail"
smarthost_end
status_is 67 "output lost, refused: exit status"
said '^posthaste: .*standard output' "output lost, refused: the text"
for options in --json -d '-d --json'; do
	smarthost
	conf
	# shellcheck disable=SC2086
	full -C "$T/rc" $options bob@example.org <"$T/mail"
	smarthost_end
	is "$status $(stored)" "0 1" "output lost, $options: the status of the delivery"
done
said '^posthaste: cannot write to standard output' "output lost, -d: the text"
conf
for words in --version --help --pretend --explain '--dry-run bob@example.org' -bp '-bp --json' --queue-status \
	'--queue-status --json'; do
	# shellcheck disable=SC2086
	full -C "$T/rc" $words <"$T/mail"
	status_is 74 "output lost, $words: exit status"
	is "$(grep -c '^posthaste: cannot write to standard output' "$err")" 1 "output lost, $words: the text"
done
smarthost
conf
full -C "$T/rc" --serverinfo <"$T/mail"
smarthost_end
status_is 74 "output lost, --serverinfo: exit status"
smarthost
conf
full -C "$T/rc" --check <"$T/mail"
smarthost_end
status_is 74 "output lost, --check: exit status"
done_testing
