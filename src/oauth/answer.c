/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/answer.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"

#include <assert.h>

#define WORDS_MAX 300
#define EARLY_MS ((int64_t)8 * 86400 * 1000)

void oauth_grant_release(struct oauth_grant *g)
{
	oauth_token_release(&g->token);
	secret_release(&g->refresh);
	free(g->scope);
	*g = OAUTH_GRANT_INIT;
}

/* ---- texts ---- */

static char *host_of(const struct oauth_question *q)
{
	struct span host = oauth_url_host(span_of(q->url));
	return host.ptr ? xmemdup0(host.ptr, host.len) : xstrdup("?");
}

static const char *account_of(const struct oauth_question *q)
{
	return oauth_settings_title(q->settings);
}

/* "invalid_grant: Token has been expired or revoked." */
static char *server_words(const struct oauth_reply *reply)
{
	static const char *const members[] = {"error", "error_description"};
	AUTO(strbuf) all = STRBUF_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const struct oauth_member *m = oauth_reply_member(reply, members[i]);
		if (m && *m->value)
			strbuf_addf(&all, "%s%s", all.len ? ": " : "", m->value);
	}
	if (!all.len && reply->content == OAUTH_CONTENT_JSON && oauth_reply_string(reply, "message"))
		strbuf_adds(&all, oauth_reply_string(reply, "message"));
	if (!all.len)
		strbuf_addf(&all, _("HTTP status %d"), reply->code);
	return clean_text(strbuf_span(&all), WORDS_MAX);
}

static void hint_login(const struct oauth_question *q, struct error *err)
{
	const char *early = q->settings->provider.line[OAUTH_PROVIDER_EARLY_END];
	bool is_early = q->login_ms && q->now_ms >= q->login_ms && q->now_ms - q->login_ms < EARLY_MS;
	error_hint(err, _("Log in again with: posthaste --login=%s"), q->settings->account);
	if (early && is_early && q->purpose == OAUTH_FOR_REFRESH)
		error_hint(err, _("%s Then log in again with: posthaste --login=%s"), early, q->settings->account);
}

bool oauth_answer_login_needed(const struct oauth_settings *s, struct error *err)
{
	(void)error_set(err, ERROR_AUTH_REFUSED, _("account %s is not logged in"), oauth_settings_title(s));
	error_hint(err, _("Log in with: posthaste --login=%s"), s->account);
	return false;
}

/* ---- the errors of RFC 6749 section 5.2, RFC 8628 section 3.5, OpenID Connect Core 3.1.2.6 ---- */

enum remedy { REMEDY_LOGIN, REMEDY_CLIENT, REMEDY_SCOPE, REMEDY_REQUEST, REMEDY_AGAIN };

static const struct error_row {
	const char *name;
	enum error_kind kind;
	enum remedy remedy;
} error_rows[] = {
	{"invalid_grant", ERROR_AUTH_REFUSED, REMEDY_LOGIN},
	{"access_denied", ERROR_AUTH_REFUSED, REMEDY_LOGIN},
	{"expired_token", ERROR_AUTH_REFUSED, REMEDY_LOGIN},
	{"interaction_required", ERROR_AUTH_REFUSED, REMEDY_LOGIN},
	{"consent_required", ERROR_AUTH_REFUSED, REMEDY_LOGIN},
	{"login_required", ERROR_AUTH_REFUSED, REMEDY_LOGIN},
	{"invalid_client", ERROR_CONFIG, REMEDY_CLIENT},
	{"unauthorized_client", ERROR_CONFIG, REMEDY_CLIENT},
	{"invalid_scope", ERROR_CONFIG, REMEDY_SCOPE},
	{"unsupported_grant_type", ERROR_CONFIG, REMEDY_REQUEST},
	{"invalid_request", ERROR_CONFIG, REMEDY_REQUEST},
	{"temporarily_unavailable", ERROR_SERVER_TEMPORARY, REMEDY_AGAIN},
	{"server_error", ERROR_SERVER_TEMPORARY, REMEDY_AGAIN},
};

