/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/presets.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#define PRESET(title, domains, mx, host, ports, user, login, provider, page, note) \
	{title, domains, mx, host, PRESET_##ports, PRESET_##user, login, provider, page, note},
const struct preset presets[] = {
#include "setup/presets.def"
};
#undef PRESET
const size_t preset_count = ARRAY_SIZE(presets);

/* "de", "com", "co.uk", "com.br": where a provider has the same name in many countries. */
static bool is_top(struct span rest)
{
	struct span first, all = rest;
	if (!span_split(&rest, '.', &first))
		return false;
	if (!rest.len)
		return all.len == first.len &&
		       (first.len == 2 || span_equals_str_nocase(first, "com") ||
			span_equals_str_nocase(first, "net") || span_equals_str_nocase(first, "org"));
	return rest.len == 2 && !memchr(rest.ptr, '.', rest.len) &&
	       (span_equals_str_nocase(first, "co") || span_equals_str_nocase(first, "com"));
}

static bool domain_fits(struct span pattern, struct span domain)
{
	if (pattern.len > 2 && pattern.ptr[0] == '*')
		return setup_is_within(domain, span_sub(pattern, 2, pattern.len));
	if (!pattern.len || pattern.ptr[pattern.len - 1] != '*')
		return span_equal_nocase(pattern, domain);
	struct span name = span_sub(pattern, 0, pattern.len - 1); /* with the dot */
	return domain.len > name.len && span_equal_nocase(name, span_sub(domain, 0, name.len)) &&
	       is_top(span_sub(domain, name.len, domain.len));
}

const struct preset *preset_by_domain(struct span domain)
{
	for (size_t i = 0; i < preset_count; i++) {
		struct span rest = span_of(presets[i].domains), word;
		while ((word = span_word(&rest)).len)
			if (domain_fits(word, domain))
				return &presets[i];
	}
	return NULL;
}

const struct preset *preset_by_mx(struct span host)
{
	for (size_t i = 0; i < preset_count; i++) {
		struct span rest = span_of(presets[i].mx), word;
		while ((word = span_word(&rest)).len)
			if (setup_is_within(host, word))
				return &presets[i];
	}
	return NULL;
}

void preset_add(const struct preset *p, enum setup_source source, const char *address, const char *told_by,
		struct candidates *out)
{
	const char *at = strrchr(address, '@');
	AUTO_FREE char *user =
		p->user == PRESET_LOCAL && at ? xmemdup0(address, (size_t)(at - address)) : xstrdup(address);
	AUTO_FREE char *host = xstrdup(p->host), *told = xstrdup_null(told_by);
	struct candidate c = {.host = host,
			      .source = source,
			      .user = user,
			      .login = p->login,
			      .provider = p->provider,
			      .told_by = told,
			      .doubtful = source == SETUP_PRESET_MX};
	if (p->ports == PRESET_465 || p->ports == PRESET_465_587) {
		c.port = 465;
		c.mode = SETUP_TLS;
		candidates_add(out, &c);
	}
	if (p->ports == PRESET_587 || p->ports == PRESET_465_587) {
		c.port = 587;
		c.mode = SETUP_STARTTLS;
		candidates_add(out, &c);
	}
}
