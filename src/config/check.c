/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * account_check: the rules between values, as a table.  Each row has a test for the rule, what to tell the user, and
 * which settings to show with their origins.
 */
#include "config/account.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "config/flavour.h"

static bool auth_is_on(const struct account *a)
{
	const char *word = account_word_text(a, OPT_AUTH);
	return word && strcmp(word, "off") != 0;
}

static bool no_server(const struct account *a)
{
	return !account_is_set(a, OPT_HOST) && !account_is_set(a, OPT_SOCKET);
}

static bool no_lmtp_port(const struct account *a)
{
	return strcmp(account_word_text(a, OPT_PROTOCOL), "lmtp") == 0 && !account_is_set(a, OPT_PORT) &&
	       !account_is_set(a, OPT_SOCKET);
}

/* RFC 2033 section 5 */
static bool lmtp_on_smtp_port(const struct account *a)
{
	return strcmp(account_word_text(a, OPT_PROTOCOL), "lmtp") == 0 && !account_is_set(a, OPT_SOCKET) &&
	       account_int(a, OPT_PORT) == 25;
}

static bool key_without_cert(const struct account *a)
{
	return account_is_set(a, OPT_TLS_KEY_FILE) && !account_is_set(a, OPT_TLS_CERT_FILE);
}

static bool cert_without_key(const struct account *a)
{
	return account_is_set(a, OPT_TLS_CERT_FILE) && !account_is_set(a, OPT_TLS_KEY_FILE);
}

static bool crl_without_trust(const struct account *a)
{
	return account_is_set(a, OPT_TLS_CRL_FILE) && !account_is_set(a, OPT_TLS_TRUST_FILE);
}

static bool checks_certificate(const struct account *a)
{
	return account_bool(a, OPT_TLS) && account_bool(a, OPT_TLS_CERTCHECK);
}

static bool trusts(const struct account *a, const char *word)
{
	return strcmp(account_word_text(a, OPT_TLS_TRUST), word) == 0;
}

static bool asks_cas(const struct account *a)
{
	return trusts(a, "ca") && !account_is_set(a, OPT_TLS_FINGERPRINT);
}

static bool no_pin(const struct account *a)
{
	return checks_certificate(a) && trusts(a, "pin") && !account_is_set(a, OPT_TLS_PIN);
}

/* A key is accepted for a host and port. */
static bool first_use_of_socket(const struct account *a)
{
	return checks_certificate(a) && trusts(a, "first_use") && account_is_set(a, OPT_SOCKET);
}

static bool two_rules(const struct account *a)
{
	return checks_certificate(a) && !trusts(a, "ca") && account_is_set(a, OPT_TLS_FINGERPRINT);
}

/* In an msmtprc the list was always passed over beside a fingerprint. */
static bool crl_without_cas(const struct account *a)
{
	bool old = a->flavour == FLAVOUR_MSMTP && trusts(a, "ca");
	return checks_certificate(a) && !asks_cas(a) && account_is_set(a, OPT_TLS_CRL_FILE) && !old;
}

static bool staple_without_cas(const struct account *a)
{
	return checks_certificate(a) && !asks_cas(a) && strcmp(account_word_text(a, OPT_TLS_OCSP), "require") == 0;
}

static bool nothing_to_trust(const struct account *a)
{
	return checks_certificate(a) && trusts(a, "ca") && !account_is_set(a, OPT_TLS_TRUST_FILE) &&
	       !account_is_set(a, OPT_TLS_FINGERPRINT);
}

static bool pin_without_check(const struct account *a)
{
	return a->flavour == FLAVOUR_OWN && !account_bool(a, OPT_TLS_CERTCHECK) &&
	       (account_is_set(a, OPT_TLS_FINGERPRINT) || account_is_set(a, OPT_TLS_PIN) || !trusts(a, "ca"));
}

static bool has_dane(const struct account *a)
{
	return account_word(a, OPT_TLS_DANE) != 0;
}

static bool dane_without_tls(const struct account *a)
{
	return has_dane(a) && !account_bool(a, OPT_TLS);
}

static bool dane_without_check(const struct account *a)
{
	return has_dane(a) && !account_bool(a, OPT_TLS_CERTCHECK);
}

/* These take the identity from elsewhere, or have none. */
static bool auth_without_user(const struct account *a)
{
	static const char *const others[] = {"external", "gssapi", "gs2-krb5", "anonymous"};
	const char *word = account_word_text(a, OPT_AUTH);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (word && strcmp(word, others[i]) == 0)
			return false;
	return auth_is_on(a) && !account_is_set(a, OPT_USER);
}

