/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/transport.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "transport/authenticate.h"
#include "transport/connect.h"
#include "transport/adapt.h"
#include "transport/session_driver.h"
#include "transport/pipeconnect.h"
#include "transport/password.h"
#include "transport/remaining.h"
#include "secret/redactor.h"

/* A helper or a person gets this long for the password. */
#define SECRET_MS (5 * 60 * 1000)

struct transport {
	struct delivery_request req;	/* its message is the one under way */
	struct delivery_result *result; /* of that */
	struct connect_request connect;
	struct connection connection;
	struct authenticator auth;
	struct secret password;
	const char *secret_from;
	struct redactor mask; /* hides it where the server repeats it */
	struct session_driver driver;
	struct session *session;
	struct server_list servers;
	const struct server *server;	/* the one used or tried now */
	struct mail_transaction sub;	/* of the message as it is, or of the addresses to verify */
	struct adapted_message content; /* as the server in hand can take it */
	struct remaining rest;		/* the envelope, once the server wanted a further session */
	struct pipeconnect early;
	unsigned carried;     /* messages over this connection */
	bool submitted;	      /* the session was given the message: what it says of a submission is about this one */
	unsigned needs_known; /* enum cap bits the session has asked for behind AUTH */
	const char *mech;     /* it was authenticated with, or NULL */
	msec_t deadline;
};

