/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "address/local_names.h"

#include "address/address.h"

void local_names_release(struct local_names *names)
{
	strvec_release(&names->domains);
}

static struct span without_root(struct span domain)
{
	return domain.len && domain.ptr[domain.len - 1] == '.' ? span_sub(domain, 0, domain.len - 1) : domain;
}

static bool is_loopback_name(struct span domain)
{
	return span_equals_str_nocase(domain, "localhost") || span_equals_str_nocase(domain, "localhost.localdomain");
}

static size_t find_domain(const struct local_names *names, struct span domain)
{
	size_t i = 0;
	while (i < names->domains.n && !span_equals_str_nocase(domain, names->domains.v[i]))
		i++;
	return i;
}

void local_names_add(struct local_names *names, struct span domain)
{
	domain = without_root(span_trim(domain));
	if (domain.len && !is_loopback_name(domain) && find_domain(names, domain) == names->domains.n)
		strvec_push_span(&names->domains, domain);
}

void local_names_remove(struct local_names *names, struct span domain)
{
	struct strvec kept = STRVEC_INIT;
	domain = without_root(domain);
	for (size_t i = 0; i < names->domains.n; i++)
		if (!span_equals_str_nocase(domain, names->domains.v[i]))
			strvec_push(&kept, names->domains.v[i]);
	strvec_release(&names->domains);
	names->domains = kept;
}

bool local_names_has(const struct local_names *names, struct span addr)
{
	struct span local, domain;
	address_split(addr, &local, &domain);
	if (!addr.len)
		return false; /* the null sender belongs to no host */
	if (!domain.ptr)
		return true;
	domain = without_root(domain);
	return is_loopback_name(domain) || find_domain(names, domain) < names->domains.n;
}

void local_names_user(struct span addr, struct strbuf *out)
{
	struct span local, domain;
	address_split(addr, &local, &domain);
	for (size_t i = 0; i < local.len; i++) {
		if (local.ptr[i] == '"')
			continue;
		if (local.ptr[i] == '\\' && i + 1 < local.len)
			i++;
		strbuf_addch(out, local.ptr[i]);
	}
}