static bool binding_is(const struct account *a, const char *word)
{
	return auth_is_on(a) && strcmp(account_word_text(a, OPT_AUTH_CHANNEL_BINDING), word) == 0;
}

static bool auth_names_plus(const struct account *a)
{
	const char *word = account_word_text(a, OPT_AUTH);
	size_t len = strlen(word);
	return len > 5 && strcmp(word + len - 5, "-plus") == 0;
}

static bool binding_without_tls(const struct account *a)
{
	return !account_bool(a, OPT_TLS) && binding_is(a, "require");
}

static bool binding_by_other_name(const struct account *a)
{
	return binding_is(a, "require") && strcmp(account_word_text(a, OPT_AUTH), "on") != 0 && !auth_names_plus(a);
}

static bool plus_without_binding(const struct account *a)
{
	return binding_is(a, "off") && auth_names_plus(a);
}

static bool external_without_tls(const struct account *a)
{
	return auth_is_on(a) && strcmp(account_word_text(a, OPT_AUTH), "external") == 0 && !account_bool(a, OPT_TLS) &&
	       !account_is_local(a);
}

/* RFC 1929 needs both a user name and a password. */
static bool half_a_proxy_login(const struct account *a)
{
	return account_is_set(a, OPT_PROXY_USER) != secret_is_set(account_secret(a, OPT_PROXY_PASSWORD));
}

static bool two_ways(const struct account *a)
{
	return account_is_set(a, OPT_PROXY_COMMAND) &&
	       (account_is_set(a, OPT_PROXY_HOST) || account_is_set(a, OPT_SOCKET));
}

/* Only TLS can prove that the server found in the DNS is the right one. */
static bool srv_without_tls(const struct account *a)
{
	return account_has_srv(a) && !account_bool(a, OPT_TLS);
}

static bool srv_without_smtp(const struct account *a)
{
	return account_has_srv(a) && strcmp(account_word_text(a, OPT_PROTOCOL), "lmtp") == 0;
}

/* Without them, TLS or the login would be lost in silence. */
static bool ignores_security(const struct account *a)
{
	const struct strvec *keywords = account_list(a, OPT_IGNORE_EXTENSIONS);
	return strvec_has(keywords, "STARTTLS") || strvec_has(keywords, "AUTH");
}

static bool has_port(const struct account *a, long long port)
{
	return !account_is_set(a, OPT_SOCKET) && !account_has_srv(a) && account_int(a, OPT_PORT) == port;
}

static bool begins_with_tls(const struct account *a)
{
	return account_bool(a, OPT_TLS) && !account_bool(a, OPT_TLS_STARTTLS);
}

/* A tunnel on this machine may have the port and no TLS. */
static bool plain_on_tls_port(const struct account *a)
{
	return has_port(a, 465) && !begins_with_tls(a) && (account_bool(a, OPT_TLS) || !account_is_local(a));
}

static bool tls_on_plain_port(const struct account *a)
{
	return (has_port(a, 587) || has_port(a, 25)) && begins_with_tls(a);
}

static bool oauth_without_auth(const struct account *a)
{
	return account_is_set(a, OPT_OAUTH_PROVIDER) && !auth_is_on(a);
}

static bool two_client_secrets(const struct account *a)
{
	return secret_is_set(account_secret(a, OPT_OAUTH_CLIENT_SECRET)) &&
	       account_is_set(a, OPT_OAUTH_CLIENT_SECRET_FILE);
}

#define CITED 3
struct rule {
	bool (*broken)(const struct account *a);
	const char *what, *hint;
	enum option_id cite[CITED]; /* settings to show if they are set; 0: none */
};

