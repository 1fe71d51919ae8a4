/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/import_private.h"

#include "base/i18n.h"
#include "base/state_file.h"
#include "base/xalloc.h"
#include "config/lexer.h"

#include <fcntl.h>
#include <sys/stat.h>

#define FILE_MAX ((size_t)1 << 20)

static const struct import_format *const formats[] = {&import_ssmtp, &import_esmtp, &import_dma, &import_nullmailer};

void import_init(struct import *im)
{
	*im = (struct import){.text = STRBUF_INIT};
}

void import_release(struct import *im)
{
	for (size_t i = 0; i < im->n; i++) {
		free(im->settings[i].name);
		free(im->settings[i].value);
		free(im->settings[i].why);
	}
	for (size_t i = 0; i < im->n_passwords; i++) {
		free(im->passwords[i].name);
		secret_release(&im->passwords[i].secret);
	}
	free(im->settings);
	free(im->passwords);
	free(im->folder);
	strbuf_release(&im->text);
	import_init(im);
}

const char *import_fate_name(enum import_fate fate)
{
	static const char *const names[] = {"taken", "not_needed", "not_possible"};
	return names[fate];
}

void import_json(const struct import *im, bool ok, struct json *j)
{
	json_string(j, "program", im ? im->program : "msmtpq");
	json_string(j, "configuration", im && ok ? im->text.buf : NULL);
	json_array(j, "settings");
	for (size_t i = 0; im && i < im->n; i++) {
		json_object(j, NULL);
		json_string(j, "name", im->settings[i].name);
		json_string(j, "value", im->settings[i].value);
		json_string(j, "fate", import_fate_name(im->settings[i].fate));
		json_string(j, "why", im->settings[i].why);
		json_end(j);
	}
	json_end(j);
}

/* ---- which program's it is ---- */

static bool knows(const struct import_format *format, struct span name)
{
	for (const char *const *known = format->names; *known; known++)
		if (format->exact ? span_equals_str(name, *known) : span_equals_str_nocase(name, *known))
			return true;
	return false;
}

static bool ends_name(char c)
{
	return ascii_isblank(c) || c == '=' || c == '\r';
}

/* How many lines begin with a name that the format knows; *others: how many do not. */
static size_t count_known(const struct import_format *format, struct span text, size_t *others)
{
	struct span line;
	size_t known = 0;
	*others = 0;
	while (span_split(&text, '\n', &line)) {
		size_t len = 0;
		line = span_trim(line);
		while (len < line.len && !ends_name(line.ptr[len]))
			len++;
		if (!line.len || line.ptr[0] == '#')
			continue;
		if (knows(format, span_sub(line, 0, len)))
			known++;
		else
			++*others;
	}
	return known;
}

static bool is_named(const char *path, const char *part)
{
	const char *slash = strrchr(path, '/');
	return strstr(slash ? slash + 1 : path, part) != NULL;
}

/* The format that knows most of the lines; of equals the one that the file is named after.  NULL: none, or two. */
static const struct import_format *recognize(const char *path, struct span text)
{
	const struct import_format *best = NULL;
	size_t most = 0, others;
	bool named = false, tie = false;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		const struct import_format *format = formats[i];
		size_t known = format->names ? count_known(format, text, &others) : 0;
		bool this_named = is_named(path, format->file_name);
		if (!format->names || known <= others || known < most || (known == most && named && !this_named))
			continue;
		tie = known == most && named == this_named;
		best = format;
		most = known;
		named = this_named;
	}
	if (!best && is_named(path, import_nullmailer.file_name))
		return &import_nullmailer;
	return tie ? NULL : best;
}

/* ---- passwords ---- */

static bool has_same(const char *folder, const struct import_password *p)
{
	AUTO(strbuf) held = STRBUF_INIT;
	struct secret old = SECRET_INIT;
	bool same = false;
	if (state_file_read(folder, p->name, FILE_MAX, &held, NULL)) {
		secret_set(&old, held.buf, held.len);
		secret_chomp(&old);
		same = span_equal(secret_reveal(&old), secret_reveal(&p->secret));
	}
	secret_release(&old);
	strbuf_wipe(&held);
	return same;
}

