/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * encoded_word: "=?UTF-8?Q?J=C3=BCrgen?=" (RFC 2047 section 2), made and recognized.
 */
#ifndef CODEC_ENCODED_WORD_H
#define CODEC_ENCODED_WORD_H

#include "base/strbuf.h"
#include "codec/line_limits.h"

#define ENCODED_WORD_MAX 75
/* The longest encoded-word with a single character in it. */
#define ENCODED_WORD_LEAST 24

/* What Q encoding leaves as it is. */
enum encoded_word_place {
	ENCODED_WORD_TEXT,  /* in unstructured text: section 5, rule (1) */
	ENCODED_WORD_PHRASE /* in a phrase or comment: rules (2) and (3) */
};

/* Base64 ('B') or quoted-printable ('Q'), whichever makes text shorter; 'Q' if neither does. */
char encoded_word_shorter(struct span text, enum encoded_word_place place);
/* The length of text, all of it, in one encoded-word. */
size_t encoded_word_length(struct span text, enum encoded_word_place place, char encoding);
/*
 * Appends one encoded-word of at most room octets (never more than
 * ENCODED_WORD_MAX, never less than one character takes) with as many characters
 * from the start of text as fit.  Returns how many octets of text it holds.  text
 * is UTF-8 and not empty.
 */
size_t encoded_word_add(struct strbuf *out, struct span text, enum encoded_word_place place, char encoding,
			size_t room);

/* True if all of word is one encoded-word, in any charset and of any length: readers show the long ones, too. */
bool encoded_word_is(struct span word);
bool encoded_word_is_base64(struct span word);

#endif
