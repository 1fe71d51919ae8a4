/* SPDX-License-Identifier: GPL-3.0-or-later */
/* place: where a delivery failed, for the user: the server, and the account with the place where it is set. */
#ifndef TRANSPORT_PLACE_H
#define TRANSPORT_PLACE_H

#include "config/account.h"
#include "transport/result.h"

/* "server mail.example.org port 587, account work, FILE, line 3", malloc'ed; NULL if no server was called. */
MUST_CHECK char *place_of(const struct account *account, const struct delivery_result *r);

#endif
