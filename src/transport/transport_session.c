/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The session of a transport: how it starts, what its driver asks for, what it is used for. */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "net/own_name.h"
#include "transport/transport_private.h"

/* ---- what the driver asks for ---- */

/* The connection was made, or secured by STARTTLS. */
static void connection_changed(struct transport *t)
{
	const struct connection *c = &t->connection;
	t->authenticator.tls = c->tls ? c->stream : NULL;
	t->authenticator.is_protected = c->tls || c->loopback || account_bool(t->request.account, OPT_AUTH_WITHOUT_TLS);
	t->authenticator.is_verified = c->tls && account_tls_is_checked(t->request.account);
	if (c->tls)
		transport_note(t, _("TLS: %s, certificate verified by: %s"),
			       c->info.description ? c->info.description : "?",
			       c->info.verified_by ? c->info.verified_by : "?");
}

static bool start_tls(struct session_driver *driver, struct error *err)
{
	struct transport *t = driver->arg;
	long ms = driver->timeout_ms >= 0 ? driver->timeout_ms : session_timeout_ms(TIMEOUT_COMMAND);
	t->connect_request.deadline = deadline_min(driver->deadline, deadline_in(driver->clock, ms));
	bool ok = connect_start_tls(&t->connect_request, &t->connection, err);
	driver->stream = t->connection.stream;
	if (ok) {
		connection_changed(t);
		transport_report_progress(t, DELIVERY_EHLO);
	}
	return ok;
}

static void note_choice(const struct transport *t)
{
	const struct mech_choice *choice = &t->authenticator.choice;
	AUTO(strbuf) others = STRBUF_INIT;
	mech_choice_format(choice, &others);
	if (t->authenticator.failure.status.kind != ERROR_NONE)
		transport_note(t, _("login failed and is tried in another way: %s"),
			       t->authenticator.failure.status.text);
	if (choice->mech && others.len)
		transport_note(t, _("login by %s, and not by another mechanism: %s"), choice->mech->name, others.buf);
	else if (choice->mech)
		transport_note(t, _("login by %s"), choice->mech->name);
}

static void answer_sasl(struct session_driver *driver, const struct session_step *step)
{
	struct transport *t = driver->arg;
	if (step->event == SASL_START && !step->refusal)
		transport_report_progress(t, DELIVERY_AUTH);
	authenticate_step(&t->authenticator, t->session, step);
	if (step->event == SASL_START && t->request.note)
		note_choice(t);
	if (step->event == SASL_SUCCESS && !session_error(t->session))
		t->mech = t->authenticator.mech->name;
}

static void use_time(struct session_driver *driver)
{
	const struct transport *t = driver->arg;
	if (t->meanwhile)
		t->meanwhile(t->meanwhile_arg);
}

static void count_body(struct session_driver *driver)
{
	const struct transport *t = driver->arg;
	if (t->request.transferred)
		t->request.transferred(t->request.listener_arg, driver->body_octets, t->result->size);
}

static const struct session_driver_ops driver_ops = {start_tls, answer_sasl, use_time, count_body};

static void redacted_trace(void *arg, bool from_server, struct span line)
{
	const struct transport *t = arg;
	struct strbuf text = STRBUF_INIT;
	strbuf_add_span(&text, line);
	/* The redactor would stop at a NUL. */
	for (size_t i = 0; i < text.len; i++)
		if (!text.buf[i])
			text.buf[i] = '?';
	if (text.len)
		(from_server ? redactor_apply_reply_line : redactor_apply)(&t->redactor, text.buf);
	t->request.trace(t->request.listener_arg, from_server, text.len ? span_of(text.buf) : line);
	strbuf_wipe(&text);
}

/* ---- start and end ---- */

static struct session_options session_options(struct transport *t)
{
	const struct server *server = t->server;
	struct session_options options = adapt_session(t->request.account);
	options.tls = !server->tls ? SESSION_TLS_NONE : server->starttls ? SESSION_TLS_STARTTLS : SESSION_TLS_ACTIVE;
	options.auth = transport_wants_auth(t);
	options.needs = t->mail.env && !t->broken.one_ehlo ? negotiate_needs(&t->mail) : 0;
	options.ignore = t->broken.ignored;
	options.local_name = t->local_name;
	options.remembered = pipeconnect_caps(&t->pipeconnect, server, &t->connection.info);
	options.trace = t->request.trace ? redacted_trace : NULL;
	options.trace_arg = t;
	return options;
}

/* The account's name of this machine, or the one that fits the connection. */
static void find_local_name(struct transport *t)
{
	const char *domain = account_str(t->request.account, OPT_DOMAIN);
	bool any = strcmp(domain, "auto") == 0;
	t->local_name = any ? own_name_find(t->connection.stream->fd) : xstrdup(domain);
	t->pipeconnect.local_name = t->local_name;
}

void transport_session_init(struct transport *t)
{
	session_driver_init(&t->driver, &driver_ops, t);
}

static void start_session(struct transport *t, const struct session_options *options)
{
	struct session_driver *driver = &t->driver;
	t->session = session_new(options);
	driver->session = t->session;
	driver->stream = t->connection.stream;
	driver->clock = t->request.runtime->clock;
	driver->deadline = t->deadline;
	driver->timeout_ms = (long)account_int(t->request.account, OPT_TIMEOUT);
}

