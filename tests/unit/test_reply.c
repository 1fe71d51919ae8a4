/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smtp/reply.h"

#include "base/xalloc.h"

/* The replies in a text as "250[2.1.0] a|b (lines)", "!" for an error, "~" if the last one is incomplete. */
static void read_all(struct span text, size_t first, size_t chunk, struct strbuf *out)
{
	struct reply_parser p;
	struct error err = ERROR_INIT;
	reply_parser_init(&p);
	int got = 0;
	for (size_t at = 0; at < text.len && got >= 0;) {
		size_t n = at == 0 && first ? first : chunk ? chunk : text.len;
		if (n > text.len - at)
			n = text.len - at;
		/* A copy of exactly this size, so that the sanitizer notices reads beyond it. */
		AUTO_FREE char *portion = xmemdup(text.ptr + at, n);
		struct span in = span_make(portion, n);
		at += n;
		while (in.len && got >= 0) {
			size_t used = 0;
			got = reply_parse(&p, in, &used, &err);
			if (got < 0)
				break;
			assert_true(used <= in.len && (got == 1 || used == in.len));
			in = span_sub(in, used, in.len);
			if (!got)
				continue;
			strbuf_addf(out, "%d[%s] ", p.reply.code, p.reply.enhanced);
			for (size_t i = 0; i < p.reply.text.len; i++)
				strbuf_addch(out, p.reply.text.buf[i] == '\n' ? '|'
						  : p.reply.text.buf[i]	      ? p.reply.text.buf[i]
									      : '0');
			strbuf_addf(out, " (%u)\n", p.reply.lines);
			assert_false(reply_parser_midway(&p));
		}
	}
	if (got < 0) {
		assert_int_equal(err.status.kind, ERROR_PROTOCOL);
		assert_non_null(err.status.text);
		strbuf_adds(out, "!");
	} else if (reply_parser_midway(&p)) {
		strbuf_adds(out, "~");
	}
	error_release(&err);
	reply_parser_release(&p);
}

static const struct {
	struct span in;
	const char *out;
} replies[] = {
	{SPAN_LIT("220 hi\r\n"), "220[] hi (1)\n"},
	{SPAN_LIT("220-a\r\n220-b\r\n220 c\r\n"), "220[] a|b|c (3)\n"},
	{SPAN_LIT("250\r\n"), "250[]  (1)\n"},
	{SPAN_LIT("250 \r\n"), "250[]  (1)\n"},
	{SPAN_LIT("250-\r\n250\r\n"), "250[] | (2)\n"},
	{SPAN_LIT("250 only LF\n354 go\n"), "250[] only LF (1)\n354[] go (1)\n"},
	{SPAN_LIT("250 a\r\n550 5.1.1 b\r\n421 c\r\n"), "250[] a (1)\n550[5.1.1] 5.1.1 b (1)\n421[] c (1)\n"},
	{SPAN_LIT("250 a\rb\0c\xff\r\n"), "250[] a\rb0c\xff (1)\n"},
	{SPAN_LIT("250-2.1.5 a\r\n250 2.1.5 b\r\n"), "250[2.1.5] 2.1.5 a|2.1.5 b (2)\n"},
	{SPAN_LIT("200 low\r\n599 high\r\n"), "200[] low (1)\n599[] high (1)\n"},
	/* midway */
	{SPAN_LIT("2"), "~"},
	{SPAN_LIT("250-a\r\n"), "~"},
	{SPAN_LIT("250 a\r\n25"), "250[] a (1)\n~"},
	{SPAN_LIT("250 a\r"), "~"},
	/* not SMTP */
	{SPAN_LIT("hello\r\n"), "!"},
	{SPAN_LIT("\r\n"), "!"},
	{SPAN_LIT("\n"), "!"},
	{SPAN_LIT("25\r\n"), "!"},
	{SPAN_LIT("25a ok\r\n"), "!"},
	{SPAN_LIT("250ok\r\n"), "!"},
	{SPAN_LIT("250\tok\r\n"), "!"},
	{SPAN_LIT("2500 ok\r\n"), "!"},
	{SPAN_LIT(" 250 ok\r\n"), "!"},
	{SPAN_LIT("199 low\r\n"), "!"},
	{SPAN_LIT("600 high\r\n"), "!"},
	{SPAN_LIT("000 none\r\n"), "!"},
	{SPAN_LIT("250-a\r\n251 b\r\n"), "251[] a|b (2)\n"}, /* the last line decides */
	{SPAN_LIT("220-a\r\n521 5.3.2 b\r\n"), "521[5.3.2] a|5.3.2 b (2)\n"},
	{SPAN_LIT("550-5.1.1 a\r\n250 b\r\n"), "250[] 5.1.1 a|b (2)\n"},
	{SPAN_LIT("250-2.0.0 a\r\n450-4.2.1 b\r\n550 c\r\n"), "550[] 2.0.0 a|4.2.1 b|c (3)\n"},
	{SPAN_LIT("250-a\r\nb\r\n"), "!"},
	{SPAN_LIT("250-a\r\n\r\n"), "!"},
	{SPAN_LIT("250 a\r\nnonsense\r\n"), "250[] a (1)\n!"},
	/* enhanced codes (RFC 3463): only at the start, and only if the class matches */
	{SPAN_LIT("250 2.0.0\r\n"), "250[2.0.0] 2.0.0 (1)\n"},
	{SPAN_LIT("550 5.123.999 a\r\n"), "550[5.123.999] 5.123.999 a (1)\n"},
	{SPAN_LIT("550 5.1234.1 a\r\n"), "550[] 5.1234.1 a (1)\n"},
	{SPAN_LIT("550 5.1.1234 a\r\n"), "550[] 5.1.1234 a (1)\n"},
	{SPAN_LIT("550 4.1.1 a\r\n"), "550[] 4.1.1 a (1)\n"},
	{SPAN_LIT("550 5.1 a\r\n"), "550[] 5.1 a (1)\n"},
	{SPAN_LIT("550 5.1. a\r\n"), "550[] 5.1. a (1)\n"},
	{SPAN_LIT("550 5..1 a\r\n"), "550[] 5..1 a (1)\n"},
	{SPAN_LIT("550 5.1.1a\r\n"), "550[] 5.1.1a (1)\n"},
	{SPAN_LIT("550 5.1.1-a\r\n"), "550[] 5.1.1-a (1)\n"},
	{SPAN_LIT("550  5.1.1 a\r\n"), "550[]  5.1.1 a (1)\n"},
	{SPAN_LIT("354 3.0.0 go\r\n"), "354[] 3.0.0 go (1)\n"},
	{SPAN_LIT("450-4.2.1\r\n450 x\r\n"), "450[4.2.1] 4.2.1|x (2)\n"},
};

