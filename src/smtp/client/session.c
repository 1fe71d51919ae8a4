/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/client/session.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "smtp/client/session_private.h"

#include <assert.h>

/* Commands are put into the output until it holds this much; a server that
 * reads slowly then slows us, not our memory. */
#define OUT_FULL (64u * 1024)

struct session *session_new(const struct session_options *options)
{
	struct session *s = xcalloc(1, sizeof(*s));
	s->options = *options;
	s->tls_active = options->tls == SESSION_TLS_ACTIVE;
	reply_parser_init(&s->parser);
	strbuf_init(&s->out);
	strbuf_init(&s->sasl_out);
	strbuf_init(&s->sasl_challenge);
	strbuf_init(&s->sasl_refusal.text);
	strbuf_init(&s->final_reply.text);
	session_expect(s, &state_greeting, 0); /* the server speaks first */
	states_pipeconnect_begin(s);	       /* or we do */
	return s;
}

static void outcomes_free(struct session *s)
{
	for (size_t i = 0; i < s->outcomes_n; i++)
		outcome_release(&s->outcomes[i]);
	free(s->outcomes);
	s->outcomes = NULL;
	s->outcomes_n = 0;
}

void session_free(struct session *s)
{
	if (!s)
		return;
	caps_release(&s->caps);
	caps_release(&s->first_caps);
	reply_parser_release(&s->parser);
	free(s->greeting);
	strbuf_wipe(&s->out);
	free(s->due);
	error_release(&s->error);
	strbuf_wipe(&s->sasl_out);
	free(s->sasl_mech);
	strbuf_wipe(&s->sasl_challenge);
	reply_release(&s->sasl_refusal);
	outcomes_free(s);
	rcpt_batch_release(&s->split);
	error_release(&s->sub_error);
	reply_release(&s->final_reply);
	free(s);
}

void session_trace(struct session *s, bool from_server, struct span line)
{
	if (s->options.trace)
		s->options.trace(s->options.trace_arg, from_server, line);
}

/* ---- the two cursors ---------------------------------------------------- */

size_t session_due(const struct session *s)
{
	return s->due_n;
}

void session_expect(struct session *s, const struct state *row, size_t arg)
{
	if (s->due_n == s->due_cap) {
		size_t cap = s->due_cap ? s->due_cap * 2 : 16;
		struct due *ring = xcalloc(cap, sizeof(*ring));
		for (size_t i = 0; i < s->due_n; i++)
			ring[i] = s->due[(s->due_first + i) % s->due_cap];
		free(s->due);
		s->due = ring;
		s->due_first = 0;
		s->due_cap = cap;
	}
	s->due[(s->due_first + s->due_n++) % s->due_cap] = (struct due){row, arg, s->queued};
}

static struct due take_due(struct session *s)
{
	struct due d = s->due[s->due_first];
	s->due_first = (s->due_first + 1) % s->due_cap;
	s->due_n--;
	return d;
}

/* The one place where the sending side moves. */
static void enter_state(struct session *s, struct position place)
{
	if (place.row)
		s->next = place;
}

struct position session_fail(struct session *s, struct error *err, bool politely)
{
	if (s->error.status.kind == ERROR_NONE)
		error_move(&s->error, err);
	else
		error_release(err);
	if (s->sub && s->in_transaction)
		states_mail_abandon(s, &s->error);
	s->stale |= s->early;
	/* QUIT behind unanswered commands would leave their answers to be judged for a dead transaction. */
	if (politely && !s->due_n)
		return PLACE(state_quit);
	s->closed = true;
	return PLACE(state_close);
}

struct position session_fail_reply(struct session *s, enum reply_stage stage, const struct reply *reply)
{
	static const char *const names[] = {"greeting", "EHLO", "STARTTLS", "AUTH",
					    "MAIL",	"RCPT", "DATA",	    "end of data"};
	struct error err = ERROR_INIT;
	reply_policy_error(stage, reply, &err);
	error_stage(&err, "%s", names[stage]);
	return session_fail(s, &err, true);
}

static void trace_command(struct session *s, size_t from, const struct state *row)
{
	if (!s->options.trace)
		return;
	struct span line = span_trim(span_sub(strbuf_span(&s->out), from, s->out.len));
	if (!row->secret) {
		session_trace(s, false, line);
		return;
	}
	/* "AUTH PLAIN <hidden>"; a bare response shows nothing at all. */
	struct strbuf shown = STRBUF_INIT;
	struct span verb = span_word(&line), mech = span_word(&line);
	if (span_equals_str(verb, "AUTH")) {
		strbuf_add_span(&shown, verb);
		strbuf_addch(&shown, ' ');
		strbuf_add_span(&shown, mech);
		if (line.len)
			strbuf_adds(&shown, " <hidden>");
	} else {
		strbuf_adds(&shown, span_equals_str(verb, "*") ? "*" : "<hidden>");
	}
	session_trace(s, false, strbuf_span(&shown));
	strbuf_release(&shown);
}

