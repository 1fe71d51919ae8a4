# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Sourced before anything else by a test that looks into processes that exclude themselves from dumps, which only root
# may do: for other users the test runs as root of a user namespace, where they may make one.
if [ "$(id -u)" != 0 ] && [ "${1:-}" != inside ]; then
	! unshare -r true 2>/dev/null || exec unshare -r bash "$0" inside
fi
# strace_sees PROGRAM: strace is there, and may read the arguments of the program's system calls
strace_sees() {
	command -v strace >/dev/null || return 1
	strace -qq -o "$T/probe" -e trace=openat "$1" -C "$T/probe.rc" --pretend </dev/null >"$T/probe.out" 2>&1
	grep -q "openat(.*$T/probe.rc" "$T/probe"
}
