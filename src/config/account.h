/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * account: a named set of values, each with its origin.
 */
#ifndef CONFIG_ACCOUNT_H
#define CONFIG_ACCOUNT_H

#include "config/value.h"

enum config_flavour { FLAVOUR_OWN, FLAVOUR_MSMTP };

enum origin_kind { ORIGIN_DEFAULT, ORIGIN_FILE, ORIGIN_ENVIRONMENT, ORIGIN_COMMAND_LINE, ORIGIN_DERIVED };
struct origin {
	enum origin_kind kind;
	const char *file; /* borrowed from the config, or the variable's or flag's name; NULL for defaults */
	unsigned line;
};

struct account {
	char *name; /* "default", "work"; "" for one made of the command line only */
	enum config_flavour flavour;
	struct value v[OPTION_COUNT];
	struct origin origin[OPTION_COUNT];
};

struct account *account_new(const char *name, enum config_flavour flavour);
void account_free(struct account *a);
DEFINE_AUTO_PTR(account);
/* Takes every value that is set in from, with its origin. */
void account_merge(struct account *to, const struct account *from);
/* Parses and sets one value. */
bool account_set(struct account *a, enum option_id id, struct span text, struct origin origin, struct error *err) MUST_CHECK;
/*
 * Fills what is not set with its flavour's defaults, then derives what hangs together:
 * own files: port 465 -> tls on, starttls off; 587 and 25 -> starttls on; no port: 465 with tls and no starttls,
 * 587 with tls_starttls on, 25 with tls off; loopback hosts and sockets may be plain when nothing is said; LMTP has no
 * default port.  msmtprc: 465 if tls and !tls_starttls, else 25.
 * %U %H %C %F %M in from and domain are left for expand().
 */
bool account_complete(struct account *a, struct error *err) MUST_CHECK;
/* Rules between values: cert and key together, host or socket, auth needs user (unless EXTERNAL or GSSAPI) ...  ERROR_CONFIG names account, values and origin. */
bool account_check(const struct account *a, struct error *err) MUST_CHECK;

/* Typed access; asserts the row's type.  Unset: false, 0, NULL, empty. */
bool account_is_set(const struct account *a, enum option_id id);
bool account_bool(const struct account *a, enum option_id id);
long long account_int(const struct account *a, enum option_id id);	 /* INT, DURATION, SIZE */
int account_word(const struct account *a, enum option_id id);	 /* index into the row's words */
const char *account_word_text(const struct account *a, enum option_id id);
const char *account_str(const struct account *a, enum option_id id);	 /* STRING, PATH */
const struct strvec *account_list(const struct account *a, enum option_id id);
const struct secret *account_secret(const struct account *a, enum option_id id);

/* "~/.msmtprc, line 12", "--port", "default", "POSTHASTE_HOST" for people; malloc'ed. */
char *origin_text(const struct origin *o);

#endif
