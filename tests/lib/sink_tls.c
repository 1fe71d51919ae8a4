/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sink_tls.h"

#include <errno.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

struct tls_context {
	gnutls_certificate_credentials_t cred;
	gnutls_priority_t priority;
	gnutls_certificate_request_t request;
	gnutls_datum_t staple; /* as it is in the file, even if it is out of date */
};

static int give_staple(gnutls_session_t session, void *ptr, gnutls_datum_t *staple)
{
	const struct tls_context *ctx = ptr;

	(void)session;
	staple->data = gnutls_malloc(ctx->staple.size);
	if (!staple->data)
		return GNUTLS_E_MEMORY_ERROR;
	memcpy(staple->data, ctx->staple.data, ctx->staple.size);
	staple->size = ctx->staple.size;
	return 0;
}

static int load_staple(struct tls_context *ctx, const char *file)
{
	int rc = gnutls_load_file(file, &ctx->staple);

	if (rc >= 0)
		gnutls_certificate_set_ocsp_status_request_function(ctx->cred, give_staple, ctx);
	return rc;
}

/* A certificate of the wrong issuer ends the handshake with an alert. */
static int verify_client(gnutls_session_t session)
{
	unsigned status;

	if (!gnutls_certificate_get_peers(session, NULL))
		return 0;
	if (gnutls_certificate_verify_peers2(session, &status) < 0 || status)
		return GNUTLS_E_CERTIFICATE_ERROR;
	return 0;
}

static int context_fill(struct tls_context *ctx, const struct options *opt)
{
	int rc = gnutls_certificate_allocate_credentials(&ctx->cred);

	if (rc >= 0 && opt->cert && opt->key)
		rc = gnutls_certificate_set_x509_key_file(ctx->cred, opt->cert, opt->key, GNUTLS_X509_FMT_PEM);
	if (rc >= 0 && opt->ocsp_response)
		rc = load_staple(ctx, opt->ocsp_response);
	if (rc >= 0 && opt->client_ca) {
		rc = gnutls_certificate_set_x509_trust_file(ctx->cred, opt->client_ca, GNUTLS_X509_FMT_PEM);
		if (rc == 0)
			rc = GNUTLS_E_NO_CERTIFICATE_FOUND;
		gnutls_certificate_set_verify_function(ctx->cred, verify_client);
	}
	if (rc >= 0)
		rc = gnutls_priority_init(&ctx->priority, opt->tls_priority, NULL);
	return rc;
}

struct tls_context *tls_context_new(const struct options *opt, const char **why)
{
	struct tls_context *ctx = mem_alloc(sizeof *ctx);
	int rc = context_fill(ctx, opt);

	ctx->request = opt->require_client_cert ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_REQUEST;
	if (!opt->client_ca)
		ctx->request = GNUTLS_CERT_IGNORE;
	if (rc >= 0)
		return ctx;
	*why = gnutls_strerror(rc);
	tls_context_free(ctx);
	return NULL;
}

void tls_context_free(struct tls_context *ctx)
{
	if (!ctx)
		return;
	if (ctx->cred)
		gnutls_certificate_free_credentials(ctx->cred);
	if (ctx->priority)
		gnutls_priority_deinit(ctx->priority);
	gnutls_free(ctx->staple.data);
	free(ctx);
}

/* GnuTLS asks for a record's header and body apart; one large read serves many records. */
static ssize_t pull(gnutls_transport_ptr_t ptr, void *data, size_t len)
{
	struct conn *c = ptr;

	if (c->raw_pos == c->raw_end) {
		ssize_t n = recv(c->fd, c->raw, CONN_BLOCK, 0);

		if (n <= 0) {
			gnutls_transport_set_errno(c->tls, n ? errno : 0);
			return n;
		}
		c->reads++;
		c->raw_pos = 0;
		c->raw_end = (size_t)n;
	}
	if (len > c->raw_end - c->raw_pos)
		len = c->raw_end - c->raw_pos;
	memcpy(data, c->raw + c->raw_pos, len);
	c->raw_pos += len;
	return (ssize_t)len;
}

static int pull_timeout(gnutls_transport_ptr_t ptr, unsigned ms)
{
	struct conn *c = ptr;
	struct pollfd p = {.fd = c->fd, .events = POLLIN};

	return c->raw_pos < c->raw_end ? 1 : poll(&p, 1, ms == GNUTLS_INDEFINITE_TIMEOUT ? -1 : (int)ms);
}

static ssize_t push(gnutls_transport_ptr_t ptr, const giovec_t *iov, int count)
{
	struct conn *c = ptr;
	struct msghdr m = {.msg_iov = (struct iovec *)(uintptr_t)iov, .msg_iovlen = (size_t)count};
	ssize_t n = sendmsg(c->fd, &m, MSG_NOSIGNAL);

	if (n < 0)
		gnutls_transport_set_errno(c->tls, errno);
	return n;
}

