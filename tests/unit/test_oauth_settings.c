/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/xalloc.h"
#include "oauth/metadata.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static char *providers;
static struct runtime runtime;

static int setup(void **state)
{
	(void)state;
	const char *top = getenv("top_srcdir");
	providers = xasprintf("%s/src/oauth/oauth_providers", top ? top : ".");
	runtime = (struct runtime){.providers = {.package = providers}};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(providers);
	return 0;
}

#define T "https://t.example/token"
#define A "https://t.example/auth"
#define D "https://t.example/device"
#define MICROSOFT "https://login.microsoftonline.com/"

static const struct row {
	const char *name;
	const char *provider, *token, *authorize, *device, *issuer, *scope, *client, *tenant, *secret;
	enum oauth_flow flow;
	/* what comes of it */
	const char *problem; /* a part of the text or hint; NULL: it is good */
	const char *token_url, *scope_is;
	enum oauth_flow flow_is;
} rows[] = {
	{.name = "google",
	 .provider = "google",
	 .client = "id",
	 .secret = "s",
	 .token_url = "https://oauth2.googleapis.com/token",
	 .scope_is = "https://mail.google.com/",
	 .flow_is = OAUTH_FLOW_CODE},
	{.name = "google by device",
	 .provider = "google",
	 .client = "id",
	 .secret = "s",
	 .flow = OAUTH_FLOW_DEVICE,
	 .problem = "Use --oauth-flow=code"},
	{.name = "google by device, no id",
	 .provider = "google",
	 .flow = OAUTH_FLOW_DEVICE,
	 .problem = "does not allow the flow \"device\""},
	{.name = "google without id", .provider = "google", .problem = "Google's cloud console"},
	{.name = "google without secret", .provider = "google", .client = "id", .problem = "needs the secret"},
	{.name = "yahoo without id", .provider = "yahoo", .problem = "application password"},
	{.name = "microsoft",
	 .provider = "microsoft",
	 .client = "id",
	 .token_url = MICROSOFT "common/oauth2/v2.0/token",
	 .scope_is = "https://outlook.office.com/SMTP.Send offline_access",
	 .flow_is = OAUTH_FLOW_DEVICE},
	{.name = "tenant",
	 .provider = "microsoft",
	 .client = "id",
	 .tenant = "example.com",
	 .token_url = MICROSOFT "example.com/oauth2/v2.0/token",
	 .scope_is = "https://outlook.office.com/SMTP.Send offline_access",
	 .flow_is = OAUTH_FLOW_DEVICE},
	{.name = "microsoft as a service",
	 .provider = "microsoft",
	 .client = "id",
	 .tenant = "t",
	 .secret = "s",
	 .flow = OAUTH_FLOW_CLIENT,
	 .token_url = MICROSOFT "t/oauth2/v2.0/token",
	 .scope_is = "https://outlook.office365.com/.default",
	 .flow_is = OAUTH_FLOW_CLIENT},
	{.name = "a service without secret",
	 .provider = "microsoft",
	 .client = "id",
	 .flow = OAUTH_FLOW_CLIENT,
	 .problem = "needs the secret"},
	{.name = "own scope",
	 .provider = "microsoft",
	 .client = "id",
	 .scope = "  a \t b\n",
	 .token_url = MICROSOFT "common/oauth2/v2.0/token",
	 .scope_is = "a b",
	 .flow_is = OAUTH_FLOW_DEVICE},
	{.name = "odd scope", .provider = "microsoft", .client = "id", .scope = "a\x01", .problem = "oauth_scope"},
	{.name = "google and a tenant",
	 .provider = "google",
	 .client = "id",
	 .secret = "s",
	 .tenant = "t",
	 .problem = "oauth_tenant is set"},
	{.name = "unknown", .provider = "acme", .client = "id", .problem = "Known are: google, microsoft"},
	/* one address of one's own: nothing of the provider's is used */
	{.name = "a token address of one's own",
	 .provider = "google",
	 .token = T,
	 .client = "id",
	 .secret = "s",
	 .token_url = T,
	 .scope_is = NULL,
	 .flow_is = OAUTH_FLOW_CLIENT},
	{.name = "half of the addresses",
	 .provider = "google",
	 .authorize = A,
	 .client = "id",
	 .problem = "needs oauth_token_url"},
	{.name = "an issuer of one's own",
	 .provider = "microsoft",
	 .issuer = "https://i.example",
	 .client = "id",
	 .token_url = NULL,
	 .scope_is = NULL,
	 .flow_is = OAUTH_FLOW_UNSET},
	{.name = "addresses",
	 .token = T,
	 .device = D,
	 .client = "id",
	 .scope = "m",
	 .token_url = T,
	 .scope_is = "m",
	 .flow_is = OAUTH_FLOW_DEVICE},
	{.name = "addresses of the code flow",
	 .token = T,
	 .authorize = A,
	 .client = "id",
	 .scope = "m",
	 .token_url = T,
	 .scope_is = "m",
	 .flow_is = OAUTH_FLOW_CODE},
	{.name = "a flow without its address",
	 .token = T,
	 .authorize = A,
	 .client = "id",
	 .flow = OAUTH_FLOW_DEVICE,
	 .problem = "needs oauth_device_url"},
	{.name = "nothing", .client = "id", .problem = "Set oauth_provider"},
	{.name = "no id", .token = T, .authorize = A, .problem = "Register this program"},
};

