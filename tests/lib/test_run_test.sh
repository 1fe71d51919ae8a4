#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A test that hangs, or leaves something running, is reported as failed: by the
# program that runs each test, and with the TAP driver as make uses it.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/lib/tap.sh" || exit 99

RUN=$top_builddir/tests/lib/run_test
[ -x "$RUN" ] || skip_all "tests/lib/run_test is not built: make check builds it"

# runs SECONDS STATUS NAME CMD...
runs() {
	local seconds=$1 want=$2 name=$3
	shift 3
	run env POSTHASTE_TEST_SECONDS="$seconds" "$RUN" "$@"
	is "$status" "$want" "$name: exit status $want"
}
gone() { ! kill -0 "$(cat "$T/pid")" 2>/dev/null; }

runs 60 0 "success" true
is "$(cat "$out" "$err")" '' "success: nothing is added"
runs 60 3 "failure" sh -c 'exit 3'
runs 60 134 "a signal" sh -c 'kill -ABRT $$'
runs 60 127 "no such test" "$T/none"
runs 60 0 "output" sh -c 'echo "ok 1"; echo "1..1"'
is "$(cat "$out")" $'ok 1\n1..1' "output: passed on"
runs 60 0 "a test that cmocka skips" printf 'not ok 1 # SKIP a\nnot ok 2 - b # no\nnot ok 3 - c'
is "$(cat "$out")" $'ok 1 # SKIP a\nnot ok 2 - b # no\nnot ok 3 - c' "a test that cmocka skips: it has not failed"

runs 60 0 "ignored signals are not handed down" sh -c 'trap "" HUP INT QUIT TERM PIPE; exec "$@"' sh "$RUN" \
	grep -q '^SigIgn:.*[08]0000000$' /proc/self/status # the 32nd is the C library's

runs 0.5 124 "a test that hangs" sleep 1000
like "$(cat "$out")" 'running: [0-9]+ sleep 1000'$'\n+''Bail out! It did not end within' \
	"a test that hangs: what and why"
runs 0.5 124 "a test that ignores signals" sh -c 'trap "" TERM HUP INT; while :; do sleep 1000; done'
runs 0.5 124 "a test that hangs with a process in a session of its own" \
	sh -c 'setsid sh -c "echo \$\$ >\"$1/pid\"; trap \"\" HUP; sleep 1000" & sleep 1000' sh "$T"
check "a test that hangs with a process in a session of its own: both are ended" gone
cat >"$T/tidy" <<'END'
. "$top_srcdir/tests/lib/tap.sh"
printf '%s\n' "$T" >"$1"
sleep 1000
END
runs 0.5 124 "a shell test that hangs" bash "$T/tidy" "$T/folder"
check "a shell test that hangs: it can clean up" test ! -e "$(cat "$T/folder")"

runs 60 125 "a process that stays" sh -c 'sleep 1000 & echo $! >"$1/pid"; echo 1..0' sh "$T"
like "$(cat "$out")" 'running: [0-9]+ sleep 1000'$'\n+''Bail out! It left something running' \
	"a process that stays: named"
check "a process that stays: ended" gone
# The shell between is gone first, so the process has lost its parent.
runs 60 125 "a daemon that stays" sh -c 'setsid sh -c "sleep 1000 & echo \$! >\"$1/pid\"" & wait' sh "$T"
check "a daemon that stays: ended" gone
runs 60 0 "a process that ends soon after the test" sh -c 'sleep 0.3 >/dev/null & :'

# As make does it.
driver() {
	run env POSTHASTE_TEST_SECONDS=1 AM_TAP_AWK=awk sh "$top_srcdir/build-aux/tap-driver.sh" --comments --test-name x \
		--log-file "$T/x.log" --trs-file "$T/x.trs" --color-tests no --enable-hard-errors yes --expect-failure no -- \
		"$RUN" bash "$T/$1"
}
printf 'echo "ok 1 - one"; sleep 1000\n' >"$T/hangs"
printf 'echo "ok 1 - one"; sleep 1000 & echo 1..1\n' >"$T/leaves"
printf 'echo "ok 1 - one"; echo 1..1\n' >"$T/good"
for way in hangs leaves; do
	driver "$way"
	like "$(cat "$T/x.trs")" ':test-result: ERROR' "make: a test that $way is an error"
done
driver good
unlike "$(cat "$T/x.trs")" 'ERROR|FAIL' "make: a good test is none"

# A signal for the runner ends the test.
"$RUN" sh -c 'echo $$ >"$1/pid.tmp" && mv "$1/pid.tmp" "$1/pid.now" && exec sleep 1000' sh "$T" >"$T/interrupted" 2>&1 \
	7>&- &
runner=$!
wait_until 10 test -e "$T/pid.now"
cp "$T/pid.now" "$T/pid"
kill "$runner"
wait "$runner"
is "$?" 143 "a signal for the runner: exit status 143"
check "a signal for the runner: the test is ended" gone
done_testing
