/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/serve_verdict.h"

#include "base/i18n.h"
#include "runner/enqueue.h"
#include "runner/spawn.h"

#include <stdio.h>

#define LISTED_MAX 100

void serve_verdict_release(struct serve_verdict *v)
{
	strbuf_release(&v->text);
}

static void set_code(struct serve_verdict *v, int code, const char *enhanced)
{
	v->code = code;
	(void)snprintf(v->enhanced, sizeof(v->enhanced), "%s", enhanced);
}

/* ---- one failure ---- */

/* The server's code is about the message or its recipients, and means the same to our client.  (421 is about the
 * session with the server, 530 and the like about our login there.) */
static bool passes_code(const struct status *why)
{
	if (why->code >= 500)
		return error_kind_scope(why->kind) == ERROR_SCOPE_MESSAGE &&
		       error_kind_disposition(why->kind) == DISPOSITION_PERMANENT;
	return why->code >= 400 && why->code != 421 && error_kind_disposition(why->kind) == DISPOSITION_RETRY;
}

static int own_code(const struct status *why)
{
	const char *detail = error_kind_detail(why->kind);
	if (error_kind_disposition(why->kind) != DISPOSITION_PERMANENT)
		return 451;		/* it succeeds later, or when somebody has corrected something */
	if (strcmp(detail, "3.4") == 0) /* too big */
		return 552;
	return strncmp(detail, "1.", 2) == 0 ? 550 : 554; /* an address, or the message */
}

static void set_status_code(struct serve_verdict *v, const struct status *why)
{
	char enhanced[ENHANCED_MAX];
	int code = passes_code(why) ? why->code : own_code(why);
	(void)snprintf(enhanced, sizeof(enhanced), "%d.%s", code / 100, error_kind_detail(why->kind));
	set_code(v, code, why->enhanced[0] == (char)('0' + code / 100) ? why->enhanced : enhanced);
}

/* The words of a reply without the enhanced code before them, which is part of the reply that repeats them. */
static const char *words_of(const struct status *why)
{
	size_t n = strlen(why->enhanced);
	const char *words = why->server.line;
	return n && words && strncmp(words, why->enhanced, n) == 0 && words[n] == ' ' ? words + n + 1 : words;
}

static void add_failure(struct strbuf *out, const struct status *why)
{
	if (passes_code(why) && words_of(why))
		strbuf_adds(out, words_of(why));
	else
		status_format(why, out);
}

void serve_verdict_of_status(struct serve_verdict *v, const struct status *why)
{
	strbuf_reset(&v->text);
	set_status_code(v, why);
	add_failure(&v->text, why);
	if (why->hint && !why->hint_again && !passes_code(why)) /* "try again later" is what 4xx says */
		strbuf_addf(&v->text, "\n%s", why->hint);
}

/* ---- all recipients ---- */

struct count {
	size_t accepted, queued, refused, other;
};

static struct count count_outcomes(const struct delivery_result *r)
{
	struct count n = {0, 0, 0, 0};
	for (size_t i = 0; i < r->n; i++) {
		enum outcome_kind kind = r->outcomes[i].kind;
		n.accepted += kind == OUTCOME_ACCEPTED;
		n.queued += kind == OUTCOME_QUEUED;
		n.refused += kind == OUTCOME_REFUSED;
		n.other += kind == OUTCOME_RETRY || kind == OUTCOME_UNKNOWN || kind == OUTCOME_OPEN;
	}
	return n;
}

static void list_outcome(struct strbuf *out, const char *address, const struct outcome *o)
{
	strbuf_addf(out, "\n<%s>: ", address);
	if (o->kind == OUTCOME_ACCEPTED)
		strbuf_adds(out, _("accepted"));
	else if (o->kind == OUTCOME_QUEUED)
		strbuf_adds(out, _("queued"));
	else
		status_format_words(&o->status, out);
}

