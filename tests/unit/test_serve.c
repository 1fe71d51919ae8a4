/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Serving an SMTP client: its time limit, and what a failure becomes as a reply.  The rest is in tests/cli/serve.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/xalloc.h"
#include "serve/serve_session.h"
#include "serve/serve_verdict.h"

#include "../lib/test_runtime.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>

/* Every look at it is later than the one before. */
struct running_clock {
	struct clock clock; /* first */
	msec_t now, step;
};

static msec_t running(const struct clock *clock)
{
	struct running_clock *r = (struct running_clock *)(uintptr_t)clock;
	return r->now += r->step;
}

static int64_t standing(const struct clock *clock)
{
	(void)clock;
	return 0;
}

struct served {
	enum server_end end;
	char said[4096];
};

/* Serves a client that says this and then keeps silent, with a clock that runs so fast. */
static void serve(struct served *s, const char *text, msec_t step)
{
	int in[2], out[2];
	struct running_clock clock = {{running, standing}, 0, step};
	struct runtime runtime = test_runtime();
	AUTO(settings) settings = SETTINGS_INIT;
	struct request request;
	struct serve_request req;
	runtime.clock = &clock.clock;
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(write(in[1], text, strlen(text)), strlen(text));
	request_init(&request, &runtime);
	serve_request_init(&req, &request, &runtime, &settings, (struct serve_peer){.name = "a test"});
	struct stream *stream = stream_pair_new(in[0], out[1]);
	s->end = serve_session(&req, &stream);
	stream_free(stream);
	serve_request_release(&req);
	request_release(&request);
	(void)close(out[1]);
	ssize_t n = read(out[0], s->said, sizeof(s->said) - 1);
	s->said[n > 0 ? n : 0] = '\0';
	(void)close(out[0]);
	(void)close(in[0]);
	(void)close(in[1]);
}

static void silence_ends_a_session(void **state)
{
	static const struct {
		const char *said, *reply;
	} rows[] = {
		{"", "421 Nothing has come"},
		{"EHLO", "421 Nothing has come"}, /* part of a command is no progress */
		{"HELO c\r\n", "421 Nothing has come"},
		{"EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@b.example>\r\nDATA\r\nhalf\r\n",
		 "421 4.4.2 Nothing has come"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct served s;
		serve(&s, rows[i].said, SERVE_IDLE_MS + 1);
		assert_int_equal(s.end, SERVER_IDLE);
		assert_non_null(strstr(s.said, rows[i].reply));
	}
}

static void a_session_that_goes_on_is_not_ended(void **state)
{
	struct served s;
	(void)state;
	serve(&s, "HELO c\r\nNOOP\r\nQUIT\r\n", SERVE_IDLE_MS + 1);
	assert_int_equal(s.end, SERVER_QUIT);
}

/* A pipe that nobody reads. */
static void a_client_that_has_gone(void **state)
{
	int in[2], out[2];
	struct runtime runtime = test_runtime();
	AUTO(settings) settings = SETTINGS_INIT;
	struct request request;
	struct serve_request req;
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	(void)close(out[0]);
	request_init(&request, &runtime);
	serve_request_init(&req, &request, &runtime, &settings, (struct serve_peer){.name = "a test"});
	struct stream *stream = stream_pair_new(in[0], out[1]);
	assert_int_equal(serve_session(&req, &stream), SERVER_GONE);
	stream_free(stream);
	serve_request_release(&req);
	request_release(&request);
	(void)close(in[0]);
	(void)close(in[1]);
	(void)close(out[1]);
}

/* ---- a failure as a reply ---- */

static void replies_of_failures(void **state)
{
	static const struct {
		enum error_kind kind;
		int code; /* of the server */
		const char *enhanced, *words, *reply;
	} rows[] = {
		{ERROR_RECIPIENT_REFUSED, 550, "5.1.1", "5.1.1 no such user", "550 5.1.1 no such user"},
		{ERROR_RECIPIENT_REFUSED, 553, "", "no", "553 5.1.0 no"},
		{ERROR_MESSAGE_REFUSED, 554, "5.7.1", "5.7.1 spam", "554 5.7.1 spam"},
		{ERROR_SENDER_REFUSED, 550, "5.7.1", "5.7.1 not you", "550 5.7.1 not you"},
		{ERROR_SERVER_TEMPORARY, 452, "4.2.2", "4.2.2 full", "452 4.2.2 full"},
		/* not about the message: our client's session goes on, and its login is not the one that failed */
		{ERROR_SERVER_TEMPORARY, 421, "4.3.2", "4.3.2 bye", "451 4.3.2 text: 421 4.3.2 bye"},
		{ERROR_SERVER_REFUSES, 554, "", "no service", "554 5.3.2 text: 554 no service"},
		{ERROR_AUTH_REFUSED, 535, "5.7.8", "5.7.8 no", "451 4.7.8 text: 535 5.7.8 no"},
		{ERROR_CONNECT, 0, "", NULL, "451 4.4.1 text"},
		{ERROR_UNCERTAIN, 0, "", NULL, "451 4.4.2 text"},
		{ERROR_CONFIG, 0, "", NULL, "451 4.3.5 text"},
		{ERROR_ADDRESS, 0, "", NULL, "550 5.1.3 text"},
		{ERROR_LOCAL_NAME, 0, "", NULL, "550 5.1.2 text"},
		{ERROR_TOO_BIG, 0, "", NULL, "552 5.3.4 text"},
		{ERROR_MESSAGE, 0, "", NULL, "554 5.6.0 text"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(status) why = STATUS_INIT;
		AUTO(serve_verdict) v = SERVE_VERDICT_INIT;
		why.kind = rows[i].kind;
		why.text = xstrdup("text");
		if (rows[i].words)
			status_set_reply(&why, rows[i].code, rows[i].enhanced, span_of(rows[i].words));
		serve_verdict_of_status(&v, &why);
		AUTO_FREE char *reply = xasprintf("%d %s %s", v.code, v.enhanced, v.text.buf);
		assert_string_equal(reply, rows[i].reply);
	}
}

static void hints_are_part_of_replies(void **state)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(serve_verdict) v = SERVE_VERDICT_INIT;
	(void)state;
	(void)error_set(&err, ERROR_CONFIG, "no server");
	error_hint(&err, "Name one.");
	serve_verdict_of_status(&v, &err.status);
	assert_string_equal(v.text.buf, "no server\nName one.");
	error_hint_again(&err); /* which is what 451 says */
	serve_verdict_of_status(&v, &err.status);
	assert_string_equal(v.text.buf, "no server");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silence_ends_a_session),    cmocka_unit_test(a_session_that_goes_on_is_not_ended),
		cmocka_unit_test(a_client_that_has_gone),    cmocka_unit_test(replies_of_failures),
		cmocka_unit_test(hints_are_part_of_replies),
	};
	return cmocka_run_group_tests_name("serve", tests, NULL, NULL);
}