void transport_session_begin(struct transport *t)
{
	connection_changed(t);
	find_local_name(t);
	struct session_options options = session_options(t);
	t->needs_asked = options.needs;
	start_session(t, &options);
}

void transport_session_go_on(struct transport *t, const struct session_kept *kept)
{
	struct session_options options = session_options(t);
	options.remembered = NULL;
	options.kept = kept;
	start_session(t, &options);
}

void transport_session_end(struct transport *t)
{
	if (t->session)
		session_driver_end(&t->driver);
	transport_session_drop(t);
}

void transport_session_drop(struct transport *t)
{
	session_driver_release(&t->driver);
	session_free(t->session);
	t->session = NULL;
	connection_release(&t->connection);
	free(t->local_name);
	t->local_name = NULL;
	transport_session_init(t);
	t->messages_sent = 0;
	t->mech = NULL;
}

/* ---- use ---- */

static bool is_ready(struct transport *t)
{
	const struct delivery_task *task = &t->request.task;
	return !task->ready || task->ready(task->ready_arg, &t->result->error);
}

bool transport_session_submit(struct transport *t, struct adapted_message *m, struct remaining *remaining)
{
	struct error err = ERROR_INIT;
	if (!adapt_message(m, t->request.account, transport_message(t), session_caps(t->session), &err)) {
		error_stage(&err, "MAIL");
		error_move(&t->result->error, &err);
		return false;
	}
	if (!is_ready(t))
		return false;
	if (m->result.changed)
		transport_note(t, _("the message was converted to fit the server; parts encoded: %zu"),
			       m->result.encoded);
	if (m->result.changed && m->signed_before)
		strvec_push(&t->result->warnings,
			    _("the message has a DKIM signature, which does not match any more: the message had to be "
			      "converted to fit the server; sign it after encoding it in 7 bits"));
	t->result->size = m->mail.size;
	if (remaining->index)
		m->mail.env = &remaining->env;
	session_driver_message(&t->driver, m->header, m->body, m->mail.binary);
	session_submit(t->session, &m->mail);
	return true;
}

static bool submit_message(struct transport *t)
{
	return transport_session_submit(t, &t->adapted, &t->remaining);
}

/* False if there is nothing to submit, or the message could not be adapted to the server. */
static bool submit(struct transport *t)
{
	const struct delivery_task *task = &t->request.task;
	transport_report_progress(t, DELIVERY_TRANSACTION);
	switch (task->kind) {
	case DELIVERY_SEND:
		if (!submit_message(t))
			return false;
		break;
	case DELIVERY_VERIFY: session_verify(t->session, &t->mail); break;
	case DELIVERY_ETRN: session_etrn(t->session, task->queue); break;
	case DELIVERY_LOOK: return false;
	}
	t->submitted = true;
	return true;
}

/* Submits the message once more without what the server offers and refuses.  False if it cannot be adapted to that: the
 * attempt before is what is reported. */
static bool submit_without(struct transport *t, unsigned unkept)
{
	struct error *err = &t->result->error;
	broken_promises_learn(t, unkept);
	t->resubmitted = true;
	session_ignore(t->session, unkept);
	if (!submit_message(t)) {
		error_release(err);
		return false;
	}
	(void)session_driver_run(&t->driver);
	return true;
}

/* What the server has refused now, for the first time, and the message can do without. */
static unsigned newly_refused(const struct transport *t)
{
	if (!transport_message(t) || !session_is_ready(t->session))
		return 0;
	return session_unkept(t->session) & ~t->broken.ignored;
}

static void submit_and_run(struct transport *t)
{
	if (!submit(t))
		return;
	(void)session_driver_run(&t->driver);
	/* a server may refuse first a parameter of MAIL, then BDAT */
	for (unsigned unkept; (unkept = newly_refused(t)) && submit_without(t, unkept);)
		;
}

void transport_session_use(struct transport *t)
{
	const struct clock *clock = t->request.runtime->clock;
	msec_t start = clock_monotonic(clock);
	t->submitted = t->resubmitted = false;
	if (session_driver_run(&t->driver))
		submit_and_run(t);
	if (!session_stale(t->session))
		transport_result_session(t);
	t->result->ms_session = clock_monotonic(clock) - start;
	transport_result_connection(t);
	t->messages_sent++;
}

void transport_session_reuse(struct transport *t)
{
	struct session_driver *driver = &t->driver;
	driver->deadline = t->deadline;
	driver->limit_set = false;
	driver->round_trips = 0;
	transport_session_use(t);
}

/* Without AUTH, the capabilities of the first EHLO are all there are.  After AUTH they may not be: a new session may
 * repeat EHLO for what this message needs and the messages before did not. */
static bool may_list_more(const struct transport *t)
{
	return t->mech && t->mail.env && !t->broken.one_ehlo &&
	       negotiate_needs(&t->mail) & ~(t->needs_asked | session_caps(t->session)->bits);
}

bool transport_session_suits(const struct transport *t)
{
	return !may_list_more(t) && !transport_kept_is_worn(t);
}

bool transport_session_reusable(struct transport *t)
{
	return t->session && session_is_ready(t->session) && transport_session_suits(t) &&
	       session_driver_idle(&t->driver);
}
