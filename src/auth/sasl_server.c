/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth/sasl_server.h"

#include "auth/gsasl_lazy.h"
#include "base/base64.h"
#include "base/xalloc.h"
#include "tls/digest.h"

#include <stdio.h>
#include <string.h>

struct sasl_server {
	enum { PLAIN, LOGIN, SCRAM } kind;
	const struct login_users *users;
	char *name;
	unsigned steps;	      /* with a response */
	bool over;	      /* SCRAM: the server's last words were sent; an empty response is due */
	bool known;	      /* SCRAM: there is such a user */
	struct login_key key; /* SCRAM: of the user, or invented */
	enum login_hash hash;
	Gsasl *library;
	Gsasl_session *session;
	bool exporter;
	struct strbuf binding; /* base64 */
};

/* ---- the mechanisms ---- */

static const struct {
	const char *name;
	enum login_hash hash;
	bool binding;
} scrams[] = {
	{"SCRAM-SHA-256-PLUS", LOGIN_SHA_256, true},
	{"SCRAM-SHA-256", LOGIN_SHA_256, false},
	{"SCRAM-SHA-1-PLUS", LOGIN_SHA_1, true},
	{"SCRAM-SHA-1", LOGIN_SHA_1, false},
};

bool sasl_server_load(struct error *err)
{
	return gsasl_load(err);
}

void sasl_server_mechanisms(const struct login_users *users, bool binding, struct strvec *out)
{
	Gsasl *library;
	if (gsasl_init(&library) != GSASL_OK)
		xalloc_die(); /* the only reason why it fails */
	for (size_t i = 0; i < ARRAY_SIZE(scrams); i++)
		if (login_users_all_have(users, scrams[i].hash) && (binding || !scrams[i].binding) &&
		    gsasl_server_support_p(library, scrams[i].name))
			strvec_push(out, scrams[i].name);
	gsasl_done(library);
	strvec_push(out, "PLAIN");
	strvec_push(out, "LOGIN");
}

/* ---- keys ---- */

/* The key of this user, or an invented one.  False: not even that. */
static bool find_key(struct sasl_server *x, const char *name)
{
	const struct login_user *user = login_users_find(x->users, name);
	login_key_release(&x->key);
	x->known = user && user->keys[x->hash].iterations;
	if (!x->known)
		return login_users_invent(x->users, name, x->hash, &x->key);
	const struct login_key *key = &user->keys[x->hash];
	x->key = (struct login_key){key->iterations, xstrdup(key->salt), xstrdup(key->stored_key),
				    xstrdup(key->server_key)};
	return true;
}

/* The hash by which a password in clear is checked: one that this user has. */
static enum login_hash hash_of(const struct sasl_server *x, const char *name)
{
	const struct login_user *user = login_users_find(x->users, name);
	const struct login_key *keys = user ? user->keys : x->users->v[0].keys;
	return keys[LOGIN_SHA_256].iterations ? LOGIN_SHA_256 : LOGIN_SHA_1;
}

static bool same_octets(const char *a, const char *b, size_t n)
{
	unsigned char differ = 0;
	for (size_t i = 0; i < n; i++)
		differ |= (unsigned char)(a[i] ^ b[i]);
	return !differ;
}

