/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "message/command_lines.h"

/* Each as the first, a middle and the last line, with each line end. */
static const struct {
	const char *line;
	bool found;
} rows[] = {
	{"MAIL FROM:<a@b>", true},
	{"mail from : <a@b>", true},
	{"RCPT TO:<a@b>", true},
	{"rcpt\tto:", true},
	{"DATA", true},
	{"data ", true},
	{"BDAT 10 LAST", true},
	{"EHLO x", true},
	{"ehlo", true},
	{"HELO x", true},
	{"LHLO x", true},
	{"RSET", true},
	{"QUIT", true},
	{"quit now", true},
	{"AUTH PLAIN =", true},
	{"STARTTLS", true},
	{"starttls", true},
	{" \t RSET", true},
	{"ETRN x", true},
	{"", false},
	{"MAIL", false},
	{"mail for you", false},
	{"RCPT", false},
	{"Data: 1", false},
	{"DATABASE", false},
	{"author", false},
	{"> QUIT", false},
	{"x QUIT", false},
	{"quit.", false},
	{"start tls", false},
};

static bool found_in(const char *text, size_t portion)
{
	struct command_lines c = COMMAND_LINES_INIT;
	struct span rest = span_of(text);
	while (rest.len) {
		size_t n = portion && rest.len > portion ? portion : rest.len;
		AUTO_FREE char *copy = xmemdup(rest.ptr, n);
		command_lines_feed(&c, span_make(copy, n));
		rest = span_sub(rest, n, rest.len);
	}
	command_lines_end(&c);
	return c.found;
}

static void lines_that_begin_like_commands(void **state)
{
	static const char *const ends[] = {"\n", "\r\n", "\r"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t e = 0; e < ARRAY_SIZE(ends); e++) {
			for (size_t portion = 0; portion < 12; portion++) {
				AUTO_FREE char *first =
					xasprintf("%s%sHello, how are you today?%s", rows[i].line, ends[e], ends[e]);
				AUTO_FREE char *middle = xasprintf("Hello%s%s%sa longer line than the head of one%s",
								   ends[e], rows[i].line, ends[e], ends[e]);
				AUTO_FREE char *last =
					xasprintf("A line that is longer than a head%s%s", ends[e], rows[i].line);
				if (found_in(first, portion) != rows[i].found ||
				    found_in(middle, portion) != rows[i].found ||
				    found_in(last, portion) != rows[i].found)
					fail_msg("\"%s\", line end %zu, portions of %zu", rows[i].line, e, portion);
			}
		}
	}
}

static void header_and_body_are_looked_at(void **state)
{
	AUTO(error) err = ERROR_INIT;
	struct source body;
	bool found;
	(void)state;
	source_init(&body, NULL);
	assert_true(source_append(&body, "Hello\nQUIT\n", 11, &err) && source_complete(&body, &err));
	assert_true(command_lines_in(SPAN_LIT("Subject: x\r\n\r\n"), &body, UINT64_MAX, &found, &err));
	assert_true(found);
	source_release(&body);
	source_init(&body, NULL);
	assert_true(source_append(&body, "Hello", 5, &err) && source_complete(&body, &err));
	assert_true(command_lines_in(SPAN_LIT("Subject: x\r\n DATA\r\n\r\n"), &body, UINT64_MAX, &found, &err));
	assert_true(found);
	assert_true(command_lines_in(SPAN_LIT("Subject: DATA\r\n\r\n"), &body, UINT64_MAX, &found, &err));
	assert_false(found);
	source_release(&body);
}

static void only_the_first_octets_are_looked_at(void **state)
{
	static const struct span header = SPAN_LIT("Subject: x\r\n\r\n");
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) text = STRBUF_INIT;
	struct source body;
	bool found;
	(void)state;
	while (text.len < 300000)
		strbuf_adds(&text, "Good morning.\r\n");
	strbuf_adds(&text, "QUIT\r\n");
	source_init(&body, NULL);
	assert_true(source_append(&body, text.buf, text.len, &err) && source_complete(&body, &err));
	assert_true(command_lines_in(header, &body, 200000, &found, &err));
	assert_false(found);
	assert_true(command_lines_in(header, &body, header.len + text.len, &found, &err));
	assert_true(found);
	source_release(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_that_begin_like_commands),
		cmocka_unit_test(header_and_body_are_looked_at),
		cmocka_unit_test(only_the_first_octets_are_looked_at),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
