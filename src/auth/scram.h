/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scram: what of the server's SCRAM messages (RFC 5802) we read ourselves,
 * because libgsasl does not say it or does not limit it.  Pure.
 */
#ifndef AUTH_SCRAM_H
#define AUTH_SCRAM_H

#include "base/error.h"

/* RFC 7677 asks servers for 4096 at least; above the other limit a hostile
 * server could keep us computing for minutes. */
#define SCRAM_ITERATIONS_MIN 4096
#define SCRAM_ITERATIONS_MAX 600000

/* server-first-message = [reserved-mext ","] nonce "," salt "," iteration-count ["," extensions]
 * ERROR_PROTOCOL if there is no iteration count or one outside the limits. */
bool scram_check_server_first(struct span message, struct error *err) MUST_CHECK;
/* server-error = "e=" value: what it means in words (malloc'ed); NULL if the message is none. */
char *scram_server_error(struct span message);

#endif
