/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * import_private: what the importers of the formats share: the settings of the foreign file as pairs, and the account
 * that is being written.
 *
 *	host = importing_take(im, "mailhub");		// "# mailhub=mail.example.org"
 *	importing_set(im, OPT_HOST, host);		// "host mail.example.org"
 */
#ifndef SETUP_IMPORT_PRIVATE_H
#define SETUP_IMPORT_PRIVATE_H

#include "config/account.h"
#include "setup/import.h"

/* A setting of the foreign file. */
struct import_pair {
	char *name;
	char *value;
	unsigned section; /* of an esmtprc or of nullmailer's remotes; else 0 */
	bool used;
};

struct importing {
	struct import *out;
	const char *path; /* of the file */
	const struct runtime *runtime;
	const char *between; /* name and value in a comment: "=" or " " */
	struct import_pair *pairs;
	size_t n, cap;
	unsigned section;	 /* the pairs of which are looked at */
	struct account *account; /* that is being written, to check its values */
};

/* What is known about a setting that is not taken. */
struct import_reason {
	const char *name;
	enum import_fate fate;
	const char *why; /* N_() */
	bool secret;	 /* its value is not shown */
};

struct import_format {
	const char *program;
	const char *file_name;	  /* decides where the content does not: part of the file's name */
	const char *const *names; /* of its settings, NULL at the end */
	bool exact;		  /* names are written with these capitals */
	void (*parse)(struct importing *im, struct span text);
	bool (*write)(struct importing *im, struct error *err); /* ERROR_CONFIG: it names no server */
};
extern const struct import_format import_ssmtp, import_nullmailer, import_dma, import_esmtp;

/* ---- the foreign file ---- */

void importing_add(struct importing *im, struct span name, struct span value);
/* The value that was set last in this section, whatever the capitals of its name, or NULL. */
const char *importing_get(const struct importing *im, const char *name);
/* yes, true, on, 1, or a name that stands alone. */
bool importing_is_on(const struct importing *im, const char *name);
/* The first line, trimmed, of a file beside this one; malloc'ed, NULL: there is none, or it is empty. */
char *importing_first_line(const struct importing *im, const char *name);
/* All of a file beside this one or, from "/" on, anywhere.  False: it cannot be read. */
bool importing_read_beside(const struct importing *im, const char *name, struct strbuf *out, struct error *err);

/* ---- the account ---- */

/* A comment line; control characters are replaced. */
void importing_say(struct importing *im, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* An account, which inherits from another one (parent) or from none (NULL). */
void importing_begin(struct importing *im, const char *account, const char *parent);
/* importing_get() of what the lines that follow stand for. */
const char *importing_take(struct importing *im, const char *name);
/* Notes a setting that stands elsewhere than among the pairs.  value NULL: a secret. */
void importing_note(struct importing *im, const char *name, const char *value, enum import_fate fate, const char *why);
/* A line of the account; of a list, words as our own files have them.  A value that it cannot have is noted instead,
 * with the reason. */
void importing_set(struct importing *im, enum option_id id, const char *value);
void importing_number(struct importing *im, enum option_id id, unsigned long long number);
/* user and password; either may be NULL. */
void importing_login(struct importing *im, const char *user, struct span password);
/* "HOST", "HOST:PORT", "[ADDRESS]:PORT" */
void importing_server(struct importing *im, const char *server, unsigned port);
enum import_tls { IMPORT_PLAIN, IMPORT_STARTTLS, IMPORT_TLS };
/* checked: the program compared the certificate. */
void importing_tls(struct importing *im, enum import_tls tls, bool login, bool checked);
/* Notes every pair of this section that was not taken, with the reason of the list (name NULL at its end). */
void importing_finish(struct importing *im, const struct import_reason *reasons);

#endif
