/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of a bundle of roots only the one that is needed, found by its name's octets. */
#include "limit.h"

#include <fcntl.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A root's own name stands twice near its beginning: this much of it is decoded. */
#define HEAD 768

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static size_t decode_head(const unsigned char value[256], const char *p, const char *end, unsigned char *out)
{
	unsigned bits = 0, n = 0;
	size_t len = 0;
	for (; p < end && len < HEAD && *p != '-'; p++) {
		unsigned v = value[(unsigned char)*p];
		if (v > 63)
			continue;
		bits = bits << 6 | v;
		if (++n % 4 == 0) {
			out[len++] = (unsigned char)(bits >> 16);
			out[len++] = (unsigned char)(bits >> 8);
			out[len++] = (unsigned char)bits;
			bits = 0;
		}
	}
	return len;
}

static int add_issuer(gnutls_certificate_credentials_t cred, const char *bundle, size_t size,
		      const gnutls_datum_t *name)
{
	unsigned char value[256], head[HEAD + 3];
	const char *end = bundle + size, *p = bundle, *block;
	int found = 0;
	memset(value, 255, sizeof(value));
	for (unsigned i = 0; i < 64; i++)
		value[(unsigned char)digits[i]] = (unsigned char)i;
	while ((block = memmem(p, (size_t)(end - p), "-----BEGIN CERT", 15))) {
		const char *text = memchr(block, '\n', (size_t)(end - block));
		const char *stop = text ? memmem(text, (size_t)(end - text), "-----END CERT", 13) : NULL;
		const char *after = stop ? memchr(stop, '\n', (size_t)(end - stop)) : NULL;
		if (!after)
			break;
		p = after;
		size_t len = decode_head(value, text, stop, head);
		if (memmem(head, len, name->data, name->size)) {
			gnutls_datum_t pem = {(unsigned char *)(unsigned long)block, (unsigned)(after - block)};
			int rc = gnutls_certificate_set_x509_trust_mem(cred, &pem, GNUTLS_X509_FMT_PEM);
			found += rc > 0 ? rc : 0;
		}
	}
	return found;
}

static int name_of_issuer(gnutls_session_t session, gnutls_datum_t *name)
{
	unsigned n = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &n);
	gnutls_x509_crt_t last;
	if (!chain || !n || gnutls_x509_crt_init(&last) < 0)
		return GNUTLS_E_CERTIFICATE_ERROR;
	int rc = gnutls_x509_crt_import(last, &chain[n - 1], GNUTLS_X509_FMT_DER);
	if (rc == 0)
		rc = gnutls_x509_crt_get_raw_issuer_dn(last, name);
	gnutls_x509_crt_deinit(last);
	return rc;
}

int limit_verify(gnutls_session_t session, const char *bundle, const char *host)
{
	gnutls_certificate_credentials_t cred;
	gnutls_datum_t name = {NULL, 0};
	gnutls_typed_vdata_st data[2] = {
		{GNUTLS_DT_DNS_HOSTNAME, (unsigned char *)(unsigned long)host, 0},
		{GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)(unsigned long)GNUTLS_KP_TLS_WWW_SERVER, 0},
	};
	unsigned status = 1;
	struct stat st;
	int fd = open(bundle, O_RDONLY | O_CLOEXEC), rc;
	if (fd < 0 || fstat(fd, &st) < 0)
		return GNUTLS_E_FILE_ERROR;
	char *octets = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	close(fd);
	if (octets == MAP_FAILED || gnutls_credentials_get(session, GNUTLS_CRD_CERTIFICATE, (void **)&cred) < 0)
		return GNUTLS_E_FILE_ERROR;
	rc = name_of_issuer(session, &name);
	if (rc == 0 && !add_issuer(cred, octets, (size_t)st.st_size, &name))
		rc = GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
	if (rc == 0)
		rc = gnutls_certificate_verify_peers(session, data, 2, &status);
	gnutls_free(name.data);
	munmap(octets, (size_t)st.st_size);
	return rc < 0 ? rc : status ? GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR : 0;
}
