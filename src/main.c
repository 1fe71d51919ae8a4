/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/passed_secret.h"
#include "base/sandbox.h"
#include "base/strvec.h"
#include "cli/mode.h"
#include "dns/srv.h"
#include "net/resolve.h"
#include "queue/spool_ops.h"

#include <sys/auxv.h>
#include <sysexits.h>
#include <unistd.h>

#ifndef KEYRING_HELPER /* tests/cli builds this file with what is in its build tree */
#define KEYRING_HELPER PKGLIBEXECDIR "/posthaste-keyring"
#define HTTP_HELPER PKGLIBEXECDIR "/posthaste-http"
#define QR_HELPER PKGLIBEXECDIR "/posthaste-qr"
#define OAUTH_PROVIDERS PKGDATADIR "/oauth_providers"
#endif
#ifndef DNS_HELPER
#define DNS_HELPER PKGLIBEXECDIR "/posthaste-dns"
#endif

int main(int argc, char **argv)
{
	if (!fs_open_standard())
		return EX_OSERR;
	const struct temp_files temp = {fs_temp_open, getenv("TMPDIR")};
	AUTO(passed_secrets) passed = PASSED_SECRETS_INIT;
	AUTO(strvec) variables = STRVEC_INIT;
	const struct runtime runtime = {
		.executed = (const char *)getauxval(AT_EXECFN),
		.environ = environ,
		.clock = &clock_system,
		.rng = &rng_system,
		.resolver = &resolver_system,
		.dns = &srv_dns_system,
		.spool_ops = &spool_ops_system,
		.temp = &temp,
		.privileged = getauxval(AT_SECURE) != 0,
#ifndef HAVE_INSTRUMENTATION /* what is built in opens files and traces the process at its end */
		.sandbox = &sandbox_system,
#endif
		.helpers = {.keyring = KEYRING_HELPER, .dns = DNS_HELPER, .http = HTTP_HELPER, .qr = QR_HELPER},
		.providers = {.package = OAUTH_PROVIDERS, .system = SYSCONFDIR "/posthaste/oauth_providers"},
		.input = STDIN_FILENO,
		.passed = &passed,
		.variables = &variables,
	};
	return cli_main(argc, argv, &runtime);
}
