/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of import: what import.c gives to the readers of the formats. */
#ifndef SETUP_IMPORT_PRIVATE_H
#define SETUP_IMPORT_PRIVATE_H

#include "base/secret.h"
#include "base/span.h"
#include "config/option.h"
#include "setup/import.h"

/* A setting of the other program. */
struct import_pair {
	char *key, *value;
	unsigned line;
	bool taken;
};

struct import {
	const char *path;
	const struct runtime *runtime;
	struct strbuf *out;
	struct strbuf text; /* of the file */
	struct import_pair *v;
	size_t n, cap;
};

/* ---- settings of the other program ---- */

void import_add(struct import *im, struct span key, struct span value, unsigned line);
/* The value of that setting, which is marked as taken; the last one applies.  Borrowed; NULL: it is not set. */
const char *import_take(struct import *im, const char *key);
bool import_take_yes(struct import *im, const char *key); /* "yes", "true", "on", "1", or nothing */
/* What is not taken over, and why. */
struct import_reason {
	const char *key, *why;
};
/* Adds a comment for each setting that was not taken. */
void import_explain_rest(struct import *im, const struct import_reason *reasons, size_t n);
/* The text of a file beside it, or with an absolute path; empty if it is not there or cannot be read. */
void import_read_beside(struct import *im, const char *name, struct strbuf *text);
/* The first line of such a file; malloc'ed, NULL: there is none. */
MUST_CHECK char *import_line_beside(struct import *im, const char *name);

/* ---- our text ---- */

void import_comment(struct import *im, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* "account NAME", after an empty line. */
void import_account(struct import *im, const char *name);
/* "COMMAND VALUE"; value NULL: nothing. */
void import_set(struct import *im, enum option_id option, const char *value);
/* "host" and "port" from "HOST", "HOST:PORT" or "[ADDRESS]:PORT". */
void import_set_host(struct import *im, const char *text, unsigned port);
enum import_tls { IMPORT_NO_TLS, IMPORT_STARTTLS, IMPORT_TLS };
void import_set_tls(struct import *im, enum import_tls tls);
/* "auth", "user" and "password_file"; user NULL or empty: "auth off".  The password is written to its file. */
bool import_set_login(struct import *im, const char *account, const char *mechanism, const char *user,
		      const char *password, bool without_tls, struct error *err) MUST_CHECK;

/* ---- the formats ---- */

bool import_ssmtp(struct import *im, struct error *err);
bool import_nullmailer(struct import *im, struct error *err);
bool import_dma(struct import *im, struct error *err);
bool import_esmtp(struct import *im, struct error *err);

#endif
