/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream: a two-way flow of bytes.  Streams are stacked: socket, what was read too early, TLS.
 *
 * Only stream_wait() blocks, and it has a deadline; so time limits hold inside TLS as well as outside.  Reading and
 * writing are independent: a caller can read replies while it is still writing.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "base/clock.h"
#include "base/error.h"

enum stream_result {
	STREAM_OK,    /* at least one byte was transferred */
	STREAM_AGAIN, /* nothing can be transferred now: call stream_wait() and try again */
	STREAM_END,   /* the peer has closed properly (TLS: close_notify) */
	STREAM_FAIL   /* err is set: ERROR_CONNECTION_LOST, ERROR_TLS, ERROR_CERTIFICATE */
};

struct stream;
struct stream_ops {
	enum stream_result (*read)(struct stream *s, void *buf, size_t room, size_t *got, struct error *err);
	enum stream_result (*write)(struct stream *s, const void *buf, size_t len, size_t *put, struct error *err);
	/* True if bytes can be read from the layer's own buffer, whatever poll(2) says of the descriptor. */
	bool (*pending)(const struct stream *s);
	/* Ends the layer's protocol without waiting (TLS close_notify, then the half-close of the socket).  Errors
	 * are ignored. */
	void (*finish)(struct stream *s);
	void (*free)(struct stream *s); /* also frees the streams below */
};

/* A peer from which nothing has come. */
struct stream_silence {
	msec_t at; /* stream_wait() calls check() once if it still waits for the first byte then */
	bool (*check)(void *arg, struct error *err); /* false with err: there is no use in waiting longer */
	void *arg;
};

struct stream {
	const struct stream_ops *ops;
	int fd;				      /* the descriptor to poll; the same in all layers; -1: none */
	short read_events;		      /* events that a read waits for after AGAIN: POLLIN, or POLLOUT in TLS */
	short write_events;		      /* the same for a write */
	const struct stream_silence *silence; /* borrowed; unset when something came, or it was called; may be NULL */
	bool last_words; /* set when stream_finish() follows at once: what is written may be held back until then */
};

enum stream_result stream_read(struct stream *s, void *buf, size_t room, size_t *got, struct error *err);
enum stream_result stream_write(struct stream *s, const void *buf, size_t len, size_t *put, struct error *err);
void stream_finish(struct stream *s);
void stream_free(struct stream *s);
/* Frees the stream, but the connection stays open and nothing is sent: returns a descriptor of it (close-on-exec),
 * which the caller owns, or -1 if there is none. */
int stream_detach(struct stream *s);
DEFINE_AUTO_PTR(stream);

enum stream_interest { STREAM_READ = 1, STREAM_WRITE = 2 };
/* Waits until a read or a write, as asked for in interests, can make progress; *ready gets those that can.  False
 * with ERROR_TIMEOUT at the deadline, but what is ready by then is still reported, so that a final reply that arrived
 * while this program was stopped is not lost.  False with ERROR_IO if poll fails, or with the error of
 * silence->check().  EINTR is retried. */
bool stream_wait(struct stream *s, unsigned interests, unsigned *ready, const struct clock *clock, msec_t deadline,
		 struct error *err) MUST_CHECK;

/* Writes everything, waiting when necessary; for short handshakes (SOCKS5). */
bool stream_write_all(struct stream *s, const void *buf, size_t len, const struct clock *clock, msec_t deadline,
		      struct error *err) MUST_CHECK;
/* Reads at least one byte, waiting when necessary.  The end of the stream is ERROR_CONNECTION_LOST. */
bool stream_read_some(struct stream *s, void *buf, size_t room, size_t *got, const struct clock *clock, msec_t deadline,
		      struct error *err) MUST_CHECK;

/* The bottom of every stack: takes ownership of a connected, non-blocking socket.  A network error is
 * ERROR_CONNECTION_LOST with the text of its errno.  Writing to a peer that closed the connection raises no SIGPIPE. */
struct stream *stream_fd_new(int fd);
/* The bottom of a stack, too: borrows two descriptors that may be of any kind, the same, and blocking; they are neither
 * changed nor closed.  A caller waits for one direction at a time.  SIGPIPE must be ignored. */
struct stream *stream_pair_new(int in, int out);
/* A layer: takes ownership of a socket or stream in memory below, of which these bytes (copied) were read already. */
struct stream *stream_ahead_new(struct stream *below, struct span read);

/* For tests: reads return script (borrowed) in portions of at most chunk bytes, then STREAM_END.  Writes, of at most
 * chunk bytes each, are appended to sink (borrowed), which may be NULL.  The stream has no descriptor (fd is -1), and
 * stream_wait() never waits for it. */
struct strbuf;
struct stream *stream_mem_new(struct span script, size_t chunk, struct strbuf *sink);

#endif
