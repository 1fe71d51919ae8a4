/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_outbox: the records that a TLS stream has encrypted and the stream below it has not taken yet.
 *
 * Everything can be added, so a record never has to be encrypted twice.
 */
#ifndef TLS_TLS_OUTBOX_H
#define TLS_TLS_OUTBOX_H

#include "base/strbuf.h"
#include "net/stream.h"

struct tls_outbox {
	struct strbuf octets; /* add to it */
	size_t sent;	      /* so many of them */
};

#define TLS_OUTBOX_INIT ((struct tls_outbox){STRBUF_INIT, 0})

void tls_outbox_release(struct tls_outbox *box);
bool tls_outbox_is_empty(const struct tls_outbox *box);
/* Writes to lower what it takes.  STREAM_OK: nothing is left; STREAM_AGAIN; STREAM_FAIL with err.  Sets the events that
 * upper, the TLS stream, waits for: a reader must also be woken when the rest can be written, because the peer may be
 * waiting for it. */
enum stream_result tls_outbox_flush(struct tls_outbox *box, struct stream *upper, struct stream *lower,
				    struct error *err);

#endif
