/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/stream.h"

#include "base/i18n.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

enum stream_result stream_read(struct stream *s, void *buf, size_t room, size_t *got, struct error *err)
{
	assert(room > 0);
	return s->ops->read(s, buf, room, got, err);
}

enum stream_result stream_write(struct stream *s, const void *buf, size_t len, size_t *put, struct error *err)
{
	assert(len > 0);
	return s->ops->write(s, buf, len, put, err);
}

void stream_finish(struct stream *s)
{
	s->ops->finish(s);
}

void stream_free(struct stream *s)
{
	if (s)
		s->ops->free(s);
}

int stream_detach(struct stream *s)
{
	/* closing one of two descriptors does not close the connection */
	int fd = s->fd < 0 ? -1 : fcntl(s->fd, F_DUPFD_CLOEXEC, 3);
	stream_free(s);
	return fd;
}

/* An error or hang-up makes the stream ready: the next read or write reports it. */
static unsigned interests_met(const struct stream *s, unsigned interests, short revents)
{
	const short trouble = POLLERR | POLLHUP;
	unsigned met = 0;
	if ((interests & STREAM_READ) && (revents & (s->read_events | trouble)))
		met |= STREAM_READ;
	if ((interests & STREAM_WRITE) && (revents & (s->write_events | trouble)))
		met |= STREAM_WRITE;
	return met;
}

/* Nothing was ready when this time had passed.  True: wait on. */
static bool silence_check(struct stream *s, const struct clock *clock, struct error *err)
{
	const struct stream_silence *silence = s->silence;
	if (!silence || clock_monotonic(clock) < silence->at)
		return true;
	s->silence = NULL;
	return silence->check(silence->arg, err);
}

bool stream_wait(struct stream *s, unsigned interests, unsigned *ready, const struct clock *clock, msec_t deadline,
		 struct error *err)
{
	assert(interests);
	bool inside = (interests & STREAM_READ) && s->ops->pending(s);
	if (inside && !(interests & STREAM_WRITE)) {
		*ready = STREAM_READ;
		return true;
	}
	if (s->fd < 0) { /* a stream in memory is always ready */
		*ready = interests;
		return true;
	}
	struct pollfd p = {.fd = s->fd};
	if (interests & STREAM_READ)
		p.events = s->read_events;
	if (interests & STREAM_WRITE)
		p.events = (short)(p.events | s->write_events);
	for (;;) {
		/*
		 * Poll at least once, even after the deadline: if this program was stopped meanwhile, a final reply
		 * that has already arrived must still be read.
		 */
		msec_t until = s->silence ? deadline_min(deadline, s->silence->at) : deadline;
		int n = poll(&p, 1, inside ? 0 : deadline_poll_ms(clock, until));
		if ((n < 0 && errno != EINTR) || (n > 0 && (p.revents & POLLNVAL)))
			return error_set_errno(err, ERROR_IO, n < 0 ? errno : EBADF, _("cannot wait for the network"));
		if (n > 0 || inside) {
			*ready = (n > 0 ? interests_met(s, interests, p.revents) : 0) | (inside ? STREAM_READ : 0u);
			if (*ready & STREAM_READ)
				s->silence = NULL;
			if (*ready)
				return true;
		}
		if (n == 0 && deadline != DEADLINE_NEVER && clock_monotonic(clock) >= deadline)
			return error_set(err, ERROR_TIMEOUT, _("the other side did not answer in time"));
		if (n == 0 && !silence_check(s, clock, err))
			return false;
	}
}

bool stream_write_all(struct stream *s, const void *buf, size_t len, const struct clock *clock, msec_t deadline,
		      struct error *err)
{
	const char *at = buf;
	while (len) {
		size_t put = 0;
		unsigned ready;
		switch (stream_write(s, at, len, &put, err)) {
		case STREAM_OK:
			at += put;
			len -= put;
			break;
		case STREAM_AGAIN:
			if (!stream_wait(s, STREAM_WRITE, &ready, clock, deadline, err))
				return false;
			break;
		case STREAM_END:
			return error_set(err, ERROR_CONNECTION_LOST, _("the other side closed the connection"));
		case STREAM_FAIL: return false;
		}
	}
	return true;
}

bool stream_read_some(struct stream *s, void *buf, size_t room, size_t *got, const struct clock *clock, msec_t deadline,
		      struct error *err)
{
	for (;;) {
		unsigned ready;
		switch (stream_read(s, buf, room, got, err)) {
		case STREAM_OK: return true;
		case STREAM_AGAIN:
			if (!stream_wait(s, STREAM_READ, &ready, clock, deadline, err))
				return false;
			break;
		case STREAM_END:
			return error_set(err, ERROR_CONNECTION_LOST, _("the other side closed the connection"));
		case STREAM_FAIL: return false;
		}
	}
}
