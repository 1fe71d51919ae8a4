/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "mime/mime_field.h"

static void long_header_lines_are_folded(void **state)
{
#define W10 "aaaaaaaaa "
#define W70 W10 W10 W10 W10 W10 W10 W10
	static const struct {
		const char *raw, *folded;
	} rows[] = {
		{"Subject: short enough\r\n", "Subject: short enough\r\n"},
		{"S: " W70 W70 "b\r\n",
		 "S: " W10 W10 W10 W10 W10 W10 "aaaaaaaaa\r\n " W10 W10 W10 W10 W10 W10 "aaaaaaaaa b\r\n"},
		/* no blank before 78: the next one */
		{"S: x" W70, "S: x" W70},
		{"S: "
		 "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890 "
		 "b c\r\n",
		 "S: "
		 "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
		 "\r\n b c\r\n"},
		/* blanks at the end stay there, and no line of blanks arises */
		{"S: "
		 "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890 "
		 "  \r\n",
		 "S: "
		 "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890 "
		 "  \r\n"},
		/* a line that is short stays, whatever its neighbour */
		{"S: a b\r\n\t" W70 W70 "b\r\n",
		 "S: a b\r\n\t" W10 W10 W10 W10 W10 W10 "aaaaaaaaa\r\n " W10 W10 W10 W10 W10 W10 "aaaaaaaaa b\r\n"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		mime_field_fold(span_of(rows[i].raw), 100, &out);
		assert_span(strbuf_span(&out), span_of(rows[i].folded));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_header_lines_are_folded),
	};
	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