static bool may_send(const struct session *s)
{
	if (s->due_n == 0)
		return true;
	if (s->early && (!s->last_sent || s->last_sent->early))
		return true;
	return caps_has(&s->caps, CAP_PIPELINING) && s->last_sent && s->last_sent->may_pipeline;
}

static void send_row(struct session *s)
{
	const struct position at = s->next;
	struct error err = ERROR_INIT;
	size_t before = s->out.len;
	if (!at.row->build(s, at.arg, &s->out, &err)) {
		strbuf_setlen(&s->out, before);
		enter_state(s, session_fail(s, &err, s->due_n == 0));
		return;
	}
	trace_command(s, before, at.row);
	s->queued += s->out.len - before;
	s->out_secret |= at.row->secret;
	s->last_sent = at.row;
	s->next = PLACE_STAY;
	if (at.row->on_reply)
		session_expect(s, at.row, at.arg);
	enter_state(s, at.row->after ? at.row->after(s, at.arg) : PLACE_STAY);
}

/* Lets the sending side run as far as rows, capabilities and space allow. */
static void pump(struct session *s)
{
	while (!s->closed && s->next.row && s->next.row->want == SESSION_WRITE && s->out.len < OUT_FULL) {
		enum state_ready ready = s->next.row->ready ? s->next.row->ready(s, s->next.arg) : ROW_SEND;
		if (ready == ROW_SKIP) {
			enter_state(s, s->next.row->after(s, s->next.arg));
			continue;
		}
		if (ready == ROW_WAIT || !may_send(s))
			return;
		send_row(s);
	}
}

/* ---- what the caller is asked ------------------------------------------- */

static struct session_step step_of(const struct state *row, enum session_want want)
{
	return (struct session_step){.want = want, .timeout = row->timeout, .doing = row->doing};
}

/* What rides behind EHLO is asked for before EHLO is written: one flight. */
static bool asks_before_writing(const struct session *s)
{
	return s->early && s->next.row && (s->next.row->want == SESSION_SASL || s->next.row->want == SESSION_READY);
}

static struct session_step asking(struct session *s)
{
	const struct state *row = s->next.row && !s->closed ? s->next.row : &state_close;
	struct session_step step = step_of(row, row->want);
	if (row->want == SESSION_SASL) {
		step.event = s->sasl_event;
		step.challenge = strbuf_span(&s->sasl_challenge);
		step.refusal = s->sasl_refused ? &s->sasl_refusal : NULL;
	}
	return step;
}

struct session_step session_step(struct session *s)
{
	pump(s);
	if (!s->closed && asks_before_writing(s))
		return asking(s);
	if (!s->closed && s->out_sent < s->out.len) {
		const struct state *row = s->due_n ? s->due[s->due_first].row : s->last_sent;
		struct session_step step = step_of(row, SESSION_WRITE);
		step.bytes = span_sub(strbuf_span(&s->out), s->out_sent, s->out.len);
		step.secret = s->out_secret;
		step.body_follows = states_bdat_in_chunk(s);
		step.message = s->messages;
		step.room = s->chunk_left;
		return step;
	}
	if (!s->closed && s->next.row && s->next.row->want == SESSION_BODY) {
		/* answers to what was sent before are fed meanwhile */
		struct session_step step = step_of(s->next.row, SESSION_BODY);
		step.message = s->messages;
		step.plain = states_bdat_in_chunk(s);
		step.room = step.plain ? s->chunk_left : UINT64_MAX;
		return step;
	}
	if (!s->closed && s->due_n)
		return step_of(s->due[s->due_first].row, SESSION_READ);
	return asking(s);
}

void session_wrote(struct session *s, size_t n)
{
	assert(n <= s->out.len - s->out_sent);
	s->out_sent += n;
	s->written += n;
	if (s->out_sent < s->out.len)
		return;
	if (s->out_secret)
		strbuf_wipe(&s->out);
	else
		strbuf_reset(&s->out);
	s->out_sent = 0;
	s->out_secret = false;
	/* BDAT 0 LAST: complete with its command */
	if (states_bdat_in_chunk(s) && !s->chunk_left)
		enter_state(s, states_bdat_wrote(s, 0));
}

