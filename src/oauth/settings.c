/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/settings.h"

#include "base/i18n.h"
#include "base/strbuf.h"
#include "base/xalloc.h"
#include "oauth/url.h"
#include "secret/file.h"
#include "secret/source.h"

#include <errno.h>

#define SECRET_LIMIT 65536

/* What the configuration calls a value, and the line of a provider that gives it. */
static const struct {
	const char *option;
	enum oauth_provider_key key;
} values[OAUTH_VALUES] = {
	[OAUTH_DEVICE_URL] = {"oauth_device_url", OAUTH_PROVIDER_DEVICE},
	[OAUTH_AUTHORIZE_URL] = {"oauth_authorize_url", OAUTH_PROVIDER_AUTHORIZE},
	[OAUTH_TOKEN_URL] = {"oauth_token_url", OAUTH_PROVIDER_TOKEN},
	[OAUTH_REVOKE_URL] = {"oauth_revoke_url", OAUTH_PROVIDER_REVOKE},
	[OAUTH_SCOPE] = {"oauth_scope", OAUTH_PROVIDER_SCOPE},
	[OAUTH_CLIENT_ID] = {"oauth_client_id", OAUTH_PROVIDER_CLIENT_ID},
	[OAUTH_ISSUER] = {"oauth_issuer", OAUTH_PROVIDER_ISSUER},
	[OAUTH_TENANT] = {"oauth_tenant", OAUTH_PROVIDER_TENANT},
};

void oauth_settings_release(struct oauth_settings *s)
{
	free(s->account);
	free(s->user);
	free(s->host);
	free(s->server);
	oauth_provider_release(&s->provider);
	for (size_t i = 0; i < OAUTH_VALUES; i++) {
		free(s->value[i].text);
		free(s->value[i].source);
	}
	secret_release(&s->client_secret);
	*s = OAUTH_SETTINGS_INIT;
}

const char *oauth_settings_title(const struct oauth_settings *s)
{
	return s->account && *s->account ? s->account : _("(without a name)");
}

static bool fail(const struct oauth_settings *s, struct error *err, const char *what, const char *more)
{
	AUTO_FREE char *text = xasprintf(what, more);
	return error_set(err, ERROR_CONFIG, _("account %s: %s"), oauth_settings_title(s), text);
}

/* ---- values ---- */

/* As soon as the account names a server, no other one is used. */
static bool has_own_server(const struct oauth_wishes *w)
{
	return w->value[OAUTH_DEVICE_URL].text || w->value[OAUTH_AUTHORIZE_URL].text ||
	       w->value[OAUTH_TOKEN_URL].text || w->value[OAUTH_ISSUER].text;
}

static void set_value(struct oauth_value *v, const char *text, const char *source)
{
	xreplace(&v->text, text);
	xreplace(&v->source, source);
}

/* White space becomes one space each. */
static char *normal_scope(const char *text)
{
	struct strbuf out = STRBUF_INIT;
	bool gap = false;
	for (; *text; text++) {
		if (strchr(" \t\r\n", *text)) {
			gap = out.len > 0;
			continue;
		}
		if (gap)
			strbuf_addch(&out, ' ');
		gap = false;
		strbuf_addch(&out, *text);
	}
	return strbuf_detach(&out, NULL);
}

static void put_tenant(struct oauth_value *v, const char *tenant)
{
	const char *at = v->text ? strstr(v->text, OAUTH_TENANT_MARK) : NULL;
	if (!at || !tenant)
		return;
	AUTO_FREE char *before = xmemdup0(v->text, (size_t)(at - v->text));
	AUTO_FREE char *text = xasprintf("%s%s%s", before, tenant, at + strlen(OAUTH_TENANT_MARK));
	xreplace(&v->text, text);
}

static const char *provider_line(const struct oauth_settings *s, size_t id)
{
	const struct oauth_provider *p = &s->provider;
	if (id == OAUTH_SCOPE && s->flow == OAUTH_FLOW_CLIENT && p->line[OAUTH_PROVIDER_CLIENT_SCOPE])
		return p->line[OAUTH_PROVIDER_CLIENT_SCOPE];
	return p->line[values[id].key];
}

