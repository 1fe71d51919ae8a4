/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/local_recipients.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "submit/alias_file.h"
#include "submit/envelope_fill.h"

#define NAMED_MAX 20 /* recipients named in one line */

static bool any_local(const struct submission *p)
{
	for (size_t i = 0; i < p->env.n; i++)
		if (local_names_has(&p->local, span_of(p->env.rcpts[i].address.given)))
			return true;
	return false;
}

/* ---- aliases ---- */

static bool load_aliases(const struct submission *p, const struct request *request, struct aliases *a,
			 struct error *err)
{
	const char *path = account_str(p->account, OPT_ALIASES);
	if (!path || request->given[OPT_NO_ALIASES])
		return true;
	if (!alias_file_read(path, a, err))
		return false;
	if (aliases_sound(a, path, err))
		return true;
	error_hint(err, "%s", _("posthaste -bi shows all that is wrong in the aliases file."));
	return false;
}

static bool add_expanded(struct envelope *env, const struct strvec *out, const char *original, struct error *err)
{
	for (size_t i = 0; i < out->n; i++) {
		struct mail_address address;
		if (!envelope_make_address(out->v[i], false, &address, err)) {
			error_stage(err, _("recipient %s, alias of %s"), out->v[i], original);
			return false;
		}
		envelope_add(env, address);
		if (strcmp(out->v[i], original) != 0)
			env->rcpts[env->n - 1].orcpt = xstrdup(original);
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
		AUTO(strvec) out = STRVEC_INIT;
		alias_walk_expand(&walk, p->env.rcpts[i].address.given, &out);
		ok = add_expanded(&env, &out, p->env.rcpts[i].address.given, err);
	}
	if (!ok)
		return false;
	take_recipients(&old, &p->env);
	take_recipients(&p->env, &env);
	envelope_unique(&p->env);
	return true;
}

/* ---- what stays local ---- */

static bool refuses(const struct account *a)
{
	return strcmp(account_word_text(a, OPT_LOCAL_RECIPIENTS), "refuse") == 0 && !account_is_set(a, OPT_SOCKET) &&
	       strcmp(account_word_text(a, OPT_PROTOCOL), "lmtp") != 0;
}

static void add_recipient(struct envelope *env, const struct recipient *rcpt)
{
	envelope_add(env, rcpt->address);
	env->rcpts[env->n - 1].orcpt = rcpt->orcpt;
}

static void set_refused_aside(struct submission *p)
{
	size_t kept = 0;
	for (size_t i = 0; i < p->env.n; i++) {
		const struct recipient *rcpt = &p->env.rcpts[i];
		if (local_names_has(&p->local, span_of(rcpt->address.given)))
			add_recipient(&p->refused, rcpt);
		else
			p->env.rcpts[kept++] = *rcpt;
	}
	p->env.n = kept;
}

static char *refused_hint(const struct submission *p)
{
	const char *path = account_str(p->account, OPT_ALIASES);
	AUTO(strbuf) user = STRBUF_INIT;
	local_names_user(span_of(p->refused.rcpts[0].address.given), &user);
	if (path)
		return xasprintf(_("Add a line \"%s: you@example.org\" to %s, or write the address in full."), user.buf,
				 path);
	return xasprintf(_("Write the address in full, or a line \"%s: you@example.org\" into a file that the setting "
			   "aliases names."),
			 user.buf);
}

/* Nobody gets the message. */
static bool refuse_all(const struct submission *p, struct error *err)
{
	AUTO(strbuf) names = STRBUF_INIT;
	AUTO_FREE char *hint = refused_hint(p);
	for (size_t i = 0; i < p->refused.n && i < NAMED_MAX; i++)
		strbuf_addf(&names, "%s%s", i ? ", " : "", p->refused.rcpts[i].address.given);
	if (p->refused.n > NAMED_MAX)
		strbuf_adds(&names, ", ...");
	(void)error_set(err, ERROR_LOCAL_NAME, "%s",
			p->env.n ? _("a local name is not handed to a mail server, and all recipients were to get the "
				     "message or none")
				 : _("a local name is not handed to a mail server"));
	error_stage(err, _("recipient %s"), names.buf);
	error_hint(err, "%s", hint);
	return false;
}

bool local_recipients_settle(struct submission *p, const struct request *request, struct error *err)
{
	AUTO(aliases) a = ALIASES_INIT;
	if (!any_local(p))
		return true;
	if (!load_aliases(p, request, &a, err) || !expand(p, &a, err))
		return false;
	if (!refuses(p->account))
		return true;
	set_refused_aside(p);
	bool all = strcmp(account_word_text(p->account, OPT_PARTIAL), "abort") == 0;
	return !p->refused.n || (p->env.n && !all) || refuse_all(p, err);
}

void local_recipients_report(struct submission *p, struct delivery_result *result)
{
	if (!p->refused.n)
		return;
	AUTO_FREE char *hint = refused_hint(p);
	result->outcomes = xreallocarray(result->outcomes, result->n + p->refused.n, sizeof(*result->outcomes));
	for (size_t i = 0; i < p->refused.n; i++) {
		add_recipient(&p->env, &p->refused.rcpts[i]);
		result->outcomes[result->n++] = (struct outcome){
			.kind = OUTCOME_REFUSED,
			.status = {.kind = ERROR_LOCAL_NAME,
				   .text = xstrdup(_("a local name is not handed to a mail server")),
				   .stage = xasprintf(_("recipient %s"), p->refused.rcpts[i].address.given),
				   .hint = xstrdup(hint)},
			.of_recipient = true,
		};
	}
	p->refused.n = 0; /* their strings are p->env's now */
}
