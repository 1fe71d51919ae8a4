/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oauth_account: how an account logs in by OAuth2, made from its settings. */
#ifndef TRANSPORT_OAUTH_ACCOUNT_H
#define TRANSPORT_OAUTH_ACCOUNT_H

#include "config/account.h"
#include "oauth/refresh.h"

struct oauth_account {
	struct oauth_settings settings;
	struct oauth_network network;
	struct oauth_store store;
	struct oauth_refresh refresh;
	char *proxy;
};

void oauth_account_release(struct oauth_account *o);
/*
 * Fills in all of it; the members refer to each other, so it must stay where it is.  Borrows from account and runtime.
 * The deadline is that of the account's timeout, or OAUTH_HTTP_PATIENCE_MS, or this one if it is earlier.  ERROR_CONFIG
 * if the settings do not go together (oauth_settings_make()).
 */
bool oauth_account_make(struct oauth_account *o, const struct account *a, const struct runtime *runtime,
			msec_t deadline, struct error *err) MUST_CHECK;
/* The file that changes when the user logs in (oauth_store_mark_path()); NULL: there can be none. */
MUST_CHECK char *oauth_account_path(const struct account *a, const struct runtime *runtime);
/* What oauth_store_checksum() returns for the account; 0 if there is no login. */
uint64_t oauth_account_checksum(const struct account *a, const struct runtime *runtime);
/* Appends a heading, and a line for each address and the like with its source; if the settings do not go together, what
 * is wrong.  Nothing for an account without OAuth2. */
void oauth_account_describe(const struct account *a, const struct runtime *runtime, struct strbuf *out);
/* The same lines as the list "oauth" of the object that is open; empty for no account and one without OAuth2. */
void oauth_account_json(const struct account *a, const struct runtime *runtime, struct json *j);

#endif
