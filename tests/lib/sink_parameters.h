/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SINK_PARAMETERS_H
#define SINK_PARAMETERS_H

#include "sink_extensions.h"

#include <stdint.h>

enum parameter_of { PARAMETER_MAIL, PARAMETER_RCPT };
enum body_type { BODY_UNSET, BODY_7BIT, BODY_8BITMIME, BODY_BINARYMIME };

/* What the parameters of MAIL said; zero before. */
struct parameters {
	enum body_type body;
	bool has_size;
	uint64_t size;
	bool smtputf8;
	bool requiretls;
	bool held; /* HOLDFOR or HOLDUNTIL was there */
};

/*
 * Check the parameters of MAIL or RCPT: known, advertised in the last EHLO,
 * not repeated, well-formed.  Returns NULL, or what is wrong; *code is then
 * the reply: 501 for bad syntax, 555 for a parameter that was not offered.
 * p is filled by MAIL and only read by RCPT.
 */
const char *parameters_check(const char *text, enum parameter_of command, const struct extensions *shown,
			     struct parameters *p, int *code);
/* Is SMTPUTF8 among the parameters? (Needed before the address can be checked.) */
bool parameters_has_utf8(const char *command_line);
/* The longest allowed command line with CRLF, given what was advertised. */
size_t parameters_line_limit(const char *line, size_t len, const struct extensions *shown);

#endif
