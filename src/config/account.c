/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/account.h"

#include "base/env.h"
#include "base/i18n.h"
#include "base/xalloc.h"

#include <assert.h>
#include <limits.h>

struct account *account_new(const char *name, enum config_flavour flavour, char *const *env)
{
	struct account *a = xcalloc(1, sizeof(*a));
	a->name = xstrdup(name);
	a->flavour = flavour;
	a->environ = env;
	return a;
}

/* ---- settings ---------------------------------------------------------------- */

struct setting {
	size_t users;
	struct value value;
	struct origin origin;
};

static void setting_release(struct setting *setting)
{
	if (--setting->users)
		return;
	value_release(&setting->value);
	free(setting);
}

static const struct setting unset = {.users = 0};

static const struct setting *setting_of(const struct account *a, enum option_id id)
{
	return a->slot_of[id] ? a->slots[a->slot_of[id] - 1].setting : &unset;
}

const struct value *account_value(const struct account *a, enum option_id id)
{
	return &setting_of(a, id)->value;
}

const struct origin *account_origin(const struct account *a, enum option_id id)
{
	return &setting_of(a, id)->origin;
}

/* Frees the option's slot; the last one moves there. */
static void remove_slot(struct account *a, enum option_id id)
{
	if (!a->slot_of[id])
		return;
	size_t at = a->slot_of[id] - 1U;
	setting_release(a->slots[at].setting);
	a->slots[at] = a->slots[--a->n];
	for (size_t i = 0; i < OPTION_COUNT && a->n != at; i++)
		if (a->slot_of[i] == a->n + 1) {
			a->slot_of[i] = (unsigned char)(at + 1);
			break;
		}
	a->slot_of[id] = 0;
}

static void add_slot(struct account *a, enum option_id id, struct setting *setting, bool from_defaults)
{
	_Static_assert(OPTION_COUNT <= UCHAR_MAX, "the numbers of slots are bytes");
	setting->users++;
	if (a->slot_of[id]) {
		struct account_slot *slot = &a->slots[a->slot_of[id] - 1];
		setting_release(slot->setting);
		*slot = (struct account_slot){setting, from_defaults};
		return;
	}
	GROW(a->slots, a->n, a->cap);
	a->slots[a->n++] = (struct account_slot){setting, from_defaults};
	a->slot_of[id] = (unsigned char)a->n;
}

void account_put(struct account *a, enum option_id id, struct value *v, struct origin origin)
{
	struct setting *setting = xcalloc(1, sizeof(*setting));
	setting->value = *v;
	setting->origin = origin;
	*v = (struct value){.set = false};
	add_slot(a, id, setting, false);
}

void account_take(struct account *to, const struct account *from, enum option_id id)
{
	const struct account_slot *slot = from->slot_of[id] ? &from->slots[from->slot_of[id] - 1] : NULL;
	if (slot)
		add_slot(to, id, slot->setting, slot->from_defaults);
	else
		remove_slot(to, id);
}

void account_merge(struct account *to, const struct account *from)
{
	for (size_t i = 0; from->n && i < OPTION_COUNT; i++)
		if (from->slot_of[i])
			account_take(to, from, (enum option_id)i);
}

void account_mark_defaults(struct account *a)
{
	for (size_t i = 0; i < a->n; i++)
		a->slots[i].from_defaults = true;
}

void account_inherit(struct account *a, const struct account *parent)
{
	for (size_t i = 0; parent->n && i < OPTION_COUNT; i++) {
		const struct account_slot *slot = parent->slot_of[i] ? &parent->slots[parent->slot_of[i] - 1] : NULL;
		if (slot && !slot->from_defaults)
			add_slot(a, (enum option_id)i, slot->setting, false);
	}
}

void account_free(struct account *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->n; i++)
		setting_release(a->slots[i].setting);
	free(a->slots);
	free(a->own_from);
	free(a->name);
	free(a);
}

const char *account_title(const struct account *a)
{
	return *a->name ? a->name : _("of the command line");
}

/* ---- setting one ------------------------------------------------------------- */

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

static bool expand_paths(const struct account *a, struct value *v, struct error *err)
{
	for (size_t i = 0; i < v->list.n; i++) {
		char *path = env_expand_home(a->environ, v->list.v[i], err);
		if (!path) {
			value_release(v);
			return false;
		}
		free(v->list.v[i]);
		v->list.v[i] = path;
	}
	return true;
}

