# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# A small TAP library for shell tests (bash). A test is an executable script:
#
#	#!/usr/bin/env bash
#	# SPDX-License-Identifier: GPL-3.0-or-later
#	. "${top_srcdir:-$(dirname "$0")/../..}/tests/lib/tap.sh" || exit 99
#
#	run "$POSTHASTE" --version            # runs it: $status, files $out, $err
#	is "$status" 0 "--version succeeds"
#	like "$(cat "$out")" '^posthaste ' "it names the program"
#	done_testing
#
# What a test gets
#   $top_srcdir, $top_builddir   absolute; from make, or found from the script
#   $OWN_MOUNTS                  tests/lib/own-mounts: runs a command in a mount
#                                namespace, see there
#   $POSTHASTE                   the program under test; a name of it that was
#                                set before wins
#   $T                           a private folder (mode 700, umask 077), removed
#                                at the end; the working directory. KEEP=1 keeps it
#   HOME, XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME, XDG_CACHE_HOME,
#   XDG_RUNTIME_DIR, TMPDIR      below $T; the variables that would steer
#                                posthaste (POSTHASTE_*, EMAIL, SMTPSERVER,
#                                CREDENTIALS_DIRECTORY, the session bus) are unset
#
# Functions
#   ok NAME / not_ok NAME [DIAGNOSIS...]    one result
#   check NAME CMD...            ok when CMD succeeds
#   is GOT WANT NAME             equal strings; both are shown when they differ
#   isnt GOT UNWANTED NAME
#   like TEXT REGEX NAME / unlike TEXT REGEX NAME   extended regular expression
#   same_file GOT WANT NAME      equal octets; the first difference is shown
#   run CMD...                   standard input is passed on; sets $status, fills
#                                the files $out and $err; never ends the test
#   note TEXT...                 a comment in the log
#   skip REASON NAME             one test that cannot be made here, and why
#   skip_all REASON              the whole script (before any result)
#   bail REASON                  the run cannot go on
#   track PID...                 kill this child at the end
#   at_exit CMD...               run at the end, last one first
#   wait_until SECONDS CMD...    poll CMD until it succeeds: no blind sleeping
#   open_place                   makes $OPEN, a folder below /tmp that every user
#                                can reach, with a copy of the program in it,
#                                $OPEN/posthaste; removed at the end
#   unprivileged CMD...          CMD without root's rights: as the user nobody if
#                                we are root, else as we are. HOME is $OPEN/home
#   done_testing                 the plan; the last line of every test. A script
#                                that ends without it has failed
#
# Results go to the standard output the script was started with, so a function
# whose output is captured may still report.

# Everything in a test is reported by these three; LC_ALL keeps messages English.
LC_ALL=C
export LC_ALL
umask 077
exec 7>&1

tap_tests=0
tap_failed=0
tap_finished=no
tap_children=
tap_exit_commands=()

ok() {
	tap_tests=$((tap_tests + 1))
	printf 'ok %d - %s\n' "$tap_tests" "$(tap_line "$*")" >&7
}

