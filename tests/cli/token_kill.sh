#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Killed at every system call of a refresh whose server replaces the refresh token: the next run has the old login or
# the new one, whole, or says that the user has to log in.  No other file keeps a token.  POSTHASTE_TEST_FULL=1 takes
# every call, else every second.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/lib/as_root.sh" || exit 99
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
. "$top_srcdir/tests/cli/tokens.sh" || exit 99
linux_features || skip_all "here the helper goes on when the program is killed, and asks the server meanwhile"
sanitized && skip_all "sanitizers make system calls of their own, thousands of them"
POSTHASTE=$top_builddir/tests/cli/posthaste
[ -x "$top_builddir/src/helper/posthaste-http" ] || skip_all "the helper for OAuth2 is not built"
strace_sees "$POSTHASTE" || skip_all "strace is missing (Debian: apt install strace), or may not look into the program"
ca_need good
step=2
[ "${POSTHASTE_TEST_FULL:-}" = 1 ] && step=1
exec 2>"$T/killed" # the shell reports every program that was killed

umask 0
token_server good
mail_server access-token --once 0
oauth_conf
chmod 600 "$T/rc"
answers "{\"rotate\": \"$T/valid\", \"body\": {\"access_token\": \"access-token\", \"expires_in\": 3600}}"
begin() {
	logged_in refresh.0
	echo refresh.0 >"$T/valid"
}
# The files with tokens; and what else is there but locks
files() { find "$tokens" "$kept" -type f ! -name '.*.lock' 2>/dev/null; }
others() { files | grep -v '/default$'; }
# One child is made: the helper, which is not traced.
traced() { timeout 60 strace -qq -o "$T/trace" -e trace=all "$@" "$POSTHASTE" -C "$T/rc" bob@example.org <"$T/mail"; }

begin
run traced
is "$status $(login_token) $(stored)" "0 refresh.1 1" "a refresh that is not disturbed"
grep -E '^[a-z0-9_]+\(' "$T/trace" >"$T/calls"
from=$(grep -n -m 1 -F "$tokens" "$T/calls" | cut -d: -f1)
to=$(grep -n -E 'rename.*"default"' "$T/calls" | tail -n 1 | cut -d: -f1)
check "its system calls can be counted" test "${from:-0}" -gt 0 -a "${to:-0}" -gt "${from:-0}"

killed=0 old=0 new=0 lost=0 torn='' wrong='' open='' left='' silent=''
for ((n = from; n <= to + 2; n += step)); do
	begin
	# the Nth call, as the Kth of its kind
	call=$(sed 's/(.*//' "$T/calls" |
		awk -v n="$n" 'NR <= n { seen[$1]++ } NR == n { print $1 ":signal=SIGKILL:when=" seen[$1] }')
	run traced -e inject="$call"
	[ "$status" != 137 ] || killed=$((killed + 1))
	[ -z "$(find "$tokens" "$kept" -type f -perm /077)" ] || open="$open $n"
	grep -qx end "$tokens/default" || torn="$torn $n"
	[ ! -e "$kept/default" ] || grep -qx end "$kept/default" || torn="$torn $n"
	valid=$(cat "$T/valid")
	case $(login_token) in
	"$valid")
		[ "$valid" = refresh.0 ] && old=$((old + 1)) || new=$((new + 1))
		want=0
		;;
	refresh.0)
		lost=$((lost + 1))
		want=77
		;;
	*) wrong="$wrong $n" ;;
	esac
	post bob@example.org
	[ "$status" = "$want" ] || wrong="$wrong $n:$status"
	[ "$want" = 0 ] || grep -q '^hint: Log in again with: posthaste --login=default' "$err" || silent="$silent $n"
	[ -z "$(others)" ] || left="$left $n"
done
check "it is killed at $killed of its $(((to - from) / step)) calls" test "$killed" -gt $(((to - from) / step * 8 / 10))
is "$torn" '' "killed at each call: no file is torn"
is "$open" '' "killed at each call: no other user can read a file"
is "$wrong" '' "killed at each call: the next run works with what is valid, or its status is 77"
is "$silent" '' "killed at each call: who has to log in again is told how"
is "$left" '' "killed at each call: the next run leaves no other file"
check "killed before the server was asked: $old times" test "$old" -gt 0
check "killed before the new token was kept: $lost times" test "$lost" -gt 0
check "killed after that: $new times" test "$new" -gt 0
done_testing
