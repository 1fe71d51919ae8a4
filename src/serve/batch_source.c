/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/batch_source.h"

void batch_message_release(struct batch_message *m)
{
	free(m->where);
	error_release(&m->err);
	strvec_release(&m->served);
	*m = (struct batch_message){.err = ERROR_INIT};
}
