# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# What faults_*.sh have in common; each names its part of faults.py's sessions.
#
#	. faults.sh
#	faults SHARD
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99

faults() {
	local status=0
	[ -x "$top_builddir/tests/lib/faultproxy" ] || skip_all "the proxy is not built: make check builds it"
	ca_need rsa
	"$PYTHON" "$top_srcdir/tests/cli/faults.py" "$T" "$1" "$POSTHASTE" >&7 || status=$?
	tap_finished=yes # the plan is faults.py's
	exit "$status"
}
