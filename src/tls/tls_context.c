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
#define PROFILE_APPENDED "%PROFILE_MEDIUM"
#define VERSIONS_1_2 "-VERS-TLS1.1:-VERS-TLS1.0"
#define VERSIONS_1_3 VERSIONS_1_2 ":-VERS-TLS1.2"

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

static const char *versions_of(enum tls_min_version min)
{
	return min == TLS_MIN_1_3 ? VERSIONS_1_3 : VERSIONS_1_2;
}

/* Does the user's string add to the default ones, or is it complete? */
static bool is_addition(const char *wanted)
{
	return !wanted || strchr("+-!%", *wanted);
}

/* What GnuTLS gets; malloc'ed. */
static char *priorities_text(const struct tls_policy *policy)
{
	const char *wanted = policy->priorities;
	struct strbuf text = STRBUF_INIT;
	if (is_addition(wanted)) {
		strbuf_adds(&text, versions_of(policy->min_version));
		strbuf_adds(&text, ":" PROFILE_APPENDED);
	}
	if (wanted && *wanted)
		strbuf_addf(&text, "%s%s", text.len ? ":" : "", wanted);
	if (!strstr(text.buf, "PROFILE"))
		strbuf_adds(&text, ":" PROFILE_APPENDED);
	if (wanted && policy->min_version != TLS_MIN_DEFAULT) /* whatever the string allows */
		strbuf_addf(&text, ":%s", versions_of(policy->min_version));
	return strbuf_detach(&text, NULL);
}