static bool is_ascii_text(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

/* SASLprep changes nothing in ASCII.  For the rest libgsasl does it, and leaves copies of the password. */
static bool make_stored_key(const struct sasl_server *x, const char *password, struct span salt, char *stored)
{
	bool sha1 = x->hash == LOGIN_SHA_1, ok;
	Gsasl_hash hash = sha1 ? GSASL_HASH_SHA1 : GSASL_HASH_SHA256;
	char salted[LOGIN_KEY_MAX], client[LOGIN_KEY_MAX], server[LOGIN_KEY_MAX];
	if (is_ascii_text(password)) {
		tls_digest_pbkdf2(sha1, span_of(password), salt, x->key.iterations, salted, gsasl_hash_length(hash));
		ok = gsasl_scram_secrets_from_salted_password(hash, salted, client, server, stored) == GSASL_OK;
	} else {
		ok = gsasl_scram_secrets_from_password(hash, password, x->key.iterations, salt.ptr, salt.len, salted,
						       client, server, stored) == GSASL_OK;
	}
	explicit_bzero(salted, sizeof(salted));
	explicit_bzero(client, sizeof(client));
	return ok;
}

/* Takes as long whether or not there is such a user. */
static bool check_password(struct sasl_server *x, const char *name, const char *password)
{
	AUTO(strbuf) salt = STRBUF_INIT, stored = STRBUF_INIT;
	char made[LOGIN_KEY_MAX];
	x->hash = hash_of(x, name);
	if (!find_key(x, name) || !base64_decode(&salt, span_of(x->key.salt)) ||
	    !base64_decode(&stored, span_of(x->key.stored_key)))
		return false;
	bool same = make_stored_key(x, password, strbuf_span(&salt), made) && same_octets(made, stored.buf, stored.len);
	return same && x->known;
}

/* ---- PLAIN and LOGIN ---- */

static void set_name(struct sasl_server *x, struct span name)
{
	free(x->name);
	x->name = xmemdup0(name.ptr, name.len);
}

static enum sasl_verdict verdict_of(bool good)
{
	return good ? SASL_ACCEPTED : SASL_REFUSED;
}

/* RFC 4616: [authzid] NUL authcid NUL password.  The octets after the response are NUL, so it ends in one. */
static enum sasl_verdict plain_step(struct sasl_server *x, struct span response)
{
	struct span rest = response, authzid, name;
	if (!span_split(&rest, '\0', &authzid) || authzid.len == response.len || !span_split(&rest, '\0', &name) ||
	    !name.len || !rest.ptr || !rest.len || memchr(rest.ptr, '\0', rest.len))
		return SASL_MALFORMED;
	set_name(x, name);
	bool same = check_password(x, x->name, rest.ptr);
	return verdict_of(same && (!authzid.len || span_equal(authzid, name)));
}

static enum sasl_verdict login_step(struct sasl_server *x, struct span response, struct strbuf *challenge)
{
	if (!response.len || memchr(response.ptr, '\0', response.len))
		return SASL_MALFORMED;
	if (x->steps > 1)
		return verdict_of(check_password(x, x->name, response.ptr));
	set_name(x, response);
	strbuf_adds(challenge, "Password:");
	return SASL_CHALLENGE;
}

/* ---- SCRAM ---- */

static int give(Gsasl_session *session, Gsasl_property prop, const char *text)
{
	return text ? gsasl_property_set(session, prop, text) : GSASL_NO_CALLBACK;
}

/* What the library asks for. */
static int answer(Gsasl *library, Gsasl_session *session, Gsasl_property prop)
{
	struct sasl_server *x = gsasl_callback_hook_get(library);
	char iterations[16];
	const char *name;
	switch (prop) {
	case GSASL_CB_TLS_EXPORTER: return give(session, prop, x->exporter && x->binding.len ? x->binding.buf : NULL);
	case GSASL_CB_TLS_UNIQUE: return give(session, prop, !x->exporter && x->binding.len ? x->binding.buf : NULL);
	case GSASL_SCRAM_ITER:
		name = gsasl_property_fast(session, GSASL_AUTHID);
		set_name(x, span_of(name ? name : ""));
		if (!find_key(x, x->name))
			return GSASL_AUTHENTICATION_ERROR;
		(void)snprintf(iterations, sizeof(iterations), "%u", x->key.iterations);
		return give(session, prop, iterations);
	case GSASL_SCRAM_SALT: return give(session, prop, x->key.salt);
	case GSASL_SCRAM_STOREDKEY: return give(session, prop, x->key.stored_key);
	case GSASL_SCRAM_SERVERKEY: return give(session, prop, x->key.server_key);
	default: return GSASL_NO_CALLBACK;
	}
}

static bool acts_as_itself(const struct sasl_server *x)
{
	const char *authzid = gsasl_property_fast(x->session, GSASL_AUTHZID);
	return !authzid || !*authzid || strcmp(authzid, x->name) == 0;
}

static enum sasl_verdict scram_step(struct sasl_server *x, struct span response, struct strbuf *challenge)
{
	char *out = NULL;
	size_t len = 0;
	if (x->over)
		return response.len ? SASL_MALFORMED : SASL_ACCEPTED;
	if (!response.len || memchr(response.ptr, '\0', response.len))
		return SASL_MALFORMED;
	int rc = gsasl_step(x->session, response.ptr, response.len, &out, &len);
	bool good = rc == GSASL_NEEDS_MORE || (rc == GSASL_OK && x->known && acts_as_itself(x));
	if (good)
		strbuf_add(challenge, out, len);
	gsasl_free(out);
	x->over = rc == GSASL_OK;
	if (good)
		return SASL_CHALLENGE;
	return rc == GSASL_MECHANISM_PARSE_ERROR || rc == GSASL_BASE64_ERROR ? SASL_MALFORMED : SASL_REFUSED;
}

/* ---- the exchange ---- */

static void begin_scram(struct sasl_server *x, const struct sasl_server_request *req)
{
	for (size_t i = 0; i < ARRAY_SIZE(scrams); i++)
		if (strcmp(req->mechanism, scrams[i].name) == 0)
			x->hash = scrams[i].hash;
	x->exporter = req->exporter;
	base64_encode(&x->binding, req->binding);
	if (gsasl_init(&x->library) != GSASL_OK)
		xalloc_die();
	gsasl_callback_hook_set(x->library, x);
	gsasl_callback_set(x->library, answer);
	if (gsasl_server_start(x->library, req->mechanism, &x->session) != GSASL_OK)
		x->session = NULL;
}

struct sasl_server *sasl_server_new(const struct sasl_server_request *req)
{
	struct sasl_server *x = xcalloc(1, sizeof(*x));
	x->users = req->users;
	strbuf_init(&x->binding);
	x->kind = strcmp(req->mechanism, "PLAIN") == 0 ? PLAIN : strcmp(req->mechanism, "LOGIN") == 0 ? LOGIN : SCRAM;
	if (x->kind == SCRAM)
		begin_scram(x, req);
	return x;
}

enum sasl_verdict sasl_server_step(struct sasl_server *x, struct span response, struct strbuf *challenge)
{
	if (!response.ptr) { /* RFC 4422 section 5: an empty challenge asks for it */
		if (x->kind == LOGIN)
			strbuf_adds(challenge, "Username:");
		return SASL_CHALLENGE;
	}
	x->steps++;
	if (x->kind == PLAIN)
		return plain_step(x, response);
	if (x->kind == LOGIN)
		return login_step(x, response, challenge);
	return x->session ? scram_step(x, response, challenge) : SASL_REFUSED;
}

const char *sasl_server_name(const struct sasl_server *x)
{
	return x->name;
}

void sasl_server_free(struct sasl_server *x)
{
	if (!x)
		return;
	if (x->session)
		gsasl_finish(x->session);
	if (x->library)
		gsasl_done(x->library);
	login_key_release(&x->key);
	strbuf_release(&x->binding);
	free(x->name);
	free(x);
}
