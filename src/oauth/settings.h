/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_settings: how an account logs in by OAuth2: addresses, scope and client, each with the place it comes from.
 *
 *	AUTO(oauth_settings) s = OAUTH_SETTINGS_INIT;
 *	if (oauth_settings_make(&wishes, runtime, &s, err) && oauth_metadata_discover(&s, &network, err))
 *		use(s.value[OAUTH_TOKEN_URL].text);
 *
 * As soon as the account sets one address or the issuer, none of the provider's addresses and scopes is used: a token
 * must never go to a server that the user did not mean.
 */
#ifndef OAUTH_SETTINGS_H
#define OAUTH_SETTINGS_H

#include "oauth/http.h"
#include "oauth/provider.h"

enum oauth_value_id {
	OAUTH_DEVICE_URL,
	OAUTH_AUTHORIZE_URL,
	OAUTH_TOKEN_URL,
	OAUTH_REVOKE_URL, /* of the provider or the metadata only */
	OAUTH_SCOPE,
	OAUTH_CLIENT_ID,
	OAUTH_ISSUER, /* RFC 8414: where the metadata is; with a provider: the iss to be compared (RFC 9207) */
	OAUTH_TENANT,
	OAUTH_VALUES
};

/* What the account says; NULL: not set. */
struct oauth_wish {
	const char *text;
	const char *source; /* "FILE, line N" */
};
struct oauth_wishes {
	const char *account; /* its name; "" for one made from the command line */
	const char *user;
	const char *host; /* of the mail server, for messages */
	struct oauth_wish value[OAUTH_VALUES];
	struct oauth_wish provider;
	enum oauth_flow flow;
	const struct secret *client_secret; /* unset or NULL: none */
	const char *client_secret_file;	    /* or NULL */
	unsigned redirect_port;		    /* 0: a free one */
};

struct oauth_value {
	char *text;   /* NULL: there is none */
	char *source; /* "FILE, line N", "provider google", "metadata of https://..." */
};
struct oauth_settings {
	char *account, *user, *host;
	char *server; /* what tokens are bound to: the token address, or the issuer that has not been asked for it */
	struct oauth_provider provider; /* its name is NULL if none is set */
	struct oauth_value value[OAUTH_VALUES];
	const char *revoke_page; /* of the provider, if its addresses are used; NULL: not known */
	enum oauth_flow flow;	 /* never OAUTH_FLOW_UNSET, but before oauth_metadata_discover() */
	struct secret client_secret;
	bool secret_by_basic; /* sent in the Authorization field, not in the form */
	bool refresh_scope;   /* scope is sent again on refresh */
	bool needs_metadata;  /* oauth_metadata_discover() has to ask the issuer */
	bool iss_promised;    /* redirections have iss (RFC 9207 section 3) */
	unsigned redirect_port;
};

#define OAUTH_SETTINGS_INIT ((struct oauth_settings){.provider = OAUTH_PROVIDER_INIT, .client_secret = SECRET_INIT})

void oauth_settings_release(struct oauth_settings *s);
/*
 * Resolves and checks, without network.  ERROR_CONFIG names what is missing or does not go together, and the cure.  The
 * hint for a missing client id is the provider's paragraph about registering.
 */
bool oauth_settings_make(const struct oauth_wishes *wishes, const struct runtime *runtime, struct oauth_settings *s,
			 struct error *err) MUST_CHECK;
/* Can the flow be used with these settings?  ERROR_CONFIG names the one that works. */
bool oauth_settings_allow(const struct oauth_settings *s, enum oauth_flow flow, struct error *err) MUST_CHECK;
/* The account's name for messages and commands. */
const char *oauth_settings_title(const struct oauth_settings *s);

/* Appends the client's identification to a form: client_id, and client_secret if there is one, unless that goes into
 * the Authorization field (then id and password, encoded, are set there, and client_id is left out). */
void oauth_settings_identify(const struct oauth_settings *s, struct secret *form, struct secret *basic_name,
			     struct secret *basic_password);
/* Asks the token server, or another server of the account, with a form to which the identification is added. */
bool oauth_settings_post(const struct oauth_settings *s, const struct oauth_network *network, const char *url,
			 struct secret *form, struct oauth_reply *reply, struct error *err) MUST_CHECK;

#endif
