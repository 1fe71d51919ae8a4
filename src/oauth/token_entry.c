/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/token_entry.h"

#include <inttypes.h>
#include <stdio.h>

static const char title[] = "posthaste token 1";

/* ---- reading ---- */

/* The value of the line NAME VALUE, which must be the next one. */
static bool next_value(struct span *rest, const char *name, struct span *value)
{
	size_t len = strlen(name);
	if (rest->len <= len || memcmp(rest->ptr, name, len) != 0 || rest->ptr[len] != ' ')
		return false;
	const char *end = memchr(rest->ptr, '\n', rest->len);
	if (!end)
		return false;
	*value = span_sub(*rest, len + 1, (size_t)(end - rest->ptr));
	*rest = span_sub(*rest, (size_t)(end - rest->ptr) + 1, rest->len);
	return true;
}

static bool next_number(struct span *rest, const char *name, int64_t *number)
{
	struct span value;
	unsigned long long n;
	if (!next_value(rest, name, &value) || !span_to_u64(value, &n) || n > INT64_MAX / 2)
		return false;
	*number = (int64_t)n;
	return true;
}

static bool next_place(struct span *rest, bool *keyring)
{
	struct span value;
	if (!next_value(rest, "place", &value))
		return false;
	*keyring = span_equals_str(value, "keyring");
	return *keyring || span_equals_str(value, "file");
}

/* Of a token nothing but visible characters is taken. */
static bool is_token(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
			return false;
	return text.len > 0;
}

bool oauth_entry_parse(struct span text, struct oauth_entry *out)
{
	struct span first;
	*out = (struct oauth_entry){.keyring = false};
	if (!span_split(&text, '\n', &first) || !span_equals_str(first, title) || !text.ptr ||
	    !next_value(&text, "client_id", &out->client_id) || !next_value(&text, "server", &out->server) ||
	    !next_value(&text, "scope", &out->scope) || !next_value(&text, "user", &out->user) ||
	    !next_number(&text, "login", &out->login_ms) || !next_number(&text, "issued", &out->issued_ms) ||
	    !next_number(&text, "life", &out->life_ms) || !next_place(&text, &out->keyring))
		return false;
	if (next_value(&text, "secret", &out->secret) ? !is_token(out->secret) : !out->keyring)
		return false;
	return span_equals_str(text, "end\n");
}

/* ---- writing ---- */

static void add(struct secret *out, struct span text)
{
	secret_append(out, text.ptr, text.len);
}

static void add_value(struct secret *out, const char *name, struct span value)
{
	add(out, span_of(name));
	add(out, SPAN_LIT(" "));
	if (value.len)
		add(out, value);
	add(out, SPAN_LIT("\n"));
}

static void add_number(struct secret *out, const char *name, int64_t value)
{
	char text[32];
	(void)snprintf(text, sizeof(text), "%" PRId64, value < 0 ? 0 : value);
	add_value(out, name, span_of(text));
}

void oauth_entry_format(const struct oauth_entry *e, struct secret *out)
{
	add(out, span_of(title));
	add(out, SPAN_LIT("\n"));
	add_value(out, "client_id", e->client_id);
	add_value(out, "server", e->server);
	add_value(out, "scope", e->scope);
	add_value(out, "user", e->user);
	add_number(out, "login", e->login_ms);
	add_number(out, "issued", e->issued_ms);
	add_number(out, "life", e->life_ms);
	add_value(out, "place", span_of(e->keyring ? "keyring" : "file"));
	if (e->secret.ptr)
		add_value(out, "secret", e->secret);
	add(out, SPAN_LIT("end\n"));
}
