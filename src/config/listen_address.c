/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/listen_address.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "config/expected.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

/* A socket is made under a longer name and then renamed. */
#define PATH_LONGEST (sizeof(((struct sockaddr_un *)0)->sun_path) - sizeof(".new"))

static bool parse_path(struct span text, struct listen_address *out, struct error *err)
{
	struct sockaddr_un *un = (void *)&out->sa;
	if (text.len > PATH_LONGEST || memchr(text.ptr, '\0', text.len))
		return error_set(err, ERROR_CONFIG, _("the path of a socket can have %zu bytes, this one has %zu"),
				 PATH_LONGEST, text.len);
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, text.ptr, text.len);
	out->len = sizeof(*un);
	return true;
}

static bool parse_port(struct span text, in_port_t *port)
{
	unsigned long long n;
	if (text.len > 5 || !span_to_u64(text, &n) || n > 65535)
		return false;
	*port = htons((uint16_t)n);
	return true;
}

static bool parse_ipv6(struct span text, struct listen_address *out)
{
	struct sockaddr_in6 *in6 = (void *)&out->sa;
	const char *end = memchr(text.ptr, ']', text.len);
	size_t n = end ? (size_t)(end - text.ptr) : 0;
	if (!end || n + 2 > text.len || text.ptr[n + 1] != ':' ||
	    !parse_port(span_sub(text, n + 2, text.len), &in6->sin6_port))
		return false;
	AUTO_FREE char *number = xmemdup0(text.ptr + 1, n - 1);
	in6->sin6_family = AF_INET6;
	out->len = sizeof(*in6);
	return strlen(number) == n - 1 && inet_pton(AF_INET6, number, &in6->sin6_addr) == 1;
}

static bool parse_ipv4(struct span text, struct listen_address *out)
{
	struct sockaddr_in *in = (void *)&out->sa;
	struct span rest = text, host;
	if (!span_split(&rest, ':', &host) || host.len == text.len || !parse_port(rest, &in->sin_port))
		return false;
	AUTO_FREE char *number = xmemdup0(host.ptr, host.len);
	in->sin_family = AF_INET;
	out->len = sizeof(*in);
	return strlen(number) == host.len && inet_pton(AF_INET, number, &in->sin_addr) == 1;
}

bool listen_address_parse(struct span text, struct listen_address *out, struct error *err)
{
	struct listen_address address = {.len = 0};
	bool good = true;
	if (text.len && text.ptr[0] == '/') {
		if (!parse_path(text, &address, err))
			return false;
	} else {
		good = text.len && (text.ptr[0] == '[' ? parse_ipv6(text, &address) : parse_ipv4(text, &address));
	}
	if (!good)
		return check_expected(err, _("127.0.0.1:2525, [::1]:2525, or the absolute path of a Unix socket"),
				      text);
	*out = address;
	return true;
}

bool check_listen(struct span text, struct strbuf *canonical, struct error *err)
{
	struct listen_address address;
	if (!listen_address_parse(text, &address, err))
		return false;
	strbuf_add_span(canonical, text);
	return true;
}
