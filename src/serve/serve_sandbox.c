/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/serve_sandbox.h"

#include "base/sandbox.h"
#include "base/state_file.h"
#include "base/xalloc.h"
#include "queue/spool.h"
#include "runner/archive.h"
#include "transport/keeper_link.h"

#include <sys/stat.h>

static bool is_set(const struct settings *settings, const struct request *request, enum option_id id)
{
	return account_is_set(request->flags, id) || settings_first(settings, id);
}

/* Which rights the commands of a configuration need is not known.  (on_failure is run by the queue's runner.) */
static bool runs_commands(const struct settings *settings, const struct request *request)
{
	static const enum option_id commands[] = {OPT_PASSWORDEVAL, OPT_FILTER, OPT_PROXY_COMMAND};
	bool any = settings->config.evaluates;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		any |= is_set(settings, request, commands[i]);
	return any;
}

/* Cuts the last part off; false: nothing would be left, or nothing but "/". */
static bool cut(char *path)
{
	char *slash = strrchr(path, '/');
	if (!slash || slash == path)
		return false;
	*slash = '\0';
	return true;
}

/* If there is no such place yet: the nearest folder that is there, where it will be made. */
static void add_place(struct sandbox *s, const char *path)
{
	AUTO_FREE char *part = xstrdup(path);
	struct stat st;
	while (stat(part, &st) < 0)
		if (!cut(part))
			return;
	strvec_push(&s->writable, part);
}

static void add_folder(struct sandbox *s, const char *path)
{
	AUTO(error) ignored = ERROR_INIT; /* it is reported when the folder is used */
	if (!path)
		return;
	(void)!state_file_make_folder(path, &ignored);
	add_place(s, path);
}

/* The folder of a log, since another file may take its place (logrotate), but not the home of the user. */
static void add_log(struct sandbox *s, const struct account *a, const char *home)
{
	const char *path = account_is_set(a, OPT_LOGFILE) ? account_str(a, OPT_LOGFILE) : NULL;
	AUTO_FREE char *folder = xstrdup_null(path);
	struct stat st;
	if (!path)
		return;
	bool in_home = !cut(folder) || (home && strncmp(home, folder, strlen(folder)) == 0);
	add_place(s, in_home && stat(path, &st) == 0 ? path : folder);
}

static void add_archive(struct sandbox *s, const struct account *a, const struct runtime *runtime)
{
	AUTO(error) ignored = ERROR_INIT; /* it is reported when a message is archived */
	AUTO_FREE char *folder = account_is_set(a, OPT_ARCHIVE) ? archive_folder(a, runtime, &ignored) : NULL;
	add_folder(s, folder);
}

/* Tickets that are fetched are added to those that were there. */
static void add_tickets(struct sandbox *s, const struct runtime *runtime)
{
	const char *name = runtime_env(runtime, "KRB5CCNAME");
	const char *slash = name ? strchr(name, '/') : NULL;
	if (slash && (slash == name || slash[-1] == ':'))
		add_place(s, slash);
}

static void add_all(struct sandbox *s, const struct settings *settings, const struct request *request,
		    const struct runtime *runtime)
{
	AUTO(error) ignored = ERROR_INIT;
	AUTO_FREE char *home = env_home(runtime->environ);
	AUTO_FREE char *state = env_state_folder(runtime->environ);
	AUTO_FREE char *cache = env_cache_folder(runtime->environ);
	AUTO_FREE char *sockets = is_set(settings, request, OPT_PERSIST) ? keeper_link_folder(runtime) : NULL;
	AUTO_FREE char *queue = spool_user_folder(runtime, &ignored);
	static const char *const always[] = {"/tmp", "/var/tmp", "/dev"};
	add_folder(s, state);
	add_folder(s, cache);
	add_folder(s, sockets);
	if (queue)
		add_place(s, queue);
	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		strvec_push(&s->writable, always[i]);
	if (runtime->temp->folder)
		strvec_push(&s->writable, runtime->temp->folder);
	for (size_t i = 0; i < settings->config.n; i++) {
		add_log(s, settings->config.accounts[i], home);
		add_archive(s, settings->config.accounts[i], runtime);
	}
	add_log(s, request->flags, home);
	add_tickets(s, runtime);
}

void serve_sandbox_enter(const struct settings *settings, const struct request *request, const struct runtime *runtime)
{
	struct sandbox s = {.level = SANDBOX_COMMANDS, .writable = STRVEC_INIT};
	if (!runtime->sandbox)
		return;
	if (!runs_commands(settings, request)) {
		s.level = SANDBOX_SERVICE;
		add_all(&s, settings, request, runtime);
	}
	(void)runtime->sandbox->enter(&s);
	strvec_release(&s.writable);
}
