/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls_stream: the inside of a TLS stream, shared by tls_gnutls.c (the stream, and the handshake of a client),
 * tls_server.c (that of a server) and tls_failure.c (what is reported if it fails). */
#ifndef TLS_TLS_STREAM_H
#define TLS_TLS_STREAM_H

#include "base/strbuf.h"
#include "tls/tls_internal.h"
#include "tls/tls_outbox.h"
#include "tls/tls_records.h"

struct tls_stream {
	struct stream base;
	struct stream *lower;
	struct tls_context *ctx; /* NULL: this is the server's side */
	gnutls_session_t session;
	unsigned char *in;
	size_t in_pos, in_len;
	struct tls_framing framing; /* of what GnuTLS has taken */
	struct tls_outbox out;
	bool dry;      /* the last read of the lower stream returned STREAM_AGAIN */
	bool ended;    /* the lower stream has ended, or the peer said goodbye */
	bool sent;     /* something was sent since the last read: the next read completes a round trip */
	bool gathered; /* something is in `out` that no write was tried for yet */
	bool established, verified, failed;
	unsigned round_trips;
	struct strbuf first_words; /* the first bytes the peer sent */
	struct error lower_error;  /* why the lower stream failed */
	struct error verdict;	   /* why the certificate was not accepted */
	enum tls_detail detail;
	struct tls_info *info; /* set only during the handshake */
};

/* ---- tls_gnutls.c ---- */
/* A stream without a session; lower is borrowed until the handshake is done. */
struct tls_stream *tls_stream_new(struct stream *lower);
void tls_stream_free(struct tls_stream *t);
/* Lets the session use this stream. */
void tls_stream_connect(struct tls_stream *t);
bool tls_stream_handshake(struct tls_stream *t, const struct clock *clock, msec_t deadline,
			  struct error *err) MUST_CHECK;
/* After a handshake that succeeded (ok): returns the stream, which owns *lower now; else frees it and returns NULL. */
struct stream *tls_stream_hand_over(struct tls_stream *t, struct stream **lower, bool ok);

/* ---- tls_failure.c ---- */
/* The peer ended TLS with an alert. */
void tls_alert_error(struct tls_stream *t, struct error *err);
/* The handshake failed with this result of GnuTLS. */
void tls_handshake_error(struct tls_stream *t, int rc, struct error *err);
/* It was not done in time. */
void tls_timeout_error(const struct tls_stream *t, struct error *err);

#endif
