/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/accept_key.h"

#include "base/i18n.h"
#include "tls/known_hosts.h"
#include "tls/pin.h"
#include "tls/verdict.h"

#define KEY_FAULTS (unsigned)(TLS_FAULT_KEY_UNKNOWN | TLS_FAULT_KEY_CHANGED)

static const struct origin by_mode = {ORIGIN_COMMAND_LINE, NULL, 0};

/* A copy of the account that asks for an accepted key and nothing else. */
static struct account *make_account(const struct account *a, struct error *err)
{
	AUTO_PTR(account) copy = account_new(a->name, a->flavour, a->environ);
	if (!account_bool(a, OPT_TLS)) {
		(void)error_set(err, ERROR_CONFIG, _("account %s does not use TLS, so its server shows no key"),
				account_title(a));
		error_hint(err, "%s", _("Set tls on."));
		return NULL;
	}
	account_merge(copy, a);
	if (!account_set(copy, OPT_TLS_TRUST, SPAN_LIT("first_use"), by_mode, err) ||
	    !account_set(copy, OPT_TLS_CERTCHECK, SPAN_LIT("on"), by_mode, err) ||
	    !account_set(copy, OPT_TLS_FINGERPRINT, SPAN_LIT(""), by_mode, err) ||
	    !account_set(copy, OPT_TLS_PIN, SPAN_LIT(""), by_mode, err) ||
	    !account_set(copy, OPT_TLS_OCSP, SPAN_LIT("auto"), by_mode, err) || !account_check(copy, err))
		return NULL;
	return steal_ptr(copy);
}

enum accept_key accept_key_look(const struct runtime *runtime, const struct account *account,
				struct delivery_result *result)
{
	AUTO(error) err = ERROR_INIT;
	AUTO_PTR(account) copy = make_account(account, &err);
	if (!copy) {
		delivery_result_begin(result, NULL);
		error_move(&result->error, &err);
		return ACCEPT_KEY_FAILED;
	}
	struct delivery_request req =
		delivery_request_make(runtime, copy, (struct delivery_task){.kind = DELIVERY_LOOK});
	deliver(&req, result);
	unsigned faults = result->tls.faults;
	if (!result->tls.chain_len || faults & ~KEY_FAULTS)
		return ACCEPT_KEY_FAILED;
	if (!faults)
		return result->error.status.kind == ERROR_NONE ? ACCEPT_KEY_SAME : ACCEPT_KEY_FAILED;
	return faults & TLS_FAULT_KEY_CHANGED ? ACCEPT_KEY_CHANGED : ACCEPT_KEY_NEW;
}

bool accept_key_store(const struct runtime *runtime, const struct delivery_result *result, struct error *err)
{
	const struct tls_certificate *c = &result->tls.chain[0];
	struct known_host key;
	size_t len = 0;
	if (!c->pin || !tls_pin_parse(span_of(c->pin), key.pin) ||
	    !tls_fingerprint_parse(c->sha256, key.sha256, &len, err))
		return error_set(err, ERROR_CERTIFICATE, _("the certificate has no key that could be stored"));
	return known_hosts_accept(runtime, result->host, result->port, &key, err);
}
