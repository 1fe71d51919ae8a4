/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_info: a description of a TLS session as text, for messages and JSON.  All strings are malloc'ed and printable.
 */
#ifndef TLS_INFO_H
#define TLS_INFO_H

#include "base/cleanup.h"
#include "base/strvec.h"

#include <stdbool.h>
#include <time.h>

struct tls_certificate {
	char *subject, *issuer; /* RFC 4514 DN */
	struct strvec names;	/* "DNS:mail.example.org", "IP:192.0.2.1" */
	time_t not_before, not_after;
	char *sha256, *sha1, *spki_sha256; /* hex, upper case, colons between bytes */
	char *pin;			   /* the last of these as tls_pin has it: "sha256//BASE64" */
	char *key;			   /* "EC/ECDSA 256 bits" */
	char *serial;			   /* hex */
};

struct tls_info {
	bool active;
	char *version;	   /* "TLS1.3" as GnuTLS names it */
	char *cipher;	   /* "AES-256-GCM" */
	char *description; /* the complete cipher suite, one line */
	char *verified_by; /* "ca", "pin", "first_use", "fingerprint", "dane", "none" */
	unsigned faults;   /* bits of enum tls_fault (verdict.h): what is wrong with the certificate */
	bool resumed;
	bool plain_text;	       /* the peer did not answer in TLS, but in plain text */
	unsigned round_trips;	       /* round trips of the handshake */
	struct tls_certificate *chain; /* the server's certificate first; filled only with TLS_CERTIFICATES (tls.h) */
	size_t chain_len;
	char *expected; /* with the chain: the names of which the server's certificate must have one, "a or b" */
};
/* Its last day is so near that the administrator should have renewed it. */
#define TLS_EXPIRES_SOON_DAYS 14
bool tls_certificate_expires_soon(const struct tls_certificate *c, time_t now);
#define TLS_INFO_INIT ((struct tls_info){.active = false})
void tls_info_release(struct tls_info *info);
/* Replaces *to: the texts are copied; the chain, with what was expected of it, is moved and is empty in *from
 * afterwards. */
void tls_info_take(struct tls_info *to, struct tls_info *from);

#endif
