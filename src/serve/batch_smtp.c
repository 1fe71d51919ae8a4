/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Batch SMTP as the source of a batch. */
#include "serve/batch_source.h"

struct batch_source *batch_smtp_open(const struct runtime *runtime, struct error *err)
{
	(void)runtime;
	(void)error_set(err, ERROR_INTERNAL, "not yet");
	return NULL;
}
