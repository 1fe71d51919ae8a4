/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two descriptors that somebody else opened, as those of a pipe's two ends: standard input and output. */
#include "net/stream.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

/* Others have these descriptors, too, so they stay blocking, if they are; a write of so much does not block once poll()
 * says that there is room. */
#define WRITE_MAX ((size_t)PIPE_BUF)

struct pair {
	struct stream stream; /* first; its fd is the one that is waited for */
	int in, out;
};

static bool is_ready(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};
	return poll(&p, 1, 0) > 0;
}

static enum stream_result lost(struct error *err)
{
	if (errno == EAGAIN || errno == EINTR)
		return STREAM_AGAIN;
	(void)error_set_errno(err, ERROR_CONNECTION_LOST, errno, _("the connection was lost"));
	return STREAM_FAIL;
}

static enum stream_result pair_read(struct stream *s, void *buf, size_t room, size_t *got, struct error *err)
{
	struct pair *p = (struct pair *)s;
	s->fd = p->in;
	if (!is_ready(p->in, POLLIN))
		return STREAM_AGAIN;
	ssize_t n = read(p->in, buf, room);
	if (n < 0)
		return lost(err);
	*got = (size_t)n;
	return n ? STREAM_OK : STREAM_END;
}

static enum stream_result pair_write(struct stream *s, const void *buf, size_t len, size_t *put, struct error *err)
{
	struct pair *p = (struct pair *)s;
	s->fd = p->out;
	if (!is_ready(p->out, POLLOUT))
		return STREAM_AGAIN;
	ssize_t n = write(p->out, buf, len < WRITE_MAX ? len : WRITE_MAX);
	if (n < 0)
		return lost(err);
	*put = (size_t)n;
	return STREAM_OK;
}

static bool pair_pending(const struct stream *s)
{
	(void)s;
	return false;
}

static void pair_finish(struct stream *s)
{
	(void)s; /* they stay open */
}

static void pair_free(struct stream *s)
{
	free(s);
}

static const struct stream_ops pair_ops = {pair_read, pair_write, pair_pending, pair_finish, pair_free};

struct stream *stream_pair_new(int in, int out)
{
	struct pair *p = xmalloc(sizeof(*p));
	*p = (struct pair){{.ops = &pair_ops, .fd = in, .read_events = POLLIN, .write_events = POLLOUT}, in, out};
	return &p->stream;
}
