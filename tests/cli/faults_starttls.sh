#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The line fails in a session with STARTTLS: at the ends of TLS records and
# between, and with octets changed on their way.
# faults.py checks the results.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/faults.sh" || exit 99
faults starttls
