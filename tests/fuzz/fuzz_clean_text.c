/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever text comes from elsewhere: cleaned it is one line of printable characters, not longer than its limit and the
 * mark of a cut; cleaned again it stays as it is; what was clean stays as it was.  Several lines are clean lines.
 *
 * The first octet of the input is the limit.
 */
#include "fuzz.h"

#include "base/clean_text.h"

/* White space at the ends is cut off, and of several spaces only those are kept that were spaces. */
static bool is_unchanged(struct span text, size_t max)
{
	return fuzz_is_clean(text) && text.len <= max && span_trim(text).len == text.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	size_t max = data[0];
	struct span text = span_make((const char *)data + 1, size - 1), line;
	AUTO_FREE char *clean = clean_text(text, max);
	AUTO_FREE char *again = clean_text(span_of(clean), max);
	AUTO_FREE char *lines = clean_lines(text, max);
	MUST(fuzz_is_clean(span_of(clean)));
	MUST(strlen(clean) <= max + strlen(CLEAN_CUT));
	MUST(strcmp(again, clean) == 0);
	MUST(!is_unchanged(text, max) || fuzz_has(text, SPAN_LIT(CLEAN_CUT)) || span_equals_str(text, clean));

	struct span rest = span_of(lines);
	while (span_split(&rest, '\n', &line))
		MUST(fuzz_is_clean(line));
	AUTO_FREE char *lines_again = clean_lines(span_of(lines), max);
	MUST(strlen(lines) <= max + strlen(CLEAN_CUT) + 1);
	MUST(strcmp(lines_again, lines) == 0);
	return 0;
}
