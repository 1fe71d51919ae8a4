/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls_info as text for people, as --serverinfo and --accept-key print it. */
#ifndef TLS_INFO_TEXT_H
#define TLS_INFO_TEXT_H

#include "base/strbuf.h"
#include "tls/info.h"

/* Appends one certificate: whose it is, names, dates, key, fingerprints and pin; a warning if it is about to expire. */
void tls_certificate_text(const struct tls_certificate *c, time_t now, struct strbuf *out);
/* "valid from DATE until DATE, days left: N", with a warning if these are few; malloc'ed. */
char *tls_certificate_dates(const struct tls_certificate *c, time_t now);
/* "asked for HOST, issued for NAMES"; host may be NULL; malloc'ed. */
char *tls_certificate_names(const struct tls_certificate *c, const char *host);
/* Appends the session and its certificates; nothing if there is neither. */
void tls_info_text(const struct tls_info *info, time_t now, struct strbuf *out);

#endif
