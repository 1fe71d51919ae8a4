/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_records: the record layer of an established TLS 1.2 or 1.3 session with an AEAD cipher (RFC 5246 6.2.3.3, RFC
 * 8446 5.2).  GnuTLS gives the keys; no handshake happens here.
 *
 * Functions that return int return 0, or an error of GnuTLS, whose words then say what is wrong.
 */
#ifndef TLS_TLS_RECORDS_H
#define TLS_TLS_RECORDS_H

#include "base/secret.h"
#include "base/strbuf.h"
#include "tls/aead.h"
#include "tls/gnutls_lazy.h"

#include <stdint.h>

#define TLS_RECORD_HEADER 5
#define TLS_RECORD_TAG AEAD_TAG
#define TLS_RECORD_TEXT 16384					       /* the longest content */
#define TLS_RECORD_LONGEST (TLS_RECORD_HEADER + TLS_RECORD_TEXT + 256) /* encrypted (RFC 8446 5.2) */

enum tls_record_type {
	TLS_RECORD_CHANGE_CIPHER_SPEC = 20,
	TLS_RECORD_ALERT = 21,
	TLS_RECORD_HANDSHAKE = 22,
	TLS_RECORD_DATA = 23
};

/* One direction. */
struct tls_way {
	struct aead *cipher;	       /* NULL: records cannot be used yet */
	const unsigned char *key, *iv; /* within the keys */
	uint64_t number;	       /* of the next record */
};

struct tls_records {
	const struct tls_aead *aead;
	bool modern;		/* TLS 1.3 */
	bool explicit_nonce;	/* TLS 1.2 with GCM or CCM: each record says half of its nonce */
	size_t iv_len, longest; /* longest: content that the peer takes in one record */
	struct secret keys;
	struct tls_way out, in;
};

#define TLS_RECORDS_INIT ((struct tls_records){.keys = SECRET_INIT})

void tls_records_release(struct tls_records *r);

/* Gets keys and numbers of a session that is between two records in both directions.  received: how many records came
 * since the handshake.  False if the version or cipher is none of those above, or if the peer has changed its keys,
 * because it may be waiting for us to change ours. */
bool tls_records_take(struct tls_records *r, gnutls_session_t session, uint64_t received) MUST_CHECK;
/* Appends everything, with the octets that were received after the last record.  False if so many records were sent or
 * received that the keys should not be used much longer. */
bool tls_records_save(const struct tls_records *r, struct span unread, struct strbuf *state) MUST_CHECK;
/* Reads what tls_records_save() wrote; *unread points into state.  GNUTLS_E_PARSING_ERROR: it is damaged. */
int tls_records_load(struct tls_records *r, struct span state, struct span *unread) MUST_CHECK;

/* Appends a record with this content, which is at most r->longest. */
int tls_records_seal(struct tls_records *r, enum tls_record_type type, const void *data, size_t len,
		     struct strbuf *out) MUST_CHECK;
/* How long the record that begins these octets is, as far as they show it: at least TLS_RECORD_HEADER. */
int tls_records_length(const struct tls_records *r, struct span octets, size_t *len) MUST_CHECK;

struct tls_record {
	unsigned type; /* enum tls_record_type, or what the peer wrote */
	struct span text;
};
/* Decrypts a complete record in its place. */
int tls_records_open(struct tls_records *r, unsigned char *octets, size_t len, struct tls_record *record) MUST_CHECK;

/* Where one record ends and the next begins, in octets that something else decrypts. */
struct tls_framing {
	unsigned char header[TLS_RECORD_HEADER];
	size_t header_len; /* of a header that is not complete */
	size_t left;	   /* octets that are missing of a record */
	uint64_t records;  /* that have begun */
};
void tls_framing_add(struct tls_framing *f, const void *octets, size_t len);
bool tls_framing_between(const struct tls_framing *f);

#endif
