/* SPDX-License-Identifier: GPL-3.0-or-later */
/* names: what this machine and its user are called, looked up only when asked. */
#ifndef CLI_NAMES_H
#define CLI_NAMES_H

#include "config/expand.h"
#include "message/header_scan.h"

struct names {
	char *user, *host, *canonical, *from_header, *mailname;
	struct expand_values values; /* points at the strings above */
};
void names_release(struct names *n);
/* Finds those of the names that text (from, domain; NULL allowed) has sequences for. */
void names_find(struct names *n, const char *const *texts, size_t count, const struct header_list *fields);

#endif
