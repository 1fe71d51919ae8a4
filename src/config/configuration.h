/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config: the accounts of the configuration files, and the choice of one of them.
 */
#ifndef CONFIG_CONFIGURATION_H
#define CONFIG_CONFIGURATION_H

#include "base/runtime.h"
#include "config/account.h"

/* A literal secret in the system's configuration that others can read or change.  It matters to those who use it. */
struct secret_fault {
	const char *file; /* of config.files */
	struct error why; /* ERROR_NONE: all users can read it, which is only worth a warning */
};

struct config {
	struct account **accounts; /* the user's before the system's; a user's account hides the system's account of the
				      same name */
	size_t n, cap;
	size_t n_users;		/* how many of them are the user's */
	struct strvec files;	/* names of the files read, in order; origins point here */
	struct strvec names;	/* names of environment variables; origins point here */
	struct strvec warnings; /* one line each, for cli to print */
	struct secret_fault *secret_faults;
	size_t n_secret_faults, cap_secret_faults;
	bool evaluates;		   /* a line of it came from a command (eval) */
	struct strvec unusable;	   /* names of files that were read and not used, because one of them has an error */
	struct error system_error; /* why the system's file could not be used; reported if no account is found */
};
#define CONFIG_INIT                               \
	((struct config){.files = STRVEC_INIT,    \
			 .names = STRVEC_INIT,    \
			 .warnings = STRVEC_INIT, \
			 .unusable = STRVEC_INIT, \
			 .system_error = ERROR_INIT})
void config_release(struct config *c);

/* The account of that name (case-sensitive), borrowed from c, or NULL. */
const struct account *config_find(const struct config *c, const char *name);

/* Where configuration files are looked for: paths in the order in which they are tried, existing or not. */
struct config_files {
	struct strvec user, system;
	bool msmtp; /* all are msmtprcs, whatever their names say: the program was called msmtp */
};
#define CONFIG_FILES_INIT ((struct config_files){STRVEC_INIT, STRVEC_INIT, false})
void config_files_release(struct config_files *files);
/* The only list of them.  The user's follow from HOME and XDG_CONFIG_HOME in env. */
void config_files_find(struct config_files *files, char *const *env, const char *sysconfdir);

/* Loads one file of the user (user_file, which -C names, or if that is NULL the first of files->user that exists), then
 * one of the system.  It is not an error if there is none (n == 0), nor if its folder cannot be entered.  A user's file
 * that cannot be read: ERROR_FILE_MISSING; a system's: a warning.  A file holding a literal secret must be private
 * (checked on the open descriptor, any owner but us or root is refused): ERROR_CONFIG.  A file is an msmtprc or ours
 * as files->msmtp, its name (flavour.h), the file that includes it and, above all, its first command "syntax" say. */
bool config_load(struct config *c, const char *user_file, const struct config_files *files,
		 const struct runtime *runtime, struct error *err) MUST_CHECK;
/* One file's text, for tests and fuzzers; name decides nothing, flavour does.  Syntax errors:
 * ERROR_CONFIG "FILE, line N, column C: expected ..., got ...".  include is taken as if the other file's lines
 * stood here, relative to this file; accounts begun there end there.  On failure c is as before. */
bool config_parse(struct config *c, const char *name, struct span text, enum config_flavour flavour,
		  const struct runtime *runtime, struct error *err) MUST_CHECK;
/* The same for a file on disk. */
bool config_load_file(struct config *c, const char *path, enum config_flavour flavour, const struct runtime *runtime,
		      struct error *err) MUST_CHECK;
/* POSTHASTE_HOST=... of env become the account "default" (own flavour); *found: whether there were any.
 * POSTHASTE_PASSWORD is refused: POSTHASTE_PASSWORD_FILE and the like (no secret in the environment). */
bool config_from_environment(struct config *c, char *const *env, bool *found, struct error *err) MUST_CHECK;

struct account_request {
	const char *account;		 /* -a, or NULL */
	const char *envelope_from;	 /* known from -f or the header, or NULL */
	const struct strvec *recipients; /* for match_to, or NULL */
	const struct account *flags;	 /* set values of the command line, or NULL */
	char *const *environ;		 /* for POSTHASTE_*, EMAIL, SMTPSERVER */
};
/*
 * Chooses an account as msmtp does, the first of: the command line alone, if it has --host; the account given with
 * -a; the first account that match_account() accepts; the account "default"; the only account, unless it is for some
 * senders or recipients; the environment (POSTHASTE_* only if there is no file at all; SMTPSERVER before the only
 * account of an msmtprc).  Then applies the command line, completes and checks.  Returns the account, owned by the
 * caller; *why says in one sentence which one and why, malloc'ed.  NULL with ERROR_CONFIG or ERROR_USAGE (-a with
 * --host).
 */
MUST_CHECK struct account *config_choose(struct config *c, const struct account_request *req, char **why,
					 struct error *err);
/* The same choice without the check, to log something about an account that cannot be used.  NULL if no account can
 * be determined. */
MUST_CHECK struct account *config_choose_unchecked(struct config *c, const struct account_request *req);

#endif
