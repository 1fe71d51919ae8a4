/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/variables.h"

#include "base/i18n.h"
#include "base/xalloc.h"

/* Of a default within a default. */
#define DEPTH_MAX 16

struct replacement {
	const struct variables_request *req;
	struct span text;
	struct strbuf *out;
	size_t at; /* the place of the fault */
	bool literal, quoted;
	unsigned depth;
};

static bool replace(struct replacement *r, struct span part, struct error *err);

static bool begins_name(char c)
{
	return ascii_isalpha(c) || c == '_';
}

static size_t name_length(struct span text)
{
	size_t n = 0;
	if (text.len && begins_name(text.ptr[0]))
		while (n < text.len && (begins_name(text.ptr[n]) || ascii_isdigit(text.ptr[n])))
			n++;
	return n;
}

/* The length of what comes before the brace that ends a default; text.len if none does. */
static size_t default_length(struct span text)
{
	unsigned open = 0;
	for (size_t i = 0; i < text.len; i++) {
		bool pair = text.ptr[i] == '$' && i + 1 < text.len;
		if (pair && text.ptr[i + 1] == '{')
			open++;
		else if (text.ptr[i] == '}' && open-- == 0)
			return i;
		if (pair && strchr("{$", text.ptr[i + 1]))
			i++;
	}
	return text.len;
}

static bool malformed(struct replacement *r, const char *where, struct error *err)
{
	r->at = (size_t)(where - r->text.ptr);
	(void)error_set(err, ERROR_CONFIG, "%s", _("expected ${NAME} or ${NAME:-DEFAULT}, got another text after ${"));
	error_hint(err, "%s", _("A dollar sign before a brace is written $$."));
	return false;
}

static bool not_set(struct replacement *r, const char *name, const char *where, struct error *err)
{
	/* a text that is nothing else is no password by accident */
	bool alone = where == r->text.ptr && memchr(where, '}', r->text.len) == where + r->text.len - 1;
	bool shown = !r->req->secret || alone;
	r->at = (size_t)(where - r->text.ptr);
	if (r->req->runtime->privileged)
		(void)error_set(err, ERROR_CONFIG,
				_("the environment variable %s is not used: running set-user-ID or set-group-ID"),
				shown ? name : "");
	else if (shown)
		(void)error_set(err, ERROR_CONFIG, _("the environment variable %s is not set"), name);
	else
		(void)error_set(err, ERROR_CONFIG, "%s", _("an environment variable in this text is not set"));
	error_hint(err, "%s",
		   _("Set it where posthaste is started, or write ${NAME:-DEFAULT}; a dollar sign before a brace is "
		     "written $$."));
	return false;
}

static void add_value(struct replacement *r, const char *value)
{
	for (; *value; value++) {
		if (r->req->words && r->quoted && strchr("\"\\", *value))
			strbuf_addch(r->out, '\\');
		strbuf_addch(r->out, *value);
	}
}

static void note_used(const struct replacement *r, const char *name)
{
	struct strvec *used = r->req->runtime->variables;
	if (used && !strvec_has(used, name))
		strvec_push(used, name);
}

/* part begins after "${"; *used: how long it is, with its brace. */
static bool replace_one(struct replacement *r, struct span part, size_t *used, struct error *err)
{
	const struct runtime *runtime = r->req->runtime;
	const char *where = part.ptr - 2;
	size_t n = name_length(part);
	AUTO_FREE char *name = xmemdup0(part.ptr, n);
	struct span rest = span_sub(part, n, part.len), otherwise = {NULL, 0};
	bool has_default = span_starts_nocase(rest, ":-");
	if (has_default)
		otherwise = span_sub(rest, 2, 2 + default_length(span_sub(rest, 2, rest.len)));
	*used = n + (has_default ? 2 + otherwise.len : 0) + 1;
	if (!n || *used > part.len || part.ptr[*used - 1] != '}' || r->depth == DEPTH_MAX)
		return malformed(r, where, err);
	note_used(r, name);
	const char *value = runtime->privileged ? NULL : runtime_env(runtime, name);
	if (value && (*value || !has_default)) {
		add_value(r, value);
		return true;
	}
	if (!has_default)
		return not_set(r, name, where, err);
	r->depth++;
	bool ok = replace(r, otherwise, err);
	r->depth--;
	return ok;
}

/* Lists keep the quotes around their words until they are taken apart. */
static void note_quote(struct replacement *r, struct span part, size_t i)
{
	bool begins = i == 0 || ascii_isblank(part.ptr[i - 1]);
	if (part.ptr[i] == '"' && (r->quoted || begins))
		r->quoted = !r->quoted;
}

static bool replace(struct replacement *r, struct span part, struct error *err)
{
	for (size_t i = 0; i < part.len; i++) {
		char next = i + 1 < part.len ? part.ptr[i + 1] : '\0';
		if (part.ptr[i] == '$' && next == '{') {
			size_t used;
			if (!replace_one(r, span_sub(part, i + 2, part.len), &used, err))
				return false;
			i += 1 + used;
			continue;
		}
		if (r->req->words)
			note_quote(r, part, i);
		strbuf_addch(r->out, part.ptr[i]);
		r->literal = true;
		if (part.ptr[i] == '$' && next == '$')
			i++;
		else if (r->req->words && r->quoted && part.ptr[i] == '\\' && next)
			strbuf_addch(r->out, part.ptr[++i]);
	}
	return true;
}

bool variables_replace(struct span text, const struct variables_request *req, struct strbuf *out, bool *literal,
		       size_t *at, struct error *err)
{
	struct strbuf done = STRBUF_INIT;
	struct replacement r = {.req = req, .text = text, .out = &done};
	bool ok = replace(&r, text, err);
	if (ok)
		strbuf_add_span(out, strbuf_span(&done));
	else
		*at = r.at;
	*literal = r.literal;
	strbuf_wipe(&done);
	return ok;
}
