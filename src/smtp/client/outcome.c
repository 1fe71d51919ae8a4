/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/client/outcome.h"

#include "base/xalloc.h"

void outcome_release(struct outcome *o)
{
	free(o->text);
	free(o->server);
	free(o->lines);
	free(o->hint);
	*o = (struct outcome){.kind = OUTCOME_OPEN};
}

static char *copy_text(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

void outcome_copy(struct outcome *to, const struct outcome *from)
{
	struct outcome copy = *from;
	copy.text = copy_text(from->text);
	copy.server = copy_text(from->server);
	copy.lines = copy_text(from->lines);
	copy.hint = copy_text(from->hint);
	outcome_release(to);
	*to = copy;
}

void outcome_from_error(struct outcome *o, const struct error *err)
{
	outcome_release(o);
	o->kind = err->kind == ERROR_UNCERTAIN				       ? OUTCOME_UNKNOWN
		  : error_kind_disposition(err->kind) == DISPOSITION_PERMANENT ? OUTCOME_REFUSED
									       : OUTCOME_RETRY;
	o->error = err->kind;
	o->code = err->code;
	memcpy(o->enhanced, err->enhanced, sizeof(o->enhanced));
	o->text = copy_text(err->text);
	o->server = copy_text(err->server);
	o->lines = copy_text(err->lines);
	o->hint = copy_text(err->hint);
}

const char *outcome_name(enum outcome_kind kind)
{
	static const char *const names[] = {"open", "accepted", "retry", "refused", "unknown", "queued"};
	return names[kind];
}
