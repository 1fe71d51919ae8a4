#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# proxy_command: the session goes over the standard input and output of a command.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

# relay NOTE PORT: passes its socket on to 127.0.0.1:$RELAY_PORT, and notes what it was given.
cat >"$T/relay.py" <<'END'
import os, select, socket, stat, sys

with open(os.environ['RELAY_LOG'], 'a') as log:
    fds = sorted(int(fd) for fd in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{fd}'))
    kinds = {stat.S_ISSOCK(os.fstat(fd).st_mode) for fd in (0, 1)}
    print(*sys.argv[1:], kinds, [fd for fd in fds if fd > 2 and fd != log.fileno()], sep='|', file=log)
server = socket.create_connection(('127.0.0.1', int(os.environ['RELAY_PORT'])))
ours = socket.socket(fileno=0)
print('a word about nothing', file=sys.stderr)
while True:
    for a in select.select([ours, server], [], [])[0]:
        data = a.recv(65536)
        if not data:
            sys.exit(int(os.environ.get('RELAY_STATUS', 0)))
        (server if a is ours else ours).sendall(data)
END
chmod +x "$T/relay.py"
export RELAY_LOG="$T/log" RELAY_PORT RELAY_STATUS
relay="proxy_command $PYTHON $T/relay.py"

# by LINE...: the configuration, with a host that does not exist
by() {
	printf '%s\n' 'account default' 'host name.only.the.relay.knows.invalid' 'port 2525' 'tls off' 'queue off' \
		'from alice@example.org' 'timeout 20' "$@" >"$T/rc"
	: >"$T/log"
}

smarthost
RELAY_PORT=$port
by "$relay %h:%p \"%% a b\" %x \$HOME"
sends 0 "a command" bob@example.org
is "$(stored)" 1 "a command: one message arrives"
is "$(cat "$T/log")" 'name.only.the.relay.knows.invalid:2525|% a b|%x|$HOME|{True}|[]' \
	"a command: its words, without a shell; a socket, and no other descriptor"
is "$(cat "$T/err")" "" "a command: what it wrote is not shown"
no_violation "a command: the session ends as it should"

smarthost
RELAY_PORT=$port RELAY_STATUS=3
by "$relay" 'persist 1m'
XDG_RUNTIME_DIR=$T sends 0 "a command that fails after the session, with persist" bob@example.org
is "$(cat "$T/err")" "" "a command that fails after the session, with persist: no word"
is "$(find "$T/posthaste" 2>/dev/null)" "" "persist: no keeper is started"
RELAY_STATUS=

smarthost
RELAY_PORT=$port
by "$relay"
run timeout 60 "$POSTHASTE" -C "$T/rc" --host=müller.example --port=1 --tls=off --pretend
smarthost_stop
smarthost
RELAY_PORT=$port
by "$relay %h" 'host müller.example'
sends 0 "an international name" bob@example.org
is "$(cut -d '|' -f 1 "$T/log")" xn--mller-kva.example "an international name: the command gets the ASCII form"

# ---- failures ----
# fails STATUS REGEX NAME COMMAND
fails() {
	by "proxy_command $4"
	post bob@example.org
	status_is "$1" "$3: exit status $1"
	said "$2" "$3: the message"
}
fails 75 "^posthaste: proxy_command: cannot start the command $T/none: No such file" "no such command" "$T/none"
said '^hint: .*PATH' "no such command: what to do"
fails 75 'the command sh failed with exit status 9: second .\[31mline' "a command that fails" \
	'sh -c "echo first >&2; printf \"second \\033[31mline\\n\\n\" >&2; exit 9"'
fails 75 'the command sh was terminated by signal 15' "a command that is killed" 'sh -c "kill -TERM $$$$"'
fails 75 'ended, or closed its output, without a word of the server' "a command without a word" true
fails 76 '.' "a command that is no server" 'sh -c "echo no server; cat >/dev/null"'
fails 75 'connection|failed with exit status 4' "a command that fails after the greeting" \
	'sh -c "echo 220 hello; read x; exit 4"'
said 'the command sh failed with exit status 4' "a command that fails after the greeting: its status"

# One that says nothing, and leaves others in its group.
by "proxy_command sh -c \"echo \$\$\$\$ >$T/group; sleep 1000 & sleep 1000; :\"" 'timeout 1'
post bob@example.org
status_is 75 "a silent command: exit status 75"
gone() { ! kill -0 -- "-$(cat "$T/group")" 2>/dev/null; }
like "$(cat "$T/group")" '^[0-9]+$' "a silent command: it ran"
wait_until 10 gone && ok "a silent command: nothing of it is left" || not_ok "a silent command: nothing of it is left"

# The next host is tried.
smarthost
RELAY_PORT=$port
by "proxy_command sh -c \"test \$0 = good.invalid && exec $PYTHON $T/relay.py\" %h" 'host bad.invalid good.invalid'
sends 0 "the second host" bob@example.org

# No password in clear.
smarthost --auth 'PLAIN LOGIN' --user joe --password-file "$T/password"
RELAY_PORT=$port
by "$relay" 'user joe' 'password correct-horse' 'auth on'
sends 69 "no password in clear" bob@example.org
never_sent 'AUTH|MAIL' "no password in clear: neither AUTH nor MAIL is sent"

# ---- the configuration ----
for other in 'proxy_host localhost' 'socket /run/x'; do
	by "$relay" "$other"
	post bob@example.org
	status_is 78 "with $other: exit status 78"
done
by "$relay" 'proxy_command'
run timeout 60 "$POSTHASTE" -C "$T/rc" --pretend bob@example.org <"$T/mail"
unlike "$(cat "$out")" 'proxy_command *=.*relay' "an empty argument means none"

done_testing
