/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SINK_CONN_H
#define SINK_CONN_H

#include "sink_buf.h"
#include "sink_log.h"
#include "sink_options.h"

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One connection: a non-blocking socket, perhaps TLS on top of it, an input
 * buffer that is read in large blocks, and an output buffer that is written
 * only when we are about to wait for input.  That last rule coalesces the
 * replies of a pipelined group into one write, and means that no other code
 * needs to think about flushing.
 */
struct conn {
	int fd;
	gnutls_session_t tls; /* NULL: in clear */
	const struct options *opt;
	const struct log *log;
	char peer[80];

	char *in; /* decrypted input: in[pos..end) is unread */
	size_t pos, end;
	char *raw; /* inside TLS: undecrypted input, read ahead */
	size_t raw_pos, raw_end;
	struct buf out;

	uint64_t reads;	  /* reads of the socket that brought something */
	uint64_t records; /* TLS records with application data */
	bool eof;	  /* nothing more will come */
	bool broken;	  /* reading or writing failed */
	bool delayed;	  /* --delay-ms was served for this flight */
};

enum { CONN_BLOCK = 256 * 1024 }; /* size of in and raw */

void conn_init(struct conn *c, int fd, const struct options *opt, const struct log *log);
/*
 * Write what is buffered, then wait until in[] has grown.  Returns false at
 * the end of input, after an error, or after --timeout of silence.  Moves
 * unread input to the front: pointers into it become invalid.
 */
bool conn_fill(struct conn *c);
/* Take what has arrived, without waiting or writing.  True: in[] has grown. */
bool conn_fill_now(struct conn *c);
/* Is there unread input now?  Serves --delay-ms first, so that a client in a hurry is caught. */
bool conn_pending(struct conn *c);

enum conn_line { CONN_LINE, CONN_LINE_LONG, CONN_LINE_END };
/*
 * Read a line with its LF.  On CONN_LINE the line is in *line, valid until the
 * next call that reads.  CONN_LINE_LONG: longer than limit; it was skipped.
 * CONN_LINE_END: no complete line will come.
 */
enum conn_line conn_line(struct conn *c, size_t limit, const char **line, size_t *len);

/* Write everything that is buffered.  False: the peer is gone. */
bool conn_flush(struct conn *c);
/* Write everything that is buffered, then these octets one per 100 ms. */
void conn_drip(struct conn *c, const char *data, size_t len);
/* Forget unread input; returns how much there was. */
size_t conn_drop_input(struct conn *c);
/* Wait until the socket is ready for events (poll(2)); false after --timeout. */
bool conn_wait(struct conn *c, short events);
/* Say nothing, read nothing, until the peer goes away. */
void conn_hang(struct conn *c);
/*
 * Close: write what is buffered, say close_notify unless forbidden, and with
 * linger wait a second for the peer, so that a reset does not eat our last reply.
 */
void conn_close(struct conn *c, bool linger);

#endif
