/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/probe.h"

#include "base/utf8.h"
#include "base/xalloc.h"
#include "dns/name.h"
#include "transport/deliver.h"

#define PATIENCE "20s" /* for each step of a session, where the user sets no other time */

bool probe_account(const struct account_file *f, const struct account_text *t, const struct runtime *runtime,
		   struct settings *out, struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	struct account_request req = {.account = t->name, .environ = runtime->environ};
	settings_release(out);
	*out = SETTINGS_INIT;
	account_text_write(t, &text);
	if (!account_file_try(f, text.buf, runtime, &out->config, err))
		return false;
	out->account = config_choose(&out->config, &req, &out->why, err);
	if (!out->account || !settings_expand(out, NULL, runtime, err))
		return false;
	return (t->given && account_is_set(t->given, OPT_TIMEOUT)) ||
	       account_set(out->account, OPT_TIMEOUT, span_of(PATIENCE), (struct origin){.kind = ORIGIN_DERIVED}, err);
}

static struct mail_address sender_of(const char *address)
{
	const char *at = strrchr(address, '@');
	struct mail_address sender = {xstrdup(address), NULL};
	AUTO_FREE char *domain = at ? dns_name_ascii(at + 1, NULL) : NULL;
	if (domain && utf8_is_ascii(span_make(address, (size_t)(at - address))))
		sender.ascii = xasprintf("%.*s@%s", (int)(at - address), address, domain);
	return sender;
}

static void put_password(struct account *a, const struct secret *password)
{
	struct value v = {.set = true, .secret = SECRET_INIT};
	secret_copy(&v.secret, password);
	account_put(a, OPT_PASSWORD, &v, (struct origin){.kind = ORIGIN_DERIVED});
}

bool probe_login(const struct settings *s, const struct secret *password, const char *address,
		 const struct runtime *runtime, struct error *err)
{
	AUTO(envelope) env = ENVELOPE_INIT;
	struct delivery_result result;
	env.mail.sender = sender_of(address);
	if (password)
		put_password(s->account, password);
	struct delivery_request req =
		delivery_request_make(runtime, s->account, (struct delivery_task){DELIVERY_VERIFY, .envelope = &env});
	req.may_prompt = false;
	deliver(&req, &result);
	bool ok = result.error.status.kind == ERROR_NONE;
	if (!ok && err)
		error_move(err, &result.error);
	delivery_result_release(&result);
	return ok;
}
