/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * message: what came in on standard input, header and body apart.
 *
 * The header block is kept in memory (at most HEADER_MAX octets, else
 * ERROR_MESSAGE), with every CR dropped: lines end with LF only.  The body is
 * kept octet for octet in a source.
 *
 * The header ends at the first empty line, or before the first line that is
 * neither a field nor a continuation (then has_separator is false and the
 * writer puts the empty line there).  A first line that is no field makes the
 * message headerless: all of it is body.
 *
 * Leading "From " and ">From " lines (not "From:") are an mbox's envelope and
 * are dropped, if a field follows them or a "From " line bears a time and a
 * year.  Otherwise they are the first words of somebody's text and stay.
 */
#ifndef MESSAGE_MESSAGE_H
#define MESSAGE_MESSAGE_H

#include "message/info.h"
#include "message/source.h"

#define HEADER_MAX (32u * 1024 * 1024)

struct message {
	struct strbuf header; /* fields with LF line ends, without the empty line;
			       * the last one may lack its line end */
	struct source body;
	struct message_info info;
};

void message_init(struct message *msg, int (*open_temp)(struct error *err));
void message_release(struct message *msg);
/* Whether an empty line follows the header as it goes out: the message had one, or a body follows the header without
 * one.  A message that is header only, without separator, stays so. */
static inline bool message_needs_separator(const struct message *msg)
{
	return msg->info.has_separator || msg->body.size;
}

/* Feeds octets in any portions, then ends; facts are complete after _end. */
struct message_reader {
	struct message *msg;
	int state;
	struct strbuf line; /* the start of a line whose kind is not known yet */
	struct strbuf held; /* leading "From " lines */
	bool after_cr;	    /* the last octet was a CR */
	bool any_line;	    /* a header field was seen */
	size_t line_len;    /* octets of the current line so far */
	uint64_t body_bare_lf;
	uint64_t size_limit; /* 0: none; beyond it reading fails with ERROR_TOO_BIG */
};
void message_reader_init(struct message_reader *r, struct message *msg, uint64_t size_limit);
void message_reader_release(struct message_reader *r);
/* After a failure both reader and message are fit for release only. */
bool message_reader_feed(struct message_reader *r, const void *data, size_t len, struct error *err) MUST_CHECK;
bool message_reader_end(struct message_reader *r, struct error *err) MUST_CHECK;

#endif
