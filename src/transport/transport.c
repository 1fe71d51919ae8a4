/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/transport.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "transport/password.h"
#include "transport/transport_private.h"

void transport_note(const struct transport *t, const char *fmt, ...)
{
	if (!t->request.note)
		return;
	AUTO(strbuf) text = STRBUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	redactor_apply(&t->redactor, text.buf); /* an error may quote the server */
	t->request.note(t->request.listener_arg, text.buf);
}

const struct delivery_message *transport_message(const struct transport *t)
{
	return t->request.task.kind == DELIVERY_SEND ? t->request.task.message : NULL;
}

bool transport_wants_auth(const struct transport *t)
{
	return t->request.task.kind != DELIVERY_LOOK && authenticate_wanted(t->request.account);
}

/* ---- progress ---- */

/* No other server will be tried, whatever happens next. */
static bool is_last_server(const struct transport *t)
{
	return !t->server || (t->server + 1 == t->servers.v + t->servers.n && !t->target.addresses.n) ||
	       (t->session && session_greeted(t->session));
}

void transport_report_progress(struct transport *t, enum delivery_stage next)
{
	struct delivery_result so_far = *t->result;
	if (!t->request.progress || !is_last_server(t))
		return;
	so_far.stage = next;
	so_far.peer = t->connection.peer;
	so_far.ms_connect = t->connection.ms_connect;
	so_far.tls = t->connection.info;
	so_far.mech = (char *)(uintptr_t)t->mech;
	so_far.choice = t->authenticator.choice;
	so_far.caps = CAPS_INIT;
	if (t->session)
		caps_copy(&so_far.caps, session_caps(t->session));
	delivery_result_redact(&so_far, &t->redactor);
	t->request.progress(t->request.listener_arg, &so_far);
	caps_release(&so_far.caps); /* the rest is borrowed */
}

/* ---- the password ---- */

static bool needs_password(const struct transport *t)
{
	return transport_wants_auth(t) && authenticate_wants_secret(t->request.account) &&
	       (!t->authenticator.password /* fetched for an earlier message */ ||
		account_uses_oauth(t->request.account)); /* that token may be due */
}

/* ---- access tokens ---- */

static void release_oauth(struct transport *t)
{
	if (t->oauth)
		oauth_account_release(t->oauth);
	free(t->oauth);
	t->oauth = NULL;
}

static bool get_token(struct transport *t, const struct secret *refused, struct error *err)
{
	const struct delivery_request *req = &t->request;
	AUTO(secret) token = SECRET_INIT;
	release_oauth(t);
	t->oauth = xcalloc(1, sizeof(*t->oauth));
	if (!oauth_account_make(t->oauth, req->account, req->runtime, t->deadline, err))
		return false;
	struct oauth_account *o = t->oauth;
	o->network.helper_words = o->store.helper_words = &t->helper_words;
	o->refresh.note = req->note;
	o->refresh.note_arg = req->listener_arg;
	if (!oauth_refresh_get(&o->refresh, &o->settings, refused, &token, err))
		return false;
	redactor_add(&t->redactor, &token);
	secret_release(&t->password);
	secret_copy(&t->password, &token);
	t->password_from = "oauth";
	return true;
}

/* The server refused the token. */
static bool renew_token(void *arg, struct error *err)
{
	struct transport *t = arg;
	AUTO(secret) refused = SECRET_INIT;
	secret_copy(&refused, &t->password);
	transport_note(t, "%s", _("the server refused the access token; getting a new one"));
	return get_token(t, &refused, err);
}

static struct secret_query query_of(struct transport *t, bool may_prompt)
{
	const struct delivery_request *req = &t->request;
	struct secret_query q = password_query(req->account, req->runtime);
	q.may_prompt = may_prompt;
	q.deadline = deadline_min(t->deadline, password_deadline(req->account, req->runtime));
	q.note = req->note;
	q.note_arg = req->listener_arg;
	q.helper_words = &t->helper_words;
	return q;
}

