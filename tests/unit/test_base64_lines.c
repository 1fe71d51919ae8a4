/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "base/base64.h"
#include "codec/base64_lines.h"

static void lines_are_full_and_decode_to_the_content(void **state)
{
	(void)state;
	for (size_t len = 0; len < 200; len++)
		for (size_t portion = 1; portion < 130; portion += 17) {
			AUTO(strbuf) text = STRBUF_INIT, out = STRBUF_INIT, joined = STRBUF_INIT, back = STRBUF_INIT;
			struct base64_lines b = BASE64_LINES_INIT;
			for (size_t i = 0; i < len; i++)
				strbuf_addch(&text, (char)(i * 37));
			for (size_t at = 0; at < len; at += portion)
				base64_lines_add(
					&b, span_sub(strbuf_span(&text), at, len - at > portion ? at + portion : len),
					&out);
			base64_lines_end(&b, &out);
			struct span rest = strbuf_span(&out), line;
			while (span_split(&rest, '\n', &line)) {
				bool ended = rest.ptr && line.len && line.ptr[line.len - 1] == '\r';
				line.len -= ended;
				assert_true(ended ? line.len == 76 : line.len <= 76 && (line.len || !len));
				strbuf_add_span(&joined, line);
			}
			assert_true(base64_decode(&back, strbuf_span(&joined)));
			assert_span(strbuf_span(&back), strbuf_span(&text));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_full_and_decode_to_the_content),
	};
	return cmocka_run_group_tests_name("base64_lines", tests, NULL, NULL);
}
