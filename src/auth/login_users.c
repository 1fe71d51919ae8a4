/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth/login_users.h"

#include "auth/scram.h"
#include "base/base64.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "tls/digest.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *scheme;
	size_t size; /* of its keys */
} hashes[LOGIN_HASHES] = {
	[LOGIN_SHA_256] = {"{SCRAM-SHA-256}", 32},
	[LOGIN_SHA_1] = {"{SCRAM-SHA-1}", 20},
};

void login_key_release(struct login_key *key)
{
	free(key->salt);
	free(key->stored_key);
	free(key->server_key);
	*key = (struct login_key){.iterations = 0};
}

static void user_release(struct login_user *user)
{
	free(user->name);
	for (size_t i = 0; i < LOGIN_HASHES; i++)
		login_key_release(&user->keys[i]);
}

void login_users_release(struct login_users *users)
{
	for (size_t i = 0; i < users->n; i++)
		user_release(&users->v[i]);
	free(users->v);
	*users = LOGIN_USERS_INIT;
}

/* ---- a line ---- */

static bool is_name(struct span name)
{
	if (!name.len || name.len > LOGIN_NAME_MAX || name.len != span_trim(name).len || !utf8_valid(name))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (ascii_iscntrl(name.ptr[i]))
			return false;
	return true;
}

/* Base64 of so many octets, or at most so many; malloc'ed, NULL: it is not. */
static char *take_octets(struct span text, size_t least, size_t most)
{
	AUTO(strbuf) octets = STRBUF_INIT;
	bool ok = base64_decode(&octets, text) && octets.len >= least && octets.len <= most;
	return ok ? xmemdup0(text.ptr, text.len) : NULL;
}

/* "65536,SALT,STORED-KEY,SERVER-KEY" */
static bool take_key(struct span text, enum login_hash hash, struct login_key *out)
{
	size_t size = hashes[hash].size;
	unsigned long long iterations = 0;
	struct span part, salt, stored;
	if (!span_split(&text, ',', &part) || !span_to_u64(part, &iterations) || iterations < SCRAM_ITERATIONS_MIN ||
	    iterations > SCRAM_ITERATIONS_MAX || !span_split(&text, ',', &salt) || !span_split(&text, ',', &stored))
		return false;
	out->iterations = (unsigned)iterations;
	out->salt = take_octets(salt, 1, LOGIN_KEY_MAX);
	out->stored_key = take_octets(stored, size, size);
	out->server_key = take_octets(text, size, size);
	return out->salt && out->stored_key && out->server_key;
}

/* A user with one key. */
static bool take_line(struct span line, struct login_user *out)
{
	struct span name, rest = line;
	if (!span_split(&rest, ':', &name) || name.len == line.len || !is_name(name))
		return false;
	for (size_t i = 0; i < LOGIN_HASHES; i++) {
		size_t n = strlen(hashes[i].scheme);
		if (!span_starts_nocase(rest, hashes[i].scheme))
			continue;
		out->name = xmemdup0(name.ptr, name.len);
		return take_key(span_sub(rest, n, rest.len), (enum login_hash)i, &out->keys[i]);
	}
	return false;
}

/* ---- the file ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct login_user *)a)->name, ((const struct login_user *)b)->name);
}

/* Moves the key of a second line of the same user; false: there is one of this hash. */
static bool take_over(struct login_user *to, struct login_user *from)
{
	for (size_t i = 0; i < LOGIN_HASHES; i++) {
		if (!from->keys[i].iterations)
			continue;
		if (to->keys[i].iterations)
			return false;
		to->keys[i] = from->keys[i];
		from->keys[i] = (struct login_key){.iterations = 0};
	}
	return true;
}

