/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alias_file: reading the file of aliases. */
#ifndef SUBMIT_ALIAS_FILE_H
#define SUBMIT_ALIAS_FILE_H

#include "address/aliases.h"

/* Reads and parses; errors in its lines are in a->problems.  ERROR_FILE_MISSING: it cannot be read. */
bool alias_file_read(const char *path, struct aliases *a, struct error *err) MUST_CHECK;

#endif
