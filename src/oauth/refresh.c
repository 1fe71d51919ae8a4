/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/refresh.h"

#include "base/i18n.h"
#include "base/strbuf.h"
#include "oauth/metadata.h"

#include <poll.h>
#include <stdarg.h>

/* One getting of a token. */
struct getting {
	const struct oauth_refresh *r;
	struct oauth_settings *settings;
	const struct secret *refused; /* the access token that the mail server refused, or NULL */
	struct oauth_login login;
	struct oauth_grant grant;
};

static void getting_release(struct getting *g)
{
	oauth_login_release(&g->login);
	oauth_grant_release(&g->grant);
}

static void note(const struct oauth_refresh *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void note(const struct oauth_refresh *r, const char *fmt, ...)
{
	AUTO(strbuf) text = STRBUF_INIT;
	va_list ap;
	if (!r->note)
		return;
	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	r->note(r->note_arg, text.buf);
}

static const struct clock *clock_of(const struct oauth_refresh *r)
{
	return r->store->runtime->clock;
}

/* ---- the kept token ---- */

static bool same(const struct secret *a, const struct secret *b)
{
	return span_equal(secret_reveal(a), secret_reveal(b));
}

static bool take_kept(const struct getting *g, struct secret *out)
{
	AUTO(oauth_token) token = OAUTH_TOKEN_INIT;
	if (!oauth_store_load_token(g->r->store, &token) || oauth_token_is_due(&token, clock_wall_ms(clock_of(g->r))) ||
	    (g->refused && same(g->refused, &token.access)))
		return false;
	secret_copy(out, &token.access);
	note(g->r, "%s", _("using the access token that is kept"));
	return true;
}

/* ---- the login ---- */

static bool is_client(const struct getting *g)
{
	return g->settings->flow == OAUTH_FLOW_CLIENT;
}

static bool load_login(struct getting *g, struct error *err)
{
	oauth_login_release(&g->login);
	if (is_client(g))
		return true;
	switch (oauth_store_load_login(g->r->store, &g->login, err)) {
	case OAUTH_STORED_FOUND: return true;
	case OAUTH_STORED_ERROR: return false;
	case OAUTH_STORED_FOREIGN:
		note(g->r, "%s", _("the kept login is for other settings (client id, server, scope or user)"));
		break;
	case OAUTH_STORED_NONE: break;
	}
	return oauth_answer_login_needed(g->settings, err);
}

/* Another process, perhaps on another machine with this home, may have logged in or refreshed. */
static bool login_has_changed(struct getting *g)
{
	AUTO(secret) used = SECRET_INIT;
	AUTO(error) ignored = ERROR_INIT;
	secret_copy(&used, &g->login.refresh);
	return !is_client(g) && load_login(g, &ignored) && !same(&used, &g->login.refresh);
}

/* ---- asking ---- */

static void write_form(const struct getting *g, struct secret *form)
{
	const char *scope = g->settings->value[OAUTH_SCOPE].text;
	if (is_client(g)) {
		oauth_form_add(form, "grant_type", SPAN_LIT("client_credentials"));
	} else {
		oauth_form_add(form, "grant_type", SPAN_LIT("refresh_token"));
		oauth_form_add(form, "refresh_token", secret_reveal(&g->login.refresh));
	}
	if (scope && (is_client(g) || g->settings->refresh_scope))
		oauth_form_add(form, "scope", span_of(scope));
}

/* Asks once.  *again: it is worth asking once more, at once. */
static enum oauth_answer ask_once(struct getting *g, bool *again, msec_t *pause, struct error *err)
{
	const struct oauth_settings *s = g->settings;
	const char *url = s->value[OAUTH_TOKEN_URL].text;
	AUTO(secret) form = SECRET_INIT;
	AUTO(oauth_reply) reply = OAUTH_REPLY_INIT;
	struct oauth_question question = {
		.purpose = is_client(g) ? OAUTH_FOR_CLIENT : OAUTH_FOR_REFRESH,
		.settings = s,
		.url = url,
		.asked_ms = clock_wall_ms(clock_of(g->r)),
		.login_ms = g->login.login_ms,
	};
	*pause = 0;
	write_form(g, &form);
	note(g->r, _("asking %s for an access token"), url);
	if (!oauth_settings_post(s, g->r->network, url, &form, &reply, err)) {
		/* The answer was lost on its way: the server may have replaced the refresh token.  It says so then. */
		*again = reply.kind == OAUTH_REPLY_LOST;
		return OAUTH_ANSWER_FAILED;
	}
	question.now_ms = clock_wall_ms(clock_of(g->r));
	oauth_grant_release(&g->grant);
	enum oauth_answer answer = oauth_answer_read(&reply, &question, &g->grant, err);
	*again = answer == OAUTH_ANSWER_FAILED && reply.retry_after >= 0;
	*pause = reply.retry_after > 0 ? reply.retry_after * 1000 : 0;
	return answer;
}

/* Waits as long as the server said, if that is within the time there is. */
static bool wait_for(const struct oauth_refresh *r, msec_t pause)
{
	msec_t left = r->network->deadline - clock_monotonic(clock_of(r));
	if (pause >= left || pause > OAUTH_HTTP_PATIENCE_MS)
		return false;
	if (pause > 0)
		(void)poll(NULL, 0, (int)pause);
	return true;
}

static enum oauth_answer ask(struct getting *g, struct error *err)
{
	AUTO(error) first = ERROR_INIT;
	bool again;
	msec_t pause;
	enum oauth_answer answer = ask_once(g, &again, &pause, &first);
	if (answer == OAUTH_ANSWER_FAILED && again && wait_for(g->r, pause)) {
		error_release(&first);
		answer = ask_once(g, &again, &pause, &first);
	}
	/* Before it is believed that the login is over: was the refresh token that was sent still the newest? */
	if (answer == OAUTH_ANSWER_LOGIN_NEEDED && login_has_changed(g)) {
		note(g->r, "%s", _("another process has stored a newer refresh token"));
		error_release(&first);
		answer = ask_once(g, &again, &pause, &first);
	}
	if (answer != OAUTH_ANSWER_TOKEN)
		error_move(err, &first);
	return answer;
}

/* ---- keeping ---- */

/* The refresh token must be on the disk before anything depends on it; an access token can be had again. */
static bool keep(struct getting *g, struct error *err)
{
	const struct oauth_refresh *r = g->r;
	AUTO(error) unkept = ERROR_INIT;
	bool is_new = secret_is_set(&g->grant.refresh) && !same(&g->grant.refresh, &g->login.refresh);
	if (is_new)
		secret_copy(&g->login.refresh, &g->grant.refresh);
	if (!is_client(g) && (is_new || g->login.strayed) &&
	    !oauth_store_save_login(r->store, &g->login, NULL, &unkept) && is_new) {
		error_move(err, &unkept);
		return false;
	}
	error_release(&unkept);
	if (!oauth_store_save_token(r->store, &g->grant.token, &unkept))
		note(r, _("the access token cannot be kept: %s"), unkept.status.text);
	return true;
}

bool oauth_refresh_keep_login(const struct oauth_refresh *r, const struct oauth_grant *grant, char **where,
			      struct error *err)
{
	AUTO(oauth_login) login = OAUTH_LOGIN_INIT;
	AUTO(error) unkept = ERROR_INIT;
	AUTO_FD int lock = oauth_store_lock(r->store, err);
	if (lock < 0)
		return false;
	secret_copy(&login.refresh, &grant->refresh);
	login.login_ms = clock_wall_ms(clock_of(r));
	login.keyring = r->store->keyring;
	if (!oauth_store_save_login(r->store, &login, where, err))
		return false;
	if (!oauth_store_save_token(r->store, &grant->token, &unkept))
		note(r, _("the access token cannot be kept: %s"), unkept.status.text);
	return true;
}

/* ---- the whole ---- */

static bool refresh_locked(struct getting *g, struct secret *out, struct error *err)
{
	if (take_kept(g, out))
		return true; /* another process has been here */
	if (!load_login(g, err) || !oauth_metadata_discover(g->settings, g->r->network, err))
		return false;
	if (ask(g, err) != OAUTH_ANSWER_TOKEN || !keep(g, err))
		return false;
	secret_copy(out, &g->grant.token.access);
	return true;
}

bool oauth_refresh_get(const struct oauth_refresh *r, struct oauth_settings *settings, const struct secret *refused,
		       struct secret *out, struct error *err)
{
	AUTO(getting)
	g = {.r = r, .settings = settings, .refused = refused, .login = OAUTH_LOGIN_INIT, .grant = OAUTH_GRANT_INIT};
	if (take_kept(&g, out))
		return true;
	AUTO_FD int lock = oauth_store_lock(r->store, err);
	return lock >= 0 && refresh_locked(&g, out, err);
}
