/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server engine where a dialogue file says too little: long replies, memory, the trace, and how a session ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/base64.h"
#include "base/strbuf.h"
#include "base/xalloc.h"
#include "smtp/server/server_session.h"

#include <malloc.h>

struct owner {
	struct server_options options;
	struct caps offers;
	struct server_session *s;
	struct strbuf out, trace;
	const char *refusal; /* of each recipient; NULL: none */
	unsigned messages, writes;
	uint64_t body;
};

static void take_trace(void *arg, bool from_client, struct span line)
{
	struct owner *o = arg;
	strbuf_addf(&o->trace, "%c ", from_client ? '>' : '<');
	strbuf_add_span(&o->trace, line);
	strbuf_addch(&o->trace, '\n');
}

static void begin(struct owner *o)
{
	*o = (struct owner){.out = STRBUF_INIT, .trace = STRBUF_INIT, .offers = CAPS_INIT};
	o->offers.bits = CAP_PIPELINING | CAP_CHUNKING | CAP_SMTPUTF8 | CAP_ENHANCEDSTATUSCODES;
	o->options = (struct server_options){.host_name = "mail.example.net",
					     .limits = SERVER_LIMITS_INIT,
					     .offers = &o->offers,
					     .trace = take_trace,
					     .trace_arg = o};
}

static void end(struct owner *o)
{
	server_free(o->s);
	caps_release(&o->offers);
	strbuf_release(&o->out);
	strbuf_release(&o->trace);
}

static enum server_want work(struct owner *o)
{
	for (;;) {
		struct server_step step = server_step(o->s);
		switch (step.want) {
		case SERVER_WRITE:
			o->writes++;
			strbuf_add_span(&o->out, step.octets);
			server_wrote(o->s, step.octets.len);
			break;
		case SERVER_BODY:
			o->body += step.octets.len;
			server_stored(o->s);
			break;
		case SERVER_RCPT:
			if (o->refusal)
				server_answer(o->s, 550, "5.1.1", o->refusal);
			else
				server_accept(o->s);
			break;
		case SERVER_MESSAGE:
			o->messages++;
			server_accept(o->s);
			break;
		case SERVER_MAIL: server_accept(o->s); break;
		case SERVER_SASL: server_sasl_challenge(o->s, SPAN_LIT("sEcReT challenge")); break;
		default: return step.want;
		}
	}
}

static enum server_want say(struct owner *o, const char *text)
{
	server_feed(o->s, span_of(text));
	return work(o);
}

static void start(struct owner *o)
{
	o->s = server_new(&o->options);
	(void)work(o);
	(void)say(o, "EHLO c\r\n");
	strbuf_reset(&o->out);
}

/* ---- replies ---- */

static void long_replies_are_lines(void **state)
{
	struct owner o;
	AUTO(strbuf) text = STRBUF_INIT;
	(void)state;
	begin(&o);
	for (int i = 0; i < 300; i++)
		strbuf_addf(&text, "word%d ", i);
	for (int i = 0; i < 2000; i++) /* no blank to cut at */
		strbuf_addch(&text, 'x');
	o.refusal = text.buf;
	start(&o);
	(void)say(&o, "MAIL FROM:<a@b.example>\r\n");
	strbuf_reset(&o.out);
	(void)say(&o, "RCPT TO:<c@d.example>\r\n");
	AUTO(strbuf) together = STRBUF_INIT;
	struct span rest = strbuf_span(&o.out), line;
	unsigned lines = 0;
	while (rest.len && span_split(&rest, '\n', &line)) {
		assert_true(line.len + 1 <= 512 && line.len > 10);
		assert_memory_equal(line.ptr, rest.len ? "550-5.1.1 " : "550 5.1.1 ", 10);
		line = span_trim(span_sub(line, 10, line.len));
		for (size_t i = 0; i < line.len; i++)
			if (line.ptr[i] != ' ')
				strbuf_addch(&together, line.ptr[i]);
		lines++;
	}
	assert_true(lines > 5 && lines < 20);
	AUTO(strbuf) wanted = STRBUF_INIT;
	for (size_t i = 0; i < text.len; i++)
		if (text.buf[i] != ' ')
			strbuf_addch(&wanted, text.buf[i]);
	assert_string_equal(together.buf, wanted.buf);
	end(&o);
}

