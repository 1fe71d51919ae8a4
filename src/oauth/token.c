/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/token.h"

#define EARLY_MS 60000

void oauth_token_release(struct oauth_token *t)
{
	secret_release(&t->access);
	*t = OAUTH_TOKEN_INIT;
}

bool oauth_token_is_due(const struct oauth_token *t, int64_t now_ms)
{
	int64_t tenth = t->life_ms / 10, early = tenth < EARLY_MS ? tenth : EARLY_MS;
	return now_ms < t->issued_ms || now_ms - t->issued_ms >= t->life_ms - early;
}
