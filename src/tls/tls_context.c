/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/tls_internal.h"

#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"

#include <arpa/inet.h>

/*
 * The system's default priorities, set by the administrator, stay in force, and these are appended: NORMAL alone
 * would offer TLS 1.0 and accept 1024-bit RSA keys.
 */
#define PRIORITIES_APPENDED "-VERS-TLS1.1:-VERS-TLS1.0:%PROFILE_MEDIUM"

static bool is_ip_literal(const char *host)
{
	unsigned char buf[16];
	return inet_pton(AF_INET, host, buf) == 1 || inet_pton(AF_INET6, host, buf) == 1;
}

/* "mail.example.org." names the same host as without the final dot, but matches no certificate and no SNI entry. */
static char *without_final_dot(const char *host)
{
	size_t len = strlen(host);
	return xmemdup0(host, len && host[len - 1] == '.' ? len - 1 : len);
}

static bool set_priorities(struct tls_context *ctx, struct error *err)
{
	const char *wanted = ctx->policy.priorities, *where = NULL;
	int rc = wanted ? gnutls_priority_init(&ctx->priorities, wanted, &where)
			: gnutls_priority_init2(&ctx->priorities, PRIORITIES_APPENDED, &where,
						GNUTLS_PRIORITY_INIT_DEF_APPEND);
	if (rc >= 0)
		return true;
	ctx->priorities = NULL;
	if (wanted && where && *where)
		return error_set(err, ERROR_CONFIG, _("tls_priorities \"%s\" is not understood from \"%s\" on"), wanted,
				 where);
	return error_set(err, ERROR_CONFIG, _("tls_priorities \"%s\" cannot be used: %s"),
			 wanted ? wanted : PRIORITIES_APPENDED, gnutls_strerror(rc));
}

static bool is_url(const char *name)
{
	return gnutls_url_is_supported(name) != 0;
}

/* GnuTLS only says "Error while reading file"; opening the file first finds out which file and why. */
static bool check_readable(const char *name, const char *what, struct error *err)
{
	if (is_url(name))
		return true;
	AUTO_FD int fd = fs_open_regular(name, what, err);
	return fd >= 0;
}

static int answer_pin(void *arg, int attempt, const char *url, const char *label, unsigned flags, char *pin,
		      size_t room)
{
	const struct tls_context *ctx = arg;
	(void)url;
	(void)label;
	(void)flags;
	/* Never try the same PIN twice: a token locks itself after a few wrong ones. */
	if (attempt > 0 || !ctx->policy.key_pin || !secret_is_set(ctx->policy.key_pin))
		return -1;
	struct span bytes = secret_reveal(ctx->policy.key_pin);
	if (bytes.len >= room || memchr(bytes.ptr, '\0', bytes.len))
		return -1;
	memcpy(pin, bytes.ptr, bytes.len);
	pin[bytes.len] = '\0';
	return 0;
}

static bool key_error(const struct tls_policy *policy, int rc, struct error *err)
{
	switch (rc) {
	case GNUTLS_E_CERTIFICATE_KEY_MISMATCH:
		return error_set(err, ERROR_CONFIG, _("the key in %s does not belong to the certificate in %s"),
				 policy->key_file, policy->cert_file);
	case GNUTLS_E_DECRYPTION_FAILED:
	case GNUTLS_E_PKCS11_PIN_ERROR:
	case GNUTLS_E_PKCS11_PIN_EXPIRED:
	case GNUTLS_E_PKCS11_PIN_LOCKED:
		(void)error_set(err, ERROR_CONFIG, _("the key in %s is protected and cannot be opened: %s"),
				policy->key_file, gnutls_strerror(rc));
		error_hint(err, policy->key_pin ? _("The pass phrase or PIN is wrong; it was tried only once.")
						: _("Provide its pass phrase or PIN."));
		return false;
	default:
		return error_set(err, ERROR_CONFIG, _("the client certificate %s with the key %s cannot be used: %s"),
				 policy->cert_file, policy->key_file, gnutls_strerror(rc));
	}
}

