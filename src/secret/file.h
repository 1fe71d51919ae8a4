/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file: opens and reads files with secrets inside, leaving no copies in memory. */
#ifndef SECRET_FILE_H
#define SECRET_FILE_H

#include "base/error.h"
#include "base/secret.h"

/* For reading; a pipe put in the file's place does not hold us.  -1 with errno. */
int secret_file_open(const char *path);
/* All of it.  What is longer than limit is ERROR_CONFIG, a failing read ERROR_IO; label and name say
 * which file it is: "password_file /x/y". */
bool secret_file_read(int fd, const char *label, const char *name, size_t limit, struct secret *out,
		      struct error *err) MUST_CHECK;

#endif
