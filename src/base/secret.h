/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * secret: a password or token.
 *
 * The octets live in memory that is kept out of core dumps and swap where the
 * system allows it, and are overwritten when released.  The struct is opaque
 * to printf on purpose: the only way to the octets is secret_reveal(), so that
 * "grep secret_reveal" lists every place where a secret is used.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/cleanup.h"
#include "base/span.h"

struct secret {
	char *octets; /* NULL: none */
	size_t len;
	size_t room;
};

#define SECRET_INIT ((struct secret){NULL, 0, 0})

/* Wipes and frees. */
void secret_release(struct secret *s);
/* Replaces the content by a copy; the caller wipes his own copy. */
void secret_set(struct secret *s, const void *octets, size_t len);
void secret_append(struct secret *s, const void *octets, size_t len);
/* The octets are shared until one of the two changes.  Not between threads. */
void secret_copy(struct secret *to, const struct secret *from);
bool secret_is_set(const struct secret *s);
/* Cuts one line end (LF or CRLF) at the end, as left by files and pipes. */
void secret_chomp(struct secret *s);
/* True if it holds CR, LF or NUL: no protocol can carry that as a password. */
bool secret_has_line_break(const struct secret *s);
/* Borrowed until the secret changes; NUL-terminated after len.  Never copy it
 * into anything that is printed, logged or passed to a child. */
struct span secret_reveal(const struct secret *s);

#endif
