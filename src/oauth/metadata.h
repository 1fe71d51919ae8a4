/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_metadata: the addresses that an issuer publishes (RFC 8414, and OpenID Connect's older place for the same).
 */
#ifndef OAUTH_METADATA_H
#define OAUTH_METADATA_H

#include "oauth/settings.h"

/* Fills in what the issuer says, if the settings need that; asks the issuer, and no other server, then.  What the
 * account sets itself stays. */
bool oauth_metadata_discover(struct oauth_settings *s, const struct oauth_network *network,
			     struct error *err) MUST_CHECK;
/* The same with the metadata at hand.  Pure.  ERROR_PROTOCOL if they are another issuer's; ERROR_CONFIG if they lack
 * what the account's flow needs. */
bool oauth_metadata_learn(struct oauth_settings *s, const struct oauth_reply *metadata, struct error *err) MUST_CHECK;

#endif
