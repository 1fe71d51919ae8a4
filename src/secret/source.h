/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * secret_source: the places where passwords and tokens may come from, an ordered list.
 *
 * Each source answers FOUND, NONE (ask the next source), FAIL (stop: it is configured and could not provide a
 * password) or UNSURE (it may have a password but cannot be read now: the other sources are asked, and if none has
 * one, this error is reported).  The order is: password_fd, password, password_file, credential, passwordeval, keyring,
 * netrc, terminal.
 */
#ifndef SECRET_SOURCE_H
#define SECRET_SOURCE_H

#include "base/runtime.h"
#include "base/secret.h"
#include "base/strbuf.h"
#include "base/strvec.h"

enum secret_result { SECRET_FOUND, SECRET_NONE, SECRET_FAIL, SECRET_UNSURE };
enum secret_netrc { SECRET_NETRC_OFF, SECRET_NETRC_USUAL, SECRET_NETRC_FILE };

struct secret_query {
	int fd;			      /* `password_fd`: a descriptor that the caller passed; 0: none */
	const struct secret *literal; /* `password`, or NULL */
	const char *file;	      /* `password_file`, or NULL */
	const char *credential;	      /* `credential`, a name without "/", or NULL */
	const char *command;	      /* `passwordeval`: run by /bin/sh -c, as msmtp does, or NULL */
	bool keyring;		      /* `keyring`: the keyring may be used */
	enum secret_netrc netrc;
	const char *netrc_file;	 /* with SECRET_NETRC_FILE */
	const char *host, *user; /* for prompts and lookups */
	const char *account;	 /* for prompts and messages; may be NULL */
	const char *key_file;	 /* what is asked for is the PIN or pass phrase of this key; NULL: a password */
	bool may_prompt;	 /* the user may be asked on the terminal */
	const struct runtime *runtime;
	msec_t deadline;
	void (*note)(void *arg, const char *text); /* reports why a source was passed over, for --debug; may be NULL */
	void *note_arg;
	struct strvec
		*helper_words; /* gets what helpers wrote to standard error (helper_words.h); NULL: it is shared */
};

struct secret_source {
	const char *name;	 /* "password", "password_file", ... as --explain shows it */
	enum error_kind useless; /* the kind of error if what it provides cannot be a password */
	bool certain; /* if it is willing, it either provides a password or fails: later sources are not asked */
	bool (*willing)(const struct secret_query *q); /* would it be asked? reads nothing */
	enum secret_result (*fill)(const struct secret_query *q, struct secret *out, struct error *err);
};
extern const struct secret_source *const secret_sources[]; /* in order, NULL-terminated */

/* The sources of the list, each in a file of its own. */
extern const struct secret_source secret_source_fd, secret_source_config, secret_source_file, secret_source_credential,
	secret_source_command, secret_source_keyring, secret_source_netrc, secret_source_tty;

/* Asks the sources in order.  True: out has the password and *from (unless from is NULL) the name of the source.  One
 * line end at the end is removed; an empty password, or one with CR, LF or NUL inside, is an error.  False with
 * ERROR_SECRET_UNAVAILABLE (a helper failed; exit status 75), ERROR_CONFIG (no password is configured and there is no
 * terminal) or ERROR_FILE_MISSING. */
bool secret_fill(const struct secret_query *q, struct secret *out, const char **from, struct error *err) MUST_CHECK;

/* Removes one line end at the end and checks that s can be sent as a password.  If it is empty or contains CR, LF or
 * NUL: false with an error of this kind; name says where the password came from. */
bool secret_check_password(struct secret *s, const char *name, enum error_kind kind, struct error *err) MUST_CHECK;

/* Appends the names of the sources that would be asked, in order, separated by ", ". */
void secret_plan(const struct secret_query *q, struct strbuf *out);

/* Calls the query's note() with "NAME: text", if it is set. */
void secret_query_note(const struct secret_query *q, const char *name, const char *text);

#endif
