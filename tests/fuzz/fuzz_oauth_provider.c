/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever is in a file of providers: an entry has https addresses and one-line values, and an error names a line. */
#include "fuzz.h"

#include "base/strvec.h"
#include "oauth/provider.h"
#include "oauth/url.h"

static void check_values(const struct oauth_provider *p)
{
	for (size_t i = 0; i < OAUTH_PROVIDER_KEYS; i++)
		for (const char *c = p->line[i]; c && *c; c++)
			MUST(!ascii_iscntrl(*c) || *c == '\t');
	for (size_t i = OAUTH_PROVIDER_ISSUER; i <= OAUTH_PROVIDER_REVOKE_PAGE; i++)
		MUST(!p->line[i] || oauth_url_host(span_of(p->line[i])).len);
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