/* Microsoft's numbers, which stand in its descriptions; they change nothing but the hint. */
static const struct {
	const char *words, *hint;
} known_words[] = {
	{"AADSTS7000218",
	 N_("This client is registered as \"Web\" and needs its secret: set oauth_client_secret_file, or "
	    "register it as \"Mobile and desktop\".")},
	{"AADSTS700025", N_("This client is public: remove its secret from the account.")},
	{"AADSTS90023", N_("This client is public: remove its secret from the account.")},
	{"AADSTS50194", N_("This client is for one organisation only: set oauth_tenant to its tenant.")},
	{"AADSTS53003", N_("Your organisation's rules (conditional access) refuse this login: show these words to its "
			   "administrator.")},
	{"AADSTS65001",
	 N_("An administrator of your organisation has to consent: name the client id, the scope and the "
	    "tenant.")},
	{"AADSTS90094",
	 N_("An administrator of your organisation has to consent: name the client id, the scope and the "
	    "tenant.")},
	{"admin_policy_enforced", N_("An administrator of your organisation has to allow this client id.")},
};

static void hint_scope(const struct oauth_question *q, struct error *err)
{
	const char *usual = q->settings->provider.line[OAUTH_PROVIDER_SCOPE],
		   *ours = q->settings->value[OAUTH_SCOPE].text;
	if (usual && ours && strcmp(usual, ours) != 0)
		error_hint(err, _("Check oauth_scope, which is \"%s\"; the usual one of %s is \"%s\"."), ours,
			   q->settings->provider.name, usual);
	else
		error_hint(err, _("Check oauth_scope, which is \"%s\"."), ours ? ours : "");
}

static void hint_client(const struct oauth_question *q, struct error *err)
{
	const char *source = q->settings->value[OAUTH_CLIENT_ID].source;
	error_hint(err, _("Check the client id (%s) and its secret, and how the client is registered."),
		   source ? source : "oauth_client_id");
}

static void hint(const struct oauth_question *q, enum remedy remedy, const char *words, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(known_words); i++) {
		if (strstr(words, known_words[i].words)) {
			error_hint(err, "%s", _(known_words[i].hint));
			return;
		}
	}
	switch (remedy) {
	case REMEDY_LOGIN: hint_login(q, err); break;
	case REMEDY_CLIENT: hint_client(q, err); break;
	case REMEDY_SCOPE: hint_scope(q, err); break;
	case REMEDY_REQUEST: /* some answer this where a refresh token is dead */
		if (q->purpose == OAUTH_FOR_REFRESH)
			hint_login(q, err);
		else
			error_hint(err, "%s", _("Check the client id, the scope and the addresses of OAuth2."));
		break;
	case REMEDY_AGAIN: error_hint_again(err); break;
	}
}

static void set_text(const struct oauth_question *q, enum error_kind kind, const char *words, struct error *err)
{
	AUTO_FREE char *host = host_of(q);
	switch (q->purpose) {
	case OAUTH_FOR_LOGIN:
	case OAUTH_FOR_DEVICE:
		(void)error_set(err, kind, _("the OAuth2 server %s refused the login of account %s: %s"), host,
				account_of(q), words);
		break;
	case OAUTH_FOR_REFRESH:
		(void)error_set(err, kind, _("the OAuth2 server %s did not renew the login of account %s: %s"), host,
				account_of(q), words);
		break;
	case OAUTH_FOR_CLIENT:
		(void)error_set(err, kind, _("the OAuth2 server %s gave no token for account %s: %s"), host,
				account_of(q), words);
		break;
	case OAUTH_FOR_REVOKE:
		(void)error_set(err, kind, _("the OAuth2 server %s did not end the login of account %s: %s"), host,
				account_of(q), words);
		break;
	case OAUTH_FOR_METADATA:
		(void)error_set(err, kind, _("the OAuth2 server %s did not answer with its metadata: %s"), host, words);
		break;
	}
}

/* ---- answers without a token ---- */

static bool is_temporary(int code)
{
	return code >= 500 || code == 408 || code == 429;
}

/* The HTTP status decides where the server said nothing that is known. */
static enum oauth_answer fail_by_code(const struct oauth_reply *reply, const struct oauth_question *q,
				      struct error *err)
{
	AUTO_FREE char *words = server_words(reply);
	if (is_temporary(reply->code)) {
		set_text(q, ERROR_SERVER_TEMPORARY, words, err);
		error_hint_again(err);
	} else {
		set_text(q, q->purpose == OAUTH_FOR_METADATA ? ERROR_CONFIG : ERROR_AUTH_REFUSED, words, err);
		if (q->purpose == OAUTH_FOR_METADATA)
			error_hint(err, "%s", _("Check oauth_issuer."));
		else
			hint(q, q->purpose == OAUTH_FOR_CLIENT ? REMEDY_CLIENT : REMEDY_LOGIN, words, err);
	}
	return OAUTH_ANSWER_FAILED;
}

