#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The line fails at every place of a session with DATA.
# faults.py checks the results.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/faults.sh" || exit 99
faults data