static const struct rule rules[] = {
	{no_server, N_("no server is set"), N_("Add a line \"host mail.example.org\" to the account."), {0}},
	{srv_without_smtp,
	 N_("srv: finds submission servers, which do not speak LMTP"),
	 N_("Set host to the name of the server."),
	 {OPT_HOST, OPT_PROTOCOL}},
	{srv_without_tls,
	 N_("srv: finds servers that use TLS, and TLS is off"),
	 N_("Remove the line that switches TLS off, or set host to the name of the server."),
	 {OPT_HOST, OPT_TLS}},
	{no_lmtp_port,
	 N_("LMTP has no default port, and none is set"),
	 N_("Add a line with the port, or a socket."),
	 {OPT_PROTOCOL}},
	{lmtp_on_smtp_port,
	 N_("LMTP must not be used on port 25, which is SMTP's"),
	 N_("Set the port of the LMTP server, often 24, or protocol smtp."),
	 {OPT_PROTOCOL, OPT_PORT}},
	{ignores_security,
	 N_("ignore_extensions cannot name STARTTLS or AUTH"),
	 N_("Use tls_starttls and auth for these."),
	 {OPT_IGNORE_EXTENSIONS}},
	{key_without_cert,
	 N_("a private key is set, but no certificate"),
	 N_("Set both the key file and the certificate file, or neither."),
	 {OPT_TLS_KEY_FILE}},
	{cert_without_key,
	 N_("a client certificate is set, but no private key"),
	 N_("Set both the key file and the certificate file, or neither."),
	 {OPT_TLS_CERT_FILE}},
	{crl_without_trust,
	 N_("a list of revoked certificates needs the CAs that issued them"),
	 N_("Set a trust file as well."),
	 {OPT_TLS_CRL_FILE}},
	{nothing_to_trust,
	 N_("the server's certificate is to be checked, but no trusted CAs are set"),
	 N_("Set a trust file (or the word \"system\"), or a fingerprint."),
	 {OPT_TLS, OPT_TLS_TRUST_FILE}},
	{pin_without_check,
	 N_("a fingerprint, pin or accepted key is to be compared, but the certificate check is off"),
	 N_("Remove the line that switches the check off, or the other one."),
	 {OPT_TLS_CERTCHECK, OPT_TLS_FINGERPRINT, OPT_TLS_PIN}},
	{no_pin,
	 N_("a pinned key alone decides, and no pin is set"),
	 N_("Set tls_pin to the pin that --serverinfo prints, or tls_trust to ca or first_use."),
	 {OPT_TLS_TRUST}},
	{two_rules,
	 N_("tls_fingerprint cannot be combined with this tls_trust"),
	 N_("Remove one of the two lines."),
	 {OPT_TLS_TRUST, OPT_TLS_FINGERPRINT}},
	{first_use_of_socket,
	 N_("keys are accepted for a host and port, and the account uses a socket"),
	 N_("Set tls_pin and tls_trust pin."),
	 {OPT_TLS_TRUST, OPT_SOCKET}},
	{crl_without_cas,
	 N_("a list of revoked certificates is set, but no authority is asked"),
	 N_("Remove the list, or set tls_trust ca without a fingerprint."),
	 {OPT_TLS_CRL_FILE, OPT_TLS_TRUST, OPT_TLS_FINGERPRINT}},
	{staple_without_cas,
	 N_("an OCSP staple is required, but no authority is asked that could have signed one"),
	 N_("Set tls_ocsp auto, or tls_trust ca without a fingerprint."),
	 {OPT_TLS_OCSP, OPT_TLS_TRUST, OPT_TLS_FINGERPRINT}},
	{dane_without_tls,
	 N_("tls_dane is about the server's certificate, and TLS is off"),
	 N_("Set tls on, or remove the line with tls_dane."),
	 {OPT_TLS_DANE, OPT_TLS}},
	{dane_without_check,
	 N_("tls_dane is set, but the certificate check is off, so the records would not be compared"),
	 N_("Remove one of the two lines."),
	 {OPT_TLS_DANE, OPT_TLS_CERTCHECK}},
	{auth_without_user,
	 N_("authentication needs a user name"),
	 N_("Add a line with the user name, or switch authentication off."),
	 {OPT_AUTH}},
	{binding_without_tls,
	 N_("channel binding is required, but TLS is off"),
	 N_("Switch TLS on."),
	 {OPT_AUTH_CHANNEL_BINDING, OPT_TLS}},
	{binding_by_other_name,
	 N_("channel binding is required, and the mechanism set has none"),
	 N_("Set auth on, or a mechanism that ends in -plus."),
	 {OPT_AUTH_CHANNEL_BINDING, OPT_AUTH}},
	{plus_without_binding,
	 N_("the mechanism needs channel binding, which is off"),
	 N_("Set auth_channel_binding auto."),
	 {OPT_AUTH_CHANNEL_BINDING, OPT_AUTH}},
	{half_a_proxy_login,
	 N_("the proxy login is incomplete"),
	 N_("Set both the user and the password for the proxy, or neither."),
	 {OPT_PROXY_USER, OPT_PROXY_PASSWORD}},
	{two_ways,
	 N_("proxy_command is a connection of its own, and another way to the server is set beside it"),
	 N_("Remove one of the lines."),
	 {OPT_PROXY_COMMAND, OPT_PROXY_HOST, OPT_SOCKET}},
	{two_client_secrets,
	 N_("the secret of the OAuth2 client is set twice"),
	 N_("Keep one of oauth_client_secret and oauth_client_secret_file."),
	 {OPT_OAUTH_CLIENT_SECRET_FILE}},
	{external_without_tls,
	 N_("this mechanism takes the identity from TLS, but TLS is off"),
	 N_("Switch TLS on."),
	 {OPT_AUTH, OPT_TLS}},
};

