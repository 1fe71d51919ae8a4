/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * encoded_word: text that is not ASCII in header fields, as "=?UTF-8?Q?J=C3=BCrgen?=" (RFC 2047).
 *
 * This is the only encoder of such words. Readers of all kinds must show the same text: no character is divided
 * between two words, and a row of base64 words has padding in its last word only (doc/design/conversion.md).
 */
#ifndef CODEC_ENCODED_WORD_H
#define CODEC_ENCODED_WORD_H

#include "codec/fold.h"

/* RFC 2047 section 2. */
#define ENCODED_WORD_MAX 75
/* The longest encoded-word with a single character in it. */
#define ENCODED_WORD_LEAST 24 /* one in unknown-8bit is not longer: an octet is shorter than a character */
/* Room that every line leaves for the ")" and "," that may follow an encoded-word directly. */
#define ENCODED_WORD_ROOM_AFTER 2

/* Which characters the Q encoding leaves as they are. */
enum encoded_word_place {
	ENCODED_WORD_TEXT,  /* in unstructured text: section 5, rule (1) */
	ENCODED_WORD_PHRASE /* in a phrase or comment: rules (2) and (3) */
};

/* The encoding that makes text shorter, 'B' (base64) or 'Q' (quoted-printable). 'Q' if both are equally long. */
char encoded_word_shorter(struct span text, enum encoded_word_place place);
/* The length of a single encoded-word that contains all of text, even if it is longer than ENCODED_WORD_MAX. */
size_t encoded_word_length(struct span text, enum encoded_word_place place, char encoding);
/*
 * Appends text in as many encoded-words as it needs. The first one begins at the current column, each
 * of the others on a new line. If the current line has less room than ENCODED_WORD_LEAST + ENCODED_WORD_ROOM_AFTER, it
 * may become longer than LINE_LIMIT_ENCODED. With 'B', a word is written in Q where base64 would need padding before
 * the end of the row. Text that is not UTF-8 is written octet by octet, in the charset unknown-8bit (RFC 1428).
 */
void encoded_word_add(struct fold *f, struct span text, enum encoded_word_place place, char encoding);

/* Whether word is one complete encoded-word, in any charset and of any length: readers decode longer ones, too. */
bool encoded_word_is(struct span word);
bool encoded_word_is_base64(struct span word);

#endif
