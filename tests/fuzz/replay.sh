#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs every harness over its saved inputs, as one TAP stream: seeds/NAME goes to replay_NAME.
top_srcdir=${top_srcdir:-.}
top_builddir=${top_builddir:-.}
# One file per run keeps the numbers ours and names the input that broke a property.
number=0
for folder in "$top_srcdir"/tests/fuzz/seeds/*/; do
	name=$(basename "$folder")
	for seed in "$folder"*; do
		[ -f "$seed" ] || continue
		number=$((number + 1))
		label="$name: $(basename "$seed")"
		if output=$("$top_builddir/tests/fuzz/replay_$name" "$seed" 2>&1); then
			echo "ok $number - $label"
		else
			echo "$output" | sed 's/^/# /'
			echo "not ok $number - $label"
		fi
	done
done
if [ "$number" = 0 ]; then
	number=1
	echo "not ok 1 - no seeds were found in $top_srcdir/tests/fuzz/seeds"
fi
echo "1..$number"
