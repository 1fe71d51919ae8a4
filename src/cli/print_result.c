/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print_result.h"

#include "base/i18n.h"

#define NAMED_MAX 20 /* recipients named in one line */

static void print_problem(FILE *to, const char *stage, const char *text, int code, const char *server)
{
	(void)fprintf(to, "posthaste: ");
	if (stage)
		(void)fprintf(to, "%s: ", stage);
	(void)fprintf(to, "%s", text ? text : _("failed"));
	if (server && code)
		(void)fprintf(to, ": %d %s", code, server);
	else if (server)
		(void)fprintf(to, ": %s", server);
	(void)fputc('\n', to);
}

void print_hint(FILE *to, const char *hint)
{
	if (hint)
		/* TRANSLATORS: the word in front of advice */
		(void)fprintf(to, "%s: %s\n", _("hint"), hint);
}

void print_warnings(FILE *to, const struct submission *p)
{
	for (size_t i = 0; i < p->config.warnings.n; i++)
		(void)fprintf(to, "posthaste: %s\n", p->config.warnings.v[i]);
}

void print_error(FILE *to, const struct error *err)
{
	print_problem(to, err->stage, err->text, err->code, err->server);
	print_hint(to, err->hint);
}

static void report_recipients(FILE *to, const struct envelope *env, const struct delivery_result *r)
{
	const char *last_hint = NULL;
	for (size_t i = 0; i < r->n; i++) {
		const struct outcome *o = &r->outcomes[i];
		if (!o->of_recipient || o->kind == OUTCOME_ACCEPTED || o->kind == OUTCOME_QUEUED)
			continue;
		AUTO(strbuf) stage = STRBUF_INIT;
		if (o->error == ERROR_LOCAL_NAME) /* no server was asked */
			strbuf_addf(&stage, _("recipient %s"), env->rcpts[i].address.given);
		else
			strbuf_addf(&stage, "RCPT TO:<%s>", env->rcpts[i].address.given);
		print_problem(to, stage.buf, o->text, o->code, o->server);
		if (o->hint && (!last_hint || strcmp(last_hint, o->hint) != 0))
			print_hint(to, o->hint);
		last_hint = o->hint;
	}
}

static void report_accepted(FILE *to, const struct envelope *env, const struct delivery_result *r)
{
	size_t accepted = 0;
	AUTO(strbuf) names = STRBUF_INIT;
	for (size_t i = 0; i < r->n; i++) {
		if (r->outcomes[i].kind != OUTCOME_ACCEPTED)
			continue;
		if (accepted++ < NAMED_MAX)
			strbuf_addf(&names, "%s%s", names.len ? ", " : "", env->rcpts[i].address.given);
	}
	if (!accepted || accepted == r->n)
		return;
	if (accepted > NAMED_MAX)
		strbuf_adds(&names, ", ...");
	(void)fprintf(to, "posthaste: ");
	(void)fprintf(to,
		      Q_("the message was accepted for %zu of %zu recipients: %s",
			 "the message was accepted for %zu of %zu recipients: %s", accepted),
		      accepted, r->n, names.buf);
	(void)fputc('\n', to);
}

/* ---- what is kept in the queue ---- */

static bool same_words(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* For the same reason: one line is enough. */
static bool same_cause(const struct outcome *a, const struct outcome *b)
{
	return a->of_recipient == b->of_recipient && a->error == b->error && a->code == b->code &&
	       same_words(a->text, b->text) && same_words(a->server, b->server);
}

/* The first of those who wait for that reason; who was never tried has none to tell. */
static bool leads_group(const struct delivery_result *r, size_t i)
{
	const struct outcome *o = &r->outcomes[i];
	if (o->kind != OUTCOME_QUEUED || !o->text)
		return false;
	for (size_t k = 0; k < i; k++)
		if (r->outcomes[k].kind == OUTCOME_QUEUED && same_cause(&r->outcomes[k], o))
			return false;
	return true;
}

static void report_group(FILE *to, const struct submission *p, const struct delivery_result *r, size_t first)
{
	const struct outcome *o = &r->outcomes[first];
	AUTO(strbuf) names = STRBUF_INIT;
	AUTO(strbuf) stage = STRBUF_INIT;
	size_t n = 0;
	for (size_t i = first; i < r->n; i++)
		if (r->outcomes[i].kind == OUTCOME_QUEUED && same_cause(&r->outcomes[i], o) && n++ < NAMED_MAX)
			strbuf_addf(&names, "%s%s", names.len ? ", " : "", p->env.rcpts[i].address.given);
	if (n > NAMED_MAX)
		strbuf_adds(&names, ", ...");
	/* TRANSLATORS: the name of the message in the queue, and the recipients it is kept for */
	strbuf_addf(&stage, _("queued as %s for %s"), p->queue_id, names.buf);
	if (o->of_recipient)
		strbuf_adds(&stage, ": RCPT TO");
	else if (r->error.stage && r->error.kind == o->error)
		strbuf_addf(&stage, ": %s", r->error.stage);
	print_problem(to, stage.buf, o->text, o->code, o->server);
}

static void report_queued(FILE *to, const struct submission *p, const struct delivery_result *r)
{
	for (size_t i = 0; p->queue_id && i < r->n; i++)
		if (leads_group(r, i))
			report_group(to, p, r, i);
}

/* What failed as a whole has been told with those who wait for it. */
static bool error_is_told(const struct delivery_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->outcomes[i].kind == OUTCOME_QUEUED && !r->outcomes[i].of_recipient &&
		    r->outcomes[i].error == r->error.kind)
			return true;
	return false;
}

void print_result(FILE *to, const struct submission *p, const struct delivery_result *result)
{
	for (size_t i = 0; i < result->warnings.n; i++)
		print_problem(to, NULL, result->warnings.v[i], 0, NULL);
	report_recipients(to, &p->env, result);
	if (result->error.kind != ERROR_NONE && !error_is_told(result))
		print_error(to, &result->error);
	report_queued(to, p, result);
	report_accepted(to, &p->env, result);
}
