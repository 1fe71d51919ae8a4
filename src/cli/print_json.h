/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * print_json: what the objects have in common that the modes print with --json.  Each has all its keys whatever
 * happened, null where there is nothing; doc/posthaste.schema.json has them all.
 *
 *	AUTO(strbuf) out = STRBUF_INIT;
 *	struct json j = JSON_INIT(&out);
 *	json_object(&j, NULL);
 *	json_string(&j, "file", path);
 *	print_json_status(&j, exit_status, &err);
 *	print_json_end(&j, &notes);
 */
#ifndef CLI_PRINT_JSON_H
#define CLI_PRINT_JSON_H

#include "base/error.h"
#include "base/json.h"
#include "base/strvec.h"

/* The exit status, and what failed; err may be NULL: nothing did. */
void print_json_status(struct json *j, int status, const struct error *err);
/* Adds the notes (NULL: none), ends the object and writes it to standard output. */
void print_json_end(struct json *j, const struct strvec *notes);

#endif
