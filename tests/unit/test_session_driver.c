/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A server that says why it closes the connection, and closes it: a write of
 * the client fails.  What the server said must be reported.
 */
#include "message_help.h"

#include "base/xalloc.h"
#include "transport/session_driver.h"

/* ---- a stream to a server that takes one command at a time ---- */

struct line {
	struct stream stream; /* first */
	const char *fails_on; /* the write that begins with this fails ... */
	bool end;	      /* ... with the end of the stream, not with an error ... */
	const char *words;    /* ... and this can still be read */
	struct strbuf unread; /* what the server has sent */
	bool failed;
};

static const struct {
	const char *command, *reply;
} replies[] = {
	{"EHLO ", "250-srv\r\n250 ENHANCEDSTATUSCODES\r\n"},
	{"MAIL ", "250 2.1.0 ok\r\n"},
	{"RCPT ", "250 2.1.5 ok\r\n"},
	{"DATA\r", "354 go\r\n"},
	{"Subject: ", "250 2.0.0 taken\r\n"},
};

static enum stream_result line_write(struct stream *s, const void *buf, size_t len, size_t *put, struct error *err)
{
	struct line *l = (struct line *)s;
	struct span octets = span_make(buf, len);
	assert_false(l->failed);
	if (span_starts_nocase(octets, l->fails_on)) {
		l->failed = true;
		strbuf_adds(&l->unread, l->words);
		if (l->end)
			return STREAM_END;
		(void)error_set(err, ERROR_CONNECTION_LOST, "the connection is broken");
		return STREAM_FAIL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(replies); i++)
		if (span_starts_nocase(octets, replies[i].command))
			strbuf_adds(&l->unread, replies[i].reply);
	*put = len;
	return STREAM_OK;
}

/* In small portions. */
static enum stream_result line_read(struct stream *s, void *buf, size_t room, size_t *got, struct error *err)
{
	struct line *l = (struct line *)s;
	size_t n = l->unread.len < 5 ? l->unread.len : 5;
	(void)err;
	if (!n)
		return l->failed ? STREAM_END : STREAM_AGAIN;
	assert_true(n <= room);
	memcpy(buf, l->unread.buf, n);
	strbuf_remove(&l->unread, 0, n);
	*got = n;
	return STREAM_OK;
}

static bool line_pending(const struct stream *s)
{
	return ((const struct line *)s)->unread.len > 0;
}

static void line_finish(struct stream *s)
{
	(void)s;
}

static void line_free(struct stream *s)
{
	strbuf_release(&((struct line *)s)->unread);
}

static const struct stream_ops line_ops = {line_read, line_write, line_pending, line_finish, line_free};

static void line_init(struct line *l, const char *fails_on, const char *words, bool end)
{
	*l = (struct line){.stream = {.ops = &line_ops, .fd = -1},
			   .fails_on = fails_on,
			   .words = words,
			   .end = end,
			   .unread = STRBUF_INIT};
	strbuf_adds(&l->unread, "220 hi\r\n");
}

/* ---- one message over it ---- */

struct verdict {
	enum outcome_kind outcome;
	enum error_kind error;
	int code;
	char enhanced[ENHANCED_MAX];
};

static void take_error(struct verdict *v, const struct error *err)
{
	assert_non_null(err);
	v->outcome = OUTCOME_OPEN;
	v->error = err->status.kind;
	v->code = err->status.code;
	memcpy(v->enhanced, err->status.enhanced, sizeof(v->enhanced));
}

static void take_outcome(struct verdict *v, const struct outcome *o)
{
	assert_non_null(o);
	v->outcome = o->kind;
	v->error = o->status.kind;
	v->code = o->status.code;
	memcpy(v->enhanced, o->status.enhanced, sizeof(v->enhanced));
}

static void nothing(struct session_driver *d)
{
	(void)d;
}

static const struct session_driver_ops ops = {.waiting = nothing, .wrote = nothing};

static void send_message(struct line *line, struct verdict *v)
{
	AUTO(message) msg;
	AUTO(envelope) env = ENVELOPE_INIT;
	AUTO(session_driver) driver;
	const struct session_options options = {.local_name = "me.example"};
	struct session *session = session_new(&options);
	session_driver_init(&driver, &ops, NULL);
	driver.session = session;
	driver.stream = &line->stream;
	driver.clock = &clock_system;
	read_message(&msg, SPAN_LIT("Subject: x\n\nhi\n"), 0);
	env.mail.sender = (struct mail_address){xstrdup("me@example.org"), xstrdup("me@example.org")};
	envelope_add(&env, (struct mail_address){xstrdup("a@example.net"), xstrdup("a@example.net")});
	const struct mail_transaction mail = {.env = &env, .size = 18};
	if (session_driver_run(&driver)) {
		session_driver_message(&driver, SPAN_LIT("Subject: x\r\n\r\n"), &msg.body, false);
		session_submit(session, &mail);
		(void)session_driver_run(&driver);
		take_outcome(v, session_outcomes(session));
	} else {
		take_error(v, session_error(session));
	}
	session_free(session);
}

static void what_the_server_said_before_a_write_failed_is_the_verdict(void **state)
{
	(void)state;
	static const struct {
		const char *fails_on, *words;
		enum outcome_kind outcome; /* OPEN: the message was not submitted */
		int code;		   /* 0: the connection was lost, without a reply */
		const char *enhanced;
	} rows[] = {
		{"EHLO", "554 5.7.1 not you\r\n", OUTCOME_OPEN, 554, "5.7.1"},
		{"EHLO", "421 4.3.2 later\r\n", OUTCOME_OPEN, 421, "4.3.2"},
		{"MAIL", "421 4.7.0 too many\r\n", OUTCOME_RETRY, 421, "4.7.0"},
		{"MAIL", "550 5.7.1 not you\r\n", OUTCOME_REFUSED, 550, "5.7.1"},
		{"RCPT", "550 5.1.1 who\r\n", OUTCOME_REFUSED, 550, "5.1.1"},
		{"RCPT", "421 4.3.2 later\r\n", OUTCOME_RETRY, 421, "4.3.2"},
		{"DATA", "554 5.5.1 no\r\n", OUTCOME_REFUSED, 554, "5.5.1"},
		{"Subject", "552 5.3.4 too big\r\n", OUTCOME_REFUSED, 552, "5.3.4"},
		{"Subject", "554-5.7.1 spam\r\n554 5.7.1 really\r\n", OUTCOME_REFUSED, 554, "5.7.1"},
		{"Subject", "421 4.3.2 later\r\n", OUTCOME_RETRY, 421, "4.3.2"},
		/* no reply, or no complete one */
		{"EHLO", "", OUTCOME_OPEN, 0, ""},
		{"MAIL", "550 5.7", OUTCOME_RETRY, 0, ""},
		{"Subject", "", OUTCOME_RETRY, 0, ""},
	};
	for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		size_t at = i / 2;
		struct verdict got = {.outcome = OUTCOME_OPEN};
		struct line line;
		line_init(&line, rows[at].fails_on, rows[at].words, i % 2);
		send_message(&line, &got);
		assert_true(line.failed);
		if (got.outcome != rows[at].outcome || got.code != rows[at].code ||
		    strcmp(got.enhanced, rows[at].enhanced) != 0 || !got.code != (got.error == ERROR_CONNECTION_LOST))
			fail_msg("%s, then \"%s\": %s, %s, %d %s", rows[at].fails_on, rows[at].words,
				 outcome_name(got.outcome), error_kind_name(got.error), got.code, got.enhanced);
		stream_free(&line.stream);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_server_said_before_a_write_failed_is_the_verdict),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
