/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * import: the configuration of another program, as accounts of ours.
 *
 *	struct import im;
 *	import_init(&im);
 *	if (import_read(&im, path, runtime, &err) && import_save_passwords(&im, runtime, &err))
 *		fputs(im.text.buf, stdout);
 *	import_release(&im);
 *
 * What is read: ssmtp.conf with the revaliases beside it, nullmailer's remotes with the other files of its folder,
 * dma.conf with the auth.conf it names, and an esmtprc.  The content says which of them it is; only what several of
 * them could have written is decided by the file's name.
 *
 * The text says in a comment what became of each setting: the lines that follow, or why it is not needed or not
 * possible.  It never holds a password: that goes into a file of its own, which the text names (password_file).
 */
#ifndef SETUP_IMPORT_H
#define SETUP_IMPORT_H

#include "base/json.h"
#include "base/runtime.h"
#include "base/secret.h"
#include "base/strbuf.h"

enum import_fate { IMPORT_TAKEN, IMPORT_NEEDLESS, IMPORT_IMPOSSIBLE };

struct import_setting {
	char *name;  /* as it stood there */
	char *value; /* NULL: a secret */
	enum import_fate fate;
	char *why; /* a sentence; NULL: taken, or nothing to say */
};
struct import_password {
	char *name; /* of its file */
	struct secret secret;
};

struct import {
	const char *program; /* "ssmtp", "nullmailer", "dma", "esmtp" */
	char *folder;	     /* where the files with the passwords are put; NULL: there is no home */
	struct strbuf text;
	struct import_setting *settings;
	size_t n, cap;
	struct import_password *passwords;
	size_t n_passwords, cap_passwords;
};
void import_init(struct import *im);
void import_release(struct import *im);

/* "taken", "not_needed", "not_possible": for --json. */
const char *import_fate_name(enum import_fate fate);
/* ERROR_FILE_MISSING: a file cannot be read; ERROR_CONFIG: it is none of those above, or names no server. */
bool import_read(struct import *im, const char *path, const struct runtime *runtime, struct error *err) MUST_CHECK;
/* Adds program, configuration (null unless ok) and settings to the object that is open; im NULL: msmtpq's folder. */
void import_json(const struct import *im, bool ok, struct json *j);
/* Writes the passwords to their files, mode 0600.  A file that holds the same password is left alone; one that holds
 * something else is not replaced: ERROR_CANNOT_CREATE. */
bool import_save_passwords(const struct import *im, const struct runtime *runtime, struct error *err) MUST_CHECK;

#endif
