/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * secret_source: where passwords and tokens come from, an ordered list.
 *
 * Each source says FOUND, NONE (ask the next one), FAIL (stop: it was
 * configured and could not deliver) or UNSURE (it may have one and cannot tell
 * now: the others are asked, and if nobody has it, its error is the answer).
 * Order: password, password_file, credential, passwordeval, keyring, netrc,
 * terminal.
 */
#ifndef SECRET_SOURCE_H
#define SECRET_SOURCE_H

#include "base/runtime.h"
#include "base/secret.h"
#include "base/strbuf.h"

enum secret_result { SECRET_FOUND, SECRET_NONE, SECRET_FAIL, SECRET_UNSURE };
enum secret_netrc { SECRET_NETRC_OFF, SECRET_NETRC_USUAL, SECRET_NETRC_FILE };

struct secret_query {
	const struct secret *literal; /* `password`, or NULL */
	const char *file;	      /* `password_file`, or NULL */
	const char *credential;	      /* `credential`, a name without "/", or NULL */
	const char *command;	      /* `passwordeval`: given to /bin/sh -c, as msmtp does, or NULL */
	bool keyring;		      /* `keyring`: the keyring may be asked */
	enum secret_netrc netrc;
	const char *netrc_file;	 /* with SECRET_NETRC_FILE */
	const char *host, *user; /* for prompts and look-ups */
	const char *account;	 /* for prompts and messages; may be NULL */
	bool may_prompt;	 /* the terminal may be asked */
	const struct runtime *runtime;
	msec_t deadline;
	void (*note)(void *arg, const char *text); /* why a source was passed over, for --debug; or NULL */
	void *note_arg;
};

struct secret_source {
	const char *name;	 /* "password", "password_file", ... as --explain shows it */
	enum error_kind useless; /* the kind of error when what it delivers cannot be a password */
	bool certain;		 /* one that is willing delivers or fails: those behind it are not asked */
	bool (*willing)(const struct secret_query *q); /* would it be asked? fetches nothing */
	enum secret_result (*fill)(const struct secret_query *q, struct secret *out, struct error *err);
};
extern const struct secret_source *const secret_sources[]; /* in order, NULL-terminated */

/* The members of the list, each in a file of its own. */
extern const struct secret_source secret_source_config, secret_source_file, secret_source_credential,
	secret_source_command, secret_source_keyring, secret_source_netrc, secret_source_tty;

/* Goes through the list; *from names the source that delivered.  One line end at the end is cut, a secret
 * with CR, LF or NUL inside or an empty one is refused.  ERROR_SECRET_UNAVAILABLE when a helper failed (75),
 * ERROR_CONFIG when nothing is configured and no terminal is there, ERROR_FILE_MISSING. */
bool secret_fill(const struct secret_query *q, struct secret *out, const char **from, struct error *err) MUST_CHECK;

/* Is it something that can be sent as a password?  Cuts one line end; what is empty or holds CR, LF
 * or NUL is an error of this kind, and name says where it came from. */
bool secret_judge(struct secret *s, const char *name, enum error_kind kind, struct error *err) MUST_CHECK;

/* Appends the names of the sources that would be asked, in order, with ", " between them. */
void secret_plan(const struct secret_query *q, struct strbuf *out);

/* Tells the query's listener: "NAME: text". */
void secret_query_note(const struct secret_query *q, const char *name, const char *text);

#endif
