/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alias_file: the aliases as they lie on disk. */
#ifndef SUBMIT_ALIAS_FILE_H
#define SUBMIT_ALIAS_FILE_H

#include "address/aliases.h"

/* Reads and parses, whatever is wrong inside.  ERROR_FILE_MISSING when it cannot be read. */
bool alias_file_read(const char *path, struct aliases *a, struct error *err) MUST_CHECK;

#endif