static bool expand_path(const struct account *a, const struct option_row *row, struct value *v, struct error *err)
{
	if (row->flags & OPTION_PATHS)
		return expand_paths(a, v, err);
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

/* An empty -f is the null sender, as for sendmail; in an msmtprc "from" and "domain" without an argument undo what an
 * account has from others: the default applies.  True if there is nothing to parse. */
static bool read_empty(const struct account *a, enum option_id id, struct span *text, const struct origin *origin)
{
	if (text->len || (id != OPT_FROM && id != OPT_DOMAIN))
		return false;
	if (origin->kind == ORIGIN_COMMAND_LINE && id == OPT_FROM)
		*text = SPAN_LIT("<>");
	return origin->kind != ORIGIN_COMMAND_LINE && a->flavour == FLAVOUR_MSMTP;
}

bool account_set(struct account *a, enum option_id id, struct span text, struct origin origin, struct error *err)
{
	const struct option_row *row = &option_table[id];
	struct value v = {.set = false};
	if (row->flags & OPTION_IGNORED)
		return true;
	if (row->target) {
		if (!translate_argument(row, &text, err))
			return false;
		row = option_target(row);
	}
	if (!read_empty(a, row->id, &text, &origin) &&
	    (!value_parse(row, text, &v, err) || !expand_path(a, row, &v, err))) {
		/* of a wrong argument the command line says 64, a file 78 */
		if (err && err->status.kind == ERROR_CONFIG && origin.kind == ORIGIN_COMMAND_LINE)
			err->status.kind = ERROR_USAGE;
		return false;
	}
	account_put(a, row->id, &v, origin);
	return true;
}

/* ---- reading ----------------------------------------------------------------- */

bool account_is_set(const struct account *a, enum option_id id)
{
	return account_value(a, id)->set && !account_value(a, id)->none;
}

static bool has_type(enum option_id id, enum value_type type)
{
	return option_table[id].type == type;
}

bool account_bool(const struct account *a, enum option_id id)
{
	assert(has_type(id, VALUE_BOOL) || has_type(id, VALUE_NONE));
	return account_value(a, id)->n != 0;
}

long long account_int(const struct account *a, enum option_id id)
{
	assert(has_type(id, VALUE_INT) || has_type(id, VALUE_DURATION) || has_type(id, VALUE_SIZE));
	return account_value(a, id)->n;
}

int account_word(const struct account *a, enum option_id id)
{
	assert(has_type(id, VALUE_WORD));
	return (int)account_value(a, id)->n;
}

const char *account_word_text(const struct account *a, enum option_id id)
{
	const struct option_row *row = &option_table[id];
	long long index = account_value(a, id)->n;
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
	return account_value(a, id)->s;
}

const struct strvec *account_list(const struct account *a, enum option_id id)
{
	assert(has_type(id, VALUE_LIST));
	return &account_value(a, id)->list;
}

const struct secret *account_secret(const struct account *a, enum option_id id)
{
	assert(has_type(id, VALUE_SECRET));
	return &account_value(a, id)->secret;
}

bool account_tls_is_checked(const struct account *a)
{
	return account_bool(a, OPT_TLS) && account_bool(a, OPT_TLS_CERTCHECK) &&
	       !(account_is_set(a, OPT_TLS_FINGERPRINT) && account_bool(a, OPT_TLS_FINGERPRINT_ONLY));
}

bool account_tls_is_pinned(const struct account *a)
{
	return account_tls_is_checked(a) && account_str(a, OPT_TLS_FINGERPRINT);
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

bool account_uses_oauth(const struct account *a)
{
	static const enum option_id ids[] = {OPT_OAUTH_PROVIDER,      OPT_OAUTH_ISSUER,	   OPT_OAUTH_DEVICE_URL,
					     OPT_OAUTH_AUTHORIZE_URL, OPT_OAUTH_TOKEN_URL, OPT_OAUTH_CLIENT_ID};
	const char *auth = account_word_text(a, OPT_AUTH);
	if (!auth || (strcmp(auth, "on") != 0 && strcmp(auth, "oauthbearer") != 0 && strcmp(auth, "xoauth2") != 0))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		if (account_is_set(a, ids[i]))
			return true;
	return false;
}
