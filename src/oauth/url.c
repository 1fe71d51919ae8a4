/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/url.h"

#include "base/strbuf.h"

struct span oauth_url_host(struct span url)
{
	if (!span_starts_nocase(url, "https://"))
		return (struct span){NULL, 0};
	struct span host = span_sub(url, strlen("https://"), url.len);
	size_t n = 0;
	bool literal = host.len && host.ptr[0] == '[';
	while (n < host.len && !strchr(literal ? "/?#]" : "/?#:", host.ptr[n]))
		n++;
	n += literal && n < host.len && host.ptr[n] == ']';
	return span_sub(host, 0, n);
}

static bool host_valid(struct span host)
{
	bool literal = host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']';
	for (size_t i = literal; i + literal < host.len; i++)
		if (!ascii_isalnum(host.ptr[i]) && !strchr(literal ? ":." : "-._", host.ptr[i]))
			return false;
	return host.len > 0;
}

bool oauth_url_valid(struct span text)
{
	struct span host = oauth_url_host(text);
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] <= ' ' || text.ptr[i] > '~' || strchr("#\"<>\\^`{|}@", text.ptr[i]))
			return false;
	if (!host_valid(host))
		return false;
	struct span rest = span_make(host.ptr + host.len, text.len - strlen("https://") - host.len), port;
	if (!rest.len || rest.ptr[0] != ':')
		return !rest.len || rest.ptr[0] == '/' || rest.ptr[0] == '?';
	size_t n = 1;
	while (n < rest.len && ascii_isdigit(rest.ptr[n]))
		n++;
	unsigned long long number;
	port = span_sub(rest, 1, n);
	return span_to_u64(port, &number) && number > 0 && number < 65536 &&
	       (n == rest.len || rest.ptr[n] == '/' || rest.ptr[n] == '?');
}

bool oauth_tenant_valid(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_isalnum(text.ptr[i]) && text.ptr[i] != '-' && text.ptr[i] != '.')
			return false;
	return text.len > 0;
}

bool oauth_tenant_url_valid(struct span text)
{
	const char *mark = memmem(text.ptr, text.len, OAUTH_TENANT_MARK, strlen(OAUTH_TENANT_MARK));
	if (!mark)
		return oauth_url_valid(text);
	AUTO(strbuf) url = STRBUF_INIT;
	size_t at = (size_t)(mark - text.ptr);
	strbuf_add_span(&url, span_sub(text, 0, at));
	strbuf_adds(&url, "name"); /* without it, "https:/{tenant}/x" would become an address */
	strbuf_add_span(&url, span_sub(text, at + strlen(OAUTH_TENANT_MARK), text.len));
	return oauth_url_valid(strbuf_span(&url));
}
