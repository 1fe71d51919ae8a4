/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BENCH_LIMIT_H
#define BENCH_LIMIT_H

#include <gnutls/gnutls.h>

/* Verifies the peer with the one anchor of the bundle its chain ends in; 0, or a GnuTLS error. */
int limit_verify(gnutls_session_t session, const char *bundle, const char *host);

#endif
