/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_lookahead: decides what a line is that is not a field but may be in a header: the first line of the body after
 * a forgotten empty line, or a broken line with more of the header after it.  If it were always the body, a Bcc field
 * after it would be shown to all recipients, and recipients in it would be lost.
 *
 * The header goes on if, before the next empty line, a field follows that belongs to a header: To, Cc, Bcc, From,
 * Sender, Reply-To, Subject, Date, Message-ID, References, In-Reply-To, Received, Return-Path, MIME-Version, Content-*,
 * Resent-*; after separators of an mbox ("From " and ">From " lines) alone, before any field.
 *
 * "Bcc" or "Resent-Bcc" on a line of its own is a field, too, if the next line continues it with the colon.  That is
 * not allowed, but it would show whom the others must not see; the line end is removed.
 *
 *	AUTO(header_lookahead) look = HEADER_LOOKAHEAD_INIT;
 *	struct span in = SPAN_LIT("no colon\nBcc: friend@example.org\n");
 *	AUTO(strbuf) fields = STRBUF_INIT;
 *	if (header_lookahead_add(&look, in, true) == LOOKAHEAD_HEADER)
 *		header_lookahead_repair(&look, before, &fields);
 */
#ifndef HEADER_HEADER_LOOKAHEAD_H
#define HEADER_HEADER_LOOKAHEAD_H

#include "header/header_scan.h"

/* More text than this is not kept: it is part of the body, unless it turns out to be part of a header: LOOKAHEAD_LATE.
 */
#define HEADER_LOOKAHEAD_MAX (1024u * 1024)

enum lookahead {
	LOOKAHEAD_MORE,
	LOOKAHEAD_HEADER, /* the header goes on: what comes before text.buf + line has to be repaired */
	LOOKAHEAD_BODY,	  /* all of text is body */
	LOOKAHEAD_LATE	  /* the header goes on, but the text was given to the body already, because it was too long */
};

struct header_lookahead {
	struct strbuf text; /* as it was read, but for that line end */
	size_t line;	    /* where its last line begins, whose kind is not known */
	size_t name;	    /* with named: where the line begins that is a name without a colon */
	bool named;	    /* the last line may continue that name with the colon */
	bool known;	    /* the kind of that line is known, and only its end is missing */
	bool past_mbox;	    /* there is a line that is not a separator of an mbox */
	bool forget;	    /* after LOOKAHEAD_BODY for its length: only the last line is kept in text */
};
#define HEADER_LOOKAHEAD_INIT ((struct header_lookahead){.text = STRBUF_INIT})
void header_lookahead_release(struct header_lookahead *look);

/* Adds octets.  first: no field comes before the text.  Call it again only after LOOKAHEAD_MORE, or with forget set. */
enum lookahead header_lookahead_add(struct header_lookahead *look, struct span in, bool first);
/* Appends the text up to the last line as fields, with LF line ends: separators of an mbox are left out, and lines that
 * are not fields become "X-Invalid-Header-Line: ...", with "?" for each control character. But an address after a comma
 * at the end of To, Cc, Bcc or their Resent- forms continues that list, and after Bcc without a comma, too. before: the
 * header up to the text. */
void header_lookahead_repair(const struct header_lookahead *look, struct span before, struct strbuf *out);
/* How many octets at the beginning of the text are separators of an mbox, and not a sentence that begins with "From":
 * one of them contains a time and a year (before any field, one without ">"). */
size_t header_lookahead_mbox(const struct header_lookahead *look, bool first);
/* The line is such a separator, with a time and a year and without ">". */
bool header_is_mbox_separator(struct span line);

#endif
