/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * error: what went wrong, in words for the user and a kind for programs.
 *
 * Lives on the caller's stack (AUTO(error) err = ERROR_INIT) and is the last
 * parameter of every function that can fail.  On success a function leaves it
 * untouched; on failure it sets it once, and callers further up may add what
 * they know (stage, hint).  A NULL err is allowed everywhere: nobody asks.
 *
 *	posthaste: STAGE: TEXT: the server's words
 *	hint: HINT
 *
 * kind    what it is; the table error_kinds.def gives its name, its exit
 *         status and what to do with the message (retry, permanent, fix).
 * stage   what we were doing, to whom ("RCPT TO <x@example.org>"); may be NULL.
 * text    what happened, a translated clause without a final full stop.
 * server  the server's own words, cleaned of control characters; may be NULL.
 * lines   the same for the log: '\n' between the lines of a reply.
 * hint    what to do next, a whole translated sentence; may be NULL.
 * code    three digits of an SMTP reply, or 0.
 * enhanced  "5.7.8" (RFC 3463), or "".
 *
 * Never put a secret into an error.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/cleanup.h"
#include "base/span.h"

enum error_kind {
#define KIND(id, name, status, disposition) ERROR_##id,
#include "base/error_kinds.def"
#undef KIND
	ERROR_KIND_COUNT
};

enum error_disposition { DISPOSITION_RETRY, DISPOSITION_PERMANENT, DISPOSITION_FIX };

#define ENHANCED_MAX 16

struct error {
	enum error_kind kind; /* ERROR_NONE: nothing happened */
	char *stage, *text, *server, *lines, *hint;
	int sys_errno;
	int code;
	char enhanced[ENHANCED_MAX];
};

#define ERROR_INIT ((struct error){.kind = ERROR_NONE})

void error_release(struct error *err);

/* Sets kind and text (replacing what was there).  Returns false, so that
 * "return error_set(err, ...)" reads as the failure it is. */
bool error_set(struct error *err, enum error_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same, with ": strerror(errnum)" behind the text. */
bool error_set_errno(struct error *err, enum error_kind kind, int errnum, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Sets the stage unless somebody nearer to the fault did. */
void error_stage(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Sets the hint, replacing an earlier one. */
void error_hint(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Puts "prefix: " in front of the text: context from further up. */
void error_prefix(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The server's words; cleaned here, so raw octets may come. */
void error_server(struct error *err, int code, const char *enhanced, struct span words);

void error_copy(struct error *to, const struct error *from);
/* Moves, leaving from empty; what to held is freed. */
void error_move(struct error *to, struct error *from);

const char *error_kind_name(enum error_kind kind);
int error_kind_status(enum error_kind kind);
enum error_disposition error_kind_disposition(enum error_kind kind);
/* "retry", "permanent", "fix" */
const char *error_disposition_name(enum error_disposition d);

#endif
