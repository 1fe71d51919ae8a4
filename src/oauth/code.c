/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/code.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "oauth/loopback.h"
#include "oauth/pkce.h"

#define LOGIN_MS (10 * 60 * 1000)
#define WORDS_MAX 300

/* ---- the address ---- */

static void add_encoded(struct strbuf *out, struct span text)
{
	AUTO(secret) encoded = SECRET_INIT;
	oauth_percent_encode(&encoded, text);
	strbuf_add_span(out, secret_reveal(&encoded));
}

static void add_parameter(struct strbuf *out, const char *name, struct span value)
{
	strbuf_addf(out, "%s%s=", strchr(out->buf, '?') ? "&" : "?", name);
	add_encoded(out, value);
}

void oauth_code_address(const struct oauth_settings *s, const char *redirect, struct span state, const char *challenge,
			struct strbuf *out)
{
	AUTO(strbuf) address = STRBUF_INIT;
	const char *scope = s->value[OAUTH_SCOPE].text;
	const char *more = s->provider.line[OAUTH_PROVIDER_PARAMETERS];
	strbuf_adds(&address, s->value[OAUTH_AUTHORIZE_URL].text);
	add_parameter(&address, "response_type", SPAN_LIT("code"));
	add_parameter(&address, "client_id", span_of(s->value[OAUTH_CLIENT_ID].text));
	add_parameter(&address, "redirect_uri", span_of(redirect));
	if (scope)
		add_parameter(&address, "scope", span_of(scope));
	add_parameter(&address, "state", state);
	add_parameter(&address, "code_challenge", span_of(challenge));
	add_parameter(&address, "code_challenge_method", SPAN_LIT("S256"));
	struct span rest = more ? span_of(more) : span_make("", 0), word;
	while ((word = span_word(&rest)).len)
		strbuf_addf(&address, "&%.*s", SPAN_FMT(word));
	strbuf_add_span(out, strbuf_span(&address));
}

/* ---- talking to the user ---- */

static bool has_way(const struct oauth_settings *s, const struct oauth_console *console, struct error *err)
{
	if (oauth_console_has_display(console) || console->terminal >= 0)
		return true;
	(void)error_set(err, ERROR_CONFIG, "%s",
			_("a login with a browser needs a display or a terminal, and there is neither"));
	if (s->value[OAUTH_DEVICE_URL].text)
		error_hint(err, _("Log in with another device: %s --login=%s --oauth-flow=device"), PACKAGE,
			   oauth_settings_title(s));
	else
		error_hint(err, _("Run %s --login=%s in a terminal."), PACKAGE, oauth_settings_title(s));
	return false;
}

/* What helps on a machine without a browser, the easiest way first. */
static void explain_elsewhere(const struct oauth_settings *s, unsigned port, struct strbuf *text)
{
	strbuf_adds(text, _("There is no display here. If the browser is on another machine, do one of these:\n"));
	if (s->value[OAUTH_DEVICE_URL].text)
		strbuf_addf(text, _("- End this with Ctrl-C and log in by a code: %s --login=%s --oauth-flow=device\n"),
			    PACKAGE, oauth_settings_title(s));
	strbuf_addf(text, _("- Before the browser opens the address, run there: ssh -L %u:127.0.0.1:%u THIS-MACHINE\n"),
		    port, port);
	strbuf_adds(text, _("- At the end the browser cannot open a page that begins with http://; copy its address "
			    "and paste it here.\n"));
}

static void show_address(const struct oauth_settings *s, const struct oauth_console *console,
			 const struct oauth_loopback *l, const char *address)
{
	AUTO(strbuf) text = STRBUF_INIT;
	bool display = oauth_console_has_display(console);
	strbuf_addf(&text,
		    display ? _("To log in, use the browser that opens now. If none does, open this address:\n\n%s\n\n")
			    : _("To log in, open this address in a browser:\n\n%s\n\n"),
		    address);
	if (!display)
		explain_elsewhere(s, l->port, &text);
	console->say(console->arg, text.buf);
	oauth_console_browse(console, address);
}

/* ---- the answer ---- */

static bool refused(const struct oauth_redirect *answer, struct error *err)
{
	AUTO_FREE char *error = clean_text(span_of(answer->error ? answer->error : ""), WORDS_MAX);
	AUTO_FREE char *words = clean_text(span_of(answer->description ? answer->description : ""), WORDS_MAX);
	bool temporary = strcmp(error, "temporarily_unavailable") == 0 || strcmp(error, "server_error") == 0;
	bool ours = strcmp(error, "invalid_scope") == 0 || strcmp(error, "unauthorized_client") == 0 ||
		    strcmp(error, "invalid_request") == 0 || strcmp(error, "unsupported_response_type") == 0;
	enum error_kind kind = temporary ? ERROR_SERVER_TEMPORARY : ours ? ERROR_CONFIG : ERROR_AUTH_REFUSED;
	(void)error_set(err, kind, *words ? _("the login was refused: %s: %s") : _("the login was refused: %s%s"),
			error, words);
	if (temporary)
		error_hint_again(err);
	else if (ours)
		error_hint(err, "%s",
			   _("Check oauth_client_id and oauth_scope, and what is registered for this program at the "
			     "provider."));
	else
		error_hint(err, "%s", _("Log in again, and agree to what the page asks for."));
	return false;
}

