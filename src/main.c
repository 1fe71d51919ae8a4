/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/passed_secret.h"
#include "base/sandbox.h"
#include "base/strvec.h"
#include "cli/mode.h"
#include "dns/srv.h"
#include "net/resolve.h"
#include "queue/spool_ops.h"

#include <limits.h>
#include <sysexits.h>
#include <unistd.h>

/* What the kernel says of the program: the caller, who chooses argv[0], has no part in it. */
#ifdef HAVE_SYS_AUXV_H
#include <sys/auxv.h>
#define EXECUTED(argv) ((const char *)getauxval(AT_EXECFN))
#define IS_PRIVILEGED() (getauxval(AT_SECURE) != 0)
#else
#define EXECUTED(argv) ((argv)[0])
#ifdef HAVE_ISSETUGID
#define IS_PRIVILEGED() (issetugid() != 0)
#else
#define IS_PRIVILEGED() (getuid() != geteuid() || getgid() != getegid())
#endif
#endif

#ifndef KEYRING_HELPER /* tests/cli builds this file with what is in its build tree */
#define KEYRING_HELPER PKGLIBEXECDIR "/posthaste-keyring"
#define HTTP_HELPER PKGLIBEXECDIR "/posthaste-http"
#define QR_HELPER PKGLIBEXECDIR "/posthaste-qr"
#define OAUTH_PROVIDERS PKGDATADIR "/oauth_providers"
#endif
#ifndef DNS_HELPER
#define DNS_HELPER PKGLIBEXECDIR "/posthaste-dns"
#endif

#ifdef LINUX_FEATURES

static const char *own_file(const char *argv0)
{
	(void)argv0;
	return "/proc/self/exe";
}

#else

/* Our name as the shell found it, or the path that it was started by, if that is of a file with our name; else where it
 * is installed: the caller may have made up another one. */
static const char *own_file(const char *argv0)
{
	static char path[PATH_MAX];
	if (argv0 && strcmp(argv0, PACKAGE) == 0)
		return PACKAGE;
	const char *name = argv0 && strchr(argv0, '/') && realpath(argv0, path) ? strrchr(path, '/') + 1 : "";
	return strcmp(name, PACKAGE) == 0 ? path : BINDIR "/" PACKAGE;
}

#endif

int main(int argc, char **argv)
{
	if (!fs_open_standard())
		return EX_OSERR;
	const struct temp_files temp = {fs_temp_open, getenv("TMPDIR")};
	AUTO(passed_secrets) passed = PASSED_SECRETS_INIT;
	AUTO(strvec) variables = STRVEC_INIT;
	const struct runtime runtime = {
		.executed = EXECUTED(argv),
		.self = own_file(argv[0]),
		.environ = environ,
		.clock = &clock_system,
		.rng = &rng_system,
		.resolver = &resolver_system,
		.dns = &srv_dns_system,
		.spool_ops = &spool_ops_system,
		.temp = &temp,
		.privileged = IS_PRIVILEGED(),
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
