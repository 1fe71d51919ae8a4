/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * server: the servers of an account, in the order in which they are tried.
 *
 * A host name is one server, with the account's port and TLS.  "srv:DOMAIN"
 * stands for the servers that the domain names in the DNS: the service
 * determines their port and how TLS starts, and TLS is always used.
 */
#ifndef TRANSPORT_SERVER_H
#define TRANSPORT_SERVER_H

#include "base/runtime.h"
#include "config/account.h"
#include "dns/srv.h"

#define HOST_SRV_PREFIX "srv:"

struct server {
	char *host;    /* to connect to; with is_socket the path */
	char *domain;  /* a record of this domain named host, port and TLS; NULL: the account did */
	unsigned port; /* 0 with a socket */
	bool tls, starttls;
	bool is_socket;
	bool unsure;	  /* its name comes from an answer of the DNS that DNSSEC did not validate */
	bool name_counts; /* its certificate may be for host; otherwise it must be for domain */
};
static inline bool server_begins_with_tls(const struct server *server)
{
	return server->tls && !server->starttls;
}

struct server_list {
	struct server *v;
	size_t n, cap;
};
#define SERVER_LIST_INIT ((struct server_list){NULL, 0, 0})
void server_list_release(struct server_list *list);

/* The domain of "srv:DOMAIN", borrowed; NULL for any other host. */
const char *server_srv_domain(const char *host);
/* The name of an account's server before anything is looked up: its first host, the domain of "srv:", or the socket. */
const char *server_account_name(const struct account *a);
/*
 * All servers of an account, at least one.  The DNS is asked for "srv:" only.  If it has no answer, the account's other
 * hosts remain; if there are none, that is the error (ERROR_HOST_UNKNOWN, ERROR_DNS_TEMPORARY ...; stage DNS).
 */
bool server_list_make(const struct account *a, const struct runtime *runtime, msec_t deadline, struct server_list *out,
		      struct error *err) MUST_CHECK;

#endif
