/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/resolve.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "net/background.h"
#include "net/idn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#define HOST_TEXT_MAX 255

void address_list_release(struct address_list *list)
{
	free(list->v);
	*list = ADDRESS_LIST_INIT;
}

/* ---- one address ---------------------------------------------------- */

static void address_set_port(struct address *a, unsigned port)
{
	if (a->sa.ss_family == AF_INET)
		((struct sockaddr_in *)&a->sa)->sin_port = htons((uint16_t)port);
	else if (a->sa.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&a->sa)->sin6_port = htons((uint16_t)port);
}

/* "fe80::1%eth0" (RFC 4007): the interface, given by name or number. */
static bool scope_parse(const char *scope, uint32_t *id)
{
	unsigned long long n;
	*id = if_nametoindex(scope);
	if (!*id && span_to_u64(span_of(scope), &n) && n <= UINT32_MAX)
		*id = (uint32_t)n;
	return *id != 0;
}

bool address_from_literal(const char *host, unsigned port, struct address *out)
{
	struct address a = {.len = 0};
	struct sockaddr_in *in4 = (struct sockaddr_in *)&a.sa;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&a.sa;
	struct span sp = span_of(host);
	bool bracketed = sp.len > 2 && sp.ptr[0] == '[' && sp.ptr[sp.len - 1] == ']';
	if (bracketed)
		sp = span_sub(sp, 1, sp.len - 1);
	AUTO_FREE char *text = xmemdup0(sp.ptr, sp.len);
	if (!bracketed && inet_pton(AF_INET, text, &in4->sin_addr) == 1) {
		a.sa.ss_family = AF_INET;
		a.len = sizeof(*in4);
	} else {
		char *scope = strchr(text, '%');
		if (scope)
			*scope++ = '\0';
		if (inet_pton(AF_INET6, text, &in6->sin6_addr) != 1 ||
		    (scope && !scope_parse(scope, &in6->sin6_scope_id)))
			return false;
		a.sa.ss_family = AF_INET6;
		a.len = sizeof(*in6);
	}
	address_set_port(&a, port);
	*out = a;
	return true;
}

char *address_text(const struct address *a)
{
	char ip[INET6_ADDRSTRLEN], scope[IF_NAMESIZE];
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)&a->sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a->sa;
	const struct sockaddr_un *un = (const struct sockaddr_un *)&a->sa;
	switch (a->sa.ss_family) {
	case AF_INET:
		return xasprintf(_("%s port %u"), inet_ntop(AF_INET, &in4->sin_addr, ip, sizeof(ip)),
				 ntohs(in4->sin_port));
	case AF_INET6:
		if (!inet_ntop(AF_INET6, &in6->sin6_addr, ip, sizeof(ip)) || !in6->sin6_scope_id ||
		    !if_indextoname(in6->sin6_scope_id, scope))
			return xasprintf(_("%s port %u"), ip, ntohs(in6->sin6_port));
		return xasprintf(_("%s%%%s port %u"), ip, scope, ntohs(in6->sin6_port));
	case AF_UNIX:
		return clean_text(span_make(un->sun_path, strnlen(un->sun_path, sizeof(un->sun_path))),
				  sizeof(un->sun_path));
	default: return xstrdup(_("an address of an unknown family"));
	}
}

bool address_is_loopback(const struct address *a)
{
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)&a->sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a->sa;
	switch (a->sa.ss_family) {
	case AF_INET: return ntohl(in4->sin_addr.s_addr) >> 24 == 127;
	case AF_INET6:
		return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) ||
		       (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr) && in6->sin6_addr.s6_addr[12] == 127);
	default: return a->sa.ss_family == AF_UNIX;
	}
}

/* ---- lists ---------------------------------------------------------- */

static bool address_same(const struct address *a, const struct address *b)
{
	return a->len == b->len && memcmp(&a->sa, &b->sa, a->len) == 0;
}

/* An address listed twice in /etc/hosts would be tried twice. */
static void list_drop_doubles(struct address_list *list)
{
	size_t kept = 0;
	for (size_t i = 0; i < list->n; i++) {
		size_t j = 0;
		while (j < kept && !address_same(&list->v[j], &list->v[i]))
			j++;
		if (j == kept)
			list->v[kept++] = list->v[i];
	}
	list->n = kept;
}

