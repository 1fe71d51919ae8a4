/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * client_login: TLS and login of a client that came over TCP: listen_cert_file, listen_key_file and listen_users.
 *
 *	struct client_login login;
 *	client_login_init(&login, runtime, "192.0.2.1 port 4711", fd);
 *	ok = client_login_open(&login, &settings, &err);
 *	client_login_offer(&login, &req); // what EHLO lists, and what MAIL needs
 *
 * client_login_start_tls() and client_login_step() are called when the session asks for it (serve_session.h).
 *
 * With a certificate STARTTLS is offered; with users AUTH, under TLS only, and then nothing is accepted without a
 * login, from this machine neither.  A login that fails is answered a second after it began, the next one after two
 * seconds; the third one ends the session.  The files are read for each session, so changes apply to the next one.
 */
#ifndef SERVE_CLIENT_LOGIN_H
#define SERVE_CLIENT_LOGIN_H

#include "auth/sasl_server.h"
#include "serve/serve_session.h"
#include "tls/tls_server.h"

#define CLIENT_LOGIN_FAILURES_MAX 3
#define CLIENT_LOGIN_DELAY_MS 1000
/* For the handshake. */
#define CLIENT_LOGIN_TLS_MS 60000L

struct client_login {
	const struct runtime *runtime;
	struct settings *settings;
	const char *client; /* for messages; borrowed */
	struct tls_server *tls;
	struct login_users users; /* none: no login */
	struct serve_request *req;
	struct strbuf binding; /* of the TLS session; empty: it has none */
	bool exporter;
	struct sasl_server *exchange;
	unsigned failures;
	msec_t answer_at; /* a login that fails is not answered before */
	int fd;		  /* of the connection */
	char *name;	  /* who has logged in; NULL: not yet */
};

/* Does this configuration make clients log in? */
bool client_login_is_wanted(const struct settings *settings);

/* client: for messages, borrowed; fd: the connection. */
void client_login_init(struct client_login *l, const struct runtime *runtime, const char *client, int fd);
void client_login_release(struct client_login *l);
/* Reads what the configuration names, which may be nothing.  ERROR_CONFIG, ERROR_FILE_MISSING or ERROR_IO. */
bool client_login_open(struct client_login *l, struct settings *settings, struct error *err) MUST_CHECK;
/* Sets req->options and req->offers; req must live as long. */
void client_login_offer(struct client_login *l, struct serve_request *req);
/* The two hooks of serve_request. */
bool client_login_start_tls(struct client_login *l, struct stream **stream, struct error *err) MUST_CHECK;
void client_login_step(struct client_login *l, struct server_session *s, const struct server_step *step);

#endif
