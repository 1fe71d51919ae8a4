/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever a server sends as challenges: each real mechanism (except Kerberos') answers or refuses, the exchange ends
 * within SASL_ROUNDS_MAX challenges, no secret is in anything that is shown, nor said where the mechanism proves it
 * without saying it, and none that expects a proof from the server ends without it.  A server that is not authenticated
 * yet sends these bytes, on an unencrypted connection anybody can.
 *
 * The input: the first line names a mechanism of mech_table, the rest are challenges, separated by "\n--\n".  NONCE in
 * a challenge is replaced by the client's SCRAM nonce.  The last challenge is repeated until the client refuses it.
 */
#include "fuzz.h"

#include "auth/sasl.h"

#include "base/base64.h"
#include "base/xalloc.h"
#include "secret/redactor.h"

#include <string.h>

#define SECRET "sEcReT-0123456789-canary"

/* As it is shown: a server that knows the secret may say it, and the redactor hides it then. */
static void must_hide_the_secret(const char *text, const struct redactor *redactor)
{
	AUTO_FREE char *shown = xstrdup(text ? text : "");
	redactor_apply(redactor, shown);
	MUST(!strstr(shown, SECRET));
}

static void must_be_presentable(const struct sasl *s, const struct error *err, const struct redactor *redactor)
{
	MUST(err->status.kind == ERROR_PROTOCOL || err->status.kind == ERROR_AUTH_REFUSED ||
	     err->status.kind == ERROR_CONFIG);
	MUST(err->status.text && *err->status.text);
	must_hide_the_secret(err->status.text, redactor);
	must_hide_the_secret(err->status.hint, redactor);
	must_hide_the_secret(sasl_server_error(s), redactor);
}

/* "r=..." of SCRAM's first message */
static struct span nonce_of(const struct strbuf *initial)
{
	struct span text = strbuf_span(initial), part;
	while (span_split(&text, ',', &part))
		if (part.len > 2 && memcmp(part.ptr, "r=", 2) == 0)
			return span_sub(part, 2, part.len);
	return span_make("", 0);
}

/* The challenge in memory of exactly its size, so that a sanitizer sees reads beyond it. */
static struct span challenge_make(struct span text, struct span nonce)
{
	AUTO(strbuf) made = STRBUF_INIT;
	const char *hit;
	while (text.len && (hit = memmem(text.ptr, text.len, "NONCE", 5))) {
		size_t before = (size_t)(hit - text.ptr);
		strbuf_add_span(&made, span_sub(text, 0, before));
		strbuf_add_span(&made, nonce);
		text = span_sub(text, before + 5, text.len);
	}
	strbuf_add_span(&made, text);
	return span_make(made.len ? xmemdup(made.buf, made.len) : NULL, made.len);
}

static struct span next_challenge(struct span *rest)
{
	struct span after = *rest, text = fuzz_part(&after);
	if (after.ptr > rest->ptr + text.len)
		*rest = after;
	return text; /* the last one stays */
}

/* Mechanisms that prove something without saying the secret, ... */
static bool says_no_secret(const char *mech)
{
	static const char *const begin[] = {"CRAM-", "DIGEST-", "SCRAM-", "NTLM", "EXTERNAL", "ANONYMOUS"};
	for (size_t i = 0; i < ARRAY_SIZE(begin); i++)
		if (span_starts_nocase(span_of(mech), begin[i]))
			return true;
	return false;
}

/* ... and those in which the server has to prove that it knows it, which no input does. */
static bool is_mutual(const char *mech)
{
	return span_starts_nocase(span_of(mech), "SCRAM-");
}

static void talk(struct sasl *s, const char *mech, struct span script, struct span nonce,
		 const struct redactor *redactor)
{
	/* A server that knows the password may say it, and SCRAM repeats the server's nonce. */
	bool server_says_it = fuzz_has(script, SPAN_LIT(SECRET));
	for (unsigned rounds = 0;; rounds++) {
		AUTO(strbuf) response = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO(error) early = ERROR_INIT;
		MUST(rounds <= SASL_ROUNDS_MAX);
		bool finished = sasl_finished(s, &early);
		MUST(!finished || !is_mutual(mech));
		if (!finished)
			must_be_presentable(s, &early, redactor);
		struct span challenge = challenge_make(next_challenge(&script), nonce);
		AUTO_FREE char *owned = (char *)(uintptr_t)challenge.ptr;
		bool ok = sasl_step(s, span_make(owned, challenge.len), &response, &err);
		if (!ok)
			must_be_presentable(s, &err, redactor);
		MUST(!says_no_secret(mech) || server_says_it || !fuzz_has(strbuf_span(&response), SPAN_LIT(SECRET)));
		strbuf_wipe(&response);
		if (!ok)
			return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(secret) password = SECRET_INIT;
	AUTO(redactor) redactor = REDACTOR_INIT;
	AUTO(strbuf) initial = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	struct span input = span_make((const char *)data, size), name;
	bool has_initial = false;
	if (!size || !span_split(&input, '\n', &name) || !input.ptr)
		return 0;
	AUTO_FREE char *mech = xmemdup0(name.ptr, name.len);
	if (!mech_find(mech) || mech_find(mech)->ticket) /* these need a Kerberos ticket to begin */
		return 0;
	secret_set(&password, SECRET, strlen(SECRET));
	redactor_set(&redactor, &password);
	const struct sasl_request req = {
		.mech = mech_find(mech),
		.user = "joe",
		.password = &password,
		.host = "mail.example.net",
		.port = 587,
		.binding = mech_find(mech)->binding ? SASL_BINDING_EXPORTER : SASL_BINDING_NONE,
		.binding_data = SPAN_LIT("binding"),
	};
	AUTO_PTR(sasl) s = sasl_new(&req, &initial, &has_initial, &err);
	if (s)
		talk(s, mech, input, nonce_of(&initial), &redactor);
	else /* this libgsasl lacks it */
		MUST(err.status.kind == ERROR_NO_MECHANISM);
	strbuf_wipe(&initial);
	return 0;
}
