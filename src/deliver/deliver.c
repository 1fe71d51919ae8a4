/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "deliver/deliver.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "deliver/authenticate.h"
#include "deliver/connect.h"
#include "deliver/conversation.h"
#include "deliver/early.h"
#include "deliver/password.h"
#include "deliver/rest.h"
#include "secret/mask.h"

/* A helper or a person gets this long for the password. */
#define SECRET_MS (5 * 60 * 1000)

/* One delivery under way. */
struct delivery {
	const struct delivery_request *req;
	struct delivery_result *result;
	struct connect_request connect;
	struct connection connection;
	struct authenticator auth;
	struct secret password;
	struct mask mask; /* hides it where the server repeats it */
	struct conversation talk;
	struct session *session;
	struct server_list servers;
	const struct server *server; /* the one used or tried now */
	struct submission sub;
	struct rest rest; /* sub's envelope, once the server wanted a further session */
	struct early early;
	msec_t deadline;
};

void delivery_result_release(struct delivery_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		outcome_release(&r->outcomes[i]);
	free(r->outcomes);
	error_release(&r->error);
	free(r->host);
	free(r->peer);
	free(r->identity);
	tls_info_release(&r->tls);
	free(r->mech);
	caps_release(&r->caps);
	free(r->greeting);
	free(r->final_text);
	free(r->final_lines);
	strvec_release(&r->extensions);
	*r = (struct delivery_result){.outcomes = NULL};
}