static bool merge(struct login_users *users, const char *file, struct error *err)
{
	size_t kept = 0;
	qsort(users->v, users->n, sizeof(*users->v), by_name);
	for (size_t i = 1; i < users->n; i++) {
		struct login_user *last = &users->v[kept], *next = &users->v[i];
		if (strcmp(last->name, next->name) != 0) {
			struct login_user moved = *next;
			*next = (struct login_user){.name = NULL};
			users->v[++kept] = moved;
		} else if (take_over(last, next)) {
			user_release(next);
			*next = (struct login_user){.name = NULL};
		} else {
			return error_set(err, ERROR_CONFIG, _("%s has two lines of the same kind for %s"), file,
					 last->name);
		}
	}
	users->n = kept + 1;
	return true;
}

static bool line_error(const char *file, size_t number, struct error *err)
{
	(void)error_set(err, ERROR_CONFIG,
			_("line %zu of %s is not a name, a colon and {SCRAM-SHA-256} or {SCRAM-SHA-1} with its keys"),
			number, file);
	error_hint(err, _("Passwords themselves do not belong there: \"gsasl --mkpasswd --mechanism=SCRAM-SHA-256\" "
			  "prints what comes after the colon."));
	return false;
}

bool login_users_parse(struct login_users *out, struct span text, const char *file, struct error *err)
{
	AUTO(login_users) users = LOGIN_USERS_INIT;
	struct span rest = utf8_without_bom(text), line;
	for (size_t number = 1; span_split(&rest, '\n', &line); number++) {
		line = span_trim(line);
		if (!line.len || line.ptr[0] == '#')
			continue;
		GROW(users.v, users.n, users.cap);
		struct login_user *user = &users.v[users.n++];
		*user = (struct login_user){.name = NULL};
		if (!take_line(line, user))
			return line_error(file, number, err);
	}
	if (!users.n) {
		(void)error_set(err, ERROR_CONFIG, _("%s has no user, so that no client could log in"), file);
		return false;
	}
	if (!merge(&users, file, err))
		return false;
	login_users_release(out);
	*out = users;
	users = LOGIN_USERS_INIT;
	return true;
}

const struct login_user *login_users_find(const struct login_users *users, const char *name)
{
	struct login_user wanted = {.name = (char *)(uintptr_t)name};
	return users->n ? bsearch(&wanted, users->v, users->n, sizeof(*users->v), by_name) : NULL;
}

bool login_users_all_have(const struct login_users *users, enum login_hash hash)
{
	for (size_t i = 0; i < users->n; i++)
		if (!users->v[i].keys[hash].iterations)
			return false;
	return users->n > 0;
}

/* ---- names that there are not ---- */

static const struct login_key *first_key(const struct login_users *users, enum login_hash hash)
{
	for (size_t i = 0; i < users->n; i++)
		if (users->v[i].keys[hash].iterations)
			return &users->v[i].keys[hash];
	return NULL;
}

/* So many octets that follow from the name and from what only the server knows. */
static char *derive(const struct login_key *model, const char *purpose, const char *name, size_t size)
{
	AUTO(strbuf) text = STRBUF_INIT, out = STRBUF_INIT;
	unsigned char digest[TLS_SHA256_SIZE];
	strbuf_addf(&text, "%s %s %s ", model->stored_key, model->server_key, purpose);
	strbuf_adds(&text, name);
	tls_digest_sha256(strbuf_span(&text), digest);
	explicit_bzero(text.buf, text.len);
	base64_encode(&out, span_make((const char *)digest, size));
	return strbuf_detach(&out, NULL);
}

bool login_users_invent(const struct login_users *users, const char *name, enum login_hash hash, struct login_key *out)
{
	const struct login_key *model = first_key(users, hash);
	AUTO(strbuf) salt = STRBUF_INIT;
	if (!model || !base64_decode(&salt, span_of(model->salt)))
		return false;
	*out = (struct login_key){model->iterations, derive(model, "salt", name, salt.len),
				  derive(model, "stored", name, hashes[hash].size),
				  derive(model, "server", name, hashes[hash].size)};
	return true;
}
