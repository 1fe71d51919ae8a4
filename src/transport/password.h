/* SPDX-License-Identifier: GPL-3.0-or-later */
/* password: where the password of an account is looked for. */
#ifndef TRANSPORT_PASSWORD_H
#define TRANSPORT_PASSWORD_H

#include "config/account.h"
#include "secret/source.h"

/*
 * The query for a complete account; borrows from it.  The caller sets deadline, may_prompt and note.
 */
struct secret_query password_query(const struct account *a, const struct runtime *runtime);
/* Does a setting name the password, or where it is?  The keyring and netrc are looked at without one. */
bool password_is_set(const struct account *a);
/* When a helper program, or a person at the prompt, must have provided the password: secret_timeout, from now. */
msec_t password_deadline(const struct account *a, const struct runtime *runtime);
/* Under which name passwords of this account are kept: the socket, or the first host. */
const char *password_host(const struct account *a);
/* Checksum of the password that the sources provide without asking a person, to be kept in memory and compared; 0: they
 * provide none. */
uint64_t password_checksum(const struct account *a, const struct runtime *runtime);

#endif
