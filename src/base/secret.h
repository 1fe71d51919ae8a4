/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * secret: a password or token.
 *
 * The bytes are in memory that is kept out of core dumps and swap where the system allows it, and that is overwritten
 * when released.  printf cannot print the struct, on purpose: the only way to the bytes is secret_reveal(), so that
 * "grep secret_reveal" lists every use of a secret.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/cleanup.h"
#include "base/span.h"

struct secret {
	char *octets; /* NULL: unset */
	size_t len;
	size_t room;
};

#define SECRET_INIT ((struct secret){NULL, 0, 0})

/* Overwrites and frees. */
void secret_release(struct secret *s);
/* Replaces the content by a copy; the caller wipes the original. */
void secret_set(struct secret *s, const void *octets, size_t len);
void secret_append(struct secret *s, const void *octets, size_t len);
/* Appends a text and the NUL after it, as a helper program reads it (span_field()); NULL is "". */
void secret_append_field(struct secret *s, const char *text);
/* The two share their bytes until one of them changes.  Not safe between threads. */
void secret_copy(struct secret *to, const struct secret *from);
bool secret_is_set(const struct secret *s);
/* Removes one line end (LF or CRLF) at the end, as left by files and pipes. */
void secret_chomp(struct secret *s);
/* True if it contains CR, LF or NUL, with which it cannot be sent as a password. */
bool secret_has_line_break(const struct secret *s);
/* The bytes, borrowed until the secret changes; followed by a NUL.  Never copy them into anything that is printed,
 * logged or passed to a child. */
struct span secret_reveal(const struct secret *s);

#endif
