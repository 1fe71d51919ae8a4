#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# fallback: another account sends while the server of the first one is away or
# puts the login off, and in no other case.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good

# Two servers: $first and $second (ports) and their spools
two() {
	eval "smarthost $1"
	first=$port first_pid=$sink_pid
	mv "$T/spool" "$T/first" && mv "$T/transcript" "$T/first.transcript" # the sink has them open
	mkdir -p "$T/spool"
	eval "smarthost $2"
	second=$port
}
two_end() {
	smarthost_end "${1:-5}"
	kill "$first_pid" 2>/dev/null
	wait "$first_pid" 2>/dev/null
}
# accounts LINE...: default with these lines, backup with the second server
accounts() {
	{
		printf '%s\n' 'account backup' 'host 127.0.0.1' "port $second" 'from backup@example.org' 'user joe' 'auth plain' \
			'password correct-horse'
		printf '%s\n' 'account default' 'host 127.0.0.1' "port $first" 'from alice@example.org' 'user joe' \
			'timeout 20' 'fallback backup' "logfile $T/log"
		printf 'queue %b\n' "$queue"
		[ $# = 0 ] || printf '%s\n' "$@"
	} >"$T/rc"
	chmod 600 "$T/rc"
	rm -f "$T/log"
}
login="--auth PLAIN --user joe --password-file $T/password"
key() { "$PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$out" "$1"; }

# ---- when it is used: WHAT|FIRST SERVER|LINE ----
while IFS='|' read -ru 9 what sink line; do
	two "${sink#away}" "$login"
	[ "$sink" != away ] || first=1
	accounts "$line" 'password correct-horse'
	sends 0 "$what" --json bob@example.org
	is "$(stored) $(envelope mail_from)" '1 alice@example.org' "$what: sent by the other one, with this account's sender"
	is "$(key account) $(key outcome) $(key port)" "backup accepted $second" "$what: --json names account and server"
	like "$(key notes)" "account default: .*; sent by account backup" "$what: the reason is a note"
	is "$(cat "$err")" '' "$what: and nothing is said"
	like "$(cat "$T/log")" 'user=joe .*exitcode=EX_OK' "$what: logged"
	two_end
done 9<<'ROWS'
the server is away|away|
a temporary greeting|--reply 'greeting=421 later' --once 9|
the connection is lost before MAIL|--close ehlo --once 9|
the login is put off|--auth PLAIN --user joe --password-file "$T/password" --reply 'auth=454 4.7.0 later' --once 9|auth plain
ROWS

# ---- when it is not: WHAT|STATUS|FIRST SERVER|LINE ----
while IFS='|' read -ru 9 what want sink line; do
	two "$sink" "$login"
	printf -v line '%b' "$line"
	accounts "$line" 'password wrong'
	post bob@example.org
	status_is "$want" "$what: exit status $want"
	is "$(stored)" 0 "$what: the other server gets nothing"
	smarthost_stop
	two_end
done 9<<'ROWS'
a refused password|77|--auth PLAIN --user joe --password-file "$T/password"|auth plain
a refusing greeting|69|--reply 'greeting=554 no' --once 9|
a sender put off|75|--reply 'mail=451 4.3.0 later'|
a recipient put off|75|--reply 'rcpt=451 4.3.0 later'|
the connection is lost after MAIL|75|--close mail --once 9|
no TLS where it is required|69||tls on\ntls_starttls on
a certificate that is not trusted|77|--tls implicit --cert "$CA/good.pem" --key "$CA/good.key"|tls on\ntls_starttls off
ROWS

# ---- all fail ----
two '' "$login --reply 'greeting=421 busy' --once 9"
first=1
accounts
post bob@example.org
status_is 75 "all fail: exit status 75"
said '^posthaste: .*port 1: .*; fallback backup: .*421 busy' "all fail: the text names both"
smarthost_stop
two_end
two '' "$login"
first=1
accounts
sed -i 's/correct-horse/wrong/' "$T/rc"
post bob@example.org
status_is 75 "the other account is refused: exit status 75"
said '^posthaste: .*port 1: .*; fallback backup: .*535' "the other account is refused: the text"
two_end

# ---- the queue ----
queue='auto\nqueue_autostart off'
two '' "$login --reply 'greeting=421 busy' --once 9"
first=1
accounts
post bob@example.org
status_is 0 "queued: exit status 0"
smarthost_stop
two_end
two '' "$login"
first=1
accounts
post -q
smarthost_end
is "$(stored) $(envelope mail_from)" '1 alice@example.org' "from the queue: the other server gets it"
post -bp
like "$(cat "$out")" 'Mail queue is empty' "from the queue: nothing is left"
two_end
queue='off\nqueue_autostart off'

# ---- names ----
# LIST|TEXT
first=1 second=2
while IFS='|' read -ru 9 list text; do
	accounts "fallback $list"
	sed -i '/^fallback backup$/d' "$T/rc"
	post bob@example.org
	status_is 78 "fallback $list: exit status 78"
	said "$T/rc, line [0-9]+: fallback: $text" "fallback $list: the text"
done 9<<'ROWS'
nosuch|nosuch: no account has this name
backup nosuch|nosuch: no account has this name
default|default: an account cannot be its own fallback
backup backup|backup: this account is named twice
ROWS
two '' ''
first=1
accounts
sed -i 's/^account backup/defaults\nfallback default backup\nlogfile\naccount backup/; /^auth\|^password/d' "$T/rc"
sends 0 "accounts that inherit the list" bob@example.org
is "$(stored)" 1 "accounts that inherit the list: the other one sends"
two_end
done_testing
