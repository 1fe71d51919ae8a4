/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ca_bundle: finds the few CAs that are needed in a PEM file with many.  Pure, does not use GnuTLS.
 *
 * Each certificate is decoded only as far as its subject, which is compared byte by byte (DER) with the names looked
 * for.  Malformed certificates are skipped; the caller reports them when it loads the complete file.
 */
#ifndef TLS_CA_BUNDLE_H
#define TLS_CA_BUNDLE_H

#include "base/span.h"

typedef void ca_bundle_hit(void *arg, struct span pem);

/* Calls hit with the PEM block (BEGIN line to END line) of every certificate whose subject equals one of the n wanted
 * DER names.  The block is borrowed from bundle.  Returns the number of calls. */
size_t ca_bundle_find(struct span bundle, const struct span *wanted, size_t n, ca_bundle_hit *hit, void *arg);
/* True if bundle contains at least one certificate block. */
bool ca_bundle_has_certificate(struct span bundle);

#endif
