/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is reported if a handshake fails, or the peer ends TLS with an alert. */
#include "base/i18n.h"
#include "tls/tls_stream.h"

static const char *alert_name(gnutls_alert_description_t alert)
{
	const char *name = gnutls_alert_get_name(alert);
	return name ? name : "?";
}

/* ---- the client's side ---- */

static bool alert_blames_certificate(gnutls_alert_description_t alert)
{
	switch (alert) {
	case GNUTLS_A_CERTIFICATE_REQUIRED:
	case GNUTLS_A_BAD_CERTIFICATE:
	case GNUTLS_A_UNSUPPORTED_CERTIFICATE:
	case GNUTLS_A_CERTIFICATE_REVOKED:
	case GNUTLS_A_CERTIFICATE_EXPIRED:
	case GNUTLS_A_CERTIFICATE_UNKNOWN:
	case GNUTLS_A_UNKNOWN_CA:
	case GNUTLS_A_ACCESS_DENIED: return true;
	default: return false;
	}
}

static void client_alert_error(struct tls_stream *t, struct error *err)
{
	gnutls_alert_description_t alert = gnutls_alert_get(t->session);
	const char *name = alert_name(alert);
	if (!alert_blames_certificate(alert)) {
		/* after the handshake the connection is lost, like one that was cut */
		(void)error_set(err, t->established ? ERROR_CONNECTION_LOST : ERROR_TLS,
				_("the server ended TLS with the alert \"%s\" (%d)"), name, (int)alert);
		if (!t->established)
			error_hint(err, _("Server and client may have no TLS version or cipher in common: ask the "
					  "server's administrator, or allow others with tls_priorities."));
	} else if (t->ctx->policy.cert_file) {
		/* In TLS 1.3 the refusal arrives after the handshake has ended on our side. */
		(void)error_set(err, ERROR_TLS,
				_("the server refused the client certificate %s with the alert \"%s\" (%d)"),
				t->ctx->policy.cert_file, name, (int)alert);
		error_hint(err, _("Check that tls_cert_file is valid and issued by a CA this server accepts."));
	} else {
		(void)error_set(err, ERROR_TLS,
				_("the server requires a client certificate: it sent the alert \"%s\" (%d)"), name,
				(int)alert);
		error_hint(err, _("Set tls_cert_file and tls_key_file to the certificate this server gave you."));
	}
}

/* A TLS record begins with its type, 20 to 24 (RFC 8446 5.1); the first one can only be an alert or a handshake
 * record. */
static bool plain_text_came(const struct tls_stream *t)
{
	return t->first_words.len && t->first_words.buf[0] != 21 && t->first_words.buf[0] != 22;
}

static void plain_text_error(struct tls_stream *t, struct error *err)
{
	if (t->info)
		t->info->plain_text = true;
	/* its greeting; what follows are complaints about the first octets of our handshake */
	struct span rest = strbuf_span(&t->first_words), line;
	(void)span_split(&rest, '\n', &line);
	(void)error_set(err, ERROR_TLS, _("the server does not speak TLS here: it answered in plain text"));
	error_server(err, 0, NULL, line);
	error_hint(err, _("Set tls_starttls on, with the port that begins in plain text (usually 587), or use the port "
			  "that begins with TLS (usually 465)."));
}

static void client_handshake_error(struct tls_stream *t, int rc, struct error *err)
{
	if (t->verdict.status.kind != ERROR_NONE) {
		error_move(err, &t->verdict);
	} else if (t->lower_error.status.kind != ERROR_NONE) {
		error_move(err, &t->lower_error);
	} else if (plain_text_came(t)) {
		plain_text_error(t, err);
	} else if (t->ended) {
		(void)error_set(err, ERROR_CONNECTION_LOST,
				_("the server closed the connection during the TLS handshake"));
		error_hint(err, _("Try again later; if it happens again, check the port, and whether that port begins "
				  "with TLS or with STARTTLS (tls_starttls)."));
	} else if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED) {
		client_alert_error(t, err);
	} else if (tls_verify_blames(rc)) {
		(void)error_set(err, ERROR_CERTIFICATE, _("the certificate is not trusted: %s"), gnutls_strerror(rc));
		error_hint(err,
			   _("The administrator of %s has to replace the certificate: it is malformed, or not made "
			     "for a server."),
			   *t->ctx->host ? t->ctx->host : _("the server"));
	} else {
		(void)error_set(err, ERROR_TLS, _("the TLS handshake failed: %s"), gnutls_strerror(rc));
		if (rc == GNUTLS_E_UNSUPPORTED_VERSION_PACKET)
			error_hint(err,
				   _("The server speaks no TLS version that is allowed here: ask its administrator "
				     "for TLS 1.2, or allow older versions with tls_priorities."));
		else if (rc == GNUTLS_E_DH_PRIME_UNACCEPTABLE)
			error_hint(err, _("The server's Diffie-Hellman prime is shorter than tls_min_dh_prime_bits or "
					  "GnuTLS's own limit."));
	}
	if (err && !err->status.hint) /* a reset, or data that was changed on its way */
		error_hint(err, _("Try again later; if it happens again, a firewall or proxy on the way to the server "
				  "may interfere with TLS."));
}

/* ---- the server's side: for its log, as a client cannot be given advice ---- */

static void server_handshake_error(struct tls_stream *t, int rc, struct error *err)
{
	if (t->lower_error.status.kind != ERROR_NONE)
		error_move(err, &t->lower_error);
	else if (plain_text_came(t))
		(void)error_set(err, ERROR_TLS, _("the client sent plain text instead of a TLS handshake"));
	else if (t->ended)
		(void)error_set(err, ERROR_CONNECTION_LOST,
				_("the client closed the connection during the TLS handshake"));
	else if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED)
		tls_alert_error(t, err);
	else
		(void)error_set(err, ERROR_TLS, _("the TLS handshake with the client failed: %s"), gnutls_strerror(rc));
}

/* ---- both ---- */

void tls_alert_error(struct tls_stream *t, struct error *err)
{
	gnutls_alert_description_t alert = gnutls_alert_get(t->session);
	if (t->ctx)
		client_alert_error(t, err);
	else
		(void)error_set(err, t->established ? ERROR_CONNECTION_LOST : ERROR_TLS,
				_("the client ended TLS with the alert \"%s\" (%d)"), alert_name(alert), (int)alert);
}

void tls_handshake_error(struct tls_stream *t, int rc, struct error *err)
{
	if (t->ctx)
		client_handshake_error(t, rc, err);
	else
		server_handshake_error(t, rc, err);
}

void tls_timeout_error(const struct tls_stream *t, struct error *err)
{
	if (!t->ctx) {
		(void)error_set(err, ERROR_TIMEOUT, _("the client did not finish the TLS handshake in time"));
		return;
	}
	(void)error_set(err, ERROR_TIMEOUT, _("the server did not finish the TLS handshake in time"));
	error_hint(err, _("Try again later, or allow more time with timeout; a port that begins in plain text needs "
			  "tls_starttls on."));
}
