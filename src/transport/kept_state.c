/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/kept_state.h"

#include "base/xalloc.h"
#include "smtp/reply.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>

/* The first field; a program of another version reads nothing of it. */
#define FORMAT "posthaste session 2 " PACKAGE_VERSION

void kept_state_release(struct kept_state *s)
{
	free(s->server.host);
	free(s->server.domain);
	free(s->peer);
	free(s->greeting);
	free(s->greeting_name);
	strvec_release(&s->lines);
	free(s->mech);
	tls_info_release(&s->info);
	strbuf_wipe(&s->keys);
	*s = KEPT_STATE_INIT;
}

/* ---- the fields, in their order; NULL is "" ---- */

struct text_field {
	size_t at;
};
#define TEXT(member)                                \
	{                                           \
		offsetof(struct kept_state, member) \
	}
static const struct text_field texts[] = {TEXT(server.host),	 TEXT(server.domain), TEXT(peer),
					  TEXT(greeting),	 TEXT(greeting_name), TEXT(mech),
					  TEXT(info.version),	 TEXT(info.cipher),   TEXT(info.description),
					  TEXT(info.verified_by)};
static const struct text_field flags[] = {TEXT(server.tls),    TEXT(server.starttls),	 TEXT(server.is_socket),
					  TEXT(server.unsure), TEXT(server.name_counts), TEXT(loopback),
					  TEXT(tls),	       TEXT(one_ehlo),		 TEXT(info.active)};
static const struct text_field numbers[] = {TEXT(server.port), TEXT(messages), TEXT(transactions),
					    TEXT(needs_asked), TEXT(ignored),  TEXT(info.faults)};
#undef TEXT

static const void *member(const struct kept_state *s, const struct text_field *f)
{
	return (const char *)s + f->at;
}

static void add_number(struct strbuf *out, unsigned long n)
{
	strbuf_addf(out, "%lu", n);
	strbuf_addch(out, '\0');
}

void kept_state_write(const struct kept_state *s, struct strbuf *out)
{
	strbuf_add_field(out, FORMAT);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		strbuf_add_field(out, *(char *const *)member(s, &texts[i]));
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		add_number(out, *(const bool *)member(s, &flags[i]));
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		add_number(out, *(const unsigned *)member(s, &numbers[i]));
	add_number(out, s->lines.n);
	for (size_t i = 0; i < s->lines.n; i++)
		strbuf_add_field(out, s->lines.v[i]);
	strbuf_grow(out, s->keys.len + 1); /* so that it does not move and leave a copy of the keys */
	strbuf_add_span(out, strbuf_span(&s->keys));
}

static bool read_number(struct span *rest, unsigned long long max, unsigned long long *n)
{
	struct span field;
	return span_field(rest, &field) && span_to_u64(field, n) && *n <= max;
}

static bool read_texts(struct kept_state *s, struct span *rest)
{
	struct span field;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (!span_field(rest, &field))
			return false;
		char **to = (char **)(uintptr_t)member(s, &texts[i]);
		*to = field.len ? xmemdup0(field.ptr, field.len) : NULL;
	}
	return s->server.host != NULL;
}

static bool read_numbers(struct kept_state *s, struct span *rest)
{
	unsigned long long n;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (!read_number(rest, 1, &n))
			return false;
		*(bool *)(uintptr_t)member(s, &flags[i]) = n;
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (!read_number(rest, UINT_MAX, &n))
			return false;
		*(unsigned *)(uintptr_t)member(s, &numbers[i]) = (unsigned)n;
	}
	return true;
}

static bool read_lines(struct kept_state *s, struct span *rest)
{
	unsigned long long n;
	struct span field;
	if (!read_number(rest, REPLY_LINES_MAX, &n))
		return false;
	for (; n; n--) {
		if (!span_field(rest, &field))
			return false;
		strvec_push(&s->lines, field.ptr); /* a NUL follows */
	}
	return true;
}

bool kept_state_read(struct kept_state *s, struct span octets)
{
	struct span rest = octets, field;
	*s = KEPT_STATE_INIT;
	if (span_field(&rest, &field) && span_equals_str(field, FORMAT) && read_texts(s, &rest) &&
	    read_numbers(s, &rest) && read_lines(s, &rest)) {
		strbuf_add_span(&s->keys, rest);
		return true;
	}
	kept_state_release(s);
	return false;
}
