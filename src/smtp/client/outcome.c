/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/client/outcome.h"

void outcome_release(struct outcome *o)
{
	status_release(&o->status);
	*o = (struct outcome){.kind = OUTCOME_OPEN};
}

void outcome_copy(struct outcome *to, const struct outcome *from)
{
	struct outcome copy = *from;
	copy.status = STATUS_INIT;
	status_copy(&copy.status, &from->status);
	outcome_release(to);
	*to = copy;
}

static enum outcome_kind kind_of(enum error_kind kind)
{
	if (kind == ERROR_UNCERTAIN)
		return OUTCOME_UNKNOWN;
	return error_kind_disposition(kind) == DISPOSITION_PERMANENT ? OUTCOME_REFUSED : OUTCOME_RETRY;
}

void outcome_from_error(struct outcome *o, const struct error *err)
{
	outcome_release(o);
	o->kind = kind_of(err->status.kind);
	status_copy(&o->status, &err->status);
}

void outcome_accept(struct outcome *o, const struct reply *reply)
{
	outcome_release(o);
	o->kind = OUTCOME_ACCEPTED;
	status_set_reply(&o->status, reply->code, reply->enhanced, strbuf_span(&reply->text));
}

const struct status *outcome_leading(const struct outcome *outcomes, size_t n, const bool *chosen)
{
	const struct status *all = NULL, *one = NULL;
	for (size_t i = 0; i < n; i++) {
		const struct outcome *o = &outcomes[i];
		const struct status **leads = o->of_recipient ? &one : &all;
		if (!chosen || chosen[i])
			*leads = status_leading(*leads, &o->status);
	}
	return status_outranks(one, all) ? one : all;
}

const char *outcome_name(enum outcome_kind kind)
{
	static const char *const names[] = {"open", "accepted", "retry", "refused", "unknown", "queued"};
	return names[kind];
}
