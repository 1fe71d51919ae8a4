/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * error_kind: what can go wrong, as programs see it.  The table error_kinds.def says everything the program has to know
 * about a kind; no other file keeps a list of kinds.
 */
#ifndef BASE_ERROR_KIND_H
#define BASE_ERROR_KIND_H

enum error_kind {
#define KIND(id, name, exit_status, disposition) ERROR_##id,
#include "base/error_kinds.def"
#undef KIND
	ERROR_KIND_COUNT
};

/* What is to be done with the message. */
enum error_disposition { DISPOSITION_RETRY, DISPOSITION_PERMANENT, DISPOSITION_FIX };

const char *error_kind_name(enum error_kind kind);
/* A status of <sysexits.h>. */
int error_kind_exit_status(enum error_kind kind);
enum error_disposition error_kind_disposition(enum error_kind kind);
/* "retry", "permanent", "fix" */
const char *error_disposition_name(enum error_disposition d);

#endif
