/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mask: hides a secret in words that came from elsewhere.
 *
 * We never print a password, but a server may repeat what it was told ("535 bad
 * password xyz"), and its words go to the terminal, the trace, JSON and logs.
 * Hidden are the secret itself and its base64 (at any offset within a longer
 * text, both alphabets), hex and URL forms.  Secrets shorter than four octets
 * are left alone: they would blacken ordinary words.  So are beginnings of a
 * secret, except where words were cut (clean_text): there four octets of it
 * are enough.
 */
#ifndef SECRET_REDACTOR_H
#define SECRET_REDACTOR_H

#include "base/secret.h"
#include "base/status.h"

struct redactor {
	struct secret forms; /* NUL-terminated, one behind the other */
};

#define REDACTOR_INIT ((struct redactor){SECRET_INIT})

void redactor_release(struct redactor *m);
/* Replaces what m hid before.  An unset secret hides nothing. */
void redactor_set(struct redactor *m, const struct secret *s);
/* Puts "***" in the place of each form, and of what a cut left of one, in place; text may be NULL. */
void redactor_apply(const struct redactor *m, char *text);
/* The same for every text in a status. */
void redactor_apply_status(const struct redactor *m, struct status *s);

#endif
