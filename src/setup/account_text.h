/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account_text: an account as lines of a configuration file, with comments that say where they come from.  Pure. */
#ifndef SETUP_ACCOUNT_TEXT_H
#define SETUP_ACCOUNT_TEXT_H

#include "config/account.h"
#include "setup/candidate.h"

enum setup_secret {
	SETUP_SECRET_OPEN,    /* the comments say which lines there can be */
	SETUP_SECRET_KEYRING, /* nothing needs to be said */
	SETUP_SECRET_FILE,
	SETUP_SECRET_OAUTH,
	SETUP_SECRET_NONE /* the server wants no login */
};

struct account_text {
	const char *name;
	const char *address;
	const char *user; /* NULL: that of the candidate, else the address */
	const struct candidate *server;
	const struct candidates *all; /* others of the same kind are named as well; NULL: none */
	bool first_use;		      /* the user accepted the server's key (tls_trust first_use) */
	const struct account *given;  /* settings that the user gave, which are written, too; NULL: none */
	enum config_flavour flavour;
	enum setup_secret secret;
	const char *secret_file;	  /* SETUP_SECRET_FILE: its path */
	const char *provider, *client_id; /* SETUP_SECRET_OAUTH; NULL: the file's "defaults" have the settings */
	const char *client_secret_file;	  /* NULL: none */
};

/* Appends the lines of the account, without comments about the server. */
void account_text_write(const struct account_text *t, struct strbuf *out);
/* Appends a comment, a line or several. */
void account_text_comment(const char *text, struct strbuf *out);
/* The login name that the account gets. */
const char *account_text_user(const struct account_text *t);
/* A sentence that says where this server is known from; malloc'ed. */
MUST_CHECK char *setup_source_text(const struct candidate *c, const char *domain);
/* What the user has to make sure of before this server gets a password, in a sentence; NULL: nothing; malloc'ed. */
MUST_CHECK char *setup_doubt_text(const struct candidate *c, const char *domain);

#endif