static void trace_reply(struct session *s, const struct state *row, const struct reply *reply)
{
	if (!s->options.trace)
		return;
	struct strbuf shown = STRBUF_INIT;
	struct span rest = strbuf_span(&reply->text), line;
	for (unsigned i = 1; span_split(&rest, '\n', &line); i++) {
		strbuf_reset(&shown);
		strbuf_addf(&shown, "%03d%c", reply->code, i < reply->lines ? '-' : ' ');
		/* A challenge is part of the SASL exchange. */
		if (row && row->secret && reply->code == 334)
			strbuf_adds(&shown, line.len ? "<hidden>" : "");
		else
			strbuf_add_span(&shown, line);
		session_trace(s, true, strbuf_span(&shown));
	}
	strbuf_release(&shown);
}

static void fail_protocol(struct session *s, const char *text, const struct reply *reply)
{
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_PROTOCOL, "%s", text);
	if (reply)
		error_server(&err, reply->code, reply->enhanced, strbuf_span(&reply->text));
	enter_state(s, session_fail(s, &err, false));
}

/* 421 may come at any moment (RFC 5321 section 3.8): the server is leaving. */
static void on_421(struct session *s, const struct reply *reply)
{
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_SERVER_TEMPORARY, _("the server closed the session"));
	error_server(&err, reply->code, reply->enhanced, strbuf_span(&reply->text));
	error_hint(&err, "%s", _("Try again later."));
	if (s->due_n)
		error_stage(&err, "%s", s->due[s->due_first].row->name);
	enter_state(s, session_fail(s, &err, false));
}

static void on_reply(struct session *s, const struct reply *reply)
{
	const struct state *row = s->due_n ? s->due[s->due_first].row : NULL;
	trace_reply(s, row, reply);
	if (reply->code == 421) {
		on_421(s, reply);
		return;
	}
	if (s->reply_in_body) {
		enter_state(s, states_data_early_reply(s, reply));
		return;
	}
	if (!row || s->reply_unasked) {
		fail_protocol(s, _("the server sent a reply to a command that was not sent"), reply);
		return;
	}
	struct due d = take_due(s);
	s->replies++;
	enter_state(s, d.row->on_reply(s, d.arg, reply));
}

/* CVE-2011-0411 and its kin: octets in clear behind the 220 to STARTTLS, be it
 * part of a line, are not the server's. */
static void fail_injected(struct session *s)
{
	fail_protocol(
		s,
		_("octets came in clear behind the reply to STARTTLS; somebody may be tampering with the connection"),
		NULL);
	error_stage(&s->error, "STARTTLS");
	error_hint(
		&s->error, "%s",
		_("Nothing was sent. Use TLS from the first octet (port 465, tls_starttls off) if the server has it."));
}

/* Judged by its first octet: a reply that begins too early cannot be the
 * answer to what is written before it ends, however it is cut. */
static void reply_begins(struct session *s)
{
	s->reply_unasked = !s->due_n || s->due[s->due_first].end > s->written;
	s->reply_in_body = s->body_running;
	s->reply_in_chunk = s->due_n == 1 && states_bdat_in_chunk(s);
}

/* What is no SMTP comes most often from another kind of server, or from one that begins with TLS. */
static void fail_malformed(struct session *s, struct error *err)
{
	const struct state *row = s->due_n ? s->due[s->due_first].row : NULL;
	if (row)
		error_stage(err, "%s", row->name);
	if (row == &state_greeting)
		error_hint(err, "%s",
			   _("Check host and port: this seems to be no mail server, or one that begins with TLS "
			     "(tls_starttls off)."));
	else
		error_hint(err, "%s",
			   _("Look at the dialogue with --debug; only the server's administrator can mend this."));
	enter_state(s, session_fail(s, err, false));
}

void session_feed(struct session *s, struct span octets)
{
	/* The answer to QUIT is not waited for, but welcome. */
	while (octets.len && !s->closed && s->next.row != &state_close) {
		if (s->next.row && s->next.row->want == SESSION_START_TLS) {
			fail_injected(s);
			return;
		}
		size_t used = 0;
		struct error err = ERROR_INIT;
		if (!reply_parser_midway(&s->parser))
			reply_begins(s);
		int got = reply_parse(&s->parser, octets, &used, &err);
		octets = span_sub(octets, used, octets.len);
		if (got < 0) {
			fail_malformed(s, &err);
			return;
		}
		if (got == 0)
			return;
		on_reply(s, &s->parser.reply);
	}
}

void session_body_wrote(struct session *s, size_t n)
{
	s->body_written += n;
	if (!s->closed && states_bdat_in_chunk(s))
		enter_state(s, states_bdat_wrote(s, n));
}

