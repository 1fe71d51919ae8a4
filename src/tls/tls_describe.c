/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clean_text.h"
#include "base/strbuf.h"
#include "base/xalloc.h"
#include "tls/tls_internal.h"

#include <arpa/inet.h>

#define DN_MAX 300

char *tls_describe_bytes(const void *bytes, size_t len)
{
	static const char hex[] = "0123456789ABCDEF";
	struct strbuf sb = STRBUF_INIT;
	const unsigned char *p = bytes;
	for (size_t i = 0; i < len; i++) {
		if (i)
			strbuf_addch(&sb, ':');
		strbuf_addch(&sb, hex[p[i] >> 4]);
		strbuf_addch(&sb, hex[p[i] & 15]);
	}
	return strbuf_detach(&sb, NULL);
}

char *tls_describe_fingerprint(gnutls_digest_algorithm_t digest, const gnutls_datum_t *der)
{
	unsigned char bytes[64];
	size_t len = sizeof(bytes);
	if (gnutls_fingerprint(digest, der, bytes, &len) < 0)
		len = 0;
	return tls_describe_bytes(bytes, len);
}

char *tls_describe_dn(gnutls_x509_crt_t crt, bool issuer)
{
	gnutls_datum_t dn;
	int rc = issuer ? gnutls_x509_crt_get_issuer_dn3(crt, &dn, 0) : gnutls_x509_crt_get_dn3(crt, &dn, 0);
	if (rc < 0)
		return xstrdup("?");
	char *clean = clean_text(span_make((const char *)dn.data, dn.size), DN_MAX);
	gnutls_free(dn.data);
	return clean;
}

static void push_address(struct strvec *names, bool with_type, const void *bytes, size_t len)
{
	char text[INET6_ADDRSTRLEN];
	int family = len == 4 ? AF_INET : AF_INET6;
	if ((len == 4 || len == 16) && inet_ntop(family, bytes, text, sizeof(text)))
		strvec_pushf(names, "%s%s", with_type ? "IP:" : "", text);
}

void tls_describe_names(gnutls_x509_crt_t crt, bool with_type, struct strvec *names)
{
	for (unsigned i = 0;; i++) {
		char value[1024];
		size_t len = sizeof(value);
		int type = gnutls_x509_crt_get_subject_alt_name(crt, i, value, &len, NULL);
		if (type == GNUTLS_E_SHORT_MEMORY_BUFFER)
			continue;
		if (type < 0)
			break;
		if (type == GNUTLS_SAN_IPADDRESS)
			push_address(names, with_type, value, len);
		if (type != GNUTLS_SAN_DNSNAME)
			continue;
		AUTO_FREE char *clean = clean_text(span_make(value, len), DN_MAX);
		strvec_pushf(names, "%s%s", with_type ? "DNS:" : "", clean);
	}
}

static char *describe_key(gnutls_x509_crt_t crt)
{
	unsigned bits = 0;
	int algorithm = gnutls_x509_crt_get_pk_algorithm(crt, &bits);
	const char *name = algorithm < 0 ? NULL : gnutls_pk_algorithm_get_name((gnutls_pk_algorithm_t)algorithm);
	return xasprintf("%s %u bits", name ? name : "?", bits);
}

static char *describe_serial(gnutls_x509_crt_t crt)
{
	unsigned char serial[64];
	size_t len = sizeof(serial);
	if (gnutls_x509_crt_get_serial(crt, serial, &len) < 0)
		len = 0;
	return tls_describe_bytes(serial, len);
}

static void describe_certificate(gnutls_x509_crt_t crt, const gnutls_datum_t *der, struct tls_certificate *c)
{
	unsigned char pin[TLS_PIN_BYTES];
	bool has_key = tls_chain_pin(crt, pin);
	*c = (struct tls_certificate){
		.subject = tls_describe_dn(crt, false),
		.issuer = tls_describe_dn(crt, true),
		.names = STRVEC_INIT,
		.not_before = gnutls_x509_crt_get_activation_time(crt),
		.not_after = gnutls_x509_crt_get_expiration_time(crt),
		.sha256 = tls_describe_fingerprint(GNUTLS_DIG_SHA256, der),
		.sha1 = tls_describe_fingerprint(GNUTLS_DIG_SHA1, der),
		.spki_sha256 = tls_describe_bytes(pin, has_key ? sizeof(pin) : 0),
		.pin = has_key ? tls_pin_text(pin) : NULL,
		.key = describe_key(crt),
		.serial = describe_serial(crt),
	};
	tls_describe_names(crt, true, &c->names);
}

void tls_describe_chain(gnutls_session_t session, struct tls_info *info)
{
	unsigned n = 0;
	const gnutls_datum_t *der = gnutls_certificate_get_peers(session, &n);
	if (!der || gnutls_certificate_type_get(session) != GNUTLS_CRT_X509)
		return;
	info->chain = xcalloc(n, sizeof(*info->chain));
	for (unsigned i = 0; i < n; i++) {
		gnutls_x509_crt_t crt;
		if (gnutls_x509_crt_init(&crt) < 0)
			xalloc_die();
		if (gnutls_x509_crt_import(crt, &der[i], GNUTLS_X509_FMT_DER) >= 0)
			describe_certificate(crt, &der[i], &info->chain[info->chain_len++]);
		gnutls_x509_crt_deinit(crt);
	}
}

static char *text_or_unknown(const char *s)
{
	return xstrdup(s ? s : "?");
}

void tls_describe_session(gnutls_session_t session, struct tls_info *info)
{
	info->active = true;
	info->version = text_or_unknown(gnutls_protocol_get_name(gnutls_protocol_get_version(session)));
	info->cipher = text_or_unknown(gnutls_cipher_get_name(gnutls_cipher_get(session)));
	info->resumed = gnutls_session_is_resumed(session) != 0;
	char *desc = gnutls_session_get_desc(session);
	info->description = text_or_unknown(desc);
	gnutls_free(desc);
}
