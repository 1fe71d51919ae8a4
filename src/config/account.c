/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/account.h"

#include "base/env.h"
#include "base/i18n.h"
#include "base/xalloc.h"

#include <assert.h>

struct account *account_new(const char *name, enum config_flavour flavour, char *const *env)
{
	struct account *a = xcalloc(1, sizeof(*a));
	a->name = xstrdup(name);
	a->flavour = flavour;
	a->environ = env;
	return a;
}

void account_free(struct account *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < OPTION_COUNT; i++)
		value_release(&a->v[i]);
	free(a->own_from);
	free(a->name);
	free(a);
}

const char *account_title(const struct account *a)
{
	return *a->name ? a->name : _("of the command line");
}

void account_merge(struct account *to, const struct account *from)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (!from->v[i].set)
			continue;
		value_copy(&to->v[i], &from->v[i]);
		to->origin[i] = from->origin[i];
		to->from_defaults[i] = from->from_defaults[i];
	}
}

/* Translates the argument of another spelling into the value of the row it stands for. */
static bool translate_argument(const struct option_row *row, struct span *text, struct error *err)
{
	struct value given = {.set = false};
	AUTO(strbuf) canonical = STRBUF_INIT;
	struct span word;
	char mark;
	if (!row->words)
		return true;
	if (!value_parse(row, *text, &given, err))
		return false;
	value_format(row, &given, &canonical);
	value_release(&given);
	if (row->type == VALUE_NONE) {
		*text = option_word(row, 0, &mark);
		return true;
	}
	for (size_t i = 0; (word = option_word(row, i, &mark)).len; i += 2)
		if (span_equal(word, strbuf_span(&canonical))) {
			*text = option_word(row, i + 1, &mark);
			return true;
		}
	return error_set(err, ERROR_INTERNAL, "no meaning for an old spelling");
}

static bool expand_path(const struct account *a, const struct option_row *row, struct value *v, struct error *err)
{
	if (row->type != VALUE_PATH || !v->s)
		return true;
	char *path = env_expand_home(a->environ, v->s, err);
	if (!path) {
		value_release(v);
		return false;
	}
	free(v->s);
	v->s = path;
	return true;
}

/* An empty -f is the null sender, as for sendmail; in an msmtprc "from" and "domain" without an argument mean that
 * nothing is set.  True if v is the value. */
static bool read_empty(const struct account *a, enum option_id id, struct span *text, const struct origin *origin,
		       struct value *v)
{
	if (text->len || (id != OPT_FROM && id != OPT_DOMAIN))
		return false;
	bool typed = origin->kind == ORIGIN_COMMAND_LINE;
	if (typed && id == OPT_FROM)
		*text = SPAN_LIT("<>");
	else if (!typed && a->flavour == FLAVOUR_MSMTP)
		*v = (struct value){.set = true, .none = true};
	return v->set;
}

bool account_set(struct account *a, enum option_id id, struct span text, struct origin origin, struct error *err)
{
	const struct option_row *row = &option_table[id];
	struct value v = {.set = false};
	if (row->flags & OPTION_LATER)
		return option_later(row, origin.kind == ORIGIN_COMMAND_LINE ? ERROR_USAGE : ERROR_CONFIG, err);
	if (row->flags & OPTION_IGNORED)
		return true;
	if (row->target) {
		if (!translate_argument(row, &text, err))
			return false;
		row = option_target(row);
	}
	if (!read_empty(a, row->id, &text, &origin, &v) &&
	    (!value_parse(row, text, &v, err) || !expand_path(a, row, &v, err))) {
		/* of a wrong argument the command line says 64, a file 78 */
		if (err && err->status.kind == ERROR_CONFIG && origin.kind == ORIGIN_COMMAND_LINE)
			err->status.kind = ERROR_USAGE;
		return false;
	}
	value_release(&a->v[row->id]);
	a->v[row->id] = v;
	a->origin[row->id] = origin;
	a->from_defaults[row->id] = false;
	return true;
}

bool account_is_set(const struct account *a, enum option_id id)
{
	return a->v[id].set && !a->v[id].none;
}

static bool has_type(enum option_id id, enum value_type type)
{
	return option_table[id].type == type;
}

bool account_bool(const struct account *a, enum option_id id)
{
	assert(has_type(id, VALUE_BOOL) || has_type(id, VALUE_NONE));
	return a->v[id].n != 0;
}

long long account_int(const struct account *a, enum option_id id)
{
	assert(has_type(id, VALUE_INT) || has_type(id, VALUE_DURATION) || has_type(id, VALUE_SIZE));
	return a->v[id].n;
}

int account_word(const struct account *a, enum option_id id)
{
	assert(has_type(id, VALUE_WORD));
	return (int)a->v[id].n;
}

const char *account_word_text(const struct account *a, enum option_id id)
{
	const struct option_row *row = &option_table[id];
	long long index = a->v[id].n;
	struct span word;
	char mark;
	assert(has_type(id, VALUE_WORD));
	for (size_t i = 0; account_is_set(a, id) && (word = option_word(row, i, &mark)).len; i++)
		if (mark != '=' && index-- == 0)
			return word.ptr;
	return NULL;
}

const char *account_str(const struct account *a, enum option_id id)
{
	assert(has_type(id, VALUE_STRING) || has_type(id, VALUE_PATH));
	return a->v[id].s;
}

const struct strvec *account_list(const struct account *a, enum option_id id)
{
	assert(has_type(id, VALUE_LIST));
	return &a->v[id].list;
}

const struct secret *account_secret(const struct account *a, enum option_id id)
{
	assert(has_type(id, VALUE_SECRET));
	return &a->v[id].secret;
}

bool account_tls_is_verified(const struct account *a)
{
	return account_bool(a, OPT_TLS) && account_bool(a, OPT_TLS_CERTCHECK);
}

char *origin_text(const struct origin *o)
{
	switch (o->kind) {
	case ORIGIN_FILE: return xasprintf(_("%s, line %u"), o->file, o->line);
	case ORIGIN_ENVIRONMENT: return xstrdup(o->file);
	case ORIGIN_COMMAND_LINE: return xstrdup(o->file ? o->file : _("command line"));
	case ORIGIN_DERIVED: return o->file ? xasprintf(_("derived from %s"), o->file) : xstrdup(_("derived"));
	case ORIGIN_DEFAULT: break;
	}
	return xstrdup(_("default"));
}
