/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/session_driver.h"

#include "base/i18n.h"

#define INPUT_ROOM (16u * 1024)
/* A large message is written in multiples of a TLS record (RFC 8446 section 5.1). */
#define RECORD (16u * 1024)
/* QUIT may not take long: all outcomes are known. */
#define QUIT_MS 2000

void session_driver_init(struct session_driver *d, const struct session_driver_ops *ops, void *arg)
{
	*d = (struct session_driver){
		.ops = ops,
		.arg = arg,
		.input = STRBUF_INIT,
		.portion = STRBUF_INIT,
		.flight = STRBUF_INIT,
		.deadline = DEADLINE_NEVER,
		.timeout_ms = -1,
		.sent = true,
	};
}

void session_driver_release(struct session_driver *d)
{
	strbuf_wipe(&d->input);
	strbuf_release(&d->portion);
	strbuf_wipe(&d->flight);
	if (d->body_open)
		wire_body_release(&d->body);
	d->body_open = false;
}

static void close_body(struct session_driver *d)
{
	if (d->body_open)
		wire_body_release(&d->body);
	d->body_open = false;
	strbuf_reset(&d->portion);
	d->portion_at = 0;
	d->body_octets = 0;
}

void session_driver_message(struct session_driver *d, struct span header, const struct source *source, bool raw)
{
	close_body(d);
	d->header = header;
	d->raw = raw;
	d->source = source;
}

/* The limit of a step is restarted when the session has made progress, but not for a few octets of an unfinished
 * reply. */
static msec_t step_limit(struct session_driver *d, const struct session_step *step)
{
	uint64_t progress = session_progress(d->session);
	if (d->limit_set && progress == d->limit_progress && d->limit_want == step->want)
		return d->limit;
	long ms = session_timeout_ms(step->timeout);
	if (d->timeout_ms >= 0 && d->timeout_ms < ms)
		ms = d->timeout_ms;
	d->limit = deadline_min(deadline_in(d->clock, ms), d->deadline);
	d->limit_progress = progress;
	d->limit_want = step->want;
	d->limit_set = true;
	return d->limit;
}

/* Reads once and feeds the session.  False if there is nothing to read now, or the connection has ended. */
static bool read_and_feed(struct session_driver *d)
{
	struct error err = ERROR_INIT;
	size_t got = 0;
	strbuf_reset(&d->input);
	strbuf_grow(&d->input, INPUT_ROOM);
	switch (stream_read(d->stream, d->input.buf, INPUT_ROOM, &got, &err)) {
	case STREAM_OK: session_feed(d->session, span_make(d->input.buf, got)); return true;
	case STREAM_AGAIN: return false;
	case STREAM_END: session_eof(d->session); return false;
	case STREAM_FAIL: session_broken(d->session, &err); return false;
	}
	return false;
}

/* Waits until the stream can read or write.  When the limit passes, or waiting fails, the session ends. */
static unsigned wait_for(struct session_driver *d, unsigned interests, msec_t limit)
{
	struct error err = ERROR_INIT;
	unsigned ready = 0;
	if (stream_wait(d->stream, interests, &ready, d->clock, limit, &err))
		return ready;
	if (err.status.kind != ERROR_TIMEOUT) {
		session_broken(d->session, &err);
	} else if (d->deadline != DEADLINE_NEVER && clock_monotonic(d->clock) >= d->deadline) {
		(void)error_set(&err, ERROR_TIMEOUT, "%s", _("the time limit for the delivery has passed"));
		error_hint(&err, "%s", _("Try again later, or allow more time with deadline."));
		session_broken(d->session, &err);
	} else {
		error_release(&err);
		session_timeout(d->session);
	}
	return 0;
}

static void do_read(struct session_driver *d, const struct session_step *step)
{
	if (d->sent) {
		d->round_trips++;
		d->sent = false;
		d->ops->waiting(d);
	}
	if (wait_for(d, STREAM_READ, step_limit(d, step)))
		(void)read_and_feed(d);
}

/*
 * Writes what the stream takes; *put is how much.  If it takes nothing, waits
 * for room and for input at the same time and feeds what comes, so that client
 * and server cannot both wait for the other to read.  False if the stream
 * failed; the session has ended then.
 */
static bool write_some(struct session_driver *d, const struct session_step *step, struct span bytes, size_t *put)
{
	struct error err = ERROR_INIT;
	*put = 0;
	switch (stream_write(d->stream, bytes.ptr, bytes.len, put, &err)) {
	case STREAM_OK: d->sent = true; return true;
	case STREAM_AGAIN: {
		unsigned ready = wait_for(d, STREAM_READ | STREAM_WRITE, step_limit(d, step));
		if (ready & STREAM_READ)
			(void)read_and_feed(d);
		return true;
	}
	case STREAM_END:
	case STREAM_FAIL:
		/* The server may have sent the reason before it closed the connection. */
		while (session_error(d->session) == NULL && read_and_feed(d))
			;
		if (err.status.kind == ERROR_NONE)
			session_eof(d->session);
		else
			session_broken(d->session, &err);
		return false;
	}
	return false;
}

