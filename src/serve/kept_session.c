/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/kept_session.h"

#include "base/linux_only.h"
#include "base/xalloc.h"
#include "net/stream.h"
#include "smtp/reply.h"
#include "tls/tls_kept.h"
#include "transport/kept_state.h"

#include <poll.h>
#include <time.h>
#include <unistd.h>

/* How long a server may take to answer NOOP, or to take QUIT. */
#define NOOP_MS 3000
#define QUIT_MS 2000
/* Servers may count too many of them as abuse. */
#define NOOPS_MAX 20

msec_t kept_session_now(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_BOOTTIME, &t);
	return (msec_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void kept_session_release(struct kept_session *k)
{
	if (k->fd >= 0)
		(void)close(k->fd);
	k->fd = -1;
	strbuf_wipe(&k->state);
}

bool kept_session_is_over(const struct kept_session *k)
{
	struct pollfd p = {.fd = k->fd, .events = POLLIN | POLLRDHUP};
	return poll(&p, 1, 0) != 0;
}

/* ---- what is said to the server ---- */

/* A stream over the connection, which is then the stream's; NULL: it cannot be used any more. */
static struct stream *open_stream(struct kept_session *k, struct kept_state *s)
{
	AUTO(error) err = ERROR_INIT;
	if (!kept_state_read(s, strbuf_span(&k->state)))
		return NULL;
	struct stream *stream = stream_fd_new(k->fd);
	k->fd = -1;
	if (!s->tls)
		return stream;
	struct stream *tls = tls_kept_import(strbuf_span(&s->keys), &stream, &err);
	if (!tls)
		stream_free(stream);
	return tls;
}

void kept_session_quit(struct kept_session *k, const struct clock *clock)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(kept_state) s = KEPT_STATE_INIT;
	struct stream *stream = open_stream(k, &s);
	if (stream) {
		stream->last_words = true;
		if (stream_write_all(stream, "QUIT\r\n", 6, clock, deadline_in(clock, QUIT_MS), &err))
			stream_finish(stream);
		stream_free(stream);
	}
	kept_session_release(k);
}

/* Is the next reply a 2xx, and nothing follows it? */
static bool answers(struct stream *stream, const struct clock *clock, msec_t deadline)
{
	struct reply_parser parser;
	AUTO(error) err = ERROR_INIT;
	char octets[512];
	size_t got, used = 0;
	int done = 0;
	reply_parser_init(&parser);
	while (!done && stream_read_some(stream, octets, sizeof(octets), &got, clock, deadline, &err)) {
		done = reply_parse(&parser, span_make(octets, got), &used, &err);
		if (done > 0 && (used < got || reply_class(&parser.reply) != 2))
			done = -1;
	}
	reply_parser_release(&parser);
	return done > 0;
}

/* The server has not said anything more: a poll does not show what the stream has received already. */
static bool is_quiet(struct stream *stream)
{
	AUTO(error) err = ERROR_INIT;
	char octet;
	size_t got;
	return stream_read(stream, &octet, 1, &got, &err) == STREAM_AGAIN;
}

/* Asks the server; false: the session has ended. */
static bool ask(struct kept_session *k, const struct clock *clock)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(kept_state) s = KEPT_STATE_INIT;
	AUTO_PTR(stream) stream = open_stream(k, &s);
	msec_t deadline = deadline_in(clock, NOOP_MS);
	if (!stream || !stream_write_all(stream, "NOOP\r\n", 6, clock, deadline, &err) ||
	    !answers(stream, clock, deadline) || !is_quiet(stream))
		return false;
	strbuf_wipe(&s.keys);
	if (s.tls && !tls_kept_export(stream, &s.keys))
		return false;
	strbuf_wipe(&k->state);
	kept_state_write(&s, &k->state);
	k->fd = stream_detach(steal_ptr(stream));
	return k->fd >= 0;
}

/* ---- time ---- */

static bool asks(const struct kept_session *k)
{
	return k->keepalive_ms > 0 && k->times_asked < NOOPS_MAX;
}

msec_t kept_session_due(const struct kept_session *k)
{
	msec_t end = k->since + k->idle_ms;
	return asks(k) ? deadline_min(end, k->asked + k->keepalive_ms) : end;
}

bool kept_session_work(struct kept_session *k, const struct clock *clock)
{
	msec_t now = kept_session_now();
	if (now >= k->since + k->idle_ms) {
		kept_session_quit(k, clock);
		return false;
	}
	if (!asks(k) || now < k->asked + k->keepalive_ms)
		return true;
	k->times_asked++;
	if (ask(k, clock)) {
		k->asked = kept_session_now();
		return true;
	}
	kept_session_release(k);
	return false;
}
