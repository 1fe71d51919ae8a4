/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "mime/mime_type.h"

static void types_and_boundaries(void **state)
{
	static const struct {
		const char *value, *name, *boundary;
	} rows[] = {
		{"text/plain", "text/plain", NULL},
		{" Text/PLAIN ; charset=utf-8\r\n", "text/plain", NULL},
		{"text/plain (a comment; boundary=x)", "text/plain", NULL},
		{"multipart/mixed; boundary=abc", "multipart/mixed", "abc"},
		{"multipart/mixed;boundary=\"abc\"", "multipart/mixed", "abc"},
		{"multipart/mixed;\r\n\tBOUNDARY = \"a b:c\"; x=y", "multipart/mixed", "a b:c"},
		{"multipart/mixed; x=\"a;boundary=no\"; boundary=yes", "multipart/mixed", "yes"},
		{"multipart/mixed; boundary=\"abc  \"", "multipart/mixed", "abc"},
		{"multipart/mixed; boundary=----=_Part_1:2/3?4", "multipart/mixed", "----=_Part_1:2/3?4"},
		{"multipart/mixed; boundary=\"a(b)\"", "multipart/mixed", "a(b)"},
		{"multipart/mixed; boundary=\"a(b\"", "multipart/mixed", "a(b"},
		{"multipart/mixed; name=\"file (1; boundary=x\"; boundary=a", "multipart/mixed", "a"},
		/* a boundary that could be read in two ways is ignored */
		{"multipart/mixed; boundary=a; boundary=b", "multipart/mixed", NULL},
		{"multipart/mixed; boundary*0=a; boundary*1=b", "multipart/mixed", NULL},
		{"multipart/mixed; boundary=a; boundary*=utf-8''b", "multipart/mixed", NULL},
		{"multipart/mixed; boundary=a b", "multipart/mixed", NULL},
		{"multipart/mixed; boundary=a (comment)", "multipart/mixed", NULL},
		{"multipart/mixed; boundary=\"a(b)\" (comment)", "multipart/mixed", NULL},
		{"multipart/mixed (boundary=\"b\"); boundary=\"a(b)\"", "multipart/mixed", NULL},
		{"multipart/mixed; boundary=a(b)", "multipart/mixed", NULL},
		{"multipart/mixed; boundary=\"a\\(b\"", "multipart/mixed", NULL},
		{"multipart/mixed; boundary=\"a\\b\"", "multipart/mixed", NULL},
		{"multipart/mixed; boundary=\"a\"b", "multipart/mixed", NULL},
		{"multipart/mixed; boundary=\"\"", "multipart/mixed", NULL},
		{"multipart/mixed; boundary=", "multipart/mixed", NULL},
		{"multipart/mixed; boundary=\xc3\xa4", "multipart/mixed", NULL},
		{"multipart/mixed boundary=a", "multipart/mixed", NULL},
		{"multipart/mixed", "multipart/mixed", NULL},
		{"multipart", "", NULL},
		{"", "", NULL},
		{" (text/plain", "", NULL},
		{"a/\x01z", "a/?z", NULL},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(mime_type) type = MIME_TYPE_INIT;
		mime_type_parse(span_of("text/html; boundary=before"), &type);
		mime_type_parse(span_of(rows[i].value), &type);
		if (strcmp(type.name, rows[i].name) != 0 ||
		    strcmp(type.boundary ? type.boundary : "-", rows[i].boundary ? rows[i].boundary : "-") != 0)
			fail_msg("%s: got %s, %s", rows[i].value, type.name, type.boundary ? type.boundary : "-");
	}
}

static void a_boundary_longer_than_a_line_is_ignored(void **state)
{
	(void)state;
	for (size_t len = MIME_BOUNDARY_MAX - 1; len <= MIME_BOUNDARY_MAX + 1; len++) {
		AUTO(strbuf) value = STRBUF_INIT;
		AUTO(mime_type) type = MIME_TYPE_INIT;
		strbuf_adds(&value, "multipart/mixed; boundary=");
		for (size_t i = 0; i < len; i++)
			strbuf_addch(&value, 'x');
		mime_type_parse(strbuf_span(&value), &type);
		assert_int_equal(type.boundary != NULL, len <= MIME_BOUNDARY_MAX);
	}
}

static void encodings(void **state)
{
	static const struct {
		const char *value;
		enum mime_encoding encoding;
	} rows[] = {
		{"7bit", MIME_7BIT},
		{" 8BIT\r\n", MIME_8BIT},
		{"Binary", MIME_BINARY},
		{"quoted-printable", MIME_QUOTED},
		{"BASE64", MIME_BASE64},
		{"", MIME_7BIT},
		{"8bit (really)", MIME_8BIT},
		{"x-uuencode", MIME_OTHER},
		{"base64, 8bit", MIME_OTHER},
		{"base64;", MIME_OTHER},
		{"8bit; 7bit", MIME_OTHER},
		{"\"base64\"", MIME_OTHER},
		/* nothing that a reader would decode */
		{"8bit;", MIME_8BIT},
		{"8 bit", MIME_8BIT},
		{"8-bit", MIME_8BIT},
		{"7-Bit", MIME_8BIT},
		{"utf-8", MIME_8BIT},
		{"UTF8", MIME_8BIT},
		{"\"8bit\"", MIME_8BIT},
		{"iso-8859-15", MIME_8BIT},
		{"Windows-1252", MIME_8BIT},
		{"us-ascii (x)", MIME_8BIT},
		{"none", MIME_8BIT},
		{"8bits", MIME_8BIT},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (mime_encoding_parse(span_of(rows[i].value)) != rows[i].encoding)
			fail_msg("%s", rows[i].value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_and_boundaries),
		cmocka_unit_test(a_boundary_longer_than_a_line_is_ignored),
		cmocka_unit_test(encodings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
