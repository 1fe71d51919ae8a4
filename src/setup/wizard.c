/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/wizard_private.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "dns/name.h"
#include "setup/advice.h"
#include "setup/named.h"

#define ATTEMPTS 3 /* passwords that the user may type */

/* ---- the server ---- */

static void show_search(struct wizard *w)
{
	AUTO(strvec) advice = STRVEC_INIT;
	for (size_t i = 0; w->r->detail && i < w->d.details.n; i++)
		w->r->detail(w->r->talk->arg, w->d.details.v[i]);
	advice_list(&w->d, &advice);
	for (size_t i = 0; i < advice.n; i++)
		talk_say(w->r->talk, "%s", advice.v[i]);
}

/* Nothing was found. */
static bool ask_host(struct wizard *w, struct error *err)
{
	const struct setup_talk *talk = w->r->talk;
	if (w->d.why.status.text)
		talk_say(talk, "%s", w->d.why.status.text);
	talk_say(talk, _("The instructions of your mail provider name a server for outgoing mail (SMTP)."));
	for (;;) {
		AUTO_FREE char *answer = talk_ask(talk, _("Name of that server (nothing: give up)"), NULL, err);
		AUTO(error) why = ERROR_INIT;
		if (!answer)
			return false;
		if (!*answer) {
			if (w->d.why.status.kind != ERROR_NONE)
				error_copy(err, &w->d.why);
			else
				(void)error_set(err, ERROR_HOST_UNKNOWN, _("no server is known for %s"), w->domain);
			return false;
		}
		AUTO_FREE char *host = dns_name_ascii(answer, &why);
		if (host) {
			candidates_add_usual(host, &w->d.found);
			return true;
		}
		talk_say(talk, "%s", why.status.text);
	}
}

static bool find_servers(struct wizard *w, struct error *err)
{
	const struct discover_request req = {.runtime = w->r->runtime,
					     .address = w->r->address,
					     .trust_file = wizard_trust_file(w->r->given),
					     .ask_database = w->r->ask_database};
	if (candidates_named(w->r->given, &w->d.found))
		return true;
	talk_say(w->r->talk, _("Looking for the mail server of %s ..."), w->domain);
	discover(&req, &w->d);
	show_search(w);
	return w->d.found.n || ask_host(w, err);
}

/* ---- questions about one server ---- */

static enum talk_answer agree_without_encryption(const struct wizard *w, const struct candidate *c, struct error *err)
{
	AUTO_FREE char *question = xasprintf(
		_("%s port %u has no encryption: everyone on the way can read the password and the mail. Use it "
		  "nevertheless"),
		c->host, c->port);
	return talk_confirm(w->r->talk, question, false, err);
}

/* Each host is asked about once. */
static enum talk_answer agree(struct wizard *w, const struct candidate *c, struct error *err)
{
	enum talk_answer answer = TALK_YES;
	if (c->mode == SETUP_PLAIN && agree_without_encryption(w, c, err) != TALK_YES)
		return err->status.kind == ERROR_NONE ? TALK_NO : TALK_END;
	if (strvec_has(&w->agreed, c->host) || c->source == SETUP_NAMED)
		return TALK_YES;
	if (strvec_has(&w->declined, c->host))
		return TALK_NO;
	AUTO_FREE char *source = setup_source_text(c, w->domain);
	AUTO_FREE char *doubt = setup_doubt_text(c, w->domain);
	AUTO_FREE char *question = xasprintf(_("Use %s (port %u, %s)"), c->host, c->port, setup_mode_text(c->mode));
	talk_say(w->r->talk, "%s", source);
	if (doubt)
		talk_say(w->r->talk, "%s", doubt);
	answer = talk_confirm(w->r->talk, question, !doubt, err);
	if (answer != TALK_END)
		strvec_push(answer == TALK_YES ? &w->agreed : &w->declined, c->host);
	return answer;
}

bool wizard_ask_user(struct wizard *w, const struct candidate *c, struct error *err)
{
	const char *given = w->r->given ? account_str(w->r->given, OPT_USER) : NULL;
	const char *usual = w->user ? w->user : given ? given : c->user ? c->user : w->r->address;
	AUTO_FREE char *answer = talk_ask(w->r->talk, _("User name"), usual, err);
	if (!answer)
		return false;
	w->user_is_usual = strcmp(answer, usual) == 0 && !given;
	free(w->user);
	w->user = steal_ptr(answer);
	return true;
}