static void note(const struct delivery *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void note(const struct delivery *d, const char *fmt, ...)
{
	if (!d->req->note)
		return;
	AUTO(strbuf) text = STRBUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	d->req->note(d->req->trace_arg, text.buf);
}

/* ---- secrets ---- */

static bool fetch_secret(struct delivery *d, struct error *err)
{
	const struct account *a = d->req->account;
	if (d->req->no_auth || !authenticate_wanted(a) || !authenticate_wants_secret(a))
		return true;
	msec_t start = clock_monotonic(d->req->clock);
	struct secret_query q = password_query(a, d->req->keyring_helper);
	q.may_prompt = d->req->may_prompt;
	q.clock = d->req->clock;
	q.deadline = deadline_min(d->deadline, deadline_in(d->req->clock, SECRET_MS));
	q.note = d->req->note;
	q.note_arg = d->req->trace_arg;
	bool ok = secret_fill(&q, &d->password, &d->result->secret_from, err);
	if (ok) {
		d->auth.password = &d->password;
		note(d, _("password from: %s"), d->result->secret_from);
	}
	else
		error_stage(err, _("password for account %s"), a->name);
	mask_set(&d->mask, &d->password);
	d->result->ms_secret = clock_monotonic(d->req->clock) - start;
	return ok;
}

static void masked_trace(void *arg, bool from_server, struct span line)
{
	const struct delivery *d = arg;
	struct strbuf text = STRBUF_INIT;
	strbuf_add_span(&text, line);
	/* what stands behind a NUL is out of the mask's reach */
	for (size_t i = 0; i < text.len; i++)
		if (!text.buf[i])
			text.buf[i] = '?';
	if (text.len)
		mask_text(&d->mask, text.buf);
	d->req->trace(d->req->trace_arg, from_server, text.len ? span_of(text.buf) : line);
	strbuf_wipe(&text);
}

/* A server may repeat what it was told. */
static void mask_result(const struct delivery *d)
{
	struct delivery_result *r = d->result;
	mask_text(&d->mask, r->error.text);
	mask_text(&d->mask, r->error.server);
	mask_text(&d->mask, r->error.lines);
	mask_text(&d->mask, r->final_text);
	mask_text(&d->mask, r->final_lines);
	mask_text(&d->mask, r->greeting);
	for (size_t i = 0; i < r->caps.lines.n; i++)
		mask_text(&d->mask, r->caps.lines.v[i]);
	for (size_t i = 0; i < r->n; i++) {
		mask_text(&d->mask, r->outcomes[i].text);
		mask_text(&d->mask, r->outcomes[i].server);
		mask_text(&d->mask, r->outcomes[i].lines);
	}
}

/* ---- what the conversation asks for ---- */

static void note_tls(const struct delivery *d)
{
	const struct tls_info *info = &d->connection.info;
	note(d, _("TLS: %s, certificate verified by: %s"), info->description ? info->description : "?", info->verified_by ? info->verified_by : "?");
}

static void line_is_protected(struct delivery *d)
{
	d->auth.tls = d->connection.tls ? d->connection.stream : NULL;
	d->auth.protected_line = d->connection.tls || d->connection.loopback || account_bool(d->req->account, OPT_AUTH_WITHOUT_TLS);
}

static bool op_start_tls(struct conversation *c, struct error *err)
{
	struct delivery *d = c->arg;
	d->connect.deadline = deadline_min(c->deadline, deadline_in(c->clock, c->timeout_ms >= 0 ? c->timeout_ms : session_timeout_ms(TIMEOUT_COMMAND)));
	bool ok = connect_start_tls(&d->connect, &d->connection, err);
	c->stream = d->connection.stream;
	if (ok) {
		line_is_protected(d);
		note_tls(d);
	}
	return ok;
}

static void op_sasl(struct conversation *c, const struct session_step *step)
{
	struct delivery *d = c->arg;
	authenticate_step(&d->auth, d->session, step);
	if (step->event == SASL_SUCCESS && !session_error(d->session)) {
		free(d->result->mech);
		d->result->mech = xstrdup(d->auth.mech->name);
	}
}

static const struct conversation_ops ops = {op_start_tls, op_sasl};

/* ---- the submission ---- */

static void prepare_submission(struct delivery *d)
{
	const struct account *a = d->req->account;
	const struct delivery_message *m = d->req->message;
	if (!m) {
		d->sub = (struct submission){.env = d->req->verify};
		return;
	}
	d->result->size = wire_size(m->header, m->facts);
	d->sub = (struct submission){
		.env = m->env,
		.size = d->result->size,
		.size_limit = (uint64_t)account_int(a, OPT_SIZE_LIMIT),
		.eightbit_header = !utf8_is_ascii(m->header),
		.header_is_utf8 = utf8_valid(m->header),
		.eightbit_body = m->facts->eightbit_body,
		.eightbit = strcmp(account_word_text(a, OPT_EIGHTBIT), "pass") == 0 ? EIGHTBIT_PASS : EIGHTBIT_REFUSE,
		.partial = strcmp(account_word_text(a, OPT_PARTIAL), "abort") == 0 ? PARTIAL_ABORT : PARTIAL_DELIVER,
	};
}

static struct session_options session_settings(struct delivery *d)
{
	const struct account *a = d->req->account;
	return (struct session_options){
		.protocol = strcmp(account_word_text(a, OPT_PROTOCOL), "lmtp") == 0 ? PROTOCOL_LMTP : PROTOCOL_SMTP,
		.tls = !d->server->tls ? SESSION_TLS_NONE : d->server->starttls ? SESSION_TLS_STARTTLS : SESSION_TLS_ACTIVE,
		.auth = !d->req->no_auth && authenticate_wanted(a),
		.needs = d->sub.env ? negotiate_needs(&d->sub) : 0,
		.local_name = account_str(a, OPT_DOMAIN),
		.remembered = early_recall(&d->early, d->server, &d->connection.info),
		.trace = d->req->trace ? masked_trace : NULL,
		.trace_arg = d,
	};
}

static void note_extensions(struct delivery *d)
{
	const struct terms *t = session_terms(d->session);
	const struct caps *caps = session_caps(d->session);
	struct strvec *used = &d->result->extensions;
	if (caps_has(caps, CAP_PIPELINING))
		strvec_push(used, "PIPELINING");
	if (d->early.known)
		strvec_push(used, "PIPECONNECT");
	if (t->chunking)
		strvec_push(used, "CHUNKING");
	if (t->size)
		strvec_push(used, "SIZE");
	if (t->body && strcmp(t->body, "8BITMIME") == 0)
		strvec_push(used, "8BITMIME");
	if (t->smtputf8)
		strvec_push(used, "SMTPUTF8");
	const struct envelope *env = d->sub.env;
	if (t->dsn && (env->notify || env->ret || env->envid))
		strvec_push(used, "DSN");
	if (caps_has(caps, CAP_ENHANCEDSTATUSCODES))
		strvec_push(used, "ENHANCEDSTATUSCODES");
}

static void take_outcomes(struct delivery *d)
{
	const struct outcome *got = session_outcomes(d->session);
	const struct reply *final = session_final_reply(d->session);
	for (size_t i = 0; got && i < d->sub.env->n; i++)
		outcome_copy(&d->result->outcomes[d->rest.whole ? d->rest.whole[i] : i], &got[i]);
	if (final) {
		d->result->code = final->code;
		d->result->final_text = error_clean_text(strbuf_span(&final->text), 1000);
		d->result->final_lines = error_clean_lines(strbuf_span(&final->text), 1000);
	}
	if (got && d->req->message)
		note_extensions(d);
}

static void converse(struct delivery *d)
{
	struct conversation *c = &d->talk;
	struct session_options settings = session_settings(d);
	d->session = session_new(&settings);
	c->session = d->session;
	c->stream = d->connection.stream;
	c->clock = d->req->clock;
	c->deadline = d->deadline;
	c->timeout_ms = (long)account_int(d->req->account, OPT_TIMEOUT);
	if (!conversation_run(c))
		return;
	if (d->req->message) {
		conversation_message(c, d->req->message->header, d->req->message->body);
		session_submit(d->session, &d->sub);
	} else if (d->req->verify)
		session_verify(d->session, &d->sub);
	else if (d->req->etrn)
		session_etrn(d->session, d->req->etrn);
	(void)conversation_run(c);
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

static void take_session(struct delivery *d)
{
	struct delivery_result *r = d->result;
	const struct error *why = session_submission_error(d->session);
	if (!why)
		why = session_error(d->session);
	if (why) {
		error_copy(&r->error, why);
		authenticate_explain(&d->auth, &r->error);
	}
	r->stage = stage_of_session(d->session);
	take_outcomes(d);
	caps_copy(&r->caps, session_caps(d->session));
	if (session_greeting(d->session))
		r->greeting = xstrdup(session_greeting(d->session));
}

/* ---- one host ---- */

static msec_t connect_deadline(const struct delivery *d)
{
	return deadline_min(d->deadline, deadline_in(d->req->clock, account_int(d->req->account, OPT_TIMEOUT)));
}

static void take_connection(struct delivery *d)
{
	struct delivery_result *r = d->result;
	r->ms_dns = d->connection.ms_dns;
	r->ms_connect = d->connection.ms_connect;
	r->ms_tls = d->connection.ms_tls;
	r->round_trips = d->talk.round_trips + 1 + d->connection.info.round_trips;
	r->peer = steal_ptr(d->connection.peer);
	r->tls = d->connection.info;
	d->connection.info = (struct tls_info)TLS_INFO_INIT;
}

static void attempt(struct delivery *d)
{
	struct delivery_result *r = d->result;
	d->connect = (struct connect_request){
		.account = d->req->account,
		.server = d->server,
		.resolver = d->req->resolver,
		.clock = d->req->clock,
		.deadline = connect_deadline(d),
		.detail = d->req->detail ? TLS_CERTIFICATES : TLS_BRIEF,
	};
	if (!connect_account(&d->connect, &d->connection, &r->error)) {
		static const enum delivery_stage stages[] = {DELIVERY_DNS, DELIVERY_CONNECT, DELIVERY_TLS, DELIVERY_EHLO};
		r->stage = stages[d->connection.phase];
		take_connection(d);
		return;
	}
	note(d, _("connected to %s"), d->connection.peer);
	line_is_protected(d);
	if (d->connection.tls)
		note_tls(d);
	msec_t start = clock_monotonic(d->req->clock);
	converse(d);
	if (!session_stale(d->session))
		take_session(d);
	r->ms_session = clock_monotonic(d->req->clock) - start;
	r->round_trips = d->talk.round_trips;
	conversation_end(&d->talk);
	take_connection(d);
}

/* Something failed before the server took our greeting: the next one may do. */
static bool next_may_do(const struct delivery *d)
{
	if (d->result->error.kind == ERROR_NONE || (d->session && session_greeted(d->session)))
		return false;
	switch (d->result->error.kind) {
	case ERROR_HOST_UNKNOWN:
	case ERROR_DNS_TEMPORARY:
	case ERROR_CONNECT:
	case ERROR_TIMEOUT:
	case ERROR_CONNECTION_LOST:
	case ERROR_SERVER_TEMPORARY:
	case ERROR_SERVER_REFUSES:
		return true;
	default: /* a certificate, our own files: the user has to look, not the next server */
		return false;
	}
}

/* Forgets what the attempt at one host left behind. */
static void forget_attempt(struct delivery *d)
{
	struct delivery_result *r = d->result;
	session_free(d->session);
	d->session = NULL;
	connection_release(&d->connection);
	conversation_release(&d->talk);
	conversation_init(&d->talk, &ops, d);
	error_release(&r->error);
	tls_info_release(&r->tls);
	caps_release(&r->caps);
	free(r->peer);
	free(r->greeting);
	free(r->final_text);
	free(r->final_lines);
	strvec_release(&r->extensions);
	r->peer = r->greeting = r->final_text = r->final_lines = NULL;
}

/* Once more with the same server if it was not as remembered: nothing of the message was sent. */
static void attempt_host(struct delivery *d)
{
	attempt(d);
	if (!d->session || !early_learn(&d->early, d->session))
		return;
	unsigned spent = d->result->round_trips;
	forget_attempt(d);
	attempt(d);
	d->result->round_trips += spent;
}

/* A server may end its session before all recipients were named (LIMITS MAILMAX): it takes the rest in the next one. */
static void attempt_rest(struct delivery *d)
{
	while (d->req->message && rest_collect(&d->rest, d->req->message->env, d->result->outcomes)) {
		note(d, _("%zu recipients are left for another session"), d->rest.env.n);
		forget_attempt(d);
		d->sub.env = &d->rest.env;
		attempt_host(d);
	}
}

/* What concerns the server tried next; its names go into the result. */
static void choose_server(struct delivery *d, size_t i)
{
	struct delivery_result *r = d->result;
	const struct strvec *hosts = account_list(d->req->account, OPT_HOST);
	d->server = &d->servers.v[i];
	free(r->host);
	r->host = xstrdup(d->server->host);
	free(r->identity);
	r->identity = xstrdup(d->server->identity ? d->server->identity : d->server->host);
	r->port = d->server->port;
	d->auth.host = d->server->is_socket ? (hosts->n ? hosts->v[0] : "localhost") : d->server->host;
	d->auth.port = d->server->port;
}

static void attempt_hosts(struct delivery *d)
{
	const struct delivery_request *req = d->req;
	const struct srv_dns *dns = req->srv_dns ? req->srv_dns : &srv_dns_system;
	const struct rng *rng = req->rng ? req->rng : &rng_system;
	d->result->stage = DELIVERY_DNS;
	if (!server_list_make(req->account, dns, rng, req->clock, connect_deadline(d), &d->servers, &d->result->error))
		return;
	for (size_t i = 0;; i++) {
		choose_server(d, i);
		attempt_host(d);
		attempt_rest(d);
		if (i + 1 >= d->servers.n || !next_may_do(d))
			return;
		note(d, _("%s: %s; trying %s"), d->result->host, d->result->error.text, d->servers.v[i + 1].host);
		forget_attempt(d);
	}
}

static void settle(struct delivery_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->outcomes[i].kind == OUTCOME_OPEN)
			outcome_from_error(&r->outcomes[i], &r->error);
}

static void init_delivery(struct delivery *d, const struct delivery_request *req, struct delivery_result *result)
{
	const struct account *a = req->account;
	*result = (struct delivery_result){.n = req->message ? req->message->env->n : req->verify ? req->verify->n : 0};
	result->outcomes = result->n ? xcalloc(result->n, sizeof(*result->outcomes)) : NULL;
	const struct strvec *hosts = account_list(a, OPT_HOST);
	result->host = xstrdup(server_account_name(a));
	result->port = account_str(a, OPT_SOCKET) ? 0 : (unsigned)account_int(a, OPT_PORT);
	*d = (struct delivery){.req = req, .result = result, .password = SECRET_INIT, .mask = MASK_INIT, .rest = REST_INIT, .servers = SERVER_LIST_INIT};
	d->deadline = deadline_in(req->clock, account_int(a, OPT_DEADLINE));
	d->auth = (struct authenticator){
		.account = a,
		.host = hosts->n ? hosts->v[0] : "localhost",
		.port = result->port,
		.refused = STRVEC_INIT,
	};
	d->early = (struct early){
		.state_home = req->message && account_bool(a, OPT_EARLY_PIPELINING) ? req->state_home : NULL,
		.account = a,
		.auth = !req->no_auth && authenticate_wanted(a),
		.clock = req->clock,
		.mask = &d->mask,
		.note = req->note,
		.note_arg = req->trace_arg,
	};
	conversation_init(&d->talk, &ops, d);
}

void deliver(const struct delivery_request *req, struct delivery_result *result)
{
	struct delivery d;
	msec_t start = clock_monotonic(req->clock);
	init_delivery(&d, req, result);
	prepare_submission(&d);
	if (fetch_secret(&d, &result->error))
		attempt_hosts(&d);
	settle(result);
	mask_result(&d);
	result->ms_total = clock_monotonic(req->clock) - start;
	conversation_release(&d.talk);
	session_free(d.session);
	connection_release(&d.connection);
	authenticator_release(&d.auth);
	server_list_release(&d.servers);
	rest_release(&d.rest);
	secret_release(&d.password);
	mask_release(&d.mask);
	early_release(&d.early);
}
