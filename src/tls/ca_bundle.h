/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ca_bundle: finds the few CAs that matter in a PEM file with many.  Pure, no GnuTLS.
 *
 * Only as much of each certificate is decoded as it takes to reach its subject,
 * which is compared octet by octet (DER) with the names looked for.
 * Whatever is malformed is passed over: the caller's full load judges it.
 */
#ifndef TLS_CA_BUNDLE_H
#define TLS_CA_BUNDLE_H

#include "base/span.h"

typedef void ca_bundle_hit(void *arg, struct span pem);

/* Calls hit with the PEM block (BEGIN line to END line) of every certificate
 * whose subject equals one of the wanted DER names.  Returns how many. */
size_t ca_bundle_find(struct span bundle, const struct span *wanted, size_t n, ca_bundle_hit *hit, void *arg);
/* True if there is at least one certificate block at all. */
bool ca_bundle_has_certificate(struct span bundle);

#endif
