/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fallback: the accounts that are tried if an account's server cannot be reached, or puts the login off ("fallback").
 *
 * The message stays as it was made for its own account: sender, header and queue.  Server, connection and login are
 * those of the other one, whose own "fallback" is not followed.
 */
#ifndef RUNNER_FALLBACK_H
#define RUNNER_FALLBACK_H

#include "submit/settings.h"
#include "submit/submission.h"

struct fallback {
	struct settings *settings; /* the accounts */
	const struct runtime *runtime;
	struct delivery_task task;
	bool may_prompt;
	void (*listen)(void *arg, struct delivery_request *req); /* as send_request.listen; may be NULL */
	void *arg;
};

/*
 * After a delivery by p->account: if MAIL was not sent, because the server could not be reached or said "later", tries
 * the other accounts in order until one has a session that is ready for MAIL; its result replaces that in result, and
 * p->used is the account.  If none has, result is that of p->account, and its text names the others with their reasons.
 * Any other failure, a certificate that is not trusted among them, stays as it is.
 */
void fallback_try(const struct fallback *f, struct submission *p, struct delivery_result *result);

#endif