static void replies_have_no_foreign_octets(void **state)
{
	static const struct {
		const char *mail, *text, *reply;
	} rows[] = {
		{"MAIL FROM:<a@b.example>\r\n", "no\r\n250 yes", "550-5.1.1 no?\r\n550 5.1.1 250 yes\r\n"},
		{"MAIL FROM:<a@b.example>\r\n", "", "550 5.1.1 \r\n"},
		{"MAIL FROM:<a@b.example>\r\n", "\xc3\xa4 \x1b[1m\xff", "550 5.1.1 ? ?[1m?\r\n"},
		{"MAIL FROM:<a@b.example> SMTPUTF8\r\n", "\xc3\xa4 \x1b[1m\xff", "550 5.1.1 \xc3\xa4 ?[1m?\r\n"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct owner o;
		begin(&o);
		o.refusal = rows[i].text;
		start(&o);
		(void)say(&o, rows[i].mail);
		strbuf_reset(&o.out);
		(void)say(&o, "RCPT TO:<c@d.example>\r\n");
		assert_string_equal(o.out.buf, rows[i].reply);
		end(&o);
	}
}

/* Enhanced codes only if they are offered, fit the code, and after EHLO. */
static void enhanced_codes(void **state)
{
	struct owner o;
	(void)state;
	begin(&o);
	start(&o);
	(void)say(&o, "NOOP\r\n");
	assert_string_equal(o.out.buf, "250 2.0.0 Ok\r\n");
	strbuf_reset(&o.out);
	(void)say(&o, "HELO c\r\nNOOP\r\n");
	assert_string_equal(o.out.buf, "250 mail.example.net\r\n250 Ok\r\n");
	end(&o);
	begin(&o);
	caps_ignore(&o.offers, CAP_ENHANCEDSTATUSCODES);
	start(&o);
	(void)say(&o, "NOOP\r\n");
	assert_string_equal(o.out.buf, "250 Ok\r\n");
	end(&o);
}

/* ---- the end of a session ---- */

static void ended_before_the_greeting(void **state)
{
	struct owner o;
	(void)state;
	begin(&o);
	o.s = server_new(&o.options);
	server_end(o.s, "4.3.5", "The configuration cannot be used");
	assert_int_equal(work(&o), SERVER_CLOSE);
	assert_string_equal(o.out.buf, "421 4.3.5 The configuration cannot be used\r\n");
	assert_int_equal(server_ended(o.s), SERVER_ENDED);
	end(&o);
}

static void ended_between_commands(void **state)
{
	struct owner o;
	(void)state;
	begin(&o);
	start(&o);
	server_feed(o.s, SPAN_LIT("NOOP\r\n"));
	server_end(o.s, "4.3.2", "Shutting down");
	assert_int_equal(work(&o), SERVER_CLOSE);
	assert_string_equal(o.out.buf, "421 4.3.2 Shutting down\r\n");
	server_feed(o.s, SPAN_LIT("NOOP\r\n")); /* what still comes is not read */
	assert_int_equal(work(&o), SERVER_CLOSE);
	end(&o);
}

static void how_it_ended(void **state)
{
	static const struct {
		const char *said;
		enum server_end end;
	} rows[] = {{"NOOP\r\n", SERVER_OPEN}, {"QUIT\r\n", SERVER_QUIT}, {"BDAT x\r\n", SERVER_ENDED}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct owner o;
		begin(&o);
		start(&o);
		(void)say(&o, rows[i].said);
		assert_int_equal(server_ended(o.s), rows[i].end);
		server_eof(o.s);
		assert_int_equal(work(&o), SERVER_CLOSE);
		assert_int_equal(server_ended(o.s), rows[i].end == SERVER_OPEN ? SERVER_GONE : rows[i].end);
		end(&o);
	}
}

/* A client that does not read is not written to once more. */
static void silence_while_writing(void **state)
{
	struct owner o;
	(void)state;
	begin(&o);
	o.s = server_new(&o.options);
	assert_int_equal(server_step(o.s).want, SERVER_WRITE);
	server_timeout(o.s);
	assert_int_equal(server_step(o.s).want, SERVER_CLOSE);
	assert_int_equal(server_ended(o.s), SERVER_IDLE);
	end(&o);
}

/* ---- memory ---- */

static void endless_input_is_not_kept(void **state)
{
	static const char *const before[] = {"", "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n",
					     "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nBDAT 999999999\r\n",
					     "AUTH PLAIN "};
	static char portion[64 * 1024];
	(void)state;
	memset(portion, 'x', sizeof(portion));
	for (size_t i = 0; i < ARRAY_SIZE(before); i++) {
		struct owner o;
		begin(&o);
		o.offers.bits |= CAP_AUTH;
		start(&o);
		(void)say(&o, before[i]);
		size_t used = mallinfo2().uordblks;
		for (int n = 0; n < 500; n++) {
			server_feed(o.s, span_make(portion, sizeof(portion)));
			assert_int_equal(work(&o), SERVER_READ);
		}
		assert_true(mallinfo2().uordblks < used + 4 * sizeof(portion));
		assert_int_equal(o.messages, 0);
		end(&o);
	}
}

/* Replies wait for the client, and so do its commands. */
static void unread_replies_stop_the_input(void **state)
{
	struct owner o;
	AUTO(strbuf) many = STRBUF_INIT;
	(void)state;
	begin(&o);
	start(&o);
	for (int i = 0; i < 9000; i++)
		strbuf_adds(&many, "NOOP\r\n");
	server_feed(o.s, strbuf_span(&many));
	struct server_step step = server_step(o.s);
	assert_int_equal(step.want, SERVER_WRITE);
	assert_in_range(step.octets.len, 64 * 1024, 66 * 1024);
	o.writes = 0;
	assert_int_equal(work(&o), SERVER_READ);
	assert_int_equal(o.out.len, 9000 * strlen("250 2.0.0 Ok\r\n"));
	assert_int_equal(o.writes, 2);
	end(&o);
}

static void a_group_is_answered_in_one_write(void **state)
{
	struct owner o;
	(void)state;
	begin(&o);
	start(&o);
	o.writes = 0;
	(void)say(&o, "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<e@d.example>\r\nDATA\r\n");
	assert_int_equal(o.writes, 1);
	(void)say(&o, "x\r\n.\r\nMAIL FROM:<a@b.example>\r\n");
	assert_int_equal(o.writes, 2);
	assert_int_equal(o.messages, 1);
	assert_int_equal(o.body, 3);
	end(&o);
}

/* ---- what is known of it ---- */

static void progress_is_commands_and_octets(void **state)
{
	struct owner o;
	(void)state;
	begin(&o);
	start(&o);
	uint64_t before = server_progress(o.s);
	for (const char *p = "NOOP, one octet after the other"; *p; p++) {
		server_feed(o.s, span_make(p, 1));
		(void)work(&o);
	}
	assert_int_equal(server_progress(o.s), before);
	(void)say(&o, "\r\n");
	assert_true(server_progress(o.s) > before);
	(void)say(&o, "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
	before = server_progress(o.s);
	(void)say(&o, "x");
	assert_int_equal(server_progress(o.s), before + 1);
	end(&o);
}

static void state_of_a_session(void **state)
{
	struct owner o;
	(void)state;
	begin(&o);
	o.s = server_new(&o.options);
	(void)work(&o);
	assert_null(server_client_name(o.s));
	(void)say(&o, "EHLO \x1b[31mred\t\r\n");
	assert_string_equal(server_client_name(o.s), "?[31mred");
	assert_false(server_in_transaction(o.s));
	(void)say(&o, "MAIL FROM:<a@b.example>\r\n");
	assert_true(server_in_transaction(o.s));
	assert_false(server_step(o.s).in_message);
	(void)say(&o, "RCPT TO:<c@d.example>\r\nDATA\r\n");
	assert_true(server_step(o.s).in_message);
	(void)say(&o, ".\r\n");
	assert_false(server_in_transaction(o.s));
	assert_false(server_tls_is_active(o.s));
	assert_false(server_has_login(o.s));
	end(&o);
}

static void trace_hides_secrets(void **state)
{
	static const char *const wanted[] = {"> EHLO c\n", "> AUTH PLAIN <hidden>\n", "< 334 <hidden>\n",
					     "> <hidden>\n", "> AUTH LOGIN\n"};
	struct owner o;
	(void)state;
	begin(&o);
	o.offers.bits |= CAP_AUTH;
	strvec_push(&o.offers.auth, "PLAIN");
	strvec_push(&o.offers.auth, "LOGIN");
	start(&o);
	(void)say(&o, "AUTH PLAIN c0VjUmVU\r\n");
	(void)say(&o, "c0VjUmVU\r\n");
	(void)say(&o, "not base64: sEcReT\r\n");
	(void)say(&o, "auth LOGIN\r\n");
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		assert_non_null(strstr(o.trace.buf, wanted[i]));
	assert_null(strstr(o.trace.buf, "c0VjUmVU"));
	assert_null(strstr(o.trace.buf, "sEcReT"));
	end(&o);
}

/* RFC 4954 section 4: at least 12288 octets, and 500 5.5.6 beyond what is taken. */
static void lines_of_a_login_are_long(void **state)
{
	static const struct {
		size_t octets; /* of the response, before base64 */
		const char *reply;
	} rows[] = {{9000, "334 "}, {9213, "334 "}, {9216, "500 5.5.6 "}, {40000, "500 5.5.6 "}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct owner o;
		AUTO(strbuf) line = STRBUF_INIT;
		AUTO_FREE char *octets = xcalloc(1, rows[i].octets);
		begin(&o);
		strvec_push(&o.offers.auth, "PLAIN");
		o.offers.bits |= CAP_AUTH;
		start(&o);
		server_feed(o.s, SPAN_LIT("EHLO c\r\nAUTH PLAIN\r\n"));
		(void)work(&o);
		strbuf_reset(&o.out);
		base64_encode(&line, span_make(octets, rows[i].octets));
		strbuf_adds(&line, "\r\n");
		server_feed(o.s, strbuf_span(&line));
		assert_int_equal(work(&o), SERVER_READ);
		assert_memory_equal(o.out.buf, rows[i].reply, strlen(rows[i].reply));
		end(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_replies_are_lines),
		cmocka_unit_test(replies_have_no_foreign_octets),
		cmocka_unit_test(enhanced_codes),
		cmocka_unit_test(ended_before_the_greeting),
		cmocka_unit_test(ended_between_commands),
		cmocka_unit_test(how_it_ended),
		cmocka_unit_test(silence_while_writing),
		cmocka_unit_test(endless_input_is_not_kept),
		cmocka_unit_test(unread_replies_stop_the_input),
		cmocka_unit_test(a_group_is_answered_in_one_write),
		cmocka_unit_test(progress_is_commands_and_octets),
		cmocka_unit_test(state_of_a_session),
		cmocka_unit_test(trace_hides_secrets),
		cmocka_unit_test(lines_of_a_login_are_long),
	};
	return cmocka_run_group_tests_name("server_session", tests, NULL, NULL);
}
