/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_pieces: the value of a field as a row of pieces with white space between them, some of which will be written
 * as encoded-words. Code that knows the grammar of the field makes the pieces; header_pieces_write() joins, encodes and
 * folds them.
 *
 * Internal to header_encode. A line end in the pieces is a lone LF, followed by a space or tab.
 */
#ifndef HEADER_HEADER_PIECES_H
#define HEADER_HEADER_PIECES_H

#include "codec/encoded_word.h"

enum piece_kind {
	PIECE_FIXED,   /* stays as it is, whatever is next to it */
	PIECE_WORD,    /* stays, but is encoded where it touches a word that is encoded */
	PIECE_ENCODED, /* an encoded-word that was there before; stays */
	PIECE_RAW      /* will be encoded */
};

/* How to read the text of a piece that is to be encoded. */
enum piece_form {
	FORM_PLAIN,
	FORM_ESCAPED, /* with quoted-pairs */
	FORM_QUOTED   /* a quoted-string */
};

struct piece {
	enum piece_kind kind;
	enum piece_form form;
	bool open, close;  /* a parenthesis: an encoded-word may follow or precede it directly */
	struct span space; /* before it: spaces, tabs, folds */
	struct span text;
	char *owned; /* the memory of text if it belongs to the piece; or NULL */
};

struct header_pieces {
	struct piece *v;
	size_t n, cap;
	enum encoded_word_place place;
	struct span space; /* for the next piece; in the end, what follows the last one */
};
#define HEADER_PIECES_INIT(where) \
	((struct header_pieces){.v = NULL, .n = 0, .cap = 0, .place = (where), .space = {"", 0}})

void header_pieces_release(struct header_pieces *pieces);
/* White space before the next piece. It must directly follow, in the same text, what was added before. */
void header_pieces_add_space(struct header_pieces *pieces, struct span space);
struct piece *header_pieces_add(struct header_pieces *pieces, enum piece_kind kind, struct span text);
/* Adds a word and decides its kind. In FORM_QUOTED, only octets above 127 make it PIECE_RAW. */
struct piece *header_pieces_add_word(struct header_pieces *pieces, enum piece_form form, struct span text);
/* Adds a fixed piece, which takes over the contents of the buffer. */
void header_pieces_add_made(struct header_pieces *pieces, struct span space, struct strbuf *text);

/* Appends head (the field's name with its colon) and the pieces, without a line end after them. eol is the line end of
 * folds. */
void header_pieces_write(struct header_pieces *pieces, struct span head, const char *eol, struct strbuf *out);

#endif
