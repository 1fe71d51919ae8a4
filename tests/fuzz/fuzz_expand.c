/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any text with %-sequences becomes what a simpler reader makes of it, is refused only if a value is needed that is not
 * known, and values are not expanded again.
 *
 * The input: the letters of the sequences that are allowed, the values of %U, %H, %C, %F and %M (an empty line: not
 * known), then the text.
 */
#include "fuzz.h"

#include "config/expand.h"

static const char all[] = "UHCFM";

/* The value for a letter; false: it is not a sequence. */
static bool find(const char *letters, char c, char *const *values, const char **value)
{
	const char *hit = c ? strchr(all, c) : NULL;
	if (!hit || !strchr(letters, c))
		return false;
	*value = values[hit - all];
	return true;
}

/* False if a value is missing. */
static bool expand_simply(const char *text, const char *letters, char *const *values, struct strbuf *out)
{
	bool complete = true;
	while (*text) {
		const char *value = NULL;
		bool sequence = *text == '%' && find(letters, text[1], values, &value);
		complete &= !sequence || value;
		if (!sequence)
			strbuf_addch(out, *text);
		else if (value)
			strbuf_adds(out, value);
		text += sequence ? 2 : 1;
	}
	return complete;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_make((const char *)data, size), line = {"", 0};
	char *values[5] = {NULL}, letters[6] = "";
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO(strbuf) want = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	(void)fuzz_line(&rest, &line);
	for (size_t i = 0; all[i]; i++)
		if (line.len && memchr(line.ptr, all[i], line.len))
			letters[strlen(letters)] = all[i];
	for (size_t i = 0; i < ARRAY_SIZE(values) && fuzz_line(&rest, &line); i++)
		values[i] = line.len ? fuzz_string(line) : NULL;
	AUTO_FREE char *text = fuzz_string(rest);
	const struct expand_values known = {values[0], values[1], values[2], values[3], values[4]};
	bool ok = expand_text(text, letters, &known, &out, &err);
	fuzz_must_agree(ok, &err);
	MUST(ok == expand_simply(text, letters, values, &want));
	MUST(ok ? span_equal(strbuf_span(&out), strbuf_span(&want)) : !out.len);
	for (size_t i = 0; letters[i]; i++) {
		char sequence[] = {'%', letters[i], '\0'};
		MUST(expand_needs(text, letters[i]) || !strstr(text, sequence));
	}
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		free(values[i]);
	return 0;
}
