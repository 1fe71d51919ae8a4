#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# service_socket: messages go to the mail service of the machine, which alone knows the server and its password.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

socket=$T/socket
# One file for users and service: what it says of the server is for the service.
conf_users() {
	port=1
	conf "service_socket $socket" 'auth on' 'tls on' 'tls_dane require' 'password_file /nowhere' 'proxy_host proxy' \
		'source_ip 192.0.2.1' "$@"
}

# ---- what users hand over ----
conf_users
smarthost --listen "unix:$socket" --auth PLAIN --user joe --password-file "$T/password"
conf_users
sends 0 "the service gets the message" -f carol@example.org bob@example.org
is "$(stored)" 1 "the service gets the message: one"
is "$(envelope mail_from)" carol@example.org "the service gets the message: from its sender"
check "the service gets the message: without a login" test -z "$(grep -a '^C: AUTH' "$T/transcript")"
post --pretend
status_is 0 "--pretend shows where messages go"
like "$(cat "$out")" "socket += $socket " "--pretend: the socket"
unlike "$(cat "$out")" 'proxy_host|password_file|192\.0\.2|require ' "--pretend: nothing that is for the service"

# ---- the service is away ----
rm -f "$socket"
post bob@example.org
status_is 75 "no socket, no queue: 75"
said "^posthaste: connecting: the mail service at $socket is not running: No such file" "no socket: said so"
said '^hint: The administrator can start it' "no socket: the hint"
"$PYTHON" -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$socket"
post bob@example.org
status_is 75 "nobody listens: 75"
said "the mail service at $socket is not running: Connection refused" "nobody listens: said so"
queue='auto\nqueue_autostart off' conf_users
post bob@example.org
status_is 0 "nobody listens: stored"
is "$(find "$XDG_STATE_HOME/posthaste/queue/new" -type f | grep -c .)" 1 "nobody listens: in the user's own queue"
rm -f "$socket"
smarthost --listen "unix:$socket"
run timeout 60 "$POSTHASTE" -q
status_is 0 "the service is back: the queue hands the message over"
smarthost_end
is "$(stored)" 1 "the service is back: one message"
is "$(envelope mail_from)" alice@example.org "the service is back: from its sender"

# ---- the caller's sandbox ----
# kept_out NAME COMMAND...: run with this in front
kept_out() {
	local name=$1
	shift
	run "$@" <"$T/mail"
	status_is 77 "$name: status 77 at once"
	said "this process may not use the mail service's socket" "$name: said so"
	said 'RestrictAddressFamilies=.*InaccessiblePaths=' "$name: the lines to look at"
}
if [ "$(id -u)" = 0 ]; then
	open_place
	mkdir -m 700 "$OPEN/closed"
	sed "s|^service_socket .*|service_socket $OPEN/closed/socket|" "$T/rc" >"$OPEN/rc"
	chmod 644 "$OPEN/rc"
	kept_out "a folder that is closed" unprivileged "$OPEN/posthaste" -C "$OPEN/rc" bob@example.org
	is "$(find "$OPEN/home" -type f -path '*queue/new*' | grep -c .)" 0 "a folder that is closed: nothing is stored"
else
	mkdir -m 0 "$T/closed"
	sed -i "s|^service_socket .*|service_socket $T/closed/socket|" "$T/rc"
	kept_out "a folder that is closed" "$POSTHASTE" -C "$T/rc" bob@example.org
	rmdir "$T/closed"
fi
done_testing
