/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "config/lexer.h"
#include "setup/account_file.h"
#include "setup/account_text.h"
#include "setup/import_private.h"

#include <unistd.h>

#define FILE_MAX ((size_t)1 << 20)

/* ---- settings of the other program ---- */

void import_add(struct import *im, struct span key, struct span value, unsigned line)
{
	GROW(im->v, im->n, im->cap);
	im->v[im->n++] = (struct import_pair){
		.key = xmemdup0(key.ptr, key.len), .value = xmemdup0(value.ptr, value.len), .line = line};
}

const char *import_take(struct import *im, const char *key)
{
	const char *value = NULL;
	for (size_t i = 0; i < im->n; i++) {
		if (ascii_strcasecmp(im->v[i].key, key) != 0)
			continue;
		value = im->v[i].value;
		im->v[i].taken = true;
	}
	return value;
}

bool import_take_yes(struct import *im, const char *key)
{
	static const char *const words[] = {"", "yes", "true", "on", "1"};
	const char *value = import_take(im, key);
	for (size_t i = 0; value && i < ARRAY_SIZE(words); i++)
		if (ascii_strcasecmp(value, words[i]) == 0)
			return true;
	return false;
}

void import_explain_rest(struct import *im, const struct import_reason *reasons, size_t n)
{
	for (size_t i = 0; i < im->n; i++) {
		const char *why = NULL;
		for (size_t k = 0; k < n; k++)
			if (ascii_strcasecmp(im->v[i].key, reasons[k].key) == 0)
				why = _(reasons[k].why);
		if (im->v[i].taken)
			continue;
		if (why)
			import_comment(im, _("Not taken over: %s (line %u): %s"), im->v[i].key, im->v[i].line, why);
		else
			import_comment(im, _("Not taken over: %s (line %u) is not known."), im->v[i].key,
				       im->v[i].line);
	}
}

/* ---- files ---- */

static bool read_file(const char *path, struct strbuf *text, struct error *err)
{
	AUTO_FD int fd = fs_open_regular(path, _("file"), err);
	return fd >= 0 && fs_read_fd(fd, text, FILE_MAX, err);
}

void import_read_beside(struct import *im, const char *name, struct strbuf *text)
{
	AUTO_FREE char *path = name[0] == '/' ? xstrdup(name) : fs_beside(im->path, name);
	AUTO(error) err = ERROR_INIT;
	strbuf_reset(text);
	if (!read_file(path, text, &err))
		strbuf_reset(text);
}

char *import_line_beside(struct import *im, const char *name)
{
	AUTO(strbuf) text = STRBUF_INIT;
	struct span rest, line;
	import_read_beside(im, name, &text);
	rest = strbuf_span(&text);
	if (!span_split(&rest, '\n', &line) || !(line = span_trim(line)).len)
		return NULL;
	return xmemdup0(line.ptr, line.len);
}

/* ---- our text ---- */

void import_comment(struct import *im, const char *fmt, ...)
{
	AUTO(strbuf) text = STRBUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	account_text_comment(text.buf, im->out);
}

/* A dollar sign begins the name of a variable. */
static char *without_variables(const char *value)
{
	AUTO(strbuf) out = STRBUF_INIT;
	for (; *value; value++) {
		strbuf_addch(&out, *value);
		if (*value == '$')
			strbuf_addch(&out, '$');
	}
	return strbuf_detach(&out, NULL);
}

void import_set(struct import *im, enum option_id option, const char *value)
{
	if (!value || !*value)
		return;
	AUTO_FREE char *text = without_variables(value);
	strbuf_addf(im->out, "%s ", option_table[option].command);
	lexer_quote(span_of(text), false, im->out);
	strbuf_addch(im->out, '\n');
}

void import_account(struct import *im, const char *name)
{
	strbuf_addch(im->out, '\n');
	import_set(im, OPT_ACCOUNT, name);
}

void import_set_host(struct import *im, const char *text, unsigned port)
{
	struct span host = span_trim(span_of(text)), number = {NULL, 0};
	const char *end = host.len && host.ptr[0] == '[' ? memchr(host.ptr, ']', host.len) : NULL;
	const char *colon = memchr(end ? end : host.ptr, ':', host.len - (end ? (size_t)(end - host.ptr) : 0));
	bool bare_ipv6 = !end && colon && memchr(colon + 1, ':', host.len - (size_t)(colon + 1 - host.ptr));
	if (colon && !bare_ipv6) {
		number = span_trim(span_sub(host, (size_t)(colon + 1 - host.ptr), host.len));
		host = span_trim(span_sub(host, 0, (size_t)(colon - host.ptr)));
	}
	if (end)
		host = span_sub(host, 1, (size_t)(end - host.ptr));
	AUTO_FREE char *name = xmemdup0(host.ptr, host.len);
	AUTO_FREE char *given = number.len ? xmemdup0(number.ptr, number.len) : xasprintf("%u", port);
	import_set(im, OPT_HOST, name);
	import_set(im, OPT_PORT, given);
}