static struct oauth_wish wish(const char *text)
{
	return (struct oauth_wish){text, text ? "the file" : NULL};
}

static bool make(const struct row *r, struct oauth_settings *s, struct error *err)
{
	AUTO(secret) secret = SECRET_INIT;
	if (r->secret)
		secret_set(&secret, r->secret, strlen(r->secret));
	const struct oauth_wishes w = {
		.account = "work",
		.user = "joe",
		.host = "mail.example",
		.provider = wish(r->provider),
		.flow = r->flow,
		.client_secret = &secret,
		.value = {[OAUTH_TOKEN_URL] = wish(r->token),
			  [OAUTH_AUTHORIZE_URL] = wish(r->authorize),
			  [OAUTH_DEVICE_URL] = wish(r->device),
			  [OAUTH_ISSUER] = wish(r->issuer),
			  [OAUTH_SCOPE] = wish(r->scope),
			  [OAUTH_CLIENT_ID] = wish(r->client),
			  [OAUTH_TENANT] = wish(r->tenant)},
	};
	return oauth_settings_make(&w, &runtime, s, err);
}

static void must_be(const char *got, const char *wanted)
{
	if (wanted)
		assert_string_equal(got, wanted);
	else
		assert_null(got);
}

static void settings_are_resolved_or_refused_without_network(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		AUTO(oauth_settings) s = OAUTH_SETTINGS_INIT;
		AUTO(error) err = ERROR_INIT;
		print_message("# %s\n", r->name);
		bool ok = make(r, &s, &err);
		if (!r->problem) {
			assert_true(ok);
			must_be(s.value[OAUTH_TOKEN_URL].text, r->token_url);
			must_be(s.value[OAUTH_SCOPE].text, r->scope_is);
			assert_int_equal(s.flow, r->flow_is);
			continue;
		}
		assert_false(ok);
		assert_int_equal(err.status.kind, ERROR_CONFIG);
		assert_true(strstr(err.status.text, r->problem) || strstr(err.status.hint, r->problem));
	}
}

static void each_value_has_its_source(void **state)
{
	(void)state;
	AUTO(oauth_settings) s = OAUTH_SETTINGS_INIT;
	AUTO(error) err = ERROR_INIT;
	assert_true(make(&rows[0], &s, &err));
	assert_string_equal(s.value[OAUTH_TOKEN_URL].source, "provider google");
	assert_string_equal(s.value[OAUTH_CLIENT_ID].source, "the file");
}

/* ---- an entry of the administrator's ---- */

static void an_organisation_is_wanted_where_an_address_has_its_mark(void **state)
{
	(void)state;
	static const struct {
		const char *entry;
		struct row row;
	} own[] = {
		{"token " MICROSOFT "{tenant}/t\n", {.tenant = "t", .token_url = MICROSOFT "t/t"}},
		{"token https://{tenant}.example/t\n", {.tenant = "a.b", .token_url = "https://a.b.example/t"}},
		{"token " MICROSOFT "{tenant}/t\ntenant common\n", {.token_url = MICROSOFT "common/t"}},
		{"token " MICROSOFT "{tenant}/t\n", {.problem = "needs oauth_tenant"}},
		{"token " T "\ntenant common\n", {.token_url = T}},
		{"token " T "\ntenant common\n", {.tenant = "t", .problem = "nothing uses it"}},
	};
	AUTO_FREE char *path = xstrdup("/tmp/test_oauth_settings.XXXXXX");
	AUTO_FD int fd = mkstemp(path);
	const struct runtime before = runtime;
	runtime.providers.system = path;
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		AUTO_FREE char *text = xasprintf("provider ours\nflows client\n%s", own[i].entry);
		AUTO(oauth_settings) s = OAUTH_SETTINGS_INIT;
		AUTO(error) err = ERROR_INIT;
		struct row row = own[i].row;
		row.provider = "ours";
		row.client = "id";
		row.secret = "s";
		print_message("# %s", own[i].entry);
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, text, strlen(text), 0), (int)strlen(text));
		assert_int_equal(make(&row, &s, &err), !row.problem);
		if (row.problem)
			assert_non_null(strstr(err.status.text, row.problem));
		else
			must_be(s.value[OAUTH_TOKEN_URL].text, row.token_url);
	}
	runtime = before;
	(void)unlink(path);
}

/* ---- how the client names itself ---- */

