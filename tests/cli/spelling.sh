#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The words of the manual pages, of the Texinfo manual and of README are English, or in doc/words.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/lib/tap.sh" || exit 99
[ "${POSTHASTE_TEST_SANITIZED:-}" != 1 ] || skip_all "the sources and manuals are the same with sanitizers"

PYTHON=/usr/bin/python3
words=$top_srcdir/doc/words
aspell dicts 2>/dev/null | grep -qx en_GB ||
	skip_all "aspell has no dictionary en_GB; on Debian or Ubuntu: apt install aspell aspell-en"

# unknown FILE...: words that aspell does not know, without an 's
unknown() {
	"$PYTHON" "$top_srcdir/tests/cli/spelling.py" "$@" |
		aspell list --master=en_GB --encoding=utf-8 --mode=none --home-dir="$T" | sed "s/'s\$//" | LC_ALL=C sort -u
}

pages=("$top_builddir/doc/posthaste.1" "$top_builddir/doc/posthaste.5" "$top_builddir/doc/posthaste-queue.7"
	"$top_srcdir/doc/sendmail.8" "$top_srcdir/doc/mailq.1" "$top_srcdir/doc/newaliases.1")
texi=("$top_builddir/doc/posthaste.texi" "$top_srcdir"/doc/manual/*.texi)

grep -v '^#' "$words" >ours
check "doc/words is sorted" env LC_ALL=C sort -c ours
for file in "${pages[@]}" "${texi[@]}" "$top_srcdir/README"; do
	unknown "$file" >found
	is "$(LC_ALL=C comm -23 found ours | tr '\n' ' ')" "" "${file##*/}: every word is known"
done

# Whether a mistake would be seen, in prose and in both markups.
printf '.Sh NAME\nA mesage is sent\n.Fl mesagge\n\\fBmisteak\\fP\n' >page.1
printf '@chapter A mesage\n\nA @code{mesagge} is @emph{snet}.\n\n@example\nmisteak\n@end example\n' >page.texi
is "$(unknown page.1 | tr '\n' ' ')" "mesage " "a mistake in a page is found, in names none"
is "$(unknown page.texi | tr '\n' ' ')" "mesage snet " "a mistake in Texinfo is found, in names and examples none"
done_testing
