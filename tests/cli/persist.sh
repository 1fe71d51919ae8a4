#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sessions that stay open between two invocations (persist): what is saved, that
# nothing else is different, when a session ends, and that whatever happens to
# keeper, server or socket is not noticed.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good

[ -d "$T/run" ] || mkdir -m 700 "$T/run"
export XDG_RUNTIME_DIR=$T/run
folder=$T/run/posthaste

keepers() { pgrep -f -- "--keeper=$T/" | tr '\n' ' '; }
keeper_gone() { [ -z "$(keepers)" ]; }
no_keeper() {
	local pids
	pids=$(keepers)
	# shellcheck disable=SC2086 # several
	[ -z "$pids" ] || kill -9 $pids 2>/dev/null
	wait_until 5 keeper_gone
	rm -rf "$folder"
}
at_exit no_keeper

safe="--cert $CA/good.pem --key $CA/good.key --auth PLAIN --user joe --password-file $T/password"
# shellcheck disable=SC2086 # options
tls() { smarthost_chunking --tls "$1" $safe "${@:2}"; }
account() {
	conf "tls on" "tls_starttls ${starttls:-off}" "tls_trust_file $CA/ca.crt" "auth on" \
		"password ${password:-correct-horse}" "persist ${persist:-60s}" "$@"
}
plain() {
	smarthost_chunking "$@"
	conf "tls off" "auth off" "persist ${persist:-60s}"
}
# said_by_client REGEX: how many lines of the client match
said_by_client() { grep -acE -- "^C: ($1)" "$T/transcript"; }
# told NAME: the server gets QUIT, once; it reads it when the client may have ended already
quits() { [ "$(said_by_client QUIT)" = "$1" ]; }
told() {
	wait_until 5 quits 1
	is "$(said_by_client QUIT)" 1 "$1"
}
connected() { [ "$(connections)" = "$1" ]; }
connections() { grep -ac '^# connection .* from ' "$T/transcript"; }
number() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$T/out"; }
# posts N [ARGUMENT...]: so many messages, one after the other
posts() {
	local n=$1 i
	shift
	for ((i = 0; i < n; i++)); do
		post --json "$@" bob@example.org
		[ "$status" = 0 ] || return 1
	done
}
# after_all NAME MESSAGES CONNECTIONS LOGINS: what the server saw
after_all() {
	is "$(stored)" "$2" "$1: messages"
	is "$(connections)" "$3" "$1: connections"
	is "$(said_by_client AUTH)" "$4" "$1: logins"
	no_violation "$1: nothing the server could blame"
	smarthost_stop
	no_keeper
}

# ---- what is saved ----
# saves NAME TRIPS-OF-A-LATER-MESSAGE
saves() {
	local i
	for i in 1 2 3; do
		post --json bob@example.org
		status_is 0 "$1: message $i"
		is "$(cat "$T/err")" '' "$1: message $i: nothing is said"
		[ "$i" = 1 ] || is "$(number round_trips)" "$2" "$1: message $i: round trips"
	done
	is "$(stat -c %a "$folder" "$folder"/* | sort | uniq -c | xargs)" '2 600 1 700' \
		"$1: modes of folder, socket and lock"
}
tls implicit
account
saves "TLS 1.3" 1
after_all "TLS 1.3" 3 1 1
tls implicit --tls-priority NORMAL:-VERS-TLS1.3
account
saves "TLS 1.2" 1
after_all "TLS 1.2" 3 1 1
tls starttls
starttls=on account
saves "STARTTLS" 1
after_all "STARTTLS" 3 1 1
plain
saves "no TLS" 1
after_all "no TLS" 3 1 0
# shellcheck disable=SC2086 # options
smarthost --tls implicit $safe
account
saves "DATA" 2
after_all "DATA" 3 1 1
# shellcheck disable=SC2086 # options
smarthost --tls implicit $safe --once 3 --tls-priority NORMAL:-VERS-TLS1.3:-CIPHER-ALL:+AES-128-CBC
account
posts 2
after_all "a cipher that cannot be kept" 2 2 2

