/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a report. Internal to dsn. */
#ifndef DSN_DSN_PRIVATE_H
#define DSN_DSN_PRIVATE_H

#include "dsn/dsn.h"

/* ---- dsn_field: fields of the report ---- */

/* Appends "NAME: VALUE" and CRLF, folded: as it is if it is ASCII, else in encoded-words. */
void dsn_field_text(struct strbuf *out, const char *name, const char *value);
/* Appends a field of ASCII, folded. Characters that are not printable ASCII become "?". */
void dsn_field_ascii(struct strbuf *out, const char *name, struct span value);
/* Appends "NAME: TYPE; ADDRESS" and CRLF, a field of delivery-status, for an address that may contain anything. One
 * that is too long for a line is cut: there is no place where it could be folded. */
void dsn_field_address(struct strbuf *out, const char *name, const char *address);

/* ---- dsn_text, dsn_status: the first and the second part ---- */

/* Appends the explanation for people: UTF-8 with LF line ends, in lines of at most 76 columns unless a word is longer.
 * full: the message is included, not only its header. */
void dsn_text(const struct dsn *report, bool full, struct strbuf *out);
/* The subject of the report. */
const char *dsn_subject(const struct dsn *report);
/* Appends the message/delivery-status part, with CRLF line ends. */
void dsn_delivery_status(const struct dsn *report, struct strbuf *out);

/* Whether there is a recipient with that action. */
static inline bool dsn_has(const struct dsn *report, enum dsn_action action)
{
	for (size_t i = 0; i < report->n; i++)
		if (report->rcpts[i].action == action)
			return true;
	return false;
}

#endif
