# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# What the tests share that kill the program at its system calls, on top of tests/cli/cli.sh.
#
#   calls_of COMMAND...      runs it; its system calls are the lines of $T/calls
#   first_call               the first of them that has to do with us, not with the dynamic linker
#   kill_points FROM [LAST]  the calls from there on at which it is to be killed: see below
#   killed_at N COMMAND...   runs it, and kills it at the Nth of $T/calls, named as "the Kth of its kind".  Its status:
#                            137 when it was killed; output in $T/out and $T/err
#
# What a process that was killed leaves changes with the calls that reach beyond it: those that write, send, make,
# rename or remove something.  So it is killed at each of these and at the end, and at the first call of every other
# kind.  POSTHASTE_TEST_FULL=1 takes every call.

. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
sanitized && skip_all "sanitizers make system calls of their own, thousands of them"
command -v strace >/dev/null || skip_all "strace is missing; on Debian or Ubuntu: apt install strace"
strace -qq -o /dev/null -e trace=all true 2>/dev/null || skip_all "strace may not trace here"
exec 2>"$T/killed" # the shell reports every program that was killed

# Options of strace for every run of a test.
kill_options=(-qq -e trace=all)

calls_of() {
	strace -o "$T/trace" "${kill_options[@]}" "$@" >"$T/out" 2>"$T/err"
	grep -E '^[a-z0-9_]+\(' "$T/trace" >"$T/calls"
}
first_call() { grep -n -m 1 -E "$T/rc|XDG|posthaste/queue" "$T/calls" | cut -d: -f1; }
REACHING='^(write|writev|pwrite64|send|sendto|sendmsg|rename|renameat|renameat2|unlink|unlinkat|link|linkat|mkdir|'
REACHING+='mkdirat|rmdir|chmod|fchmod|fchmodat|ftruncate|utimensat|connect)[(]|^open.*O_CREAT'
kill_points() {
	awk -v from="$1" -v last="${2:-0}" -v full="${POSTHASTE_TEST_FULL:-}" -v reaching="$REACHING" '
		NR < from || (last && NR > last) { next }
		{ kind = $0; sub("[(].*", "", kind); first = !seen[kind]++ }
		full == 1 || first || $0 ~ reaching { print NR }
		END { if (!last) print NR + 1 }' "$T/calls"
}
killed_at() {
	local call
	call=$(sed -n "s/^\([a-z0-9_]*\)(.*/\1/p" "$T/calls" |
		awk -v n="$1" 'NR <= n { seen[$1]++ } NR == n { print $1 ":signal=SIGKILL:when=" seen[$1] }')
	shift
	strace -o /dev/null "${kill_options[@]}" -e inject="${call:-exit_group:when=1000}" "$@" >"$T/out" 2>"$T/err"
}
