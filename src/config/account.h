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
	const char *file; /* the file (borrowed from the config), or the variable's or flag's name; NULL for defaults */
	unsigned line;
};

/* A value with its origin.  Accounts share it, so it is never changed. */
struct setting;
struct account_slot {
	struct setting *setting;
	bool from_defaults; /* it came from a "defaults" section: accounts based on this one do not inherit it */
};

struct account {
	char *name; /* "default", "work"; "" for one made from the command line only */
	enum config_flavour flavour;
	bool flavour_assumed;  /* nothing says which flavour the file is, so it was read as ours */
	char *const *environ;  /* finds the home directory for "~" in the names of files */
	struct origin defined; /* its "account" line */
	bool implied;	       /* there is none: settings stand before any account */
	char *own_from; /* the account's own sender, even if the command line replaced it: text with %-sequences; NULL:
			   none, or a pattern */
	/* Only what is set takes room: a configuration may have very many accounts. */
	struct account_slot *slots;
	size_t n, cap;
	unsigned char slot_of[OPTION_COUNT]; /* 1 + the index of the option's slot; 0: unset */
};

/* env is borrowed as long as values are set. */
struct account *account_new(const char *name, enum config_flavour flavour, char *const *env);
void account_free(struct account *a);
DEFINE_AUTO_PTR(account);
/* Its name in messages, after "account". */
const char *account_title(const struct account *a);
/* Takes over every value that is set in from, with its origin. */
void account_merge(struct account *to, const struct account *from);
/* The same for one value; one that is unset in from becomes unset. */
void account_take(struct account *to, const struct account *from, enum option_id id);
/* Calls every value that is set one of the "defaults" section, which accounts based on this one do not inherit. */
void account_mark_defaults(struct account *a);
/* Takes over what the parent sets itself or inherited from its own parents, as its own. */
void account_inherit(struct account *a, const struct account *parent);
/* Sets a value, which is moved there; *v is unset afterwards. */
void account_put(struct account *a, enum option_id id, struct value *v, struct origin origin);
/*
 * Parses and sets one value.  A row that is another spelling sets the row it stands for; an IGNORED row sets nothing;
 * a LATER row fails.  False with ERROR_CONFIG, or ERROR_USAGE if origin is the command line; the text does not name
 * the option, because only the caller knows how it was typed.
 */
bool account_set(struct account *a, enum option_id id, struct span text, struct origin origin,
		 struct error *err) MUST_CHECK;
/*
 * Derives settings from each other, then sets those still unset to the defaults of the account's flavour.
 *   own files  Port 465 sets tls on and tls_starttls off, any other port tls on and tls_starttls on.  Without a port:
 *              465 with tls on, 587 with tls_starttls on, 25 with tls off.  Loopback hosts and sockets are plain
 *              text (port 25) unless tls, tls_starttls, or port 465 or 587 is set.  LMTP has no default port.
 *   msmtprc    Port 465 with tls on and tls_starttls off, otherwise 25.
 *   proxy_type http  in both: port 8080 of the proxy.
 *   service_socket  in both: its path is the socket, and what is said of the server, TLS, the login, filter
 *              and archive is dropped.
 * auto_from on sets from to "%U@maildomain".  %U %H %C %F %M in from and domain are left for expand().
 */
bool account_complete(struct account *a, struct error *err) MUST_CHECK;
/* Checks the rules between values: certificate and key together, host or socket, auth needs a user (unless EXTERNAL
 * or GSSAPI) ...  False with ERROR_CONFIG, which names the account, the values and their origins. */
bool account_check(const struct account *a, struct error *err) MUST_CHECK;
/* Appends a sentence for each combination of values that is probably a mistake. */
void account_doubt(const struct account *a, struct strvec *warnings);
/* " (tls on: FILE, line 3; auth external: --auth)": those of the settings that are set; malloc'ed, maybe empty. */
MUST_CHECK char *account_cite(const struct account *a, const enum option_id *ids, size_t n);
/* The sender that the configuration files set (from, or auto_from's), before the command line replaces it; malloc'ed,
 * or NULL. */
MUST_CHECK char *account_derive_own_from(const struct account *a);
/* True for a Unix socket, and if every host is localhost, 127.x.x.x or ::1. */
bool account_is_local(const struct account *a);
/* True if every connection uses TLS with a certificate that was accepted, because of its issuer or of the user's
 * fingerprint ... */
bool account_tls_is_checked(const struct account *a);
/* ... of the latter. */
bool account_tls_is_pinned(const struct account *a);
/* True if a host is given as srv:DOMAIN. */
bool account_has_srv(const struct account *a);
/* True if the account has settings for OAuth2 and the auth setting leaves room for them: on, oauthbearer or xoauth2. */
bool account_uses_oauth(const struct account *a);
/* True if proxy_type says so, whether or not there is a proxy. */
bool account_proxy_is_http(const struct account *a);
/* True if from is a pattern (? * [) of a configuration file, which selects accounts and is not an address. */
bool account_from_is_pattern(const struct account *a);

/* The value and where it comes from, whatever its type; never NULL.  They stay where they are until the option is set
 * again or the account freed. */
const struct value *account_value(const struct account *a, enum option_id id);
const struct origin *account_origin(const struct account *a, enum option_id id);

/* Typed access; asserts that the type is the row's.  Unset values are false, 0, NULL or empty. */
bool account_is_set(const struct account *a,
		    enum option_id id); /* true if set to a value; false if unset or set to nothing */
bool account_bool(const struct account *a, enum option_id id);
long long account_int(const struct account *a, enum option_id id); /* INT, DURATION, SIZE */
int account_word(const struct account *a, enum option_id id);	   /* index into the row's words */
const char *account_word_text(const struct account *a, enum option_id id);
const char *account_str(const struct account *a, enum option_id id); /* STRING, PATH */
const struct strvec *account_list(const struct account *a, enum option_id id);
const struct secret *account_secret(const struct account *a, enum option_id id);

/* "~/.msmtprc, line 12", "--port", "default", "POSTHASTE_HOST", for messages; malloc'ed. */
char *origin_text(const struct origin *o);

#endif
