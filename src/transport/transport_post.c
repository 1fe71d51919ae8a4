/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages that are posted: with pipeline_messages above 1 the next one is sent before the server has replied to those
 * before.
 *
 * They stand in a list, in order.  The first ones have their results, or are to be sent again, which is done when
 * nothing is under way any more; those after t->posted.flying are under way.  done() is called for the first of the
 * list only, so results come in order.
 */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "transport/transport_private.h"

struct posted {
	struct posted *next;
	struct delivery_task task;
	struct delivery_result *result;
	void (*done)(void *arg);
	void *arg;
	struct adapted_message adapted;
	struct remaining remaining;
	msec_t start, deadline;
	unsigned ignored; /* what was not used of the server's offer when it was submitted */
	bool again;	  /* nobody has it, and it is to be sent once more ... */
	bool partly;	  /* ... or some recipients are left, and it is to be sent to these */
};

static void release(struct posted *p)
{
	adapted_message_release(&p->adapted);
	remaining_release(&p->remaining);
	free(p);
}

/* ---- results ---- */

/* The message becomes the task being performed. */
static void attach(struct transport *t, struct posted *p)
{
	t->request.task = p->task;
	t->result = p->result;
	t->deadline = p->deadline;
	remaining_release(&t->remaining);
	t->remaining = p->remaining;
	p->remaining = REMAINING_INIT;
	t->mail = p->adapted.mail;
	if (t->remaining.index)
		t->mail.env = &t->remaining.env;
	t->submitted = true;
	t->resubmitted = false;
}

static bool is_left(const struct delivery_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->outcomes[i].remaining)
			return true;
	return false;
}

/* The server refused what it offers, and the message can do without: it is sent once more without that. */
static bool is_unkept(struct transport *t, const struct posted *p)
{
	unsigned unkept = session_unkept(t->session) & ~p->ignored;
	unsigned learned = unkept & ~t->broken.ignored;
	if (learned)
		broken_promises_learn(t, learned);
	t->posted.unkept |= learned;
	return unkept != 0;
}

static void take_result(struct transport *t, struct posted *p)
{
	attach(t, p);
	transport_result_session(t);
	p->result->ms_session = clock_monotonic(t->request.runtime->clock) - p->start;
	transport_result_connection(t);
	t->driver.round_trips = 0;
	broken_promises_keep(t);
	bool in_time = clock_monotonic(t->request.runtime->clock) < p->deadline;
	p->again = in_time && (is_unkept(t, p) || transport_nothing_accepted(t));
	p->partly = !p->again && is_left(p->result);
	if (p->partly) {
		p->remaining = t->remaining;
		t->remaining = REMAINING_INIT;
	} else if (!p->again) {
		transport_finish(t, p->start);
	}
	(void)session_next_result(t->session);
}

static void send_again(struct transport *t, struct posted *p)
{
	bool ready = t->session && session_is_ready(t->session);
	if (p->partly) {
		attach(t, p);
		server_attempt_remaining(t);
		transport_finish(t, p->start);
		return;
	}
	if (p->task.returnable && !ready) {
		t->posted.unkept = 0; /* a new session knows it from the start */
		p->result->returned = true;
		return;
	}
	transport_note(t, "%s", _("a message that the server did not accept is sent again"));
	if (t->posted.unkept && ready)
		session_ignore(t->session, t->posted.unkept);
	t->posted.unkept = 0;
	delivery_result_release(p->result);
	transport_perform(t, &p->task, p->result);
}

/* Calls done() for those whose turn it is. */
static void report(struct transport *t)
{
	struct posted *p;
	while ((p = t->posted.first) != NULL && p != t->posted.flying) {
		bool again = p->again || p->partly;
		if (again && t->posted.flying)
			return;
		t->posted.first = p->next;
		if (!t->posted.first)
			t->posted.last = NULL;
		if (again)
			send_again(t, p);
		p->done(p->arg);
		release(p);
	}
}

