/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/settings.h"

#include "base/xalloc.h"
#include "header/header_recipients.h"
#include "submit/ehlo_name.h"
#include "submit/expand_names.h"

void settings_release(struct settings *s)
{
	config_release(&s->config);
	account_free(s->account);
	free(s->why);
	free(s->chosen_for);
	*s = SETTINGS_INIT;
}

bool settings_read(struct settings *s, const struct request *request, const struct runtime *runtime, struct error *err)
{
	AUTO(config_files) files = CONFIG_FILES_INIT;
	if (request->given[OPT_HOST]) /* the command line alone: no file is read */
		return true;
	config_files_find(&files, runtime->environ, SYSCONFDIR);
	files.msmtp = request->flags->flavour == FLAVOUR_MSMTP;
	return config_load(&s->config, account_str(request->flags, OPT_FILE), &files, runtime, err);
}

static bool has_names(const char *text)
{
	return text && strchr(text, '%');
}

/* Nothing of a message but its sender decides what the account is: not its recipients, and no %-sequence. */
static bool depends_on_sender_only(const struct settings *s)
{
	const struct account *a = s->account;
	for (size_t i = 0; i < s->config.n; i++)
		if (account_is_set(s->config.accounts[i], OPT_MATCH_TO))
			return false;
	return !has_names(account_str(a, OPT_FROM)) && !has_names(account_str(a, OPT_DOMAIN)) &&
	       !has_names(a->own_from);
}

static bool same_sender(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

void settings_forget_account(struct settings *s)
{
	struct strvec *warnings = &s->config.warnings;
	while (s->account && warnings->n > s->warnings) {
		free(warnings->v[--warnings->n]);
		warnings->v[warnings->n] = NULL;
	}
	account_free(s->account);
	free(s->why);
	free(s->chosen_for);
	s->account = NULL;
	s->why = s->chosen_for = NULL;
	s->warnings = warnings->n;
}

bool settings_choose_account(struct settings *s, const struct request *request, const struct runtime *runtime,
			     const char *sender, const struct strvec *recipients, struct error *err)
{
	enum option_id named = account_is_set(request->flags, OPT_CHECK)	? OPT_CHECK
			       : account_is_set(request->flags, OPT_ACCEPT_KEY) ? OPT_ACCEPT_KEY
										: OPT_ACCOUNT;
	struct account_request req = {
		.account = account_str(request->flags, named),
		.envelope_from = sender,
		.recipients = recipients,
		.flags = request->flags,
		.environ = runtime->environ,
	};
	if (s->account && same_sender(s->chosen_for, sender ? sender : ""))
		return true;
	settings_forget_account(s);
	s->account = config_choose(&s->config, &req, &s->why, err);
	if (!s->account)
		return false;
	s->chosen_for = depends_on_sender_only(s) ? xstrdup(sender ? sender : "") : NULL;
	return true;
}

bool settings_expand(struct settings *s, const struct header_list *fields, const struct runtime *runtime,
		     struct error *err)
{
	const char *texts[] = {account_str(s->account, OPT_FROM), account_str(s->account, OPT_DOMAIN)};
	struct expand_names names;
	expand_names_find(&names, texts, ARRAY_SIZE(texts), fields, runtime->environ);
	bool ok = account_from_is_pattern(s->account) ? expand_domain(s->account, &names.values, err)
						      : expand_account(s->account, &names.values, err);
	expand_names_release(&names);
	return ok && ehlo_name_settle(s->account, err);
}

bool settings_load(struct settings *s, const struct request *request, const struct runtime *runtime, struct error *err)
{
	const char *from = request->given[OPT_FROM] ? account_str(request->flags, OPT_FROM) : NULL;
	return settings_read(s, request, runtime, err) &&
	       settings_choose_account(s, request, runtime, from, NULL, err) && settings_expand(s, NULL, runtime, err);
}

bool settings_find_for_log(struct settings *s, const struct request *request, const struct header_list *fields,
			   const struct runtime *runtime)
{
	AUTO_FREE char *of_header = NULL;
	if (s->account)
		return true;
	settings_forget_account(s);
	if (request->given[OPT_READ_ENVELOPE_FROM])
		(void)!recipients_sender(fields, &of_header,
					 NULL); /* without a sender there, none chooses the account */
	bool has_from = account_is_set(request->flags, OPT_FROM);
	struct account_request req = {
		.account = account_str(request->flags, OPT_ACCOUNT),
		.envelope_from = has_from ? account_str(request->flags, OPT_FROM) : of_header,
		.flags = request->flags,
		.environ = runtime->environ,
	};
	if (s->config.n || s->config.files.n || settings_read(s, request, runtime, NULL))
		s->account = config_choose_unchecked(&s->config, &req);
	if (s->account)
		return true;
	/* There is no account, but the command line may name a log. */
	s->account = account_new("", request->flags->flavour, runtime->environ);
	account_merge(s->account, request->flags);
	return account_complete(s->account, NULL);
}

struct account *settings_other_account(struct settings *s, const char *name, const struct runtime *runtime,
				       struct error *err)
{
	struct settings other = {.config = CONFIG_INIT};
	struct account_request req = {.account = name, .environ = runtime->environ};
	AUTO_FREE char *why = NULL;
	other.account = config_choose(&s->config, &req, &why, err);
	if (other.account && settings_expand(&other, NULL, runtime, err))
		return other.account;
	account_free(other.account);
	return NULL;
}

const struct account *settings_first(const struct settings *s, enum option_id id)
{
	for (size_t i = 0; i < s->config.n; i++)
		if (account_is_set(s->config.accounts[i], id))
			return s->config.accounts[i];
	return NULL;
}

char *settings_queue_dir(const struct request *request, const struct runtime *runtime)
{
	AUTO(config) config = CONFIG_INIT;
	AUTO(config_files) files = CONFIG_FILES_INIT;
	AUTO(error) ignored = ERROR_INIT;
	if (account_is_set(request->flags, OPT_QUEUE_DIR))
		return xstrdup_null(account_str(request->flags, OPT_QUEUE_DIR));
	config_files_find(&files, runtime->environ, SYSCONFDIR);
	if (!config_load(&config, account_str(request->flags, OPT_FILE), &files, runtime, &ignored))
		return NULL;
	for (size_t i = 0; i < config.n; i++)
		if (account_is_set(config.accounts[i], OPT_QUEUE_DIR))
			return xstrdup_null(account_str(config.accounts[i], OPT_QUEUE_DIR));
	return NULL;
}
