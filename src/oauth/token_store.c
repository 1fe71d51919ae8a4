/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/token_store.h"

#include "base/checksum.h"
#include "base/i18n.h"
#include "base/state_file.h"
#include "base/xalloc.h"
#include "secret/keyring.h"

#include <inttypes.h>

void oauth_login_release(struct oauth_login *login)
{
	secret_release(&login->refresh);
	*login = OAUTH_LOGIN_INIT;
}

/* ---- where ---- */

/* The environment is the caller's, and so are the folders it names. */
static bool no_folder(const struct oauth_store *store, struct error *err)
{
	if (store->runtime->privileged)
		return error_set(err, ERROR_CONFIG, _("OAuth2 is not used when running set-user-ID or set-group-ID"));
	(void)error_set(err, ERROR_CONFIG, _("there is no folder for tokens: this user has no home directory"));
	error_hint(err, "%s", _("Set HOME, or XDG_STATE_HOME and XDG_CACHE_HOME."));
	return false;
}

static char *state_folder(const struct oauth_store *store)
{
	return store->runtime->privileged ? NULL : env_state_folder(store->runtime->environ);
}

static char *login_folder(const struct oauth_store *store)
{
	AUTO_FREE char *parent = state_folder(store);
	return parent ? xasprintf("%s/tokens", parent) : NULL;
}

static char *token_folder(const struct oauth_store *store)
{
	AUTO_FREE char *parent = store->runtime->privileged ? NULL : env_cache_folder(store->runtime->environ);
	return parent ? xasprintf("%s/tokens", parent) : NULL;
}

/* A folder is made with two above it; here it is one more (~/.local, state, posthaste). */
static bool make_state_folder(const struct oauth_store *store, struct error *err)
{
	AUTO_FREE char *parent = state_folder(store);
	return parent ? state_file_make_folder(parent, err) : no_folder(store, err);
}

/* The account's name as that of a file: "%" alone for an account without a name. */
static char *file_name(const struct oauth_store *store)
{
	struct strbuf out = STRBUF_INIT;
	const char *name = store->settings->account;
	for (const char *p = name; *p; p++) {
		bool plain = ascii_isalnum(*p) || strchr("_@+-", *p) || (*p == '.' && p > name);
		if (plain)
			strbuf_addch(&out, *p);
		else
			strbuf_addf(&out, "%%%02X", (unsigned char)*p);
	}
	if (!out.len)
		strbuf_addch(&out, '%');
	return strbuf_detach(&out, NULL);
}

/* ---- whose ---- */

static const char *value_of(const struct oauth_store *store, enum oauth_value_id id)
{
	const char *text = store->settings->value[id].text;
	return text ? text : "";
}

static const char *user_of(const struct oauth_store *store)
{
	return store->settings->user ? store->settings->user : "";
}

static struct oauth_entry bound_entry(const struct oauth_store *store)
{
	return (struct oauth_entry){
		.client_id = span_of(value_of(store, OAUTH_CLIENT_ID)),
		.server = span_of(store->settings->server ? store->settings->server : ""),
		.scope = span_of(value_of(store, OAUTH_SCOPE)),
		.user = span_of(user_of(store)),
	};
}

static bool is_ours(const struct oauth_store *store, const struct oauth_entry *e)
{
	struct oauth_entry ours = bound_entry(store);
	return span_equal(e->client_id, ours.client_id) && span_equal(e->server, ours.server) &&
	       span_equal(e->scope, ours.scope) && span_equal(e->user, ours.user);
}

/* ---- the login ---- */

static bool unreadable(const struct oauth_store *store, struct error *err)
{
	err->status.kind = ERROR_CONFIG; /* waiting does not help */
	error_prefix(err, _("the login of account %s cannot be read"), oauth_settings_title(store->settings));
	error_hint(err, _("Make the file yours alone (mode 0600), or remove it and log in with: posthaste --login=%s"),
		   store->settings->account);
	return false;
}

static enum oauth_stored torn(const struct oauth_store *store, const char *folder, const char *name, struct error *err)
{
	(void)error_set(err, ERROR_AUTH_REFUSED, _("the login of account %s is damaged (%s/%s)"),
			oauth_settings_title(store->settings), folder, name);
	error_hint(err, _("Log in again with: posthaste --login=%s"), store->settings->account);
	return OAUTH_STORED_ERROR;
}

static struct keyring_request keyring_request(const struct oauth_store *store, char **host)
{
	*host = xasprintf("oauth:%s", store->settings->account);
	return (struct keyring_request){
		.runtime = store->runtime,
		.host = *host,
		.user = user_of(store),
		.deadline = store->deadline,
		.helper_words = store->helper_words,
	};
}

