/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `keyring`: what --login, secret-tool or the desktop stored. */
#include "base/i18n.h"
#include "secret/keyring.h"
#include "secret/source.h"

/* A keyring that does not answer must leave time for the sources after it. */
#define PATIENCE_MS 5000

static bool keyring_willing(const struct secret_query *q)
{
	return q->keyring && q->runtime->helpers.keyring && q->host && q->user;
}

static enum secret_result keyring_fill(const struct secret_query *q, struct secret *out, struct error *err)
{
	AUTO(error) why = ERROR_INIT;
	if (!keyring_willing(q))
		return SECRET_NONE;
	const struct keyring_request req = {
		.runtime = q->runtime,
		.host = q->host,
		.user = q->user,
		.deadline = deadline_min(q->deadline, deadline_in(q->runtime->clock, PATIENCE_MS)),
		.helper_words = q->helper_words,
	};
	switch (keyring_find(&req, out, &why)) {
	case KEYRING_FOUND: return SECRET_FOUND;
	case KEYRING_LOCKED:
	case KEYRING_FAILED: error_move(err, &why); return SECRET_UNSURE;
	default: /* no password is stored, or there is no keyring */
		secret_query_note(q, secret_source_keyring.name, why.status.text);
		return SECRET_NONE;
	}
}

const struct secret_source secret_source_keyring = {"keyring", ERROR_SECRET_UNAVAILABLE, false, keyring_willing,
						    keyring_fill};
