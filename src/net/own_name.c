/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/own_name.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/xalloc.h"
#include "net/idn.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

/* Linux has names of up to 64 octets. */
#define HOST_MAX 256

static bool is_number(struct span label)
{
	for (size_t i = 0; i < label.len; i++)
		if (!ascii_isdigit(label.ptr[i]))
			return false;
	return true;
}

static bool is_known_everywhere(const char *name)
{
	static const char *const elsewhere[] = {"localhost", "localdomain", "local"};
	const char *dot = strrchr(name, '.');
	if (!dot || strchr(name, '_') || is_number(span_of(dot + 1)))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
		if (ascii_strcasecmp(dot + 1, elsewhere[i]) == 0)
			return false;
	return true;
}

char *own_name_of_host(struct span host)
{
	AUTO_FREE char *name = host.len && host.ptr[0] == '[' ? NULL : idn_to_ascii(host, NULL);
	return name && is_known_everywhere(name) ? steal_ptr(name) : NULL;
}

static char *literal_of_ipv4(const void *ip)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr any = {.s_addr = htonl(INADDR_ANY)};
	if (memcmp(ip, &any, sizeof(any)) == 0 || !inet_ntop(AF_INET, ip, text, sizeof(text)))
		return NULL;
	return xasprintf("[%s]", text);
}

/* Without the scope of a link-local address: it means something on this machine only. */
static char *literal_of_ipv6(const struct in6_addr *ip)
{
	char text[INET6_ADDRSTRLEN];
	if (IN6_IS_ADDR_V4MAPPED(ip))
		return literal_of_ipv4(&ip->s6_addr[12]);
	if (IN6_IS_ADDR_UNSPECIFIED(ip) || !inet_ntop(AF_INET6, ip, text, sizeof(text)))
		return NULL;
	return xasprintf("[IPv6:%s]", text);
}

char *own_name_of_address(const struct sockaddr_storage *sa)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	switch (sa->ss_family) {
	case AF_INET: memcpy(&in, sa, sizeof(in)); return literal_of_ipv4(&in.sin_addr);
	case AF_INET6: memcpy(&in6, sa, sizeof(in6)); return literal_of_ipv6(&in6.sin6_addr);
	default: return NULL;
	}
}

char *own_name_find(int fd)
{
	char host[HOST_MAX];
	struct sockaddr_storage sa = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(sa);
	char *name = gethostname(host, sizeof(host)) == 0
			     ? own_name_of_host(span_make(host, strnlen(host, sizeof(host))))
			     : NULL;
	if (!name && getsockname(fd, (struct sockaddr *)&sa, &len) == 0)
		name = own_name_of_address(&sa);
	return name ? name : xstrdup("localhost");
}