void address_list_interleave(struct address_list *list)
{
	if (list->n < 3)
		return;
	struct address *mixed = xcalloc(list->n, sizeof(*mixed));
	sa_family_t first = list->v[0].sa.ss_family;
	size_t next[2] = {0, 0}, n = 0; /* next index in the first family and in the other ones */
	for (unsigned turn = 0; n < list->n; turn ^= 1) {
		size_t *i = &next[turn];
		while (*i < list->n && (list->v[*i].sa.ss_family == first) == (turn == 1))
			++*i;
		if (*i < list->n)
			mixed[n++] = list->v[(*i)++];
	}
	free(list->v);
	list->v = mixed;
	list->cap = list->n;
}

/* ---- the lookup in its own thread ----------------------------------- */

/* The thread uses nothing but this, so a lookup that exceeds the deadline can be left running. */
struct lookup {
	struct background_job job; /* must be first: a pointer to the job is a pointer to the lookup */
	resolve_lookup *lookup;
	char *host;
	struct addrinfo *found;
	int gai, sys_errno;
};

static void lookup_work(struct background_job *job)
{
	struct lookup *l = (struct lookup *)job;
	const struct addrinfo wish = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
	l->gai = l->lookup(l->host, NULL, &wish, &l->found);
	l->sys_errno = errno;
}

static void lookup_free(struct background_job *job)
{
	struct lookup *l = (struct lookup *)job;
	if (l->found)
		freeaddrinfo(l->found);
	free(l->host);
	free(l);
}

static struct lookup *lookup_new(resolve_lookup *lookup, const char *host)
{
	struct lookup *l = xcalloc(1, sizeof(*l));
	l->job = (struct background_job){lookup_work, lookup_free};
	l->lookup = lookup;
	l->host = xstrdup(host);
	return l;
}

static bool name_unknown(struct error *err, const char *shown)
{
	(void)error_set(err, ERROR_HOST_UNKNOWN, _("the host name %s does not exist"), shown);
	error_hint(err, _("Check the spelling of host %s, and check that this machine has a working resolver."), shown);
	return false;
}

static bool lookup_failed(struct error *err, const char *shown, int gai, int sys_errno)
{
	switch (gai) {
	case EAI_NONAME: return name_unknown(err, shown);
	case EAI_NODATA:
	case EAI_ADDRFAMILY:
		(void)error_set(err, ERROR_HOST_UNKNOWN, _("the host %s has no address this machine can use"), shown);
		error_hint(err,
			   _("Check the spelling of host %s, and whether this machine has the IP version (4 or 6) that "
			     "the host needs."),
			   shown);
		return false;
	case EAI_AGAIN:
	case EAI_FAIL:
		(void)error_set(err, ERROR_DNS_TEMPORARY, _("the host name %s cannot be looked up now: %s"), shown,
				gai_strerror(gai));
		error_hint(err, _("Check whether this machine is online and has a working resolver."));
		return false;
	case EAI_SYSTEM:
		return error_set_errno(err, ERROR_SYSTEM, sys_errno, _("the host name %s cannot be looked up"), shown);
	case EAI_MEMORY: xalloc_die();
	default:
		return error_set(err, ERROR_SYSTEM, _("the host name %s cannot be looked up: %s"), shown,
				 gai_strerror(gai));
	}
}

static void list_take(struct address_list *out, const struct addrinfo *found, unsigned port)
{
	for (; found; found = found->ai_next) {
		struct address a = {.len = found->ai_addrlen};
		if ((found->ai_family != AF_INET && found->ai_family != AF_INET6) || found->ai_addrlen > sizeof(a.sa))
			continue;
		memcpy(&a.sa, found->ai_addr, found->ai_addrlen);
		address_set_port(&a, port);
		GROW(out->v, out->n, out->cap);
		out->v[out->n++] = a;
	}
}

