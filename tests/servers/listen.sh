#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Real clients at the mail service (-bD), with Postfix as the server it sends to: each message arrives once, whether one
# client comes or a thousand, slow ones among them, and whether the server is there or not.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/post.sh" || exit 99
. "$top_srcdir/tests/servers/mailers.sh" || exit 99

[ "${POSTHASTE_TEST_SANITIZED:-}" != 1 ] || skip_all "the program with sanitizers cannot be copied for another user"
bed_need postfix dovecot
postfix_start
open_place
become=(env -u XDG_CONFIG_HOME -u XDG_DATA_HOME -u XDG_STATE_HOME -u XDG_CACHE_HOME -u XDG_RUNTIME_DIR "HOME=$OPEN/home"
	TMPDIR=/tmp)
if [ "$(id -u)" = 0 ]; then
	command -v setpriv >/dev/null || skip_all "setpriv is missing; on Debian or Ubuntu: apt install util-linux"
	chown 1234:1234 "$OPEN/home"
	become=(setpriv --reuid=1234 --regid=1234 --clear-groups "${become[@]}")
fi
mkdir -m 755 "$OPEN/run"
[ "$(id -u)" != 0 ] || chown 1234:1234 "$OPEN/run"

# service LINE...: starts it with these lines of the configuration; $tcp is its port
service() {
	printf '%s\n' "host 127.0.0.1" "port $POSTFIX_PLAIN" 'tls off' 'from home@mail.test' \
		"listen $OPEN/run/socket 127.0.0.1:0" "$@" >"$OPEN/rc"
	chmod 644 "$OPEN/rc"
	: >"$T/listening"
	"${become[@]}" "$OPEN/posthaste" -C "$OPEN/rc" -bD >"$T/listening" 2>"$T/service.err" </dev/null 7>&- &
	service_pid=$!
	track $service_pid
	wait_until 20 service_waits || bail "the service did not start: $(cat "$T/service.err")"
	tcp=$(sed -n 's/^waiting for clients at 127\.0\.0\.1 port //p' "$T/listening")
}
service_waits() { grep -q '^waiting for clients at 127' "$T/listening" || ! kill -0 $service_pid 2>/dev/null; }
service_end() {
	kill -TERM $service_pid
	wait $service_pid
	is "$?" 0 "$1: the service ends"
	is "$(grep -v 'is queued as [0-9a-z]* and goes after [0-9a-z]*, which waits' "$T/service.err")" '' \
		"$1: it had nothing to complain of"
}
# each_once N NAME: so many messages arrived, each once
each_once() {
	local file
	for file in "$POSTFIX_BOX"/*.env; do
		delivered_message "$POSTFIX_BOX" "$(basename "$file" .env)" | tr -d '\r' |
			sed -n 's/^Message-ID: <\(.*\)>$/\1/ip;/^$/q'
	done | sort >"$T/ids"
	is "$(wc -l <"$T/ids") $(uniq -d "$T/ids")" "$1 " "$2: $1 messages arrived, each once"
	delivered_clear "$POSTFIX_BOX"
}

source_of() { # OPTION...
	run env -i LD_LIBRARY_PATH="$(bed_library_path main)" timeout -k 5 300 "$BED_TREES/main/usr/sbin/smtp-source" \
		-f home@mail.test -t a@mail.test "$@" "127.0.0.1:$tcp"
}

# ---- one message by each client ----
letter() {
	printf '%s\r\n' 'From: home@mail.test' 'To: a@mail.test' "Subject: $1" "Message-ID: <$1@listen.test>" '' '.dot'
}
service 'queue off'
clients=0
if command -v curl >/dev/null; then
	letter curl >"$T/letter"
	run timeout 60 curl -sS "smtp://127.0.0.1:$tcp" --mail-from home@mail.test --mail-rcpt a@mail.test -T "$T/letter"
	is "$status $(cat "$err")" '0 ' "curl over TCP"
	letter curl-unix >"$T/letter"
	run timeout 60 curl -sS --unix-socket "$OPEN/run/socket" smtp://localhost --mail-from home@mail.test \
		--mail-rcpt a@mail.test -T "$T/letter"
	is "$status $(cat "$err")" '0 ' "curl through the Unix socket"
	run timeout 60 curl -sS "smtp://127.0.0.1:$tcp" --mail-from home@mail.test --mail-rcpt refused@mail.test -T "$T/letter"
	isnt "$status" 0 "curl is told of a refused recipient"
	clients=2
else
	skip "curl is missing" "curl"
fi
run timeout 60 "$BED_PYTHON" - "$tcp" <<'END'
import smtplib, sys
s = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
for n in range(3):
    s.sendmail("home@mail.test", ["a@mail.test"],
               f"From: home@mail.test\nTo: a@mail.test\nSubject: x\nMessage-ID: <smtplib{n}@listen.test>\n\ntext\n")
try:
    s.sendmail("home@mail.test", ["refused@mail.test"], "From: home@mail.test\nSubject: no\n\ntext\n")
    print("taken")
except smtplib.SMTPResponseException as e:
    print(e.smtp_code, e.smtp_error.decode().split()[0])
s.quit()
END
is "$status $(cat "$out" "$err")" '0 550 5.1.1' "Python's smtplib sends three in a session, and is told of the fourth"
if command -v swaks >/dev/null; then
	run timeout 60 swaks --server 127.0.0.1 --port "$tcp" --from home@mail.test --to a@mail.test --pipeline \
		--header 'Message-Id: <swaks@listen.test>'
	is "$status" 0 "swaks with pipelining"
	clients=$((clients + 1))
else
	skip "swaks is missing; on Debian or Ubuntu: apt install swaks" "swaks"
fi
printf 'one\n' >"$T/body"
printf 'attached' >"$T/attached"
# by_library NAME: one of its messages is refused
by_library() {
	bed_have "$1" || return 0
	"$1_send" tcp "$tcp"
	is "$status $(grep -c '^sent' "$out") $(sed -n 's/^failed .*\(550\) .*/\1/p' "$out") $(cat "$err")" '0 3 550 ' \
		"$1 sends three, and is told of the fourth"
	clients=$((clients + 3))
}
by_library symfony
by_library nodemailer
each_once $((clients + 3)) "all clients"

