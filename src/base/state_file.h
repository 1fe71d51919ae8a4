/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * state_file: a small file in which the program keeps for itself what it
 * learned: STATE_HOME/posthaste/NAME, mode 0600 in a folder of mode 0700.
 *
 * Neither folder nor file is taken through a symbolic link, from another user,
 * or when others could write to it; a file is replaced whole, so who reads it
 * meanwhile sees the old or the new one.
 */
#ifndef BASE_STATE_FILE_H
#define BASE_STATE_FILE_H

#include "base/error.h"
#include "base/strbuf.h"

/* Appends the content.  ERROR_FILE_MISSING: there is none yet; other errors name the file and what is wrong with it.
 * More than limit octets are an error. */
bool state_file_read(const char *state_home, const char *name, size_t limit, struct strbuf *out,
		     struct error *err) MUST_CHECK;
/* Replaces the file; makes the folder, and up to two above it, if the one these are made in is ours. */
bool state_file_write(const char *state_home, const char *name, struct span content, struct error *err) MUST_CHECK;

#endif
