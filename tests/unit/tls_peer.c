/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls_peer.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

/* cmocka's asserts jump, which a thread must not: here things go wrong quietly and the test sees what is missing. */

void tls_peer_send(struct tls_peer *peer, const void *octets, size_t len)
{
	const char *at = octets;
	while (len) {
		ssize_t n = gnutls_record_send(peer->session, at, len);
		if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
			continue;
		if (n <= 0)
			return;
		at += n;
		len -= (size_t)n;
	}
}

void tls_peer_receive(struct tls_peer *peer, size_t len)
{
	while (peer->got.len < len) {
		char octets[1777];
		size_t room = len - peer->got.len;
		ssize_t n = gnutls_record_recv(peer->session, octets, room < sizeof(octets) ? room : sizeof(octets));
		if (n > 0)
			strbuf_add(&peer->got, octets, (size_t)n);
		peer->heard_goodbye |= n == 0;
		if (n == 0 || (n < 0 && gnutls_error_is_fatal((int)n)))
			return;
	}
}

static void learn(struct tls_peer *peer)
{
	unsigned type, n = 0;
	size_t len = sizeof(peer->sni) - 1;
	if (gnutls_server_name_get(peer->session, peer->sni, &len, &type, 0) < 0)
		peer->sni[0] = '\0';
	peer->saw_client_certificate = gnutls_certificate_get_peers(peer->session, &n) && n;
	bool modern = gnutls_protocol_get_version(peer->session) == GNUTLS_TLS1_3;
	gnutls_datum_t binding;
	if (gnutls_session_channel_binding(peer->session, modern ? GNUTLS_CB_TLS_EXPORTER : GNUTLS_CB_TLS_UNIQUE,
					   &binding) >= 0) {
		strbuf_add(&peer->binding, binding.data, binding.size);
		gnutls_free(binding.data);
	}
}

static void serve(struct tls_peer *peer)
{
	do
		peer->handshake = gnutls_handshake(peer->session);
	while (peer->handshake < 0 && !gnutls_error_is_fatal(peer->handshake));
	if (peer->handshake < 0) {
		(void)gnutls_alert_send_appropriate(peer->session, peer->handshake);
		return;
	}
	learn(peer);
	if (peer->act)
		peer->act(peer);
	if (!peer->no_goodbye)
		(void)gnutls_bye(peer->session, GNUTLS_SHUT_WR);
}

/* The chain is sent as it is: gnutls_certificate_set_x509_key() would sort it, and drop what does not belong to it. */
static bool set_chain(gnutls_certificate_credentials_t cred, const struct tls_peer *peer)
{
	gnutls_pcert_st list[4];
	gnutls_privkey_t key;
	int n = 0;
	for (; n < 4 && peer->chain[n]; n++)
		if (gnutls_pcert_import_x509(&list[n], peer->chain[n]->crt, 0) < 0)
			return false;
	return gnutls_privkey_init(&key) >= 0 &&
	       gnutls_privkey_import_x509(key, peer->chain[0]->key, GNUTLS_PRIVKEY_IMPORT_COPY) >= 0 &&
	       gnutls_certificate_set_key(cred, NULL, 0, list, n, key) >= 0; /* the key and the list are its own now */
}

static void *run(void *arg)
{
	struct tls_peer *peer = arg;
	gnutls_certificate_credentials_t cred;
	if (gnutls_certificate_allocate_credentials(&cred) < 0 || !set_chain(cred, peer))
		return NULL;
	(void)gnutls_init(&peer->session, GNUTLS_SERVER | GNUTLS_NO_SIGNAL);
	(void)gnutls_priority_set_direct(peer->session, peer->priorities ? peer->priorities : TLS13, NULL);
	(void)gnutls_credentials_set(peer->session, GNUTLS_CRD_CERTIFICATE, cred);
	if (peer->wants_client_certificate)
		gnutls_certificate_server_set_request(peer->session, GNUTLS_CERT_REQUIRE);
	if (peer->longest_record)
		(void)gnutls_record_set_max_recv_size(peer->session, peer->longest_record);
	gnutls_transport_set_int(peer->session, peer->fd);
	serve(peer);
	(void)shutdown(peer->fd, SHUT_WR);
	gnutls_deinit(peer->session);
	gnutls_certificate_free_credentials(cred);
	/* what the client still says is taken, so that its last words cause no failure */
	char rest[512];
	while (read(peer->fd, rest, sizeof(rest)) > 0)
		;
	(void)close(peer->fd);
	return NULL;
}

struct stream *tls_peer_start(struct tls_peer *peer)
{
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	peer->fd = fds[1];
	strbuf_init(&peer->binding);
	strbuf_init(&peer->got);
	assert_int_equal(pthread_create(&peer->thread, NULL, run, peer), 0);
	return stream_fd_new(fds[0]);
}

void tls_peer_join(struct tls_peer *peer)
{
	assert_int_equal(pthread_join(peer->thread, NULL), 0);
}

void tls_peer_release(struct tls_peer *peer)
{
	strbuf_release(&peer->binding);
	strbuf_release(&peer->got);
}