static void list_outcomes(struct strbuf *out, const struct submission *p, const struct delivery_result *r,
			  bool refused_only)
{
	size_t listed = 0;
	for (size_t i = 0; i < r->n && listed < LISTED_MAX; i++) {
		if (refused_only && r->outcomes[i].kind != OUTCOME_REFUSED)
			continue;
		list_outcome(out, p->env.rcpts[i].address.given, &r->outcomes[i]);
		listed++;
	}
	if (listed == LISTED_MAX)
		strbuf_adds(out, "\n...");
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool all_failed_alike(const struct delivery_result *r)
{
	for (size_t i = 1; i < r->n; i++) {
		const struct status *a = &r->outcomes[0].status, *b = &r->outcomes[i].status;
		if (a->kind != b->kind || a->code != b->code || !same_text(a->server.line, b->server.line) ||
		    !same_text(a->text, b->text))
			return false;
	}
	return true;
}

static void accepted(struct serve_verdict *v, const struct submission *p, const struct delivery_result *r)
{
	const struct status *final = &r->final;
	set_code(v, 250, "2.0.0");
	if (p->queue_id)
		strbuf_addf(&v->text, "Ok: queued as %s", p->queue_id);
	else if (!r->n)
		strbuf_adds(&v->text, _("Ok, no recipient is left after the aliases"));
	else
		strbuf_adds(&v->text, words_of(final) ? words_of(final) : "Ok");
}

static void failed(struct serve_verdict *v, const struct submission *p, const struct delivery_result *r)
{
	serve_verdict_of_status(v, delivery_result_leading(r));
	if (!all_failed_alike(r))
		list_outcomes(&v->text, p, r, false);
}

static void partial(struct serve_verdict *v, const struct submission *p, const struct delivery_result *r)
{
	set_code(v, 554, "5.0.0");
	strbuf_adds(&v->text, _("Not all recipients get the message; do not send it again to those who do"));
	list_outcomes(&v->text, p, r, false);
}

/* ---- the report ---- */

static void wake_runner(const struct send_request *how, const struct submission *p)
{
	AUTO(error) err = ERROR_INIT;
	if (account_bool(p->account, OPT_QUEUE_AUTOSTART) && !runner_spawn(how->runtime, &err))
		runtime_problem(how->runtime, &err);
}

static enum enqueue_refusals report(const struct send_request *how, const struct submission *p,
				    const struct delivery_result *r)
{
	AUTO(error) err = ERROR_INIT;
	if (enqueue_mode_of(p->account, how->request->delivery) == ENQUEUE_OFF)
		return REFUSALS_UNREPORTED;
	enum enqueue_refusals done = enqueue_refused(p, how->request, how->runtime, r, &err);
	if (err.status.kind != ERROR_NONE)
		runtime_problem(how->runtime, &err);
	if (done == REFUSALS_REPORTED)
		wake_runner(how, p);
	return done;
}

static void refused(struct serve_verdict *v, const struct send_request *how, const struct submission *p,
		    const struct delivery_result *r)
{
	enum enqueue_refusals done = report(how, p, r);
	if (done == REFUSALS_UNREPORTED) {
		partial(v, p, r);
		return;
	}
	accepted(v, p, r);
	strbuf_addf(&v->text, "\n%s",
		    done == REFUSALS_REPORTED ? _("These recipients are refused, which is reported to the sender")
					      : _("These recipients are refused, and no report about that is wanted"));
	list_outcomes(&v->text, p, r, true);
}

void serve_verdict_of(struct serve_verdict *v, const struct send_request *how, const struct submission *p,
		      const struct send_result *sent)
{
	const struct delivery_result *r = &sent->delivery;
	strbuf_reset(&v->text);
	if (!sent->delivered) {
		serve_verdict_of_status(v, &sent->err.status);
		return;
	}
	struct count n = count_outcomes(r);
	if (!n.refused && !n.other)
		accepted(v, p, r);
	else if (!n.accepted && !n.queued)
		failed(v, p, r);
	else if (!n.other)
		refused(v, how, p, r);
	else
		partial(v, p, r);
}
