/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print_json.h"

#include <stdio.h>

void print_json_status(struct json *j, int status, const struct error *err)
{
	json_number(j, "status", status);
	status_json(err ? &err->status : &STATUS_INIT, j);
}

void print_json_end(struct json *j, const struct strvec *notes)
{
	json_list(j, "notes", notes);
	json_end(j);
	strbuf_addch(j->out, '\n');
	(void)fwrite(j->out->buf, 1, j->out->len, stdout);
}