void import_set_tls(struct import *im, enum import_tls tls)
{
	import_set(im, OPT_TLS, tls == IMPORT_NO_TLS ? "off" : "on");
	if (tls != IMPORT_NO_TLS)
		import_set(im, OPT_TLS_STARTTLS, tls == IMPORT_STARTTLS ? "on" : "off");
	else
		import_comment(im, "%s",
			       _("Without TLS everybody on the way can read the messages: tls on is better, if the "
				 "server offers it."));
}

static bool keep_password(struct import *im, const char *account, const char *password, struct error *err)
{
	AUTO(account_file) file = ACCOUNT_FILE_INIT;
	AUTO(secret) secret = SECRET_INIT;
	AUTO_FREE char *path = NULL;
	secret_set(&secret, password, strlen(password));
	if (!account_file_read(&file, NULL, false, im->runtime, err) ||
	    !account_file_keep_secret(&file, "password", account, &secret, im->runtime, &path, err))
		return false;
	import_comment(im, "%s", _("The password is in a file of its own, which only you can read:"));
	import_set(im, OPT_PASSWORD_FILE, path);
	return true;
}

bool import_set_login(struct import *im, const char *account, const char *mechanism, const char *user,
		      const char *password, bool without_tls, struct error *err)
{
	if (!user || !*user) {
		import_set(im, OPT_AUTH, "off");
		return true;
	}
	import_set(im, OPT_AUTH, mechanism ? mechanism : "on");
	import_set(im, OPT_USER, user);
	if (without_tls)
		import_set(im, OPT_AUTH_WITHOUT_TLS, "on");
	return !password || !*password || keep_password(im, account, password, err);
}

/* ---- which format ---- */

struct format {
	const char *program;
	const char *names[2];	 /* of its file */
	const char *settings[2]; /* a line that begins with one of these shows it */
	bool (*read)(struct import *im, struct error *err);
};

static const struct format formats[] = {
	{"ssmtp", {"ssmtp.conf", NULL}, {"mailhub", NULL}, import_ssmtp},
	{"dma", {"dma.conf", NULL}, {"SMARTHOST", NULL}, import_dma},
	{"esmtp", {"esmtprc", ".esmtprc"}, {"identity", "hostname"}, import_esmtp},
	{"nullmailer", {"remotes", NULL}, {NULL, NULL}, import_nullmailer},
};

static bool has_line(struct span text, const char *word)
{
	struct span line;
	while (text.len && span_split(&text, '\n', &line)) {
		line = span_trim(line);
		size_t n = strlen(word);
		if (span_starts_nocase(line, word) &&
		    (line.len == n || line.ptr[n] == '=' || ascii_isblank(line.ptr[n])))
			return true;
	}
	return false;
}

static const struct format *format_of(const char *path, struct span text)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		for (size_t k = 0; k < 2; k++)
			if (formats[i].names[k] && strcmp(name, formats[i].names[k]) == 0)
				return &formats[i];
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		for (size_t k = 0; k < 2; k++)
			if (formats[i].settings[k] && has_line(text, formats[i].settings[k]))
				return &formats[i];
	return NULL;
}

static bool import_text(struct import *im, struct error *err)
{
	if (!read_file(im->path, &im->text, err))
		return false;
	const struct format *format = format_of(im->path, strbuf_span(&im->text));
	if (!format) {
		(void)error_set(err, ERROR_CONFIG, _("%s is not a configuration that can be imported"), im->path);
		error_hint(
			err, "%s",
			_("Known are ssmtp.conf, nullmailer's remotes, dma.conf, esmtprc, and the folder of msmtpq."));
		return false;
	}
	import_comment(im, _("Made from %s of %s.  Add it to ~/.config/posthaste/config."), im->path, format->program);
	return format->read(im, err);
}

bool import_configuration(const char *path, const struct runtime *runtime, struct strbuf *out, struct error *err)
{
	struct import im = {.path = path, .runtime = runtime, .out = out, .text = STRBUF_INIT};
	bool ok = import_text(&im, err);
	for (size_t i = 0; i < im.n; i++) {
		free(im.v[i].key);
		explicit_bzero(im.v[i].value, strlen(im.v[i].value));
		free(im.v[i].value);
	}
	free(im.v);
	strbuf_wipe(&im.text);
	return ok;
}