static void resolve(struct oauth_settings *s, const struct oauth_wishes *w)
{
	AUTO_FREE char *source = s->provider.name ? xasprintf(_("provider %s"), s->provider.name) : NULL;
	bool use_provider = source && !has_own_server(w);
	for (size_t i = 0; i < OAUTH_VALUES; i++) {
		if (w->value[i].text)
			set_value(&s->value[i], w->value[i].text, w->value[i].source);
		else if (use_provider && provider_line(s, i))
			set_value(&s->value[i], provider_line(s, i), source);
	}
	s->revoke_page = use_provider ? s->provider.line[OAUTH_PROVIDER_REVOKE_PAGE] : NULL;
	for (size_t i = 0; i <= OAUTH_REVOKE_URL; i++)
		put_tenant(&s->value[i], s->value[OAUTH_TENANT].text);
	if (s->value[OAUTH_SCOPE].text) {
		AUTO_FREE char *scope = normal_scope(s->value[OAUTH_SCOPE].text);
		xreplace(&s->value[OAUTH_SCOPE].text, scope);
	}
	s->needs_metadata = w->value[OAUTH_ISSUER].text != NULL;
	xreplace(&s->server,
		 s->value[OAUTH_TOKEN_URL].text ? s->value[OAUTH_TOKEN_URL].text : s->value[OAUTH_ISSUER].text);
}

static enum oauth_flow first_flow(const struct oauth_provider *p)
{
	struct span rest = p->line[OAUTH_PROVIDER_FLOWS] ? span_of(p->line[OAUTH_PROVIDER_FLOWS]) : span_of("");
	struct span word = span_word(&rest);
	for (size_t i = 1; i < OAUTH_FLOWS; i++)
		if (span_equals_str(word, oauth_flow_names[i]))
			return (enum oauth_flow)i;
	return OAUTH_FLOW_CODE;
}

static enum oauth_flow choose_flow(const struct oauth_settings *s, const struct oauth_wishes *w)
{
	if (w->flow != OAUTH_FLOW_UNSET)
		return w->flow;
	if (s->provider.name && !has_own_server(w))
		return first_flow(&s->provider);
	if (w->value[OAUTH_DEVICE_URL].text)
		return OAUTH_FLOW_DEVICE;
	if (w->value[OAUTH_AUTHORIZE_URL].text)
		return OAUTH_FLOW_CODE;
	return w->value[OAUTH_ISSUER].text ? OAUTH_FLOW_UNSET : OAUTH_FLOW_CLIENT;
}

/* ---- the client's secret ---- */

static bool read_secret(struct oauth_settings *s, const struct oauth_wishes *w, struct error *err)
{
	const char *path = w->client_secret_file;
	if (w->client_secret && secret_is_set(w->client_secret)) {
		secret_copy(&s->client_secret, w->client_secret);
		return true;
	}
	if (!path)
		return true;
	AUTO_FD int fd = secret_file_open(path);
	if (fd < 0)
		return error_set_errno(err, ERROR_FILE_MISSING, errno, _("cannot read oauth_client_secret_file %s"),
				       path);
	AUTO_FREE char *name = xasprintf("oauth_client_secret_file %s", path);
	return fs_admin_fd(fd, name, NULL, err) &&
	       secret_file_read(fd, "oauth_client_secret_file", path, SECRET_LIMIT, &s->client_secret, err) &&
	       secret_check_password(&s->client_secret, name, ERROR_CONFIG, err);
}

/* ---- rules ---- */

static bool check_flow(const struct oauth_settings *s, const struct oauth_wishes *w, struct error *err)
{
	const char *flow = oauth_flow_names[s->flow], *flows = s->provider.line[OAUTH_PROVIDER_FLOWS];
	if (!s->provider.name || has_own_server(w) || s->flow == OAUTH_FLOW_UNSET ||
	    oauth_provider_lists(&s->provider, OAUTH_PROVIDER_FLOWS, flow))
		return true;
	(void)error_set(err, ERROR_CONFIG, _("account %s: %s does not allow the flow \"%s\" for mail"),
			oauth_settings_title(s), s->provider.name, flow);
	if (first_flow(&s->provider) == OAUTH_FLOW_CLIENT)
		error_hint(err, _("Set oauth_flow to one that works: %s."), flows);
	else
		error_hint(err, _("Use --oauth-flow=%s, or set oauth_flow to it."),
			   oauth_flow_names[first_flow(&s->provider)]);
	return false;
}

static bool has_tenant_mark(const struct oauth_provider *p)
{
	for (size_t i = 0; i <= OAUTH_REVOKE_URL; i++)
		if (p->line[values[i].key] && strstr(p->line[values[i].key], OAUTH_TENANT_MARK))
			return true;
	return false;
}

