/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * message: reads a message, and keeps its header and its body apart.
 *
 * The header is kept in memory (at most HEADER_MAX octets, else ERROR_MESSAGE), without its CRs: lines end with LF
 * only, and a CR within the value of a field becomes a space. In a message without any LF, CRs end the lines; header
 * and body then have LFs in their place. The body is kept as it is in a source.
 *
 * The header ends at the first empty line, or before a line that is neither a field nor a continuation, if no field
 * that belongs to a header follows before the next empty line (header/header_lookahead.h): then has_separator is false,
 * and the writer adds the empty line. If such a field follows, the line stays in the header as X-Invalid-Header-Line.
 * If the header would end before the first field, the message is headerless: all of it is body.
 *
 * A byte-order mark before a line of the header is dropped, and so are "From " and ">From " lines (not "From:"), the
 * separators of an mbox, where the header goes on after them or one contains a time and a year. Otherwise they are text
 * and stay.
 */
#ifndef MESSAGE_MESSAGE_H
#define MESSAGE_MESSAGE_H

#include "header/header_lookahead.h"
#include "message/info.h"
#include "message/source.h"

#define HEADER_MAX (32u * 1024 * 1024)

struct message {
	struct strbuf header; /* fields with LF line ends, without the empty line; the last one may have no line end */
	struct source body;
	struct message_info info;
};

void message_init(struct message *msg, const struct temp_files *temp);
void message_release(struct message *msg);
/* Whether an empty line has to be written after the header: the message has one, or has a body without one before it. A
 * message that is only a header, without the empty line, stays so. */
static inline bool message_needs_separator(const struct message *msg)
{
	return msg->info.has_separator || msg->body.size;
}

/* Reads a message: feed it in any portions, then end. msg->info is complete after message_reader_end(). */
struct message_reader {
	struct message *msg;
	int state;
	struct strbuf line;			      /* the start of a line whose kind is not known yet */
	struct header_lookahead look;		      /* what may be in the header or in the body */
	enum { ENDS_UNKNOWN, ENDS_LF, ENDS_CR } ends; /* the line ends: CR in a message without any LF */
	struct strbuf undecided;		      /* from the first CR on, until there is an LF */
	bool in_value;				      /* after the colon of a field */
	bool after_cr;				      /* the last octet was a CR */
	bool any_line;				      /* a header field was seen */
	size_t line_len;			      /* octets of the current line so far */
	uint64_t body_bare_lf;
	uint64_t size_limit; /* 0: none; a larger message is ERROR_TOO_BIG */
};
void message_reader_init(struct message_reader *r, struct message *msg, uint64_t size_limit);
void message_reader_release(struct message_reader *r);
/* After a failure, both reader and message can only be released. */
bool message_reader_feed(struct message_reader *r, const void *data, size_t len, struct error *err) MUST_CHECK;
bool message_reader_end(struct message_reader *r, struct error *err) MUST_CHECK;

#endif
