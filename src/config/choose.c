/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "config/configuration.h"
#include "config/flavour.h"
#include "config/match.h"

#define PREFIX "POSTHASTE_"
#define NAMES_SHOWN 50 /* of the accounts there are */

/* ---- the environment ----------------------------------------------------- */

static char *lower_copy(struct span sp)
{
	char *s = xmemdup0(sp.ptr, sp.len);
	for (char *p = s; *p; p++)
		*p = ascii_lower(*p);
	return s;
}

/* Reads one variable.  Returns 1 if it sets an option, 0 if it does not belong to posthaste, -1 with err set. */
static int take_variable(struct config *c, struct account *a, struct span name, struct span text, struct error *err)
{
	AUTO_FREE char *command = lower_copy(span_sub(name, strlen(PREFIX), name.len));
	const struct option_row *row = option_by_command(span_of(command));
	if (!row || row->flags & OPTION_STRUCTURE || !text.len)
		return 0;
	strvec_push_span(&c->names, name);
	const char *kept = c->names.v[c->names.n - 1];
	if (row->type == VALUE_SECRET) {
		(void)error_set(err, ERROR_CONFIG, _("%s is set, but other processes can read the environment"), kept);
		error_hint(err, _("Put the password into a private file and set %s_FILE to its name."), kept);
		return -1;
	}
	if (account_set(a, row->id, text, (struct origin){ORIGIN_ENVIRONMENT, kept, 0}, err))
		return 1;
	error_prefix(err, "%s", kept);
	return -1;
}

bool config_from_environment(struct config *c, char *const *env, bool *found, struct error *err)
{
	AUTO_PTR(account) a = account_new("default", FLAVOUR_OWN, env);
	bool any = false;
	for (char *const *at = env; at && *at; at++) {
		const char *equals = strchr(*at, '=');
		if (!equals || strncmp(*at, PREFIX, strlen(PREFIX)) != 0)
			continue;
		struct span name = span_make(*at, (size_t)(equals - *at));
		int got = take_variable(c, a, name, span_of(equals + 1), err);
		if (got < 0)
			return false;
		if (got && !any)
			a->defined = (struct origin){ORIGIN_ENVIRONMENT, c->names.v[c->names.n - 1], 0};
		any = any || got;
	}
	*found = any;
	if (any) {
		GROW(c->accounts, c->n, c->cap);
		c->accounts[c->n++] = steal_ptr(a);
	}
	return true;
}

/* Its value unless that is empty. */
static const char *variable(char *const *env, const char *name)
{
	const char *value = env_get(env, name);
	return value && *value ? value : NULL;
}

/* msmtp's last resort. */
static struct account *smtpserver_account(char *const *env, struct error *err)
{
	const char *server = variable(env, "SMTPSERVER"), *email = variable(env, "EMAIL");
	AUTO_PTR(account) a = account_new("SMTPSERVER", FLAVOUR_MSMTP, env);
	if (!account_set(a, OPT_HOST, span_of(server), (struct origin){ORIGIN_ENVIRONMENT, "SMTPSERVER", 0}, err)) {
		error_prefix(err, "SMTPSERVER");
		return NULL;
	}
	if (email && !account_set(a, OPT_FROM, span_of(email), (struct origin){ORIGIN_ENVIRONMENT, "EMAIL", 0}, err)) {
		error_prefix(err, "EMAIL");
		return NULL;
	}
	return steal_ptr(a);
}

/* ---- choosing ------------------------------------------------------------ */

static char *account_names(const struct config *c)
{
	struct strbuf names = STRBUF_INIT;
	for (size_t i = 0; i < c->n && i < NAMES_SHOWN; i++)
		strbuf_addf(&names, "%s%s", i ? ", " : "", c->accounts[i]->name);
	if (c->n > NAMES_SHOWN)
		strbuf_adds(&names, ", ...");
	return strbuf_detach(&names, NULL);
}

static struct account *no_such_account(const struct config *c, const char *name, struct error *err)
{
	AUTO_FREE char *names = account_names(c);
	AUTO_FREE char *files = strvec_join(&c->files, ", ");
	AUTO_FREE char *clean = clean_text(span_of(name), 100);
	if (!c->files.n)
		(void)error_set(err, ERROR_CONFIG, _("account %s was requested, but there is no configuration file"),
				clean);
	else
		(void)error_set(err, ERROR_CONFIG, _("account %s is not defined in %s"), clean, files);
	if (c->n)
		error_hint(err, _("The accounts are: %s."), names);
	return NULL;
}