# ---- a thousand, twenty at a time ----
source_of -s 20 -m 1000 -l 2000
is "$status $(cat "$err")" '0 ' "smtp-source -s 20: a thousand messages are taken"
each_once 1000 "smtp-source -s 20"
high_kb() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$1/status"; }
check "the service needs no more memory for it: $(high_kb $service_pid) kB" test "$(high_kb $service_pid)" -lt 20000

# ---- memory of a session, by a message of 50 MB ----
run timeout -k 5 120 "$BED_PYTHON" - "$tcp" "$service_pid" <<'END'
import re, smtplib, subprocess, sys
s = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
s.ehlo()
pid = subprocess.run(["pgrep", "-P", sys.argv[2]], capture_output=True, text=True).stdout.split()[0]
s.mail("home@mail.test")
s.rcpt("a@mail.test")
s.docmd("DATA")
s.send("From: home@mail.test\r\nMessage-ID: <large@listen.test>\r\n\r\n")
for _ in range(50):
    s.send(("x" * 76 + "\r\n") * (2**20 // 78))
s.send(".\r\n")
print(s.getreply()[0], int(re.search(r"VmHWM:\s*(\d+)", open(f"/proc/{pid}/status").read())[1]) < 32000)
END
is "$status $(cat "$out" "$err")" '0 552 True' "50 MB: too large for the server, and no 32 MB of memory"
delivered_clear "$POSTFIX_BOX"

# ---- fifty slow clients, and others beside them ----
mkfifo "$T/go" "$T/ready"
"$BED_PYTHON" - "$tcp" "$T/ready" "$T/go" >"$T/slow" 2>&1 <<'END' &
import smtplib, sys
clients = []
for n in range(50):
    s = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
    s.ehlo()
    s.mail("home@mail.test")
    s.rcpt("a@mail.test")
    s.docmd("DATA")
    s.send(f"From: home@mail.test\r\nMessage-ID: <slow{n}@listen.test>\r\n\r\nhalf a li")
    clients.append(s)
open(sys.argv[2], "w").close()
open(sys.argv[3]).read()
for s in clients:
    s.send("ne\r\n.\r\n")
print(sum(s.getreply()[0] == 250 for s in clients))
END
slow=$!
track $slow
read -r _ <"$T/ready" || :
source_of -s 10 -m 100
is "$status $(cat "$err")" '0 ' "fifty clients in the middle of their messages: others are served"
each_once 100 "beside slow clients"
: >"$T/go"
wait $slow
is "$(cat "$T/slow")" 50 "the slow ones are served in the end"
each_once 50 "the slow clients"
service_end "with the server"

# ---- the server goes, and comes back ----
service 'queue auto' 'queue_autostart on' 'queue_retry 1s'
source_of -s 5 -m 50
is "$status $(cat "$err")" '0 ' "queue auto: fifty while the server is there"
postfix_stop
source_of -s 5 -m 50
is "$status $(cat "$err")" '0 ' "queue auto: fifty while it is away"
waiting() { "${become[@]}" "$OPEN/posthaste" -C "$OPEN/rc" -bp; }
like "$(waiting | tail -1)" ' in 50 Requests\.$' "they wait in the queue of the service"
postfix_spawn
wait_until 20 postfix_ready
nothing_waits() { [ "$(waiting)" = 'Mail queue is empty' ]; }
check "nothing waits any more" wait_until 90 nothing_waits
each_once 100 "the server was away"
service_end "without the server"
done_testing
