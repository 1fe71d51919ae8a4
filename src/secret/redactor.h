/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * redactor: hides a secret in text that came from elsewhere.
 *
 * posthaste never prints a password, but a server may repeat what it was sent ("535 bad password xyz"), and its text
 * goes to the terminal, the trace, JSON and logs.  The secret itself is hidden, and so are its base64 (at any offset
 * within a longer text, both alphabets), hex and URL forms, also with changes of line of a reply within them, four
 * bytes or more apart.  Secrets shorter than four bytes are not hidden, because that would cover ordinary words.
 * Neither are beginnings of a secret, except where text was cut (clean_text): there, four bytes of it are enough.
 */
#ifndef SECRET_REDACTOR_H
#define SECRET_REDACTOR_H

#include "base/secret.h"
#include "base/status.h"

struct redactor {
	struct secret forms; /* the forms to hide, NUL-terminated, one after another */
};

#define REDACTOR_INIT ((struct redactor){SECRET_INIT})

void redactor_release(struct redactor *m);
/* Sets the secret to hide; replaces the previous one.  An unset secret hides nothing. */
void redactor_set(struct redactor *m, const struct secret *s);
/* Adds a secret to hide. */
void redactor_add(struct redactor *m, const struct secret *s);
/* Replaces each form, and what a cut left of one, by "***", in place; text may be NULL. */
void redactor_apply(const struct redactor *m, char *text);
/* The same for one line of a reply, whose other lines are shown elsewhere: a part of a form at either end, or that
 * is all there is, is replaced too. */
void redactor_apply_reply_line(const struct redactor *m, char *text);
/* The same for every text of a status. */
void redactor_apply_status(const struct redactor *m, struct status *s);

#endif
