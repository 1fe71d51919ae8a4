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
/* Replaces the file.  Makes the folder, and up to two above it if the one they are made in is ours.  rng: for the name
 * of the new file while it is written. */
bool state_file_write(const char *folder, const char *name, struct span content, const struct rng *rng,
		      struct error *err) MUST_CHECK;
/* The same for what must not be lost: the new content is on disk before it replaces the old one, and its name as well
 * when the function returns. */
bool state_file_save(const char *folder, const char *name, struct span content, const struct rng *rng,
		     struct error *err) MUST_CHECK;

#endif
