/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/reply.h"

#include "base/xalloc.h"

#include <limits.h>

static const char *const kind_words[OAUTH_REPLY_KINDS] = {
	[OAUTH_REPLY_ANSWER] = "answer",
	[OAUTH_REPLY_UNRESOLVED] = "unresolved",
	[OAUTH_REPLY_UNREACHABLE] = "unreachable",
	[OAUTH_REPLY_TIMEOUT] = "timeout",
	[OAUTH_REPLY_SILENT] = "silent",
	[OAUTH_REPLY_LOST] = "lost",
	[OAUTH_REPLY_PROXY] = "proxy",
	[OAUTH_REPLY_PROXY_LOGIN] = "proxy_login",
	[OAUTH_REPLY_UNTRUSTED] = "untrusted",
	[OAUTH_REPLY_EXPIRED] = "expired",
	[OAUTH_REPLY_NOT_YET_VALID] = "not_yet_valid",
	[OAUTH_REPLY_WRONG_NAME] = "wrong_name",
	[OAUTH_REPLY_TRUST_FILE] = "trust_file",
	[OAUTH_REPLY_TLS] = "tls",
	[OAUTH_REPLY_TOO_LONG] = "too_long",
	[OAUTH_REPLY_FAILED] = "failed",
};

static const char *const content_words[] = {
	[OAUTH_CONTENT_JSON] = "json",
	[OAUTH_CONTENT_HTML] = "html",
	[OAUTH_CONTENT_EMPTY] = "empty",
	[OAUTH_CONTENT_OTHER] = "other",
};

void oauth_reply_release(struct oauth_reply *reply)
{
	secret_release(&reply->all);
	free(reply->members);
	*reply = OAUTH_REPLY_INIT;
}

/* The next field as a string; NULL: there is none. */
static const char *next_field(struct span *rest)
{
	struct span field;
	return span_field(rest, &field) ? field.ptr : NULL;
}

static bool word_index(const char *word, const char *const *words, size_t n, size_t *index)
{
	for (*index = 0; word && *index < n; ++*index)
		if (strcmp(word, words[*index]) == 0)
			return true;
	return false;
}

static bool read_members(struct oauth_reply *reply, struct span rest)
{
	size_t cap = 0;
	while (rest.len) {
		const char *name = next_field(&rest), *value = next_field(&rest);
		if (!value || !strchr("snbzax", name[0]) || !name[0])
			return false;
		GROW(reply->members, reply->n, cap);
		reply->members[reply->n++] = (struct oauth_member){name[0], name + 1, value};
	}
	return true;
}

static bool read_answer(struct oauth_reply *reply, struct span rest)
{
	const char *code = next_field(&rest), *wait = next_field(&rest), *content = next_field(&rest);
	unsigned long long number, seconds = 0;
	size_t index;
	reply->detail = next_field(&rest);
	if (!reply->detail || !span_to_u64(span_of(code), &number) || number < 100 || number > 999 ||
	    (*wait && !span_to_u64(span_of(wait), &seconds)) ||
	    !word_index(content, content_words, ARRAY_SIZE(content_words), &index))
		return false;
	reply->code = (int)number;
	reply->retry_after = !*wait ? -1 : seconds > 86400 ? 86400 : (long)seconds;
	reply->content = (enum oauth_content)index;
	return read_members(reply, rest);
}

static bool read_all(struct oauth_reply *reply)
{
	struct span rest = secret_reveal(&reply->all);
	size_t index;
	if (!word_index(next_field(&rest), kind_words, ARRAY_SIZE(kind_words), &index))
		return false;
	reply->kind = (enum oauth_reply_kind)index;
	if (index == OAUTH_REPLY_ANSWER)
		return read_answer(reply, rest);
	reply->detail = next_field(&rest);
	return reply->detail && !rest.len;
}

void oauth_reply_read(struct oauth_reply *reply, struct secret *written)
{
	oauth_reply_release(reply);
	reply->all = *written;
	*written = SECRET_INIT;
	if (!read_all(reply))
		oauth_reply_release(reply);
}

const struct oauth_member *oauth_reply_member(const struct oauth_reply *reply, const char *name)
{
	for (size_t i = 0; i < reply->n; i++)
		if (strcmp(reply->members[i].name, name) == 0)
			return &reply->members[i];
	return NULL;
}

const char *oauth_reply_string(const struct oauth_reply *reply, const char *name)
{
	const struct oauth_member *m = oauth_reply_member(reply, name);
	return m && m->type == 's' && *m->value ? m->value : NULL;
}

/* -?digits[.digits][e+digits]: the digits before the point; a number that is too large is the largest one. */
static bool parse_number(struct span text, long long *value)
{
	bool negative = text.len && text.ptr[0] == '-';
	size_t from = negative, end = from;
	unsigned long long number;
	while (end < text.len && ascii_isdigit(text.ptr[end]))
		end++;
	struct span rest = span_sub(text, end, text.len);
	if (end == from || (rest.len && rest.ptr[0] != '.' && rest.ptr[0] != 'e'))
		return false;
	for (size_t i = 0; i < rest.len; i++)
		if (!ascii_isdigit(rest.ptr[i]) && !strchr(".e+", rest.ptr[i]))
			return false;
	bool huge = memchr(rest.ptr, 'e', rest.len) || !span_to_u64(span_sub(text, from, end), &number) ||
		    number > LLONG_MAX;
	*value = huge ? LLONG_MAX : (long long)number;
	if (negative)
		*value = -*value;
	return true;
}

bool oauth_reply_number(const struct oauth_reply *reply, const char *name, long long *value)
{
	const struct oauth_member *m = oauth_reply_member(reply, name);
	return m && (m->type == 'n' || m->type == 's') && parse_number(span_trim(span_of(m->value)), value);
}

bool oauth_reply_lists(const struct oauth_reply *reply, const char *name, const char *word)
{
	const struct oauth_member *m = oauth_reply_member(reply, name);
	if (!m || (m->type != 'a' && m->type != 's'))
		return false;
	struct span rest = span_of(m->value), item;
	while ((item = span_word(&rest)).len)
		if (span_equals_str(item, word))
			return true;
	return false;
}
