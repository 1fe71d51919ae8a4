/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * error: why a function failed.
 *
 * Lives on the caller's stack (AUTO(error) err = ERROR_INIT) and is the last parameter of every function that can fail.
 * On success a function leaves it untouched; on failure it sets it once, and callers further up may add what they know
 * (stage, hint).  A NULL err is allowed everywhere: the caller does not want to know.
 *
 *	posthaste: STAGE: TEXT: the server's words
 *	hint: HINT
 *
 * The parts are those of struct status.  Never put a secret into an error.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/status.h"

struct error {
	struct status status; /* kind ERROR_NONE: nothing happened */
	int sys_errno;	      /* of error_set_errno(), else 0 */
};

#define ERROR_INIT ((struct error){.status = {.kind = ERROR_NONE}})

void error_release(struct error *err);

/* Sets kind and text (replacing what was there).  Returns false, so that
 * "return error_set(err, ...)" reads as the failure it is. */
bool error_set(struct error *err, enum error_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same, with ": strerror(errnum)" after the text. */
bool error_set_errno(struct error *err, enum error_kind kind, int errnum, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Sets the stage unless a function nearer to the fault did. */
void error_stage(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Sets the hint "Try again later.", and that it is this one: it does not apply to what a queue tries again. */
void error_hint_again(struct error *err);
/* Sets the hint, replacing an earlier one. */
void error_hint(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Puts "prefix: " in front of the text: context from further up. */
void error_prefix(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The server's reply, as status_set_reply() takes it. */
void error_server(struct error *err, int code, const char *enhanced, struct span words);

void error_copy(struct error *to, const struct error *from);
/* Moves, leaving from empty; what to held is freed. */
void error_move(struct error *to, struct error *from);

#endif
