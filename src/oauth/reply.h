/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_reply: what the helper posthaste-http answered (oauth/http.h describes it), taken apart.  Pure.
 */
#ifndef OAUTH_REPLY_H
#define OAUTH_REPLY_H

#include "base/secret.h"

/* The most bytes of an answer. */
#define OAUTH_HTTP_LIMIT ((size_t)64 << 10)

enum oauth_reply_kind {
	OAUTH_REPLY_ANSWER,	   /* the server answered */
	OAUTH_REPLY_UNRESOLVED,	   /* its name could not be resolved */
	OAUTH_REPLY_UNREACHABLE,   /* no connection */
	OAUTH_REPLY_TIMEOUT,	   /* no answer in time, before the request was sent ... */
	OAUTH_REPLY_SILENT,	   /* ... or after it */
	OAUTH_REPLY_LOST,	   /* the connection ended before the answer did */
	OAUTH_REPLY_PROXY,	   /* the proxy refused */
	OAUTH_REPLY_PROXY_LOGIN,   /* the proxy wants a login, or another one */
	OAUTH_REPLY_UNTRUSTED,	   /* certificate: issued by an unknown authority */
	OAUTH_REPLY_EXPIRED,	   /* certificate: expired */
	OAUTH_REPLY_NOT_YET_VALID, /* certificate: not yet valid */
	OAUTH_REPLY_WRONG_NAME,	   /* certificate: issued for another name */
	OAUTH_REPLY_TRUST_FILE,	   /* the trust file cannot be used */
	OAUTH_REPLY_TLS,	   /* anything else about TLS */
	OAUTH_REPLY_TOO_LONG,	   /* more than OAUTH_HTTP_LIMIT bytes */
	OAUTH_REPLY_FAILED,	   /* anything else, and an answer of the helper that cannot be read */
	OAUTH_REPLY_KINDS
};
enum oauth_content { OAUTH_CONTENT_JSON, OAUTH_CONTENT_HTML, OAUTH_CONTENT_EMPTY, OAUTH_CONTENT_OTHER };

struct oauth_member {
	char type; /* s n b z a x */
	const char *name, *value;
};

struct oauth_reply {
	struct secret all; /* what the helper wrote; the texts below are parts of it */
	enum oauth_reply_kind kind;
	int code;	  /* HTTP status */
	long retry_after; /* seconds; -1: the server did not say */
	enum oauth_content content;
	const char *detail; /* never NULL */
	struct oauth_member *members;
	size_t n;
};

#define OAUTH_REPLY_INIT ((struct oauth_reply){.all = SECRET_INIT, .kind = OAUTH_REPLY_FAILED, .detail = ""})

void oauth_reply_release(struct oauth_reply *reply);
/* Reads what the helper wrote, which is moved into the reply.  What cannot be read is OAUTH_REPLY_FAILED. */
void oauth_reply_read(struct oauth_reply *reply, struct secret *written);
/* The member of this name; NULL if there is none. */
const struct oauth_member *oauth_reply_member(const struct oauth_reply *reply, const char *name);
/* The value of a member that is a string and not empty, else NULL. */
const char *oauth_reply_string(const struct oauth_reply *reply, const char *name);
/* The value of a member that is a number, or a string with one, without its fraction.  False if it is missing or
 * something else. */
bool oauth_reply_number(const struct oauth_reply *reply, const char *name, long long *value);
/* Does a list of strings, or a string of words, have this word? */
bool oauth_reply_lists(const struct oauth_reply *reply, const char *name, const char *word);

#endif
