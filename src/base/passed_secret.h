/* SPDX-License-Identifier: GPL-3.0-or-later */
/* passed_secret: what was read from descriptors that the caller passed, each of which can be read once only. */
#ifndef BASE_PASSED_SECRET_H
#define BASE_PASSED_SECRET_H

#include "base/secret.h"

struct passed_secrets {
	struct passed_secret *first;
};
#define PASSED_SECRETS_INIT ((struct passed_secrets){NULL})
void passed_secrets_release(struct passed_secrets *p);

/* What was read from fd, borrowed; NULL: nothing, or p is NULL. */
const struct secret *passed_secrets_find(const struct passed_secrets *p, int fd);
/* Keeps a copy; does nothing if p is NULL. */
void passed_secrets_keep(struct passed_secrets *p, int fd, const struct secret *secret);

#endif
