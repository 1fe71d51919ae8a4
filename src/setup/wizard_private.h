/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wizard: what its files share. */
#ifndef SETUP_WIZARD_PRIVATE_H
#define SETUP_WIZARD_PRIVATE_H

#include "setup/probe.h"
#include "setup/wizard.h"

struct wizard {
	const struct wizard_request *r;
	char *domain; /* of the address */
	struct discovery d;
	struct account_file file;
	char *name;			/* of the account */
	struct strvec agreed, declined; /* hosts */
	char *user;
	bool user_is_usual, tried_other; /* the user took the name that was offered; the other form was tried */
	struct secret password;
	bool worked;		  /* the login did */
	enum setup_secret secret; /* where it is kept */
	char *secret_file, *client_id, *client_secret_file;
	char *provider; /* of OAuth2; NULL: none is known, or the file's "defaults" have the settings */
	bool first_use; /* the user accepted the server's key */
};

enum wizard_login { WIZARD_PASSWORD, WIZARD_OAUTH, WIZARD_NONE, WIZARD_END };

/* The file of authorities for HTTPS: that for the mail server, if it is one; NULL: the system's. */
const char *wizard_trust_file(const struct account *given);
/* Borrows all. */
struct account_text wizard_text(const struct wizard *w, const struct candidate *c, enum setup_secret secret);
/* The login name; what was found is offered. */
bool wizard_ask_user(struct wizard *w, const struct candidate *c, struct error *err) MUST_CHECK;
/* How to log in; asks if there is a choice.  WIZARD_END with err. */
enum wizard_login wizard_login_kind(struct wizard *w, const struct candidate *c, struct error *err);
/* The server's certificate is not trusted: shows its key, which the user may accept.  False: there is nothing to
 * accept, or the user does not. */
bool wizard_accept_key(struct wizard *w, const struct candidate *c) MUST_CHECK;
/* Keeps the password that worked. */
bool wizard_store_password(struct wizard *w, const struct candidate *c, struct error *err) MUST_CHECK;
/* Logs in by OAuth2, and tries that. */
bool wizard_oauth(struct wizard *w, const struct candidate *c, struct error *err) MUST_CHECK;

#endif