static void a_secret_goes_into_the_form_or_the_field(void **state)
{
	(void)state;
	AUTO(oauth_settings) s = OAUTH_SETTINGS_INIT;
	s.value[OAUTH_CLIENT_ID].text = xstrdup("id:1");
	for (int turn = 0; turn < 3; turn++) {
		AUTO(secret) form = SECRET_INIT;
		AUTO(secret) name = SECRET_INIT;
		AUTO(secret) password = SECRET_INIT;
		if (turn == 1)
			secret_set(&s.client_secret, "s+1", 3);
		s.secret_by_basic = turn == 2;
		oauth_settings_identify(&s, &form, &name, &password);
		if (turn == 2) {
			assert_false(secret_is_set(&form));
			assert_string_equal(secret_reveal(&name).ptr, "id%3A1");
			assert_string_equal(secret_reveal(&password).ptr, "s%2B1");
			continue;
		}
		/* a public client has no secret: the parameter is absent, not empty */
		assert_string_equal(secret_reveal(&form).ptr,
				    turn ? "client_id=id%3A1&client_secret=s%2B1" : "client_id=id%3A1");
		assert_false(secret_is_set(&name));
	}
}

/* ---- metadata ---- */

#define ISSUER "https://i.example/realm"
#define META(issuer, more) \
	"answer\0"         \
	"200\0"            \
	"\0"               \
	"json\0"           \
	"\0"               \
	"sissuer\0" issuer "\0" more

static const struct meta {
	struct span text;
	enum error_kind kind;
	enum oauth_flow flow;
	bool basic, iss;
} metas[] = {
	{SPAN_LIT(META(ISSUER, "stoken_endpoint\0" T "\0sauthorization_endpoint\0" A "\0")), ERROR_NONE,
	 OAUTH_FLOW_CODE, true, false},
	{SPAN_LIT(META(ISSUER, "stoken_endpoint\0" T "\0sdevice_authorization_endpoint\0" D "\0"
			       "atoken_endpoint_auth_methods_supported\0client_secret_basic client_secret_post\0"
			       "bauthorization_response_iss_parameter_supported\0true\0")),
	 ERROR_NONE, OAUTH_FLOW_DEVICE, false, true},
	{SPAN_LIT(META(ISSUER, "stoken_endpoint\0" T "\0")), ERROR_NONE, OAUTH_FLOW_CLIENT, true, false},
	{SPAN_LIT(META(ISSUER "/", "stoken_endpoint\0" T "\0")), ERROR_PROTOCOL, OAUTH_FLOW_UNSET, false, false},
	{SPAN_LIT(META("https://evil.example", "stoken_endpoint\0" T "\0")), ERROR_PROTOCOL, OAUTH_FLOW_UNSET, false,
	 false},
	{SPAN_LIT(META(ISSUER, "stoken_endpoint\0http://t.example/\0")), ERROR_PROTOCOL, OAUTH_FLOW_UNSET, false,
	 false},
	{SPAN_LIT(META(ISSUER, "sauthorization_endpoint\0" A "\0")), ERROR_PROTOCOL, OAUTH_FLOW_UNSET, false, false},
};

static void metadata_fill_in_what_the_account_does_not_say(void **state)
{
	(void)state;
	static const struct row account = {.issuer = ISSUER, .client = "id", .scope = "m"};
	for (size_t i = 0; i < ARRAY_SIZE(metas); i++) {
		const struct meta *m = &metas[i];
		AUTO(oauth_settings) s = OAUTH_SETTINGS_INIT;
		AUTO(oauth_reply) reply = OAUTH_REPLY_INIT;
		AUTO(secret) written = SECRET_INIT;
		AUTO(error) err = ERROR_INIT;
		assert_true(make(&account, &s, &err));
		assert_true(s.needs_metadata);
		assert_string_equal(s.server, ISSUER);
		secret_set(&written, m->text.ptr, m->text.len);
		oauth_reply_read(&reply, &written);
		assert_int_equal(reply.kind, OAUTH_REPLY_ANSWER);
		assert_int_equal(oauth_metadata_learn(&s, &reply, &err), m->kind == ERROR_NONE);
		assert_int_equal(err.status.kind, m->kind);
		if (m->kind != ERROR_NONE)
			continue;
		assert_string_equal(s.value[OAUTH_TOKEN_URL].text, T);
		assert_int_equal(s.flow, m->flow);
		assert_int_equal(s.secret_by_basic, m->basic);
		assert_int_equal(s.iss_promised, m->iss);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_are_resolved_or_refused_without_network),
		cmocka_unit_test(each_value_has_its_source),
		cmocka_unit_test(an_organisation_is_wanted_where_an_address_has_its_mark),
		cmocka_unit_test(a_secret_goes_into_the_form_or_the_field),
		cmocka_unit_test(metadata_fill_in_what_the_account_does_not_say),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
