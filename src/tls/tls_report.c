/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "tls/finding.h"
#include "tls/tls_internal.h"

static char *date_of(time_t t)
{
	char text[32] = "";
	struct tm tm;
	if (t == (time_t)-1 || !gmtime_r(&t, &tm) || !strftime(text, sizeof(text), "%Y-%m-%d", &tm))
		return NULL;
	return xstrdup(text);
}

char *tls_expected_names(const struct tls_context *ctx)
{
	char *text = xstrdup(ctx->host);
	for (size_t i = 0; i < TLS_OTHER_HOSTS && ctx->policy.other_hosts[i]; i++) {
		if (ascii_strcasecmp(ctx->policy.other_hosts[i], ctx->host) == 0)
			continue;
		AUTO_FREE char *before = text;
		text = xasprintf(_("%s or %s"), before, ctx->policy.other_hosts[i]);
	}
	return text;
}

/* The texts of a finding, owned. */
struct finding_texts {
	char *expected, *names, *not_before, *not_after, *culprit, *issuer, *weakness, *fingerprint, *pin, *accepted,
		*library, *trust;
};

static void finding_texts_release(struct finding_texts *w)
{
	free(w->expected);
	free(w->names);
	free(w->not_before);
	free(w->not_after);
	free(w->culprit);
	free(w->issuer);
	free(w->weakness);
	free(w->fingerprint);
	free(w->pin);
	free(w->accepted);
	free(w->library);
	free(w->trust);
}

#define NAMES_SHOWN 6

static char *names_in_words(gnutls_x509_crt_t leaf)
{
	AUTO(strvec) all = STRVEC_INIT;
	AUTO(strvec) shown = STRVEC_INIT;
	tls_describe_names(leaf, false, &all);
	if (!all.n)
		return NULL;
	for (size_t i = 0; i < all.n && i < NAMES_SHOWN; i++)
		strvec_push(&shown, all.v[i]);
	if (all.n > NAMES_SHOWN)
		strvec_push(&shown, "...");
	return strvec_join(&shown, ", ");
}

static bool outside_validity(gnutls_x509_crt_t crt, unsigned faults)
{
	time_t now = time(NULL);
	return ((faults & TLS_FAULT_EXPIRED) && gnutls_x509_crt_get_expiration_time(crt) < now) ||
	       ((faults & TLS_FAULT_NOT_YET_VALID) && gnutls_x509_crt_get_activation_time(crt) > now);
}

/* Finds the certificate whose dates are wrong: the server's own, one of its chain, or the CA's. */
static void dates_in_words(struct finding_texts *w, const struct tls_context *ctx, const struct tls_chain *chain,
			   unsigned faults)
{
	gnutls_x509_crt_t culprit = chain->crt[0], ca = NULL;
	if (!outside_validity(culprit, faults)) {
		unsigned i = 1;
		while (i < chain->n && !outside_validity(chain->crt[i], faults))
			i++;
		if (i < chain->n)
			culprit = chain->crt[i];
		else if (gnutls_certificate_get_issuer(ctx->cred, chain->crt[chain->n - 1], &ca, GNUTLS_TL_GET_COPY) >=
			 0)
			culprit = ca;
		w->culprit = tls_describe_dn(culprit, false);
	}
	w->not_before = date_of(gnutls_x509_crt_get_activation_time(culprit));
	w->not_after = date_of(gnutls_x509_crt_get_expiration_time(culprit));
	if (ca)
		gnutls_x509_crt_deinit(ca);
}

static char *library_words(unsigned status)
{
	gnutls_datum_t text;
	if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0) < 0)
		return NULL;
	char *clean = clean_text(span_make((const char *)text.data, text.size), 300);
	gnutls_free(text.data);
	return clean;
}

static char *signature_name(gnutls_x509_crt_t crt)
{
	int algorithm = gnutls_x509_crt_get_signature_algorithm(crt);
	const char *name = algorithm < 0 ? NULL : gnutls_sign_get_name((gnutls_sign_algorithm_t)algorithm);
	return xstrdup(name ? name : "?");
}

