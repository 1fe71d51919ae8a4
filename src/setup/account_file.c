/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/account_file.h"

#include "base/i18n.h"
#include "base/state_file.h"
#include "base/xalloc.h"
#include "config/flavour.h"

#include <errno.h>
#include <sys/stat.h>

#define FILE_LIMIT ((size_t)4 << 20)

void account_file_release(struct account_file *f)
{
	free(f->path);
	strbuf_wipe(&f->before); /* it may hold a password */
	config_release(&f->config);
	*f = ACCOUNT_FILE_INIT;
}

/* The first of the user's files that exists, else the first. */
static char *find_path(const struct runtime *runtime)
{
	AUTO(config_files) files = CONFIG_FILES_INIT;
	struct stat st;
	config_files_find(&files, runtime->environ, SYSCONFDIR);
	for (size_t i = 0; i < files.user.n; i++)
		if (stat(files.user.v[i], &st) == 0)
			return xstrdup(files.user.v[i]);
	return files.user.n ? xstrdup(files.user.v[0]) : NULL;
}

static bool read_content(struct account_file *f, struct error *err)
{
	AUTO_FD int fd = fs_open_regular(f->path, _("configuration file"), err);
	if (fd < 0)
		return false;
	if (fs_read_fd(fd, &f->before, FILE_LIMIT, err))
		return true;
	error_prefix(err, "%s", f->path);
	return false;
}

bool account_file_read(struct account_file *f, const char *named, bool msmtp, const struct runtime *runtime,
		       struct error *err)
{
	struct stat st;
	f->path = named ? xstrdup(named) : find_path(runtime);
	if (!f->path)
		return error_set(err, ERROR_CONFIG,
				 _("there is no home directory in which a configuration file could be written"));
	f->flavour = msmtp || flavour_name_of(f->path) == FLAVOUR_NAME_MSMTP ? FLAVOUR_MSMTP : FLAVOUR_OWN;
	f->exists = stat(f->path, &st) == 0;
	if (!f->exists)
		return true;
	if (!read_content(f, err) || !config_load_file(&f->config, f->path, f->flavour, runtime, err))
		return false;
	if (f->config.n) /* "syntax" in the file decides above all */
		f->flavour = f->config.accounts[f->config.n - 1]->flavour;
	return true;
}

char *account_file_name(const struct account_file *f, const char *wanted)
{
	AUTO_FREE char *base = xstrdup(wanted);
	for (char *c = base; *c; c++)
		if (*c == ':' || *c == ',') /* an address literal; "account" gives these a meaning */
			*c = '-';
	AUTO_FREE char *name = xstrdup(base);
	for (unsigned n = 2; config_find(&f->config, name); n++) {
		free(name);
		name = xasprintf("%s-%u", base, n);
	}
	return steal_ptr(name);
}

static void put_together(const struct account_file *f, const char *text, struct strbuf *out)
{
	strbuf_add_span(out, strbuf_span(&f->before));
	if (out->len && out->buf[out->len - 1] != '\n')
		strbuf_addch(out, '\n');
	if (out->len)
		strbuf_addch(out, '\n');
	strbuf_adds(out, text);
}

bool account_file_try(const struct account_file *f, const char *text, const struct runtime *runtime, struct config *out,
		      struct error *err)
{
	AUTO(strbuf) all = STRBUF_INIT;
	put_together(f, text, &all);
	bool ok = config_parse(out, f->path, strbuf_span(&all), f->flavour, runtime, err);
	strbuf_wipe(&all);
	return ok;
}

/* The folder and the name of a file, through links: what is replaced is the file that they lead to. */
static void split_path(const char *path, char **folder, char **name)
{
	AUTO_FREE char *real = realpath(path, NULL);
	const char *full = real ? real : path;
	const char *slash = strrchr(full, '/');
	*folder = slash == full ? xstrdup("/") : slash ? xmemdup0(full, (size_t)(slash - full)) : xstrdup(".");
	*name = xstrdup(slash ? slash + 1 : full);
}

static bool is_unchanged(const struct account_file *f)
{
	AUTO(strbuf) now = STRBUF_INIT;
	AUTO_FD int fd = f->exists ? fs_open_regular(f->path, "", NULL) : -1;
	bool same = !f->exists || (fd >= 0 && fs_read_fd(fd, &now, FILE_LIMIT, NULL) &&
				   span_equal(strbuf_span(&now), strbuf_span(&f->before)));
	strbuf_wipe(&now);
	return same;
}

bool account_file_add(const struct account_file *f, const char *text, const struct runtime *runtime, struct error *err)
{
	AUTO_FREE char *folder = NULL, *name = NULL;
	AUTO(strbuf) all = STRBUF_INIT;
	if (!is_unchanged(f))
		return error_set(err, ERROR_CANNOT_CREATE, _("%s was changed meanwhile; nothing is written to it"),
				 f->path);
	split_path(f->path, &folder, &name);
	put_together(f, text, &all);
	bool ok = state_file_save(folder, name, strbuf_span(&all), runtime->rng, err);
	strbuf_wipe(&all);
	return ok;
}

bool account_file_keep_secret(const struct account_file *f, const char *kind, const char *name,
			      const struct secret *secret, const struct runtime *runtime, char **path,
			      struct error *err)
{
	AUTO_FREE char *config_home = env_config_home(runtime->environ);
	AUTO_FREE char *beside = NULL, *last = NULL, *folder = NULL;
	AUTO_FREE char *file = xasprintf("%s-%s", kind, name);
	split_path(f->path, &beside, &last);
	folder = config_home ? xasprintf("%s/posthaste", config_home) : xstrdup(beside);
	for (char *c = file; *c; c++)
		if (*c == '/' || *c == '\'')
			*c = '_';
	if (!state_file_save(folder, file, secret_reveal(secret), runtime->rng, err))
		return false;
	*path = xasprintf("%s/%s", folder, file);
	return true;
}