static bool ask_sources(struct transport *t, bool may_prompt, struct error *err)
{
	struct secret_query q = query_of(t, may_prompt);
	bool ok = secret_fill(&q, &t->password, &t->password_from, err);
	redactor_set(&t->redactor, &t->password);
	return ok;
}

/* Finds what the server is to be shown: a token, or what one of the sources has. */
static bool find_password(struct transport *t, bool may_prompt, struct error *err)
{
	const struct delivery_request *req = &t->request;
	struct delivery_result *r = t->result;
	msec_t start = clock_monotonic(req->runtime->clock);
	bool ok = account_uses_oauth(req->account) ? get_token(t, NULL, err) : ask_sources(t, may_prompt, err);
	r->secret_from = t->password_from;
	if (ok) {
		t->authenticator.password = &t->password;
		transport_note(t, _("password from: %s"), r->secret_from);
	} else {
		if (t->oauth)
			error_stage(err, "OAuth2");
		else
			error_stage(err, _("password for account %s"), account_title(req->account));
	}
	r->ms_secret = clock_monotonic(req->runtime->clock) - start;
	return ok;
}

/* The authenticator needs a password after all. */
static bool fetch_later(void *arg, struct error *err)
{
	struct transport *t = arg;
	return find_password(t, t->request.may_prompt, err);
}

/* Before the connection, unless a Kerberos ticket may do: then nobody is asked for a password yet. */
static bool fetch_password(struct transport *t, struct error *err)
{
	struct authenticator *a = &t->authenticator;
	if (!needs_password(t))
		return true;
	a->have_ticket = authenticate_has_ticket(t->request.account, t->request.runtime);
	if (find_password(t, t->request.may_prompt && !a->have_ticket, err))
		return true;
	if (!a->have_ticket)
		return false;
	error_release(err);
	a->fetch = fetch_later;
	a->fetch_arg = t;
	return true;
}

bool transport_key_pin(void *arg, struct secret *out, struct error *err)
{
	struct transport *t = arg;
	const char *from = NULL;
	if (t->authenticator.password) {
		secret_copy(out, &t->password);
		return true;
	}
	struct secret_query q = query_of(t, t->request.may_prompt);
	q.key_file = account_str(t->request.account, OPT_TLS_KEY_FILE);
	if (!secret_fill(&q, out, &from, err))
		return false;
	transport_note(t, _("PIN or pass phrase of the key from: %s"), from);
	return true;
}

/* ---- one message after the other ---- */

bool transport_nothing_accepted(const struct transport *t)
{
	const struct delivery_result *r = t->result;
	const struct envelope *env = delivery_task_envelope(&t->request.task);
	bool ended = session_error(t->session) != NULL;
	for (size_t i = 0; i < r->n; i++)
		if (!env->rcpts[i].refused &&
		    (r->outcomes[i].kind != OUTCOME_RETRY || !(ended || r->outcomes[i].remaining)))
			return false;
	return ended || r->n;
}

void transport_reopen_outcomes(struct transport *t)
{
	const struct envelope *env = t->mail.env;
	const size_t *index = t->remaining.index;
	for (size_t i = 0; env && t->result->outcomes && i < env->n; i++)
		outcome_release(&t->result->outcomes[index ? index[i] : i]);
}

/* Sends in the session of the message before.  False if there is none, or it turns out that the message needs a new
 * one. */
static bool send_in_session(struct transport *t)
{
	if (!transport_session_reusable(t))
		return false;
	transport_result_server(t);
	transport_session_reuse(t);
	broken_promises_keep(t);
	bool other = server_attempt_other_host(t), again = broken_promises_again(t) || other;
	if (!again && !transport_nothing_accepted(t))
		return true;
	if (!again)
		transport_note(t, _("the session had ended; connecting again"));
	server_attempt_forget(t);
	transport_reopen_outcomes(t);
	return false;
}

