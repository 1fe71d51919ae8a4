/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/password.h"

#include "base/checksum.h"
#include "base/proc.h"
#include "transport/oauth_account.h"

const char *password_host(const struct account *a)
{
	const struct strvec *hosts = account_list(a, OPT_HOST);
	if (account_str(a, OPT_SOCKET))
		return account_str(a, OPT_SOCKET);
	return hosts->n ? hosts->v[0] : "";
}

bool password_is_set(const struct account *a)
{
	return account_is_set(a, OPT_PASSWORD_FD) || account_is_set(a, OPT_PASSWORD) ||
	       account_is_set(a, OPT_PASSWORD_FILE) || account_is_set(a, OPT_CREDENTIAL) ||
	       account_is_set(a, OPT_PASSWORDEVAL);
}

struct secret_query password_query(const struct account *a, const struct runtime *runtime)
{
	const char *netrc = account_str(a, OPT_NETRC);
	struct secret_query q = {
		.fd = account_is_set(a, OPT_PASSWORD_FD) ? (int)account_int(a, OPT_PASSWORD_FD) : 0,
		.literal = account_secret(a, OPT_PASSWORD),
		.file = account_str(a, OPT_PASSWORD_FILE),
		.credential = account_str(a, OPT_CREDENTIAL),
		.command = account_str(a, OPT_PASSWORDEVAL),
		.keyring = account_bool(a, OPT_KEYRING),
		.host = password_host(a),
		.user = account_str(a, OPT_USER),
		.account = *a->name ? a->name : NULL,
		.runtime = runtime,
	};
	if (!netrc || strcmp(netrc, "off") == 0) {
		q.netrc = SECRET_NETRC_OFF;
	} else if (strcmp(netrc, "on") == 0) {
		q.netrc = SECRET_NETRC_USUAL;
	} else {
		q.netrc = SECRET_NETRC_FILE;
		q.netrc_file = netrc;
	}
	return q;
}

msec_t password_deadline(const struct account *a, const struct runtime *runtime)
{
	msec_t limit =
		account_is_set(a, OPT_SECRET_TIMEOUT) ? account_int(a, OPT_SECRET_TIMEOUT) : proc_patience(runtime);
	return limit < 0 ? DEADLINE_NEVER : deadline_in(runtime->clock, limit);
}

uint64_t password_checksum(const struct account *a, const struct runtime *runtime)
{
	if (account_uses_oauth(a))
		return oauth_account_checksum(a, runtime);
	AUTO(secret) password = SECRET_INIT;
	AUTO(error) problem = ERROR_INIT;
	struct secret_query q = password_query(a, runtime);
	q.deadline = password_deadline(a, runtime);
	return q.user && secret_fill(&q, &password, NULL, &problem) ? checksum_of(secret_reveal(&password)) : 0;
}