# ---- nothing else is different ----
tls implicit
account "logfile $T/log"
same() { sed -E 's/"(round_trips|secret|dns|connect|tls|session|total)":[0-9]+//g; s/stored as [0-9]+//g' "$1"; }
post --json bob@example.org && cp "$T/out" "$T/first"
post --json bob@example.org
is "$(same "$T/out")" "$(same "$T/first")" "--json says the same"
lines=$(sed -E 's/^.{15} //; s/(stored as |ms=)[0-9]+//g' "$T/log" | sort -u | wc -l)
is "$lines" 1 "the log says the same"
post -v bob@example.org
like "$(cat "$T/out")" 'using the session that an earlier message left open' "--debug says what is used"
after_all "nothing else is different" 3 1 1

# ---- when a session ends ----
tls implicit --once 3
account "max_messages_per_connection 2"
posts 5
after_all "max_messages_per_connection" 5 3 3

# limited CONNECTIONS LIMITS: a server with these limits
limited() {
	smarthost --extensions "$EXTENSIONS,CHUNKING,LIMITS $2" --once "$1"
	conf "tls off" "auth off" "persist 60s"
}
limited 3 MAILMAX=2
posts 5
after_all "MAILMAX: a session takes no more messages than that" 5 3 0
limited 2 "MAILMAX=3 RCPTMAX=1"
posts 2 carol@example.org
after_all "MAILMAX: it takes no more transactions than that" 4 2 0
limited 2 RCPTDOMAINMAX=1
posts 2
after_all "RCPTDOMAINMAX: the session is not kept" 2 2 0

tls implicit
persist=1s account
posts 1
check "idle: the keeper ends" wait_until 10 keeper_gone
told "idle: the server is told"
is "$(ls "$folder")" "$(cd "$folder" && ls ./*.lock | sed 's,./,,')" "idle: the socket is removed"
after_all "idle" 1 1 1

for how in implicit starttls; do
	tls "$how"
	starttls=$([ "$how" = starttls ] && echo on || echo off) persist=4s account "persist_keepalive 1s"
	posts 1
	check "persist_keepalive ($how): the keeper ends" wait_until 10 keeper_gone
	check "persist_keepalive ($how): the server was asked" [ "$(said_by_client NOOP)" -ge 2 ]
	told "persist_keepalive ($how): and told at the end"
	after_all "persist_keepalive ($how)" 1 1 1
	tls "$how" --reply noop= --reply 'noop=421 4.3.0 no'
	starttls=$([ "$how" = starttls ] && echo on || echo off) persist=30s account "persist_keepalive 1s"
	posts 1
	check "persist_keepalive ($how): it ends when the server does not go on" wait_until 10 keeper_gone
	smarthost_stop
	no_keeper
done

tls implicit --once 2
account
posts 1
account "timeout 19"
posts 1
after_all "the configuration has changed" 2 2 2

tls implicit --once 2
account "password_file $T/password"
sed -i '/^password /d' "$T/rc"
posts 2
is "$(connections)" 1 "the password is in a file of its own: one connection"
cp "$T/password" "$T/new" && mv "$T/new" "$T/password"
posts 1
after_all "the file with the password has changed" 3 2 2

# A configuration file that is named relative to the folder of the process counts as well.
tls implicit --once 2
account
from_here() { run timeout -k 5 60 "$POSTHASTE" -C rc bob@example.org <"$T/mail"; }
cd "$T" || bail "no folder"
from_here
from_here
is "$(connections)" 1 "a relative name of the configuration: one connection"
cp "$T/rc" "$T/rc.new" && mv "$T/rc.new" "$T/rc"
from_here
after_all "a configuration with a relative name has changed" 3 2 2

tls implicit --once 2
account
posts 1
post --logout default
check "--logout: the keeper ends" wait_until 5 keeper_gone
told "--logout: the server is told"
posts 1
after_all "--logout" 2 2 2

tls implicit --once 2
account
posts 1
# shellcheck disable=SC2046 # one
kill $(keepers)
check "SIGTERM: the keeper ends" wait_until 5 keeper_gone
told "SIGTERM: the server is told"
posts 1
after_all "SIGTERM" 2 2 2

