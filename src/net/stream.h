/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream: a two-way flow of octets; streams stack (socket, SOCKS5, TLS).
 *
 * Nothing here ever blocks except stream_wait(), which has a deadline: that
 * is how time limits hold inside TLS as well as outside.  Reading and writing
 * are independent, so that a caller can read replies while it still writes.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "base/clock.h"
#include "base/error.h"

enum stream_result {
	STREAM_OK,    /* at least one octet was moved */
	STREAM_AGAIN, /* nothing now: stream_wait() and try again */
	STREAM_END,   /* the peer has closed properly (TLS: close_notify) */
	STREAM_FAIL   /* err is set: ERROR_CONNECTION_LOST, ERROR_TLS, ERROR_CERTIFICATE */
};

struct stream;
struct stream_ops {
	enum stream_result (*read)(struct stream *s, void *buf, size_t room, size_t *got, struct error *err);
	enum stream_result (*write)(struct stream *s, const void *buf, size_t len, size_t *put, struct error *err);
	/* Octets are ready inside, whatever poll(2) says of the descriptor. */
	bool (*pending)(const struct stream *s);
	/* Says goodbye in the layer's way without waiting (TLS close_notify, then the
	 * half-close of the socket).  Best effort. */
	void (*finish)(struct stream *s);
	void (*free)(struct stream *s); /* and of the streams below */
};

struct stream {
	const struct stream_ops *ops;
	int fd;		    /* to poll; the same in all layers */
	short read_events;  /* what a read that said AGAIN waits for: POLLIN, or POLLOUT in TLS */
	short write_events; /* likewise for a write */
	bool last_words;    /* what is written now may wait for stream_finish(), which follows at once */
};

enum stream_result stream_read(struct stream *s, void *buf, size_t room, size_t *got, struct error *err);
enum stream_result stream_write(struct stream *s, const void *buf, size_t len, size_t *put, struct error *err);
void stream_finish(struct stream *s);
void stream_free(struct stream *s);
DEFINE_AUTO_PTR(stream);

enum stream_interest { STREAM_READ = 1, STREAM_WRITE = 2 };
/* Waits until one of the interests may go on; *ready gets those.  False with
 * ERROR_TIMEOUT at the deadline (what is ready by then is still reported, so
 * that a final reply which arrived while we were stopped is not lost),
 * ERROR_IO if poll fails.  EINTR is retried. */
bool stream_wait(struct stream *s, unsigned interests, unsigned *ready, const struct clock *clock, msec_t deadline,
		 struct error *err) MUST_CHECK;

/* Whole transfers for handshakes of a few octets (SOCKS5). */
bool stream_write_all(struct stream *s, const void *buf, size_t len, const struct clock *clock, msec_t deadline,
		      struct error *err) MUST_CHECK;
/* At least one octet; END of the stream is ERROR_CONNECTION_LOST here. */
bool stream_read_some(struct stream *s, void *buf, size_t room, size_t *got, const struct clock *clock, msec_t deadline,
		      struct error *err) MUST_CHECK;

/* The bottom of every stack: takes a connected, non-blocking socket over.  A
 * fault of the network is ERROR_CONNECTION_LOST naming its errno; writing to a
 * peer that went away raises no SIGPIPE. */
struct stream *stream_fd_new(int fd);

/* For tests: reads come from script (borrowed) in portions of chunk octets, END
 * behind the last; writes, of at most chunk octets, are appended to sink, which may be
 * NULL.  It has no descriptor (fd is -1) and never makes stream_wait() wait. */
struct strbuf;
struct stream *stream_mem_new(struct span script, size_t chunk, struct strbuf *sink);

#endif
