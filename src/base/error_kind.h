/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * error_kind: what can go wrong, as programs see it.  The table error_kinds.def says everything the program has to know
 * about a kind; no other file keeps a list of kinds.
 */
#ifndef BASE_ERROR_KIND_H
#define BASE_ERROR_KIND_H

#include <stdbool.h>

enum error_kind {
#define KIND(id, ...) ERROR_##id,
#include "base/error_kinds.def"
#undef KIND
	ERROR_KIND_COUNT
};

/* What is to be done with the message, and whom else a failure concerns: see the table. */
enum error_disposition { DISPOSITION_RETRY, DISPOSITION_PERMANENT, DISPOSITION_FIX };
enum error_scope { ERROR_SCOPE_MESSAGE, ERROR_SCOPE_ACCOUNT, ERROR_SCOPE_SESSION };

const char *error_kind_name(enum error_kind kind);
/* A status of <sysexits.h>. */
int error_kind_exit_status(enum error_kind kind);
enum error_disposition error_kind_disposition(enum error_kind kind);
/* Of a queued message, when it failed before MAIL. */
enum error_disposition error_kind_disposition_before_mail(enum error_kind kind);
enum error_scope error_kind_scope(enum error_kind kind);
/* It may pass without a change of ours. */
bool error_kind_clears(enum error_kind kind);
/* The next server of the account may do better; greeted: this one has accepted our EHLO. */
bool error_kind_next_server(enum error_kind kind, bool greeted);
/* RFC 3463: class "." subject "." detail; this is "subject.detail". */
const char *error_kind_detail(enum error_kind kind);
/* Sentences, translated: what it is, and what to do next; empty for ERROR_NONE. */
const char *error_kind_meaning(enum error_kind kind);
const char *error_kind_cure(enum error_kind kind);
/* "retry", "permanent", "fix" */
const char *error_disposition_name(enum error_disposition d);

#endif
