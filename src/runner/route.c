/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/route.h"

#include "base/checksum.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "config/account_line.h"

#include <inttypes.h>
#include <sys/stat.h>

/* ---- settings ---------------------------------------------------------------- */

/* Lengths keep apart what could be read in two ways. */
static void add_part(struct strbuf *key, const char *text)
{
	if (text)
		strbuf_addf(key, "%zu:%s", strlen(text), text);
	strbuf_addch(key, ',');
}

static void add_lines(struct strbuf *key, const struct strvec *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		add_part(key, lines->v[i]);
	strbuf_addch(key, ';');
}

char *route_key(const struct queue_item *item)
{
	AUTO(strbuf) key = STRBUF_INIT;
	strbuf_addf(&key, "%d,", (int)item->scope);
	add_part(&key, item->account);
	add_part(&key, item->config_file);
	/* the sender decides only where no account is named */
	add_part(&key, item->account ? NULL : item->sender.given);
	add_lines(&key, &item->settings);
	add_lines(&key, &item->environment);
	return strbuf_detach(&key, NULL);
}

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

static bool load_files(struct route *q, const struct account *given, const struct runtime *runtime, struct error *err)
{
	AUTO(config_files) files = CONFIG_FILES_INIT;
	if (account_is_set(given, OPT_HOST)) /* then it was submitted without a file, too */
		return true;
	config_files_find(&files, runtime->environ, SYSCONFDIR);
	return config_load(&q->settings.config, q->config_file, &files, runtime, err);
}

/* The account as it is now, with what was given for the message. */
static bool load_account(struct route *q, const struct queue_item *item, const struct runtime *runtime,
			 struct error *err)
{
	AUTO_PTR(account) given = account_new("", FLAVOUR_OWN, runtime->environ);
	if (!apply_settings(item, given, err) || !load_files(q, given, runtime, err))
		return false;
	struct account_request req = {
		.account = item->account && *item->account ? item->account : NULL,
		.envelope_from = item->sender.given,
		.flags = given,
		.environ = runtime->environ,
	};
	q->settings.account = config_choose(&q->settings.config, &req, &q->settings.why, err);
	return q->settings.account && settings_expand(&q->settings, NULL, runtime, err);
}

/* ---- fingerprint ------------------------------------------------------------ */

/* Name and state of a file, never its content: what lies in it may be a secret. */
static void mark_file(struct strbuf *out, const char *path)
{
	struct stat st;
	if (stat(path, &st) < 0) {
		strbuf_addf(out, "%s -\n", path);
		return;
	}
	strbuf_addf(out, "%s %ju %jd %jd.%09ld %jd.%09ld\n", path, (uintmax_t)st.st_ino, (intmax_t)st.st_size,
		    (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (intmax_t)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
}

static void mark_option(struct strbuf *out, const struct account *a, enum option_id id)
{
	const char *path = account_str(a, id);
	if (path && path[0] == '/')
		mark_file(out, path);
}

static void mark_list(struct strbuf *out, const struct strvec *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		mark_file(out, paths->v[i]);
}

/* All files that may be read, whether they exist or not: one that appears is a change. */
static void mark_usual_files(struct strbuf *out, const struct runtime *runtime)
{
	AUTO(config_files) files = CONFIG_FILES_INIT;
	AUTO_FREE char *home = env_home(runtime->environ);
	AUTO_FREE char *netrc = home ? xasprintf("%s/.netrc", home) : NULL;
	config_files_find(&files, runtime->environ, SYSCONFDIR);
	mark_list(out, &files.user);
	mark_list(out, &files.system);
	if (netrc)
		mark_file(out, netrc);
}

/* Another version of the program may mend something, too. */
static char *fingerprint_of(const struct route *q, const struct runtime *runtime)
{
	static const enum option_id files[] = {OPT_PASSWORD_FILE, OPT_NETRC,	    OPT_TLS_TRUST_FILE,
					       OPT_TLS_CRL_FILE,  OPT_TLS_KEY_FILE, OPT_TLS_CERT_FILE};
	AUTO(strbuf) text = STRBUF_INIT;
	strbuf_adds(&text, PACKAGE_VERSION "\n");
	mark_usual_files(&text, runtime);
	if (q->config_file && q->config_file[0] == '/')
		mark_file(&text, q->config_file);
	for (size_t i = 0; i < q->settings.config.files.n; i++)
		mark_file(&text, q->settings.config.files.v[i]);
	for (size_t i = 0; q->settings.account && i < ARRAY_SIZE(files); i++)
		mark_option(&text, q->settings.account, files[i]);
	return xasprintf("%016" PRIx64, checksum_of(strbuf_span(&text)));
}

bool route_outdated(const struct route *q, const struct runtime *runtime)
{
	AUTO_FREE char *now = fingerprint_of(q, runtime);
	return strcmp(now, q->fingerprint) != 0;
}

struct route *route_new(const struct queue_item *item, const struct runtime *runtime)
{
	struct route *q = xcalloc(1, sizeof(*q));
	struct error err = ERROR_INIT;
	submission_init(&q->p, runtime);
	q->key = route_key(item);
	q->config_file = item->config_file ? xstrdup(item->config_file) : NULL;
	q->ready = load_account(q, item, runtime, &err);
	q->p.account = q->settings.account;
	q->fingerprint = fingerprint_of(q, runtime);
	error_move(&q->error, &err);
	return q;
}

void route_free(struct route *q)
{
	if (!q)
		return;
	submission_release(&q->p);
	settings_release(&q->settings);
	error_release(&q->error);
	free(q->key);
	free(q->config_file);
	free(q->fingerprint);
	free(q);
}

/* ---- the message ------------------------------------------------------------ */

void route_unload_message(struct route *q)
{
	struct submission *p = &q->p;
	envelope_release(&p->env);
	p->env = ENVELOPE_INIT;
	strbuf_release(&p->header);
	source_release(&p->message.body);
	source_init(&p->message.body, NULL);
	free(p->queue_id);
	free(p->message_id);
	p->queue_id = p->message_id = NULL;
	p->has_message = false;
}

bool route_load_message(struct route *q, struct spool_entry *entry, int64_t now, size_t *index, struct error *err)
{
	struct submission *p = &q->p;
	const struct queue_item *item = spool_entry_item(entry);
	route_unload_message(q);
	p->queue_id = xstrdup(item->id);
	if (!spool_read_message(entry, &p->header, &p->message.body, err))
		return false;
	queue_item_envelope(item, now, &p->env, index);
	p->message.info = item->info;
	p->message_id = item->message_id ? xstrdup(item->message_id) : NULL;
	p->has_message = true;
	return true;
}
