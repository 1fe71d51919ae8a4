#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# -bd and -bD: the mail service at its sockets, for clients that say exactly what a test wants.  What real clients make
# of it is in tests/servers/listen.sh.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/listen_lib.sh" || exit 99

header_of() { sed -n "s/^$2: //p; /^\r*\$/q" "$T/spool/$1.eml" | tr -d '\r'; }

# ---- it does not start ----
port=1
conf 'listen localhost:25'
cp "$T/rc" "$OPEN/rc"
chmod 644 "$OPEN/rc"
refused 78 "a name" "line [0-9]+, column 8: listen: expected 127\.0\.0\.1:2525" -C "$OPEN/rc" -bD
conf
cp "$T/rc" "$OPEN/rc"
refused 78 "no address" "no account says where to wait for clients" -C "$OPEN/rc" -bd
conf 'listen 0.0.0.0:0'
cp "$T/rc" "$OPEN/rc"
refused 78 "an address of the network" "0\.0\.0\.0 port [0-9]+ can be reached from other machines" -C "$OPEN/rc" -bD
conf "listen $OPEN/rc"
cp "$T/rc" "$OPEN/rc"
refused 73 "a file in the place of the socket" "cannot make the lock|exists and is not a socket" -C "$OPEN/rc" -bD
if [ "$(id -u)" = 0 ] && ! getent passwd posthaste >/dev/null; then
	conf "listen $T/socket"
	run timeout -k 5 20 "$POSTHASTE" -C "$T/rc" -bD </dev/null
	status_is 78 "root: status 78"
	said 'does not run as root, and there is no user posthaste' "root: said so"
	said '^hint: Start posthaste.socket' "root: the cure"
	check "root: nothing was opened" test ! -e "$T/socket"
else
	skip "this is not root, or there is a user posthaste" "root's service"
fi

# ---- messages ----
smarthost --once 100
service
is "$(stat -c '%a %F' "$socket")" '666 socket' "the socket is for all users"
hello "$socket" 0 '>MAIL FROM:<a@example.org>\r\n' '<250' '>QUIT\r\n' '<221' eof
status_is 0 "a session through the Unix socket"
message "$socket" 0
status_is 0 "a message through the Unix socket"
message 127.0.0.1 "$tcp"
status_is 0 "a message over TCP"
is "$(stored) $(envelope mail_from 0001) $(envelope mail_from 0002)" "2 carol@example.org carol@example.org" \
	"both arrived, from the sender the client named"
hello 127.0.0.1 "$tcp" '>MAIL FROM:<a@example.org>\r\n' '<250' '>RCPT TO:<bob@example.org>\r\n' '<250' \
	'>DATA\r\n' '<354' '>a\nb\r\n.\r\n' '<554'
status_is 0 "over TCP a line end is CRLF and nothing else"
message "$socket" 0 ''
is "$(envelope mail_from 0003)" '' "the null sender stays"

# The next client gets what the configuration says now.
sed -i 's/^from .*/from office@example.org/; $a service_sender force' "$OPEN/rc"
message "$socket" 0
is "$(envelope mail_from 0004)" office@example.org "a change of the configuration, service_sender force: the sender"
is "$(header_of 0004 From)" 'Carol <office@example.org>' "service_sender force: the header"
message "$socket" 0 ''
is "$(envelope mail_from 0005)" '' "service_sender force: the null sender stays"
sed -i 's/^service_sender .*/service_sender user@users.example/' "$OPEN/rc"
message "$socket" 0
is "$(envelope mail_from 0006)" "$(id -un)@users.example" "service_sender user@DOMAIN: who the kernel says it is"
like "$(header_of 0006 From)" "$(id -un)@users\.example" "service_sender user@DOMAIN: the header"
hello 127.0.0.1 "$tcp" '>MAIL FROM:<a@example.org>\r\n' '<550 5\.7\.1 ' '>QUIT\r\n' '<221' eof
status_is 0 "service_sender user@DOMAIN: not over TCP"
sed -i 's/^service_sender .*/service_sender nobody/' "$OPEN/rc"
talk "$socket" 0 '<421 .*expected keep, force, or user@ and a domain' eof
status_is 0 "a configuration with an error is the greeting"
cp "$T/rc" "$OPEN/rc"

