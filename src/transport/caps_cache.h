/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * caps_cache: what servers listed behind EHLO, remembered from one invocation
 * to the next for early pipelining, in the state file "capabilities".
 *
 *	posthaste capabilities 1
 *	server HOST PORT tls|clear LOCAL-NAME +USER|- TIME
 *	 KEYWORD PARAMETERS
 *	...
 *	end
 *
 * It is only ever a hint: a file that is missing, foreign, damaged or too old
 * is an empty one, and of two who write at once the later one wins.
 */
#ifndef TRANSPORT_CAPS_CACHE_H
#define TRANSPORT_CAPS_CACHE_H

#include "base/error.h"
#include "smtp/caps.h"

#include <time.h>

#define CAPS_CACHE_NAME "capabilities"
#define CAPS_CACHE_DAYS 30
#define CAPS_CACHE_SERVERS 64 /* the oldest goes */

/* To whom the list was shown, and under what name he came. */
struct caps_cache_key {
	const char *host;
	unsigned port;
	bool tls; /* from the first octet */
	const char *local_name;
	const char *user; /* NULL: without authentication */
};

/* All three: err says why the file could not be used, kind NONE if that is as it should be. */

/* True with caps filled when there is an entry with PIPECONNECT. */
bool caps_cache_find(const char *state_home, const struct caps_cache_key *key, time_t now, struct caps *caps,
		     struct error *err);
/* Keeps the list; one without PIPECONNECT, or larger than servers' are, is not worth it.  False: not kept. */
bool caps_cache_keep(const char *state_home, const struct caps_cache_key *key, time_t now, const struct caps *caps,
		     struct error *err);
/* Forgets the entry.  True if there was one. */
bool caps_cache_drop(const char *state_home, const struct caps_cache_key *key, time_t now, struct error *err);

#endif
