/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * candidate: one way in which the server for somebody's mail may be reached and logged in to, and who says so.
 */
#ifndef SETUP_CANDIDATE_H
#define SETUP_CANDIDATE_H

#include "base/cleanup.h"
#include "base/span.h"

enum setup_mode { SETUP_TLS, SETUP_STARTTLS, SETUP_PLAIN };

/* What the login wants; several bits: the user chooses. */
enum setup_login {
	SETUP_PASSWORD = 1 << 0,
	SETUP_APP_PASSWORD = 1 << 1, /* a password that is made for one program on the provider's web page */
	SETUP_OAUTH = 1 << 2
};

/* In the order in which they are believed. */
enum setup_source {
	SETUP_NAMED,	     /* the user names the server */
	SETUP_PRESET,	     /* our table, by the domain of the address */
	SETUP_AUTOCONFIG,    /* a file of the domain itself */
	SETUP_PRESET_MX,     /* our table, by the server that takes the domain's mail */
	SETUP_AUTOCONFIG_MX, /* a file of that server's domain */
	SETUP_SRV,	     /* records of the domain in the DNS */
	SETUP_DATABASE	     /* the public database */
};

struct candidate {
	char *host;
	unsigned port;
	enum setup_mode mode;
	enum setup_source source;
	char *user;	      /* the login name; NULL: not known */
	unsigned login;	      /* bits of enum setup_login */
	const char *provider; /* in the table of OAuth2 providers, or NULL; a constant */
	char *told_by; /* the host that a file came from, or the one that takes the mail; NULL: nothing of that kind */
	bool doubtful; /* whoever can forge an answer of the DNS could have named it: the user has to say yes */
};
struct candidates {
	struct candidate *v;
	size_t n, cap;
};
#define CANDIDATES_INIT ((struct candidates){NULL, 0, 0})

void candidates_release(struct candidates *list);
/* Appends a copy, unless host, port and mode are there already. */
void candidates_add(struct candidates *list, const struct candidate *c);
/*
 * Brings them into the order in which they are tried: the most believed source first, and of one source the encrypted
 * ones before the others, else as they came.  A candidate without encryption gets the usual encrypted ways of its host
 * before it; one whose port is usual for the other way of TLS (465, 587, 25) gets that way after it.
 */
void candidates_rank(struct candidates *list);
/* Is host the domain, or in it? */
bool setup_is_within(struct span host, struct span domain);
/* "STARTTLS" and the like, for people; not translated, but for the one without encryption. */
const char *setup_mode_text(enum setup_mode mode);

#endif