static enum oauth_stored ask_keyring(const struct oauth_store *store, struct oauth_login *login, struct error *err)
{
	AUTO_FREE char *host = NULL;
	struct keyring_request request = keyring_request(store, &host);
	AUTO(error) why = ERROR_INIT;
	if (!store->keyring) {
		(void)error_set(err, ERROR_CONFIG, _("the login of account %s is in the keyring, and keyring is off"),
				oauth_settings_title(store->settings));
		error_hint(err, _("Set keyring on, or log in again with: posthaste --login=%s"),
			   store->settings->account);
		return OAUTH_STORED_ERROR;
	}
	switch (keyring_find(&request, &login->refresh, &why)) {
	case KEYRING_FOUND: return OAUTH_STORED_FOUND;
	case KEYRING_NONE: return OAUTH_STORED_NONE;
	default: break;
	}
	error_move(err, &why);
	error_prefix(err, _("the login of account %s cannot be read"), oauth_settings_title(store->settings));
	return OAUTH_STORED_ERROR;
}

/* Reads a file into text, which the caller wipes. */
static enum oauth_stored read_entry(const struct oauth_store *store, const char *folder, struct strbuf *text,
				    struct oauth_entry *entry, struct error *err)
{
	AUTO_FREE char *name = file_name(store);
	AUTO(error) why = ERROR_INIT;
	if (!state_file_read(folder, name, OAUTH_STORE_LIMIT, text, &why)) {
		if (why.status.kind == ERROR_FILE_MISSING)
			return OAUTH_STORED_NONE;
		error_move(err, &why);
		(void)unreadable(store, err);
		return OAUTH_STORED_ERROR;
	}
	if (!oauth_entry_parse(strbuf_span(text), entry))
		return torn(store, folder, name, err);
	return is_ours(store, entry) ? OAUTH_STORED_FOUND : OAUTH_STORED_FOREIGN;
}

enum oauth_stored oauth_store_load_login(const struct oauth_store *store, struct oauth_login *login, struct error *err)
{
	AUTO_FREE char *folder = login_folder(store);
	struct strbuf text = STRBUF_INIT;
	struct oauth_entry entry;
	if (!folder) {
		(void)no_folder(store, err);
		return OAUTH_STORED_ERROR;
	}
	enum oauth_stored found = read_entry(store, folder, &text, &entry, err);
	if (found == OAUTH_STORED_FOUND) {
		login->login_ms = entry.login_ms;
		login->keyring = entry.keyring;
		login->strayed = entry.keyring && entry.secret.ptr;
		if (entry.secret.ptr)
			secret_set(&login->refresh, entry.secret.ptr, entry.secret.len);
		else
			found = ask_keyring(store, login, err);
	}
	strbuf_wipe(&text);
	return found;
}

static bool store_in_keyring(const struct oauth_store *store, const struct oauth_login *login)
{
	AUTO_FREE char *host = NULL;
	AUTO(error) why = ERROR_INIT;
	struct keyring_request request = keyring_request(store, &host);
	return store->keyring && login->keyring && keyring_store(&request, &login->refresh, &why) == KEYRING_STORED;
}

bool oauth_store_save_login(const struct oauth_store *store, const struct oauth_login *login, char **where,
			    struct error *err)
{
	AUTO_FREE char *folder = login_folder(store);
	AUTO_FREE char *name = file_name(store);
	AUTO(secret) text = SECRET_INIT;
	if (!folder)
		return no_folder(store, err);
	bool kept = store_in_keyring(store, login);
	struct oauth_entry entry = bound_entry(store);
	entry.login_ms = login->login_ms;
	entry.issued_ms = clock_wall_ms(store->runtime->clock);
	entry.keyring = login->keyring && store->keyring;
	entry.secret = kept ? (struct span){NULL, 0} : secret_reveal(&login->refresh);
	oauth_entry_format(&entry, &text);
	if (!make_state_folder(store, err) ||
	    !state_file_save(folder, name, secret_reveal(&text), store->runtime->rng, err)) {
		error_prefix(err, _("the login of account %s cannot be kept"), oauth_settings_title(store->settings));
		error_hint(err, _("Make room, or the folder %s yours, and log in again with: posthaste --login=%s"),
			   folder, store->settings->account);
		return false;
	}
	if (where)
		*where = kept ? xstrdup("keyring") : xasprintf("%s/%s", folder, name);
	return true;
}

static bool remove_from_keyring(const struct oauth_store *store, bool *removed, struct error *err)
{
	AUTO_FREE char *host = NULL;
	struct keyring_request request = keyring_request(store, &host);
	AUTO(error) why = ERROR_INIT;
	enum keyring_answer got = keyring_remove(&request, &why);
	*removed |= got == KEYRING_REMOVED;
	if (got == KEYRING_REMOVED || got == KEYRING_NONE)
		return true;
	error_move(err, &why);
	return false;
}

