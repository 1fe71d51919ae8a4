/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/request.h"

void request_init(struct request *req, const struct runtime *runtime)
{
	*req = (struct request){.flags = account_new("", FLAVOUR_OWN, runtime->environ)};
}

void request_release(struct request *req)
{
	account_free(req->flags);
	strvec_release(&req->recipients);
	strvec_release(&req->names);
	*req = (struct request){.flags = NULL};
}
