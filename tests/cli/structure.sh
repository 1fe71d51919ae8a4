#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The shape of src/: no files that include each other in a circle, complete and sorted source lists, functions and
# files of a readable size, no room that grows out of proportion, and comments that name only what exists.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/lib/tap.sh"
[ "${POSTHASTE_TEST_SANITIZED:-}" != 1 ] || skip_all "the sources and manuals are the same with sanitizers"

structure() { python3 "$top_srcdir/tests/cli/structure.py" "$@"; }

nothing() {
	if [ -z "$2" ]; then ok "$1"; else not_ok "$1" "$2"; fi
}

# ---- the checks find what they are for ----
bad=$T/bad
mkdir -p "$bad/src/base" "$bad/src/cli" "$bad/tests" "$bad/doc/design" "$bad/tests/dialogues"
printf '#include "base/b.h"\n' >"$bad/src/base/a.h"
printf '#include "base/a.h"\n' >"$bad/src/base/b.h"
printf '#include "base/c_private.h"\nint one(int a);\n/* See two() and base/none.c and tests/unit/none. */\n' \
	>"$bad/src/base/c.h"
printf '#include "base/c.h"\n' >"$bad/src/base/c_private.h"
{
	printf 'int long_one(int a, int b, int c, int d, int e, int f, int g, struct error *err)\n{\n'
	yes '	a++;' | head -70
	printf '}\n'
} >"$bad/src/base/d.c"
printf 'src_libposthaste_a_SOURCES += \\\n\tsrc/base/d.c \\\n\tsrc/base/a.h \\\n\tsrc/base/gone.c\n' \
	>"$bad/src/base/local.mk"
yes 'int x;' | head -3600 >"$bad/src/cli/big.c"
touch "$bad/HACKING" "$bad/doc/interop.md" "$bad/tests/dialogues/README"

is "$(structure "$bad" circles)" "these files include each other: src/base/a src/base/b" \
	"a circle is found, and a private header is none"
is "$(structure "$bad" names | LC_ALL=C sort)" "src/base/c.h: base/none does not exist
src/base/c.h: tests/unit/none does not exist
src/base/c.h: two() does not exist" "names of what does not exist are found"
like "$(structure "$bad" lists)" 'is not sorted' "a list that is not sorted is found"
like "$(structure "$bad" lists)" 'src/base/b.h is in no local.mk' "a file that is not listed is found"
like "$(structure "$bad" lists)" 'src/base/gone.c is listed' "a listed file that is gone is found"
like "$(structure "$bad" sizes)" 'long_one\(\) has 72 lines' "a long function is found"
like "$(structure "$bad" sizes)" 'long_one\(\) has 7 parameters' "too many parameters are found"
like "$(structure "$bad" sizes)" 'src/cli/big.c has 3600 lines' "a long file is found"
like "$(structure "$bad" rooms)" 'src/cli has 3600 of' "a room that is too large is found"

# ---- and find nothing here ----
nothing "no files include each other in a circle" "$(structure "$top_srcdir" circles)"
nothing "comments and documents name only what exists" "$(structure "$top_srcdir" names)"
nothing "the lists of sources are complete and sorted" "$(structure "$top_srcdir" lists)"
nothing "functions, files and parameter lists are short" "$(structure "$top_srcdir" sizes)"
nothing "no room has more than an eighth of the lines" "$(structure "$top_srcdir" rooms)"
nothing "the command line is known to cli alone" \
	"$(cd "$top_srcdir" && grep -rl 'cli/args\.h' src | grep -v '^src/cli/')"
done_testing
