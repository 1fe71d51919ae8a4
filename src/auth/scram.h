/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scram: reads those parts of the server's SCRAM messages (RFC 5802) that libgsasl does not report or does not limit.
 * Pure.
 */
#ifndef AUTH_SCRAM_H
#define AUTH_SCRAM_H

#include "base/error.h"

/* RFC 7677 requires at least 4096 iterations; above the maximum a hostile server could keep the client computing for
 * minutes. */
#define SCRAM_ITERATIONS_MIN 4096
#define SCRAM_ITERATIONS_MAX 600000

/* Checks the iteration count of the server's first message:
 *   server-first-message = [reserved-mext ","] nonce "," salt "," iteration-count ["," extensions]
 * ERROR_PROTOCOL if there is no iteration count, or if it is outside the limits. */
bool scram_check_server_first(struct span message, struct error *err) MUST_CHECK;
/* Explains a message "server-error = 'e=' value" in words, malloc'ed; NULL if the message has no such error. */
char *scram_server_error(struct span message);

#endif
