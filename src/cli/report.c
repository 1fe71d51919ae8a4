/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/report.h"

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

void report_hint(FILE *to, const char *hint)
{
	if (hint)
		/* TRANSLATORS: the word in front of advice */
		(void)fprintf(to, "%s: %s\n", _("hint"), hint);
}

void report_warnings(FILE *to, const struct prepared *p)
{
	for (size_t i = 0; i < p->config.warnings.n; i++)
		(void)fprintf(to, "posthaste: %s\n", p->config.warnings.v[i]);
}

void report_error(FILE *to, const struct error *err)
{
	print_problem(to, err->stage, err->text, err->code, err->server);
	report_hint(to, err->hint);
}

static void report_recipients(FILE *to, const struct envelope *env, const struct delivery_result *r)
{
	const char *last_hint = NULL;
	for (size_t i = 0; i < r->n; i++) {
		const struct outcome *o = &r->outcomes[i];
		if (!o->of_recipient || o->kind == OUTCOME_ACCEPTED)
			continue;
		AUTO(strbuf) stage = STRBUF_INIT;
		if (o->error == ERROR_LOCAL_NAME) /* no server was asked */
			strbuf_addf(&stage, _("recipient %s"), env->rcpts[i].address.given);
		else
			strbuf_addf(&stage, "RCPT TO:<%s>", env->rcpts[i].address.given);
		print_problem(to, stage.buf, o->text, o->code, o->server);
		if (o->hint && (!last_hint || strcmp(last_hint, o->hint) != 0))
			report_hint(to, o->hint);
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
	(void)fprintf(to, Q_("the message was accepted for %zu of %zu recipients: %s", "the message was accepted for %zu of %zu recipients: %s", accepted), accepted,
		      r->n, names.buf);
	(void)fputc('\n', to);
}

void report_result(FILE *to, const struct prepared *p, const struct delivery_result *result)
{
	for (size_t i = 0; i < result->warnings.n; i++)
		print_problem(to, NULL, result->warnings.v[i], 0, NULL);
	report_recipients(to, &p->env, result);
	if (result->error.kind != ERROR_NONE)
		report_error(to, &result->error);
	report_accepted(to, &p->env, result);
}
