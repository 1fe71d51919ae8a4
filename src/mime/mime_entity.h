/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime_entity: a message or a part of one, and what its header says about it (RFC 2045, RFC 2046).
 */
#ifndef MIME_MIME_ENTITY_H
#define MIME_MIME_ENTITY_H

#include "mime/mime_levels.h"
#include "mime/mime_type.h"

/* What is nested deeper, or comes after so many entities, is not looked into. */
#define MIME_DEPTH_MAX 100
#define MIME_PARTS_MAX 10000

enum mime_kind {
	MIME_LEAF,
	MIME_MULTIPART, /* entities follow, and text before, between and after them */
	MIME_MESSAGE,	/* message/rfc822: one entity follows */
	MIME_FIXED	/* content that can neither be encoded nor looked into; see refusal */
};

/* Why the content of a MIME_FIXED entity must stay as it is. */
enum mime_refusal {
	REFUSAL_NONE,
	REFUSAL_ENCODED,   /* a leaf that is quoted-printable or base64 already */
	REFUSAL_UNKNOWN,   /* a leaf in an unknown encoding */
	REFUSAL_TYPE,	   /* a message/ type that is never encoded (RFC 2046 section 5.2) */
	REFUSAL_BOUNDARY,  /* a multipart whose boundary is missing, unreadable, or like one that is open */
	REFUSAL_CONTAINER, /* a multipart or message/rfc822 that claims to be encoded (RFC 2045 section 6.4) */
	REFUSAL_AMBIGUOUS, /* two Content-Type or two Content-Transfer-Encoding fields */
	REFUSAL_LIMIT	   /* too deep, or too many entities */
};

struct mime_entity {
	size_t index;  /* in the order of appearance; 0: the message itself; all beyond MIME_PARTS_MAX share that one */
	size_t parent; /* its index; 0 for index 0 */
	unsigned depth;
	enum mime_kind kind;
	enum mime_refusal refusal;
	bool is_message; /* its header is that of a message: index 0, or what a message/rfc822 contains */
	bool sealed;	 /* within multipart/signed or multipart/encrypted */
	bool text;	 /* a leaf of type text, or without a type */
	bool octets;	 /* declared binary, and not text: its line ends are content */
	bool global;	 /* message/global or one of its kin (RFC 6532, RFC 6533): may contain UTF-8 header fields */
	bool has_type, has_encoding, has_version; /* fields that are present */
	bool separated;				  /* an empty line ended the header */
	enum mime_encoding encoding;
	struct mime_type type;
};

/* Fills in what the fields of block say. index and depth must be set. digest: the entity is a part of a
 * multipart/digest. levels: the multiparts that are open. */
void mime_entity_read(struct mime_entity *e, struct span block, bool digest, const struct mime_levels *levels);

#endif
