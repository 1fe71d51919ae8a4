/* SPDX-License-Identifier: GPL-3.0-or-later */
/* password: where the password of an account is looked for. */
#ifndef TRANSPORT_PASSWORD_H
#define TRANSPORT_PASSWORD_H

#include "config/account.h"
#include "secret/source.h"

/*
 * The query for a complete account; everything borrowed from it.  Clock,
 * deadline, may_prompt and note are the caller's to set.  helper may be NULL.
 */
struct secret_query password_query(const struct account *a, const char *helper);
/* The name under which passwords of this account are stored: the socket, or the first host. */
const char *password_host(const struct account *a);

#endif
