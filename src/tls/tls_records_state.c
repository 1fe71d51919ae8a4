/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The record layer of a session as octets:
 *
 *	MAGIC VERSION AEAD LONGEST UNREAD	8 octets, then numbers of 2
 *	OUT IN					the numbers of the next records, 8 each
 *	KEY IV KEY IV				out, in; their lengths follow from VERSION and AEAD
 *	octets					UNREAD of them
 *	CHECKSUM				8, of everything before it
 */
#include "base/checksum.h"
#include "tls/tls_records.h"

#define MAGIC "phTLS 1\n"
#define MAGIC_LEN 8
#define FIXED (MAGIC_LEN + 4 * 2 + 2 * 8)
/* A state with more records is not saved; what remains after loading is enough for 64 GiB. */
#define MOST_KEPT (UINT64_C(1) << 22)

struct tls_aead {
	unsigned iana; /* its number (RFC 5116, RFC 7539) */
	enum aead_kind kind;
	gnutls_cipher_algorithm_t cipher;
	bool implicit; /* no part of the nonce is sent, in TLS 1.2 as well (RFC 7905) */
};

static const struct tls_aead aeads[] = {
	{1, AEAD_AES_128_GCM, GNUTLS_CIPHER_AES_128_GCM, false},
	{2, AEAD_AES_256_GCM, GNUTLS_CIPHER_AES_256_GCM, false},
	{3, AEAD_AES_128_CCM, GNUTLS_CIPHER_AES_128_CCM, false},
	{4, AEAD_AES_256_CCM, GNUTLS_CIPHER_AES_256_CCM, false},
	{29, AEAD_CHACHA20_POLY1305, GNUTLS_CIPHER_CHACHA20_POLY1305, true},
};

static void choose(struct tls_records *r, const struct tls_aead *aead, bool modern)
{
	r->aead = aead;
	r->modern = modern;
	r->explicit_nonce = !modern && !aead->implicit;
	r->iv_len = r->explicit_nonce ? 4 : 12;
}

static size_t key_len(const struct tls_records *r)
{
	return aead_key_len(r->aead->kind);
}

static size_t keys_len(const struct tls_records *r)
{
	return 2 * (key_len(r) + r->iv_len);
}

static void point_to_keys(struct tls_records *r)
{
	const unsigned char *keys = (const unsigned char *)secret_reveal(&r->keys).ptr;
	r->out.key = keys;
	r->out.iv = r->out.key + key_len(r);
	r->in.key = r->out.iv + r->iv_len;
	r->in.iv = r->in.key + key_len(r);
}

/* ---- from GnuTLS ---- */

static bool take_way(struct tls_records *r, gnutls_session_t session, unsigned read, struct tls_way *way)
{
	gnutls_datum_t mac, iv, key;
	unsigned char number[8];
	if (gnutls_record_get_state(session, read, &mac, &iv, &key, number) < 0 || key.size != key_len(r) ||
	    iv.size != r->iv_len)
		return false;
	secret_append(&r->keys, key.data, key.size);
	secret_append(&r->keys, iv.data, iv.size);
	for (size_t i = 0; i < sizeof(number); i++)
		way->number = way->number << 8 | number[i];
	return true;
}

/* The peer may have limited the length of records (RFC 8449).  GnuTLS has no function that says so, but it divides a
 * range of lengths accordingly. */
static size_t longest_record(gnutls_session_t session)
{
	gnutls_range_st whole = {TLS_RECORD_TEXT, TLS_RECORD_TEXT}, first, rest;
	return gnutls_range_split(session, &whole, &first, &rest) < 0 ? 0 : first.low;
}

bool tls_records_take(struct tls_records *r, gnutls_session_t session, uint64_t received)
{
	gnutls_protocol_t version = gnutls_protocol_get_version(session);
	gnutls_cipher_algorithm_t cipher = gnutls_cipher_get(session);
	if (version != GNUTLS_TLS1_2 && version != GNUTLS_TLS1_3)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(aeads) && !r->aead; i++)
		if (aeads[i].cipher == cipher)
			choose(r, &aeads[i], version == GNUTLS_TLS1_3);
	if (!r->aead || !take_way(r, session, 0, &r->out) || !take_way(r, session, 1, &r->in))
		return false;
	point_to_keys(r);
	r->longest = longest_record(session);
	/* new keys begin with number 0; those of TLS 1.2 have protected one record of the handshake */
	return r->longest && r->in.number == received + (r->modern ? 0 : 1);
}

/* ---- to octets and back ---- */

static void add_number(struct strbuf *to, uint64_t n, size_t octets)
{
	while (octets)
		strbuf_addch(to, (char)(n >> 8 * --octets));
}

static uint64_t take_number(struct span *from, size_t octets)
{
	uint64_t n = 0;
	for (size_t i = 0; i < octets; i++)
		n = n << 8 | (unsigned char)from->ptr[i];
	*from = span_sub(*from, octets, from->len);
	return n;
}

bool tls_records_save(const struct tls_records *r, struct span unread, struct strbuf *state)
{
	if (r->out.number >= MOST_KEPT || r->in.number >= MOST_KEPT || unread.len > TLS_RECORD_LONGEST)
		return false;
	strbuf_grow(state, FIXED + keys_len(r) + unread.len + 8); /* so that no copy of the keys is left somewhere */
	size_t begin = state->len;
	strbuf_adds(state, MAGIC);
	add_number(state, r->modern ? 0x0304 : 0x0303, 2);
	add_number(state, r->aead->iana, 2);
	add_number(state, r->longest, 2);
	add_number(state, unread.len, 2);
	add_number(state, r->out.number, 8);
	add_number(state, r->in.number, 8);
	strbuf_add_span(state, secret_reveal(&r->keys));
	strbuf_add_span(state, unread);
	add_number(state, checksum_of(span_sub(strbuf_span(state), begin, state->len)), 8);
	return true;
}

static bool is_whole(struct span state)
{
	if (state.len < FIXED + 8 || memcmp(state.ptr, MAGIC, MAGIC_LEN) != 0)
		return false;
	struct span sum = span_sub(state, state.len - 8, state.len);
	return checksum_of(span_sub(state, 0, state.len - 8)) == take_number(&sum, 8);
}

int tls_records_load(struct tls_records *r, struct span state, struct span *unread)
{
	if (!is_whole(state))
		return GNUTLS_E_PARSING_ERROR;
	struct span at = span_sub(state, MAGIC_LEN, state.len - 8);
	uint64_t version = take_number(&at, 2), iana = take_number(&at, 2);
	r->longest = (size_t)take_number(&at, 2);
	unread->len = (size_t)take_number(&at, 2);
	r->out.number = take_number(&at, 8);
	r->in.number = take_number(&at, 8);
	for (size_t i = 0; i < ARRAY_SIZE(aeads); i++)
		if (aeads[i].iana == iana)
			choose(r, &aeads[i], version == 0x0304);
	if ((version != 0x0303 && version != 0x0304) || !r->aead || !r->longest || r->longest > TLS_RECORD_TEXT ||
	    r->out.number >= MOST_KEPT || r->in.number >= MOST_KEPT || unread->len > TLS_RECORD_LONGEST ||
	    at.len != keys_len(r) + unread->len)
		return GNUTLS_E_PARSING_ERROR;
	secret_set(&r->keys, at.ptr, keys_len(r));
	unread->ptr = at.ptr + keys_len(r);
	point_to_keys(r);
	r->out.cipher = aead_new(r->aead->kind, r->out.key);
	r->in.cipher = aead_new(r->aead->kind, r->in.key);
	return 0;
}
