#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Compares what GMime reads in several hundred messages before and after their conversion, and in fields of ours.
program=${top_builddir:-.}/tests/gmime/gmime_opinion
if [ ! -x "$program" ]; then
	echo "1..0 # SKIP GMime was not found by configure (Debian: libgmime-3.0-dev)"
	exit 0
fi
exec "$program"