not_ok() {
	local name=$1 line
	shift
	tap_tests=$((tap_tests + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_tests" "$(tap_line "$name")" >&7
	for line in "$@"; do note "$line"; done
}

# A name or comment is one line, and "#" in a name would be read as a directive.
tap_line() {
	printf '%s' "$*" | tr '\n#' ' :'
}

note() {
	printf '%s\n' "$*" | tr -d '\000' | sed 's/^/# /' >&7
}

check() {
	local name=$1
	shift
	if "$@"; then ok "$name"; else not_ok "$name" "failed: $*"; fi
}

is() {
	if [ "$1" = "$2" ]; then ok "$3"; else not_ok "$3" "got:    $1" "wanted: $2"; fi
}

isnt() {
	if [ "$1" != "$2" ]; then ok "$3"; else not_ok "$3" "got what it must not be: $1"; fi
}

like() {
	if [[ $1 =~ $2 ]]; then ok "$3"; else not_ok "$3" "got:     $1" "pattern: $2"; fi
}

unlike() {
	if [[ $1 =~ $2 ]]; then not_ok "$3" "got:               $1" "which must not match: $2"; else ok "$3"; fi
}

same_file() {
	local difference
	if difference=$(cmp -- "$1" "$2" 2>&1); then
		ok "$3"
	else
		not_ok "$3" "$difference" "$(wc -c <"$1") octets, wanted $(wc -c <"$2")"
	fi
}

run() {
	out=$T/out
	err=$T/err
	status=0
	"$@" >"$out" 2>"$err" 7>&- || status=$?
}

skip() {
	tap_tests=$((tap_tests + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_tests" "$(tap_line "$2")" "$(tap_line "$1")" >&7
}

skip_all() {
	[ "$tap_tests" = 0 ] || bail "skip_all after the first result"
	printf '1..0 # SKIP %s\n' "$(tap_line "$*")" >&7
	tap_finished=yes
	exit 0
}

bail() {
	printf 'Bail out! %s\n' "$(tap_line "$*")" >&7
	tap_finished=yes
	exit 1
}

done_testing() {
	printf '1..%d\n' "$tap_tests" >&7
	tap_finished=yes
	[ "$tap_failed" = 0 ]
	exit
}

track() {
	tap_children="$tap_children $*"
}

at_exit() {
	tap_exit_commands+=("$(printf '%q ' "$@")")
}

# SECONDS is a bound, not a delay: the first try is made at once.
wait_until() {
	local end=$((SECONDS + $1 + 1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.02
	done
}

open_place() {
	OPEN=$(mktemp -d /tmp/posthaste-test.XXXXXX) || bail "no folder could be made below /tmp"
	at_exit rm -rf -- "$OPEN"
	chmod 755 "$OPEN"
	install -m 755 "$POSTHASTE" "$OPEN/posthaste"
	mkdir -m 700 "$OPEN/home"
	[ "$(id -u)" != 0 ] || chown 65534:65534 "$OPEN/home"
}

unprivileged() {
	local become=()
	[ "$(id -u)" != 0 ] || become=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	"${become[@]}" env -u XDG_CONFIG_HOME -u XDG_DATA_HOME -u XDG_STATE_HOME -u XDG_CACHE_HOME -u XDG_RUNTIME_DIR \
		HOME="$OPEN/home" TMPDIR=/tmp "$@"
}

tap_alive() {
	local pid
	for pid in "$@"; do
		kill -0 "$pid" 2>/dev/null && return 0
	done
	return 1
}

tap_all_gone() {
	! tap_alive "$@"
}

# What is still running gets two seconds to end in peace.
tap_end_children() {
	local pids
	pids="$tap_children $(jobs -p)"
	# shellcheck disable=SC2086
	tap_alive $pids || return 0
	# shellcheck disable=SC2086
	kill $pids 2>/dev/null
	# shellcheck disable=SC2086
	wait_until 2 tap_all_gone $pids || kill -9 $pids 2>/dev/null
	wait 2>/dev/null
}

tap_cleanup() {
	local status=$? i
	trap - EXIT HUP INT TERM
	set +e
	for ((i = ${#tap_exit_commands[@]} - 1; i >= 0; i--)); do
		eval "${tap_exit_commands[i]}"
	done
	tap_end_children 2>/dev/null
	cd /
	if [ -n "${KEEP:-}" ]; then note "kept: $T"; else rm -rf -- "$T"; fi
	if [ "$tap_finished" = no ]; then
		printf 'Bail out! the script ended early (status %d)\n' "$status" >&7
		exit 1
	fi
	exit "$status"
}

tap_environment() {
	local name
	top_srcdir=$(cd "${top_srcdir:-$(dirname "${BASH_SOURCE[0]}")/../..}" && pwd)
	top_builddir=$(cd "${top_builddir:-.}" && pwd)
	export top_srcdir top_builddir
	OWN_MOUNTS=$top_srcdir/tests/lib/own-mounts
	if [ -z "${POSTHASTE:-}" ]; then POSTHASTE=$top_builddir/posthaste; fi
	T=$(mktemp -d "${TMPDIR:-/tmp}/posthaste-test.XXXXXX") || exit 99
	T=$(cd "$T" && pwd -P)
	for name in $(compgen -e POSTHASTE_); do
		case $name in
		POSTHASTE_TESTBED | POSTHASTE_TEST_*) ;; # for the tests, not for the program
		*) unset "$name" ;;
		esac
	done
	unset EMAIL SMTPSERVER CREDENTIALS_DIRECTORY DBUS_SESSION_BUS_ADDRESS DISPLAY WAYLAND_DISPLAY \
		SSL_CERT_FILE SSL_CERT_DIR GNUTLS_SYSTEM_PRIORITY_FILE KRB5_CONFIG KRB5CCNAME
	mkdir "$T/home" "$T/run" "$T/tmp"
	export HOME=$T/home XDG_CONFIG_HOME=$T/home/.config XDG_DATA_HOME=$T/home/.local/share \
		XDG_STATE_HOME=$T/home/.local/state XDG_CACHE_HOME=$T/home/.cache \
		XDG_RUNTIME_DIR=$T/run TMPDIR=$T/tmp
	cd "$T" || exit 99
}

tap_environment
out=$T/out
err=$T/err
status=0
trap tap_cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
