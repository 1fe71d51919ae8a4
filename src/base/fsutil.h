/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files: reading them whole, judging who else can, where the user's lie. */
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
/* "~" and "~/x" become the home directory's path; others a copy.  malloc'ed;
 * NULL with ERROR_CONFIG when there is no home directory to be had. */
char *fs_expand_home(const char *path, struct error *err);
/* $HOME if absolute, else the passwd entry's, else NULL.  malloc'ed. */
char *fs_home(void);
/* $XDG_CONFIG_HOME if absolute, else ~/.config, else NULL.  malloc'ed. */
char *fs_config_home(void);
/* $XDG_STATE_HOME if absolute, else ~/.local/state, else NULL.  malloc'ed. */
char *fs_state_home(void);
/* An unnamed, unlinked temporary file for spooled input: O_TMPFILE in $TMPDIR,
 * else /var/tmp, else /tmp, with a mkstemp+unlink fallback.  Mode 0600,
 * close-on-exec.  -1 with ERROR_CANNOT_CREATE naming the folders tried. */
int fs_unnamed_temp(struct error *err);

#endif