static bool ask_password(struct wizard *w, const struct candidate *c, struct error *err)
{
	AUTO_FREE char *prompt = xasprintf(_("Password of %s at %s: "), w->user, c->host);
	secret_release(&w->password);
	return w->r->talk->ask_secret(w->r->talk->arg, prompt, &w->password, err);
}

/* The address instead of what stands before its "@", and the other way round; NULL: the name is neither. */
static char *other_user(const struct wizard *w)
{
	const char *address = w->r->address, *at = strrchr(address, '@');
	size_t local = at ? (size_t)(at - address) : 0;
	if (strcmp(w->user, address) == 0)
		return xmemdup0(address, local);
	return strlen(w->user) == local && memcmp(w->user, address, local) == 0 ? xstrdup(address) : NULL;
}

/* ---- one server ---- */

static void show_failure(const struct wizard *w, const struct candidate *c, const struct error *err)
{
	AUTO(strbuf) words = STRBUF_INIT;
	status_format_words(&err->status, &words);
	talk_say(w->r->talk, _("%s, port %u: %s"), c->host, c->port, words.buf);
}

static bool try_once(struct wizard *w, const struct candidate *c, struct error *err)
{
	struct account_text t = wizard_text(w, c, SETUP_SECRET_OPEN);
	AUTO(settings) settings = SETTINGS_INIT;
	return probe_account(&w->file, &t, w->r->runtime, &settings, err) &&
	       probe_login(&settings, &w->password, w->r->address, w->r->runtime, err);
}

/* Nothing has been sent to a server whose certificate is not trusted. */
static bool try_and_trust(struct wizard *w, const struct candidate *c, struct error *err)
{
	if (try_once(w, c, err))
		return true;
	if (err->status.kind != ERROR_CERTIFICATE || w->first_use)
		return false;
	show_failure(w, c, err);
	if (!wizard_accept_key(w, c))
		return false;
	error_release(err);
	return try_once(w, c, err);
}

/* After a refusal the other form of the name, once. */
static bool try_password(struct wizard *w, const struct candidate *c, struct error *err)
{
	if (try_and_trust(w, c, err))
		return true;
	AUTO_FREE char *other = w->user_is_usual && !w->tried_other ? other_user(w) : NULL;
	if (err->status.kind != ERROR_AUTH_REFUSED || !other)
		return false;
	show_failure(w, c, err);
	talk_say(w->r->talk, _("Trying the user name %s ..."), other);
	AUTO_FREE char *first = w->user;
	AUTO(error) again = ERROR_INIT;
	w->tried_other = true;
	w->user = steal_ptr(other);
	if (try_once(w, c, &again))
		return true;
	free(w->user);
	w->user = steal_ptr(first);
	return false;
}

/* The user types another name or password, a few times. */
static bool log_in(struct wizard *w, const struct candidate *c, struct error *err)
{
	for (int i = 0; i < ATTEMPTS; i++) {
		AUTO(error) why = ERROR_INIT;
		bool known = secret_is_set(&w->password);
		if (!known && (!wizard_ask_user(w, c, err) || !ask_password(w, c, err)))
			return false;
		talk_say(w->r->talk, _("Trying %s port %u ..."), c->host, c->port);
		if (try_password(w, c, &why)) {
			error_release(err);
			return true;
		}
		show_failure(w, c, &why);
		error_release(err);
		error_move(err, &why);
		if (err->status.kind != ERROR_AUTH_REFUSED)
			return false;
		if (err->status.hint && i + 1 < ATTEMPTS)
			talk_say(w->r->talk, _("hint: %s"), err->status.hint);
		secret_release(&w->password);
	}
	return false;
}

/* A server that knows who sends by other means. */
static bool try_without_login(struct wizard *w, const struct candidate *c, struct error *err)
{
	struct account_text t = wizard_text(w, c, SETUP_SECRET_NONE);
	AUTO(settings) settings = SETTINGS_INIT;
	return probe_account(&w->file, &t, w->r->runtime, &settings, err) &&
	       probe_login(&settings, NULL, w->r->address, w->r->runtime, err);
}

static bool try_candidate(struct wizard *w, const struct candidate *c, struct error *err)
{
	switch (wizard_login_kind(w, c, err)) {
	case WIZARD_PASSWORD: w->worked = log_in(w, c, err); return w->worked && wizard_store_password(w, c, err);
	case WIZARD_OAUTH: return wizard_oauth(w, c, err);
	case WIZARD_NONE: w->secret = SETUP_SECRET_NONE; return try_without_login(w, c, err);
	case WIZARD_END: break;
	}
	return false;
}