bool resolve_in_thread(resolve_lookup *lookup, const char *host, unsigned port, const struct clock *clock,
		       msec_t deadline, struct address_list *out, struct error *err)
{
	AUTO_FREE char *shown = clean_text(span_of(host), HOST_TEXT_MAX);
	struct lookup *l = lookup_new(lookup, host);
	struct background *held;
	bool ok = false;
	switch (background_run(&l->job, clock, deadline, &held, err)) {
	case BACKGROUND_DONE:
		ok = l->gai == 0;
		if (ok)
			list_take(out, l->found, port);
		else
			(void)lookup_failed(err, shown, l->gai, l->sys_errno);
		break;
	case BACKGROUND_LATE:
		(void)error_set(err, ERROR_DNS_TEMPORARY, _("looking up the host name %s took too long"), shown);
		error_hint(err, _("Check whether this machine is online and has a working resolver."));
		break;
	case BACKGROUND_FAILED: error_prefix(err, _("looking up the host name %s"), shown); break;
	}
	background_leave(held);
	return ok;
}

static bool system_resolve(const struct resolver *r, const char *host, unsigned port, const struct clock *clock,
			   msec_t deadline, struct address_list *out, struct error *err)
{
	(void)r;
	return resolve_in_thread(getaddrinfo, host, port, clock, deadline, out, err);
}

const struct resolver resolver_system = {system_resolve};

/* ---- entry points --------------------------------------------------- */

/* getaddrinfo would pass these to inet_aton, which reads "010.1" as 8.0.0.1.  No top-level domain is a number. */
static bool ends_in_number(const char *host)
{
	struct span sp = span_of(host);
	if (sp.len && sp.ptr[sp.len - 1] == '.')
		sp.len--;
	size_t from = sp.len;
	while (from && sp.ptr[from - 1] != '.')
		from--;
	struct span label = span_sub(sp, from, sp.len);
	bool hex = span_starts_nocase(label, "0x");
	for (size_t i = hex ? 2 : 0; i < label.len; i++) {
		char c = ascii_lower(label.ptr[i]);
		if (!ascii_isdigit(c) && !(hex && c >= 'a' && c <= 'f'))
			return false;
	}
	return label.len > 0;
}

static bool host_refused(struct error *err, const char *host, const char *why)
{
	AUTO_FREE char *shown = clean_text(span_of(host), HOST_TEXT_MAX);
	(void)error_set(err, ERROR_HOST_UNKNOWN, _("\"%s\" is neither a host name nor an address: %s"), shown, why);
	if (strpbrk(host, ":/")) /* "mail.example.org:587", "smtps://mail.example.org" */
		error_hint(err, "%s",
			   _("Write the name or the address alone; the port has a setting of its own: port NUMBER"));
	else
		error_hint(err, _("Check the spelling of host %s."), shown);
	return false;
}

bool resolve_host(const struct resolver *r, const char *host, unsigned port, const struct clock *clock, msec_t deadline,
		  struct address_list *out, struct error *err)
{
	struct address literal;
	if (address_from_literal(host, port, &literal)) {
		GROW(out->v, out->n, out->cap);
		out->v[out->n++] = literal;
		return true;
	}
	if (!*host || strlen(host) > HOST_TEXT_MAX)
		return host_refused(err, host, *host ? _("it is too long") : _("it is empty"));
	if (strpbrk(host, ":%[]/ \t\r\n"))
		return host_refused(err, host, _("it contains a character that host names cannot contain"));
	if (ends_in_number(host))
		return host_refused(err, host, _("an IPv4 address needs all four numbers, without leading zeros"));
	AUTO_FREE char *ascii = NULL;
	if (!utf8_is_ascii(span_of(host))) {
		AUTO(error) why = ERROR_INIT;
		ascii = idn_to_ascii(span_of(host), &why);
		if (!ascii)
			return host_refused(err, host, why.status.text);
	}
	AUTO(address_list) found = ADDRESS_LIST_INIT;
	if (!r->resolve(r, ascii ? ascii : host, port, clock, deadline, &found, err))
		return false;
	if (!found.n) {
		AUTO_FREE char *shown = clean_text(span_of(host), HOST_TEXT_MAX);
		return lookup_failed(err, shown, EAI_NODATA, 0);
	}
	list_drop_doubles(&found);
	address_list_interleave(&found);
	for (size_t i = 0; i < found.n; i++) {
		GROW(out->v, out->n, out->cap);
		out->v[out->n++] = found.v[i];
	}
	return true;
}
