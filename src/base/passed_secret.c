/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/passed_secret.h"

#include "base/xalloc.h"

struct passed_secret {
	int fd;
	struct secret secret;
	struct passed_secret *next;
};

void passed_secrets_release(struct passed_secrets *p)
{
	for (struct passed_secret *at = p->first, *next; at; at = next) {
		next = at->next;
		secret_release(&at->secret);
		free(at);
	}
	p->first = NULL;
}

const struct secret *passed_secrets_find(const struct passed_secrets *p, int fd)
{
	for (const struct passed_secret *at = p ? p->first : NULL; at; at = at->next)
		if (at->fd == fd)
			return &at->secret;
	return NULL;
}

void passed_secrets_keep(struct passed_secrets *p, int fd, const struct secret *secret)
{
	if (!p)
		return;
	struct passed_secret *new = xcalloc(1, sizeof(*new));
	new->fd = fd;
	secret_copy(&new->secret, secret);
	new->next = p->first;
	p->first = new;
}
