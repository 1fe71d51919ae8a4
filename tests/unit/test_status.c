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
		out.buf, "{\"code\":550,\"enhanced\":\"5.1.1\",\"error\":\"recipient_refused\","
			 "\"text\":\"the server refused the recipient\",\"server\":\"5.1.1 no such user 5.1.1 here\","
			 "\"hint\":\"Check the address.\",\"host\":\"mail.example.org\","
			 "\"stage\":\"RCPT TO:<x@example.org>\"}");
	status_release(&s);
	strbuf_reset(&out);
	j = JSON_INIT(&out);
	json_object(&j, NULL);
	status_json(&s, &j);
	json_end(&j);
	assert_string_equal(out.buf, "{\"code\":null,\"enhanced\":null,\"error\":null,\"text\":null,\"server\":null,"
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

/* ---- which of several failures ---- */

static const struct status failures[] = {
	{.kind = ERROR_SERVER_TEMPORARY, .code = 451, .enhanced = "4.7.1", .text = (char *)"put off"},
	{.kind = ERROR_SERVER_TEMPORARY, .code = 421, .text = (char *)"going"},
	{.kind = ERROR_UNCERTAIN, .text = (char *)"lost"},
	{.kind = ERROR_SERVER_TEMPORARY, .code = 452, .enhanced = "4.2.2", .stage = (char *)"RCPT TO:<a>"},
	{.kind = ERROR_SERVER_TEMPORARY, .code = 452, .enhanced = "4.2.2", .stage = (char *)"RCPT TO:<b>"},
	{.kind = ERROR_SERVER_TEMPORARY, .code = 450, .enhanced = "4.2.1"},
	{.kind = ERROR_CONNECT, .text = (char *)"refused"},
	{.kind = ERROR_AUTH_REFUSED, .code = 535},
	{.kind = ERROR_CONFIG},
	{.kind = ERROR_RECIPIENT_REFUSED, .code = 550, .enhanced = "5.7.1"},
	{.kind = ERROR_MESSAGE},
	{.kind = ERROR_NONE, .code = 250},
};

/* In failures[] each stands after those that lead it. */
static void a_fixed_order_of_failures(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++)
		for (size_t j = 0; j < ARRAY_SIZE(failures); j++) {
			const struct status *first = &failures[i < j ? i : j];
			if (first->kind == ERROR_NONE)
				first = NULL;
			assert_ptr_equal(status_leading(&failures[i], &failures[j]), first);
		}
	assert_null(status_leading(NULL, NULL));
	assert_ptr_equal(status_leading(NULL, &failures[2]), &failures[2]);
	assert_ptr_equal(status_leading(&failures[2], NULL), &failures[2]);
}

static void only_what_is_decided_about_outranks(void **state)
{
	(void)state;
	static const int ranks[ARRAY_SIZE(failures)] = {1, 1, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6};
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(failures); j++)
			assert_int_equal(status_outranks(&failures[i], &failures[j]), ranks[i] < ranks[j]);
		assert_false(status_outranks(NULL, &failures[i]));
		assert_int_equal(status_outranks(&failures[i], NULL), ranks[i] < 6);
	}
}

/* Every order in which five of them can be compared. */
static void permute(size_t *order, size_t fixed, size_t n, const struct status *leader)
{
	const struct status *leading = NULL;
	for (size_t i = fixed; i < n; i++) {
		size_t swapped = order[fixed];
		order[fixed] = order[i];
		order[i] = swapped;
		permute(order, fixed + 1, n, leader);
		order[i] = order[fixed];
		order[fixed] = swapped;
	}
	for (size_t i = 0; fixed == n && i < n; i++)
		leading = status_leading(leading, &failures[order[i]]);
	if (fixed == n)
		assert_ptr_equal(leading, leader);
}

static void the_order_of_comparing_does_not_matter(void **state)
{
	(void)state;
	for (size_t i = 0; i + 5 < ARRAY_SIZE(failures); i++) {
		size_t order[5] = {i, i + 1, i + 2, i + 3, i + 4};
		permute(order, 0, 5, &failures[i]);
	}
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
		cmocka_unit_test(a_fixed_order_of_failures),
		cmocka_unit_test(only_what_is_decided_about_outranks),
		cmocka_unit_test(the_order_of_comparing_does_not_matter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
