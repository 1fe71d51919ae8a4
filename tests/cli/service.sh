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

# ---- the whole of it: root starts the service, which has a user of its own and alone can read the password ----
cannot() {
	skip "$1" "users send with a password that they cannot read"
	done_testing
}
[ "$(id -u)" = 0 ] || cannot "needs root, to be several users"
command -v setpriv >/dev/null || cannot "setpriv is missing; on Debian or Ubuntu: apt install util-linux"
! sanitized || cannot "the program with sanitizers cannot be copied"
why=$("$OWN_MOUNTS" true 2>&1) || cannot "$why"
secret=Canary+42-of/the=service
mkdir -m 755 "$OPEN/run" "$OPEN/state"
mkdir -m 700 "$OPEN/own" "$OPEN/joe"
printf '%s\n' "$secret" >"$OPEN/own/password"
chmod 600 "$OPEN/own/password"
chown -R 4711:4711 "$OPEN/own" "$OPEN/run"
chown 1234:1234 "$OPEN/joe"
{
	cat /etc/passwd
	printf 'posthaste:x:4711:4711::%s:/usr/sbin/nologin\njoe:x:1234:1234::%s:/bin/sh\n' "$OPEN/own" "$OPEN/joe"
} >"$OPEN/passwd"
chmod 644 "$OPEN/passwd"
printf '%s\n' "$secret" >"$T/password"
smarthost --once 9 --auth PLAIN --user office --password-file "$T/password"
queue='auto\nqueue_autostart off' conf "service_socket $OPEN/run/socket" "listen $OPEN/run/socket" 'user office' \
	'auth on' 'auth_without_tls on' "password_file $OPEN/own/password" 'service_sender user@example.org'
sed '/^user joe/d' "$T/rc" >"$OPEN/rc"
chmod 644 "$OPEN/rc"
cp "$T/mail" "$OPEN/mail"
chmod 644 "$OPEN/mail"
# with_users COMMAND...: in this namespace there are the users posthaste and joe
with_users() { "$OWN_MOUNTS" sh -c 'mount --bind "$1" /etc/passwd && shift && exec "$@"' sh "$OPEN/passwd" "$@"; }
as_joe() {
	run setpriv --reuid=1234 --regid=1234 --clear-groups env -u XDG_CONFIG_HOME -u XDG_DATA_HOME -u XDG_STATE_HOME \
		-u XDG_CACHE_HOME -u XDG_RUNTIME_DIR HOME="$OPEN/joe" TMPDIR=/tmp timeout -k 5 60 "$@" <"$OPEN/mail"
	cat "$out" "$err" >>"$T/shown"
}
with_users "$OPEN/posthaste" -C "$OPEN/rc" -bD >"$T/listening" 2>"$T/service.err" </dev/null &
track $!
service_waits() { grep -q '^waiting for clients' "$T/listening"; }
wait_until 20 service_waits || bail "the service did not start: $(cat "$T/service.err")"
service_pid=$(pgrep -f "^$OPEN/posthaste -C $OPEN/rc -bD" | head -1)
no_new=0 # where that cannot be said
linux_features && no_new=1
status_of() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$service_pid/status" | tr '\t' ' '; }
is "$(status_of Uid)|$(status_of Gid)|$(status_of Groups)" "4711 4711 4711 4711|4711 4711 4711 4711|4711 " \
	"root's service is the user posthaste, with no other group"
is "$(status_of CapEff)|$(status_of CapPrm)|$(status_of NoNewPrivs)" "0000000000000000|0000000000000000|$no_new" \
	"it has no capability, and gets none"

as_joe "$OPEN/posthaste" -C "$OPEN/rc" -f boss@example.org bob@example.org
status_is 0 "a user hands a message over"
is "$(stored) $(envelope mail_from) $(envelope rcpt)" "1 joe@example.org bob@example.org" \
	"it arrives, from the user who sent it, whatever -f says"
check "the service logged in" grep -aq '^C: AUTH PLAIN' "$T/transcript"

# What a user may try.  A session of the service that has just sent something has the password.
: >"$T/shown"
"$PYTHON" "$top_srcdir/tests/lib/talk.py" "$OPEN/run/socket" 0 '<220' '>EHLO a\r\n' '<250' \
	'>MAIL FROM:<a@b.example>\r\n' '<250' '>RCPT TO:<bob@example.org>\r\n' '<250' '>DATA\r\n' \
	'<354' '>a: b\r\n\r\nc\r\n.\r\n' '<250' \
	'<421 4\.3\.2' eof 2>"$T/talk.err" &
