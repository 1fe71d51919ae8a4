/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/finding.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/strbuf.h"
#include "base/strvec.h"

static const char *or_unknown(const char *s)
{
	return s ? s : _("unknown");
}

static const char *expected_name(const struct tls_finding *f)
{
	return or_unknown(f->expected ? f->expected : f->host);
}

static void add_validity(struct strvec *why, const struct tls_finding *f)
{
	if (f->faults & TLS_FAULT_EXPIRED) {
		if (f->culprit)
			strvec_pushf(why, _("the certificate of %s in its chain expired on %s"), f->culprit,
				     or_unknown(f->not_after));
		else
			strvec_pushf(why, _("it expired on %s"), or_unknown(f->not_after));
	}
	if (f->faults & TLS_FAULT_NOT_YET_VALID) {
		if (f->culprit)
			strvec_pushf(why, _("the certificate of %s in its chain is not valid before %s"), f->culprit,
				     or_unknown(f->not_before));
		else
			strvec_pushf(why, _("it is not valid before %s"), or_unknown(f->not_before));
	}
}

static void add_issuer(struct strvec *why, const struct tls_finding *f)
{
	const char *trust = f->trust ? f->trust : _("the system's CA store");
	if (f->faults & TLS_FAULT_REVOKED)
		strvec_push(why, f->staple_revoked
					 ? _("it was revoked by its issuer, as the OCSP staple the server sent says")
					 : _("it was revoked by its issuer"));
	if (f->faults & TLS_FAULT_SELF_SIGNED)
		strvec_pushf(why, _("it is self-signed and is not in %s"), trust);
	if (f->faults & TLS_FAULT_UNKNOWN_ISSUER)
		strvec_pushf(why, _("its issuer %s is not in %s"), or_unknown(f->issuer), trust);
}

static void add_key(struct strvec *why, const struct tls_finding *f)
{
	if (f->faults & TLS_FAULT_PIN)
		strvec_push(why, f->pins_of_chain ? _("no key of the chain that was verified is in tls_pin")
						  : _("its key is not in tls_pin"));
	if (f->faults & TLS_FAULT_KEY_CHANGED)
		strvec_pushf(why,
			     _("the server's key has changed: the certificate you accepted had the SHA-256 fingerprint "
			       "%s, this one has %s"),
			     or_unknown(f->accepted), or_unknown(f->fingerprint));
	if (f->faults & TLS_FAULT_KEY_UNKNOWN)
		strvec_pushf(why,
			     _("you have not accepted the server's key yet; its certificate has the SHA-256 "
			       "fingerprint %s"),
			     or_unknown(f->fingerprint));
}

static void add_tlsa(struct strvec *why, const struct tls_finding *f)
{
	if (f->faults & TLS_FAULT_TLSA)
		strvec_push(why, _("it does not match the TLSA records (DANE) of the server"));
	if (f->faults & TLS_FAULT_TLSA_NONE)
		strvec_push(why, _("DANE is required, and the server has no TLSA record that can be used"));
}

static void add_staple(struct strvec *why, const struct tls_finding *f)
{
	if (f->faults & TLS_FAULT_STAPLE_MISSING)
		strvec_push(why, _("it requires an OCSP staple (must-staple), and the server sent none"));
	if (f->faults & TLS_FAULT_STAPLE_BAD)
		strvec_push(why, _("the OCSP staple the server sent with it is invalid or out of date"));
	if (f->faults & TLS_FAULT_STAPLE_REQUIRED)
		strvec_push(why, _("tls_ocsp requires a valid OCSP staple, and the server sent none"));
}

/* Adds one clause for each fault. */
static void add_clauses(struct strvec *why, const struct tls_finding *f)
{
	if (f->faults & TLS_FAULT_FINGERPRINT)
		strvec_push(why, _("its fingerprint is not the one in tls_fingerprint"));
	if (f->faults & TLS_FAULT_NAME) {
		if (f->names)
			strvec_pushf(why, _("it was issued for %s, not for %s"), f->names, expected_name(f));
		else
			strvec_pushf(why, _("it was not issued for %s"), expected_name(f));
	}
	add_validity(why, f);
	add_issuer(why, f);
	if (f->faults & TLS_FAULT_WEAK)
		strvec_push(why, f->weakness ? f->weakness : _("it uses a key or a signature that is too weak"));
	if (f->faults & TLS_FAULT_PURPOSE)
		strvec_push(why, _("its purpose is not to identify servers (the key purpose serverAuth is missing)"));
	add_staple(why, f);
	if (f->faults & TLS_FAULT_NO_SAN)
		strvec_pushf(why, _("it has no alternative name (SAN) to compare with %s"), expected_name(f));
	if (f->faults & TLS_FAULT_NO_CERTIFICATE)
		strvec_push(why, _("the server sent none"));
	add_tlsa(why, f);
	add_key(why, f);
	if (f->faults & TLS_FAULT_OTHER)
		strvec_push(why, f->library_words ? f->library_words : _("it did not pass the check"));
}

