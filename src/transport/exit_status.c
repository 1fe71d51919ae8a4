/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/exit_status.h"

#include <sysexits.h>

struct tally {
	size_t accepted, queued, unknown, open;
	int status; /* of one that got neither the message nor a place in the queue; EX_OK: none */
	bool mixed; /* others have another */
	bool later; /* one at least may succeed later as it is */
	bool fix;   /* one at least waits for a changed configuration or secret */
	bool login; /* one at least is in the queue until the user has logged in again */
};

static struct tally count(const struct delivery_result *r)
{
	struct tally t = {.status = EX_OK};
	for (size_t i = 0; i < r->n; i++) {
		const struct outcome *o = &r->outcomes[i];
		t.accepted += o->kind == OUTCOME_ACCEPTED;
		t.queued += o->kind == OUTCOME_QUEUED;
		t.unknown += o->kind == OUTCOME_UNKNOWN;
		t.open += o->kind == OUTCOME_OPEN;
		t.login |= o->kind == OUTCOME_QUEUED && o->status.kind == ERROR_LOGIN_EXPIRED;
		if (o->kind == OUTCOME_ACCEPTED || o->kind == OUTCOME_QUEUED || o->kind == OUTCOME_OPEN)
			continue; /* OPEN: nothing was sent (--dry-run) */
		int status = error_kind_exit_status(o->status.kind);
		t.later |= error_kind_disposition(o->status.kind) == DISPOSITION_RETRY;
		t.fix |= error_kind_disposition(o->status.kind) == DISPOSITION_FIX;
		t.mixed |= t.status != EX_OK && t.status != status;
		t.status = status;
	}
	return t;
}

int exit_status_of(const struct delivery_result *r)
{
	struct tally t = count(r);
	if (!r->n)
		return error_kind_exit_status(r->error.status.kind);
	if (t.status == EX_OK)
		return t.login ? EX_NOPERM : EX_OK;
	if (!t.accepted && !t.queued && !t.open && !t.mixed)
		return t.status;
	return t.later ? EX_TEMPFAIL : EX_NOUSER;
}

const char *exit_status_outcome(const struct delivery_result *r)
{
	struct tally t = count(r);
	if (t.accepted == r->n)
		return r->n || r->error.status.kind == ERROR_NONE ? "accepted" : "failed";
	if (t.status == EX_OK)
		return "queued";
	if (t.accepted || t.queued)
		return "partial";
	return t.unknown ? "unknown" : t.later ? "retry" : t.fix ? "failed" : "refused";
}

const char *exit_status_name(int status)
{
	static const char *const names[] = {
		"EX_USAGE",	  "EX_DATAERR",	 "EX_NOINPUT",	"EX_NOUSER", "EX_NOHOST",
		"EX_UNAVAILABLE", "EX_SOFTWARE", "EX_OSERR",	"EX_OSFILE", "EX_CANTCREAT",
		"EX_IOERR",	  "EX_TEMPFAIL", "EX_PROTOCOL", "EX_NOPERM", "EX_CONFIG",
	};
	if (status == EX_OK)
		return "EX_OK";
	return status >= EX__BASE && status < EX__BASE + (int)ARRAY_SIZE(names) ? names[status - EX__BASE] : NULL;
}
