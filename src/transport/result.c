/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/result.h"

#include "base/xalloc.h"

void delivery_result_begin(struct delivery_result *r, const struct envelope *env)
{
	size_t n = env ? env->n : 0;
	*r = (struct delivery_result){.n = n};
	r->outcomes = n ? xcalloc(n, sizeof(*r->outcomes)) : NULL;
	for (size_t i = 0; i < n; i++) {
		if (!env->rcpts[i].refused)
			continue;
		r->outcomes[i].kind = OUTCOME_REFUSED;
		r->outcomes[i].of_recipient = true;
		status_copy(&r->outcomes[i].status, env->rcpts[i].refused);
	}
}

void delivery_result_release(struct delivery_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		outcome_release(&r->outcomes[i]);
	free(r->outcomes);
	error_release(&r->error);
	free(r->host);
	free(r->peer);
	tls_info_release(&r->tls);
	free(r->mech);
	mech_choice_release(&r->choice);
	caps_release(&r->caps);
	free(r->greeting);
	status_release(&r->final);
	strvec_release(&r->extensions);
	strvec_release(&r->warnings);
	*r = (struct delivery_result){.outcomes = NULL};
}

static void mask_list(const struct redactor *mask, struct strvec *list)
{
	for (size_t i = 0; i < list->n; i++)
		redactor_apply(mask, list->v[i]);
}

/* A server may repeat the secret that was sent to it. */
void delivery_result_redact(struct delivery_result *r, const struct redactor *mask)
{
	redactor_apply_status(mask, &r->error.status);
	redactor_apply_status(mask, &r->final);
	redactor_apply(mask, r->greeting);
	redactor_apply(mask, r->caps.priorities);
	redactor_apply(mask, r->caps.greeting_name);
	mask_list(mask, &r->caps.auth);
	mask_list(mask, &r->caps.lines);
	mask_list(mask, &r->warnings);
	for (size_t i = 0; i < r->n; i++)
		redactor_apply_status(mask, &r->outcomes[i].status);
}

void delivery_result_replies(const struct delivery_result *r, bool of_recipients, struct strbuf *out)
{
	AUTO(strbuf) last = STRBUF_INIT;
	for (size_t i = 0; i < r->n; i++) {
		AUTO(strbuf) line = STRBUF_INIT;
		if (r->outcomes[i].kind != OUTCOME_ACCEPTED || !status_format_reply(&r->outcomes[i].status, &line) ||
		    (!of_recipients && strcmp(line.buf, last.buf) == 0))
			continue;
		strbuf_addf(out, "%s\n", line.buf);
		strbuf_setlen(&last, 0);
		strbuf_adds(&last, line.buf);
	}
}

void delivery_result_settle(struct delivery_result *r)
{
	if (r->error.status.kind != ERROR_NONE && !r->error.status.host)
		xreplace(&r->error.status.host, r->host);
	for (size_t i = 0; i < r->n; i++)
		if (r->outcomes[i].kind == OUTCOME_OPEN)
			outcome_from_error(&r->outcomes[i], &r->error);
}

const struct status *delivery_result_leading(const struct delivery_result *r)
{
	AUTO_FREE bool *lost = xcalloc(r->n, sizeof(*lost));
	if (!r->n)
		return r->error.status.kind != ERROR_NONE ? &r->error.status : NULL;
	for (size_t i = 0; i < r->n; i++)
		lost[i] = r->outcomes[i].kind != OUTCOME_ACCEPTED && r->outcomes[i].kind != OUTCOME_QUEUED;
	const struct status *leading = outcome_leading(r->outcomes, r->n, lost);
	return leading ? leading : outcome_leading(r->outcomes, r->n, NULL);
}
