/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `password`: it stands in the configuration. */
#include "secret/source.h"

static bool willing(const struct secret_query *q)
{
	return q->literal && secret_is_set(q->literal);
}

static enum secret_result fill(const struct secret_query *q, struct secret *out, struct error *err)
{
	(void)err;
	if (!willing(q))
		return SECRET_NONE;
	secret_copy(out, q->literal);
	return SECRET_FOUND;
}

const struct secret_source secret_source_config = {"password", ERROR_CONFIG, true, willing, fill};
