/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account_index: finds accounts by name, in the same time however many there are. */
#ifndef CONFIG_ACCOUNT_INDEX_H
#define CONFIG_ACCOUNT_INDEX_H

#include "config/account.h"

struct account_index {
	struct account **slots; /* borrowed; NULL: free */
	size_t n, cap;		/* cap is 0 or a power of two */
};
void account_index_release(struct account_index *index);

/* The account is borrowed, with its name.  There is none of that name yet. */
void account_index_add(struct account_index *index, struct account *a);
/* NULL: there is none. */
struct account *account_index_find(const struct account_index *index, struct span name);

#endif