static bool save_password(const struct import *im, const struct import_password *p, const struct runtime *runtime,
			  struct error *err)
{
	struct secret content = SECRET_INIT;
	struct stat st;
	AUTO_FREE char *path = xasprintf("%s/%s", im->folder, p->name);
	if (has_same(im->folder, p))
		return true;
	if (lstat(path, &st) == 0) {
		(void)error_set(err, ERROR_CANNOT_CREATE, _("%s is there already, and holds something else"), path);
		error_hint(err, "%s", _("Move it away, and run the import again."));
		return false;
	}
	struct span password = secret_reveal(&p->secret);
	secret_set(&content, password.ptr, password.len);
	secret_append(&content, "\n", 1);
	bool ok = state_file_save(im->folder, p->name, secret_reveal(&content), runtime->rng, err);
	secret_release(&content);
	return ok;
}

bool import_save_passwords(const struct import *im, const struct runtime *runtime, struct error *err)
{
	for (size_t i = 0; i < im->n_passwords; i++)
		if (!save_password(im, &im->passwords[i], runtime, err))
			return false;
	return true;
}

/* ---- reading ---- */

static void release(struct importing *im)
{
	for (size_t i = 0; i < im->n; i++) {
		explicit_bzero(im->pairs[i].value, strlen(im->pairs[i].value));
		free(im->pairs[i].name);
		free(im->pairs[i].value);
	}
	free(im->pairs);
	account_free(im->account);
}

static bool read_file(const char *path, struct strbuf *text, struct error *err)
{
	AUTO_FD int fd = fs_open_regular(path, _("file to import"), err);
	if (fd < 0)
		return false;
	if (fs_read_fd(fd, text, FILE_MAX, err))
		return true;
	error_prefix(err, "%s", path);
	return false;
}

static bool not_recognized(const char *path, struct error *err)
{
	(void)error_set(err, ERROR_CONFIG, _("%s is not the configuration of a program that can be imported"), path);
	error_hint(err, "%s",
		   _("These can be: ssmtp.conf, nullmailer's remotes, dma.conf, esmtprc, and the folder of msmtpq. An "
		     "msmtprc is read as it is."));
	return false;
}

static bool import_text(struct import *im, const char *path, struct span text, const struct runtime *runtime,
			struct error *err)
{
	const struct import_format *format = recognize(path, text);
	AUTO_FREE char *config = env_config_home(runtime->environ);
	if (!format || memchr(text.ptr, '\0', text.len))
		return not_recognized(path, err);
	im->program = format->program;
	im->folder = config ? xasprintf("%s/posthaste", config) : NULL;
	struct importing ing = {.out = im, .path = path, .runtime = runtime, .between = "="};
	importing_say(&ing, _("From %s, which %s used. Add this to ~/.config/posthaste/config, then test it with:"),
		      path, im->program);
	importing_say(&ing, "  posthaste --check");
	format->parse(&ing, text);
	bool ok = format->write(&ing, err);
	release(&ing);
	return ok;
}

/* nullmailer's folder stands for the file of its servers.  NULL: it is another folder. */
static char *file_of(const char *path, struct error *err)
{
	struct stat st;
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return xstrdup(path);
	AUTO_FREE char *file = xasprintf("%s/%s", path, import_nullmailer.file_name);
	if (stat(file, &st) == 0)
		return steal_ptr(file);
	(void)not_recognized(path, err);
	return NULL;
}

bool import_read(struct import *im, const char *path, const struct runtime *runtime, struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO_FREE char *file = file_of(path, err);
	bool ok = file && read_file(file, &text, err) && import_text(im, file, strbuf_span(&text), runtime, err);
	strbuf_wipe(&text);
	return ok;
}
