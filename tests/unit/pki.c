/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pki.h"

#include "base/xalloc.h"
#include "tls/pin.h"

#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gnutls/x509-ext.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define DAY (24 * 60 * 60)
#define OK(call) assert_true((call) >= 0)

/* GnuTLS itself cuts a name at NUL, an attacker does not: SEQUENCE { dNSName [2] } by hand. */
static void add_raw_name(gnutls_x509_crt_t crt, struct span name)
{
	assert_true(name.len < 100);
	AUTO(strbuf) der = STRBUF_INIT;
	strbuf_addf(&der, "%c%c%c%c", 0x30, (int)name.len + 2, 0x82, (int)name.len);
	strbuf_add_span(&der, name);
	OK(gnutls_x509_crt_set_extension_by_oid(crt, GNUTLS_X509EXT_OID_SAN, der.buf, der.len, 0));
}

static void add_names(gnutls_x509_crt_t crt, const struct pki_spec *spec)
{
	if (spec->san.ptr) {
		OK(gnutls_x509_crt_set_extension_by_oid(crt, GNUTLS_X509EXT_OID_SAN, spec->san.ptr, spec->san.len, 0));
		return;
	}
	if (spec->dns[0].ptr && memchr(spec->dns[0].ptr, '\0', spec->dns[0].len)) {
		add_raw_name(crt, spec->dns[0]);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(spec->dns) && spec->dns[i].ptr; i++)
		OK(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, spec->dns[i].ptr,
							(unsigned)spec->dns[i].len, GNUTLS_FSAN_APPEND));
	if (spec->ip) {
		unsigned char octets[16];
		int family = strchr(spec->ip, ':') ? AF_INET6 : AF_INET;
		assert_int_equal(inet_pton(family, spec->ip, octets), 1);
		OK(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, octets, family == AF_INET ? 4 : 16,
							GNUTLS_FSAN_APPEND));
	}
}

/* GnuTLS compares the names of certificates it has read, not of those it has made. */
static void read_back(struct pki_cert *c)
{
	gnutls_datum_t der;
	OK(gnutls_x509_crt_export2(c->crt, GNUTLS_X509_FMT_DER, &der));
	gnutls_x509_crt_deinit(c->crt);
	OK(gnutls_x509_crt_init(&c->crt));
	OK(gnutls_x509_crt_import(c->crt, &der, GNUTLS_X509_FMT_DER));
	gnutls_free(der.data);
}

void pki_make(struct pki_cert *out, const struct pki_spec *spec)
{
	unsigned char serial[8] = {1};
	OK(gnutls_rnd(GNUTLS_RND_NONCE, serial + 1, sizeof(serial) - 1));
	OK(gnutls_x509_privkey_init(&out->key));
	if (spec->key_of)
		OK(gnutls_x509_privkey_cpy(out->key, spec->key_of->key));
	else if (spec->rsa_bits)
		OK(gnutls_x509_privkey_generate(out->key, GNUTLS_PK_RSA, spec->rsa_bits, 0));
	else
		OK(gnutls_x509_privkey_generate(out->key, GNUTLS_PK_ECDSA,
						GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
	OK(gnutls_x509_crt_init(&out->crt));
	time_t now = time(NULL);
	bool dates = spec->from_days || spec->to_days;
	OK(gnutls_x509_crt_set_version(out->crt, 3));
	OK(gnutls_x509_crt_set_serial(out->crt, serial, sizeof(serial)));
	OK(gnutls_x509_crt_set_dn_by_oid(out->crt, GNUTLS_OID_X520_COMMON_NAME, 0, spec->cn,
					 (unsigned)strlen(spec->cn)));
	OK(gnutls_x509_crt_set_activation_time(out->crt, now + (dates ? spec->from_days : -1) * DAY));
	OK(gnutls_x509_crt_set_expiration_time(out->crt, now + (dates ? spec->to_days : 1) * DAY));
	OK(gnutls_x509_crt_set_basic_constraints(out->crt, spec->ca, -1));
	OK(gnutls_x509_crt_set_key_usage(out->crt, spec->key_usage ? spec->key_usage
						   : spec->ca	   ? GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN
								   : GNUTLS_KEY_DIGITAL_SIGNATURE));
	if (spec->purpose)
		OK(gnutls_x509_crt_set_key_purpose_oid(out->crt, spec->purpose, 0));
	add_names(out->crt, spec);
	OK(gnutls_x509_crt_set_key(out->crt, out->key));
	const struct pki_cert *issuer = spec->issuer ? spec->issuer : out;
	OK(gnutls_x509_crt_sign2(out->crt, issuer->crt, issuer->key, spec->digest ? spec->digest : GNUTLS_DIG_SHA256,
				 0));
	read_back(out);
}

void pki_free(struct pki_cert *c)
{
	gnutls_x509_crt_deinit(c->crt);
	gnutls_x509_privkey_deinit(c->key);
}

static void add_datum(struct strbuf *out, gnutls_datum_t *datum)
{
	strbuf_add(out, datum->data, datum->size);
	gnutls_free(datum->data);
}

void pki_pem(const struct pki_cert *c, struct strbuf *out)
{
	gnutls_datum_t pem;
	OK(gnutls_x509_crt_export2(c->crt, GNUTLS_X509_FMT_PEM, &pem));
	add_datum(out, &pem);
}

void pki_key_pem(const struct pki_cert *c, const char *phrase, struct strbuf *out)
{
	gnutls_datum_t pem;
	OK(gnutls_x509_privkey_export2_pkcs8(c->key, GNUTLS_X509_FMT_PEM, phrase,
					     phrase ? GNUTLS_PKCS_PBES2_AES_256 : GNUTLS_PKCS_PLAIN, &pem));
	add_datum(out, &pem);
}

void pki_crl_pem(const struct pki_cert *ca, const struct pki_cert *revoked, struct strbuf *out)
{
	gnutls_x509_crl_t crl;
	gnutls_datum_t pem;
	time_t now = time(NULL);
	OK(gnutls_x509_crl_init(&crl));
	OK(gnutls_x509_crl_set_version(crl, 2));
	OK(gnutls_x509_crl_set_number(crl, "\1", 1));
	OK(gnutls_x509_crl_set_this_update(crl, now - DAY));
	OK(gnutls_x509_crl_set_next_update(crl, now + DAY));
	OK(gnutls_x509_crl_set_crt(crl, revoked->crt, now - DAY));
	OK(gnutls_x509_crl_sign2(crl, ca->crt, ca->key, GNUTLS_DIG_SHA256, 0));
	OK(gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_PEM, &pem));
	gnutls_x509_crl_deinit(crl);
	add_datum(out, &pem);
}

char *pki_fingerprint(const struct pki_cert *c, gnutls_digest_algorithm_t digest)
{
	unsigned char octets[32];
	size_t len = sizeof(octets);
	OK(gnutls_x509_crt_get_fingerprint(c->crt, digest, octets, &len));
	struct strbuf sb = STRBUF_INIT;
	for (size_t i = 0; i < len; i++)
		strbuf_addf(&sb, "%s%02x", i ? ":" : "", octets[i]);
	return strbuf_detach(&sb, NULL);
}

char *pki_pin(const struct pki_cert *c)
{
	unsigned char id[32];
	size_t len = sizeof(id);
	OK(gnutls_x509_crt_get_key_id(c->crt, GNUTLS_KEYID_USE_SHA256, id, &len));
	return tls_pin_text(id);
}