static enum oauth_answer fail_by_error(const struct oauth_reply *reply, const struct oauth_question *q,
				       struct error *err)
{
	const char *name = oauth_reply_member(reply, "error")->value;
	AUTO_FREE char *words = server_words(reply);
	if (q->purpose == OAUTH_FOR_DEVICE && strcmp(name, "authorization_pending") == 0)
		return OAUTH_ANSWER_PENDING;
	if (q->purpose == OAUTH_FOR_DEVICE && strcmp(name, "slow_down") == 0)
		return OAUTH_ANSWER_SLOW_DOWN;
	for (size_t i = 0; i < ARRAY_SIZE(error_rows); i++) {
		const struct error_row *row = &error_rows[i];
		if (strcmp(name, row->name) != 0)
			continue;
		bool login = row->remedy == REMEDY_LOGIN && q->purpose != OAUTH_FOR_CLIENT;
		set_text(q, login && q->purpose == OAUTH_FOR_REFRESH ? ERROR_LOGIN_EXPIRED : row->kind, words, err);
		hint(q, login || row->remedy != REMEDY_LOGIN ? row->remedy : REMEDY_CLIENT, words, err);
		return login ? OAUTH_ANSWER_LOGIN_NEEDED : OAUTH_ANSWER_FAILED;
	}
	return fail_by_code(reply, q, err);
}

static enum oauth_answer fail(const struct oauth_question *q, enum error_kind kind, const char *words, const char *next,
			      struct error *err)
{
	set_text(q, kind, words, err);
	if (next)
		error_hint(err, "%s", next);
	else
		error_hint_again(err);
	return OAUTH_ANSWER_FAILED;
}

static enum oauth_answer fail_redirected(const struct oauth_reply *reply, const struct oauth_question *q,
					 struct error *err)
{
	AUTO_FREE char *target = clean_text(span_of(reply->detail), 200);
	AUTO_FREE char *words = xasprintf(_("it redirects to %s, which is not followed"), target);
	return fail(q, ERROR_PROTOCOL, words,
		    _("Check the address: a token is sent only to the server that the account names."), err);
}

static bool has_error(const struct oauth_reply *reply)
{
	const struct oauth_member *m = oauth_reply_member(reply, "error");
	return m && m->type != 'z' && (m->type != 's' || *m->value);
}

/* True: a success with a JSON object.  Otherwise *answer and err say what it is. */
static bool is_object(const struct oauth_reply *reply, const struct oauth_question *q, enum oauth_answer *answer,
		      struct error *err)
{
	bool success = reply->code >= 200 && reply->code <= 299;
	assert(reply->kind == OAUTH_REPLY_ANSWER);
	if (reply->code >= 300 && reply->code <= 399)
		*answer = fail_redirected(reply, q, err);
	else if (reply->content == OAUTH_CONTENT_HTML)
		*answer = fail(q, ERROR_SERVER_TEMPORARY,
			       _("it answered with a web page, perhaps of a proxy or a sign-in portal"),
			       _("Open any page in a browser: the network may want a sign-in first."), err);
	else if (reply->content == OAUTH_CONTENT_JSON && has_error(reply))
		*answer = fail_by_error(reply, q, err);
	else if (!success)
		*answer = fail_by_code(reply, q, err);
	else if (reply->content == OAUTH_CONTENT_EMPTY)
		*answer = fail(q, ERROR_SERVER_TEMPORARY, _("its answer is empty"), NULL, err);
	else if (reply->content != OAUTH_CONTENT_JSON)
		*answer = fail(q, ERROR_PROTOCOL, _("its answer is not a JSON object"),
			       _("Check the address: it may not be that of an OAuth2 server."), err);
	else
		return true;
	return false;
}

/* RFC 7009 section 2.2: 200 whatever the content is, also if the server does not know the token.  Google has an error
 * for that. */
static bool is_revoked(const struct oauth_reply *reply)
{
	const char *error = oauth_reply_string(reply, "error");
	if (error && strcmp(error, "invalid_token") == 0)
		return true;
	return reply->code >= 200 && reply->code <= 299 && reply->content != OAUTH_CONTENT_HTML && !has_error(reply);
}

bool oauth_answer_check(const struct oauth_reply *reply, const struct oauth_question *q, struct error *err)
{
	enum oauth_answer answer;
	return (q->purpose == OAUTH_FOR_REVOKE && is_revoked(reply)) || is_object(reply, q, &answer, err);
}

/* ---- scopes ---- */

/* "https://outlook.office.com/SMTP.Send" and "SMTP.Send" are the same. */
static struct span last_part(struct span word)
{
	size_t n = word.len;
	while (n && word.ptr[n - 1] == '/')
		n--;
	size_t from = n;
	while (from && word.ptr[from - 1] != '/')
		from--;
	return span_sub(word, from, n);
}

