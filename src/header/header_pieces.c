/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "any 'linear-white-space' that separates a pair of adjacent 'encoded-word's is ignored" (RFC 2047 section 6.2), so a
 * space between two of them must be inside one of them: a run of words is encoded with the white space between them,
 * and with the white space next to an encoded-word that was there before.
 *
 * "An 'encoded-word' MUST be separated from any adjacent 'word', 'text' or 'special' by 'linear-white-space'" (section
 * 5): where a word to be encoded touches another word, both become one; a word that touches an encoded-word that was
 * there before is encoded, too; where a word to be encoded touches a special, a space is added, which means nothing
 * there.
 */
#include "header/header_pieces.h"

#include "base/utf8.h"
#include "base/xalloc.h"

/* A word longer than this would not fit into a line. */
#define WORD_LONGEST 900
/* The longest name of a field, with its colon, that leaves enough room on its line. */
#define HEAD_SHORT 40

void header_pieces_release(struct header_pieces *pieces)
{
	for (size_t i = 0; i < pieces->n; i++)
		free(pieces->v[i].owned);
	free(pieces->v);
	*pieces = HEADER_PIECES_INIT(pieces->place);
}

void header_pieces_add_space(struct header_pieces *pieces, struct span space)
{
	if (pieces->space.len)
		pieces->space.len += space.len;
	else
		pieces->space = space;
}

struct piece *header_pieces_add(struct header_pieces *pieces, enum piece_kind kind, struct span text)
{
	GROW(pieces->v, pieces->n, pieces->cap);
	struct piece *piece = &pieces->v[pieces->n++];
	*piece = (struct piece){.kind = kind, .space = pieces->space, .text = text};
	pieces->space = span_make("", 0);
	return piece;
}

static bool contains(struct span text, const char *two)
{
	return memmem(text.ptr, text.len, two, strlen(two)) != NULL;
}

struct piece *header_pieces_add_word(struct header_pieces *pieces, enum piece_form form, struct span text)
{
	enum piece_kind kind = PIECE_WORD;
	if (!utf8_is_ascii(text) || text.len > WORD_LONGEST)
		kind = PIECE_RAW;
	else if (form != FORM_QUOTED && encoded_word_is(text))
		kind = PIECE_ENCODED;
	else if (form != FORM_QUOTED && (contains(text, "=?") || contains(text, "?=")))
		kind = PIECE_RAW; /* not an encoded-word, but a reader could take it for a part of one next to it */
	struct piece *piece = header_pieces_add(pieces, kind, text);
	piece->form = form;
	return piece;
}

void header_pieces_add_made(struct header_pieces *pieces, struct span space, struct strbuf *text)
{
	size_t len;
	char *owned = strbuf_detach(text, &len);
	pieces->space = space;
	header_pieces_add(pieces, PIECE_FIXED, span_make(owned, len))->owned = owned;
}

/* ---- words that touch ------------------------------------------------------ */

/* Whether piece i is a word that touches piece other, which is or will be an encoded-word. */
static bool joins(const struct header_pieces *pieces, size_t i, size_t other)
{
	const struct piece *right = &pieces->v[i > other ? i : other];
	enum piece_kind beside = pieces->v[other].kind;
	return pieces->v[i].kind == PIECE_WORD && (beside == PIECE_RAW || beside == PIECE_ENCODED) && !right->space.len;
}

/* An encoded-word that was there before stays what it is: its neighbours are encoded, and the space that is put between
 * two encoded-words is not shown. */
static void join_touching(struct header_pieces *pieces)
{
	for (size_t i = 1; i < pieces->n; i++)
		if (joins(pieces, i, i - 1))
			pieces->v[i].kind = PIECE_RAW;
	for (size_t i = pieces->n; i-- > 1;)
		if (joins(pieces, i - 1, i))
			pieces->v[i - 1].kind = PIECE_RAW;
}

/* ---- lines ----------------------------------------------------------------- */

