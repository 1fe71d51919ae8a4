/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mask: hides a secret in words that came from elsewhere.
 *
 * We never print a password, but a server may repeat what it was told ("535 bad
 * password xyz"), and its words go to the terminal, the trace, JSON and logs.
 * Hidden are the secret itself and its base64 (at any offset within a longer
 * text, both alphabets), hex and URL forms.  Secrets shorter than four octets
 * are left alone: they would blacken ordinary words.  So are beginnings of a
secret, except where words were cut (error_clean_text): there four octets of
it are enough.
 */
#ifndef SECRET_MASK_H
#define SECRET_MASK_H

#include "base/secret.h"

struct mask {
	struct secret forms; /* NUL-terminated, one behind the other */
};

#define MASK_INIT ((struct mask){SECRET_INIT})

void mask_release(struct mask *m);
/* Replaces what m hid before.  An unset secret hides nothing. */
void mask_set(struct mask *m, const struct secret *s);
/* Puts "***" in the place of each form, and of what a cut left of one, in place; text may be NULL. */
void mask_text(const struct mask *m, char *text);

#endif