static bool has_scope(const char *granted, struct span wanted)
{
	struct span rest = span_of(granted), word;
	while ((word = span_word(&rest)).len)
		if (span_equal_nocase(word, wanted) || span_equal_nocase(last_part(word), last_part(wanted)))
			return true;
	return false;
}

static bool is_needed(struct span word)
{
	static const char *const extras[] = {"offline_access", "openid", "profile", "email", "offline"};
	for (size_t i = 0; i < ARRAY_SIZE(extras); i++)
		if (span_equals_str_nocase(word, extras[i]))
			return false;
	return true;
}

bool oauth_scope_covers(const char *asked, const char *granted, char **missing)
{
	struct span rest = span_of(asked ? asked : ""), word;
	while (granted && (word = span_word(&rest)).len) {
		if (is_needed(word) && !has_scope(granted, word)) {
			*missing = xmemdup0(word.ptr, word.len);
			return false;
		}
	}
	return true;
}

/* ---- tokens ---- */

static bool is_visible(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

/* RFC 6749 section 5.1: without regard to case; some servers leave it out. */
static bool is_bearer(const struct oauth_reply *reply)
{
	const struct oauth_member *m = oauth_reply_member(reply, "token_type");
	return !m || m->type == 'z' || (m->type == 's' && (!*m->value || ascii_strcasecmp(m->value, "Bearer") == 0));
}

static int64_t life_of(const struct oauth_reply *reply)
{
	long long seconds;
	if (!oauth_reply_number(reply, "expires_in", &seconds))
		return OAUTH_LIFE_UNKNOWN_MS;
	return seconds <= 0 ? 0 : seconds > OAUTH_LIFE_MAX_MS / 1000 ? OAUTH_LIFE_MAX_MS : seconds * 1000;
}

/* What a login must bring, so that it is of use. */
static enum oauth_answer check_login(const struct oauth_question *q, const struct oauth_grant *grant, struct error *err)
{
	const char *asked = q->settings->value[OAUTH_SCOPE].text;
	AUTO_FREE char *missing = NULL;
	if (!oauth_scope_covers(asked, grant->scope, &missing)) {
		AUTO_FREE char *words = xasprintf(_("it did not grant %s"), missing);
		return fail(q, ERROR_AUTH_REFUSED, words,
			    _("Log in again and allow everything on the provider's page, or check oauth_scope."), err);
	}
	if (secret_is_set(&grant->refresh))
		return OAUTH_ANSWER_TOKEN;
	bool offline = asked && strstr(asked, "offline_access");
	return fail(q, ERROR_AUTH_REFUSED, _("it gave no refresh token, so the login would end within the hour"),
		    offline ? _("Its administrator may not allow lasting logins.")
			    : _("Many servers give one only if the scope has offline_access: check oauth_scope."),
		    err);
}

static enum oauth_answer read_token(const struct oauth_reply *reply, const struct oauth_question *q,
				    struct oauth_grant *grant, struct error *err)
{
	const char *access = oauth_reply_string(reply, "access_token"),
		   *refresh = oauth_reply_string(reply, "refresh_token");
	const char *scope = oauth_reply_string(reply, "scope");
	if (!access || !is_visible(access) || (refresh && !is_visible(refresh)))
		return fail(q, ERROR_PROTOCOL, _("its answer has no usable token"),
			    _("Check the address: it may not be that of an OAuth2 token server."), err);
	if (!is_bearer(reply))
		return fail(q, ERROR_PROTOCOL, _("its token is not of the type Bearer"),
			    _("Mail servers take no other type."), err);
	secret_set(&grant->token.access, access, strlen(access));
	grant->token.issued_ms = q->asked_ms;
	grant->token.life_ms = life_of(reply);
	if (refresh)
		secret_set(&grant->refresh, refresh, strlen(refresh));
	if (scope)
		grant->scope = clean_text(span_of(scope), 2000);
	bool is_login = q->purpose == OAUTH_FOR_LOGIN || q->purpose == OAUTH_FOR_DEVICE;
	return is_login ? check_login(q, grant, err) : OAUTH_ANSWER_TOKEN;
}

enum oauth_answer oauth_answer_read(const struct oauth_reply *reply, const struct oauth_question *q,
				    struct oauth_grant *grant, struct error *err)
{
	enum oauth_answer answer;
	return is_object(reply, q, &answer, err) ? read_token(reply, q, grant, err) : answer;
}