static bool load_client_certificate(struct tls_context *ctx, struct error *err)
{
	const struct tls_policy *policy = &ctx->policy;
	if (!policy->cert_file && !policy->key_file)
		return true;
	if (!policy->cert_file || !policy->key_file)
		return error_set(err, ERROR_CONFIG,
				 _("a client certificate needs both tls_cert_file and tls_key_file"));
	if (!check_readable(policy->cert_file, _("client certificate"), err) ||
	    !check_readable(policy->key_file, _("client key"), err))
		return false;
	gnutls_certificate_set_pin_function(ctx->cred, answer_pin, ctx);
	const char *phrase =
		policy->key_pin && secret_is_set(policy->key_pin) ? secret_reveal(policy->key_pin).ptr : NULL;
	int rc =
		gnutls_certificate_set_x509_key_file2(ctx->cred, policy->cert_file, policy->key_file,
						      GNUTLS_X509_FMT_PEM, is_url(policy->key_file) ? NULL : phrase, 0);
	return rc >= 0 || key_error(policy, rc, err);
}

static bool load_crl(struct tls_context *ctx, struct error *err)
{
	const char *name = ctx->policy.crl_file;
	if (!name || ctx->trust == TRUST_NONE_NEEDED)
		return true;
	if (!check_readable(name, _("revocation list"), err))
		return false;
	int n = gnutls_certificate_set_x509_crl_file(ctx->cred, name, GNUTLS_X509_FMT_PEM);
	if (n <= 0)
		return error_set(err, ERROR_FILE_MISSING,
				 _("the revocation list %s contains no CRL that can be read%s%s"), name, n ? ": " : "",
				 n ? gnutls_strerror(n) : "");
	return true;
}

struct tls_context *tls_context_new_loading(const struct tls_policy *policy, const struct tls_loading *loading,
					    struct error *err)
{
	AUTO_PTR(tls_context) ctx = xcalloc(1, sizeof(*ctx));
	ctx->policy = *policy;
	ctx->refs = 1;
	ctx->bundle_fd = -1;
	ctx->host = without_final_dot(policy->host ? policy->host : "");
	ctx->host_is_ip = is_ip_literal(ctx->host);
	if (policy->certcheck && policy->fingerprint &&
	    !tls_fingerprint_parse(policy->fingerprint, ctx->pin, &ctx->pin_len, err)) {
		error_prefix(err, "tls_fingerprint");
		return NULL;
	}
	if (policy->certcheck && !ctx->pin_len && !*ctx->host) {
		(void)error_set(err, ERROR_INTERNAL, _("no host name was given to compare the certificate with"));
		return NULL;
	}
	if (gnutls_certificate_allocate_credentials(&ctx->cred) < 0)
		xalloc_die();
	if (!set_priorities(ctx, err) || !tls_trust_prepare(ctx, loading, err) || !load_crl(ctx, err) ||
	    !load_client_certificate(ctx, err))
		return NULL;
	return steal_ptr(ctx);
}

struct tls_context *tls_context_new(const struct tls_policy *policy, struct error *err)
{
	return tls_context_new_loading(policy, &(struct tls_loading){.how = TLS_LOAD_AS_USUAL}, err);
}

/* Streams hold a reference: GnuTLS uses the credentials for as long as a session lives. */
void tls_context_free(struct tls_context *ctx)
{
	if (!ctx || --ctx->refs)
		return;
	if (ctx->priorities)
		gnutls_priority_deinit(ctx->priorities);
	if (ctx->cred)
		gnutls_certificate_free_credentials(ctx->cred);
	if (ctx->bundle_fd >= 0)
		(void)close(ctx->bundle_fd); /* opened for reading only */
	free(ctx->host);
	free(ctx);
}
