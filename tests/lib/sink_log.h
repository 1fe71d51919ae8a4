/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SINK_LOG_H
#define SINK_LOG_H

#include <stddef.h>

/*
 * The two records the smarthost keeps besides the mail: the transcript and
 * the violations.  Each call appends whole lines with one write(2), so that
 * several connections never tear each other's lines.
 */
struct log {
	int transcript;	     /* descriptor, -1: none is kept */
	int violations;	     /* descriptor, standard error by default */
	unsigned connection; /* number of this connection, from 1 */
};

/*
 * Record a protocol violation of the client: one line
 * "connection N: TEXT", control characters escaped.
 */
void log_violation(const struct log *log, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * Record lines of the dialogue.  who is 'C' or 'S'; a terminator of CRLF is
 * dropped, any other control character is shown as \xHH.  Nothing is hidden.
 */
void log_dialogue(const struct log *log, char who, const char *text, size_t len);
/* Record what is not dialogue: a line "# TEXT". */
void log_note(const struct log *log, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