static bool mixed_up(const struct oauth_settings *s, const struct oauth_redirect *answer, struct error *err)
{
	AUTO_FREE char *other = clean_text(span_of(answer->issuer ? answer->issuer : ""), WORDS_MAX);
	const char *ours = s->value[OAUTH_ISSUER].text;
	if (answer->issuer)
		(void)error_set(err, ERROR_AUTH_REFUSED, _("the answer comes from another server (%s) than %s"), other,
				ours ? ours : s->value[OAUTH_AUTHORIZE_URL].text);
	else
		(void)error_set(err, ERROR_AUTH_REFUSED,
				_("the answer does not say which server it comes from, though %s always does"),
				ours ? ours : s->value[OAUTH_AUTHORIZE_URL].text);
	error_hint(err, "%s",
		   _("The code in it was not used. Check the addresses of the account with --explain and log in again; "
		     "if that happens again, tell your provider."));
	return false;
}

struct attempt {
	const struct oauth_console *console;
	struct oauth_loopback loopback;
	struct oauth_pkce pkce;
	struct secret state;
	struct oauth_redirect answer;
};

static bool exchange(const struct oauth_settings *s, const struct oauth_network *network, const struct attempt *a,
		     struct oauth_grant *grant, struct error *err)
{
	AUTO(secret) form = SECRET_INIT;
	AUTO(oauth_reply) reply = OAUTH_REPLY_INIT;
	const struct clock *clock = network->runtime->clock;
	struct oauth_network once = *network;
	struct oauth_question question = {.purpose = OAUTH_FOR_LOGIN,
					  .settings = s,
					  .url = s->value[OAUTH_TOKEN_URL].text,
					  .asked_ms = clock_wall_ms(clock)};
	once.deadline = deadline_in(clock, a->console->patience);
	oauth_form_add(&form, "grant_type", SPAN_LIT("authorization_code"));
	oauth_form_add(&form, "code", secret_reveal(&a->answer.code));
	oauth_form_add(&form, "redirect_uri", span_of(a->loopback.address));
	oauth_form_add(&form, "code_verifier", secret_reveal(&a->pkce.verifier));
	if (!oauth_settings_post(s, &once, question.url, &form, &reply, err))
		return false;
	question.now_ms = clock_wall_ms(clock);
	return oauth_answer_read(&reply, &question, grant, err) == OAUTH_ANSWER_TOKEN;
}

static void attempt_release(struct attempt *a)
{
	oauth_loopback_release(&a->loopback);
	oauth_pkce_release(&a->pkce);
	secret_release(&a->state);
	oauth_redirect_release(&a->answer);
}

static bool use_answer(const struct oauth_settings *s, const struct oauth_network *network, const struct attempt *a,
		       struct oauth_grant *grant, struct error *err)
{
	switch (a->answer.kind) {
	case OAUTH_REDIRECT_CODE: return exchange(s, network, a, grant, err);
	case OAUTH_REDIRECT_REFUSED: return refused(&a->answer, err);
	default: return mixed_up(s, &a->answer, err);
	}
}

bool oauth_code_login(const struct oauth_settings *s, const struct oauth_network *network,
		      const struct oauth_console *console, struct oauth_grant *grant, struct error *err)
{
	AUTO(attempt)
	a = {console, OAUTH_LOOPBACK_INIT, OAUTH_PKCE_INIT, SECRET_INIT, OAUTH_REDIRECT_INIT};
	AUTO(strbuf) address = STRBUF_INIT;
	const struct runtime *runtime = console->runtime;
	const char *host = s->provider.line[OAUTH_PROVIDER_REDIRECT];
	if (!has_way(s, console, err) ||
	    !oauth_loopback_open(&a.loopback, host ? host : "127.0.0.1", s->redirect_port, err))
		return false;
	oauth_pkce_make(&a.pkce, runtime->rng);
	oauth_random_text(runtime->rng, &a.state);
	oauth_code_address(s, a.loopback.address, secret_reveal(&a.state), a.pkce.challenge, &address);
	const struct oauth_expected expected = {.port = a.loopback.port,
						.state = secret_reveal(&a.state).ptr,
						.issuer = s->value[OAUTH_ISSUER].text,
						.iss_promised = s->iss_promised};
	const struct oauth_wait wait = {
		.console = console,
		.deadline = deadline_in(runtime->clock, LOGIN_MS),
		.done = _("The answer has arrived. You can close this page; the terminal shows whether the login is "
			  "complete."),
	};
	show_address(s, console, &a.loopback, address.buf);
	if (!oauth_loopback_wait(&a.loopback, &expected, &wait, &a.answer, err))
		return false;
	bool ok = use_answer(s, network, &a, grant, err);
	oauth_loopback_linger(&a.loopback, &expected, &wait);
	return ok;
}
