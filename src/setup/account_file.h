/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account_file: the user's configuration file, to which an account is added; all that is in it stays. */
#ifndef SETUP_ACCOUNT_FILE_H
#define SETUP_ACCOUNT_FILE_H

#include "config/configuration.h"

struct account_file {
	char *path;
	bool exists;
	enum config_flavour flavour;
	struct strbuf before; /* what is in it */
	struct config config; /* its accounts */
};
#define ACCOUNT_FILE_INIT ((struct account_file){.before = STRBUF_INIT, .config = CONFIG_INIT})

void account_file_release(struct account_file *f);
/* Reads the file of that name, or the user's, which need not be there yet; msmtp: the program was called msmtp.
 * ERROR_CONFIG if there is an error in it: it has to be corrected first. */
bool account_file_read(struct account_file *f, const char *named, bool msmtp, const struct runtime *runtime,
		       struct error *err) MUST_CHECK;
/* A name for an account that is not used yet: wanted, or wanted with a number; malloc'ed. */
MUST_CHECK char *account_file_name(const struct account_file *f, const char *wanted);
/* The accounts as they will be with this text at the end, so that its "defaults" hold for the new account. */
bool account_file_try(const struct account_file *f, const char *text, const struct runtime *runtime, struct config *out,
		      struct error *err) MUST_CHECK;
/* Adds the text, with mode 0600, so that a reader sees the old content or the new one. */
bool account_file_add(const struct account_file *f, const char *text, const struct runtime *runtime,
		      struct error *err) MUST_CHECK;
/* A file beside it for a secret of this account, written with mode 0600: "KIND-NAME"; its path, malloc'ed. */
bool account_file_keep_secret(const struct account_file *f, const char *kind, const char *name,
			      const struct secret *secret, const struct runtime *runtime, char **path,
			      struct error *err) MUST_CHECK;

#endif
