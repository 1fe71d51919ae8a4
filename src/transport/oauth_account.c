/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/oauth_account.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "transport/server.h"

void oauth_account_release(struct oauth_account *o)
{
	oauth_settings_release(&o->settings);
	free(o->proxy);
	*o = (struct oauth_account){.settings = OAUTH_SETTINGS_INIT};
}

/* ---- settings ---- */

static const enum option_id value_options[OAUTH_VALUES] = {
	[OAUTH_DEVICE_URL] = OPT_OAUTH_DEVICE_URL, [OAUTH_AUTHORIZE_URL] = OPT_OAUTH_AUTHORIZE_URL,
	[OAUTH_TOKEN_URL] = OPT_OAUTH_TOKEN_URL,   [OAUTH_SCOPE] = OPT_OAUTH_SCOPE,
	[OAUTH_CLIENT_ID] = OPT_OAUTH_CLIENT_ID,   [OAUTH_ISSUER] = OPT_OAUTH_ISSUER,
	[OAUTH_TENANT] = OPT_OAUTH_TENANT,
};

static enum oauth_flow flow_of(const struct account *a)
{
	return account_is_set(a, OPT_OAUTH_FLOW)
		       ? (enum oauth_flow)(account_word(a, OPT_OAUTH_FLOW) + OAUTH_FLOW_DEVICE)
		       : OAUTH_FLOW_UNSET;
}

static bool make_settings(struct oauth_account *o, const struct account *a, const struct runtime *runtime,
			  struct error *err)
{
	char *sources[OAUTH_VALUES] = {NULL};
	struct oauth_wishes w = {
		.account = a->name,
		.user = account_str(a, OPT_USER),
		.host = server_account_name(a),
		.provider = {.text = account_str(a, OPT_OAUTH_PROVIDER)},
		.flow = flow_of(a),
		.client_secret = account_secret(a, OPT_OAUTH_CLIENT_SECRET),
		.client_secret_file = account_str(a, OPT_OAUTH_CLIENT_SECRET_FILE),
		.redirect_port = (unsigned)account_int(a, OPT_OAUTH_REDIRECT_PORT),
	};
	for (size_t i = 0; i < OAUTH_VALUES; i++) {
		enum option_id id = value_options[i];
		if (!id || !account_is_set(a, id))
			continue;
		sources[i] = origin_text(account_origin(a, id));
		w.value[i] = (struct oauth_wish){account_str(a, id), sources[i]};
	}
	bool ok = oauth_settings_make(&w, runtime, &o->settings, err);
	for (size_t i = 0; i < OAUTH_VALUES; i++)
		free(sources[i]);
	return ok;
}

/* ---- the rest ---- */

static void make_network(struct oauth_account *o, const struct account *a, const struct runtime *runtime,
			 msec_t deadline)
{
	const char *trust = account_str(a, OPT_OAUTH_TRUST_FILE), *proxy = account_str(a, OPT_PROXY_HOST);
	long long timeout = account_int(a, OPT_TIMEOUT);
	msec_t limit = deadline_in(runtime->clock, timeout > 0 ? timeout : OAUTH_HTTP_PATIENCE_MS);
	bool literal = proxy && strchr(proxy, ':');
	if (proxy)
		o->proxy =
			xasprintf(literal ? "%s://[%s]:%lld" : "%s://%s:%lld",
				  account_proxy_is_http(a) ? "http" : "socks5h", proxy, account_int(a, OPT_PROXY_PORT));
	o->network = (struct oauth_network){
		.runtime = runtime,
		.trust_file = trust && strcmp(trust, "system") != 0 ? trust : NULL,
		.proxy = o->proxy,
		.proxy_user = account_str(a, OPT_PROXY_USER),
		.proxy_password = account_secret(a, OPT_PROXY_PASSWORD),
		.deadline = deadline_min(deadline, limit),
	};
}

bool oauth_account_make(struct oauth_account *o, const struct account *a, const struct runtime *runtime,
			msec_t deadline, struct error *err)
{
	*o = (struct oauth_account){.settings = OAUTH_SETTINGS_INIT};
	if (!make_settings(o, a, runtime, err))
		return false;
	make_network(o, a, runtime, deadline);
	o->store = (struct oauth_store){
		.runtime = runtime,
		.settings = &o->settings,
		.keyring = account_bool(a, OPT_KEYRING),
		.deadline = o->network.deadline,
	};
	o->refresh = (struct oauth_refresh){.store = &o->store, .network = &o->network};
	return true;
}

char *oauth_account_path(const struct account *a, const struct runtime *runtime)
{
	struct oauth_account o;
	AUTO(error) ignored = ERROR_INIT;
	char *path = NULL;
	if (account_uses_oauth(a) && oauth_account_make(&o, a, runtime, DEADLINE_NEVER, &ignored))
		path = oauth_store_mark_path(&o.store);
	if (account_uses_oauth(a))
		oauth_account_release(&o);
	return path;
}

uint64_t oauth_account_checksum(const struct account *a, const struct runtime *runtime)
{
	struct oauth_account o;
	AUTO(error) ignored = ERROR_INIT;
	uint64_t sum = 0;
	if (oauth_account_make(&o, a, runtime, DEADLINE_NEVER, &ignored))
		sum = oauth_store_checksum(&o.store);
	oauth_account_release(&o);
	return sum;
}

/* ---- for people ---- */

static void describe_values(const struct oauth_settings *s, struct strvec *lines)
{
	for (size_t i = 0; i < OAUTH_VALUES; i++) {
		const char *name = value_options[i] ? option_table[value_options[i]].command : _("revocation");
		if (s->value[i].text)
			strvec_pushf(lines, "%s %s  (%s)", name, s->value[i].text, s->value[i].source);
	}
	if (s->flow != OAUTH_FLOW_UNSET)
		strvec_pushf(lines, "%s %s", option_table[OPT_OAUTH_FLOW].command, oauth_flow_names[s->flow]);
}

static void list_values(const struct account *a, const struct runtime *runtime, struct strvec *lines)
{
	struct oauth_account o;
	AUTO(error) err = ERROR_INIT;
	if (!a || !account_uses_oauth(a))
		return;
	if (oauth_account_make(&o, a, runtime, DEADLINE_NEVER, &err))
		describe_values(&o.settings, lines);
	else
		strvec_pushf(lines, "%s", err.status.text);
	oauth_account_release(&o);
}

void oauth_account_describe(const struct account *a, const struct runtime *runtime, struct strbuf *out)
{
	AUTO(strvec) lines = STRVEC_INIT;
	list_values(a, runtime, &lines);
	if (lines.n)
		strbuf_addf(out, "%s\n", _("Access token: from the login by OAuth2, with these settings:"));
	for (size_t i = 0; i < lines.n; i++)
		strbuf_addf(out, "  %s\n", lines.v[i]);
}

void oauth_account_json(const struct account *a, const struct runtime *runtime, struct json *j)
{
	AUTO(strvec) lines = STRVEC_INIT;
	list_values(a, runtime, &lines);
	json_list(j, "oauth", &lines);
}
