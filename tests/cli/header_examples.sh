#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The usage examples in the comments of headers compile.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/lib/tap.sh" || exit 99
[ "${POSTHASTE_TEST_SANITIZED:-}" != 1 ] || skip_all "the sources and manuals are the same with sanitizers"

examples() { python3 "$top_srcdir/tests/cli/header_examples.py" "$@"; }

# VARIABLE: its value in the Makefile of the build.
make_variable() { sed -n "s/^$1 = //p" "$top_builddir/Makefile"; }

# TREE FILE: compiles an example with the headers of TREE.
compiles() {
	# shellcheck disable=SC2086,SC2317
	$compiler -std=gnu11 -fsyntax-only -Werror=implicit-function-declaration -Werror=incompatible-pointer-types \
		-Werror=int-conversion -include config.h -I"$1/src" -I"$top_builddir/src" -I"$top_builddir" $flags "$2"
}

compiler=${CC:-$(make_variable CC)}
flags="$(make_variable CPPFLAGS) $(make_variable GNUTLS_CFLAGS)"
[ -n "$compiler" ] || bail "no compiler is known"

# ---- faults are found ----
mkdir -p bad/src/base bad/examples
cp -R "$top_srcdir/src/base" bad/src/
cat >bad/src/base/planted.h <<'H'
/*
 * planted: its example calls a function that does not exist.
 *
 *	int sum = 0;
 *	planted_add(&sum, 2);
 *
 * A table is not an example:
 *	name	meaning
 *	sum	what planted_add() adds to;
 *		never negative
 */
void planted(void);
/*
 *	planted();		// nothing is wrong here
 *	int missing = sum;	// except for this
 */
/*
 *	planted();
 */
H
examples "$T/bad" bad/examples >bad/list
is "$(sed -n 's/.*\(planted\.h:.*\)/\1/p' bad/list)" "planted.h:4
planted.h:14
planted.h:18" "examples are found, tables are not"
run compiles bad bad/examples/base_planted_4.c
isnt "$status" 0 "a function that does not exist is found"
like "$(cat "$err")" 'planted\.h:5:.*planted_add' "the compiler names its line in the header"
run compiles bad bad/examples/base_planted_14.c
isnt "$status" 0 "a variable that does not exist is found"
like "$(cat "$err")" 'planted\.h:15:.*sum' "the compiler names its line, too"
check "an example without a fault compiles" compiles bad bad/examples/base_planted_18.c

# ---- there are none in the tree ----
mkdir examples
examples "$top_srcdir" examples >list
isnt "$(wc -l <list)" 0 "headers have examples"
while read -r file place; do
	run compiles "$top_srcdir" "$file"
	if [ "$status" = 0 ]; then ok "$place compiles"; else not_ok "$place compiles" "$(cat "$err")"; fi
done <list
is "$(examples "$top_srcdir" unused)" "" "every header named in the table has an example"
done_testing
