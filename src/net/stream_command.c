/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The socket of a child program that has the connection. */
#include "net/stream_command.h"

#include "base/i18n.h"
#include "base/proc_peer.h"
#include "base/xalloc.h"

struct command {
	struct stream stream; /* first */
	struct stream *socket;
	struct proc_peer *peer;
	bool heard; /* something came */
};

/* The connection has ended: the reason may be the command's end.  One that ended without fault has said nothing of why
 * there is no server. */
static enum stream_result explain(const struct command *c, enum stream_result result, struct error *err)
{
	AUTO(error) why = ERROR_INIT;
	bool failed = proc_peer_explain(c->peer, c->heard ? ERROR_CONNECTION_LOST : ERROR_CONNECT, &why);
	if (!failed && (c->heard || result != STREAM_END))
		return result;
	if (!failed)
		(void)error_set(&why, ERROR_CONNECT, "%s",
				_("the command ended, or closed its output, without a word of the server"));
	error_release(err);
	error_move(err, &why);
	return STREAM_FAIL;
}

static enum stream_result command_read(struct stream *s, void *buf, size_t room, size_t *got, struct error *err)
{
	struct command *c = (struct command *)s;
	enum stream_result result = stream_read(c->socket, buf, room, got, err);
	c->heard |= result == STREAM_OK;
	return result == STREAM_END || result == STREAM_FAIL ? explain(c, result, err) : result;
}

static enum stream_result command_write(struct stream *s, const void *buf, size_t len, size_t *put, struct error *err)
{
	struct command *c = (struct command *)s;
	enum stream_result result = stream_write(c->socket, buf, len, put, err);
	return result == STREAM_FAIL ? explain(c, result, err) : result;
}

static bool command_pending(const struct stream *s)
{
	(void)s;
	return false;
}

static void command_finish(struct stream *s)
{
	stream_finish(((struct command *)s)->socket);
}

static void command_free(struct stream *s)
{
	struct command *c = (struct command *)s;
	stream_free(c->socket); /* which ends most commands */
	proc_peer_end(c->peer);
	free(c);
}

static const struct stream_ops command_ops = {command_read, command_write, command_pending, command_finish,
					      command_free};

struct stream *stream_command_new(const char *const *argv, const struct runtime *runtime, struct error *err)
{
	int fd = -1;
	struct proc_peer *peer = proc_peer_start(argv, runtime, &fd, err);
	if (!peer)
		return NULL;
	struct command *c = xmalloc(sizeof(*c));
	*c = (struct command){.socket = stream_fd_new(fd), .peer = peer};
	c->stream = *c->socket;
	c->stream.ops = &command_ops;
	return &c->stream;
}