# A keeper that has just been started has a session before it has read its arguments.
if command -v strace >/dev/null; then
	tls implicit
	account
	# leaks cannot be looked for in a process that is traced
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
		strace -f -qq -o "$T/strace" -e trace=execve -e inject=execve:delay_exit=300000 \
		sh -c '"$0" -C "$1/rc" bob@example.org <"$1/mail"; : >"$1/sent"' "$POSTHASTE" "$T" >"$T/out" 2>"$T/err" &
	tracer=$!
	check "SIGTERM at the start: the message goes" wait_until 20 [ -e "$T/sent" ]
	# shellcheck disable=SC2046 # one
	kill $(keepers)
	check "SIGTERM at the start: the keeper ends" wait_until 10 keeper_gone
	wait "$tracer"
	told "SIGTERM at the start: the server is told"
	after_all "SIGTERM at the start" 1 1 1
else
	skip "strace is missing; on Debian or Ubuntu: apt install strace" "SIGTERM at the start"
fi

# refuses CODE TEXT STATUS: an answer that asks for fewer sessions
for text in '421 4.7.0 closing' '451 4.4.2 timeout' '432 4.3.2 too many' '454 4.7.0 too fast'; do
	tls implicit --once 2 --reply 'rcpt=' --reply "rcpt=$text" --reply 'rcpt='
	account
	posts 1
	post bob@example.org
	posts 1
	wait_until 5 connected 2
	like "$(connections)" '^2$' "$text: another connection"
	smarthost_stop
	no_keeper
done

# ---- what is not noticed ----
tls implicit --once 2
account
posts 1
no_keeper
posts 1
check "the keeper was killed" [ "$status" = 0 ]
is "$(cat "$T/err")" '' "the keeper was killed: nothing is said"
after_all "the keeper was killed" 2 2 2

tls implicit --once 2 --timeout 1
account
posts 1
server_has_spoken() { grep -aq '^# connection 1 closed' "$T/transcript"; }
check "the server ends the session" wait_until 10 server_has_spoken
posts 1
check "the server has ended the session: the message goes" [ "$status" = 0 ]
is "$(cat "$T/err")" '' "the server has ended the session: nothing is said"
is "$(stored),$(connections)" 2,2 "the server has ended the session: another connection"
smarthost_stop
no_keeper

tls implicit
account
posts 1
smarthost_stop
first=$port
# shellcheck disable=SC2086 # options
tls implicit
sed -i "s/^port .*/port $first/" "$T/rc"
post bob@example.org
status_is 75 "the server is gone: as without persist"
smarthost_stop
no_keeper

# A machine that slept, or moved to another network: the connection is dead, and nobody said so.
tls implicit --once 2 --hang noop
account
posts 1
idle_for_long() { [ $(($(date +%s) - $(stat -c %Y "$folder"))) -gt 6 ]; }
check "the session is idle for more than five seconds" wait_until 20 idle_for_long
posts 1
check "nothing answers any more: the message goes" [ "$status" = 0 ]
is "$(cat "$T/err")" '' "nothing answers any more: nothing is said"
is "$(said_by_client NOOP),$(stored),$(connections)" 1,2,2 "nothing answers any more: it is asked, and given up"
smarthost_stop
no_keeper

# the folder and the socket are somebody else's, or nobody's
# otherwise NAME: the message goes over a connection of its own
otherwise() {
	post --json bob@example.org
	status_is 0 "$1: the message goes"
	is "$(cat "$T/err")" '' "$1: nothing is said"
	is "$(connections)" 1 "$1: over a connection"
	smarthost_stop
	no_keeper
}
tls implicit
account
ln -s "$T" "$folder"
otherwise "the folder is a link"
rm -f "$folder"
tls implicit
account
(unset XDG_RUNTIME_DIR && post --json bob@example.org)
is "$(keepers)" '' "without XDG_RUNTIME_DIR there is no keeper"
smarthost_stop
tls implicit
account
long=$T/$(printf 'x%.0s' {1..100})
mkdir -m 700 "$long"
XDG_RUNTIME_DIR=$long otherwise "the path is too long for a socket"
tls implicit
account
mkdir -m 700 "$folder"
chmod 777 "$folder"
otherwise "others can write to the folder"
if [ "$(id -u)" = 0 ]; then
	tls implicit
	account
	mkdir -m 700 "$folder"
	chown 12345 "$folder"
	otherwise "the folder belongs to somebody else"
fi

