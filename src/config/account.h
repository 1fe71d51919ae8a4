/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * account: a named set of values, each with its origin.
 */
#ifndef CONFIG_ACCOUNT_H
#define CONFIG_ACCOUNT_H

#include "config/lexer.h"
#include "config/value.h"

enum origin_kind { ORIGIN_DEFAULT, ORIGIN_FILE, ORIGIN_ENVIRONMENT, ORIGIN_COMMAND_LINE, ORIGIN_DERIVED };
struct origin {
	enum origin_kind kind;
	const char *file; /* borrowed from the config, or the variable's or flag's name; NULL for defaults */
	unsigned line;
};

struct account {
	char *name; /* "default", "work"; "" for one made of the command line only */
	enum config_flavour flavour;
	char *const *environ;  /* finds the home directory for "~" in the names of files */
	struct origin defined; /* its "account" line */
	struct value v[OPTION_COUNT];
	struct origin origin[OPTION_COUNT];
	char *own_from; /* the account's own sender, whatever the command line put in its place: text with %-sequences;
			   NULL: none, or a pattern */
	bool from_defaults[OPTION_COUNT]; /* came from a "defaults" section: children do not inherit it from us */
};

/* env is borrowed as long as values are set. */
struct account *account_new(const char *name, enum config_flavour flavour, char *const *env);
void account_free(struct account *a);
DEFINE_AUTO_PTR(account);
/* Takes every value that is set in from, with its origin. */
void account_merge(struct account *to, const struct account *from);
/*
 * Parses and sets one value.  A row that is another spelling sets the row it stands for; an IGNORED one sets
 * nothing; a LATER one fails.  The error's text does not name the option: the caller knows how it was typed.
 */
bool account_set(struct account *a, enum option_id id, struct span text, struct origin origin,
		 struct error *err) MUST_CHECK;
/*
 * Fills what is not set with its flavour's defaults, then derives what hangs together:
 * own files: port 465 -> tls on, starttls off; any other -> tls on, starttls on; no port: 465 with tls and no starttls,
 * 587 with tls_starttls on, 25 with tls off; loopback hosts and sockets are plain (port 25) when neither tls,
 * tls_starttls nor port 465 or 587 is said; LMTP has no default port.  msmtprc: 465 if tls and !tls_starttls, else 25.
 * auto_from on makes from "%U@maildomain".
 * %U %H %C %F %M in from and domain are left for expand().
 */
bool account_complete(struct account *a, struct error *err) MUST_CHECK;
/* Rules between values: cert and key together, host or socket, auth needs user (unless EXTERNAL or GSSAPI) ...
 * ERROR_CONFIG names account, values and origin. */
bool account_check(const struct account *a, struct error *err) MUST_CHECK;
/* What the files say the sender is (from, or auto_from's), before the command line counts; malloc'ed, or NULL. */
MUST_CHECK char *account_derive_own_from(const struct account *a);
/* True for a Unix socket, and when every host is localhost, 127.x.x.x or ::1. */
bool account_is_local(const struct account *a);
/* True if no server is talked to but over TLS, and none whose certificate was not accepted: by authorities or by the
 * user's fingerprint. */
bool account_tls_is_verified(const struct account *a);
/* True if a host is to be looked up with srv:. */
bool account_has_srv(const struct account *a);
/* True if from is a pattern (? * [) of a configuration file: it chooses accounts and is no address. */
bool account_from_is_pattern(const struct account *a);

/* Typed access; asserts the row's type.  Unset: false, 0, NULL, empty. */
bool account_is_set(const struct account *a, enum option_id id); /* to something; false for "set to nothing" */
bool account_bool(const struct account *a, enum option_id id);
long long account_int(const struct account *a, enum option_id id); /* INT, DURATION, SIZE */
int account_word(const struct account *a, enum option_id id);	   /* index into the row's words */
const char *account_word_text(const struct account *a, enum option_id id);
const char *account_str(const struct account *a, enum option_id id); /* STRING, PATH */
const struct strvec *account_list(const struct account *a, enum option_id id);
const struct secret *account_secret(const struct account *a, enum option_id id);

/* "~/.msmtprc, line 12", "--port", "default", "POSTHASTE_HOST" for people; malloc'ed. */
char *origin_text(const struct origin *o);

#endif