static void take_results(struct transport *t)
{
	while (t->posted.flying && session_answered(t->session)) {
		take_result(t, t->posted.flying);
		t->posted.flying = t->posted.flying->next;
	}
	if (!t->posted.flying && session_error(t->session))
		(void)session_driver_run(&t->driver); /* QUIT, if it is still possible */
	report(t);
}

/* ---- waiting ---- */

static bool has_news(const struct session *s)
{
	return session_has_room(s) || session_answered(s);
}

static void run_until(struct transport *t, bool (*enough)(const struct session *s))
{
	t->driver.deadline = t->posted.flying->deadline;
	(void)session_driver_run_until(&t->driver, enough);
}

void transport_flush(struct transport *t)
{
	while (t->posted.flying) {
		run_until(t, session_answered);
		take_results(t);
	}
}

/* Waits until a further message can be sent ahead of the replies to those under way.  False: nothing is under way. */
static bool await_room(struct transport *t)
{
	while (t->posted.flying) {
		bool in_order = !t->posted.first->again && !t->posted.first->partly;
		if (in_order && session_has_room(t->session))
			return true;
		run_until(t, in_order ? has_news : session_answered);
		take_results(t);
	}
	return false;
}

void transport_make_room(struct transport *t)
{
	(void)await_room(t);
}

/* ---- a further message ---- */

static bool may_go_ahead(const struct transport *t, const struct delivery_task *task)
{
	const struct account *a = t->request.account;
	return task->kind == DELIVERY_SEND && account_int(a, OPT_PIPELINE_MESSAGES) > 1 &&
	       adapt_session(a).protocol == PROTOCOL_SMTP && t->session && t->messages_sent;
}

static struct posted *posted_new(struct transport *t, const struct delivery_task *task, struct delivery_result *result)
{
	struct posted *p = xcalloc(1, sizeof(*p));
	p->task = *task;
	p->result = result;
	p->start = clock_monotonic(t->request.runtime->clock);
	p->deadline = t->deadline;
	p->ignored = t->broken.ignored;
	p->remaining = t->remaining;
	t->remaining = REMAINING_INIT;
	adapted_message_init(&p->adapted, t->request.runtime->temp);
	return p;
}

static void append(struct transport *t, struct posted *p)
{
	if (t->posted.last)
		t->posted.last->next = p;
	else
		t->posted.first = p;
	t->posted.last = p;
	if (!t->posted.flying)
		t->posted.flying = p;
	t->messages_sent++;
}

/* It could not be adapted to the server, or the caller does not want it to be sent now. */
static void not_submitted(struct transport *t, struct posted *p)
{
	transport_flush(t);
	t->request.task = p->task;
	t->result = p->result;
	p->result->stage = DELIVERY_TRANSACTION;
	transport_finish(t, p->start);
	p->done(p->arg);
	release(p);
}

/* Submits the message and writes it. */
static void submit(struct transport *t, struct posted *p)
{
	transport_report_progress(t, DELIVERY_TRANSACTION);
	if (!transport_session_submit(t, &p->adapted, &p->remaining)) {
		not_submitted(t, p);
		return;
	}
	append(t, p);
	run_until(t, session_has_written);
	take_results(t);
}

void transport_post(struct transport *t, const struct delivery_task *task, struct delivery_result *result,
		    void (*done)(void *arg), void *arg)
{
	if (may_go_ahead(t, task)) {
		bool room = await_room(t);
		t->mail = adapt_transaction(t->request.account, task->message);
		if (room ? transport_session_suits(t) : transport_session_reusable(t)) {
			transport_begin_task(t, task, result);
			transport_result_server(t);
			struct posted *p = posted_new(t, task, result);
			p->done = done;
			p->arg = arg;
			submit(t, p);
			return;
		}
	}
	transport_flush(t);
	transport_perform(t, task, result);
	done(arg);
}