/* What is probably wrong, but may be right. */
static const struct rule doubts[] = {
	{oauth_without_auth,
	 N_("a provider of OAuth2 is set, but authentication is off, so there is no login"),
	 N_("Set auth on."),
	 {OPT_OAUTH_PROVIDER, OPT_AUTH}},
	{plain_on_tls_port,
	 N_("port 465 begins with TLS, and the account begins in plain text"),
	 N_("Set tls on and tls_starttls off, or port 587."),
	 {OPT_PORT, OPT_TLS, OPT_TLS_STARTTLS}},
	{tls_on_plain_port,
	 N_("this port begins in plain text, and the account begins with TLS"),
	 N_("Set tls_starttls on, or port 465."),
	 {OPT_PORT, OPT_TLS, OPT_TLS_STARTTLS}},
};

char *account_cite(const struct account *a, const enum option_id *ids, size_t n)
{
	struct strbuf sb = STRBUF_INIT;
	for (size_t i = 0; i < n; i++) {
		enum option_id id = ids[i];
		if (!id || !account_value(a, id)->set)
			continue;
		AUTO_FREE char *origin = origin_text(account_origin(a, id));
		strbuf_addf(&sb, "%s%s ", sb.len ? "; " : " (", option_table[id].command);
		value_format(&option_table[id], account_value(a, id), &sb);
		strbuf_addf(&sb, ": %s", origin);
	}
	if (sb.len)
		strbuf_addch(&sb, ')');
	return strbuf_detach(&sb, NULL);
}

void account_doubt(const struct account *a, struct strvec *warnings)
{
	for (size_t i = 0; i < ARRAY_SIZE(doubts); i++) {
		if (!doubts[i].broken(a))
			continue;
		AUTO_FREE char *where = account_cite(a, doubts[i].cite, CITED);
		strvec_pushf(warnings, _("account %s: %s%s. %s"), account_title(a), _(doubts[i].what), where,
			     _(doubts[i].hint));
	}
}

/* Where the settings are that a rule is about, or the account if it is about what is missing. */
static char *place_of(const struct account *a, const enum option_id *ids)
{
	char *where = account_cite(a, ids, CITED);
	if (where && *where)
		return where;
	free(where);
	if (a->defined.kind != ORIGIN_FILE && a->defined.kind != ORIGIN_ENVIRONMENT)
		return xstrdup("");
	AUTO_FREE char *origin = origin_text(&a->defined);
	return xasprintf(" (%s)", origin);
}

/* An msmtprc may do this, or has other values where none is set. */
static bool depends_on_flavour(const struct account *a, const struct rule *rule)
{
	struct account as_msmtprc = *a; /* borrows all */
	as_msmtprc.flavour = FLAVOUR_MSMTP;
	if (!rule->broken(&as_msmtprc))
		return true;
	for (size_t i = 0; i < CITED; i++) {
		const struct option_row *row = &option_table[rule->cite[i]];
		const char *own = row->default_own, *msmtp = row->default_msmtp;
		if (rule->cite[i] && (!own != !msmtp || (own && strcmp(own, msmtp) != 0)))
			return true;
	}
	return false;
}

bool account_check(const struct account *a, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		if (!rules[i].broken(a))
			continue;
		AUTO_FREE char *where = place_of(a, rules[i].cite);
		(void)error_set(err, ERROR_CONFIG, _("account %s: %s%s"), account_title(a), _(rules[i].what), where);
		error_hint(err, "%s", _(rules[i].hint));
		if (a->implied && rules[i].broken == no_server)
			error_hint(err,
				   _("The settings from line %u on stand before any account: write a line \"defaults\" "
				     "above them, or add the server."),
				   a->defined.line);
		if (a->flavour_assumed && depends_on_flavour(a, &rules[i]))
			flavour_hint(err);
		return false;
	}
	return true;
}