# ---- a second one, and a user that may be anybody ----
run unprivileged timeout -k 5 20 "$program" -C "$OPEN/rc" -bD </dev/null
status_is 73 "a second service: status 73"
said "cannot lock $socket.lock" "a second service: said so"
if [ "$(id -u)" = 0 ]; then
	cp "$top_srcdir/tests/lib/talk.py" "$OPEN"
	chmod 644 "$OPEN/talk.py"
	run unprivileged timeout 20 "$PYTHON" "$OPEN/talk.py" "$socket" 0 '<554 5\.7\.1 .*65534' eof
	status_is 0 "the user 65534 is refused"
else
	skip "this is not root" "the user 65534 is refused"
fi

# ---- the end ----
"$PYTHON" - "$socket" "$T/idle.ready" >"$T/idle" 2>&1 <<'END' &
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(60)
s.connect(sys.argv[1])
replies = s.makefile()
replies.readline()
s.sendall(b"HELO a\r\n")
replies.readline()
open(sys.argv[2], "w").close()
print(replies.readline()[:4] + replies.readline())
END
idle=$!
wait_until 20 test -e "$T/idle.ready" || bail "no session began: $(cat "$T/idle")"
service_end "a service in use"
wait $idle
like "$(cat "$T/idle")" '^421 $' "an idle session is sent away with 421"
check "the socket is removed" test ! -e "$socket"
smarthost_stop

# ---- the limits ----
# Clients of one user; the one after the hundredth is sent away.
smarthost --once 1
service "logfile $OPEN/home/log"
run timeout -k 5 60 "$PYTHON" - "$socket" <<'END'
import socket, sys
def connect():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(sys.argv[1])
    return s, s.recv(300).decode()
clients = [connect() for _ in range(100)]
print(sum(greeting.startswith("220 ") for _, greeting in clients))
refused = [connect() for _ in range(3)]
print(sum("421 4.7.0 " in greeting for _, greeting in refused), refused[0][0].recv(10))
for s, _ in clients:
    s.sendall(b"NOOP\r\n")
print(sum(s.recv(100).startswith(b"250 ") for s, _ in clients))
END
is "$(paste -sd' ' "$out")" "100 3 b'' 100" "100 sessions of one user, the next ones get 421"
service_end "with 100 sessions"
is "$(sed -n 's/.* refused=\([0-9]*\) client=user.*/\1/p' "$OPEN/home/log" | awk '{ n += $1 } END { print n }')" 3 \
	"the log counts those that were refused"
smarthost_stop

# ---- in the background ----
smarthost --once 2
service_conf
run unprivileged timeout -k 5 20 "$program" -C "$OPEN/rc" -bd </dev/null
status_is 0 "-bd: the command ends when clients can connect"
is "$(cat "$out" "$err")" "" "-bd: without a word"
message "$socket" 0
is "$(stored)" 1 "-bd: a message"
service_pid=$(pgrep -f "^$program -C $OPEN/rc -bd" | head -1)
is "$(ps -o sid= -p "$service_pid" | tr -d ' ')" "$service_pid" "-bd: in a session of its own"
kill -TERM "$service_pid"
check "-bd: SIGTERM ends it" wait_until 20 service_gone
smarthost_stop

# ---- a service manager ----
if command -v systemd-socket-activate >/dev/null; then
	smarthost --once 2
	service_conf
	"$PYTHON" - "$OPEN/notify" >"$T/notified" <<'END' &
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
s.settimeout(60)
for _ in range(2):
    print(s.recv(100).decode(), flush=True)
END
	notified=$!
	track $notified
	wait_until 20 test -S "$OPEN/notify" || bail "no socket for notifications"
	"${become[@]}" "NOTIFY_SOCKET=$OPEN/notify" systemd-socket-activate -E NOTIFY_SOCKET -l "$OPEN/run/passed" \
		-l "$OPEN/run/other" "$program" -C "$OPEN/rc" -bd >"$T/listening" 2>"$T/service.err" </dev/null &
	service_pid=$!
	track $service_pid
	wait_until 20 test -S "$OPEN/run/other" || bail "systemd-socket-activate did not start: $(cat "$T/service.err")"
	message "$OPEN/run/passed" 0
	status_is 0 "sockets of systemd: a message"
	hello "$OPEN/run/other" 0 '>QUIT\r\n' '<221' eof
	status_is 0 "sockets of systemd: the other one"
	check "sockets of systemd: those of listen are not opened" test ! -e "$socket"
	is "$(stored)" 1 "sockets of systemd: it arrived"
	service_end "sockets of systemd"
	wait $notified
	is "$(paste -sd' ' "$T/notified")" "READY=1 STOPPING=1" "systemd is told of both"
	smarthost_stop
else
	skip "systemd-socket-activate is missing" "sockets of systemd"
fi
done_testing
