/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/route.h"

#include "base/checksum.h"
#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "config/account_line.h"
#include "queue/item_route.h"
#include "transport/connect.h"
#include "transport/oauth_account.h"
#include "transport/password.h"
#include "transport/server.h"

#include <inttypes.h>
#include <sys/stat.h>

/* ---- settings ---------------------------------------------------------------- */

static bool apply_lines(const struct strvec *lines, struct origin origin, struct account *given, struct error *err)
{
	for (size_t i = 0; i < lines->n; i++)
		if (!account_line_apply(given, span_of(lines->v[i]), origin, err)) {
			error_prefix(err, "%s", origin.file);
			return false;
		}
	return true;
}

/* What was given for the message, as an account whose values replace those of the configuration. */
static bool apply_settings(const struct queue_item *item, struct account *given, struct error *err)
{
	struct origin command_line = {.kind = ORIGIN_COMMAND_LINE, .file = _("the command line it was submitted with")};
	struct origin environment = {.kind = ORIGIN_ENVIRONMENT, .file = _("the environment it was submitted from")};
	return apply_lines(&item->environment, environment, given, err) &&
	       apply_lines(&item->settings, command_line, given, err);
}

static bool load_files(struct route *route, const struct account *given, const struct runtime *runtime,
		       struct error *err)
{
	AUTO(config_files) files = CONFIG_FILES_INIT;
	if (account_is_set(given, OPT_HOST)) /* it was submitted without a file, too */
		return true;
	config_files_find(&files, runtime->environ, SYSCONFDIR);
	files.msmtp = given->flavour == FLAVOUR_MSMTP;
	return config_load(&route->settings.config, route->config_file, &files, runtime, err);
}

/* The account as it is now, with what was given for the message. */
static bool load_account(struct route *route, const struct queue_item *item, const struct runtime *runtime,
			 struct error *err)
{
	AUTO_PTR(account) given = account_new("", item->msmtp ? FLAVOUR_MSMTP : FLAVOUR_OWN, runtime->environ);
	struct settings *settings = &route->settings;
	if (!apply_settings(item, given, err) || !load_files(route, given, runtime, err))
		return false;
	struct account_request req = {
		.account = item->account && *item->account ? item->account : NULL,
		.envelope_from = item->mail.sender.given,
		.flags = given,
		.environ = runtime->environ,
	};
	settings->account = config_choose(&settings->config, &req, &settings->why, err);
	return settings->account && settings_expand(settings, NULL, runtime, err);
}

/* ---- fingerprint ------------------------------------------------------------ */

static void add_option_path(struct strvec *paths, const struct account *a, enum option_id id)
{
	const char *path = account_str(a, id);
	if (path && path[0] == '/')
		strvec_push(paths, path);
}

/* Adds all files that may be read, whether they exist or not: if one appears, that is a change. */
static void add_usual_paths(struct strvec *paths, const struct runtime *runtime)
{
	AUTO(config_files) files = CONFIG_FILES_INIT;
	AUTO_FREE char *home = env_home(runtime->environ);
	config_files_find(&files, runtime->environ, SYSCONFDIR);
	strvec_push_all(paths, &files.user);
	strvec_push_all(paths, &files.system);
	if (home)
		strvec_push_owned(paths, xasprintf("%s/.netrc", home));
}

void route_files(const struct route *route, const struct runtime *runtime, struct strvec *paths)
{
	static const enum option_id files[] = {OPT_PASSWORD_FILE,    OPT_NETRC,
					       OPT_TLS_TRUST_FILE,   OPT_TLS_CRL_FILE,
					       OPT_TLS_KEY_FILE,     OPT_TLS_CERT_FILE,
					       OPT_OAUTH_TRUST_FILE, OPT_OAUTH_CLIENT_SECRET_FILE};
	const struct settings *settings = &route->settings;
	add_usual_paths(paths, runtime);
	if (route->config_file && route->config_file[0] == '/')
		strvec_push(paths, route->config_file);
	strvec_push_all(paths, &settings->config.files);
	strvec_push_all(paths, &settings->config.unusable);
	for (size_t i = 0; settings->account && i < ARRAY_SIZE(files); i++)
		add_option_path(paths, settings->account, files[i]);
	if (settings->account)
		strvec_push_all(paths, account_list(settings->account, OPT_TLS_TRUST_ADD));
	AUTO_FREE char *known_hosts = connect_known_hosts(runtime);
	if (known_hosts)
		strvec_push(paths, known_hosts);
	char *login = settings->account ? oauth_account_path(settings->account, runtime) : NULL;
	if (login)
		strvec_push_owned(paths, login);
}

