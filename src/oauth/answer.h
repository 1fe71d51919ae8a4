/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_answer: what a token server's answer means: a token, or an error for the user (RFC 6749 sections 5.1 and 5.2).
 * Pure.
 */
#ifndef OAUTH_ANSWER_H
#define OAUTH_ANSWER_H

#include "base/error.h"
#include "oauth/settings.h"
#include "oauth/token.h"

enum oauth_purpose {
	OAUTH_FOR_LOGIN,  /* a code is exchanged: needs a refresh token and the scope */
	OAUTH_FOR_DEVICE, /* the same while a device code waits */
	OAUTH_FOR_REFRESH,
	OAUTH_FOR_CLIENT,
	OAUTH_FOR_REVOKE,
	OAUTH_FOR_METADATA
};

enum oauth_answer {
	OAUTH_ANSWER_TOKEN,	   /* a token was granted */
	OAUTH_ANSWER_PENDING,	   /* device: the user has not answered yet (RFC 8628 section 3.5) ... */
	OAUTH_ANSWER_SLOW_DOWN,	   /* ... and the server wants to be asked less often */
	OAUTH_ANSWER_LOGIN_NEEDED, /* the login is over (invalid_grant and the like) */
	OAUTH_ANSWER_FAILED	   /* anything else */
};

struct oauth_question {
	enum oauth_purpose purpose;
	const struct oauth_settings *settings;
	const char *url;  /* the address that was asked */
	int64_t asked_ms; /* since 1970 */
	int64_t login_ms; /* refresh: when the user logged in; 0: not known */
	int64_t now_ms;
};

/* What a login or a refresh brought. */
struct oauth_grant {
	struct oauth_token token;
	struct secret refresh; /* unset: the old one stays valid */
	char *scope;	       /* as granted; NULL: as asked */
};

#define OAUTH_GRANT_INIT ((struct oauth_grant){OAUTH_TOKEN_INIT, SECRET_INIT, NULL})

void oauth_grant_release(struct oauth_grant *g);

/* Reads the answer.  err is set for the last two. */
enum oauth_answer oauth_answer_read(const struct oauth_reply *reply, const struct oauth_question *question,
				    struct oauth_grant *grant, struct error *err);
/* For an answer that is not a token answer by its nature (device authorization, metadata, revocation): true if it is a
 * success with a JSON object, false with the same errors as oauth_answer_read(). */
bool oauth_answer_check(const struct oauth_reply *reply, const struct oauth_question *question,
			struct error *err) MUST_CHECK;
/* Does the granted scope (NULL: as asked) have all that is needed?  Words are compared by their last path part too,
 * because some servers shorten them, in any order; offline_access and the OpenID words are not needed.  False with the
 * first missing word in *missing, malloc'ed. */
bool oauth_scope_covers(const char *asked, const char *granted, char **missing) MUST_CHECK;
/* Sets "ACCOUNT is not logged in" with the command that logs in, ERROR_AUTH_REFUSED.  Returns false. */
bool oauth_answer_login_needed(const struct oauth_settings *s, struct error *err);

#endif