static struct account *no_account(const struct config *c, struct error *err)
{
	AUTO_FREE char *files = strvec_join(&c->files, ", ");
	AUTO_FREE char *names = account_names(c);
	if (c->files.n) {
		(void)error_set(err, ERROR_CONFIG,
				_("no account matches the sender or the recipients, and there is no account named "
				  "default (files read: %s)"),
				files);
		if (c->n)
			error_hint(err,
				   _("Name an account \"default\", or choose one with --account.  The accounts are: "
				     "%s; the "
				     "line \"account default : %s\" makes the first of them the default."),
				   names, c->accounts[0]->name);
		else
			error_hint(err, _("Add an account, beginning with a line \"account default\"."));
	} else {
		(void)error_set(err, ERROR_CONFIG,
				_("there is no configuration file, and no server is given on the command line"));
		error_hint(err, _("Write ~/.config/posthaste/config with at least \"host mail.example.org\", or set "
				  "POSTHASTE_HOST."));
	}
	return NULL;
}

static struct account *copy_of(const struct account *from)
{
	struct account *a = account_new(from->name, from->flavour, from->environ);
	account_merge(a, from);
	a->defined = from->defined;
	a->flavour_assumed = from->flavour_assumed;
	a->implied = from->implied;
	return a;
}

/* The user's only account, or the system's if the user has none. */
static const struct account *only_account(const struct config *c)
{
	const struct account *a = (c->n_users ? c->n_users : c->n) == 1 ? c->accounts[0] : NULL;
	return a && !account_is_set(a, OPT_MATCH_FROM) && !account_is_set(a, OPT_MATCH_TO) ? a : NULL;
}

static struct account *pick_without_match(const struct config *c, const struct account_request *req, char **why,
					  struct error *err)
{
	const struct account *a = config_find(c, "default"), *only = only_account(c);
	bool from_environment = variable(req->environ, "SMTPSERVER") != NULL;
	if (a) {
		*why = xstrdup(_(
			"it is the account named default, and no other account matched the sender or the recipients"));
		return copy_of(a);
	}
	if (only && !(from_environment && only->flavour == FLAVOUR_MSMTP)) {
		*why = xstrdup(_("it is the only account, and there is no account named default"));
		return copy_of(only);
	}
	if (from_environment) {
		*why = xstrdup(_(
			"the environment variable SMTPSERVER names the server, and there is no account named default"));
		return smtpserver_account(req->environ, err);
	}
	if (!c->n && req->flags && account_is_set(req->flags, OPT_SOCKET)) {
		*why = xstrdup(_("the server was given on the command line, and there is no configuration file"));
		return account_new("", req->flags->flavour, req->environ);
	}
	return no_account(c, err);
}

static struct account *pick_account(struct config *c, const struct account_request *req, char **why, struct error *err)
{
	const struct account *a;
	bool found;
	if (req->flags && account_is_set(req->flags, OPT_HOST)) {
		*why = xstrdup(_("the server was given on the command line, so the configuration files are not used"));
		return account_new("", req->flags->flavour, req->environ);
	}
	if (!c->files.n && !config_from_environment(c, req->environ, &found, err))
		return NULL;
	if (req->account) {
		a = config_find(c, req->account);
		*why = xasprintf(_("account %s was requested"), req->account);
		return a ? copy_of(a) : no_such_account(c, req->account, err);
	}
	for (size_t i = 0; i < c->n; i++)
		if (match_account(c->accounts[i], req->envelope_from, req->recipients, why))
			return copy_of(c->accounts[i]);
	return pick_without_match(c, req, why, err);
}

/* Applies the command line's values to the account; the sender only if the account allows it. */
static bool apply_flags(struct account *a, const struct account_request *req, struct error *err)
{
	bool override = !account_value(a, OPT_ALLOW_FROM_OVERRIDE)->set || account_bool(a, OPT_ALLOW_FROM_OVERRIDE);
	AUTO_PTR(account) own = copy_of(a);
	a->own_from = account_derive_own_from(a);
	if (req->flags)
		account_merge(a, req->flags);
	bool typed = req->flags && account_value(req->flags, OPT_FROM)->set;
	if (!override)
		account_take(a, own, OPT_FROM);
	if (!override || typed || !req->envelope_from)
		return true;
	/* from the message's header */
	struct origin header = {ORIGIN_COMMAND_LINE, option_table[OPT_READ_ENVELOPE_FROM].flag, 0};
	return account_set(a, OPT_FROM, *req->envelope_from ? span_of(req->envelope_from) : SPAN_LIT("<>"), header,
			   err);
}