static size_t unwritten(const struct session_driver *d)
{
	return d->portion.len - d->portion_at;
}

/* The next octets of the message to be written, at most step->room, none at its end.  False if it cannot be read; the
 * session has ended then. */
static bool next_octets(struct session_driver *d, const struct session_step *step, bool dots, struct span *octets)
{
	struct error err = ERROR_INIT;
	if (d->message != step->message) /* a further transaction: from the start of the message */
		close_body(d);
	d->message = step->message;
	if (!d->body_open) {
		wire_body_init(&d->body, d->header, d->source, dots);
		d->body.untouched = d->raw;
		d->body_open = d->body_more = true;
	}
	while (unwritten(d) < RECORD && d->body_more) {
		strbuf_remove(&d->portion, 0, d->portion_at);
		d->portion_at = 0;
		if (!wire_body_next(&d->body, &d->portion, &d->body_more, &err)) {
			session_broken(d->session, &err);
			return false;
		}
	}
	*octets = span_sub(strbuf_span(&d->portion), d->portion_at, d->portion.len);
	if (octets->len > step->room)
		octets->len = (size_t)step->room;
	else if (d->body_more)
		octets->len -= octets->len % RECORD;
	return true;
}

static void body_wrote(struct session_driver *d, size_t n)
{
	d->portion_at += n;
	d->body_octets += n;
	if (!n)
		return;
	session_body_wrote(d->session, n);
	d->ops->wrote(d);
}

/* Writes commands, and with them as much of the message as may follow: in one write, and one TLS record if it fits. */
static void do_write(struct session_driver *d, const struct session_step *step)
{
	struct span octets = {NULL, 0}, bytes = step->bytes;
	size_t put;
	if (step->body_follows && !next_octets(d, step, false, &octets))
		return;
	if (octets.len) {
		strbuf_reset(&d->flight);
		strbuf_add_span(&d->flight, bytes);
		strbuf_add_span(&d->flight, octets);
		bytes = strbuf_span(&d->flight);
	}
	if (!write_some(d, step, bytes, &put) || !put)
		return;
	size_t commands = put < step->bytes.len ? put : step->bytes.len;
	session_wrote(d->session, commands);
	body_wrote(d, put - commands);
}

static void do_body(struct session_driver *d, const struct session_step *step)
{
	struct span octets = {NULL, 0};
	size_t put = 0;
	bool fresh = unwritten(d) < RECORD;
	if (!next_octets(d, step, !step->plain, &octets))
		return;
	if (!octets.len && step->plain) {
		struct error err = ERROR_INIT;
		(void)error_set(&err, ERROR_INTERNAL, _("the message is shorter than was announced"));
		session_broken(d->session, &err);
		return;
	}
	if (octets.len && !write_some(d, step, octets, &put))
		return;
	body_wrote(d, put);
	if (!step->plain && !d->body_more && d->portion_at == d->portion.len) {
		session_body_done(d->session);
		return;
	}
	/* The server may have refused the message already.  Look once per portion, without waiting. */
	if (fresh && put)
		(void)read_and_feed(d);
}

static void do_start_tls(struct session_driver *d)
{
	struct error err = ERROR_INIT;
	if (d->ops->start_tls(d, &err)) {
		session_tls_started(d->session);
		d->sent = true;
	} else {
		session_broken(d->session, &err);
	}
}

bool session_driver_run_until(struct session_driver *d, bool (*enough)(const struct session *session))
{
	for (;;) {
		if (enough && enough(d->session))
			return true;
		struct session_step step = session_step(d->session);
		switch (step.want) {
		case SESSION_READ: do_read(d, &step); break;
		case SESSION_WRITE: do_write(d, &step); break;
		case SESSION_START_TLS: do_start_tls(d); break;
		case SESSION_SASL: d->ops->sasl(d, &step); break;
		case SESSION_BODY: do_body(d, &step); break;
		case SESSION_READY: return true;
		case SESSION_CLOSE: return false;
		}
	}
}

bool session_driver_run(struct session_driver *d)
{
	return session_driver_run_until(d, NULL);
}

bool session_driver_idle(struct session_driver *d)
{
	while (session_is_ready(d->session) && read_and_feed(d))
		;
	return session_is_ready(d->session);
}

void session_driver_end(struct session_driver *d)
{
	d->deadline = deadline_min(d->deadline, deadline_in(d->clock, QUIT_MS));
	d->limit_set = false;
	d->stream->last_words = true; /* QUIT, close_notify and the end of the connection leave together */
	session_quit(d->session);
	(void)session_driver_run(d);
	stream_finish(d->stream);
}
