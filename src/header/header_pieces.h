/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_pieces: the value of a field as a row of pieces with blanks between
 * them, some of them to be written as encoded-words.  Whoever knows a field's
 * grammar makes the pieces; header_pieces_write() joins, encodes and folds.
 *
 * Internal to header_encode.  Line ends in the pieces are a lone LF with a blank behind it.
 */
#ifndef HEADER_HEADER_PIECES_H
#define HEADER_HEADER_PIECES_H

#include "codec/encoded_word.h"

enum piece_kind {
	PIECE_FIXED,   /* stays, whatever is beside it */
	PIECE_WORD,    /* stays, but goes along where it touches a word that is encoded */
	PIECE_ENCODED, /* an encoded-word that was there; goes along, too */
	PIECE_RAW      /* becomes part of encoded-words */
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
	bool open, close;   /* a parenthesis: an encoded-word may stand directly behind or before it */
	struct span blanks; /* before it: blanks, tabs, folds */
	struct span text;
	char *owned; /* what text points to if it was made here */
};

struct header_pieces {
	struct piece *v;
	size_t n, cap;
	enum encoded_word_place place;
	struct span blanks; /* waiting for the next piece; in the end, what stands behind the last */
};
#define HEADER_PIECES_INIT(where) \
	((struct header_pieces){.v = NULL, .n = 0, .cap = 0, .place = (where), .blanks = {"", 0}})

void header_pieces_release(struct header_pieces *pieces);
/* Blanks for the next piece: they must lie in the same text, directly behind those given before. */
void header_pieces_blanks(struct header_pieces *pieces, struct span blanks);
struct piece *header_pieces_add(struct header_pieces *pieces, enum piece_kind kind, struct span text);
/* A word that may become encoded: its kind is found out here.  In FORM_QUOTED only octets above 127 make it RAW. */
struct piece *header_pieces_add_word(struct header_pieces *pieces, enum piece_form form, struct span text);
/* One more fixed piece, whose text is taken over from the buffer. */
void header_pieces_add_made(struct header_pieces *pieces, struct span blanks, struct strbuf *text);

/*
 * Appends head (the field's name with its colon) and the pieces, without a line
 * end behind them; eol is written for folds.
 */
void header_pieces_write(struct header_pieces *pieces, struct span head, const char *eol, struct strbuf *out);

#endif
