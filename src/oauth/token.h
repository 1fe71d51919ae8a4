/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oauth_token: an access token and how long it may be used.  Pure. */
#ifndef OAUTH_TOKEN_H
#define OAUTH_TOKEN_H

#include "base/clock.h"
#include "base/secret.h"

#define OAUTH_LIFE_UNKNOWN_MS ((int64_t)3600 * 1000)	/* used so long where the server did not say */
#define OAUTH_LIFE_MAX_MS ((int64_t)366 * 86400 * 1000) /* whatever the server says */

struct oauth_token {
	struct secret access;
	int64_t issued_ms; /* since 1970, by our clock, when it was asked for */
	int64_t life_ms;   /* 0: to be used once and not kept */
};

#define OAUTH_TOKEN_INIT ((struct oauth_token){.access = SECRET_INIT})

void oauth_token_release(struct oauth_token *t);
/* Has it to be replaced before it is used?  60 seconds before its end, or a tenth of its life if that is less; also if
 * it is from the future, because the clock was set. */
bool oauth_token_is_due(const struct oauth_token *t, int64_t now_ms);

#endif
