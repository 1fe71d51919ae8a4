#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sessions of the mail service and the keeper of open sessions have given up rights, the queue's runner has not, and
# all of them work, as they do where the kernel has neither Landlock nor seccomp.  What each level forbids is in
# tests/unit/test_sandbox.c.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
[ "$("$POSTHASTE" --version | sed -n 's/^Sandbox: //p')" != none ] ||
	skip_all "this kernel has neither Landlock nor seccomp, or the program is built with sanitizers or for gcov"
grep -q '^Seccomp_filters:' /proc/self/status || skip_all "this kernel does not count the filters of a process"
[ "$(id -u)" != 0 ] || command -v setpriv >/dev/null ||
	skip_all "setpriv is missing; on Debian or Ubuntu: apt install util-linux"

open_place
install -m 755 "$top_builddir/tests/lib/old_kernel" "$OPEN/old_kernel"
mkdir -m 755 "$OPEN/sealed" "$OPEN/run"
[ "$(id -u)" = 0 ] || chmod 555 "$OPEN/sealed"
[ "$(id -u)" != 0 ] || chown 65534:65534 "$OPEN/run"
[ -d "$T/run" ] || mkdir -m 700 "$T/run"
socket=$OPEN/run/socket

# rights PID: "no new ones/filters" of a process
rights() { sed -n 's/^NoNewPrivs:\t//p; s/^Seccomp_filters:\t//p' "/proc/$1/status" | paste -sd/; }
# confined RIGHTS: what is left of them
confined() { printf '1/%s' "$((${1#*/} + 1))"; }

as_user=(env -u XDG_CONFIG_HOME -u XDG_DATA_HOME -u XDG_CACHE_HOME -u XDG_RUNTIME_DIR
	"XDG_STATE_HOME=$OPEN/sealed/state"
	"HOME=$OPEN/home" TMPDIR=/tmp)
[ "$(id -u)" != 0 ] || as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups "${as_user[@]}")
# service KERNEL LINE...: starts it; the kernel is new or old
service() {
	local kernel=()
	[ "$1" = new ] || kernel=("$OPEN/old_kernel")
	conf "listen $socket" "queue_dir $OPEN/run/queue" "${@:2}"
	install -m 644 "$T/rc" "$OPEN/rc"
	cp "$T/password" "$OPEN/run/password"
	chmod 600 "$OPEN/run/password"
	[ "$(id -u)" != 0 ] || chown 65534:65534 "$OPEN/run/password"
	: >"$T/listening"
	"${as_user[@]}" "${kernel[@]}" "$OPEN/posthaste" -C "$OPEN/rc" -bD >"$T/listening" 2>"$T/service.err" </dev/null &
	service_pid=$!
	track $service_pid
	wait_until 20 service_waits || bail "the service did not start: $(cat "$T/service.err")"
}
service_waits() { grep -q '^waiting for clients' "$T/listening" || ! kill -0 $service_pid 2>/dev/null; }
service_end() {
	kill -TERM $service_pid
	wait $service_pid
	smarthost_stop
}
# $session: the rights of a session
in_session() {
	session=$("$PYTHON" - "$socket" "$service_pid" <<'END'
import glob, socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(20)
s.connect(sys.argv[1])
s.recv(1000)
[pid] = open("/proc/%s/task/%s/children" % (sys.argv[2], sys.argv[2])).read().split()
print(pid)
for line in open("/proc/%s/status" % pid):
    if line.startswith(("NoNewPrivs:", "Seccomp_filters:")):
        print(line.split()[1])
END
	)
	session=$(tail -n +2 <<<"$session" | paste -sd/)
}
message() {
	run timeout -k 5 60 "$PYTHON" "$top_srcdir/tests/lib/talk.py" "$socket" 0 '<220' '>HELO client\r\n' '<250' \
		'>MAIL FROM:<carol@example.org>\r\n' '<250' '>RCPT TO:<bob@example.org>\r\n' '<250' '>DATA\r\n' '<354' \
		'>Subject: a test\r\n\r\nGood morning.\r\n.\r\n' "<$1" '>QUIT\r\n' '<221' eof
}
runner() { pgrep -f -- "--queue-runner --queue-dir=$OPEN/" | head -1; }
runner_there() { [ -n "$(runner)" ]; }
runner_gone() { [ -z "$(runner)" ]; }
end_runner() {
	local pid
	pid=$(runner)
	[ -z "$pid" ] || kill "$pid"
	wait_until 20 runner_gone
}
at_exit end_runner

