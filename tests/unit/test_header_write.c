/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "header/header_write.h"

static void repeat(struct strbuf *sb, const char *unit, size_t total)
{
	while (sb->len < total)
		strbuf_adds(sb, unit);
}

static void names_are_written_as_plainly_as_they_can_be(void **state)
{
	(void)state;
	static const struct {
		const char *name, *want;
	} rows[] = {
		{"", ""},
		{" \t\r\n ", ""},
		{"Joe", "Joe"},
		{" Joe \t Public ", "Joe Public"},
		{"Joe Q. Public", "\"Joe Q. Public\""},
		{"Public, Joe", "\"Public, Joe\""},
		{"a\"b\\c", "\"a\\\"b\\\\c\""},
		{"a@b <c>", "\"a@b <c>\""},
		{"x\r\nBcc: y", "\"x Bcc: y\""},
		{"x\001y\177z", "x y z"},
		{"=?UTF-8?Q?J=C3=B6?=", "=?UTF-8?Q?J=C3=B6?="},
		{"J\xc3\xb6", "=?UTF-8?B?SsO2?="},
		{"J\xf6", "=?UTF-8?B?Su+/vQ==?="},
		{"\xc3\xb6\nBcc: x", "=?UTF-8?B?w7YgQmNjOiB4?="},
		{"\xc2\x85", ""},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		struct fold f = fold_begin(&out, "\r\n");
		header_write_phrase(&f, span_of(rows[i].name));
		assert_string_equal(out.buf, rows[i].want);
	}
}

/* Each of C0 and C1, to the last one; the character after them is a letter like others. */
static void no_control_character_passes(void **state)
{
	(void)state;
	for (unsigned c = 1; c < 0x100; c++) {
		bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
		char name[] = {'x', (char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f)), 'y', '\0'};
		AUTO(strbuf) out = STRBUF_INIT;
		struct fold f = fold_begin(&out, "\r\n");
		if (c < 0x80) {
			name[1] = (char)c;
			name[2] = 'y';
			name[3] = '\0';
		}
		header_write_phrase(&f, span_of(name));
		assert_int_equal(strcmp(out.buf, "x y") == 0, control || c == ' ');
	}
}

static void long_names_are_folded_and_no_word_is_too_long(void **state)
{
	(void)state;
	static const char *const units[] = {"\xc3\xb6", "\xf0\x9f\x90\x8e", "a", "a ", "word. ", "x\xe2\x82\xac y "};
	static const char *const before[] = {
		"", "From: ", "X-A-Rather-Long-Name-Of-A-Field-That-Leaves-Little-Room-For-Its-Value: "};
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		for (size_t b = 0; b < ARRAY_SIZE(before); b++)
			for (size_t len = 1; len < 400; len += 7) {
				AUTO(strbuf) name = STRBUF_INIT, out = STRBUF_INIT;
				struct fold f = fold_begin(&out, "\r\n");
				repeat(&name, units[i], len);
				strbuf_adds(&out, before[b]);
				header_write_phrase(&f, strbuf_span(&name));
				struct span rest = strbuf_span(&out), line;
				for (bool first = true; span_split(&rest, '\n', &line); first = false) {
					assert_true(first || line.ptr[0] == ' ');
					line = span_trim(line);
					assert_true(line.len <= 77);
					assert_true(line.len > 0);
				}
			}
}

/* In a row of base64 words only the last one may have padding: GMime showed 43 of these 60 characters. */
static void no_word_within_a_row_has_padding(void **state)
{
	(void)state;
	AUTO(strbuf) name = STRBUF_INIT, out = STRBUF_INIT;
	repeat(&name, "\xc3\xa9", 120);
	header_write_mailbox(&out, "From", name.buf, "a@example.org");
	assert_string_equal(out.buf,
			    "From: =?UTF-8?B?w6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOp?=\r\n"
			    " =?UTF-8?B?w6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOp?=\r\n"
			    " =?UTF-8?B?w6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOp?= <a@example.org>\r\n");
}

static void an_address_that_does_not_fit_begins_a_line(void **state)
{
	(void)state;
	for (size_t len = 1; len < 200; len++) {
		AUTO(strbuf) name = STRBUF_INIT, out = STRBUF_INIT, want = STRBUF_INIT;
		repeat(&name, "a", 10);
		AUTO(strbuf) addr = STRBUF_INIT;
		repeat(&addr, "b", len);
		header_write_mailbox(&out, "From", name.buf, addr.buf);
		bool fits = strlen("From: ") + name.len + strlen(" <>") + len <= 78;
		strbuf_addf(&want, "From: %s%s <%s>\r\n", name.buf, fits ? "" : "\r\n", addr.buf);
		assert_string_equal(out.buf, want.buf);
	}
}

static void no_value_begins_a_line(void **state)
{
	(void)state;
	static const char *const addrs[] = {"a@b\r\nX: y", "c@d\n\t", NULL}, *const none[] = {NULL};
	AUTO(strbuf) out = STRBUF_INIT;
	header_write_field(&out, "Date", "now\r\n\r\nX: y");
	header_write_mailbox(&out, "From", "n\r\n\r\nX: y", "a@b\r\n\r\nX: y");
	header_write_mailbox(&out, "From", NULL, "a@b\n");
	header_write_to(&out, addrs);
	header_write_to(&out, none);
	header_write_to(&out, NULL);
	assert_string_equal(out.buf, "Date: now????X: y\r\n"
				     "From: \"n X: y\" <a@b????X: y>\r\n"
				     "From: a@b?\r\n"
				     "To: a@b??X: y, c@d??\r\n"
				     "To: undisclosed-recipients:;\r\n"
				     "To: undisclosed-recipients:;\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_written_as_plainly_as_they_can_be),
		cmocka_unit_test(no_control_character_passes),
		cmocka_unit_test(long_names_are_folded_and_no_word_is_too_long),
		cmocka_unit_test(no_word_within_a_row_has_padding),
		cmocka_unit_test(an_address_that_does_not_fit_begins_a_line),
		cmocka_unit_test(no_value_begins_a_line),
	};
	return cmocka_run_group_tests_name("header_write", tests, NULL, NULL);
}