static bool check_tenant(const struct oauth_settings *s, const struct oauth_wishes *w, struct error *err)
{
	bool wanted = !has_own_server(w) && has_tenant_mark(&s->provider);
	if (wanted && !s->value[OAUTH_TENANT].text) {
		(void)fail(s, err, _("OAuth2 needs %s, and it is not set"), values[OAUTH_TENANT].option);
		error_hint(err, "%s", _("Set it to the name or id that your organisation has at the provider."));
		return false;
	}
	if (wanted || !w->value[OAUTH_TENANT].text)
		return true;
	(void)fail(s, err, "%s", _("oauth_tenant is set, and nothing uses it"));
	error_hint(err, "%s",
		   _("It is for oauth_provider microsoft without addresses of your own: remove one of the "
		     "two."));
	return false;
}

static void hint_register(const struct oauth_settings *s, struct error *err)
{
	const char *how = s->provider.line[OAUTH_PROVIDER_REGISTER],
		   *other = s->provider.line[OAUTH_PROVIDER_APP_PASSWORD];
	if (how && other)
		error_hint(err, "%s %s", other, how);
	else if (how)
		error_hint(err, "%s", how);
	else
		error_hint(err, "%s", _("Register this program at the server, and set the id you are given."));
}

/* Without these nothing can be asked, now or later. */
static bool check_needed(const struct oauth_settings *s, struct error *err)
{
	static const enum oauth_value_id needed[] = {OAUTH_TOKEN_URL, OAUTH_CLIENT_ID};
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		enum oauth_value_id id = needed[i];
		if (s->value[id].text || (s->needs_metadata && id != OAUTH_CLIENT_ID))
			continue;
		(void)fail(s, err, _("OAuth2 needs %s, and it is not set"), values[id].option);
		if (id == OAUTH_CLIENT_ID)
			hint_register(s, err);
		else
			error_hint(err, "%s", _("Set oauth_provider, oauth_issuer, or all addresses and the scope."));
		return false;
	}
	return true;
}

static bool check_secret(const struct oauth_settings *s, struct error *err)
{
	const char *rule = s->provider.line[OAUTH_PROVIDER_SECRET];
	bool required = s->flow == OAUTH_FLOW_CLIENT || (rule && strcmp(rule, "required") == 0);
	if (!required || secret_is_set(&s->client_secret))
		return true;
	(void)fail(s, err, "%s", _("this login needs the secret of the client, and it is not set"));
	error_hint(err, "%s",
		   _("Set oauth_client_secret_file to a file that has what you were given with the client id."));
	return false;
}

static bool check_scope(const struct oauth_settings *s, struct error *err)
{
	const char *scope = s->value[OAUTH_SCOPE].text;
	for (const char *p = scope; p && *p; p++)
		if (ascii_iscntrl(*p) || *p == '"' || *p == '\\' || (unsigned char)*p > '~')
			return fail(s, err, _("oauth_scope has a character that no scope may have (%s)"),
				    s->value[OAUTH_SCOPE].source);
	return true;
}

bool oauth_settings_allow(const struct oauth_settings *s, enum oauth_flow flow, struct error *err)
{
	static const enum oauth_value_id address[OAUTH_FLOWS] = {
		[OAUTH_FLOW_DEVICE] = OAUTH_DEVICE_URL,
		[OAUTH_FLOW_CODE] = OAUTH_AUTHORIZE_URL,
		[OAUTH_FLOW_CLIENT] = OAUTH_TOKEN_URL,
	};
	if (flow == OAUTH_FLOW_UNSET || s->value[address[flow]].text)
		return true;
	AUTO_FREE char *needs =
		xasprintf(_("the flow \"%s\" needs %s"), oauth_flow_names[flow], values[address[flow]].option);
	(void)fail(s, err, "%s", needs);
	error_hint(err, "%s", _("Set it, or choose another flow with oauth_flow."));
	return false;
}

bool oauth_settings_make(const struct oauth_wishes *w, const struct runtime *runtime, struct oauth_settings *s,
			 struct error *err)
{
	s->account = xstrdup(w->account ? w->account : "");
	s->user = xstrdup_null(w->user);
	s->host = xstrdup_null(w->host);
	s->redirect_port = w->redirect_port;
	if (w->provider.text && !oauth_provider_find(runtime, w->provider.text, &s->provider, err))
		return false;
	s->flow = choose_flow(s, w);
	resolve(s, w);
	const char *by = s->provider.line[OAUTH_PROVIDER_SECRET_BY],
		   *again = s->provider.line[OAUTH_PROVIDER_REFRESH_SCOPE];
	s->secret_by_basic = by && strcmp(by, "basic") == 0;
	s->refresh_scope = again && strcmp(again, "yes") == 0;
	return check_flow(s, w, err) && check_tenant(s, w, err) && check_needed(s, err) && check_scope(s, err) &&
	       (s->needs_metadata || oauth_settings_allow(s, s->flow, err)) && read_secret(s, w, err) &&
	       check_secret(s, err);
}
