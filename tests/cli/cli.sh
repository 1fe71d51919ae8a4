# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# What the command-line tests share, on top of tests/lib/tap.sh: a test
# smarthost (tests/lib/sink) for one connection, the program against it, and
# questions about what arrived.
#
#   smarthost OPTION...      starts a sink for one connection: $port, $sink_pid;
#                            files $T/spool/0001.eml .json, $T/transcript,
#                            $T/violations.  It offers what the sink knows but
#                            CHUNKING, so that the message goes by DATA
#   smarthost_chunking OPTION...   the same with CHUNKING: by BDAT
#   smarthost_end            waits for it to have ended (5 s, then it is stopped)
#   smarthost_stop           ends a sink to which no connection was expected
#   conf LINE...             writes $T/rc: host, port and auth's usual settings
#                            of the sink that runs, then the lines.  Nothing is
#                            queued and no runner started ($queue): tests of
#                            the queue say queue='auto\nqueue_autostart off', or on
#   post ARGUMENT...         runs the program with -C $T/rc; standard input is $T/mail
#   post_stdin ARGUMENT...   the same with the standard input it is given
#   on_terminal OPTION... COMMAND...   runs it on a terminal of its own (tests/lib/on_terminal.py)
#   sends STATUS NAME ARGUMENT...   post, smarthost_end, and the status checked
#   stored                   how many messages the sink took
#   envelope FIELD           of the first message: mail_from, mail_params, rcpt, ...
#   said REGEX               a line of standard error matches
#   valid DEFINITION         what is wrong with JSON values, by doc/posthaste.schema.json
#   in_schema DEFINITION NAME   standard output is as described there
#   kill_runner PID          SIGKILL for a child of ours and the process it made, which where it can be ends with it
#   locks WHAT FILE          the queue's locks as another process sees them (tests/lib/lock.py)
#   linux_features           the build uses what only Linux has (configure --disable-linux-features)
#   never_sent WORD...       none of these commands reached the sink
#
# What stood in standard error is shown when a check fails.

. "${top_srcdir:-$(dirname "$0")/../..}/tests/lib/tap.sh" || exit 99

SINK=$top_builddir/tests/lib/sink
PYTHON=/usr/bin/python3
[ -x "$SINK" ] || skip_all "the test smarthost is not built: make check builds it"
[ -x "$PYTHON" ] || skip_all "$PYTHON is missing; on Debian or Ubuntu: apt install python3"
linux_features() { grep -q '^#define LINUX_FEATURES 1$' "$top_builddir/config.h"; }
kill_runner() {
	linux_features || { kill -STOP "$1" && pkill -KILL -P "$1"; }
	kill -KILL "$1"
	wait "$1" 2>/dev/null
}
locks() {
	local kind=ofd
	linux_features || kind=flock
	"$PYTHON" "$top_srcdir/tests/lib/lock.py" "$kind" "$@"
}
sanitized() { [ "${POSTHASTE_TEST_SANITIZED:-}" = 1 ]; }

printf '%s\n' 'From: alice@example.org' 'To: bob@example.org' 'Subject: a test' \
	'Date: Sun, 1 Mar 2026 10:00:00 +0000' 'Message-ID: <test@example.org>' '' 'Good morning.' >"$T/mail"
printf 'correct-horse\n' >"$T/password"

queue='off\nqueue_autostart off'

EXTENSIONS=PIPELINING,SIZE,8BITMIME,ENHANCEDSTATUSCODES,DSN,SMTPUTF8

smarthost() {
	rm -rf "$T/spool" "$T/violations" "$T/transcript" "$T/ports"
	mkdir "$T/spool"
	mkfifo "$T/ports"
	: >"$T/transcript"
	"$SINK" --listen 127.0.0.1:0 --port-file - --once 1 --parent-death --timeout 60 --spool "$T/spool" \
		--violations "$T/violations" --transcript "$T/transcript" --extensions "$EXTENSIONS" "$@" >"$T/ports" \
		2>"$T/sink.err" 7>&- &
	sink_pid=$!
	read -r _ port <"$T/ports" || bail "the smarthost did not start: $(cat "$T/sink.err")"
}

smarthost_chunking() { smarthost --extensions "$EXTENSIONS,CHUNKING" "$@"; }
smarthost_gone() { ! kill -0 "$sink_pid" 2>/dev/null; }
smarthost_stop() {
	kill "$sink_pid" 2>/dev/null
	wait "$sink_pid" 2>/dev/null
	return 0
}
smarthost_end() {
	wait_until "${1:-5}" smarthost_gone || note "the smarthost still waits"
	smarthost_stop
}

conf() {
	{
		printf 'account default\nhost 127.0.0.1\nport %s\nfrom alice@example.org\nuser joe\ntimeout 20\nqueue %b\n' "$port" \
			"$queue"
		[ $# = 0 ] || printf '%s\n' "$@"
	} >"$T/rc"
}

# A program that hangs is ended and gives 124, which no test wants.
post() {
	run timeout -k 5 60 "$POSTHASTE" -C "$T/rc" "$@" <"$T/mail"
}
post_stdin() {
	run timeout -k 5 60 "$POSTHASTE" -C "$T/rc" "$@"
}

on_terminal() {
	run "$PYTHON" "$top_srcdir/tests/lib/on_terminal.py" "$@"
}

show_err() {
	[ ! -s "$T/err" ] || note "standard error: $(cat "$T/err")"
}

status_is() {
	if [ "$status" = "$1" ]; then
		ok "$2"
	else
		not_ok "$2" "exit status $status, wanted $1"
		show_err
	fi
}

sends() {
	local want=$1 name=$2
	shift 2
	post "$@"
	smarthost_end
	status_is "$want" "$name: exit status $want"
}

stored() {
	find "$T/spool" -name '*.eml' | wc -l | tr -d ' '
}

envelope() {
	"$PYTHON" -c 'import json, sys
v = json.load(open(sys.argv[1]))[sys.argv[2]]
print(" ".join(r["address"] + (" " + r["params"] if r.get("params") else "") for r in v) if isinstance(v, list) else v)
' "$T/spool/${2:-0001}.json" "$1" 2>/dev/null
}

# said REGEX NAME; unsaid REGEX NAME
said() {
	if grep -Eq -- "$1" "$T/err"; then ok "$2"; else not_ok "$2" "no line matches: $1"; show_err; fi
}
unsaid() {
	if grep -Eq -- "$1" "$T/err"; then not_ok "$2" "a line matches: $1"; show_err; else ok "$2"; fi
}

silent() {
	if [ -s "$T/out" ]; then not_ok "$1" "standard output: $(head -c 300 "$T/out")"; else ok "$1"; fi
}

SCHEMA=$top_srcdir/doc/posthaste.schema.json
valid() { "$PYTHON" "$top_srcdir/tests/lib/json_schema.py" "$SCHEMA" "$@" 2>&1; }
in_schema() {
	is "$(valid "$1" <"$out")" '' "$2: as doc/posthaste.schema.json says"
}

# never_sent REGEX NAME: no line the client sent matches, and nothing was stored
never_sent() {
	local line
	if line=$(grep -aiEm1 -- "^C: ($1)" "$T/transcript"); then
		not_ok "$2" "the server got: $line"
	elif [ "$(stored)" != 0 ]; then
		not_ok "$2" "the server stored a message"
	else
		ok "$2"
	fi
}

no_violation() {
	if [ -s "$T/violations" ]; then not_ok "$1" "$(cat "$T/violations")"; else ok "$1"; fi
}
