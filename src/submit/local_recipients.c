/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/local_recipients.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "submit/alias_file.h"
#include "submit/envelope_fill.h"

#define NAMED_MAX 20 /* recipients named in one line */

static bool is_local(const struct submission *p, const struct recipient *rcpt)
{
	return !rcpt->refused && local_names_has(&p->local, span_of(rcpt->address.given));
}

static bool any_local(const struct submission *p)
{
	for (size_t i = 0; i < p->env.n; i++)
		if (is_local(p, &p->env.rcpts[i]))
			return true;
	return false;
}

static bool refuses(const struct account *a)
{
	return strcmp(account_word_text(a, OPT_LOCAL_RECIPIENTS), "refuse") == 0 && !account_is_set(a, OPT_SOCKET) &&
	       strcmp(account_word_text(a, OPT_PROTOCOL), "lmtp") != 0;
}

/* ---- aliases ---- */

static bool load_aliases(const struct submission *p, const struct request *request, struct aliases *a,
			 struct error *err)
{
	const char *path = account_str(p->account, OPT_ALIASES);
	if (!path || request->given[OPT_NO_ALIASES])
		return true;
	return alias_file_read(path, a, err);
}

/* Refuses a recipient whose alias cannot be used. */
static void refuse_alias(const struct submission *p, struct recipient *rcpt, const struct alias_found *found)
{
	const char *path = account_str(p->account, OPT_ALIASES);
	size_t line = found->loop ? found->at->line : found->at->problem_line;
	struct status why = {
		.kind = ERROR_LOCAL_NAME,
		.stage = xasprintf(_("recipient %s"), rcpt->address.given),
		.text = found->loop ? xasprintf(_("%s, line %zu: the alias leads back to itself, and to no address"),
						path, line)
				    : xasprintf(_("%s, line %zu: %s"), path, line, found->at->problem_text),
		.hint = xasprintf(_("Correct the line in %s; posthaste -bi shows all that cannot be used."), path),
	};
	recipient_refuse(rcpt, &why);
}

static bool add_expanded(const struct submission *p, struct envelope *env, const struct alias_finds *out,
			 const struct recipient *from, struct error *err)
{
	const char *original = from->address.given;
	for (size_t i = 0; i < out->n; i++) {
		const char *addr = out->v[i].addr;
		struct mail_address address;
		if (!envelope_make_address(addr, false, &address, err)) {
			error_stage(err, _("recipient %s, alias of %s"), addr, original);
			return false;
		}
		envelope_add(env, address);
		struct recipient *rcpt = &env->rcpts[env->n - 1];
		rcpt->notify = from->notify;
		if (from->orcpt || strcmp(addr, original) != 0)
			rcpt->orcpt = xstrdup(from->orcpt ? from->orcpt : original);
		if (out->v[i].at && (!out->v[i].loop || refuses(p->account)))
			refuse_alias(p, rcpt, &out->v[i]);
	}
	return true;
}

static void take_recipients(struct envelope *to, struct envelope *from)
{
	to->rcpts = steal_ptr(from->rcpts);
	to->n = from->n;
	to->cap = from->cap;
	from->n = from->cap = 0;
}

static bool expand(struct submission *p, const struct aliases *a, struct error *err)
{
	AUTO(envelope) env = ENVELOPE_INIT, old = ENVELOPE_INIT;
	AUTO(alias_walk) walk;
	bool ok = true;
	alias_walk_init(&walk, a, &p->local);
	for (size_t i = 0; ok && i < p->env.n; i++) {
		AUTO(alias_finds) out = ALIAS_FINDS_INIT;
		struct recipient *rcpt = &p->env.rcpts[i];
		if (rcpt->refused) {
			envelope_move(&env, rcpt);
			continue;
		}
		alias_walk_expand(&walk, rcpt->address.given, &out);
		ok = add_expanded(p, &env, &out, rcpt, err);
	}
	if (!ok)
		return false;
	take_recipients(&old, &p->env);
	take_recipients(&p->env, &env);
	envelope_unique(&p->env);
	return true;
}

/* ---- recipients that are local even then ---- */

/* One for all of them; names the first. */
static char *make_hint(const struct submission *p, const char *refused)
{
	const char *path = account_str(p->account, OPT_ALIASES);
	AUTO(strbuf) user = STRBUF_INIT;
	local_names_user(span_of(refused), &user);
	if (path)
		return xasprintf(_("Add a line \"%s: you@example.org\" to %s, or write the address in full."), user.buf,
				 path);
	return xasprintf(_("Write the address in full, or a line \"%s: you@example.org\" into a file that the setting "
			   "aliases names."),
			 user.buf);
}

static void refuse_local(struct submission *p)
{
	AUTO_FREE char *hint = NULL;
	for (size_t i = 0; i < p->env.n; i++) {
		struct recipient *rcpt = &p->env.rcpts[i];
		if (!is_local(p, rcpt))
			continue;
		if (!hint)
			hint = make_hint(p, rcpt->address.given);
		struct status why = {
			.kind = ERROR_LOCAL_NAME,
			.text = xstrdup(_("a local name is not handed to a mail server")),
			.stage = xasprintf(_("recipient %s"), rcpt->address.given),
			.hint = xstrdup(hint),
		};
		recipient_refuse(rcpt, &why);
	}
}

/* The error of a message that is not sent at all, because of the recipients that are refused. */
static bool refuse_message(const struct submission *p, struct error *err)
{
	AUTO(strbuf) names = STRBUF_INIT;
	const struct status *first = NULL;
	size_t n = 0;
	for (size_t i = 0; i < p->env.n; i++) {
		const struct recipient *rcpt = &p->env.rcpts[i];
		if (!rcpt->refused)
			continue;
		if (!first || (first->kind == ERROR_ADDRESS && rcpt->refused->kind != ERROR_ADDRESS))
			first = rcpt->refused;
		if (n++ < NAMED_MAX)
			strbuf_addf(&names, "%s%s", names.len ? ", " : "", rcpt->address.given);
	}
	if (n > NAMED_MAX)
		strbuf_adds(&names, ", ...");
	(void)error_set(err, first->kind,
			n < p->env.n ? _("%s, and all recipients were to get the message or none") : "%s", first->text);
	error_stage(err, _("recipient %s"), names.buf);
	error_hint(err, "%s", first->hint);
	return false;
}

bool local_recipients_settle(struct submission *p, const struct request *request, struct error *err)
{
	AUTO(aliases) a = ALIASES_INIT;
	if (any_local(p)) {
		if (!load_aliases(p, request, &a, err) || !expand(p, &a, err))
			return false;
		if (refuses(p->account))
			refuse_local(p);
	}
	bool all_or_none = strcmp(account_word_text(p->account, OPT_PARTIAL), "abort") == 0;
	size_t open = envelope_count_open(&p->env);
	return open == p->env.n || (open && !all_or_none) || refuse_message(p, err);
}