/* A failure that another server cannot change. */
static bool is_final(const struct wizard *w, const struct error *err)
{
	return w->worked || (!error_kind_clears(err->status.kind) && !error_kind_next_server(err->status.kind, true));
}

static const struct candidate *try_all(struct wizard *w, struct error *err)
{
	AUTO(error) first = ERROR_INIT;
	for (size_t i = 0; i < w->d.found.n; i++) {
		const struct candidate *c = &w->d.found.v[i];
		AUTO(error) why = ERROR_INIT;
		enum talk_answer agreed = agree(w, c, &why);
		if (agreed == TALK_NO)
			continue;
		if (agreed == TALK_YES && try_candidate(w, c, &why))
			return c;
		bool final = agreed == TALK_END || is_final(w, &why);
		if (first.status.kind == ERROR_NONE || final)
			error_move(&first, &why);
		if (final)
			break;
	}
	if (first.status.kind == ERROR_NONE)
		(void)error_set(&first, ERROR_HOST_UNKNOWN, _("no server was chosen for %s"), w->domain);
	error_move(err, &first);
	return NULL;
}

/* ---- the file ---- */

static void add_comments(const struct wizard *w, const struct candidate *c, struct strbuf *out)
{
	AUTO_FREE char *first = xasprintf(_("Mail of %s; added by posthaste --configure."), w->r->address);
	AUTO_FREE char *source = setup_source_text(c, w->domain);
	account_text_comment(first, out);
	account_text_comment(source, out);
}

/* The one account that was there stays the one that is used for all other senders. */
static void keep_default(const struct wizard *w, struct strbuf *out)
{
	const struct config *config = &w->file.config;
	if (config->n != 1 || strcmp(config->accounts[0]->name, "default") == 0 || config->accounts[0]->implied)
		return;
	strbuf_addch(out, '\n');
	account_text_comment(_("Used for all other senders, as before."), out);
	strbuf_addf(out, "%s default : %s\n", option_table[OPT_ACCOUNT].command, config->accounts[0]->name);
}

static void note_earlier(const struct wizard *w)
{
	const struct config *config = &w->file.config;
	for (size_t i = 0; i < config->n; i++) {
		const char *from = account_str(config->accounts[i], OPT_FROM);
		if (from && ascii_strcasecmp(from, w->r->address) == 0)
			talk_say(w->r->talk,
				 _("The file has another account for this address, %s, which comes first: use the new "
				   "one "
				   "with -a %s, or remove that one."),
				 config->accounts[i]->name, w->name);
	}
}

static bool write_account(struct wizard *w, const struct candidate *c, struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(config) result = CONFIG_INIT;
	struct account_text t = wizard_text(w, c, w->secret);
	add_comments(w, c, &text);
	account_text_write(&t, &text);
	keep_default(w, &text);
	if (!account_file_try(&w->file, text.buf, w->r->runtime, &result, err) ||
	    !account_file_add(&w->file, text.buf, w->r->runtime, err))
		return false;
	talk_say(w->r->talk, _("The account %s is in %s now."), w->name, w->file.path);
	note_earlier(w);
	return true;
}

/* ---- all of it ---- */

static void wizard_release(struct wizard *w)
{
	discovery_release(&w->d);
	account_file_release(&w->file);
	strvec_release(&w->agreed);
	strvec_release(&w->declined);
	secret_release(&w->password);
	free(w->name);
	free(w->user);
	free(w->secret_file);
	free(w->provider);
	free(w->client_id);
	free(w->client_secret_file);
	free(w->domain);
}

bool wizard_run(const struct wizard_request *r, char **account, struct error *err)
{
	const char *at = strrchr(r->address, '@');
	__attribute__((cleanup(wizard_release))) struct wizard w = {
		.r = r, .d = DISCOVERY_INIT, .file = ACCOUNT_FILE_INIT};
	bool msmtp = r->given && r->given->flavour == FLAVOUR_MSMTP;
	w.domain = xstrdup(at ? at + 1 : "");
	if (!account_file_read(&w.file, r->file, msmtp, r->runtime, err) || !find_servers(&w, err))
		return false;
	w.name = account_file_name(&w.file, w.domain);
	const struct candidate *c = try_all(&w, err);
	if (!c || !write_account(&w, c, err))
		return false;
	*account = steal_ptr(w.name);
	return true;
}
