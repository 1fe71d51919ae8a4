/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print_result.h"

#include "base/i18n.h"
#include "cli/print.h"
#include "transport/place.h"

#define NAMED_MAX 20 /* recipients named in one line */

/* Which message of a batch is shown: on each of its lines.  NULL: there is only one. */
static const char *about;
/* The place of this result was printed: one hint is enough to name it. */
static bool place_is_printed;

/* What a line begins with. */
static void print_name(FILE *to)
{
	(void)fprintf(to, "posthaste: %s%s", about ? about : "", about ? ": " : "");
}

/* context: what comes first on the line, or NULL. */
static void print_status(FILE *to, const char *context, const struct status *status)
{
	AUTO(strbuf) line = STRBUF_INIT;
	status_format(status, &line);
	print_name(to);
	(void)fprintf(to, "%s%s%s\n", context ? context : "", context ? ": " : "", line.buf);
}

void print_hint(FILE *to, const char *hint)
{
	if (hint)
		/* TRANSLATORS: the word before advice */
		(void)fprintf(to, "%s: %s\n", _("hint"), hint);
}

/* What is to be done about something that was tried here, not in the queue. */
static const char *cure_of(const struct status *status)
{
	return status->hint ? status->hint : error_kind_cure(status->kind);
}

/* With the server, and where its account is set. */
static void print_hint_and_place(FILE *to, const char *hint, const struct account *account,
				 const struct delivery_result *r)
{
	AUTO_FREE char *place = hint && account && !place_is_printed ? place_of(account, r) : NULL;
	if (place)
		(void)fprintf(to, "%s: %s (%s)\n", _("hint"), hint, place);
	else
		print_hint(to, hint);
	place_is_printed = place_is_printed || place;
}

void print_warnings(FILE *to, const struct strvec *warnings)
{
	for (size_t i = 0; i < warnings->n; i++) {
		print_name(to);
		(void)fprintf(to, "%s\n", warnings->v[i]);
	}
}

void print_note(FILE *to, const struct error *err)
{
	print_status(to, NULL, &err->status);
	print_hint(to, status_hint(&err->status));
}

void print_problem(FILE *to, const struct error *err)
{
	print_status(to, NULL, &err->status);
	print_hint(to, cure_of(&err->status));
}

static void print_session_problem(FILE *to, const struct account *account, const struct delivery_result *r)
{
	print_status(to, NULL, &r->error.status);
	print_hint_and_place(to, cure_of(&r->error.status), account, r);
}

void print_delivery_problem(FILE *to, const struct account *account, const struct delivery_result *r)
{
	place_is_printed = false;
	print_session_problem(to, account, r);
}

static void print_refused_recipients(FILE *to, const struct account *account, const struct delivery_result *r)
{
	const char *last_hint = NULL;
	for (size_t i = 0; i < r->n; i++) {
		const struct outcome *o = &r->outcomes[i];
		if (!o->of_recipient || o->kind == OUTCOME_ACCEPTED || o->kind == OUTCOME_QUEUED)
			continue;
		print_status(to, NULL, &o->status);
		const char *hint = cure_of(&o->status);
		if (!last_hint || strcmp(last_hint, hint) != 0)
			print_hint_and_place(to, hint, account, r);
		last_hint = hint;
	}
}

static void print_accepted_recipients(FILE *to, const struct envelope *env, const struct delivery_result *r)
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
	print_name(to);
	(void)fprintf(to,
		      Q_("the message was accepted for %zu of %zu recipients: %s",
			 "the message was accepted for %zu of %zu recipients: %s", accepted),
		      accepted, r->n, names.buf);
	(void)fputc('\n', to);
}

/* ---- recipients in the queue ---- */