# ---- the service ----
# expected KERNEL
expected() { if [ "$1" = new ]; then confined "$before"; else printf '%s' "$before"; fi; }
safe=(--auth PLAIN --user joe --password-file "$T/password")
# serves KERNEL NAME LINE...: a message goes, and one is queued
serves() {
	local which=$1 name="$1 kernel, $2"
	shift 2
	queue=auto
	smarthost --once 2 "${safe[@]}"
	service "$which" 'auth plain' 'auth_without_tls on' "logfile $OPEN/run/log" "$@"
	before=$(rights $service_pid)
	in_session
	is "$session" "$(expected "$which")" "$name: the rights of a session"
	message 250
	status_is 0 "$name: a message"
	is "$(stored)" 1 "$name: it arrived"
	like "$(tail -1 "$OPEN/run/log")" 'recipients=bob@example.org .*exitcode=EX_OK' "$name: it is in the log"
	smarthost_stop
	message 250
	status_is 0 "$name: the server is away: the message is taken"
	is "$(find "$OPEN/run/queue/new" -type f | grep -c .)" 1 "$name: the server is away: it is queued"
	check "$name: the queue's runner is started" wait_until 20 runner_there
	is "$(rights "$(runner)")" "$before" "$name: the runner has all rights"
	end_runner
	rm -rf "$OPEN/run/queue" "$OPEN/run/log"
	service_end
}
for kernel in new old; do
	serves $kernel 'no commands' "password_file $OPEN/run/password"
	serves $kernel 'a command' "passwordeval cat /proc/self/status >$OPEN/run/status; cat $OPEN/run/password"
	is "$(sed -n 's/^NoNewPrivs:\t//p; s/^Seccomp_filters:\t//p' "$OPEN/run/status" | paste -sd/)" "$(expected $kernel)" \
		"$kernel kernel: the rights of the command"
done

# ---- the keeper ----
export XDG_RUNTIME_DIR=$T/run
queue='off\nqueue_autostart off'
keeper() { pgrep -f -- "--keeper=$T/" | head -1; }
keeper_gone() { [ -z "$(keeper)" ]; }
# keeps KERNEL
keeps() {
	local name="$1 kernel, the keeper" kernel=()
	[ "$1" = new ] || kernel=("$OPEN/old_kernel")
	smarthost
	conf 'persist 60s' 'tls off'
	before=$("${kernel[@]}" sed -n 's/^NoNewPrivs:\t//p; s/^Seccomp_filters:\t//p' /proc/self/status | paste -sd/)
	for i in 1 2; do
		run timeout -k 5 60 "${kernel[@]}" "$POSTHASTE" -C "$T/rc" bob@example.org <"$T/mail"
		status_is 0 "$name: message $i"
	done
	is "$(rights "$(keeper)")" "$(expected "$1")" "$name: its rights"
	run timeout -k 5 60 "${kernel[@]}" "$POSTHASTE" -C "$T/rc" --logout default
	check "$name: it ends" wait_until 20 keeper_gone
	is "$(find "$T/run/posthaste" -type s | grep -c .)" 0 "$name: it removes its socket"
	smarthost_end
	is "$(stored) $(grep -ac '^# connection .* from ' "$T/transcript") $(grep -ac '^C: QUIT' "$T/transcript")" '2 1 1' \
		"$name: two messages over one connection, ended with QUIT"
}
keeps new
keeps old

like "$("$OPEN/old_kernel" "$POSTHASTE" --version)" 'Sandbox: none' "--version: old kernel"
done_testing
