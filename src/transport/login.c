/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/login.h"

#include "base/i18n.h"
#include "oauth/login.h"
#include "secret/keyring.h"
#include "transport/keeper_link.h"
#include "transport/oauth_account.h"
#include "transport/password.h"

#include <errno.h>

#define PASSWORD_LIMIT 65536
#define PATIENCE_MS 120000 /* the keyring may ask its owner to unlock it */

void login_change_release(struct login_change *change)
{
	strbuf_release(&change->text);
	strvec_release(&change->warnings);
}

/* ---- the password ---- */

/* Reads byte by byte, so that what follows the line can still be read from the descriptor. */
static bool read_line(int fd, struct secret *out, struct error *err)
{
	char c = '\0';
	ssize_t n;
	while (c != '\n' && (n = read(fd, &c, 1)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set_errno(err, ERROR_IO, errno, _("cannot read the password from standard input"));
		secret_append(out, &c, 1);
		if (out->len > PASSWORD_LIMIT)
			return error_set(err, ERROR_USAGE, _("the password on standard input is longer than %d bytes"),
					 PASSWORD_LIMIT);
	}
	return true;
}

static bool ask_user(const struct account *a, const struct runtime *runtime, struct secret *out, struct error *err)
{
	struct secret_query q = password_query(a, runtime);
	q.may_prompt = true;
	q.deadline = DEADLINE_NEVER;
	switch (secret_source_tty.fill(&q, out, err)) {
	case SECRET_FOUND: return true;
	case SECRET_NONE:
		return error_set(err, ERROR_SECRET_UNAVAILABLE, _("there is no terminal to ask for the password"));
	default: return false;
	}
}

static bool obtain_password(const struct account *a, const struct runtime *runtime, struct secret *out,
			    struct error *err)
{
	if (isatty(runtime->input))
		return ask_user(a, runtime, out, err) &&
		       secret_check_password(out, _("the terminal"), ERROR_USAGE, err);
	return read_line(runtime->input, out, err) && secret_check_password(out, _("standard input"), ERROR_USAGE, err);
}

static struct keyring_request request_for(const struct account *a, const struct runtime *runtime)
{
	return (struct keyring_request){
		.runtime = runtime,
		.host = password_host(a),
		.user = account_str(a, OPT_USER),
		.deadline = deadline_in(runtime->clock, PATIENCE_MS),
	};
}

static bool store_password(const struct account *a, const struct runtime *runtime, struct login_change *change,
			   struct error *err)
{
	AUTO(secret) password = SECRET_INIT;
	if (!obtain_password(a, runtime, &password, err))
		return false;
	struct keyring_request req = request_for(a, runtime);
	change->changed = keyring_store(&req, &password, err) == KEYRING_STORED;
	if (change->changed)
		strbuf_addf(&change->text, _("The password for %s at %s is now in the keyring.\n"), req.user, req.host);
	return change->changed;
}

static bool remove_password(const struct account *a, const struct runtime *runtime, struct login_change *change,
			    struct error *err)
{
	struct keyring_request req = request_for(a, runtime);
	enum keyring_answer got = keyring_remove(&req, err);
	change->changed = got == KEYRING_REMOVED;
	if (!change->changed && got != KEYRING_NONE)
		return false;
	strbuf_addf(&change->text,
		    change->changed ? _("The password for %s at %s was removed from the keyring.\n")
				    : _("The keyring had no password for %s at %s.\n"),
		    req.user, req.host);
	return true;
}

/* ---- OAuth2 ---- */

static msec_t patience_of(const struct account *a)
{
	long long timeout = account_int(a, OPT_TIMEOUT);
	return timeout > 0 ? timeout : OAUTH_HTTP_PATIENCE_MS;
}

static bool fetch_tokens(const struct account *a, const struct oauth_console *console, struct oauth_account *o,
			 struct login_change *change, struct error *err)
{
	AUTO_FREE char *where = NULL;
	struct oauth_console talk = *console;
	const char *title = account_title(a);
	talk.patience = patience_of(a);
	if (!oauth_account_make(o, a, console->runtime, DEADLINE_NEVER, err) ||
	    !oauth_login_run(&o->refresh, &o->settings, &talk, &where, err))
		return false;
	change->changed = true;
	if (!where)
		strbuf_addf(&change->text,
			    _("Account %s works, and needs no login: its client logs in with its secret.\n"), title);
	else if (*where == '/')
		strbuf_addf(&change->text, _("Account %s is logged in. The login is kept in %s.\n"), title, where);
	else
		strbuf_addf(&change->text, _("Account %s is logged in. The login is kept in the keyring.\n"), title);
	return true;
}

/* A login that is not revoked; a client with a secret of its own has none. */
static void say_where_it_is_listed(const struct oauth_settings *s, struct strvec *said)
{
	if (s->flow == OAUTH_FLOW_CLIENT)
		return;
	if (s->revoke_page)
		strvec_pushf(said, _("The provider may still list this login. Remove it there: %s"), s->revoke_page);
	else
		strvec_push(said, _("The provider may still list this login. Remove it there, among the programs that "
				    "have access to your account."));
}

static void say_logged_out(const char *title, enum oauth_logout done, const char *why, struct strvec *said)
{
	switch (done) {
	case OAUTH_LOGOUT_NONE: strvec_pushf(said, _("Account %s was not logged in."), title); break;
	case OAUTH_LOGOUT_REVOKED:
		strvec_pushf(said, _("Account %s is logged out. The server has revoked its tokens."), title);
		break;
	case OAUTH_LOGOUT_LOGIN_REVOKED:
		strvec_pushf(said,
			     _("Account %s is logged out. The server has revoked the login, but not the last access "
			       "token, which may work until it expires: %s."),
			     title, why);
		break;
	case OAUTH_LOGOUT_LOCAL:
		strvec_pushf(said,
			     _("Account %s is logged out. Its tokens are removed here, but they were not revoked: "
			       "%s."),
			     title, why);
		break;
	}
}

static bool drop_tokens(const struct account *a, const struct runtime *runtime, struct oauth_account *o,
			struct login_change *change, struct error *err)
{
	AUTO(strbuf) words = STRBUF_INIT;
	AUTO(strvec) said = STRVEC_INIT;
	enum oauth_logout done = OAUTH_LOGOUT_NONE;
	if (!oauth_account_make(o, a, runtime, DEADLINE_NEVER, err) ||
	    !oauth_logout_run(&o->refresh, &o->settings, &done, &words, err))
		return false;
	change->changed = done != OAUTH_LOGOUT_NONE;
	say_logged_out(account_title(a), done, words.buf, &said);
	if (done == OAUTH_LOGOUT_LOCAL)
		say_where_it_is_listed(&o->settings, &said);
	for (size_t i = 0; i < said.n; i++)
		strbuf_addf(&change->text, "%s\n", said.v[i]);
	if (done == OAUTH_LOGOUT_LOCAL || done == OAUTH_LOGOUT_LOGIN_REVOKED)
		strvec_push_all(&change->warnings, &said);
	return true;
}

/* ---- either ---- */

/* Sessions that are kept open were authenticated with what was stored before. */
static void end_sessions(const struct account *a, const struct runtime *runtime)
{
	struct keeper_link link;
	keeper_link_init(&link, a, runtime);
	keeper_link_end(&link);
	keeper_link_release(&link);
}

bool login_store(const struct account *a, const struct oauth_console *console, struct login_change *change,
		 struct error *err)
{
	end_sessions(a, console->runtime);
	if (!account_uses_oauth(a))
		return store_password(a, console->runtime, change, err);
	struct oauth_account o = {.settings = OAUTH_SETTINGS_INIT};
	bool ok = fetch_tokens(a, console, &o, change, err);
	oauth_account_release(&o);
	return ok;
}

bool login_remove(const struct account *a, const struct runtime *runtime, struct login_change *change,
		  struct error *err)
{
	end_sessions(a, runtime);
	if (!account_uses_oauth(a))
		return remove_password(a, runtime, change, err);
	struct oauth_account o = {.settings = OAUTH_SETTINGS_INIT};
	bool ok = drop_tokens(a, runtime, &o, change, err);
	oauth_account_release(&o);
	return ok;
}
