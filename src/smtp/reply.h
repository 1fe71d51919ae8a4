/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reply: the server's reply to one command (RFC 5321 section 4.2), and its
 * incremental parser.
 *
 * Accepted, because real servers send it: LF without CR, lines longer than 512
 * octets, a code without text, text of any octets (cleaned when shown).
 * Not accepted: a code that changes within a reply, a code outside 200..599,
 * more than REPLY_LINES_MAX lines or REPLY_OCTETS_MAX octets.
 */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include "base/error.h"
#include "base/strbuf.h"

#define REPLY_LINES_MAX 1000u
#define REPLY_OCTETS_MAX (64u * 1024)

struct reply {
	int code;
	char enhanced[ENHANCED_MAX]; /* "5.1.1" if the text begins with one that fits the code (RFC 2034), else "" */
	struct strbuf text;	     /* what follows the codes, '\n' between lines; includes the enhanced code */
	unsigned lines;
};
#define REPLY_INIT ((struct reply){.text = STRBUF_INIT})
void reply_release(struct reply *r);
void reply_copy(struct reply *to, const struct reply *from);
/* 2, 3, 4 or 5 */
int reply_class(const struct reply *r);

struct reply_parser {
	struct strbuf line; /* the line being received */
	size_t octets;	    /* of this reply so far */
	struct reply reply; /* being built */
};
void reply_parser_init(struct reply_parser *p);
void reply_parser_release(struct reply_parser *p);
/* True while a reply has been received in part. */
bool reply_parser_midway(const struct reply_parser *p);
/*
 * Parses octets from in.  1: p->reply is complete and valid until the next
 * call; *used octets belong to it, the rest to later replies.  0: all were
 * used, feed more.  -1: this is not SMTP, err says why (ERROR_PROTOCOL).
 */
int reply_parse(struct reply_parser *p, struct span in, size_t *used, struct error *err) MUST_CHECK;

#endif
