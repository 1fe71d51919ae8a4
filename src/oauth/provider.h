/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_provider: what is known about one provider of mail: addresses, scope, what its OAuth2 server wants and refuses.
 *
 * It comes from the file oauth_providers of the package, which says how it is written.  The administrator may have
 * another one in the folder of the system's configuration: its entries may be new, or replace single lines of those in
 * the package's file, for instance to add a client id.  The files are read only for an account with an oauth setting.
 */
#ifndef OAUTH_PROVIDER_H
#define OAUTH_PROVIDER_H

#include "base/error.h"
#include "base/runtime.h"

enum oauth_flow { OAUTH_FLOW_UNSET, OAUTH_FLOW_DEVICE, OAUTH_FLOW_CODE, OAUTH_FLOW_CLIENT };
#define OAUTH_FLOWS (OAUTH_FLOW_CLIENT + 1)
extern const char *const oauth_flow_names[OAUTH_FLOWS]; /* "", "device", "code", "client" */

/* The lines of an entry. */
enum oauth_provider_key {
	OAUTH_PROVIDER_TITLE,	   /* name for people */
	OAUTH_PROVIDER_DOMAINS,	   /* of mail addresses, separated by spaces */
	OAUTH_PROVIDER_SMTP,	   /* HOST PORT tls|starttls */
	OAUTH_PROVIDER_MECHANISMS, /* OAUTHBEARER XOAUTH2 */
	OAUTH_PROVIDER_ISSUER,	   /* the iss that redirections must have, if they have one */
	OAUTH_PROVIDER_AUTHORIZE,  /* addresses; in these four {tenant} stands for oauth_tenant */
	OAUTH_PROVIDER_DEVICE,
	OAUTH_PROVIDER_TOKEN,
	OAUTH_PROVIDER_REVOKE,
	OAUTH_PROVIDER_REVOKE_PAGE, /* where people remove a program's access by hand */
	OAUTH_PROVIDER_SCOPE,
	OAUTH_PROVIDER_CLIENT_SCOPE,  /* scope of the flow "client" */
	OAUTH_PROVIDER_FLOWS,	      /* those that work for mail, the best one first */
	OAUTH_PROVIDER_SECRET,	      /* required|optional|none */
	OAUTH_PROVIDER_SECRET_BY,     /* post|basic */
	OAUTH_PROVIDER_REDIRECT,      /* 127.0.0.1|localhost */
	OAUTH_PROVIDER_PARAMETERS,    /* more of the authorize request: NAME=VALUE, separated by spaces */
	OAUTH_PROVIDER_REFRESH_SCOPE, /* yes|no: scope is sent again on refresh */
	OAUTH_PROVIDER_TENANT,	      /* what {tenant} is if oauth_tenant is not set */
	OAUTH_PROVIDER_CLIENT_ID,     /* never in the package's file */
	OAUTH_PROVIDER_APP_PASSWORD,  /* what people do who cannot register a program */
	OAUTH_PROVIDER_REGISTER,      /* how to register one; several lines are joined by spaces */
	OAUTH_PROVIDER_EARLY_END,     /* what to do if a login ends within eight days */
	OAUTH_PROVIDER_TESTED,	      /* date and outcome of the last try with the provider itself */
	OAUTH_PROVIDER_KEYS
};

struct oauth_provider {
	char *name;			 /* NULL: none was read */
	char *line[OAUTH_PROVIDER_KEYS]; /* NULL: not given */
};

#define OAUTH_PROVIDER_INIT ((struct oauth_provider){.name = NULL})

void oauth_provider_release(struct oauth_provider *p);

/* Reads one entry; what it has already is replaced line by line.  text is checked completely: ERROR_CONFIG names file
 * and line of what is wrong, whichever entry it is in.  *found is set if the entry is there.  Pure. */
bool oauth_provider_parse(struct span text, const char *file, const char *name, struct oauth_provider *out, bool *found,
			  struct error *err) MUST_CHECK;
/* Reads the entry from the files of the runtime.  ERROR_CONFIG lists the names there are if this one is not. */
bool oauth_provider_find(const struct runtime *runtime, const char *name, struct oauth_provider *out,
			 struct error *err) MUST_CHECK;
/* The name of the entry whose mail server this host is, malloc'ed; NULL: none. */
char *oauth_provider_of_host(const struct runtime *runtime, const char *host) MUST_CHECK;
/* Appends the names of all entries in text. */
void oauth_provider_names(struct span text, struct strvec *names);

/* Does a line of words have this word? */
bool oauth_provider_lists(const struct oauth_provider *p, enum oauth_provider_key key, const char *word);

#endif
