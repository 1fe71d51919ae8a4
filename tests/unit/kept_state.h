/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kept_state: states of TLS sessions as tls_records_save() writes them, with keys that are known. */
#ifndef TESTS_KEPT_STATE_H
#define TESTS_KEPT_STATE_H

#include "base/checksum.h"
#include "base/strbuf.h"

struct kept_state {
	unsigned version, aead;
	size_t key_len, iv_len;
	bool server; /* the other end of the same session */
	uint64_t out, in;
	size_t longest; /* 0: 16384 */
	struct span unread;
};

#define KEPT_STATE(version_, aead_, key_len_, iv_len_)                                             \
	{                                                                                          \
		.version = (version_), .aead = (aead_), .key_len = (key_len_), .iv_len = (iv_len_) \
	}

static void kept_state_number(struct strbuf *to, uint64_t n, size_t octets)
{
	while (octets)
		strbuf_addch(to, (char)(n >> 8 * --octets));
}

static void kept_state_keys(const struct kept_state *k, bool of_client, struct strbuf *to)
{
	for (size_t i = 0; i < k->key_len + k->iv_len; i++)
		strbuf_addch(to, (char)(i * 7 + (of_client ? 11 : 99)));
}

static void kept_state_seal(struct strbuf *state)
{
	kept_state_number(state, checksum_of(strbuf_span(state)), 8);
}

static void kept_state_make(const struct kept_state *k, struct strbuf *state)
{
	strbuf_adds(state, "phTLS 1\n");
	kept_state_number(state, k->version, 2);
	kept_state_number(state, k->aead, 2);
	kept_state_number(state, k->longest ? k->longest : 16384, 2);
	kept_state_number(state, k->unread.len, 2);
	kept_state_number(state, k->out, 8);
	kept_state_number(state, k->in, 8);
	kept_state_keys(k, !k->server, state);
	kept_state_keys(k, k->server, state);
	strbuf_add_span(state, k->unread);
	kept_state_seal(state);
}

#endif
