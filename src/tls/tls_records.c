/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/tls_records.h"

#include <assert.h>
#include <string.h>

#define EXPLICIT 8	  /* octets of the nonce that a record of TLS 1.2 contains */
#define VERSION_12 0x0303 /* of TLS 1.2; the record header of TLS 1.3 says it as well */
/* AEAD ciphers wear out (RFC 8446 5.5): this is a third of what is allowed for AES-GCM. */
#define MOST_RECORDS (UINT64_C(1) << 23)

static void put_number(unsigned char *to, uint64_t n, size_t octets)
{
	for (size_t i = 0; i < octets; i++)
		to[i] = (unsigned char)(n >> 8 * (octets - 1 - i));
}

static size_t length_in(const unsigned char *header)
{
	return (size_t)header[3] << 8 | header[4];
}

void tls_records_release(struct tls_records *r)
{
	aead_free(r->out.cipher);
	aead_free(r->in.cipher);
	secret_release(&r->keys);
	*r = TLS_RECORDS_INIT;
}

/* ---- protection ---- */

/* What is authenticated besides the content (RFC 5246 6.2.3.3, RFC 8446 5.2). */
struct context {
	unsigned char nonce[AEAD_NONCE], octets[8 + TLS_RECORD_HEADER];
	struct span aad;
};

static void context_make(struct context *c, const struct tls_records *r, const struct tls_way *way,
			 const unsigned char *record, size_t text_len)
{
	unsigned char *number = c->octets;
	put_number(number, way->number, 8);
	memcpy(number + 8, record, TLS_RECORD_HEADER);
	put_number(number + 8 + 3, text_len, 2);
	memcpy(c->nonce, way->iv, r->iv_len);
	if (r->explicit_nonce)
		memcpy(c->nonce + r->iv_len, record + TLS_RECORD_HEADER, EXPLICIT);
	for (size_t i = 0; !r->explicit_nonce && i < 8; i++)
		c->nonce[AEAD_NONCE - 8 + i] ^= number[i];
	struct span octets = span_make((const char *)c->octets, sizeof(c->octets));
	c->aad = r->modern ? span_sub(octets, 8, octets.len) : octets;
}

static size_t overhead(const struct tls_records *r)
{
	return (r->explicit_nonce ? EXPLICIT : 0u) + (r->modern ? 1u : 0u) + TLS_RECORD_TAG;
}

int tls_records_seal(struct tls_records *r, enum tls_record_type type, const void *data, size_t len, struct strbuf *out)
{
	assert(len && len <= r->longest);
	if (r->out.number >= MOST_RECORDS)
		return GNUTLS_E_RECORD_LIMIT_REACHED;
	size_t body = len + overhead(r), inner = len + (r->modern ? 1 : 0);
	strbuf_grow(out, TLS_RECORD_HEADER + body);
	unsigned char *record = (unsigned char *)out->buf + out->len;
	unsigned char *text = record + TLS_RECORD_HEADER + body - TLS_RECORD_TAG - inner;
	record[0] = r->modern ? TLS_RECORD_DATA : (unsigned char)type;
	put_number(record + 1, VERSION_12, 2);
	put_number(record + 3, body, 2);
	/* a number is used once, and so is the nonce made of it */
	if (r->explicit_nonce)
		put_number(record + TLS_RECORD_HEADER, r->out.number, EXPLICIT);
	memcpy(text, data, len);
	if (r->modern)
		text[len] = (unsigned char)type;
	struct context c;
	context_make(&c, r, &r->out, record, r->modern ? body : len);
	aead_seal(r->out.cipher, c.nonce, c.aad, text, inner, text + inner);
	r->out.number++;
	strbuf_setlen(out, out->len + TLS_RECORD_HEADER + body);
	return 0;
}

int tls_records_length(const struct tls_records *r, struct span octets, size_t *len)
{
	const unsigned char *header = (const unsigned char *)octets.ptr;
	*len = TLS_RECORD_HEADER;
	if (octets.len < TLS_RECORD_HEADER)
		return 0;
	if (header[0] < TLS_RECORD_ALERT || header[0] > TLS_RECORD_DATA || (r->modern && header[0] != TLS_RECORD_DATA))
		return GNUTLS_E_UNEXPECTED_PACKET;
	if (header[1] != VERSION_12 >> 8 || header[2] != (VERSION_12 & 0xff))
		return GNUTLS_E_UNSUPPORTED_VERSION_PACKET;
	*len += length_in(header);
	if (length_in(header) < overhead(r) || *len > TLS_RECORD_LONGEST)
		return GNUTLS_E_UNEXPECTED_PACKET_LENGTH;
	return 0;
}

/* The type of a record of TLS 1.3 is the last octet of its content that is not zero (RFC 8446 5.4). */
static int remove_padding(struct tls_record *record)
{
	size_t len = record->text.len;
	while (len && !record->text.ptr[len - 1])
		len--;
	if (!len)
		return GNUTLS_E_UNEXPECTED_PACKET;
	record->type = (unsigned char)record->text.ptr[len - 1];
	record->text.len = len - 1;
	return 0;
}

int tls_records_open(struct tls_records *r, unsigned char *octets, size_t len, struct tls_record *record)
{
	size_t body = len - TLS_RECORD_HEADER, skip = TLS_RECORD_HEADER + (r->explicit_nonce ? EXPLICIT : 0u);
	size_t inner = len - skip - TLS_RECORD_TAG;
	struct context c;
	if (r->in.number >= MOST_RECORDS)
		return GNUTLS_E_RECORD_LIMIT_REACHED;
	context_make(&c, r, &r->in, octets, r->modern ? body : inner);
	unsigned char *text = octets + skip;
	if (!aead_open(r->in.cipher, c.nonce, c.aad, text, inner, text + inner))
		return GNUTLS_E_DECRYPTION_FAILED;
	r->in.number++;
	*record = (struct tls_record){octets[0], span_make((const char *)octets + skip, inner)};
	int rc = r->modern ? remove_padding(record) : 0;
	return rc == 0 && record->text.len > TLS_RECORD_TEXT ? GNUTLS_E_RECORD_OVERFLOW : rc;
}

/* ---- framing ---- */

void tls_framing_add(struct tls_framing *f, const void *octets, size_t len)
{
	const unsigned char *at = octets;
	while (len) {
		size_t n = f->left ? f->left : TLS_RECORD_HEADER - f->header_len;
		if (n > len)
			n = len;
		if (f->left) {
			f->left -= n;
		} else {
			memcpy(f->header + f->header_len, at, n);
			f->header_len += n;
		}
		if (f->header_len == TLS_RECORD_HEADER) {
			f->left = length_in(f->header);
			f->header_len = 0;
			f->records++;
		}
		at += n;
		len -= n;
	}
}

bool tls_framing_between(const struct tls_framing *f)
{
	return !f->left && !f->header_len;
}
