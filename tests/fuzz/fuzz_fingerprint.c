/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A fingerprint that is accepted has the length of one and the digits of the text, in one spelling, which is accepted
 * as it is; nothing else is accepted than pairs of digits with at most one separator between them.
 */
#include "fuzz.h"

#include "config/value_check.h"

static bool is_separator(char c)
{
	return c == ':' || c == ' ';
}

/* The digits alone; false if there is anything else than these and separators. */
static bool digits_of(struct span text, struct strbuf *out)
{
	for (size_t i = 0; i < text.len; i++)
		if (fuzz_hex(text.ptr[i]) >= 0)
			strbuf_addch(out, ascii_upper(text.ptr[i]));
		else if (!is_separator(text.ptr[i]))
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_make((const char *)data, size);
	AUTO(strbuf) canonical = STRBUF_INIT;
	AUTO(strbuf) again = STRBUF_INIT;
	AUTO(strbuf) given = STRBUF_INIT;
	AUTO(strbuf) kept = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	bool ok = check_fingerprint(text, &canonical, &err), plain = digits_of(text, &given);
	fuzz_must_agree(ok, &err);
	MUST(ok || (!canonical.len && fuzz_is_clean(span_of(err.status.text))));
	/* one in the usual form is never refused */
	bool usual = plain && (given.len == 64 || given.len == 40 || given.len == 32) && text.len == given.len;
	MUST(ok || !usual);
	if (!ok)
		return 0;
	MUST(plain && (given.len == 64 || given.len == 40 || given.len == 32));
	MUST(digits_of(strbuf_span(&canonical), &kept) && span_equal(strbuf_span(&kept), strbuf_span(&given)));
	MUST(canonical.len == given.len / 2 * 3 - 1);
	MUST(check_fingerprint(strbuf_span(&canonical), &again, NULL));
	MUST(span_equal(strbuf_span(&again), strbuf_span(&canonical)));
	for (size_t i = 2; i < canonical.len; i += 3)
		MUST(canonical.buf[i] == ':');
	return 0;
}