static void note(const struct transport *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void note(const struct transport *c, const char *fmt, ...)
{
	if (!c->req.note)
		return;
	AUTO(strbuf) text = STRBUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	redactor_apply(&c->mask, text.buf); /* an error may quote the server */
	c->req.note(c->req.trace_arg, text.buf);
}

/* ---- secrets ---- */

static bool fetch_secret(struct transport *c, struct error *err)
{
	const struct account *a = c->req.account;
	if (c->req.no_auth || !authenticate_wanted(a) || !authenticate_wants_secret(a))
		return true;
	if (c->auth.password) /* for an earlier message */
		return true;
	msec_t start = clock_monotonic(c->req.clock);
	struct secret_query q = password_query(a, c->req.keyring_helper);
	q.may_prompt = c->req.may_prompt;
	q.clock = c->req.clock;
	q.deadline = deadline_min(c->deadline, deadline_in(c->req.clock, SECRET_MS));
	q.note = c->req.note;
	q.note_arg = c->req.trace_arg;
	bool ok = secret_fill(&q, &c->password, &c->secret_from, err);
	c->result->secret_from = c->secret_from;
	if (ok) {
		c->auth.password = &c->password;
		note(c, _("password from: %s"), c->result->secret_from);
	} else {
		error_stage(err, _("password for account %s"), a->name);
	}
	redactor_set(&c->mask, &c->password);
	c->result->ms_secret = clock_monotonic(c->req.clock) - start;
	return ok;
}

static void redacted_trace(void *arg, bool from_server, struct span line)
{
	const struct transport *c = arg;
	struct strbuf text = STRBUF_INIT;
	strbuf_add_span(&text, line);
	/* what stands behind a NUL is out of the mask's reach */
	for (size_t i = 0; i < text.len; i++)
		if (!text.buf[i])
			text.buf[i] = '?';
	if (text.len)
		redactor_apply(&c->mask, text.buf);
	c->req.trace(c->req.trace_arg, from_server, text.len ? span_of(text.buf) : line);
	strbuf_wipe(&text);
}

/* ---- what the conversation asks for ---- */

static void note_tls(const struct transport *c)
{
	const struct tls_info *info = &c->connection.info;
	note(c, _("TLS: %s, certificate verified by: %s"), info->description ? info->description : "?",
	     info->verified_by ? info->verified_by : "?");
}

static void line_is_protected(struct transport *c)
{
	c->auth.tls = c->connection.tls ? c->connection.stream : NULL;
	c->auth.protected_line =
		c->connection.tls || c->connection.loopback || account_bool(c->req.account, OPT_AUTH_WITHOUT_TLS);
}

static bool op_start_tls(struct session_driver *driver, struct error *err)
{
	struct transport *c = driver->arg;
	c->connect.deadline =
		deadline_min(driver->deadline,
			     deadline_in(driver->clock, driver->timeout_ms >= 0 ? driver->timeout_ms
										: session_timeout_ms(TIMEOUT_COMMAND)));
	bool ok = connect_start_tls(&c->connect, &c->connection, err);
	driver->stream = c->connection.stream;
	if (ok) {
		line_is_protected(c);
		note_tls(c);
	}
	return ok;
}

static void op_sasl(struct session_driver *driver, const struct session_step *step)
{
	struct transport *c = driver->arg;
	authenticate_step(&c->auth, c->session, step);
	if (step->event == SASL_SUCCESS && !session_error(c->session))
		c->mech = c->auth.mech->name;
}

static const struct session_driver_ops ops = {op_start_tls, op_sasl};

/* ---- the submission ---- */

static void prepare_submission(struct transport *c)
{
	const struct delivery_message *m = c->req.message;
	if (m)
		c->sub = adapt_transaction(c->req.account, m);
	else
		c->sub = (struct mail_transaction){.env = c->req.verify,
						   .tls_verified = account_tls_is_verified(c->req.account)};
	c->result->size = c->sub.size;
}

/* The message in the form that fits this server, which is another's for the next one. */
static bool submit_message(struct transport *c)
{
	struct error err = ERROR_INIT;
	if (!adapt_message(&c->content, c->req.account, c->req.message, session_caps(c->session), &err)) {
		error_stage(&err, "MAIL");
		error_move(&c->result->error, &err);
		return false;
	}
	if (c->content.result.changed)
		note(c, _("the message was converted to fit the server; parts encoded: %zu"),
		     c->content.result.encoded);
	c->result->size = c->content.sub.size;
	if (c->rest.whole)
		c->content.sub.env = &c->rest.env;
	session_driver_message(&c->driver, c->content.header, c->content.body, c->content.sub.binary);
	session_submit(c->session, &c->content.sub);
	c->submitted = true;
	return true;
}

static struct session_options session_settings(struct transport *c)
{
	const struct account *a = c->req.account;
	return (struct session_options){
		.protocol = strcmp(account_word_text(a, OPT_PROTOCOL), "lmtp") == 0 ? PROTOCOL_LMTP : PROTOCOL_SMTP,
		.tls = !c->server->tls	     ? SESSION_TLS_NONE
		       : c->server->starttls ? SESSION_TLS_STARTTLS
					     : SESSION_TLS_ACTIVE,
		.auth = !c->req.no_auth && authenticate_wanted(a),
		.needs = c->sub.env ? negotiate_needs(&c->sub) : 0,
		.local_name = account_str(a, OPT_DOMAIN),
		.remembered = pipeconnect_caps(&c->early, c->server, &c->connection.info),
		.trace = c->req.trace ? redacted_trace : NULL,
		.trace_arg = c,
	};
}

static void note_extensions(struct transport *c)
{
	const struct negotiated *t = session_negotiated(c->session);
	const struct caps *caps = session_caps(c->session);
	struct strvec *used = &c->result->extensions;
	if (caps_has(caps, CAP_PIPELINING))
		strvec_push(used, "PIPELINING");
	if (c->early.known && !c->carried)
		strvec_push(used, "PIPECONNECT");
	if (t->chunking)
		strvec_push(used, "CHUNKING");
	if (t->size)
		strvec_push(used, "SIZE");
	if (t->body && strcmp(t->body, "7BIT") != 0)
		strvec_push(used, t->body);
	if (t->smtputf8)
		strvec_push(used, "SMTPUTF8");
	const struct envelope *env = c->sub.env;
	if (t->dsn && (env->notify || env->ret || env->envid))
		strvec_push(used, "DSN");
	mail_params_used(&t->params, used);
	mail_params_warn(&t->params, &c->result->warnings);
	if (caps_has(caps, CAP_ENHANCEDSTATUSCODES))
		strvec_push(used, "ENHANCEDSTATUSCODES");
}

static void take_outcomes(struct transport *c)
{
	const struct outcome *got = session_outcomes(c->session);
	const struct reply *final = session_final_reply(c->session);
	for (size_t i = 0; got && i < c->sub.env->n; i++) {
		struct outcome *o = &c->result->outcomes[c->rest.whole ? c->rest.whole[i] : i];
		outcome_copy(o, &got[i]);
		xreplace(&o->status.host, c->result->host);
	}
	if (final) {
		status_set_reply(&c->result->final, final->code, final->enhanced, strbuf_span(&final->text));
		xreplace(&c->result->final.host, c->result->host);
	}
	if (got && c->req.message)
		note_extensions(c);
}

static void begin_session(struct transport *c)
{
	struct session_driver *driver = &c->driver;
	struct session_options settings = session_settings(c);
	c->needs_known = settings.needs;
	c->session = session_new(&settings);
	driver->session = c->session;
	driver->stream = c->connection.stream;
	driver->clock = c->req.clock;
	driver->deadline = c->deadline;
	driver->timeout_ms = (long)account_int(c->req.account, OPT_TIMEOUT);
}

/* What the session is for, once it is ready. */
static void converse(struct transport *c)
{
	c->submitted = false;
	if (!session_driver_run(&c->driver))
		return;
	if (c->req.message) {
		if (!submit_message(c))
			return;
	} else if (c->req.verify) {
		session_verify(c->session, &c->sub);
		c->submitted = true;
	} else if (c->req.etrn) {
		session_etrn(c->session, c->req.etrn);
		c->submitted = true;
	}
	(void)session_driver_run(&c->driver);
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

static void take_session(struct transport *c)
{
	struct delivery_result *r = c->result;
	const struct error *why = c->submitted ? session_submission_error(c->session) : NULL;
	if (!why)
		why = session_error(c->session);
	if (why) {
		error_copy(&r->error, why);
		authenticate_explain(&c->auth, &r->error);
	}
	r->stage = r->error.status.kind != ERROR_NONE && !why ? DELIVERY_TRANSACTION : stage_of_session(c->session);
	if (c->submitted)
		take_outcomes(c);
	caps_copy(&r->caps, session_caps(c->session));
	if (session_greeting(c->session))
		r->greeting = xstrdup(session_greeting(c->session));
}

/* ---- one host ---- */

static msec_t connect_deadline(const struct transport *c)
{
	return deadline_min(c->deadline, deadline_in(c->req.clock, account_int(c->req.account, OPT_TIMEOUT)));
}

static void take_connection(struct transport *c)
{
	struct delivery_result *r = c->result;
	const struct connection *line = &c->connection;
	r->peer = line->peer ? xstrdup(line->peer) : NULL;
	tls_info_take(&r->tls, &c->connection.info);
	r->round_trips = c->driver.round_trips;
	if (c->carried) /* it was there already */
		return;
	r->ms_dns = line->ms_dns;
	r->ms_connect = line->ms_connect;
	r->ms_tls = line->ms_tls;
	r->round_trips += 1 + line->info.round_trips;
}

/* What was said in a session that is not stale goes into the result. */
static void converse_and_take(struct transport *c)
{
	msec_t start = clock_monotonic(c->req.clock);
	converse(c);
	if (!session_stale(c->session))
		take_session(c);
	c->result->ms_session = clock_monotonic(c->req.clock) - start;
	take_connection(c);
	c->carried++;
}

static void attempt(struct transport *c)
{
	struct delivery_result *r = c->result;
	c->connect = (struct connect_request){
		.account = c->req.account,
		.server = c->server,
		.resolver = c->req.resolver,
		.clock = c->req.clock,
		.deadline = connect_deadline(c),
		.detail = c->req.detail ? TLS_CERTIFICATES : TLS_BRIEF,
	};
	if (!connect_account(&c->connect, &c->connection, &r->error)) {
		static const enum delivery_stage stages[] = {DELIVERY_DNS, DELIVERY_CONNECT, DELIVERY_TLS,
							     DELIVERY_EHLO};
		r->stage = stages[c->connection.phase];
		take_connection(c);
		return;
	}
	note(c, _("connected to %s"), c->connection.peer);
	line_is_protected(c);
	if (c->connection.tls)
		note_tls(c);
	begin_session(c);
	converse_and_take(c);
}

/* Something failed before the server took our greeting, and the next server may do better. */
static bool next_may_do(const struct transport *c)
{
	return !(c->session && session_greeted(c->session)) && error_kind_next_server(c->result->error.status.kind);
}

void transport_hang_up(struct transport *c)
{
	if (c->session)
		session_driver_end(&c->driver);
	session_driver_release(&c->driver);
	session_free(c->session);
	c->session = NULL;
	connection_release(&c->connection);
	session_driver_init(&c->driver, &ops, c);
	c->carried = 0;
	c->mech = NULL;
}

/* Forgets what the attempt at one host left behind. */
static void forget_attempt(struct transport *c)
{
	struct delivery_result *r = c->result;
	transport_hang_up(c);
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

/* Once more with the same server if it was not as remembered: nothing of the message was sent. */
static void attempt_host(struct transport *c)
{
	attempt(c);
	if (!c->session || !pipeconnect_update(&c->early, c->session))
		return;
	unsigned spent = c->result->round_trips;
	forget_attempt(c);
	attempt(c);
	c->result->round_trips += spent;
}

/* A server may end its session before all recipients were named (LIMITS MAILMAX): it takes the rest in the next one. */
static void attempt_rest(struct transport *c)
{
	while (c->req.message && remaining_collect(&c->rest, c->req.message->env, c->result->outcomes)) {
		note(c, _("%zu recipients are left for another session"), c->rest.env.n);
		forget_attempt(c);
		c->sub.env = &c->rest.env;
		attempt_host(c);
	}
}

/* The names of the server go into the result. */
static void take_server(struct transport *c)
{
	struct delivery_result *r = c->result;
	free(r->host);
	r->host = xstrdup(c->server->host);
	free(r->identity);
	r->identity = xstrdup(c->server->identity ? c->server->identity : c->server->host);
	r->port = c->server->port;
}

static void choose_server(struct transport *c, size_t i)
{
	const struct strvec *hosts = account_list(c->req.account, OPT_HOST);
	c->server = &c->servers.v[i];
	c->auth.host = c->server->is_socket ? (hosts->n ? hosts->v[0] : "localhost") : c->server->host;
	c->auth.port = c->server->port;
	take_server(c);
}

static void attempt_hosts(struct transport *c)
{
	const struct delivery_request *req = &c->req;
	const struct srv_dns *dns = req->srv_dns ? req->srv_dns : &srv_dns_system;
	const struct rng *rng = req->rng ? req->rng : &rng_system;
	c->result->stage = DELIVERY_DNS;
	server_list_release(&c->servers);
	c->server = c->early.server = c->early.stale = NULL; /* they stood in the list */
	strvec_release(&c->auth.refused); /* with the message before; the server may think better of it */
	if (!server_list_make(req->account, dns, rng, req->clock, connect_deadline(c), &c->servers, &c->result->error))
		return;
	for (size_t i = 0;; i++) {
		choose_server(c, i);
		attempt_host(c);
		attempt_rest(c);
		if (i + 1 >= c->servers.n || !next_may_do(c))
			return;
		note(c, _("%s: %s; trying %s"), c->result->host, c->result->error.status.text,
		     c->servers.v[i + 1].host);
		forget_attempt(c);
	}
}

/* ---- one message after the other ---- */

/* The session of the message before takes this one, too: it is ready, has said nothing meanwhile, and knows of
 * everything this one may need (only behind AUTH a further EHLO would have been worth while). */
static bool session_will_do(struct transport *c)
{
	if (!c->session || !session_is_ready(c->session))
		return false;
	if (c->mech && c->sub.env && negotiate_needs(&c->sub) & ~(c->needs_known | session_caps(c->session)->bits))
		return false;
	return session_driver_idle(&c->driver);
}

/* The server had left before it took anything of this message, or wants another session for all of it. */
static bool nothing_happened(const struct transport *c)
{
	const struct delivery_result *r = c->result;
	bool ended = session_error(c->session) != NULL;
	for (size_t i = 0; i < r->n; i++)
		if (r->outcomes[i].kind != OUTCOME_RETRY || !(ended || r->outcomes[i].remaining))
			return false;
	return ended || r->n;
}

static void reopen_outcomes(struct delivery_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		outcome_release(&r->outcomes[i]);
}

/* True if the message had its chance. */
static bool carry_in_session(struct transport *c)
{
	take_server(c);
	c->driver.deadline = c->deadline;
	c->driver.limit_set = false;
	c->driver.round_trips = 0;
	converse_and_take(c);
	if (!nothing_happened(c))
		return true;
	note(c, _("the session had ended; connecting again"));
	forget_attempt(c);
	reopen_outcomes(c->result);
	return false;
}

static void begin_result(struct transport *c, struct delivery_result *result)
{
	const struct account *a = c->req.account;
	*result = (struct delivery_result){.n = c->req.message	? c->req.message->env->n
						: c->req.verify ? c->req.verify->n
								: 0};
	result->outcomes = result->n ? xcalloc(result->n, sizeof(*result->outcomes)) : NULL;
	result->host = xstrdup(server_account_name(a));
	result->port = account_str(a, OPT_SOCKET) ? 0 : (unsigned)account_int(a, OPT_PORT);
	if (c->auth.password)
		result->secret_from = c->secret_from; /* fetched for an earlier one */
	c->result = result;
	c->early.state_home = c->req.message && account_bool(a, OPT_EARLY_PIPELINING) ? c->req.state_home : NULL;
	c->deadline = deadline_in(c->req.clock, account_int(a, OPT_DEADLINE));
	remaining_release(&c->rest);
	prepare_submission(c);
}

void transport_send(struct transport *c, const struct delivery_message *message, struct delivery_result *result)
{
	msec_t start = clock_monotonic(c->req.clock);
	c->req.message = message;
	begin_result(c, result);
	if (session_will_do(c) && carry_in_session(c)) {
		attempt_rest(c);
	} else if (fetch_secret(c, &result->error)) {
		transport_hang_up(c);
		attempt_hosts(c);
	}
	if (c->mech)
		result->mech = xstrdup(c->mech);
	delivery_result_settle(result);
	delivery_result_redact(result, &c->mask);
	result->ms_total = clock_monotonic(c->req.clock) - start;
}

bool transport_connected(const struct transport *c)
{
	return c->session && session_is_ready(c->session);
}

struct transport *transport_new(const struct delivery_request *req)
{
	const struct account *a = req->account;
	const struct strvec *hosts = account_list(a, OPT_HOST);
	struct transport *c = xcalloc(1, sizeof(*c));
	*c = (struct transport){.req = *req,
				.password = SECRET_INIT,
				.mask = REDACTOR_INIT,
				.rest = REMAINING_INIT,
				.servers = SERVER_LIST_INIT};
	adapted_message_init(&c->content);
	c->auth = (struct authenticator){
		.account = a,
		.host = hosts->n ? hosts->v[0] : "localhost",
		.port = account_str(a, OPT_SOCKET) ? 0 : (unsigned)account_int(a, OPT_PORT),
		.refused = STRVEC_INIT,
	};
	c->early = (struct pipeconnect){
		.account = a,
		.auth = !req->no_auth && authenticate_wanted(a),
		.clock = req->clock,
		.mask = &c->mask,
		.note = req->note,
		.note_arg = req->trace_arg,
	};
	session_driver_init(&c->driver, &ops, c);
	return c;
}

void transport_free(struct transport *c)
{
	if (!c)
		return;
	transport_hang_up(c);
	session_driver_release(&c->driver);
	adapted_message_release(&c->content);
	authenticator_release(&c->auth);
	server_list_release(&c->servers);
	remaining_release(&c->rest);
	secret_release(&c->password);
	redactor_release(&c->mask);
	pipeconnect_release(&c->early);
	free(c);
}
