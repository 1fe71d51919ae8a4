/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Servers that refuse what they offer: a parameter of MAIL, BDAT, or EHLO after
 * AUTH.  As long as no recipient has the message, it is sent once more without that.
 */
#include "base/i18n.h"
#include "transport/adapt.h"
#include "transport/caps_cache.h"
#include "transport/transport_private.h"

static struct caps_cache_key key_of(const struct transport *t)
{
	const struct server *server = t->server;
	return (struct caps_cache_key){.host = server->host, .port = server->port, .tls = server->tls};
}

void broken_promises_begin(struct transport *t)
{
	AUTO(error) err = ERROR_INIT;
	const struct caps_cache_key key = key_of(t);
	unsigned unkept = transport_message(t) ? caps_cache_find_unkept(t->request.runtime, &key, &err) : 0;
	if (unkept) {
		AUTO(strbuf) names = STRBUF_INIT;
		cap_add_names(&names, unkept, ", ");
		transport_note(t, _("not used, because the server refused it before: %s"), names.buf);
	}
	t->broken = (struct broken_promises){.ignored = adapt_session(t->request.account).ignore | unkept};
}

void broken_promises_learn(struct transport *t, unsigned unkept)
{
	AUTO(strbuf) names = STRBUF_INIT;
	cap_add_names(&names, unkept, ", ");
	transport_note(t, _("the server refused what it offers; once more without it: %s"), names.buf);
	t->broken.ignored |= unkept;
	t->broken.learned |= unkept;
}

/* Certainly, for every recipient. */
static bool nobody_has_it(const struct session *s, size_t n)
{
	const struct outcome *outcomes = session_outcomes(s);
	for (size_t i = 0; outcomes && i < n; i++)
		if (outcomes[i].kind == OUTCOME_ACCEPTED || outcomes[i].kind == OUTCOME_UNKNOWN)
			return false;
	return true;
}

/* The session ended when, or after, the server refused what it offers: some read the message that follows BDAT as
 * commands. */
static bool ended_by_refusal(struct transport *t)
{
	const struct session *s = t->session;
	unsigned unkept = session_unkept(s) & ~t->broken.ignored;
	if (!session_error(s) || !t->submitted || !transport_message(t))
		return false;
	if (unkept)
		broken_promises_learn(t, unkept);
	return unkept || (t->resubmitted && nobody_has_it(s, t->mail.env->n));
}

bool broken_promises_again(struct transport *t)
{
	if (!t->session)
		return false;
	if (session_lost_login(t->session) && !t->broken.one_ehlo) {
		t->broken.one_ehlo = true;
		transport_note(t,
			       _("the server does not accept EHLO after authentication; connecting again without it"));
		return true;
	}
	return ended_by_refusal(t);
}

static bool accepted_by_some(const struct delivery_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->outcomes[i].kind == OUTCOME_ACCEPTED)
			return true;
	return false;
}

void broken_promises_keep(struct transport *t)
{
	AUTO(error) err = ERROR_INIT;
	if (!t->broken.learned || !accepted_by_some(t->result))
		return;
	const struct caps_cache_key key = key_of(t);
	(void)caps_cache_add_unkept(t->request.runtime, &key, t->broken.learned, &err);
	if (err.status.kind != ERROR_NONE)
		transport_note(t, _("what the server refuses cannot be remembered: %s"), err.status.text);
	t->broken.learned = 0;
}
