/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a transport puts into the result of a delivery. */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "transport/transport_private.h"

void transport_result_begin(struct transport *t, struct delivery_result *r)
{
	const struct account *a = t->request.account;
	delivery_result_begin(r, delivery_task_envelope(&t->request.task));
	r->host = xstrdup(server_account_name(a));
	r->port = account_str(a, OPT_SOCKET) ? 0 : (unsigned)account_int(a, OPT_PORT);
	if (t->authenticator.password) /* fetched for an earlier message */
		r->secret_from = t->password_from;
	t->result = r;
}

void transport_result_clear(struct delivery_result *r)
{
	error_release(&r->error);
	tls_info_release(&r->tls);
	caps_release(&r->caps);
	free(r->peer);
	free(r->greeting);
	status_release(&r->final);
	strvec_release(&r->extensions);
	strvec_release(&r->warnings);
	r->peer = r->greeting = NULL;
}

void transport_result_server(struct transport *t)
{
	struct delivery_result *r = t->result;
	const struct server *server = t->server;
	free(r->host);
	r->host = xstrdup(server->host);
	r->port = server->port;
}

/* Certificates are in the result only where they are looked at (--check, --serverinfo). */
static void warn_of_expiry(struct delivery_result *r, time_t now)
{
	if (r->tls.chain_len && tls_certificate_expires_soon(&r->tls.chain[0], now))
		strvec_pushf(&r->warnings, _("the certificate of %s expires in less than %d days"), r->host,
			     TLS_EXPIRES_SOON_DAYS);
}

void transport_result_connection(struct transport *t)
{
	struct delivery_result *r = t->result;
	struct connection *c = &t->connection;
	r->peer = c->peer ? xstrdup(c->peer) : NULL;
	tls_info_take(&r->tls, &c->info);
	warn_of_expiry(r, clock_wall(t->request.runtime->clock));
	r->round_trips = t->driver.round_trips;
	if (t->messages_sent) /* it was there already */
		return;
	r->ms_dns = c->ms_dns;
	r->ms_connect = c->ms_connect;
	r->ms_tls = c->ms_tls;
	r->round_trips += 1 + c->info.round_trips;
}

/* ---- the session ---- */

static void add_extensions(struct transport *t)
{
	const struct negotiated *negotiated = session_negotiated(t->session);
	const struct caps *caps = session_caps(t->session);
	const struct envelope *env = t->mail.env;
	struct strvec *used = &t->result->extensions;
	if (caps_has(caps, CAP_PIPELINING))
		strvec_push(used, "PIPELINING");
	if (t->pipeconnect.known && !t->messages_sent)
		strvec_push(used, "PIPECONNECT");
	if (negotiated->chunking)
		strvec_push(used, "CHUNKING");
	if (negotiated->size)
		strvec_push(used, "SIZE");
	if (negotiated->body && strcmp(negotiated->body, "7BIT") != 0)
		strvec_push(used, negotiated->body);
	if (negotiated->smtputf8)
		strvec_push(used, "SMTPUTF8");
	if (negotiated->dsn && (envelope_notify(env) || env->mail.ret || env->mail.envid))
		strvec_push(used, "DSN");
	mail_params_used(&negotiated->params, used);
	if (caps_has(caps, CAP_ENHANCEDSTATUSCODES))
		strvec_push(used, "ENHANCEDSTATUSCODES");
	mail_params_warn(&negotiated->params, &t->result->warnings);
}

static void add_outcomes(struct transport *t)
{
	struct delivery_result *r = t->result;
	const struct outcome *outcomes = session_outcomes(t->session);
	const struct reply *final = session_final_reply(t->session);
	const size_t *index = t->remaining.index;
	for (size_t i = 0; outcomes && i < t->mail.env->n; i++) {
		struct outcome *o = &r->outcomes[index ? index[i] : i];
		outcome_copy(o, &outcomes[i]);
		xreplace(&o->status.host, r->host);
	}
	if (final) {
		status_set_reply(&r->final, final->code, final->enhanced, strbuf_span(&final->text));
		xreplace(&r->final.host, r->host);
	}
	if (outcomes && transport_message(t))
		add_extensions(t);
}

static enum delivery_stage stage_of_session(const struct session *s)
{
	switch (session_phase(s)) {
	case SESSION_PHASE_EHLO: return DELIVERY_EHLO;
	case SESSION_PHASE_TLS: return DELIVERY_TLS;
	case SESSION_PHASE_AUTH: return DELIVERY_AUTH;
	case SESSION_PHASE_READY: break;
	}
	return session_error(s) || session_submission_error(s) ? DELIVERY_TRANSACTION : DELIVERY_DONE;
}

void transport_result_session(struct transport *t)
{
	struct delivery_result *r = t->result;
	const struct session *s = t->session;
	const struct error *why = t->submitted ? session_submission_error(s) : NULL;
	if (!why)
		why = session_error(s);
	if (why) {
		error_copy(&r->error, why);
		authenticate_explain(&t->authenticator, &r->error);
	}
	/* An error that is not the session's: the message could not be adapted to the server. */
	r->stage = r->error.status.kind != ERROR_NONE && !why ? DELIVERY_TRANSACTION : stage_of_session(s);
	if (t->submitted)
		add_outcomes(t);
	if (t->request.task.kind == DELIVERY_LOOK && authenticate_wanted(t->request.account))
		authenticate_survey(&t->authenticator, session_caps(s));
	mech_choice_copy(&r->choice, &t->authenticator.choice);
	caps_copy(&r->caps, session_caps(s));
	if (session_greeting(s))
		r->greeting = xstrdup(session_greeting(s));
}
