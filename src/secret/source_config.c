/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `password`: the password itself, in the configuration. */
#include "secret/source.h"

static bool config_willing(const struct secret_query *q)
{
	return q->literal && secret_is_set(q->literal);
}

static enum secret_result config_fill(const struct secret_query *q, struct secret *out, struct error *err)
{
	(void)err;
	if (!config_willing(q))
		return SECRET_NONE;
	secret_copy(out, q->literal);
	return SECRET_FOUND;
}

const struct secret_source secret_source_config = {"password", ERROR_CONFIG, true, config_willing, config_fill};
