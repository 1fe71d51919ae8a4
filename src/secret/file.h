/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file: opens and reads files that contain secrets, leaving no copies in memory. */
#ifndef SECRET_FILE_H
#define SECRET_FILE_H

#include "base/error.h"
#include "base/secret.h"

/* Opens for reading; does not wait even if the path is a pipe.  -1 with errno set. */
int secret_file_open(const char *path);
/* Removes a byte-order mark before it. */
void secret_file_drop_bom(struct secret *s);
/* Reads the complete file, without a byte-order mark before it.  ERROR_CONFIG if it is longer than limit bytes,
 * ERROR_IO if reading fails.  Errors call the file "label name", such as "password_file /x/y". */
bool secret_file_read(int fd, const char *label, const char *name, size_t limit, struct secret *out,
		      struct error *err) MUST_CHECK;

#endif
