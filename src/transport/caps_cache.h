/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * caps_cache: what servers listed after EHLO, remembered from one invocation
 * to the next, in the state file "capabilities": for early pipelining, what of
 * it the server refused, and what can be offered to clients of our own.
 *
 *	posthaste capabilities 1
 *	server HOST PORT tls|clear LOCAL-NAME +USER|- TIME
 *	 KEYWORD PARAMETERS
 *	...
 *	server HOST PORT tls|clear ! TIME
 *	 KEYWORD
 *	...
 *	server HOST PORT tls|clear * TIME
 *	 KEYWORD PARAMETERS
 *	...
 *	end
 *
 * The entry with "!" has the keywords that the server offers and refused when they were used, that with "*" what
 * clients were to know of its offers.
 *
 * It is only a hint: a file that is missing, foreign, damaged or too old counts as empty, and of two programs that
 * write at once the later one wins.  A privileged process remembers nothing.
 */
#ifndef TRANSPORT_CAPS_CACHE_H
#define TRANSPORT_CAPS_CACHE_H

#include "base/runtime.h"
#include "smtp/caps.h"

#define CAPS_CACHE_NAME "capabilities"
#define CAPS_CACHE_DAYS 30
#define CAPS_CACHE_SERVERS 64 /* the oldest goes */

/* To whom the list was shown, and under which name the client came. */
struct caps_cache_key {
	const char *host;
	unsigned port;
	bool tls; /* from the first octet */
	const char *local_name;
	const char *user; /* NULL: without authentication */
};

/* All of them: err says why the file could not be used; its kind stays NONE if nothing is wrong. */

/* True with caps filled when there is an entry with PIPECONNECT. */
bool caps_cache_find(const struct runtime *runtime, const struct caps_cache_key *key, struct caps *caps,
		     struct error *err);
/* Stores the list.  False: not stored; a list without PIPECONNECT, or one larger than servers' lists are, never is. */
bool caps_cache_keep(const struct runtime *runtime, const struct caps_cache_key *key, const struct caps *caps,
		     struct error *err);
/* What the server of this key offers and refuses (enum cap bits); its name and user do not matter.  0: nothing is
 * known. */
unsigned caps_cache_find_unkept(const struct runtime *runtime, const struct caps_cache_key *key, struct error *err);
/* Adds to that.  True: stored. */
bool caps_cache_add_unkept(const struct runtime *runtime, const struct caps_cache_key *key, unsigned unkept,
			   struct error *err);
/* What caps_cache_keep_offers() was given of the server of this key; its name and user do not matter.  True with caps
 * filled: there is an entry, which may be empty. */
bool caps_cache_find_offers(const struct runtime *runtime, const struct caps_cache_key *key, struct caps *caps,
			    struct error *err);
/* Stores those of these capabilities (enum cap bits) that are offered.  An entry of less than a day that says the same
 * is left, and without an entry no empty one is made.  False: it is not as it should be. */
bool caps_cache_keep_offers(const struct runtime *runtime, const struct caps_cache_key *key, const struct caps *caps,
			    unsigned bits, struct error *err);
/* Forgets the entry.  True if there was one. */
bool caps_cache_drop(const struct runtime *runtime, const struct caps_cache_key *key, struct error *err);

#endif
