/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/dane.h"

#include "base/i18n.h"
#include "base/xalloc.h"

void dane_release(struct dane *dane)
{
	tlsa_found_release(&dane->found);
	error_release(&dane->failure);
	*dane = DANE_INIT;
}

/* Records under a name that an attacker may have chosen prove nothing (RFC 7673 section 3.1). */
static bool name_is_chosen_by_us(const struct server *server, struct tlsa_found *out)
{
	if (!server->unsure && !server->is_socket)
		return true;
	out->owner = xstrdup(server->host);
	out->why_none = xstrdup(server->is_socket ? _("it is a Unix socket")
						  : _("the SRV records that name this server are not signed"));
	return false;
}

static bool report_none(const char *host, const struct tlsa_found *found, struct error *err)
{
	if (strcmp(found->owner, host) == 0)
		(void)error_set(err, ERROR_CERTIFICATE, _("%s has no signed TLSA records: %s"), host, found->why_none);
	else
		(void)error_set(err, ERROR_CERTIFICATE, _("%s has no signed TLSA records (%s): %s"), host, found->owner,
				found->why_none);
	error_hint(
		err, "%s",
		_("tls_dane is \"require\". Ask the server's administrator to publish TLSA records in a signed zone, "
		  "or set "
		  "tls_dane auto."));
	return false;
}

static bool look(struct dane *dane, const struct account *a, const struct server *server, const struct runtime *runtime,
		 msec_t deadline, struct error *err)
{
	struct dns_validator validator;
	bool required = account_word(a, OPT_TLS_DANE) == DANE_REQUIRE;
	(void)dns_validator_of(a, runtime, &validator);
	if (name_is_chosen_by_us(server, &dane->found) &&
	    !tlsa_find(&validator, server->host, server->port, deadline, &dane->found, err)) {
		error_prefix(err, _("TLSA records of %s"), server->host);
		return false;
	}
	dane->found.records.required = required;
	return !required || dane->found.records.n || report_none(server->host, &dane->found, err);
}

bool dane_look(struct dane *dane, const struct account *a, const struct server *server, const struct runtime *runtime,
	       msec_t deadline, struct error *err)
{
	if (account_word(a, OPT_TLS_DANE) == DANE_OFF)
		return true;
	if (!dane->asked && !look(dane, a, server, runtime, deadline, &dane->failure))
		error_stage(&dane->failure, "DNS");
	dane->asked = true;
	if (dane->failure.status.kind == ERROR_NONE)
		return true;
	if (err)
		error_copy(err, &dane->failure);
	return false;
}
