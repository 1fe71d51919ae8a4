/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xml: a strict reader of small XML texts that strangers wrote (W3C XML 1.0).  Pure.
 *
 * It knows elements, attributes, text, CDATA, comments, processing instructions, the five entities that need no
 * declaration, and character references.  Everything else is an error, above all a DOCTYPE: without one there are no
 * entities that grow or that name files.  The text is converted to UTF-8 first (xml_to_utf8()).
 */
#ifndef SETUP_XML_H
#define SETUP_XML_H

#include "base/strbuf.h"

#define XML_LIMIT ((size_t)64 << 10)
#define XML_DEPTH 16

enum xml_event {
	XML_WRONG = -1, /* this is not such a text; what was read before may be wrong, too */
	XML_END = 0,	/* the end of a complete text */
	XML_OPEN,	/* an element begins: name, attributes */
	XML_CLOSE,	/* it ends: name */
	XML_TEXT	/* a part of its text, with entities replaced */
};

struct xml {
	struct span rest;
	struct span name;	/* of the element that begins or ends, without a prefix */
	struct span attributes; /* of the one that begins, as written: xml_attribute() */
	struct span open[XML_DEPTH];
	unsigned depth;	   /* how many elements are open */
	bool empty;	   /* the element that began ends at once */
	bool root_is_over; /* nothing but comments may follow */
};

/*
 * Appends the text as UTF-8, without a byte-order mark.  Its encoding is what the mark or the declaration says: UTF-8,
 * UTF-16, ISO-8859-1 (and windows-1252, whose own characters are replaced by "?"), US-ASCII.  False: it is longer than
 * XML_LIMIT, has another encoding, or is not valid in it.
 */
bool xml_to_utf8(struct span raw, struct strbuf *out) MUST_CHECK;
void xml_init(struct xml *xml, struct span utf8);
/* The next event; text is emptied, and filled for XML_TEXT. */
enum xml_event xml_next(struct xml *xml, struct strbuf *text);
/* Empties value, and fills it with that of an attribute of the element that began last.  False: it has none. */
bool xml_attribute(const struct xml *xml, const char *name, struct strbuf *value);

#endif
