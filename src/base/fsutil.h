/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fsutil: reading files completely, checking who can read them, temporary files. */
#ifndef BASE_FSUTIL_H
#define BASE_FSUTIL_H

#include "base/error.h"
#include "base/strbuf.h"

/* Appends what the descriptor holds to its end; more than limit octets are ERROR_IO, and out is as
 * it was.  Waits where the descriptor makes it wait.  The text does not know the name: prefix it. */
bool fs_read_fd(int fd, struct strbuf *out, size_t limit, struct error *err) MUST_CHECK;
/*
 * Judges the open descriptor of a file with a secret inside: a regular file,
 * owned by us (or by root), with no permission for group or others.
 * ERROR_CONFIG names the file, what is wrong, and the chmod or chown that mends it.
 */
bool fs_private_fd(int fd, const char *name, struct error *err) MUST_CHECK;
/*
 * Where unnamed temporary files come from; replaceable by tests.  open returns a descriptor to read and write, or -1
 * with err.
 */
struct temp_files {
	int (*open)(const struct temp_files *temp, struct error *err);
	const char *folder; /* $TMPDIR or NULL */
};
/* The open of the program: an unlinked file made with O_TMPFILE in temp->folder if that is absolute, else /var/tmp,
 * else /tmp; with mkstemp and unlink where O_TMPFILE is not supported.  Mode 0600, close-on-exec.  -1 with
 * ERROR_CANNOT_CREATE naming the folders tried. */
int fs_temp_open(const struct temp_files *temp, struct error *err);

#endif
