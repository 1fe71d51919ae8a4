/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * known_offers: what the server of an account was last seen to offer that can be passed on to clients, remembered from
 * one session to the next (transport/caps_cache.h).
 */
#ifndef SERVE_KNOWN_OFFERS_H
#define SERVE_KNOWN_OFFERS_H

#include "transport/result.h"
#include "transport/caps_cache.h"
#include "config/account.h"

/* DELIVERBY and the like: they are offered only if the account's server does. */
#define PASSED_ON ((unsigned)(CAP_DELIVERBY | CAP_MT_PRIORITY | CAP_FUTURERELEASE | CAP_REQUIRETLS))

/* Fills caps; leaves it as it is if nothing is known.  The servers of "srv:" hosts are not looked up for this. */
void known_offers_find(const struct account *account, const struct runtime *runtime, struct caps *caps);
/* Takes them from a delivery. */
void known_offers_keep(const struct account *account, const struct runtime *runtime, const struct delivery_result *r);

#endif
