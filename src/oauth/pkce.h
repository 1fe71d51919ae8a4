/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_pkce: what a login by authorization code proves itself with: a verifier that only we know, and the challenge
 * made of it that the browser takes to the server (RFC 7636).  The method is always S256.
 */
#ifndef OAUTH_PKCE_H
#define OAUTH_PKCE_H

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"

#define OAUTH_CHALLENGE_SIZE 44 /* 43 characters and NUL */

struct oauth_pkce {
	struct secret verifier; /* 43 characters */
	char challenge[OAUTH_CHALLENGE_SIZE];
};

#define OAUTH_PKCE_INIT ((struct oauth_pkce){.verifier = SECRET_INIT})

void oauth_pkce_release(struct oauth_pkce *p);
void oauth_pkce_make(struct oauth_pkce *p, const struct rng *rng);
/* The challenge of any verifier. */
void oauth_pkce_challenge(struct span verifier, char out[OAUTH_CHALLENGE_SIZE]);
/* Sets out to 256 random bits as 43 characters of the URL-safe base64 alphabet. */
void oauth_random_text(const struct rng *rng, struct secret *out);

#endif
