/* SPDX-License-Identifier: GPL-3.0-or-later */
/* configure_text: what was found for a mail address, as an account to paste and as JSON.  Pure. */
#ifndef SETUP_CONFIGURE_TEXT_H
#define SETUP_CONFIGURE_TEXT_H

#include "base/json.h"
#include "setup/account_text.h"
#include "setup/discover.h"

/* The domain of a mail address, part of it.  NULL with ERROR_ADDRESS if it has none, or is no address. */
const char *configure_domain(const char *address, struct error *err);

struct configure_text {
	const char *address, *domain;
	const struct account *given; /* settings of the command line */
	const struct discovery *found;
};

/* Appends the account for the first server, without comments; nothing if none was found. */
void configure_text_account(const struct configure_text *t, struct strbuf *out);
/* The same with comments. */
void configure_text_write(const struct configure_text *t, struct strbuf *out);
/* Adds the keys address, domain, starttls, secure, servers and account to the object that is open. */
void configure_text_json(const struct configure_text *t, struct json *j);

#endif