static bool handshake(struct conn *c)
{
	int rc;

	while ((rc = gnutls_handshake(c->tls)) < 0) {
		if (rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED) {
			if (!conn_wait(c, gnutls_record_get_direction(c->tls) ? POLLOUT : POLLIN))
				return false;
			continue;
		}
		if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED || rc == GNUTLS_E_WARNING_ALERT_RECEIVED)
			log_note(c->log, "TLS alert from the client: %s",
				 gnutls_alert_get_name(gnutls_alert_get(c->tls)));
		if (gnutls_error_is_fatal(rc)) {
			log_note(c->log, "TLS handshake failed: %s", gnutls_strerror(rc));
			(void)gnutls_alert_send_appropriate(c->tls, rc);
			return false;
		}
	}
	return true;
}

bool tls_start(struct conn *c, const struct tls_context *ctx)
{
	struct tls_info info;

	if (gnutls_init(&c->tls, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0)
		return false;
	c->raw = mem_grow(c->raw, CONN_BLOCK);
	gnutls_priority_set(c->tls, ctx->priority);
	gnutls_credentials_set(c->tls, GNUTLS_CRD_CERTIFICATE, ctx->cred);
	gnutls_certificate_server_set_request(c->tls, ctx->request);
	gnutls_transport_set_ptr(c->tls, c);
	gnutls_transport_set_pull_function(c->tls, pull);
	gnutls_transport_set_pull_timeout_function(c->tls, pull_timeout);
	gnutls_transport_set_vec_push_function(c->tls, push);
	gnutls_handshake_set_timeout(c->tls, GNUTLS_INDEFINITE_TIMEOUT);
	if (!handshake(c)) {
		c->broken = c->eof = true;
		return false;
	}
	tls_describe(c, &info);
	log_note(c->log, "TLS %s %s, SNI \"%s\", client certificate \"%s\"", info.version, info.cipher,
		 buf_str(&info.sni), buf_str(&info.client_subject));
	buf_release(&info.sni);
	buf_release(&info.client_subject);
	return true;
}

ssize_t tls_recv(struct conn *c, void *data, size_t len)
{
	ssize_t n;

	do
		n = gnutls_record_recv(c->tls, data, len);
	while (n == GNUTLS_E_INTERRUPTED || n == GNUTLS_E_WARNING_ALERT_RECEIVED);
	if (n > 0)
		c->records++;
	if (n >= 0)
		return n;
	if (n == GNUTLS_E_AGAIN)
		return -1;
	if (n == GNUTLS_E_FATAL_ALERT_RECEIVED)
		log_note(c->log, "TLS alert from the client: %s", gnutls_alert_get_name(gnutls_alert_get(c->tls)));
	else
		log_note(c->log, "TLS: %s", gnutls_strerror((int)n));
	c->broken = true;
	return -1;
}

ssize_t tls_send(struct conn *c, const void *data, size_t len)
{
	ssize_t n = gnutls_record_send(c->tls, data, len);

	if (n < 0 && n != GNUTLS_E_AGAIN && n != GNUTLS_E_INTERRUPTED)
		c->broken = true;
	return n < 0 ? -1 : n;
}

void tls_bye(struct conn *c)
{
	(void)gnutls_bye(c->tls, GNUTLS_SHUT_WR);
}

static void describe_client(const struct conn *c, struct tls_info *info)
{
	unsigned count = 0, status = 1;
	const gnutls_datum_t *list = gnutls_certificate_get_peers(c->tls, &count);
	gnutls_x509_crt_t crt;
	gnutls_datum_t dn;

	if (!list || !count || gnutls_x509_crt_init(&crt) < 0)
		return;
	if (gnutls_x509_crt_import(crt, &list[0], GNUTLS_X509_FMT_DER) >= 0 &&
	    gnutls_x509_crt_get_dn3(crt, &dn, 0) >= 0) {
		buf_add(&info->client_subject, dn.data, dn.size);
		gnutls_free(dn.data);
	}
	gnutls_x509_crt_deinit(crt);
	info->client_verified = gnutls_certificate_verify_peers2(c->tls, &status) >= 0 && !status;
}

void tls_describe(const struct conn *c, struct tls_info *info)
{
	char name[256];
	size_t len = sizeof name;
	unsigned type;

	memset(info, 0, sizeof *info);
	if (!c->tls)
		return;
	snprintf(info->version, sizeof info->version, "%s",
		 gnutls_protocol_get_name(gnutls_protocol_get_version(c->tls)));
	snprintf(info->cipher, sizeof info->cipher, "%s", gnutls_cipher_get_name(gnutls_cipher_get(c->tls)));
	if (gnutls_server_name_get(c->tls, name, &len, &type, 0) >= 0)
		buf_add(&info->sni, name, strnlen(name, len));
	describe_client(c, info);
}

const char *tls_binding(const struct conn *c, struct buf *base64)
{
	bool tls13 = c->tls && gnutls_protocol_get_version(c->tls) >= GNUTLS_TLS1_3;
	gnutls_datum_t cb;

	if (!c->tls)
		return NULL;
	/* Without the extended master secret tls-unique can be forged (RFC 7627). */
	if (!tls13 && !gnutls_session_ext_master_secret_status(c->tls))
		return NULL;
	if (gnutls_session_channel_binding(c->tls, tls13 ? GNUTLS_CB_TLS_EXPORTER : GNUTLS_CB_TLS_UNIQUE, &cb) < 0)
		return NULL;
	base64_encode(base64, cb.data, cb.size);
	gnutls_free(cb.data);
	return tls13 ? "tls-exporter" : "tls-unique";
}
