# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# The mail service (-bd, -bD) for tests, and clients that say exactly what a test wants.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
if [ "$(id -u)" = 0 ] && sanitized; then skip_all "the program with sanitizers cannot be copied for another user"; fi
[ "$(id -u)" != 0 ] || command -v setpriv >/dev/null ||
	skip_all "setpriv is missing; on Debian or Ubuntu: apt install util-linux"

open_place
mkdir -m 700 "$OPEN/run"
[ "$(id -u)" != 0 ] || chown 65534:65534 "$OPEN/run"
chmod 755 "$OPEN/run"
socket=$OPEN/run/socket
addresses="$socket 127.0.0.1:0"
program=$OPEN/posthaste
! sanitized || program=$POSTHASTE

# shellcheck disable=SC2154 # $tcp is for the tests
talk() { run timeout -k 5 60 "$PYTHON" "$top_srcdir/tests/lib/talk.py" "$@"; }
# hello ADDRESS PORT STEP...: within a session
hello() {
	local address=$1 number=$2
	shift 2
	talk "$address" "$number" '<220 ' '>EHLO client\r\n' '<250' "$@"
}
# message ADDRESS PORT [SENDER]
message() {
	hello "$1" "$2" ">MAIL FROM:<${3-carol@example.org}>\r\n" '<250' '>RCPT TO:<bob@example.org>\r\n' \
		'<250' '>DATA\r\n' '<354' ">From: Carol <carol@example.org>\r\nSubject: a test\r\n\r\nGood morning.\r\n.\r\n" '<?' \
		'>QUIT\r\n' '<221' eof
}
# The service's own process: a function in the background would be a shell that waits for it.
become=(env -u XDG_CONFIG_HOME -u XDG_DATA_HOME -u XDG_STATE_HOME -u XDG_CACHE_HOME -u XDG_RUNTIME_DIR "HOME=$OPEN/home"
	TMPDIR=/tmp)
[ "$(id -u)" != 0 ] || become=(setpriv --reuid=65534 --regid=65534 --clear-groups "${become[@]}")
# service LINE...: starts it at $addresses with these lines of the configuration; $tcp is its port
service() {
	service_conf "$@"
	service_run -C "$OPEN/rc" -bD
}
service_conf() {
	conf "listen $addresses" "$@"
	cp "$T/rc" "$OPEN/rc"
	chmod 644 "$OPEN/rc"
}
service_run() {
	: >"$T/listening"
	"${become[@]}" "$program" "$@" >"$T/listening" 2>"$T/service.err" </dev/null &
	service_pid=$!
	track $service_pid
	wait_until 20 service_waits || bail "the service did not start: $(cat "$T/service.err")"
	tcp=$(sed -n 's/^waiting for clients at [0-9.]* port //p' "$T/listening")
}
service_waits() { grep -q '^waiting for clients' "$T/listening" || ! kill -0 $service_pid 2>/dev/null; }
service_gone() { ! kill -0 $service_pid 2>/dev/null; }
# service_end NAME: SIGTERM ends it with status 0
service_end() {
	kill -TERM $service_pid
	service_status=0
	wait $service_pid || service_status=$?
	is "$service_status" 0 "$1: SIGTERM ends the service"
}
# refused STATUS NAME REGEX ARGUMENT...: the service does not start
refused() {
	local want=$1 name=$2 regex=$3
	shift 3
	run unprivileged timeout -k 5 20 "$program" "$@" </dev/null
	status_is "$want" "$name: status $want"
	said "$regex" "$name: said so"
}
