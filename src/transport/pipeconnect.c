/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/pipeconnect.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "transport/caps_cache.h"

void pipeconnect_release(struct pipeconnect *p)
{
	caps_release(&p->caps);
}

static void note(const struct pipeconnect *p, const char *text, const struct error *err)
{
	if (!p->note || (err && err->status.kind == ERROR_NONE))
		return;
	AUTO_FREE char *line = err ? xasprintf("%s: %s", text, err->status.text) : xstrdup(text);
	p->note(p->note_arg, line);
}

static struct caps_cache_key key_of(const struct pipeconnect *p)
{
	return (struct caps_cache_key){
		.host = p->server->host,
		.port = p->server->port,
		.tls = p->server->tls,
		.local_name = p->local_name,
		.user = !p->auth			    ? NULL
			: account_str(p->account, OPT_USER) ? account_str(p->account, OPT_USER)
							    : "",
	};
}

/* Not with STARTTLS: before it nothing may be sent ahead, and after it there is no greeting to wait for.  If a password
 * may be sent early, the certificate must have been verified. */
static bool may_start_early(const struct pipeconnect *p, const struct tls_info *tls)
{
	if (!p->enabled || p->stale == p->server || strcmp(account_word_text(p->account, OPT_PROTOCOL), "smtp") != 0)
		return false;
	if (!p->server->tls)
		return true;
	return !p->server->starttls && (!p->auth || (tls->verified_by && strcmp(tls->verified_by, "none") != 0));
}

const struct caps *pipeconnect_caps(struct pipeconnect *p, const struct server *server, const struct tls_info *tls)
{
	AUTO(error) err = ERROR_INIT;
	p->server = server;
	p->known = false;
	p->usable = may_start_early(p, tls);
	if (!p->usable)
		return NULL;
	const struct caps_cache_key key = key_of(p);
	p->known = caps_cache_find(p->runtime, &key, &p->caps, &err);
	note(p, _("early pipelining: the remembered capabilities cannot be read"), &err);
	if (p->known)
		note(p, _("early pipelining: using the remembered capabilities"), NULL);
	return p->known ? &p->caps : NULL;
}

static bool repeats_a_secret(const struct pipeconnect *p, const struct caps *caps)
{
	for (size_t i = 0; i < caps->lines.n; i++) {
		AUTO_FREE char *redacted = xstrdup(caps->lines.v[i]);
		redactor_apply(p->redactor, redacted);
		if (strcmp(redacted, caps->lines.v[i]) != 0)
			return true;
	}
	return false;
}

static void forget(struct pipeconnect *p)
{
	AUTO(error) err = ERROR_INIT;
	const struct caps_cache_key key = key_of(p);
	(void)caps_cache_drop(p->runtime, &key, &err);
	note(p, _("early pipelining: the remembered capabilities are wrong; connecting again without them"), NULL);
	note(p, _("early pipelining: the wrong capabilities cannot be removed"), &err);
	p->stale = p->server;
}

bool pipeconnect_update(struct pipeconnect *p, const struct session *s)
{
	AUTO(error) err = ERROR_INIT;
	if (session_stale(s)) {
		forget(p);
		return true;
	}
	const struct caps *caps = session_first_caps(s);
	if (!p->usable || p->known || !session_greeted(s) || repeats_a_secret(p, caps))
		return false;
	const struct caps_cache_key key = key_of(p);
	if (caps_cache_keep(p->runtime, &key, caps, &err))
		note(p, _("early pipelining: the capabilities are remembered for the next session"), NULL);
	note(p, _("early pipelining: the capabilities cannot be remembered"), &err);
	return false;
}