static bool same_words(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* True if both wait for the same reason, so that one line is enough for them. */
static bool same_cause(const struct outcome *a, const struct outcome *b)
{
	const struct status *p = &a->status, *q = &b->status;
	return a->of_recipient == b->of_recipient && p->kind == q->kind && p->code == q->code &&
	       same_words(p->text, q->text) && same_words(p->server.line, q->server.line);
}

/* True for the first recipient that waits for a reason.  One that was never tried has no reason to show. */
static bool leads_group(const struct delivery_result *r, size_t i)
{
	const struct outcome *o = &r->outcomes[i];
	if (o->kind != OUTCOME_QUEUED || !o->status.text)
		return false;
	for (size_t k = 0; k < i; k++)
		if (r->outcomes[k].kind == OUTCOME_QUEUED && same_cause(&r->outcomes[k], o))
			return false;
	return true;
}

static const struct account *used_account(const struct submission *p)
{
	return p->used ? p->used : p->account;
}

static void print_group(FILE *to, const struct submission *p, const struct delivery_result *r, size_t first)
{
	const struct outcome *o = &r->outcomes[first];
	AUTO(strbuf) names = STRBUF_INIT;
	AUTO(strbuf) context = STRBUF_INIT;
	struct status shown = o->status; /* borrows its texts */
	size_t n = 0;
	for (size_t i = first; i < r->n; i++)
		if (r->outcomes[i].kind == OUTCOME_QUEUED && same_cause(&r->outcomes[i], o) && n++ < NAMED_MAX)
			strbuf_addf(&names, "%s%s", names.len ? ", " : "", p->env.rcpts[i].address.given);
	if (n > NAMED_MAX)
		strbuf_adds(&names, ", ...");
	/* TRANSLATORS: the name of the message in the queue, and the recipients it is queued for */
	strbuf_addf(&context, _("queued as %s for %s"), p->queue_id, names.buf);
	if (o->of_recipient) /* the recipients are in the context already */
		shown.stage = (char *)"RCPT TO";
	print_status(to, context.buf, &shown);
	print_hint_and_place(to, status_hint(shown.hint || o->of_recipient ? &shown : &r->error.status),
			     used_account(p), r);
}

static void print_queued_recipients(FILE *to, const struct submission *p, const struct delivery_result *r)
{
	for (size_t i = 0; p->queue_id && i < r->n; i++)
		if (leads_group(r, i))
			print_group(to, p, r, i);
}

/* The error of the message was printed with the recipients that wait for it. */
static bool error_is_printed(const struct delivery_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->outcomes[i].kind == OUTCOME_QUEUED && !r->outcomes[i].of_recipient &&
		    r->outcomes[i].status.kind == r->error.status.kind)
			return true;
	return false;
}

void print_result(FILE *to, const struct submission *p, const struct delivery_result *result)
{
	place_is_printed = false;
	print_warnings(to, &result->warnings);
	print_refused_recipients(to, used_account(p), result);
	if (result->error.status.kind != ERROR_NONE && !error_is_printed(result))
		print_session_problem(to, used_account(p), result);
	print_queued_recipients(to, p, result);
	print_accepted_recipients(to, &p->env, result);
}

void print_result_reply(FILE *to, const struct submission *p, const struct delivery_result *result)
{
	AUTO(strbuf) lines = STRBUF_INIT;
	bool lmtp = strcmp(account_word_text(used_account(p), OPT_PROTOCOL), "lmtp") == 0;
	delivery_result_replies(result, lmtp, &lines);
	(void)fputs(lines.buf, to);
}

void print_result_queued(const struct submission *p, const struct delivery_result *result, struct strvec *notes)
{
	static const char prefix[] = "posthaste: ";
	char *text = NULL;
	size_t len = 0;
	struct span rest, line;
	FILE *to = open_memstream(&text, &len);
	if (!to)
		return;
	print_queued_recipients(to, p, result);
	(void)fclose(to);
	rest = span_make(text, len);
	while (len && span_split(&rest, '\n', &line))
		if (line.len > strlen(prefix) && strncmp(line.ptr, prefix, strlen(prefix)) == 0)
			strvec_push_span(notes, span_sub(line, strlen(prefix), line.len));
	free(text);
}

void print_sent(const char *where, const struct submission *p, struct send_result *sent)
{
	about = where;
	if (where) /* of a single message they were printed before */
		print_warnings(print_errors(), &p->warnings);
	if (sent->delivered)
		print_result(print_errors(), p, &sent->delivery);
	else
		print_problem(print_errors(), &sent->err);
	about = NULL;
	if (sent->delivered)
		print_result_queued(p, &sent->delivery, &sent->notes);
}