/* The hint does not contain the fingerprint: copied from a connection that may be intercepted, it would pin the
 * attacker (RFC 8314 section 5.4). */
static void hint_pin(struct error *err)
{
	error_hint(
		err,
		_("If you expect this certificate, compare the fingerprint that --serverinfo prints with the one the "
		  "server's administrator names, and set tls_fingerprint to that."));
}

/* The fingerprint is in the text, and to be compared before the key is accepted. */
static void hint_accept(const struct tls_finding *f, struct error *err)
{
	const char *account = f->account && *f->account ? f->account : _("ACCOUNT");
	if (f->faults & TLS_FAULT_KEY_CHANGED)
		error_hint(
			err,
			_("Somebody may be reading along. If the server's administrator confirms the new fingerprint, "
			  "accept it with: posthaste --accept-key=%s"),
			account);
	else
		error_hint(
			err,
			_("Compare the fingerprint with the one the server's administrator names; if it is the same, "
			  "accept the key with: posthaste --accept-key=%s"),
			account);
}

/* For faults that follow from a setting of the user's. */
static void add_own_hint(const struct tls_finding *f, struct error *err)
{
	switch (f->faults & -f->faults) {
	case TLS_FAULT_KEY_CHANGED:
	case TLS_FAULT_KEY_UNKNOWN: hint_accept(f, err); break;
	case TLS_FAULT_PIN:
		error_hint(err,
			   _("The pin of the server's key is %s; if its administrator confirms the change, set tls_pin "
			     "to that."),
			   or_unknown(f->pin));
		break;
	case TLS_FAULT_TLSA:
	case TLS_FAULT_TLSA_NONE:
		error_hint(err,
			   _("The administrator of %s has to correct the TLSA records; with tls_dane off the "
			     "authorities decide."),
			   or_unknown(f->host));
		break;
	default: error_hint(err, _("The administrator of %s has to fix this."), or_unknown(f->host));
	}
}

/* Adds a hint that fixes the first fault.  Pinning is proposed only if the certificate may be the right one and is
 * merely not vouched for by a CA. */
static void add_hint(const struct tls_finding *f, struct error *err)
{
	switch (f->faults & -f->faults) {
	case TLS_FAULT_FINGERPRINT:
		error_hint(err,
			   _("The server sent a certificate with the SHA-256 fingerprint %s; if its administrator "
			     "confirms the change, set tls_fingerprint to that."),
			   or_unknown(f->fingerprint));
		break;
	case TLS_FAULT_NAME:
		if (f->names)
			error_hint(err,
				   _("If this is the right server, use one of its names (%s) as host or as "
				     "tls_host_override."),
				   f->names);
		else
			error_hint(err, _("Check that %s is the right server."), or_unknown(f->host));
		break;
	case TLS_FAULT_EXPIRED:
		error_hint(err, _("Check this computer's clock; if it is right, the server's administrator must renew "
				  "the certificate."));
		break;
	case TLS_FAULT_NOT_YET_VALID: error_hint(err, _("Check this computer's clock; it may be slow.")); break;
	case TLS_FAULT_REVOKED:
		error_hint(
			err,
			_("Do not send anything to this server until its administrator has replaced the certificate."));
		break;
	case TLS_FAULT_UNKNOWN_ISSUER:
		error_hint(err,
			   _("If the issuer is a CA you trust, set tls_trust_file to its file. If you know this "
			     "server, compare the fingerprint that --serverinfo prints with the one its administrator "
			     "names, and set tls_fingerprint to that."));
		break;
	case TLS_FAULT_SELF_SIGNED:
	case TLS_FAULT_NO_SAN: hint_pin(err); break;
	case TLS_FAULT_STAPLE_REQUIRED:
	case TLS_FAULT_STAPLE_MISSING:
	case TLS_FAULT_STAPLE_BAD:
		error_hint(err,
			   _("The administrator of %s has to configure OCSP stapling; until then another server or "
			     "certificate is needed."),
			   or_unknown(f->host));
		break;
	default: add_own_hint(f, err);
	}
}

bool tls_finding_error(const struct tls_finding *f, struct error *err)
{
	AUTO(strvec) why = STRVEC_INIT;
	add_clauses(&why, f);
	if (!why.n)
		strvec_push(&why, _("it did not pass the check"));
	AUTO_FREE char *clauses = strvec_join(&why, "; ");
	(void)error_set(err, ERROR_CERTIFICATE, _("the certificate is not trusted: %s"), clauses);
	add_hint(f, err);
	return false;
}
