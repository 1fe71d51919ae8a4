/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever is in a file of providers: an entry has one-line values and addresses that are valid with any organisation
 * in the place of {tenant}, and an error names a line. */
#include "fuzz.h"

#include "base/strvec.h"
#include "oauth/provider.h"
#include "oauth/url.h"

static bool is_url_with(const char *line, const char *tenant)
{
	AUTO(strbuf) url = STRBUF_INIT;
	const char *mark = strstr(line, "{tenant}");
	if (!mark)
		return oauth_url_valid(span_of(line));
	strbuf_add(&url, line, (size_t)(mark - line));
	strbuf_adds(&url, tenant);
	strbuf_adds(&url, mark + strlen("{tenant}"));
	return oauth_url_valid(strbuf_span(&url));
}

static void check_values(const struct oauth_provider *p)
{
	for (size_t i = 0; i < OAUTH_PROVIDER_KEYS; i++)
		for (const char *c = p->line[i]; c && *c; c++)
			MUST(!ascii_iscntrl(*c) || *c == '\t');
	for (size_t i = OAUTH_PROVIDER_ISSUER; i <= OAUTH_PROVIDER_REVOKE_PAGE; i++)
		MUST(!p->line[i] || (is_url_with(p->line[i], "a") && is_url_with(p->line[i], "b-1.example")));
	const char *tenant = p->line[OAUTH_PROVIDER_TENANT];
	MUST(!tenant || is_url_with("https://a.example/{tenant}/t", tenant));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = {(const char *)data, size};
	AUTO(strvec) names = STRVEC_INIT;
	oauth_provider_names(text, &names);
	for (size_t i = 0; i < names.n && i < 4; i++) {
		AUTO(oauth_provider) p = OAUTH_PROVIDER_INIT;
		AUTO(error) err = ERROR_INIT;
		bool found = false;
		if (oauth_provider_parse(text, "FILE", names.v[i], &p, &found, &err)) {
			MUST(found && strcmp(p.name, names.v[i]) == 0);
			check_values(&p);
		} else {
			MUST(err.status.kind == ERROR_CONFIG && strstr(err.status.text, "FILE, line "));
		}
	}
	return 0;
}
