/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/tls_server.h"

#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "tls/tls_stream.h"

#define FILE_MAX (1024u * 1024)

/* The order of the ciphers is ours: it begins with the strongest, and clients are of any age. */
#define PRIORITIES "-VERS-TLS1.1:-VERS-TLS1.0:%PROFILE_MEDIUM:%SERVER_PRECEDENCE"

struct tls_server {
	gnutls_certificate_credentials_t cred;
	gnutls_priority_t priorities;
};

/* ---- the files ---- */

static bool read_file(const char *path, const char *what, bool secret, struct strbuf *out, struct error *err)
{
	AUTO_FD int fd = fs_open_regular(path, what, err);
	if (fd < 0 || (secret && !fs_admin_fd(fd, path, NULL, err)))
		return false;
	if (fs_read_fd(fd, out, FILE_MAX, err))
		return true;
	error_prefix(err, "%s", path);
	return false;
}

static bool load(struct tls_server *server, const char *cert_file, const char *key_file, struct error *err)
{
	struct strbuf cert = STRBUF_INIT, key = STRBUF_INIT;
	bool ok = read_file(cert_file, _("certificate"), false, &cert, err) &&
		  read_file(key_file, _("key"), true, &key, err);
	if (ok) {
		gnutls_datum_t cert_pem = {(unsigned char *)cert.buf, (unsigned)cert.len};
		gnutls_datum_t key_pem = {(unsigned char *)key.buf, (unsigned)key.len};
		int rc = gnutls_certificate_set_x509_key_mem2(server->cred, &cert_pem, &key_pem, GNUTLS_X509_FMT_PEM,
							      NULL, 0);
		ok = rc >= 0;
		if (rc == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
			(void)error_set(err, ERROR_CONFIG, _("the key in %s does not belong to the certificate in %s"),
					key_file, cert_file);
		else if (!ok)
			(void)error_set(err, ERROR_CONFIG, _("the certificate %s with the key %s cannot be used: %s"),
					cert_file, key_file, gnutls_strerror(rc));
		if (!ok)
			error_hint(err, _("Both are PEM: the certificate of this host first, then those of its "
					  "issuers, and the key without a pass phrase."));
	}
	strbuf_release(&cert);
	strbuf_wipe(&key);
	return ok;
}

struct tls_server *tls_server_open(const char *cert_file, const char *key_file, struct error *err)
{
	if (!gnutls_load(err))
		return NULL;
	AUTO_PTR(tls_server) server = xcalloc(1, sizeof(*server));
	if (gnutls_certificate_allocate_credentials(&server->cred) < 0)
		xalloc_die();
	int rc = gnutls_priority_init2(&server->priorities, PRIORITIES, NULL, GNUTLS_PRIORITY_INIT_DEF_APPEND);
	if (rc < 0) {
		server->priorities = NULL;
		(void)error_set(err, ERROR_TLS, _("TLS cannot be set up: %s"), gnutls_strerror(rc));
		return NULL;
	}
	return load(server, cert_file, key_file, err) ? steal_ptr(server) : NULL;
}

void tls_server_free(struct tls_server *server)
{
	if (!server)
		return;
	if (server->priorities)
		gnutls_priority_deinit(server->priorities);
	gnutls_certificate_free_credentials(server->cred);
	free(server);
}

/* ---- the handshake ---- */

static bool set_up(struct tls_stream *t, const struct tls_server *server, struct error *err)
{
	unsigned flags = GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS;
	int rc = gnutls_init(&t->session, flags);
	if (rc >= 0)
		rc = gnutls_priority_set(t->session, server->priorities);
	if (rc >= 0)
		rc = gnutls_credentials_set(t->session, GNUTLS_CRD_CERTIFICATE, server->cred);
	if (rc < 0)
		return error_set(err, ERROR_TLS, _("TLS cannot be set up: %s"), gnutls_strerror(rc));
	tls_stream_connect(t);
	return true;
}

struct stream *tls_server_start(struct tls_server *server, struct stream **lower, const struct clock *clock,
				msec_t deadline, struct error *err)
{
	struct tls_stream *t = tls_stream_new(*lower);
	bool ok = set_up(t, server, err) && tls_stream_handshake(t, clock, deadline, err);
	return tls_stream_hand_over(t, lower, ok);
}