static void understands_replies_however_they_come(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
		struct span in = replies[i].in;
		for (size_t chunk = 0; chunk <= 7; chunk++) {
			AUTO(strbuf) out = STRBUF_INIT;
			read_all(in, 0, chunk, &out);
			assert_string_equal(out.buf, replies[i].out);
		}
		for (size_t cut = 1; cut < in.len; cut++) {
			AUTO(strbuf) out = STRBUF_INIT;
			read_all(in, cut, 0, &out);
			assert_string_equal(out.buf, replies[i].out);
		}
	}
}

static void repeat(struct strbuf *sb, const char *text, size_t n)
{
	while (n--)
		strbuf_adds(sb, text);
}

static bool is_taken(const struct strbuf *text, size_t chunk)
{
	AUTO(strbuf) out = STRBUF_INIT;
	read_all(strbuf_span(text), 0, chunk, &out);
	bool refused = out.len && out.buf[out.len - 1] == '!';
	assert_true(refused || out.buf[out.len - 1] == '\n');
	return !refused;
}

static const size_t chunks[] = {0, 1, 4095, 65536, 65537};

static void takes_as_many_lines_as_the_limit_and_no_more(void **state)
{
	(void)state;
	for (unsigned more = 0; more < 2; more++) {
		AUTO(strbuf) text = STRBUF_INIT;
		repeat(&text, "250-a\r\n", REPLY_LINES_MAX - 1 + more);
		strbuf_adds(&text, "250 z\r\n");
		for (size_t i = 0; i < ARRAY_SIZE(chunks); i++)
			assert_int_equal(is_taken(&text, chunks[i]), !more);
	}
}

/* Line ends are included, except the last LF. */
static void takes_as_many_octets_as_the_limit_and_no_more(void **state)
{
	(void)state;
	for (unsigned more = 0; more < 2; more++) {
		AUTO(strbuf) one = STRBUF_INIT, two = STRBUF_INIT;
		strbuf_adds(&one, "250 ");
		repeat(&one, "x", REPLY_OCTETS_MAX - 5 + more);
		strbuf_adds(&one, "\r\n");
		strbuf_adds(&two, "250-");
		repeat(&two, "x", 1000);
		strbuf_adds(&two, "\r\n250 ");
		repeat(&two, "x", REPLY_OCTETS_MAX - 1006 - 5 + more);
		strbuf_adds(&two, "\r\n");
		for (size_t i = 0; i < ARRAY_SIZE(chunks); i++) {
			assert_int_equal(is_taken(&one, chunks[i]), !more);
			assert_int_equal(is_taken(&two, chunks[i]), !more);
		}
	}
}

static void stops_within_an_endless_line(void **state)
{
	(void)state;
	struct reply_parser p;
	struct error err = ERROR_INIT;
	char block[1000];
	size_t fed = 0, used;
	memset(block, '2', sizeof(block));
	reply_parser_init(&p);
	while (reply_parse(&p, span_make(block, sizeof(block)), &used, &err) == 0) {
		fed += sizeof(block);
		assert_true(fed <= REPLY_OCTETS_MAX);
	}
	assert_true(p.line.cap <= 4u * REPLY_OCTETS_MAX);
	assert_int_equal(err.status.kind, ERROR_PROTOCOL);
	error_release(&err);
	reply_parser_release(&p);
}

static void the_limit_is_for_each_reply(void **state)
{
	(void)state;
	AUTO(strbuf) text = STRBUF_INIT;
	for (int i = 0; i < 3; i++) {
		strbuf_adds(&text, "250 ");
		repeat(&text, "x", REPLY_OCTETS_MAX - 5);
		strbuf_adds(&text, "\r\n");
	}
	assert_true(is_taken(&text, 0));
	assert_true(is_taken(&text, 1000));
}

static void the_class_is_the_first_digit(void **state)
{
	(void)state;
	for (int code = 200; code < 600; code++) {
		const struct reply r = {.code = code, .text = STRBUF_INIT};
		assert_int_equal(reply_class(&r), code / 100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(understands_replies_however_they_come),
		cmocka_unit_test(takes_as_many_lines_as_the_limit_and_no_more),
		cmocka_unit_test(takes_as_many_octets_as_the_limit_and_no_more),
		cmocka_unit_test(stops_within_an_endless_line),
		cmocka_unit_test(the_limit_is_for_each_reply),
		cmocka_unit_test(the_class_is_the_first_digit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
