/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/status.h"
#include "base/xalloc.h"

static struct status refused(void)
{
	struct status s = {.kind = ERROR_RECIPIENT_REFUSED,
			   .text = xstrdup("the server refused the recipient"),
			   .stage = xstrdup("RCPT TO:<x@example.org>"),
			   .hint = xstrdup("Check the address."),
			   .host = xstrdup("mail.example.org")};
	status_set_reply(&s, 550, "5.1.1", SPAN_LIT("5.1.1 no such user\n5.1.1 here"));
	return s;
}

static void words_are_clean_once_they_are_set(void **state)
{
	(void)state;
	static const struct {
		const char *raw, *line, *lines;
	} rows[] = {
		{"fine", "fine", "fine"},
		{"one\r\ntwo", "one two", "one\ntwo"},
		{"\033[31mred\033[0m\n bell\a", "?[31mred?[0m bell?", "?[31mred?[0m\nbell?"},
		{"", "", ""},
	};
	struct server_words words = {NULL, NULL};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		server_words_set(&words, span_of(rows[i].raw));
		assert_string_equal(words.line, rows[i].line);
		assert_string_equal(words.lines, rows[i].lines);
		/* what was stored and read back is set again */
		AUTO_FREE char *stored = xstrdup(words.lines);
		server_words_set(&words, span_of(stored));
		assert_string_equal(words.line, rows[i].line);
		assert_string_equal(words.lines, rows[i].lines);
	}
	server_words_release(&words);
	assert_null(words.line);
	assert_null(words.lines);
}

static void long_words_stay_as_they_were_stored(void **state)
{
	(void)state;
	AUTO(strbuf) raw = STRBUF_INIT;
	struct server_words words = {NULL, NULL};
	for (int i = 0; i < 900; i++)
		strbuf_adds(&raw, i % 50 ? "\xc3\xa4x" : "\nd");
	server_words_set(&words, strbuf_span(&raw));
	AUTO_FREE char *line = xstrdup(words.line), *lines = xstrdup(words.lines);
	assert_in_range(strlen(lines), 1900, 2100);
	server_words_set(&words, span_of(lines));
	assert_string_equal(words.line, line);
	assert_string_equal(words.lines, lines);
	server_words_release(&words);
}

static void one_line_in_one_place(void **state)
{
	(void)state;
	static const struct {
		struct status s;
		const char *whole, *words, *reply;
	} rows[] = {
		{{.kind = ERROR_NONE}, "", "", NULL},
		{{.kind = ERROR_IO}, "failed", "failed", NULL},
		{{.kind = ERROR_IO, .text = (char *)"disk full"}, "disk full", "disk full", NULL},
		{{.kind = ERROR_IO, .stage = (char *)"queue"}, "queue: failed", "failed", NULL},
		{{.kind = ERROR_PROTOCOL, .text = (char *)"not SMTP", .server = {(char *)"SSH-2.0", (char *)"SSH-2.0"}},
		 "not SMTP: SSH-2.0",
		 "not SMTP: SSH-2.0",
		 "SSH-2.0"},
		{{.kind = ERROR_IO, .code = 451, .server = {(char *)"later", (char *)"later"}},
		 "451 later",
		 "451 later",
		 "451 later"},
		{{.kind = ERROR_NONE, .code = 250, .server = {(char *)"2.0.0 ok", (char *)"2.0.0 ok"}},
		 "250 2.0.0 ok",
		 "250 2.0.0 ok",
		 "250 2.0.0 ok"},
		{{.kind = ERROR_RECIPIENT_REFUSED,
		  .text = (char *)"refused",
		  .stage = (char *)"RCPT TO:<x>",
		  .code = 550,
		  .server = {(char *)"no", (char *)"no"}},
		 "RCPT TO:<x>: refused: 550 no",
		 "refused: 550 no",
		 "550 no"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) whole = STRBUF_INIT, words = STRBUF_INIT, reply = STRBUF_INIT;
		status_format(&rows[i].s, &whole);
		status_format_words(&rows[i].s, &words);
		assert_string_equal(whole.buf, rows[i].whole);
		assert_string_equal(words.buf, rows[i].words);
		assert_int_equal(status_format_reply(&rows[i].s, &reply), rows[i].reply != NULL);
		assert_string_equal(reply.buf, rows[i].reply ? rows[i].reply : "");
	}
}

static void every_key_is_always_there(void **state)
{
	(void)state;
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO(status) s = refused();
	struct json j = JSON_INIT(&out);
	json_object(&j, NULL);
	status_json(&s, &j);
	json_end(&j);
	assert_string_equal(
		out.buf, "{\"error\":\"recipient_refused\",\"code\":550,\"enhanced\":\"5.1.1\","
			 "\"text\":\"the server refused the recipient\",\"server\":\"5.1.1 no such user 5.1.1 here\","
			 "\"hint\":\"Check the address.\",\"host\":\"mail.example.org\","
			 "\"stage\":\"RCPT TO:<x@example.org>\"}");
	status_release(&s);
	strbuf_reset(&out);
	j = JSON_INIT(&out);
	json_object(&j, NULL);
	status_json(&s, &j);
	json_end(&j);
	assert_string_equal(out.buf, "{\"error\":null,\"code\":null,\"enhanced\":null,\"text\":null,\"server\":null,"
				     "\"hint\":null,\"host\":null,\"stage\":null}");
}

static void copies_and_moves(void **state)
{
	(void)state;
	AUTO(status) a = refused();
	AUTO(status) b = {.text = xstrdup("held before")};
	status_copy(&b, &a);
	assert_int_equal(b.kind, ERROR_RECIPIENT_REFUSED);
	assert_int_equal(b.code, 550);
	assert_string_equal(b.enhanced, "5.1.1");
	assert_ptr_not_equal(b.server.lines, a.server.lines);
	assert_string_equal(b.server.lines, "5.1.1 no such user\n5.1.1 here");
	status_copy(&b, &b);
	assert_string_equal(b.hint, "Check the address.");
	char *host = a.host;
	status_move(&b, &a);
	assert_ptr_equal(b.host, host);
	assert_null(a.host);
	assert_int_equal(a.kind, ERROR_NONE);
	assert_int_equal(a.code, 0);
}

static void blacken(const void *arg, char *text)
{
	memset(text, *(const char *)arg, strlen(text));
}

static void no_text_escapes_redaction(void **state)
{
	(void)state;
	AUTO(status) s = refused();
	AUTO(strbuf) out = STRBUF_INIT;
	struct json j = JSON_INIT(&out);
	status_redact(&s, blacken, "#");
	json_object(&j, NULL);
	status_json(&s, &j);
	assert_null(strstr(out.buf, "server refused"));
	assert_null(strstr(out.buf, "example.org"));
	assert_null(strstr(out.buf, "such"));
	assert_null(strstr(out.buf, "Check"));
	assert_null(strstr(s.server.lines, "such"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_clean_once_they_are_set),
		cmocka_unit_test(long_words_stay_as_they_were_stored),
		cmocka_unit_test(one_line_in_one_place),
		cmocka_unit_test(every_key_is_always_there),
		cmocka_unit_test(copies_and_moves),
		cmocka_unit_test(no_text_escapes_redaction),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
