/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * secret_source: where passwords and tokens come from, an ordered list.
 *
 * Each source says FOUND, NONE (ask the next one) or FAIL (stop: it was
 * configured and could not deliver).  Order: password, password_file,
 * passwordeval, terminal; keyring, credential and netrc find their place in
 * the same list.
 */
#ifndef SECRET_SOURCE_H
#define SECRET_SOURCE_H

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"

enum secret_result { SECRET_FOUND, SECRET_NONE, SECRET_FAIL };

struct secret_query {
	const struct secret *literal;  /* `password`, or NULL */
	const char *file;	       /* `password_file`, or NULL */
	const char *command;	       /* `passwordeval`: given to /bin/sh -c, as msmtp does, or NULL */
	const char *host, *user;       /* for prompts and look-ups */
	const char *account;	       /* for prompts and messages; may be NULL */
	bool may_prompt;	       /* the terminal may be asked */
	const struct clock *clock;
	msec_t deadline;
};

struct secret_source {
	const char *name; /* "password", "password_file", ... as --explain shows it */
	enum error_kind useless; /* the kind of error when what it delivers cannot be a password */
	enum secret_result (*fill)(const struct secret_query *q, struct secret *out, struct error *err);
};
extern const struct secret_source *const secret_sources[]; /* in order, NULL-terminated */

/* The members of the list, each in a file of its own. */
extern const struct secret_source secret_source_config, secret_source_file, secret_source_command, secret_source_tty;

/* Goes through the list; *from names the source that delivered.  Line ends at the end are cut, a secret
 * with CR, LF or NUL inside or an empty one is refused.  ERROR_SECRET_UNAVAILABLE when a helper failed (75),
 * ERROR_CONFIG when nothing is configured and no terminal is there, ERROR_FILE_MISSING. */
bool secret_fill(const struct secret_query *q, struct secret *out, const char **from, struct error *err) MUST_CHECK;

#endif
