/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command_lines: does a message have lines that begin like SMTP commands?
 *
 * Where a message is sent together with its recipients (BDAT), some servers that refuse all of them read its lines as
 * commands.
 */
#ifndef MESSAGE_COMMAND_LINES_H
#define MESSAGE_COMMAND_LINES_H

#include "message/source.h"

#define COMMAND_LINES_HEAD 20

struct command_lines {
	char head[COMMAND_LINES_HEAD]; /* of the current line, blanks before it left out */
	size_t n;
	bool within; /* the head of the line was looked at, or cannot become a command */
	bool found;
};
#define COMMAND_LINES_INIT ((struct command_lines){.n = 0})

/* LF, CR and CRLF end a line.  Any portions give the same result. */
void command_lines_feed(struct command_lines *c, struct span in);
/* The last line has no line end. */
void command_lines_end(struct command_lines *c);
/* The same for the first octets of header and body together.  ERROR_IO if the source cannot be read. */
bool command_lines_in(struct span header, const struct source *body, uint64_t octets, bool *found,
		      struct error *err) MUST_CHECK;

#endif
