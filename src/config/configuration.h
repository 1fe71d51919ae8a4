/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config: the accounts of the configuration files, and the choice of one.
 */
#ifndef CONFIG_CONFIGURATION_H
#define CONFIG_CONFIGURATION_H

#include "config/account.h"

struct config {
	struct account **accounts; /* user's before system's; a user's account hides the system's of the same name */
	size_t n, cap;
	struct strvec files;	/* read, in order; origins point here */
	struct strvec names;	/* of environment variables; origins point here */
	struct strvec warnings; /* one line each, for cli to show */
};
#define CONFIG_INIT ((struct config){NULL, 0, 0, STRVEC_INIT, STRVEC_INIT, STRVEC_INIT})
void config_release(struct config *c);

/* By the file's name: an msmtprc is called so ("msmtprc" in its last part), or is "config" in a folder "msmtp". */
enum config_flavour config_flavour_of(const char *path);
/* The account of that name (case-sensitive), or NULL. */
const struct account *config_find(const struct config *c, const char *name);

/* What the environment offers; a struct so that tests need no setenv. */
struct config_places {
	const char *user_file; /* -C FILE, or NULL: search */
	const char *sysconfdir;
	const char *home;	 /* or NULL */
	const char *config_home; /* $XDG_CONFIG_HOME or ~/.config, or NULL */
};
/* Loads the user's file (first of the contract's list that exists), then the system's.  No file at all is no error
 * (n == 0).  A user's file that cannot be read: ERROR_FILE_MISSING; a system's: a warning.  A file holding a literal
 * secret must be private (judged on the open descriptor, any owner but us or root is refused): ERROR_CONFIG. */
bool config_load(struct config *c, const struct config_places *places, struct error *err) MUST_CHECK;
/* One file's text, for tests and fuzzers; name decides nothing, flavour does.  Syntax errors:
 * ERROR_CONFIG "FILE, line N, column C: expected ..., got ...".  include is taken as if the other file's lines
 * stood here, relative to this file; accounts begun there end there.  On failure c is as before. */
bool config_parse(struct config *c, const char *name, struct span text, enum config_flavour flavour,
		  struct error *err) MUST_CHECK;
/* The same for a file on disk. */
bool config_load_file(struct config *c, const char *path, enum config_flavour flavour, struct error *err) MUST_CHECK;
/* POSTHASTE_HOST=... of environ become the account "default" (own flavour); *found tells if there were any.
 * POSTHASTE_PASSWORD is refused: POSTHASTE_PASSWORD_FILE and the like (no secret in the environment). */
bool config_from_environment(struct config *c, char *const *environ_, bool *found, struct error *err) MUST_CHECK;

struct account_request {
	const char *account;		 /* -a, or NULL */
	const char *envelope_from;	 /* known from -f or the header, or NULL */
	const struct strvec *recipients; /* for match_to, or NULL */
	const struct account *flags;	 /* set values of the command line, or NULL */
	char *const *environ_;		 /* for POSTHASTE_*, EMAIL, SMTPSERVER */
};
/*
 * Chooses as msmtp does (--host: the command line alone; -a; the first account that match_account() takes; "default";
 * environment; POSTHASTE_* only with no file at all), merges the flags over it, completes and checks.  *why says in one
 * sentence which and why.  ERROR_CONFIG / ERROR_USAGE (-a together with --host).
 */
MUST_CHECK struct account *config_choose(struct config *c, const struct account_request *req, char **why,
					 struct error *err);
/* The same choice without the check: for what is to be logged about an account that cannot be used.  NULL when none can
 * be told. */
MUST_CHECK struct account *config_choose_unchecked(struct config *c, const struct account_request *req);

#endif