# a socket with the right name at which somebody else listens, says nonsense, or nothing
tls implicit --once 1
account
posts 1
name=$(find "$folder" -type s)
smarthost_stop
no_keeper
# impostor WHAT: listens there
impostor() {
	[ -d "$folder" ] || mkdir -m 700 "$folder"
	mkfifo "$T/ready"
	"$PYTHON" - "$name" "$1" >"$T/ready" 7>&- <<'END' &
import os, socket, sys
path, what = sys.argv[1:]
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(path)
os.chmod(path, 0o600)
if what != "stale":
    s.listen(8)
os.write(1, b"ready\n")
os.close(1)
while what != "stale":
    c = s.accept()[0]
    c.recv(1 << 17)
    try:
        if what == "nonsense":
            c.send(b"lent\0" + b"x" * 1000)
        elif what == "closes":
            c.close()
        elif what == "descriptor":
            socket.send_fds(c, [b"lent\x000\0posthaste session 2 0\0\0\0"], [0])
        else:
            keep = c
    except OSError:  # the client has gone already
        pass
END
	impostor=$!
	read -r _ <"$T/ready"
	rm "$T/ready"
}
for what in silent nonsense closes descriptor stale; do
	tls implicit
	sed -i "s/^port .*/port $port/" "$T/rc"
	touch -d '2026-01-01' "$T/rc"
	account
	name=$folder/$("$PYTHON" - "$T/rc" "$port" <<'END'
import hashlib, sys
text = b"".join(f.encode() + b"\0" for f in
    ("default", sys.argv[1], "host", "127.0.0.1", "port", sys.argv[2], "socket", "", "user", "joe"))
print(hashlib.sha256(text).hexdigest()[:32])
END
	)
	impostor "$what"
	post --json bob@example.org
	status_is 0 "an impostor ($what): the message goes"
	is "$(cat "$T/err")" '' "an impostor ($what): nothing is said"
	is "$(stored)" 1 "an impostor ($what): once"
	kill "$impostor" 2>/dev/null
	wait "$impostor" 2>/dev/null
	smarthost_stop
	no_keeper
done

# ---- several at once ----
tls implicit --once 20
account "persist_sessions 2"
for i in {1..8}; do
	"$POSTHASTE" -C "$T/rc" bob@example.org <"$T/mail" 2>>"$T/at-once.err" 7>&- &
	pids[i]=$!
done
failed=0
for i in {1..8}; do wait "${pids[i]}" || failed=$((failed + 1)); done
is "$failed" 0 "eight at once: all succeed"
is "$(cat "$T/at-once.err")" '' "eight at once: nothing is said"
before=$(connections)
posts 4
is "$(stored)" 12 "eight at once: all messages arrive, and four more"
is "$(connections)" "$before" "after that the sessions that were left are used"
smarthost_stop
no_keeper

# ---- the keeper's memory ----
if [ "$(id -u)" = 0 ] && ! sanitized; then
	printf 'canary-Zq7x\n' >"$T/password"
	tls implicit
	password=canary-Zq7x account
	posts 2
	pid=$(keepers)
	"$PYTHON" - "${pid% }" >"$T/found" <<'END'
import base64, re, sys
pid = sys.argv[1]
word = b"canary-Zq7x"
forms = [word, base64.b64encode(word)[:-3], base64.b64encode(b"\0joe\0" + word)[8:-3], word.hex().encode(),
         b"Good morning."]
for line in open(f"/proc/{pid}/maps"):
    m = re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line)
    if not m or "[v" in line:
        continue
    start, end = (int(x, 16) for x in m.groups())
    with open(f"/proc/{pid}/mem", "rb") as mem:
        mem.seek(start)
        octets = mem.read(end - start)
    for form in forms:
        if form in octets:
            print("found", form, line.strip())
for what in ("cmdline", "environ"):
    octets = open(f"/proc/{pid}/{what}", "rb").read()
    if word in octets or b"HOME" in octets:
        print("found in", what)
END
	is "$(cat "$T/found")" '' "the keeper has neither the password nor the message in its memory"
	is "$(find "/proc/${pid% }/fd" -lname '/*' -printf '%l\n' | sort -u)" /dev/null "the keeper has no file open"
	smarthost_stop
	no_keeper
else
	skip "reading the memory of a process that protects itself needs root" "the keeper's memory"
fi
done_testing