static bool set_priorities(struct tls_context *ctx, struct error *err)
{
	const char *wanted = ctx->policy.priorities, *where = NULL;
	AUTO_FREE char *text = priorities_text(&ctx->policy);
	unsigned flags = is_addition(wanted) ? GNUTLS_PRIORITY_INIT_DEF_APPEND : 0;
	int rc = gnutls_priority_init2(&ctx->priorities, text, &where, flags);
	if (rc >= 0)
		return true;
	ctx->priorities = NULL;
	const char *shown = wanted ? wanted : text;
	if (wanted && where && *where) {
		/* without what we appended */
		const char *ours = strstr(text, wanted) + strlen(wanted);
		size_t len = strlen(where), tail = strlen(ours);
		return error_set(err, ERROR_CONFIG, _("tls_priorities \"%s\" is not understood from \"%.*s\" on"),
				 shown, (int)(len > tail ? len - tail : len), where);
	}
	return error_set(err, ERROR_CONFIG, _("tls_priorities \"%s\" cannot be used: %s"), shown, gnutls_strerror(rc));
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

static bool has_key_pin(struct tls_context *ctx)
{
	const struct tls_key_pin *pin = &ctx->policy.key_pin;
	if (!ctx->key_pin_asked && pin->get && !pin->get(pin->arg, &ctx->key_pin, &ctx->key_pin_error))
		secret_release(&ctx->key_pin);
	ctx->key_pin_asked = true;
	return secret_is_set(&ctx->key_pin);
}

static int answer_pin(void *arg, int attempt, const char *url, const char *label, unsigned flags, char *pin,
		      size_t room)
{
	struct tls_context *ctx = arg;
	(void)url;
	(void)label;
	/* Never try the same PIN twice, nor one at the last attempt: a token locks itself after a few wrong ones. */
	if (attempt > 0 || flags & (GNUTLS_PIN_WRONG | GNUTLS_PIN_FINAL_TRY) || !has_key_pin(ctx))
		return -1;
	struct span bytes = secret_reveal(&ctx->key_pin);
	if (bytes.len >= room || memchr(bytes.ptr, '\0', bytes.len))
		return -1;
	memcpy(pin, bytes.ptr, bytes.len);
	pin[bytes.len] = '\0';
	return 0;
}

static bool pin_error(struct tls_context *ctx, int rc, struct error *err)
{
	const struct tls_policy *policy = &ctx->policy;
	if (ctx->key_pin_error.status.kind != ERROR_NONE) {
		error_move(err, &ctx->key_pin_error);
		error_prefix(err, _("the key in %s is protected"), policy->key_file);
		return false;
	}
	(void)error_set(err, ERROR_CONFIG, _("the key in %s is protected and cannot be opened: %s"), policy->key_file,
			gnutls_strerror(rc));
	error_hint(err,
		   secret_is_set(&ctx->key_pin)
			   ? _("The pass phrase or PIN is wrong; it was tried only once.")
			   : _("Provide its pass phrase or PIN where the account's password is looked for, or at a "
			       "terminal."));
	return false;
}

static bool key_error(struct tls_context *ctx, int rc, struct error *err)
{
	const struct tls_policy *policy = &ctx->policy;
	switch (rc) {
	case GNUTLS_E_CERTIFICATE_KEY_MISMATCH:
		return error_set(err, ERROR_CONFIG, _("the key in %s does not belong to the certificate in %s"),
				 policy->key_file, policy->cert_file);
	case GNUTLS_E_DECRYPTION_FAILED:
	case GNUTLS_E_PKCS11_PIN_ERROR:
	case GNUTLS_E_PKCS11_PIN_EXPIRED:
	case GNUTLS_E_PKCS11_PIN_LOCKED:
	case GNUTLS_E_PKCS11_USER_ERROR: return pin_error(ctx, rc, err);
	default:
		/* a token that was not opened seems to have no such key */
		if (ctx->key_pin_error.status.kind != ERROR_NONE)
			return pin_error(ctx, rc, err);
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
	int rc = gnutls_certificate_set_x509_key_file2(ctx->cred, policy->cert_file, policy->key_file,
						       GNUTLS_X509_FMT_PEM, NULL, 0);
	return rc >= 0 || key_error(ctx, rc, err);
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

/* Without staples and lists of revoked certificates GnuTLS has nothing to check there. */
static void set_ocsp(struct tls_context *ctx)
{
	if (ctx->policy.ocsp == TLS_OCSP_OFF && !ctx->policy.crl_file)
		gnutls_certificate_set_verify_flags(ctx->cred, GNUTLS_VERIFY_DISABLE_CRL_CHECKS);
}

static bool parse_pins(struct tls_context *ctx, struct error *err)
{
	const struct tls_policy *policy = &ctx->policy;
	if (policy->fingerprint &&
	    !tls_fingerprint_parse(policy->fingerprint, ctx->fingerprint, &ctx->fingerprint_len, err)) {
		error_prefix(err, "tls_fingerprint");
		return false;
	}
	size_t n = policy->pins ? policy->pins->n : 0;
	ctx->pins = xcalloc(n + 1, sizeof(*ctx->pins));
	for (; ctx->pin_count < n; ctx->pin_count++)
		if (!tls_pin_parse(span_of(policy->pins->v[ctx->pin_count]), ctx->pins[ctx->pin_count]))
			return error_set(err, ERROR_CONFIG, _("tls_pin: \"%s\" is not sha256// and 32 bytes in base64"),
					 policy->pins->v[ctx->pin_count]);
	return true;
}

struct tls_context *tls_context_new_loading(const struct tls_policy *policy, const struct tls_loading *loading,
					    struct error *err)
{
	AUTO_PTR(tls_context) ctx = xcalloc(1, sizeof(*ctx));
	ctx->policy = *policy;
	ctx->refs = 1;
	ctx->bundle_fd = -1;
	ctx->key_pin = SECRET_INIT;
	ctx->key_pin_error = ERROR_INIT;
	ctx->host = without_final_dot(policy->host ? policy->host : "");
	ctx->host_is_ip = is_ip_literal(ctx->host);
	if (policy->certcheck && !parse_pins(ctx, err))
		return NULL;
	if (policy->certcheck && !(policy->fingerprint && policy->fingerprint_only) && !*ctx->host) {
		(void)error_set(err, ERROR_INTERNAL, _("no host name was given to compare the certificate with"));
		return NULL;
	}
	if (!gnutls_load(err))
		return NULL;
	if (gnutls_certificate_allocate_credentials(&ctx->cred) < 0)
		xalloc_die();
	set_ocsp(ctx);
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
	secret_release(&ctx->key_pin);
	error_release(&ctx->key_pin_error);
	free(ctx->pins);
	free(ctx->host);
	free(ctx);
}
