/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * server: where an account's mail can be handed in, one after the other.
 *
 * A host that is a name stands for itself, with the account's port and TLS.
 * "srv:DOMAIN" stands for the servers that domain names in the DNS: their
 * port and TLS follow from the service, and TLS is never left out.
 */
#ifndef TRANSPORT_SERVER_H
#define TRANSPORT_SERVER_H

#include "config/account.h"
#include "dns/srv.h"

#define HOST_SRV_PREFIX "srv:"

struct server {
	char *host;	/* to connect to; a socket's path with an account that has one */
	char *identity; /* the name its certificate must carry, or NULL for host itself */
	unsigned port;	/* 0 with a socket */
	bool tls, starttls;
	bool is_socket;
};
struct server_list {
	struct server *v;
	size_t n, cap;
};
#define SERVER_LIST_INIT ((struct server_list){NULL, 0, 0})
void server_list_release(struct server_list *list);

/* The domain of "srv:DOMAIN", borrowed; NULL for any other host. */
const char *server_srv_domain(const char *host);
/* What people call an account's server before anything was looked up: its first host, the domain of srv:, the socket.
 */
const char *server_account_name(const struct account *a);
/*
 * All servers of an account, at least one.  Only a "srv:" asks the DNS.  When it has no answer, the account's other
 * hosts serve; when none is left, that error is the result (ERROR_HOST_UNKNOWN, ERROR_DNS_TEMPORARY ...; stage DNS).
 */
bool server_list_make(const struct account *a, const struct srv_dns *dns, const struct rng *rng,
		      const struct clock *clock, msec_t deadline, struct server_list *out,
		      struct error *err) MUST_CHECK;

#endif