struct line {
	struct fold fold;
	bool head; /* only the field's name is on it */
};

static void line_break(struct line *line)
{
	fold_break(&line->fold);
	line->head = false;
}

/* Appends text whose line ends are LFs. */
static void line_add(struct line *line, struct span text)
{
	line->head = line->head && !text.len;
	for (const char *lf; text.len && (lf = memchr(text.ptr, '\n', text.len));) {
		size_t n = (size_t)(lf - text.ptr);
		fold_add(&line->fold, span_sub(text, 0, n));
		fold_break(&line->fold);
		text = span_sub(text, n + 1, text.len);
	}
	fold_add(&line->fold, text);
}

/* Appends white space without its folds. */
static void add_unfolded(struct strbuf *out, struct span space)
{
	for (size_t i = 0; i < space.len; i++)
		if (space.ptr[i] != '\n')
			strbuf_addch(out, space.ptr[i]);
}

/* A field whose first line is empty surprises readers: if the name is short, its line is not broken after it. */
static bool keeps_head(const struct line *line)
{
	return line->head && fold_column(&line->fold) <= HEAD_SHORT;
}

/* Appends white space, after which width octets must stay on the same line: as it is, or with a fold before it. Of
 * several folds only one is kept, because a line of white space may be lost on the way. */
static void line_space(struct line *line, struct span space, size_t width)
{
	const char *lf = space.len ? memrchr(space.ptr, '\n', space.len) : NULL;
	if (lf) {
		size_t at = (size_t)(lf - space.ptr);
		add_unfolded(line->fold.out, span_sub(space, 0, at));
		line_break(line);
		line_add(line, span_sub(space, at + 1, space.len));
		return;
	}
	size_t max = keeps_head(line) ? LINE_LIMIT : LINE_LIMIT_ENCODED;
	if (space.len && fold_column(&line->fold) + space.len + width > max)
		line_break(line);
	add_unfolded(line->fold.out, space);
}

/* ---- runs of words to be encoded --------------------------------------------- */

static void add_plain(struct strbuf *out, const struct piece *piece)
{
	struct span text = piece->text;
	if (piece->form == FORM_QUOTED)
		text = span_sub(text, 1, text.len - 1);
	for (size_t i = 0; i < text.len; i++) {
		if (piece->form != FORM_PLAIN && text.ptr[i] == '\\' && i + 1 < text.len)
			i++;
		if (text.ptr[i] != '\n')
			strbuf_addch(out, text.ptr[i]);
	}
}

/* Whether piece i is an encoded-word in base64. Nothing in base64 is written next to it: readers that join such words
 * stop at the padding of the first one. */
static bool is_base64(const struct header_pieces *pieces, size_t i)
{
	return i < pieces->n && pieces->v[i].kind == PIECE_ENCODED && encoded_word_is_base64(pieces->v[i].text);
}

/* Appends the words from first on that are encoded together; returns the index of the piece after them. */
static size_t collect_run(const struct header_pieces *pieces, size_t first, struct strbuf *text)
{
	const struct piece *v = pieces->v;
	size_t i = first;
	for (; i < pieces->n && v[i].kind == PIECE_RAW; i++) {
		if (i > first)
			add_unfolded(text, v[i].space);
		add_plain(text, &v[i]);
	}
	if (i < pieces->n && v[i].kind == PIECE_ENCODED)
		add_unfolded(text, v[i].space);
	return i;
}

static char run_encoding(const struct header_pieces *pieces, size_t first, size_t after, struct span text)
{
	bool beside = (first && is_base64(pieces, first - 1)) || is_base64(pieces, after);
	return beside ? 'Q' : encoded_word_shorter(text, pieces->place);
}

static bool fits_one_word(size_t length)
{
	return length + 1 + ENCODED_WORD_ROOM_AFTER <= LINE_LIMIT_ENCODED;
}

