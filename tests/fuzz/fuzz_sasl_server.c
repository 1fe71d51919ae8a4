/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever a client answers in a login: it is not logged in, as it does not know the password, the exchange comes to an
 * end, and a challenge is there exactly if one is due.
 *
 * The input: the first line names a mechanism, the rest are responses, separated by "\n--\n".  NONCE in a response is
 * replaced by the nonce of the server's first SCRAM message, and "\xHH" by an octet.
 */
#include "fuzz.h"

#include "auth/sasl_server.h"
#include "base/xalloc.h"

#include <string.h>

#define KEY_256 "G7sV7klCkPkC/Q/f25LGTCfBBWpUNw96mhq2WU+G+M4="
#define KEY_1 "WJFZoKz22CO0xmcL/AtV7wpCeXo="
#define USERS                                                                  \
	"alice:{SCRAM-SHA-256}4096,vyp003RxDBqbP9hr," KEY_256 "," KEY_256 "\n" \
	"alice:{SCRAM-SHA-1}4096,vyp003RxDBqbP9hr," KEY_1 "," KEY_1 "\n"
#define ROUNDS_MAX 4

/* Followed by a NUL, as a response has to be, and by nothing else. */
static char *make_response(struct span text, const struct strbuf *nonce, size_t *len)
{
	AUTO(strbuf) made = STRBUF_INIT;
	const char *hit;
	while (text.len && (hit = memmem(text.ptr, text.len, "NONCE", 5))) {
		size_t before = (size_t)(hit - text.ptr);
		strbuf_add_span(&made, span_sub(text, 0, before));
		strbuf_add_span(&made, strbuf_span(nonce));
		text = span_sub(text, before + 5, text.len);
	}
	strbuf_add_span(&made, text);
	*len = made.len;
	return xmemdup0(made.buf, made.len);
}

static void take_nonce(struct span challenge, struct strbuf *nonce)
{
	struct span part;
	if (nonce->len || !span_split(&challenge, ',', &part) || part.len < 2 || memcmp(part.ptr, "r=", 2) != 0)
		return;
	strbuf_add_span(nonce, span_sub(part, 2, part.len));
}

static const char *find_mechanism(const struct strvec *all, struct span name)
{
	for (size_t i = 0; i < all->n; i++)
		if (span_equals_str(name, all->v[i]))
			return all->v[i];
	return NULL;
}

static struct span next_response(struct span *rest)
{
	const char *hit = rest->len ? memmem(rest->ptr, rest->len, "\n--\n", 4) : NULL;
	size_t n = hit ? (size_t)(hit - rest->ptr) : rest->len;
	struct span response = span_sub(*rest, 0, n);
	*rest = span_sub(*rest, hit ? n + 4 : n, rest->len);
	return response;
}

static void exchange(struct sasl_server *x, struct span rest)
{
	AUTO(strbuf) nonce = STRBUF_INIT;
	enum sasl_verdict verdict = SASL_CHALLENGE;
	for (int rounds = 0; verdict == SASL_CHALLENGE; rounds++) {
		AUTO(strbuf) challenge = STRBUF_INIT;
		size_t len;
		MUST(rounds < ROUNDS_MAX);
		AUTO_FREE char *response = make_response(next_response(&rest), &nonce, &len);
		verdict = sasl_server_step(x, span_make(response, len), &challenge);
		MUST(verdict != SASL_ACCEPTED);
		MUST((challenge.len > 0) == (verdict == SASL_CHALLENGE));
		take_nonce(strbuf_span(&challenge), &nonce);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(login_users) users = LOGIN_USERS_INIT;
	AUTO(strvec) all = STRVEC_INIT;
	AUTO(strbuf) script = STRBUF_INIT;
	fuzz_unescape(span_make((const char *)data, size), &script);
	struct span rest = strbuf_span(&script), name = {NULL, 0};
	(void)fuzz_line(&rest, &name);
	MUST(login_users_parse(&users, SPAN_LIT(USERS), "FILE", NULL));
	sasl_server_mechanisms(&users, true, &all);
	const char *mechanism = find_mechanism(&all, name);
	if (!mechanism)
		return 0;
	struct sasl_server *x =
		sasl_server_new(&(struct sasl_server_request){.mechanism = mechanism,
							      .users = &users,
							      .exporter = true,
							      .binding = SPAN_LIT("sixteen or so octets")});
	exchange(x, rest);
	sasl_server_free(x);
	return 0;
}
