/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/route.h"

#include "base/checksum.h"
#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"

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

char *route_key(const struct queue_item *item)
{
	AUTO(strbuf) key = STRBUF_INIT;
	strbuf_addf(&key, "%d,", (int)item->scope);
	add_part(&key, item->account);
	add_part(&key, item->config_file);
	/* the sender decides only where no account is named */
	add_part(&key, item->account ? NULL : item->sender.given);
	for (size_t i = 0; i < item->options.n; i++)
		add_part(&key, item->options.v[i]);
	return strbuf_detach(&key, NULL);
}

/* A row by its flag ("tls-starttls"), with "_" for "-" too, or by its command. */
static const struct option_row *row_of(struct span name)
{
	AUTO_FREE char *flag = xmemdup0(name.ptr, name.len);
	for (char *c = flag; *c; c++)
		if (*c == '_')
			*c = '-';
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (option_table[i].flag && strcmp(option_table[i].flag, flag) == 0)
			return &option_table[i];
	return option_by_command(name);
}

static bool set_flag(struct request *request, const struct option_row *row, struct span text, struct error *err)
{
	AUTO_FREE char *name = option_name(row);
	strvec_push(&request->names, name);
	struct origin origin = {.kind = ORIGIN_COMMAND_LINE, .file = request->names.v[request->names.n - 1]};
	if (!account_set(request->flags, row->id, text, origin, err)) {
		error_prefix(err, "%s", name);
		return false;
	}
	request->given[option_target(row)->id] = true;
	request->given[row->id] = true;
	return true;
}

static bool set_option(struct request *request, const char *option, struct error *err)
{
	const char *eq = strchr(option, '=');
	struct span name = span_make(option, eq ? (size_t)(eq - option) : strlen(option));
	const struct option_row *row = row_of(name);
	if (row && !(row->flags & (OPTION_MODE | OPTION_LATER)) && row->type != VALUE_SECRET)
		return set_flag(request, row, span_of(eq ? eq + 1 : ""), err);
	AUTO_FREE char *shown = clean_text(name, 80);
	return error_set(err, ERROR_CONFIG,
			 _("the message was submitted with the option %s, which this posthaste does not know"), shown);
}

/* The command line it was submitted with, as far as that decides about delivery. */
static bool make_request(const struct queue_item *item, const struct runtime *runtime, struct request *request,
			 struct error *err)
{
	request_init(request, runtime);
	if (item->config_file && !set_flag(request, &option_table[OPT_FILE], span_of(item->config_file), err))
		return false;
	if (item->account && *item->account &&
	    !set_flag(request, &option_table[OPT_ACCOUNT], span_of(item->account), err))
		return false;
	for (size_t i = 0; i < item->options.n; i++)
		if (!set_option(request, item->options.v[i], err))
			return false;
	return true;
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
	if (q->request.flags)
		mark_option(&text, q->request.flags, OPT_FILE);
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
	q->ready = make_request(item, runtime, &q->request, &err) &&
		   settings_read(&q->settings, &q->request, runtime, &err) &&
		   settings_choose_account(&q->settings, &q->request, runtime, item->sender.given, NULL, &err) &&
		   settings_expand(&q->settings, NULL, runtime, &err);
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
	request_release(&q->request);
	error_release(&q->error);
	free(q->key);
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
