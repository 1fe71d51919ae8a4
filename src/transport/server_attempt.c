/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One attempt at one server, and when to attempt it again, or the next one. */
#include "base/i18n.h"
#include "transport/transport_private.h"

/* Remembered capabilities that were wrong, EHLO after AUTH, two refusals of what is offered. */
#define ATTEMPTS_MORE 4

static msec_t connect_deadline(const struct transport *t)
{
	long long timeout = account_int(t->request.account, OPT_TIMEOUT);
	return deadline_min(t->deadline, deadline_in(t->request.runtime->clock, timeout));
}

/* ---- one attempt ---- */

/* A user who has to type a PIN does so before the server waits, and in a time of their own. */
static bool prepare_key(struct transport *t)
{
	if (!account_is_set(t->request.account, OPT_TLS_KEY_FILE))
		return true;
	t->connection.phase = CONNECT_TLS;
	if (!connect_prepare(&t->connect_request, &t->connection, &t->result->error))
		return false;
	t->connect_request.deadline = connect_deadline(t);
	return true;
}

static void note_tlsa(const struct transport *t)
{
	const struct tlsa_found *found = &t->target.dane.found;
	if (found->records.n)
		transport_note(t, _("signed TLSA records at %s: %zu"), found->owner, found->records.n);
	else if (found->owner)
		transport_note(t, _("no signed TLSA records at %s: %s"), found->owner, found->why_none);
}

static bool connect_server(struct transport *t)
{
	static const enum delivery_stage stages[] = {DELIVERY_DNS, DELIVERY_CONNECT, DELIVERY_TLS, DELIVERY_EHLO};
	const struct delivery_request *req = &t->request;
	t->connect_request = (struct connect_request){
		.account = req->account,
		.server = t->server,
		.target = &t->target,
		.runtime = req->runtime,
		.resolver = req->runtime->resolver,
		.clock = req->runtime->clock,
		.deadline = connect_deadline(t),
		.key_pin = {transport_key_pin, t},
		.detail = req->detail ? TLS_CERTIFICATES : TLS_BRIEF,
		.silence = port_mode_watch(t),
	};
	bool ok = prepare_key(t) && connect_account(&t->connect_request, &t->connection, &t->result->error);
	note_tlsa(t);
	if (ok)
		return true;
	t->result->stage = stages[t->connection.phase];
	transport_result_connection(t);
	return false;
}

static void attempt_once(struct transport *t)
{
	if (!connect_server(t))
		return;
	transport_note(t, _("connected to %s"), t->connection.peer);
	transport_report_progress(t, t->server->tls && t->server->starttls ? DELIVERY_TLS : DELIVERY_EHLO);
	transport_session_begin(t);
	transport_session_use(t);
}

void server_attempt_forget(struct transport *t)
{
	transport_session_end(t);
	transport_result_clear(t->result);
}

/* A session failed in a way that another one with the same server avoids, and nobody has the message. */
static bool again_here(struct transport *t)
{
	return t->session && (pipeconnect_update(&t->pipeconnect, t->session) || broken_promises_again(t));
}

static void attempt(struct transport *t)
{
	attempt_once(t);
	for (int i = 0; i < ATTEMPTS_MORE && again_here(t); i++) {
		unsigned round_trips = t->result->round_trips;
		server_attempt_forget(t);
		transport_reopen_outcomes(t);
		attempt_once(t);
		t->result->round_trips += round_trips;
	}
	broken_promises_keep(t);
}

void server_attempt_remaining(struct transport *t)
{
	const struct delivery_message *message = transport_message(t);
	while (message && remaining_collect(&t->remaining, message->env, t->result->outcomes)) {
		transport_note(t,
			       Q_("%zu recipient is left for another session",
				  "%zu recipients are left for another session", t->remaining.env.n),
			       t->remaining.env.n);
		server_attempt_forget(t);
		t->mail.env = &t->remaining.env;
		attempt(t);
	}
}

/* ---- the next server ---- */

/* It failed for a reason that may not apply to another address of the same host ... */
static bool next_address_may_work(const struct transport *t)
{
	return !(t->session && session_greeted(t->session)) &&
	       error_kind_next_server(t->result->error.status.kind, false);
}

/* ... or to another host.  One that has accepted our greeting has not got anything of the message. */
static bool next_host_may_work(const struct transport *t)
{
	return error_kind_next_server(t->result->error.status.kind, t->session && session_greeted(t->session));
}

bool server_attempt_other_host(const struct transport *t)
{
	return t->servers.n > 1 && next_host_may_work(t);
}

static void choose_server(struct transport *t, size_t i)
{
	const struct strvec *hosts = account_list(t->request.account, OPT_HOST);
	t->server = &t->servers.v[i];
	t->authenticator.host = !t->server->is_socket ? t->server->host : hosts->n ? hosts->v[0] : "localhost";
	t->authenticator.port = t->server->port;
	transport_result_server(t);
	connect_target_release(&t->target);
	broken_promises_begin(t);
}

static bool list_servers(struct transport *t)
{
	const struct delivery_request *req = &t->request;
	t->result->stage = DELIVERY_DNS;
	t->server = t->pipeconnect.server = t->pipeconnect.stale = NULL; /* they are in the list */
	server_list_release(&t->servers);
	return server_list_make(req->account, req->runtime, connect_deadline(t), &t->servers, &t->result->error);
}

/* All addresses of a server's name, until one has accepted our greeting.  If nothing more can be connected to, what an
 * address said before is more telling. */
static void attempt_addresses(struct transport *t)
{
	AUTO(error) said = ERROR_INIT;
	for (;;) {
		attempt(t);
		server_attempt_remaining(t);
		struct error *err = &t->result->error;
		if (!next_address_may_work(t) || !connect_target_next(&t->target))
			break;
		transport_note(t, _("%s, %s: %s; trying the next address"), t->result->host,
			       t->connection.peer ? t->connection.peer : "?", err->status.text);
		error_release(&said);
		error_move(&said, err);
		server_attempt_forget(t);
	}
	if (said.status.kind != ERROR_NONE && t->result->error.status.kind == ERROR_CONNECT)
		error_move(&t->result->error, &said);
}

void server_attempt_all(struct transport *t)
{
	const struct delivery_result *r = t->result;
	authenticate_forget(&t->authenticator);
	if (!list_servers(t))
		return;
	for (size_t i = 0;; i++) {
		choose_server(t, i);
		attempt_addresses(t);
		if (i + 1 >= t->servers.n || !next_host_may_work(t))
			return;
		transport_note(t, _("%s: %s; trying %s"), r->host, r->error.status.text, t->servers.v[i + 1].host);
		server_attempt_forget(t);
		transport_reopen_outcomes(t);
	}
}
