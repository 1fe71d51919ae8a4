/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The socket itself. */
#include "net/stream.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

/* Any network error on an established connection (ECONNRESET, EPIPE, ETIMEDOUT, EHOSTUNREACH...) means that the
 * connection is lost; the text keeps the reason. */
static enum stream_result again_or_lost(struct error *err)
{
	int errnum = errno;
	if (errnum == EAGAIN || errnum == EWOULDBLOCK)
		return STREAM_AGAIN;
	(void)error_set_errno(err, ERROR_CONNECTION_LOST, errnum, _("the connection was lost"));
	return STREAM_FAIL;
}

static enum stream_result fd_read(struct stream *s, void *buf, size_t room, size_t *got, struct error *err)
{
	ssize_t n;
	do
		n = recv(s->fd, buf, room, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return again_or_lost(err);
	*got = (size_t)n;
	return n ? STREAM_OK : STREAM_END;
}

static enum stream_result fd_write(struct stream *s, const void *buf, size_t len, size_t *put, struct error *err)
{
	ssize_t n;
	/* MSG_NOSIGNAL: a closed connection must be an error, not a SIGPIPE that ends the program. MSG_MORE: the end
	 * of the connection is sent in the same packet. */
	int flags = MSG_NOSIGNAL | (s->last_words ? MSG_MORE : 0);
	do
		n = send(s->fd, buf, len, flags);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return again_or_lost(err);
	*put = (size_t)n;
	return STREAM_OK;
}

static bool fd_pending(const struct stream *s)
{
	(void)s;
	return false;
}

static void fd_finish(struct stream *s)
{
	(void)shutdown(s->fd, SHUT_WR); /* fails only if the peer closed first */
}

static void fd_free(struct stream *s)
{
	(void)close(s->fd); /* nothing is buffered that could be lost */
	free(s);
}

static const struct stream_ops fd_ops = {fd_read, fd_write, fd_pending, fd_finish, fd_free};

struct stream *stream_fd_new(int fd)
{
	struct stream *s = xmalloc(sizeof(*s));
	*s = (struct stream){.ops = &fd_ops, .fd = fd, .read_events = POLLIN, .write_events = POLLOUT};
	return s;
}
