/* SPDX-License-Identifier: GPL-3.0-or-later */
/* expand_names: what this machine and its user are called, looked up only when needed. */
#ifndef SUBMIT_EXPAND_NAMES_H
#define SUBMIT_EXPAND_NAMES_H

#include "config/expand.h"
#include "header/header_scan.h"

struct expand_names {
	char *user, *host, *canonical, *from_header, *mailname;
	struct expand_values values; /* points at the strings above */
};
void expand_names_release(struct expand_names *n);
/* Finds those of the names that text (from, domain; NULL allowed) has sequences for. */
void expand_names_find(struct expand_names *n, const char *const *texts, size_t count, const struct header_list *fields,
		       char *const *env);

#endif
