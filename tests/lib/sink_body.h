/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SINK_BODY_H
#define SINK_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads the octets of a message as they come from the wire, in blocks of any
 * size: finds the end of DATA, takes the stuffed dots out, and notes what a
 * client must not send.  Costs a few memchr per line.
 */
enum body_mode { BODY_DATA, BODY_BDAT };

enum body_fault {
	BODY_BARE_CR = 1,
	BODY_BARE_LF = 2,
	BODY_NUL = 4,
	BODY_EIGHT_BIT = 8,
	BODY_LONG_LINE = 16,
	BODY_BAD_DOT = 32,
	BODY_NO_LAST_CRLF = 64,
};

struct body {
	enum body_mode mode;
	size_t max_line; /* with CRLF; 0: any */
	/* Receives the message in order, dots removed. */
	void (*emit)(void *arg, const void *data, size_t len);
	void *arg;

	int state;
	size_t line;	 /* octets of the unfinished line */
	size_t longest;	 /* the longest line seen, with its CRLF */
	uint64_t size;	 /* octets emitted */
	unsigned faults; /* enum body_fault, or-ed */
};

void body_init(struct body *b, enum body_mode mode, size_t max_line, void (*emit)(void *, const void *, size_t),
	       void *arg);
/*
 * Feed octets.  Returns how many were taken: all of them, or with *end set
 * those up to and including the LF of CRLF.CRLF.
 */
size_t body_feed(struct body *b, const char *data, size_t len, bool *end);
/* Call after the last octet of BDAT LAST. */
void body_finish(struct body *b);

#endif
