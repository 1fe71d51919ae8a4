/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "deliver/conversation.h"

#include "base/i18n.h"

#define INPUT_ROOM (16u * 1024)
/* Goodbye may not take long: the verdict is in. */
#define QUIT_MS 2000

void conversation_init(struct conversation *c, const struct conversation_ops *ops, void *arg)
{
	*c = (struct conversation){
		.ops = ops,
		.arg = arg,
		.input = STRBUF_INIT,
		.chunk = STRBUF_INIT,
		.deadline = DEADLINE_NEVER,
		.timeout_ms = -1,
		.spoke = true,
	};
}

void conversation_release(struct conversation *c)
{
	strbuf_wipe(&c->input);
	strbuf_release(&c->chunk);
}

/* The limit of a step starts anew when the session has moved, never because
 * a few octets of an unfinished reply dripped in. */
static msec_t step_limit(struct conversation *c, const struct session_step *step)
{
	uint64_t progress = session_progress(c->session);
	if (c->limit_set && progress == c->limit_progress && c->limit_want == step->want)
		return c->limit;
	long ms = session_timeout_ms(step->timeout);
	if (c->timeout_ms >= 0 && c->timeout_ms < ms)
		ms = c->timeout_ms;
	c->limit = deadline_min(deadline_in(c->clock, ms), c->deadline);
	c->limit_progress = progress;
	c->limit_want = step->want;
	c->limit_set = true;
	return c->limit;
}

static void renew_limit(struct conversation *c)
{
	c->limit_set = false;
}

/* One read, fed to the session.  False when nothing is there now or nothing will come any more. */
static bool read_and_feed(struct conversation *c)
{
	struct error err = ERROR_INIT;
	size_t got = 0;
	strbuf_reset(&c->input);
	strbuf_grow(&c->input, INPUT_ROOM);
	switch (stream_read(c->stream, c->input.buf, INPUT_ROOM, &got, &err)) {
	case STREAM_OK:
		session_feed(c->session, span_make(c->input.buf, got));
		return true;
	case STREAM_AGAIN:
		return false;
	case STREAM_END:
		session_eof(c->session);
		return false;
	case STREAM_FAIL:
		session_broken(c->session, &err);
		return false;
	}
	return false;
}

/* Waits for what the stream can do; a passed limit or a broken poll ends the session. */
static unsigned wait_for(struct conversation *c, unsigned interests, msec_t limit)
{
	struct error err = ERROR_INIT;
	unsigned ready = 0;
	if (stream_wait(c->stream, interests, &ready, c->clock, limit, &err))
		return ready;
	if (err.kind != ERROR_TIMEOUT) {
		session_broken(c->session, &err);
	} else if (c->deadline != DEADLINE_NEVER && clock_monotonic(c->clock) >= c->deadline) {
		(void)error_set(&err, ERROR_TIMEOUT, "%s", _("the time allowed for everything together is over"));
		error_hint(&err, "%s", _("Try again later, or allow more time with deadline."));
		session_broken(c->session, &err);
	} else {
		error_release(&err);
		session_timeout(c->session);
	}
	return 0;
}

static void do_read(struct conversation *c, const struct session_step *step)
{
	if (c->spoke) {
		c->round_trips++;
		c->spoke = false;
	}
	if (wait_for(c, STREAM_READ, step_limit(c, step)))
		(void)read_and_feed(c);
}

/*
 * Writes what it can.  When the stream is full, waits for room and for the
 * server at once and feeds what comes, so that two full windows cannot lock
 * each other.  *put counts; false when the stream failed (the session knows).
 */
static bool write_some(struct conversation *c, const struct session_step *step, struct span bytes, size_t *put)
{
	struct error err = ERROR_INIT;
	*put = 0;
	switch (stream_write(c->stream, bytes.ptr, bytes.len, put, &err)) {
	case STREAM_OK:
		c->spoke = true;
		return true;
	case STREAM_AGAIN: {
		unsigned ready = wait_for(c, STREAM_READ | STREAM_WRITE, step_limit(c, step));
		if (ready & STREAM_READ)
			(void)read_and_feed(c);
		return true;
	}
	case STREAM_END:
	case STREAM_FAIL:
		/* The server may have said why before it hung up. */
		while (session_error(c->session) == NULL && read_and_feed(c))
			;
		if (err.kind == ERROR_NONE)
			session_eof(c->session);
		else
			session_broken(c->session, &err);
		return false;
	}
	return false;
}

static void do_write(struct conversation *c, const struct session_step *step)
{
	size_t put;
	if (write_some(c, step, step->bytes, &put) && put)
		session_wrote(c->session, put);
}

static void do_body(struct conversation *c)
{
	bool more = true;
	while (more) {
		struct error err = ERROR_INIT;
		strbuf_reset(&c->chunk);
		if (!wire_body_next(c->body, &c->chunk, &more, &err)) {
			session_broken(c->session, &err);
			return;
		}
		for (size_t done = 0; done < c->chunk.len;) {
			struct session_step step = session_step(c->session);
			if (step.want != SESSION_BODY)
				return; /* the server stopped us */
			size_t put;
			if (!write_some(c, &step, span_sub(strbuf_span(&c->chunk), done, c->chunk.len), &put))
				return;
			done += put;
			if (put)
				renew_limit(c);
		}
		/* Has the server had enough?  One look per portion, without waiting. */
		if (more)
			(void)read_and_feed(c);
	}
	session_body_done(c->session);
}

static void do_start_tls(struct conversation *c)
{
	struct error err = ERROR_INIT;
	if (c->ops->start_tls(c, &err)) {
		session_tls_started(c->session);
		c->spoke = true;
	} else {
		session_broken(c->session, &err);
	}
}

bool conversation_run(struct conversation *c)
{
	for (;;) {
		struct session_step step = session_step(c->session);
		switch (step.want) {
		case SESSION_READ:
			do_read(c, &step);
			break;
		case SESSION_WRITE:
			do_write(c, &step);
			break;
		case SESSION_START_TLS:
			do_start_tls(c);
			break;
		case SESSION_SASL:
			c->ops->sasl(c, &step);
			break;
		case SESSION_BODY:
			do_body(c);
			break;
		case SESSION_READY:
			return true;
		case SESSION_CLOSE:
			return false;
		}
	}
}

void conversation_end(struct conversation *c)
{
	c->deadline = deadline_min(c->deadline, deadline_in(c->clock, QUIT_MS));
	renew_limit(c);
	session_quit(c->session);
	(void)conversation_run(c);
	stream_finish(c->stream);
}