/* Contains the version: an update of the program may fix something, too. */
static char *fingerprint_of(const struct route *route, const struct runtime *runtime)
{
	AUTO(strvec) paths = STRVEC_INIT;
	AUTO(strbuf) text = STRBUF_INIT;
	strbuf_adds(&text, PACKAGE_VERSION "\n");
	route_files(route, runtime, &paths);
	for (size_t i = 0; i < paths.n; i++)
		fs_add_state(&text, paths.v[i]);
	if (route->secret_changes) /* its checksum stays in memory */
		strbuf_addf(&text, "%u\n", route->secret_changes);
	return xasprintf("%016" PRIx64, checksum_of(strbuf_span(&text)));
}

void route_look(struct route *route, const struct runtime *runtime)
{
	const struct account *a = route->settings.account;
	uint64_t secret = a ? password_checksum(a, runtime) : 0;
	if (route->looked_ms && secret != route->secret)
		route->secret_changes++;
	route->secret = secret;
	route->looked_ms = clock_wall_ms(runtime->clock);
}

bool route_outdated(const struct route *route, const struct runtime *runtime)
{
	AUTO_FREE char *now = fingerprint_of(route, runtime);
	return strcmp(now, route->fingerprint) != 0;
}

/* ---- the route ---------------------------------------------------------------- */

static void release_settings(struct route *route)
{
	settings_release(&route->settings);
	route->p.account = NULL;
	account_retry_policy_release(&route->policy);
	error_release(&route->broken);
	free(route->fingerprint);
	free(route->server);
	route->fingerprint = route->server = NULL;
}

void route_forget_attempts(struct route *route)
{
	retry_account_release(&route->backoff);
	route->next_ms = 0;
	route->finder[0] = '\0';
	route->holds = route->waits = route->asked = route->crowded = false;
}

static void read_limits(struct route *route, const struct account *a)
{
	long long interval = account_int(a, OPT_MIN_INTERVAL);
	account_retry_policy_release(&route->policy);
	account_retry_policy_init(&route->policy, a);
	route->max_messages = (unsigned)account_int(a, OPT_MAX_MESSAGES_PER_CONNECTION);
	route->min_interval = interval > 0 ? interval : 0;
	route->sessions = (unsigned)account_int(a, OPT_QUEUE_SESSIONS);
	route->pipeline = route->min_interval ? 1 : (unsigned)account_int(a, OPT_PIPELINE_MESSAGES);
	route->server = xasprintf("%s:%lld", server_account_name(a), account_int(a, OPT_PORT));
}

void route_read(struct route *route, const struct queue_item *item, const struct runtime *runtime)
{
	AUTO_FREE char *server = steal_ptr(route->server);
	struct error broken = ERROR_INIT;
	release_settings(route);
	route->policy = (struct account_retry_policy){.retry = retry_policy_default};
	route->max_messages = 0;
	route->min_interval = 0;
	route->sessions = route->pipeline = 1;
	if (load_account(route, item, runtime, &broken))
		read_limits(route, route->settings.account);
	route->p.account = route->settings.account;
	error_move(&route->broken, &broken);
	route->fingerprint = fingerprint_of(route, runtime);
	if (!server || !route->server || strcmp(server, route->server) != 0)
		route_forget_attempts(route);
	route->is_read = true;
}

struct route *route_new(const struct queue_item *item, const struct runtime *runtime)
{
	struct route *route = xcalloc(1, sizeof(*route));
	submission_init(&route->p, runtime);
	route->key = queue_item_route(item);
	route->config_file = xstrdup_null(item->config_file);
	route_read(route, item, runtime);
	return route;
}

void route_free(struct route *route)
{
	if (!route)
		return;
	submission_release(&route->p);
	release_settings(route);
	route_forget_attempts(route);
	free(route->key);
	free(route->config_file);
	free(route);
}

/* ---- the message ------------------------------------------------------------ */

bool route_load_message(const struct route *route, struct spool_entry *entry, int64_t now, struct submission *p,
			size_t *index, struct error *err)
{
	const struct queue_item *item = spool_entry_item(entry);
	p->account = route->p.account;
	p->queue_id = xstrdup(item->id);
	if (!spool_read_message(entry, &p->header, &p->message.body, err))
		return false;
	queue_item_envelope(item, now, &p->env, index);
	p->message.info = item->info;
	p->message_id = xstrdup_null(item->message_id);
	p->has_message = true;
	return true;
}
