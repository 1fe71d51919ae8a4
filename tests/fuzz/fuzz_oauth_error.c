/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever stands where a server explains why it refused a token: the user gets one clean line of limited length; and
 * a JSON object with any text in status, scope and schemes is shown as these texts.
 */
#include "fuzz.h"

#include "auth/oauth_error.h"

#include "base/clean_text.h"
#include "base/json.h"

#define SHOWN_MAX 500 /* octets that are shown, before the mark of a cut */

static void must_be_a_line(const char *words)
{
	MUST(strlen(words) <= SHOWN_MAX + strlen(CLEAN_CUT) + 4);
	MUST(fuzz_is_clean(span_of(words)));
}

/* The first line is the status, the second one the scope, and so on; a NUL ends a text. */
static void must_show_all(struct span input)
{
	static const char *const keys[] = {"status", "scope", "schemes"};
	static const char *const labels[] = {"status ", "scope needed: ", "schemes: "};
	AUTO(strbuf) challenge = STRBUF_INIT;
	AUTO(strbuf) want = STRBUF_INIT;
	struct json json = JSON_INIT(&challenge);
	struct span line;
	json_object(&json, NULL);
	json_number(&json, "code", -1);
	for (size_t i = 0; i < ARRAY_SIZE(keys) && fuzz_line(&input, &line); i++) {
		AUTO_FREE char *text = fuzz_string(line);
		if (!utf8_valid(span_of(text)))
			return; /* what JSON has in its place is up to its writer */
		json_string(&json, keys[i], text);
		if (*text)
			strbuf_addf(&want, "%s%s%s", want.len ? "; " : "", labels[i], text);
	}
	json_end(&json);
	if (!want.len)
		return;
	AUTO_FREE char *shown = oauth_error_words(strbuf_span(&challenge));
	AUTO_FREE char *clean = clean_text(strbuf_span(&want), SHOWN_MAX);
	MUST(strcmp(shown, clean) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = span_make((const char *)data, size);
	AUTO_FREE char *words = oauth_error_words(input);
	must_be_a_line(words);
	must_show_all(input);
	return 0;
}
