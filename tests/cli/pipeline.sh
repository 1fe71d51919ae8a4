#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The line fails at many places while several messages are under way over one session (pipeline_messages).
# pipeline.py checks the results.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

[ -x "$top_builddir/tests/lib/post_many" ] || skip_all "post_many is not built: make check builds it"
status=0
"$PYTHON" "$top_srcdir/tests/cli/pipeline.py" "$T" >&7 || status=$?
tap_finished=yes # the plan is pipeline.py's
exit "$status"