talking=$!
two_arrived() { [ "$(stored)" = 2 ]; }
wait_until 20 two_arrived || bail "the second message did not arrive: $(cat "$T/talk.err")"
session_pid=$(pgrep -P "$service_pid" | tail -1)
check "a session of the service is open" test -n "$session_pid"
printf 'eval printf "password %%s" "$(cat %s)"\n' "$OPEN/own/password" >"$OPEN/joe/eval"
chown 1234:1234 "$OPEN/joe/eval"
tried=0
while read -ru 9 -a words; do
	as_joe "${words[@]}"
	tried=$((tried + 1))
done 9<<ROWS
cat $OPEN/own/password
$OPEN/posthaste -C $OPEN/rc --debug bob@example.org
$OPEN/posthaste -C $OPEN/rc --pretend
$OPEN/posthaste -C $OPEN/rc --explain bob@example.org
$OPEN/posthaste -C $OPEN/rc --check=default
$OPEN/posthaste -C $OPEN/rc --serverinfo
$OPEN/posthaste -C $OPEN/rc --socket= --debug bob@example.org
$OPEN/posthaste --host=127.0.0.1 --port=$port --auth=plain --user=me --password-file=$OPEN/own/password b@example.org
$OPEN/posthaste -C $OPEN/rc --aliases=$OPEN/own/password --debug bob
$OPEN/posthaste -C $OPEN/own/password --pretend
$OPEN/posthaste -C $OPEN/joe/eval --pretend
$OPEN/posthaste -C $OPEN/rc -bD
cat /proc/$service_pid/environ /proc/$session_pid/environ
cat /proc/$session_pid/mem
ls -l /proc/$session_pid/fd
cat /proc/$session_pid/maps
$PYTHON -c import_ctypes=__import__("ctypes");print(import_ctypes.CDLL(None,use_errno=True).ptrace(16,$session_pid,0,0))
kill -ABRT $session_pid
ROWS
is "$tried" 18 "all was tried"
is "$(grep -caF -e "$secret" -e "$(printf '%s' "$secret" | base64)" -e "$(printf '\0office\0%s' "$secret" | base64)" \
	"$T/shown")" 0 "no user gets the password"
is "$(grep -c '^-1$' "$T/shown")" 1 "ptrace is not allowed"
check "the session lives" kill -0 "$session_pid"
is "$(stat -c %u "/proc/$session_pid/mem" "/proc/$service_pid/mem" | sort -u)" 0 \
	"not even processes of its own user may look into it"
is "$(find "$OPEN" "$T" /tmp -maxdepth 2 -name 'core*' -newer "$OPEN/rc" 2>/dev/null)" "" "there is no core"
kill -TERM "$service_pid"
wait $talking
is "$? $(cat "$T/talk.err")" "0 " "the open session is ended in words"
as_joe "$OPEN/posthaste" -C "$OPEN/rc" bob@example.org
status_is 0 "the service has ended: the message is stored"
is "$(find "$OPEN/joe" -path '*/queue/new/*' -type f -user 1234 | grep -c .)" 1 "in the queue of its user"
: >"$T/listening"
with_users "$OPEN/posthaste" -C "$OPEN/rc" -bD >"$T/listening" 2>"$T/service.err" </dev/null &
track $!
wait_until 20 service_waits || bail "the service did not start again: $(cat "$T/service.err")"
before=$(stored)
as_joe "$OPEN/posthaste" -C "$OPEN/rc" -q
status_is 0 "it runs again: the queue hands the message over"
is "$(($(stored) - before))" 1 "which arrives once"
is "$(envelope mail_from "$(printf %04d "$(stored)")")" joe@example.org "from its user"

# ---- the service's own queue: it sends to the server, and does not hand over to itself ----
smarthost_stop
as_joe "$OPEN/posthaste" -C "$OPEN/rc" bob@example.org
status_is 0 "the server is away: the service takes the message"
is "$(find "$OPEN/own" -path '*/queue/new/*' -type f -user 4711 | grep -c .)" 1 "it waits in the queue of the service"
smarthost --once 9 --listen "127.0.0.1:$port" --auth PLAIN --user office --password-file "$T/password"
run setpriv --reuid=4711 --regid=4711 --clear-groups env -u XDG_CONFIG_HOME -u XDG_DATA_HOME -u XDG_STATE_HOME \
	-u XDG_CACHE_HOME -u XDG_RUNTIME_DIR HOME="$OPEN/own" TMPDIR=/tmp timeout -k 5 60 "$OPEN/posthaste" -C "$OPEN/rc" -q
status_is 0 "the server is back: the queue of the service is empty"
is "$(stored) $(envelope mail_from)" "1 joe@example.org" "the message arrives, once, from its user"

service_pid=$(pgrep -f "^$OPEN/posthaste -C $OPEN/rc -bD" | head -1)
kill -TERM "$service_pid"
service_gone() { ! kill -0 "$service_pid" 2>/dev/null; }
check "SIGTERM ends it" wait_until 20 service_gone
smarthost_stop
done_testing