/* ---- endings -------------------------------------------------------------- */

static const struct state *current_row(const struct session *s)
{
	/* Once octets of the message go out they are what is under way, not the answers still due. */
	if (states_bdat_under_way(s))
		return &state_chunk;
	return s->due_n ? s->due[s->due_first].row : s->next.row ? s->next.row : &state_close;
}

void session_broken(struct session *s, struct error *err)
{
	if (s->closed || s->next.row == &state_close) {
		s->closed = true;
		error_release(err);
		return;
	}
	error_stage(err, "%s", current_row(s)->name);
	/* Whether its end or its reset is seen first is chance: the advice is the same. */
	if (!err->status.hint && (err->status.kind == ERROR_CONNECTION_LOST || err->status.kind == ERROR_TLS))
		error_hint(err, "%s", _("Try again later; if it happens again, look at the dialogue with --debug."));
	enter_state(s, session_fail(s, err, false));
}

void session_eof(struct session *s)
{
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_CONNECTION_LOST, _("the server closed the connection while we were %s"),
			_(current_row(s)->doing));
	session_broken(s, &err);
}

void session_timeout(struct session *s)
{
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_TIMEOUT, _("the server did not answer in time while we were %s"),
			_(current_row(s)->doing));
	/* Each side waits for the other where the server speaks TLS from the first octet, and we do not. */
	if (current_row(s) == &state_greeting && !s->tls_active)
		error_hint(&err, "%s",
			   _("Check host and port: a server that begins with TLS (usually port 465) needs tls on and "
			     "tls_starttls off. "
			     "Else try again later, or allow more time with timeout."));
	else
		error_hint(&err, "%s", _("Try again later, or allow more time with timeout."));
	session_broken(s, &err);
}

/* ---- transactions --------------------------------------------------------- */

void session_begin(struct session *s, const struct mail_transaction *sub)
{
	assert(s->next.row == &state_ready && (!s->due_n || s->early));
	outcomes_free(s);
	error_release(&s->sub_error);
	s->has_final = s->verifying = false;
	s->sub = sub;
	if (!sub)
		return;
	s->outcomes_n = sub->env->n;
	s->outcomes = xcalloc(sub->env->n, sizeof(*s->outcomes));
}

void session_submit(struct session *s, const struct mail_transaction *sub)
{
	session_begin(s, sub);
	enter_state(s, s->early ? states_pipeconnect_submit(s) : states_mail_begin(s));
}

void session_verify(struct session *s, const struct mail_transaction *sub)
{
	session_begin(s, sub);
	s->verifying = true;
	enter_state(s, s->early ? states_pipeconnect_submit(s) : states_mail_begin(s));
}

void session_etrn(struct session *s, const char *what)
{
	session_begin(s, NULL);
	s->etrn = what;
	enter_state(s, states_etrn_begin(s));
}

enum session_phase session_phase(const struct session *s)
{
	return s->phase;
}

bool session_is_ready(const struct session *s)
{
	return !s->closed && s->next.row == &state_ready && !s->due_n;
}

void session_quit(struct session *s)
{
	if (!s->closed && s->next.row == &state_ready)
		enter_state(s, PLACE(state_quit));
	else
		s->closed = true;
}

uint64_t session_progress(const struct session *s)
{
	return s->replies + s->written + s->body_written;
}

const struct error *session_error(const struct session *s)
{
	return s->error.status.kind == ERROR_NONE ? NULL : &s->error;
}

const struct error *session_submission_error(const struct session *s)
{
	return s->sub_error.status.kind == ERROR_NONE ? NULL : &s->sub_error;
}

const struct outcome *session_outcomes(const struct session *s)
{
	return s->outcomes;
}

const struct caps *session_caps(const struct session *s)
{
	return &s->caps;
}

const struct caps *session_first_caps(const struct session *s)
{
	return s->has_first_caps ? &s->first_caps : &s->caps;
}

bool session_stale(const struct session *s)
{
	return s->stale;
}

const struct negotiated *session_negotiated(const struct session *s)
{
	return &s->terms;
}

const struct reply *session_final_reply(const struct session *s)
{
	return s->has_final ? &s->final_reply : NULL;
}

bool session_greeted(const struct session *s)
{
	return s->greeted;
}

const char *session_greeting(const struct session *s)
{
	return s->greeting;
}

long session_timeout_ms(enum timeout_class class_)
{
	/* RFC 5321 section 4.5.3.2: greeting 5, MAIL and RCPT 5, DATA 2, a block of data 3, end of data 10 minutes. */
	static const long minutes[] = {5, 5, 2, 3, 10};
	return minutes[class_] * 60 * 1000;
}
