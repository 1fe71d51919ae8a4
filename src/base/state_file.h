/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * state_file: a small file in which the program keeps what it learned, with mode 0600 in a folder of mode 0700
 * (env_state_folder()).
 *
 * Neither folder nor file is used if it is a symbolic link, belongs to another user, or can be written by others.  A
 * file is replaced as one: a reader sees the old content or the new one.
 */
#ifndef BASE_STATE_FILE_H
#define BASE_STATE_FILE_H

#include "base/clock.h"
#include "base/error.h"
#include "base/strbuf.h"

/* Appends the content.  ERROR_FILE_MISSING: there is none yet; other errors name the file and what is wrong with it.
 * More than limit bytes are an error. */
bool state_file_read(const char *folder, const char *name, size_t limit, struct strbuf *out,
		     struct error *err) MUST_CHECK;
/* Replaces the file.  Makes the folder, and up to two above it if the one they are made in is ours.  rng: for the
 * name of the new file while it is written.  Losing the file in a crash must cost nothing. */
bool state_file_write(const char *folder, const char *name, struct span content, const struct rng *rng,
		      struct error *err) MUST_CHECK;
/* The same for what must not be lost: the new content is on disk before it replaces the old one, and its name as well
 * when the function returns. */
bool state_file_save(const char *folder, const char *name, struct span content, const struct rng *rng,
		     struct error *err) MUST_CHECK;
/* Removes what a process left that was killed while it replaced the file.  The caller sees to it that no other process
 * is replacing it now. */
void state_file_sweep(const char *folder, const char *name);
/* Makes the folder as state_file_write() does, if there is none. */
bool state_file_make_folder(const char *folder, struct error *err) MUST_CHECK;
/* Removes the file.  *removed: there was one.  False if it is there and cannot be removed. */
bool state_file_remove(const char *folder, const char *name, bool *removed, struct error *err) MUST_CHECK;
/* Locks a file, which is made if there is none, as soon as no other process has it locked.  The descriptor holds the
 * lock until it is closed.  -1 with an error: ERROR_TIMEOUT at the deadline. */
int state_file_lock(const char *folder, const char *name, const struct clock *clock, msec_t deadline,
		    struct error *err) MUST_CHECK;

#endif