static char *key_name(gnutls_x509_crt_t crt)
{
	int algorithm = gnutls_x509_crt_get_pk_algorithm(crt, NULL);
	const char *name = algorithm < 0 ? NULL : gnutls_pk_algorithm_get_name((gnutls_pk_algorithm_t)algorithm);
	return xstrdup(name ? name : "?");
}

/* NULL: GnuTLS calls something weak that we do not. */
static char *weakness_in_words(const struct tls_chain *chain)
{
	const struct tls_weakness weak = tls_chain_weakness(chain, true);
	gnutls_x509_crt_t crt = chain->crt[weak.at];
	AUTO_FREE char *key = key_name(crt), *signature = signature_name(crt), *dn = tls_describe_dn(crt, false);
	if (weak.bits < weak.least)
		return weak.at ? xasprintf(_("the %s key of %s in its chain has %u bits, and %u are needed"), key, dn,
					   weak.bits, weak.least)
			       : xasprintf(_("its %s key has %u bits, and %u are needed"), key, weak.bits, weak.least);
	if (!weak.old_signature)
		return NULL;
	return weak.at ? xasprintf(_("the certificate of %s in its chain is signed with %s, which can be forged"), dn,
				   signature)
		       : xasprintf(_("it is signed with %s, which can be forged"), signature);
}

/* Did the OCSP staple say that the certificate was revoked? */
static bool staple_says_revoked(gnutls_session_t session)
{
	gnutls_datum_t data;
	gnutls_ocsp_resp_t response;
	unsigned status = GNUTLS_OCSP_CERT_UNKNOWN;
	if (gnutls_ocsp_status_request_get(session, &data) < 0)
		return false;
	if (gnutls_ocsp_resp_init(&response) < 0)
		xalloc_die();
	if (gnutls_ocsp_resp_import(response, &data) >= 0)
		(void)gnutls_ocsp_resp_get_single(response, 0, NULL, NULL, NULL, NULL, &status, NULL, NULL, NULL, NULL);
	gnutls_ocsp_resp_deinit(response);
	return status == GNUTLS_OCSP_CERT_REVOKED;
}

static char *pin_of(gnutls_x509_crt_t crt)
{
	unsigned char pin[TLS_PIN_BYTES];
	return tls_chain_pin(crt, pin) ? tls_pin_text(pin) : NULL;
}

bool tls_report(const struct tls_context *ctx, gnutls_session_t session, const struct tls_chain *chain, unsigned faults,
		unsigned status, struct error *err)
{
	const struct tls_policy *policy = &ctx->policy;
	AUTO(finding_texts) w = {.expected = tls_expected_names(ctx), .names = names_in_words(chain->crt[0])};
	if (faults & (TLS_FAULT_EXPIRED | TLS_FAULT_NOT_YET_VALID))
		dates_in_words(&w, ctx, chain, faults);
	if (faults & TLS_FAULT_WEAK)
		w.weakness = weakness_in_words(chain);
	if (policy->known)
		w.accepted = tls_describe_bytes(policy->known->sha256, sizeof(policy->known->sha256));
	w.issuer = tls_describe_dn(chain->crt[chain->n - 1], true);
	w.fingerprint = tls_describe_fingerprint(GNUTLS_DIG_SHA256, &chain->der[0]);
	w.pin = pin_of(chain->crt[0]);
	w.library = library_words(status);
	w.trust = xstrdup(policy->trust_file ? policy->trust_file : _("the system's CA store"));
	struct tls_finding finding = {
		.faults = faults,
		.host = ctx->host,
		.expected = w.expected,
		.names = w.names,
		.not_before = w.not_before,
		.not_after = w.not_after,
		.culprit = w.culprit,
		.issuer = w.issuer,
		.weakness = w.weakness,
		.staple_revoked = faults & TLS_FAULT_REVOKED && staple_says_revoked(session),
		.fingerprint = w.fingerprint,
		.pin = w.pin,
		.accepted = w.accepted,
		.account = policy->account,
		.pins_of_chain = policy->trust != TLS_TRUST_PIN,
		.library_words = w.library,
		.trust = w.trust,
	};
	return tls_finding_error(&finding, err);
}
