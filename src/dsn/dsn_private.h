/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pieces of a report; nobody else's. */
#ifndef DSN_DSN_PRIVATE_H
#define DSN_DSN_PRIVATE_H

#include "dsn/dsn.h"

/* ---- dsn_field: fields of the report ---- */

/* Appends "NAME: VALUE" and CRLF, folded: as it is if it is ASCII, else in encoded-words. */
void dsn_field_text(struct strbuf *out, const char *name, const char *value);
/* Appends a field of ASCII, folded. Characters that are not printable ASCII become "?". */
void dsn_field_ascii(struct strbuf *out, const char *name, struct span value);
/* Appends "NAME: TYPE; ADDRESS" and CRLF, a field of delivery-status, for an address that may contain anything. */
void dsn_field_address(struct strbuf *out, const char *name, const char *address);

/* ---- the first and the second part ---- */

/* For people: UTF-8, LF line ends, lines of at most 76 columns where words allow it. */
void report_text(const struct dsn *report, bool whole, struct strbuf *out);
/* The subject that goes with it. */
const char *report_subject(const struct dsn *report);
/* message/delivery-status, CRLF line ends. */
void report_delivery_status(const struct dsn *report, struct strbuf *out);

static inline bool report_has(const struct dsn *report, enum report_action action)
{
	for (size_t i = 0; i < report->n; i++)
		if (report->rcpts[i].action == action)
			return true;
	return false;
}

#endif
