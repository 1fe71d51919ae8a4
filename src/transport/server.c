/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/server.h"

#include "base/xalloc.h"
#include "dns/name.h"

void server_list_release(struct server_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].host);
		free(list->v[i].domain);
	}
	free(list->v);
	*list = SERVER_LIST_INIT;
}

const char *server_srv_domain(const char *host)
{
	return span_starts_nocase(span_of(host), HOST_SRV_PREFIX) ? host + strlen(HOST_SRV_PREFIX) : NULL;
}

const char *server_account_name(const struct account *a)
{
	const struct strvec *hosts = account_list(a, OPT_HOST);
	if (account_str(a, OPT_SOCKET))
		return account_str(a, OPT_SOCKET);
	const char *domain = hosts->n ? server_srv_domain(hosts->v[0]) : NULL;
	return domain ? domain : hosts->n ? hosts->v[0] : "";
}

static void add(struct server_list *out, struct server server)
{
	GROW(out->v, out->n, out->cap);
	out->v[out->n++] = server;
}

static struct server plain(const struct account *a, const char *host)
{
	return (struct server){
		.host = xstrdup(host),
		.port = (unsigned)account_int(a, OPT_PORT),
		.tls = account_bool(a, OPT_TLS),
		.starttls = account_bool(a, OPT_TLS_STARTTLS),
		.name_counts = true,
	};
}

static void add_records(struct server_list *out, const struct srv_list *found, const char *domain)
{
	AUTO_FREE char *ascii = dns_name_ascii(domain, NULL); /* srv_find() could do it, too */
	for (size_t i = 0; i < found->n; i++) {
		const struct srv_record *r = &found->v[i];
		add(out, (struct server){
				 .host = xstrdup(r->target),
				 .domain = xstrdup(ascii),
				 .port = r->port,
				 .tls = true,
				 .starttls = !found->immediate,
				 .unsure = !found->secure,
				 .name_counts = srv_target_counts(found, ascii, r->target),
			 });
	}
}

bool server_list_make(const struct account *a, const struct runtime *runtime, msec_t deadline, struct server_list *out,
		      struct error *err)
{
	const struct strvec *hosts = account_list(a, OPT_HOST);
	struct dns_validator validator;
	bool validated = dns_validator_of(a, runtime, &validator);
	AUTO(error) why = ERROR_INIT;
	if (account_str(a, OPT_SOCKET)) {
		struct server socket = plain(a, account_str(a, OPT_SOCKET));
		socket.port = 0;
		socket.is_socket = true;
		add(out, socket);
		return true;
	}
	for (size_t i = 0; i < hosts->n; i++) {
		AUTO(srv_list) found = SRV_LIST_INIT;
		const char *domain = server_srv_domain(hosts->v[i]);
		if (!domain)
			add(out, plain(a, hosts->v[i]));
		else if (srv_find(runtime, validated ? &validator : NULL, domain, deadline, &found,
				  why.status.kind == ERROR_NONE ? &why : NULL))
			add_records(out, &found, domain);
	}
	if (out->n)
		return true;
	error_stage(&why, "DNS");
	error_move(err, &why);
	return false;
}