/* How many octets the run that begins here takes before the next place to fold: a long one is divided. */
static size_t width_of_run(const struct header_pieces *pieces, size_t first, size_t *after)
{
	AUTO(strbuf) text = STRBUF_INIT;
	*after = collect_run(pieces, first, &text);
	size_t width = encoded_word_length(strbuf_span(&text), pieces->place,
					   run_encoding(pieces, first, *after, strbuf_span(&text)));
	bool one = fits_one_word(width);
	if (!one || (*after < pieces->n && !pieces->v[*after].close))
		*after = pieces->n;
	return one ? width : ENCODED_WORD_LEAST + ENCODED_WORD_ROOM_AFTER;
}

/* How many octets follow without a place to fold, those of piece i included. */
static size_t width_from(const struct header_pieces *pieces, size_t i)
{
	size_t width = 0;
	do {
		size_t next = i + 1;
		width += pieces->v[i].kind == PIECE_RAW ? width_of_run(pieces, i, &next) : pieces->v[i].text.len;
		i = next;
	} while (i < pieces->n && !pieces->v[i].space.len && width <= LINE_LIMIT);
	return width;
}

/* How much room on its line a run of this length is to have; `after` follows it.  Text that fits into one word is not
 * divided only because the line is nearly full. */
static size_t room_for_run(const struct header_pieces *pieces, size_t length, size_t after)
{
	size_t rest = after < pieces->n && !pieces->v[after].space.len ? width_from(pieces, after) : 0;
	if (!fits_one_word(length))
		return ENCODED_WORD_LEAST + ENCODED_WORD_ROOM_AFTER;
	return length + (rest > ENCODED_WORD_ROOM_AFTER ? rest : ENCODED_WORD_ROOM_AFTER);
}

/* Writes the words from first on that are encoded together; returns the index of the piece after them. */
static size_t write_run(struct header_pieces *pieces, size_t first, struct line *line)
{
	AUTO(strbuf) text = STRBUF_INIT;
	struct piece *v = pieces->v;
	struct span space = v[first].space;

	if (first && v[first - 1].kind == PIECE_ENCODED && space.len) {
		add_unfolded(&text, space);
		space = SPAN_LIT(" ");
	}
	size_t i = collect_run(pieces, first, &text);
	if (i < pieces->n && v[i].kind == PIECE_ENCODED && v[i].space.len)
		v[i].space = SPAN_LIT(" ");
	if (!text.len) { /* only empty quoted-strings, which touch an encoded-word: the white space beside them stays */
		if (i < pieces->n && (space.len || !v[i].space.len))
			v[i].space = space.len ? space : SPAN_LIT(" ");
		return i;
	}
	if (!space.len && (!first || !v[first - 1].open))
		space = SPAN_LIT(" ");
	if (i < pieces->n && !v[i].space.len && !v[i].close)
		v[i].space = SPAN_LIT(" ");
	char encoding = run_encoding(pieces, first, i, strbuf_span(&text));
	size_t length = encoded_word_length(strbuf_span(&text), pieces->place, encoding);
	line_space(line, space,
		   keeps_head(line) ? ENCODED_WORD_LEAST + ENCODED_WORD_ROOM_AFTER : room_for_run(pieces, length, i));
	encoded_word_add(&line->fold, strbuf_span(&text), pieces->place, encoding);
	line->head = false;
	return i;
}

void header_pieces_write(struct header_pieces *pieces, struct span head, const char *eol, struct strbuf *out)
{
	struct line line = {.fold = fold_begin(out, eol), .head = true};
	strbuf_add_span(out, head);
	join_touching(pieces);
	for (size_t i = 0; i < pieces->n;) {
		const struct piece *piece = &pieces->v[i];
		if (piece->kind == PIECE_RAW) {
			i = write_run(pieces, i, &line);
			continue;
		}
		if (piece->space.len)
			line_space(&line, piece->space, width_from(pieces, i));
		line_add(&line, piece->text);
		i++;
	}
	add_unfolded(out, pieces->space);
}