/* Reports what was wrong with the system's file, in which the account may be.  A file this user cannot read is a hint.
 */
static void blame_system_file(const struct config *c, struct error *err)
{
	const struct error *why = &c->system_error;
	if (why->status.kind == ERROR_NONE)
		return;
	if (why->status.kind == ERROR_FILE_MISSING)
		error_hint(err, _("%s: ask its administrator for access, or write a configuration of your own."),
			   why->status.text);
	else
		error_copy(err, why);
}

/* The literal secrets of the account must be in files that keep them. */
static bool secrets_check(struct config *c, const struct account *a, struct error *err)
{
	for (size_t i = 0; i < c->n_secret_faults; i++) {
		const struct secret_fault *fault = &c->secret_faults[i];
		bool used = false;
		for (enum option_id id = 0; id < OPTION_COUNT; id++)
			used = used || (option_table[id].type == VALUE_SECRET && account_is_set(a, id) &&
					account_origin(a, id)->kind == ORIGIN_FILE &&
					account_origin(a, id)->file == fault->file);
		if (!used)
			continue;
		if (fault->why.status.kind != ERROR_NONE) {
			error_copy(err, &fault->why);
			return false;
		}
		strvec_pushf(&c->warnings, _("%s contains a secret, and all users can read it"), fault->file);
	}
	return true;
}

static bool fallback_fails(const struct account *a, const char *name, const char *what, struct error *err)
{
	AUTO_FREE char *where = origin_text(account_origin(a, OPT_FALLBACK));
	AUTO_FREE char *clean = clean_text(span_of(name), 100);
	return error_set(err, ERROR_CONFIG, "%s: %s: %s: %s", where, option_table[OPT_FALLBACK].command, clean, what);
}

/* An account that inherits a list may be in it, and is left out then; one that says so itself is wrong. */
static bool says_itself(const struct account *a)
{
	const struct origin *origin = account_origin(a, OPT_FALLBACK);
	return origin->file == a->defined.file && origin->line > a->defined.line;
}

/* The names after "fallback" are other accounts, each once. */
static bool fallback_check(const struct config *c, const struct account *a, struct error *err)
{
	const struct strvec *names = account_list(a, OPT_FALLBACK);
	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->v[i];
		if (!config_find(c, name)) {
			AUTO_FREE char *all = account_names(c);
			(void)fallback_fails(a, name, _("no account has this name"), err);
			error_hint(err, _("The accounts are: %s."), all);
			return false;
		}
		if (strcmp(name, a->name) == 0 && says_itself(a))
			return fallback_fails(a, name, _("an account cannot be its own fallback"), err);
		for (size_t k = 0; k < i; k++)
			if (strcmp(name, names->v[k]) == 0)
				return fallback_fails(a, name, _("this account is named twice"), err);
	}
	return true;
}

struct account *config_choose(struct config *c, const struct account_request *req, char **why, struct error *err)
{
	AUTO_FREE char *reason = NULL;
	if (req->account && req->flags && account_is_set(req->flags, OPT_HOST)) {
		(void)error_set(err, ERROR_USAGE, _("both an account and a server were given"));
		error_hint(err, _("Give only one of them: --account takes the server from the configuration."));
		return NULL;
	}
	AUTO_PTR(account) a = pick_account(c, req, &reason, err);
	if (!a)
		blame_system_file(c, err);
	if (!a || !apply_flags(a, req, err) || !account_complete(a, err) || !account_check(a, err) ||
	    !fallback_check(c, a, err) || !secrets_check(c, a, err))
		return NULL;
	account_doubt(a, &c->warnings);
	*why = steal_ptr(reason);
	return steal_ptr(a);
}

struct account *config_choose_unchecked(struct config *c, const struct account_request *req)
{
	AUTO_FREE char *reason = NULL;
	AUTO_PTR(account) a = pick_account(c, req, &reason, NULL);
	if (!a || !apply_flags(a, req, NULL) || !account_complete(a, NULL))
		return NULL;
	return steal_ptr(a);
}
