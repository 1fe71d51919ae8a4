/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print_json.h"

#include <stdio.h>

void print_json_status(struct json *j, int status, const struct error *err)
{
	json_number(j, "status", status);
	status_json(err ? &err->status : &STATUS_INIT, j);
}

void print_json_known(struct json *j, const char *key, bool known, bool value)
{
	if (known)
		json_bool(j, key, value);
	else
		json_string(j, key, NULL);
}

void print_json_list(struct json *j, const char *key, const struct strvec *list)
{
	json_array(j, key);
	for (size_t i = 0; list && i < list->n; i++)
		json_string(j, NULL, list->v[i]);
	json_end(j);
}

void print_json_end(struct json *j, const struct strvec *notes)
{
	print_json_list(j, "notes", notes);
	json_end(j);
	strbuf_addch(j->out, '\n');
	(void)fwrite(j->out->buf, 1, j->out->len, stdout);
}
