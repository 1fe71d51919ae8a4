/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/pipeconnect.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "transport/caps_cache.h"

void pipeconnect_release(struct pipeconnect *e)
{
	caps_release(&e->caps);
}

static void note(const struct pipeconnect *e, const char *text, const struct error *err)
{
	if (!e->note || (err && err->status.kind == ERROR_NONE))
		return;
	AUTO_FREE char *line = err ? xasprintf("%s: %s", text, err->status.text) : xstrdup(text);
	e->note(e->note_arg, line);
}

static struct caps_cache_key key_of(const struct pipeconnect *e)
{
	return (struct caps_cache_key){
		.host = e->server->host,
		.port = e->server->port,
		.tls = e->server->tls,
		.local_name = account_str(e->account, OPT_DOMAIN),
		.user = !e->auth			    ? NULL
			: account_str(e->account, OPT_USER) ? account_str(e->account, OPT_USER)
							    : "",
	};
}

/* Before STARTTLS nothing is said blindly, and behind it there is no greeting to wait for; where a password may go with
 * the first octets the certificate was verified. */
static bool may_begin_early(const struct pipeconnect *e, const struct tls_info *line)
{
	if (!e->state_home || e->stale == e->server || strcmp(account_word_text(e->account, OPT_PROTOCOL), "smtp") != 0)
		return false;
	if (!e->server->tls)
		return true;
	return !e->server->starttls && (!e->auth || (line->verified_by && strcmp(line->verified_by, "none") != 0));
}

const struct caps *pipeconnect_caps(struct pipeconnect *e, const struct server *server, const struct tls_info *line)
{
	AUTO(error) err = ERROR_INIT;
	e->server = server;
	e->known = false;
	e->usable = may_begin_early(e, line);
	if (!e->usable)
		return NULL;
	const struct caps_cache_key key = key_of(e);
	e->known = caps_cache_find(e->state_home, &key, clock_wall(e->clock), &e->caps, &err);
	note(e, _("nothing is remembered of servers"), &err);
	if (e->known)
		note(e, _("early pipelining: the server's list is remembered"), NULL);
	return e->known ? &e->caps : NULL;
}

static bool repeats_a_secret(const struct pipeconnect *e, const struct caps *caps)
{
	for (size_t i = 0; i < caps->lines.n; i++) {
		AUTO_FREE char *masked = xstrdup(caps->lines.v[i]);
		redactor_apply(e->mask, masked);
		if (strcmp(masked, caps->lines.v[i]) != 0)
			return true;
	}
	return false;
}

static void forget(struct pipeconnect *e)
{
	AUTO(error) err = ERROR_INIT;
	const struct caps_cache_key key = key_of(e);
	(void)caps_cache_drop(e->state_home, &key, clock_wall(e->clock), &err);
	note(e, _("the server is not as remembered; everything is done again without, and it is forgotten"), NULL);
	note(e, _("it could not be forgotten"), &err);
	e->stale = e->server;
}

bool pipeconnect_update(struct pipeconnect *e, const struct session *s)
{
	AUTO(error) err = ERROR_INIT;
	if (session_stale(s)) {
		forget(e);
		return true;
	}
	const struct caps *caps = session_first_caps(s);
	if (!e->usable || e->known || !session_greeted(s) || repeats_a_secret(e, caps))
		return false;
	const struct caps_cache_key key = key_of(e);
	if (caps_cache_keep(e->state_home, &key, clock_wall(e->clock), caps, &err))
		note(e, _("early pipelining: the server's list is remembered for the next session"), NULL);
	note(e, _("the server's list cannot be remembered"), &err);
	return false;
}