void transport_begin_task(struct transport *t, const struct delivery_task *task, struct delivery_result *result)
{
	struct delivery_request *req = &t->request;
	const struct account *a = req->account;
	req->task = *task;
	const struct delivery_message *message = transport_message(t);
	transport_result_begin(t, result);
	t->deadline = deadline_in(req->runtime->clock, account_int(a, OPT_DEADLINE));
	t->pipeconnect.enabled = message && account_bool(a, OPT_EARLY_PIPELINING);
	t->authenticator.renewed = false;
	remaining_release(&t->remaining);
	if (message)
		t->mail = adapt_transaction(a, message);
	else
		t->mail = (struct mail_transaction){.env = delivery_task_envelope(task), .tls = adapt_tls(a)};
	if (message && remaining_collect_open(&t->remaining, message->env))
		t->mail.env = &t->remaining.env;
	result->size = t->mail.size;
}

void transport_finish(struct transport *t, msec_t start)
{
	struct delivery_result *r = t->result;
	if (t->mech)
		r->mech = xstrdup(t->mech);
	strvec_push_all(&r->warnings, &t->helper_words);
	strvec_release(&t->helper_words);
	delivery_result_settle(r);
	transport_kept_note(t);
	delivery_result_redact(r, &t->redactor);
	r->ms_total = clock_monotonic(t->request.runtime->clock) - start;
}

void transport_perform(struct transport *t, const struct delivery_task *task, struct delivery_result *result)
{
	msec_t start = clock_monotonic(t->request.runtime->clock);
	transport_begin_task(t, task, result);
	transport_kept_take(t);
	if (send_in_session(t)) {
		server_attempt_remaining(t);
	} else if (fetch_password(t, &result->error)) {
		transport_report_progress(t, DELIVERY_DNS);
		transport_session_end(t);
		server_attempt_all(t);
	}
	transport_finish(t, start);
}

void transport_send(struct transport *t, const struct delivery_message *message, struct delivery_result *result)
{
	transport_perform(t, &(struct delivery_task){DELIVERY_SEND, .message = message}, result);
}

bool transport_connected(const struct transport *t)
{
	return t->session && (t->posted.flying || session_is_ready(t->session));
}

void transport_hang_up(struct transport *t)
{
	if (!transport_kept_give(t))
		transport_session_end(t);
}

/* ---- life ---- */

void transport_use_waiting(struct transport *t, void (*work)(void *arg), void *arg)
{
	t->meanwhile = work;
	t->meanwhile_arg = arg;
}

struct transport *transport_new(const struct delivery_request *req)
{
	const struct account *a = req->account;
	const struct strvec *hosts = account_list(a, OPT_HOST);
	struct transport *t = xcalloc(1, sizeof(*t));
	*t = (struct transport){.request = *req,
				.password = SECRET_INIT,
				.redactor = REDACTOR_INIT,
				.remaining = REMAINING_INIT,
				.servers = SERVER_LIST_INIT};
	adapted_message_init(&t->adapted, req->runtime->temp);
	t->authenticator = (struct authenticator){
		.account = a,
		.host = hosts->n ? hosts->v[0] : "localhost",
		.port = account_str(a, OPT_SOCKET) ? 0 : (unsigned)account_int(a, OPT_PORT),
		.refused = STRVEC_INIT,
		.have_oauth = account_uses_oauth(a),
		.renew = renew_token,
		.renew_arg = t,
	};
	t->pipeconnect = (struct pipeconnect){
		.account = a,
		.auth = transport_wants_auth(t),
		.runtime = req->runtime,
		.redactor = &t->redactor,
		.note = req->note,
		.note_arg = req->listener_arg,
	};
	keeper_link_init(&t->keeper, a, req->runtime);
	transport_session_init(t);
	return t;
}

void transport_free(struct transport *t)
{
	if (!t)
		return;
	transport_hang_up(t);
	keeper_link_release(&t->keeper);
	session_driver_release(&t->driver);
	adapted_message_release(&t->adapted);
	authenticator_release(&t->authenticator);
	server_list_release(&t->servers);
	connect_target_release(&t->target);
	remaining_release(&t->remaining);
	release_oauth(t);
	secret_release(&t->password);
	strvec_release(&t->helper_words);
	redactor_release(&t->redactor);
	pipeconnect_release(&t->pipeconnect);
	free(t);
}
