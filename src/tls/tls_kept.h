/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_kept: a TLS session that one process continues where another one left off.
 *
 *	AUTO(strbuf) state = STRBUF_INIT;
 *	if (!tls_kept_export(tls, &state))
 *		return;				// this session cannot be kept: finish it as usual
 *	int fd = stream_detach(tls);		// silent: the server notices nothing
 *	// here fd and state go to another process
 *	struct stream *lower = stream_fd_new(fd);
 *	tls = tls_kept_import(strbuf_span(&state), &lower, &err);
 *	strbuf_wipe(&state);			// in both processes
 *
 * What is kept is the record layer (tls/tls_records.h): TLS 1.2 or 1.3 with AES-GCM, AES-CCM or ChaCha20-Poly1305.
 * GnuTLS can give out the keys of a session but cannot take them back, so the stream that is made of them is our own.
 * It makes no handshake.  Tickets are ignored, a request to renegotiate is declined, and the stream fails if the server
 * changes its keys (KeyUpdate, which mail servers do not send).  Like any other stream of TLS it returns STREAM_END
 * only after a close_notify, and every failure is ERROR_CONNECTION_LOST.
 */
#ifndef TLS_TLS_KEPT_H
#define TLS_TLS_KEPT_H

#include "base/strbuf.h"
#include "net/stream.h"

/*
 * Appends the state of a session, made by tls_client_new() or tls_kept_import().  It contains the session's keys: the
 * caller wipes it, and imports it once, since a second stream would use the same nonces.
 *
 * What waits in the socket stays there.  What was received but not yet decrypted goes into the state; it is read after
 * the import, and a poll of the descriptor does not show it.  A read just before, which returns STREAM_AGAIN, makes
 * sure that the server has said nothing, and leaves at most a part of a record.
 *
 * After success the stream can only be detached or freed; reads and writes fail, and stream_finish() does nothing.
 *
 * False, with nothing appended and the stream unchanged: another version or cipher; a record is partly read or written;
 * the server has said goodbye or changed its keys; four million records were sent or received; or it is no TLS stream.
 */
bool tls_kept_export(struct stream *tls, struct strbuf *state) MUST_CHECK;

/* Returns a stream that continues the session on *lower, which it then owns (*lower is NULL), or NULL with ERROR_TLS if
 * the state is damaged; the caller still owns *lower then. */
struct stream *tls_kept_import(struct span state, struct stream **lower, struct error *err);

#endif
