/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tlsa: TLSA records (RFC 6698) of a server, and which of them decide for SMTP (RFC 7672).  Pure; the records are
 * compared with certificates in tls_dane.c.
 */
#ifndef TLS_TLSA_H
#define TLS_TLSA_H

#include <stdbool.h>
#include <stddef.h>

enum { TLSA_USAGE_ANCHOR = 2, TLSA_USAGE_SERVER = 3 }; /* DANE-TA, DANE-EE */
enum { TLSA_SELECT_CERTIFICATE, TLSA_SELECT_KEY };     /* the complete certificate, or its public key */
enum { TLSA_MATCH_EXACTLY, TLSA_MATCH_SHA256, TLSA_MATCH_SHA512 };

struct tlsa_record {
	unsigned usage, selector, matching;
	struct {
		unsigned char *v;
		size_t n;
	} data;
};

/* All records of a server, from an answer that was validated. */
struct tlsa_records {
	struct tlsa_record *v;
	size_t n, cap;
	bool required; /* the user wants a record, and refuses the server without one that can be used */
};

void tlsa_records_release(struct tlsa_records *records);
/* Copies the data.  Any values may be added: tlsa_decides() sorts out. */
void tlsa_records_add(struct tlsa_records *records, struct tlsa_record record);

/*
 * May record i accept a server?  Usages 0 and 1 may not (RFC 7672 section 3.1.3), nor what is malformed or unknown, nor
 * a digest where a stronger one stands for the same usage and selector (RFC 7671 section 9).
 */
bool tlsa_decides(const struct tlsa_records *records, size_t i);
/* True if one record decides: then the server speaks DANE, and only these records can accept it.  records may be NULL.
 */
bool tlsa_any_decides(const struct tlsa_records *records);

#endif