bool oauth_store_remove(const struct oauth_store *store, bool *removed, struct error *err)
{
	AUTO_FREE char *logins = login_folder(store);
	AUTO_FREE char *tokens = token_folder(store);
	AUTO_FREE char *name = file_name(store);
	struct strbuf text = STRBUF_INIT;
	struct oauth_entry entry = {.keyring = false};
	AUTO(error) unread = ERROR_INIT;
	bool token_removed = false, login_removed = false;
	*removed = false;
	if (!logins || !tokens)
		return no_folder(store, err);
	enum oauth_stored found = read_entry(store, logins, &text, &entry, &unread);
	bool in_keyring = (found == OAUTH_STORED_FOUND || found == OAUTH_STORED_FOREIGN) && entry.keyring;
	strbuf_wipe(&text);
	bool ok = state_file_remove(tokens, name, &token_removed, err) &&
		  (!in_keyring || !store->keyring || remove_from_keyring(store, removed, err)) &&
		  state_file_remove(logins, name, &login_removed, err);
	*removed |= login_removed;
	return ok;
}

/* ---- the access token ---- */

bool oauth_store_load_token(const struct oauth_store *store, struct oauth_token *token)
{
	AUTO_FREE char *folder = token_folder(store);
	AUTO(error) ignored = ERROR_INIT;
	struct strbuf text = STRBUF_INIT;
	struct oauth_entry entry;
	bool ok =
		folder && read_entry(store, folder, &text, &entry, &ignored) == OAUTH_STORED_FOUND && entry.secret.ptr;
	if (ok) {
		secret_set(&token->access, entry.secret.ptr, entry.secret.len);
		token->issued_ms = entry.issued_ms;
		token->life_ms = entry.life_ms;
	}
	strbuf_wipe(&text);
	return ok;
}

bool oauth_store_save_token(const struct oauth_store *store, const struct oauth_token *token, struct error *err)
{
	AUTO_FREE char *folder = token_folder(store);
	AUTO_FREE char *name = file_name(store);
	AUTO(secret) text = SECRET_INIT;
	bool removed;
	if (!folder)
		return no_folder(store, err);
	if (!token->life_ms)
		return state_file_remove(folder, name, &removed, err);
	struct oauth_entry entry = bound_entry(store);
	entry.issued_ms = token->issued_ms;
	entry.life_ms = token->life_ms;
	entry.secret = secret_reveal(&token->access);
	oauth_entry_format(&entry, &text);
	return state_file_write(folder, name, secret_reveal(&text), store->runtime->rng, err);
}

/* ---- lock, checksum ---- */

/* Files are replaced under the lock only. */
static void sweep(const struct oauth_store *store)
{
	AUTO_FREE char *logins = login_folder(store);
	AUTO_FREE char *tokens = token_folder(store);
	AUTO_FREE char *name = file_name(store);
	if (logins)
		state_file_sweep(logins, name);
	if (tokens)
		state_file_sweep(tokens, name);
}

int oauth_store_lock(const struct oauth_store *store, struct error *err)
{
	AUTO_FREE char *folder = login_folder(store);
	AUTO_FREE char *name = file_name(store);
	AUTO_FREE char *lock = xasprintf(".%s.lock", name);
	if (!folder)
		(void)no_folder(store, err);
	if (!folder || !make_state_folder(store, err))
		return -1;
	int fd = state_file_lock(folder, lock, store->runtime->clock, store->deadline, err);
	if (fd >= 0)
		sweep(store);
	return fd;
}

static char *mark_name(const struct oauth_store *store)
{
	AUTO_FREE char *name = file_name(store);
	return xasprintf(".%s.login", name);
}

char *oauth_store_mark_path(const struct oauth_store *store)
{
	AUTO_FREE char *folder = login_folder(store);
	AUTO_FREE char *name = mark_name(store);
	return folder ? xasprintf("%s/%s", folder, name) : NULL;
}

void oauth_store_mark_login(const struct oauth_store *store)
{
	AUTO_FREE char *folder = login_folder(store);
	AUTO_FREE char *name = mark_name(store);
	AUTO(error) ignored = ERROR_INIT;
	if (folder)
		(void)!state_file_write(folder, name, span_make("", 0), store->runtime->rng, &ignored);
}

uint64_t oauth_store_checksum(const struct oauth_store *store)
{
	AUTO_FREE char *folder = login_folder(store);
	AUTO(error) ignored = ERROR_INIT;
	AUTO(strbuf) facts = STRBUF_INIT;
	struct strbuf text = STRBUF_INIT;
	struct oauth_entry entry;
	bool found = folder && read_entry(store, folder, &text, &entry, &ignored) == OAUTH_STORED_FOUND;
	if (found)
		strbuf_addf(&facts, "%" PRId64, entry.login_ms);
	strbuf_wipe(&text);
	return found ? checksum_of(strbuf_span(&facts)) : 0;
}
