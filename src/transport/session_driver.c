/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/session_driver.h"

#include "base/i18n.h"

#define INPUT_ROOM (16u * 1024)
/* Portions of a large message are whole TLS records (RFC 8446 section 5.1). */
#define RECORD (16u * 1024)
/* Goodbye may not take long: the verdict is in. */
#define QUIT_MS 2000

void session_driver_init(struct session_driver *c, const struct session_driver_ops *ops, void *arg)
{
	*c = (struct session_driver){
		.ops = ops,
		.arg = arg,
		.input = STRBUF_INIT,
		.chunk = STRBUF_INIT,
		.flight = STRBUF_INIT,
		.deadline = DEADLINE_NEVER,
		.timeout_ms = -1,
		.spoke = true,
	};
}

void session_driver_release(struct session_driver *c)
{
	strbuf_wipe(&c->input);
	strbuf_release(&c->chunk);
	strbuf_wipe(&c->flight);
	if (c->body_open)
		wire_body_release(&c->body);
	c->body_open = false;
}

static void close_body(struct session_driver *c)
{
	if (c->body_open)
		wire_body_release(&c->body);
	c->body_open = false;
	strbuf_reset(&c->chunk);
	c->chunk_at = 0;
}

void session_driver_message(struct session_driver *c, struct span header, const struct source *content, bool raw)
{
	close_body(c);
	c->header = header;
	c->raw = raw;
	c->content = content;
}

/* The limit of a step starts anew when the session has moved, never because
 * a few octets of an unfinished reply dripped in. */
static msec_t step_limit(struct session_driver *c, const struct session_step *step)
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

/* One read, fed to the session.  False when nothing is there now or nothing will come any more. */
static bool read_and_feed(struct session_driver *c)
{
	struct error err = ERROR_INIT;
	size_t got = 0;
	strbuf_reset(&c->input);
	strbuf_grow(&c->input, INPUT_ROOM);
	switch (stream_read(c->stream, c->input.buf, INPUT_ROOM, &got, &err)) {
	case STREAM_OK: session_feed(c->session, span_make(c->input.buf, got)); return true;
	case STREAM_AGAIN: return false;
	case STREAM_END: session_eof(c->session); return false;
	case STREAM_FAIL: session_broken(c->session, &err); return false;
	}
	return false;
}

/* Waits for what the stream can do; a passed limit or a broken poll ends the session. */
static unsigned wait_for(struct session_driver *c, unsigned interests, msec_t limit)
{
	struct error err = ERROR_INIT;
	unsigned ready = 0;
	if (stream_wait(c->stream, interests, &ready, c->clock, limit, &err))
		return ready;
	if (err.status.kind != ERROR_TIMEOUT) {
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

static void do_read(struct session_driver *c, const struct session_step *step)
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
static bool write_some(struct session_driver *c, const struct session_step *step, struct span bytes, size_t *put)
{
	struct error err = ERROR_INIT;
	*put = 0;
	switch (stream_write(c->stream, bytes.ptr, bytes.len, put, &err)) {
	case STREAM_OK: c->spoke = true; return true;
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
		if (err.status.kind == ERROR_NONE)
			session_eof(c->session);
		else
			session_broken(c->session, &err);
		return false;
	}
	return false;
}

static size_t waiting(const struct session_driver *c)
{
	return c->chunk.len - c->chunk_at;
}

/* Octets of the message that wait to be written, at most step->room; false when it cannot be read
 * (the session knows).  Empty at its end. */
static bool next_octets(struct session_driver *c, const struct session_step *step, bool dots, struct span *octets)
{
	struct error err = ERROR_INIT;
	if (c->message != step->message) /* a further transaction: from the start */
		close_body(c);
	c->message = step->message;
	if (!c->body_open) {
		wire_body_init(&c->body, c->header, c->content, dots);
		c->body.untouched = c->raw;
		c->body_open = c->body_more = true;
	}
	while (waiting(c) < RECORD && c->body_more) {
		strbuf_remove(&c->chunk, 0, c->chunk_at);
		c->chunk_at = 0;
		if (!wire_body_next(&c->body, &c->chunk, &c->body_more, &err)) {
			session_broken(c->session, &err);
			return false;
		}
	}
	*octets = span_sub(strbuf_span(&c->chunk), c->chunk_at, c->chunk.len);
	if (octets->len > step->room)
		octets->len = (size_t)step->room;
	else if (c->body_more)
		octets->len -= octets->len % RECORD;
	return true;
}

static void body_wrote(struct session_driver *c, size_t n)
{
	c->chunk_at += n;
	if (n)
		session_body_wrote(c->session, n);
}

/* Commands, and behind them as much of the message as may ride along: one write,
 * one TLS record where it fits. */
static void do_write(struct session_driver *c, const struct session_step *step)
{
	struct span octets = {NULL, 0}, bytes = step->bytes;
	size_t put;
	if (step->body_follows && !next_octets(c, step, false, &octets))
		return;
	if (octets.len) {
		strbuf_reset(&c->flight);
		strbuf_add_span(&c->flight, bytes);
		strbuf_add_span(&c->flight, octets);
		bytes = strbuf_span(&c->flight);
	}
	if (!write_some(c, step, bytes, &put) || !put)
		return;
	size_t commands = put < step->bytes.len ? put : step->bytes.len;
	session_wrote(c->session, commands);
	body_wrote(c, put - commands);
}

static void do_body(struct session_driver *c, const struct session_step *step)
{
	struct span octets = {NULL, 0};
	size_t put = 0;
	bool fresh = waiting(c) < RECORD;
	if (!next_octets(c, step, !step->plain, &octets))
		return;
	if (!octets.len && step->plain) {
		struct error err = ERROR_INIT;
		(void)error_set(&err, ERROR_INTERNAL, _("the message is shorter than it was announced"));
		session_broken(c->session, &err);
		return;
	}
	if (octets.len && !write_some(c, step, octets, &put))
		return;
	body_wrote(c, put);
	if (!step->plain && !c->body_more && c->chunk_at == c->chunk.len) {
		session_body_done(c->session);
		return;
	}
	/* Has the server had enough?  One look per portion, without waiting. */
	if (fresh && put)
		(void)read_and_feed(c);
}

static void do_start_tls(struct session_driver *c)
{
	struct error err = ERROR_INIT;
	if (c->ops->start_tls(c, &err)) {
		session_tls_started(c->session);
		c->spoke = true;
	} else {
		session_broken(c->session, &err);
	}
}

bool session_driver_run(struct session_driver *c)
{
	for (;;) {
		struct session_step step = session_step(c->session);
		switch (step.want) {
		case SESSION_READ: do_read(c, &step); break;
		case SESSION_WRITE: do_write(c, &step); break;
		case SESSION_START_TLS: do_start_tls(c); break;
		case SESSION_SASL: c->ops->sasl(c, &step); break;
		case SESSION_BODY: do_body(c, &step); break;
		case SESSION_READY: return true;
		case SESSION_CLOSE: return false;
		}
	}
}

bool session_driver_idle(struct session_driver *c)
{
	while (session_is_ready(c->session) && read_and_feed(c))
		;
	return session_is_ready(c->session);
}

void session_driver_end(struct session_driver *c)
{
	c->deadline = deadline_min(c->deadline, deadline_in(c->clock, QUIT_MS));
	c->limit_set = false;
	c->stream->last_words = true; /* QUIT, TLS's goodbye and the end of the connection leave together */
	session_quit(c->session);
	(void)session_driver_run(c);
	stream_finish(c->stream);
}
