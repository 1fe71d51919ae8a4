/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"

#include "base/clean_text.h"
#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/strbuf.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sysexits.h>

static const struct {
	const char *name;
	int status;
	enum error_disposition disposition;
} kinds[ERROR_KIND_COUNT] = {
#define KIND(id, name, status, disposition) {name, status, DISPOSITION_##disposition},
#include "base/error_kinds.def"
#undef KIND
};

#define SERVER_TEXT_MAX 2000

void error_release(struct error *err)
{
	free(err->stage);
	free(err->text);
	free(err->server);
	free(err->lines);
	free(err->hint);
	*err = ERROR_INIT;
}

static char *format(const char *fmt, va_list ap)
{
	struct strbuf sb = STRBUF_INIT;
	strbuf_vaddf(&sb, fmt, ap);
	return strbuf_detach(&sb, NULL);
}

bool error_set(struct error *err, enum error_kind kind, const char *fmt, ...)
{
	if (!err)
		return false;
	va_list ap;
	va_start(ap, fmt);
	char *text = format(fmt, ap);
	va_end(ap);
	error_release(err);
	err->kind = kind;
	err->text = text;
	return false;
}

/* A mandatory policy refuses what file modes allow, and nobody looks there first. */
static void explain_refusal(struct error *err)
{
	char attr[256];
	AUTO_FD int fd = open("/proc/self/attr/current", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, attr, sizeof(attr)) : -1;
	err->hint = n > 0 ? fs_confinement_hint(span_make(attr, (size_t)n)) : NULL;
}

bool error_set_errno(struct error *err, enum error_kind kind, int errnum, const char *fmt, ...)
{
	if (!err)
		return false;
	va_list ap;
	va_start(ap, fmt);
	AUTO_FREE char *text = format(fmt, ap);
	va_end(ap);
	(void)error_set(err, kind, "%s: %s", text, strerror(errnum));
	err->sys_errno = errnum;
	if (errnum == EACCES || errnum == EPERM)
		explain_refusal(err);
	return false;
}

static void set_formatted(char **where, const char *fmt, va_list ap)
{
	char *text = format(fmt, ap);
	free(*where);
	*where = text;
}

void error_stage(struct error *err, const char *fmt, ...)
{
	if (!err || err->stage)
		return;
	va_list ap;
	va_start(ap, fmt);
	set_formatted(&err->stage, fmt, ap);
	va_end(ap);
}

void error_hint(struct error *err, const char *fmt, ...)
{
	if (!err)
		return;
	va_list ap;
	va_start(ap, fmt);
	set_formatted(&err->hint, fmt, ap);
	va_end(ap);
}

void error_prefix(struct error *err, const char *fmt, ...)
{
	if (!err)
		return;
	va_list ap;
	va_start(ap, fmt);
	AUTO_FREE char *prefix = format(fmt, ap);
	va_end(ap);
	char *text = xasprintf("%s: %s", prefix, err->text ? err->text : "");
	free(err->text);
	err->text = text;
}

void error_server(struct error *err, int code, const char *enhanced, struct span words)
{
	if (!err)
		return;
	free(err->server);
	free(err->lines);
	err->server = clean_text(words, SERVER_TEXT_MAX);
	err->lines = clean_lines(words, SERVER_TEXT_MAX);
	err->code = code;
	(void)snprintf(err->enhanced, sizeof(err->enhanced), "%s", enhanced ? enhanced : "");
}

static char *copy_text(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

void error_copy(struct error *to, const struct error *from)
{
	if (!to)
		return;
	struct error copy = *from;
	copy.stage = copy_text(from->stage);
	copy.text = copy_text(from->text);
	copy.server = copy_text(from->server);
	copy.lines = copy_text(from->lines);
	copy.hint = copy_text(from->hint);
	error_release(to);
	*to = copy;
}

void error_move(struct error *to, struct error *from)
{
	if (!to) {
		error_release(from);
		return;
	}
	error_release(to);
	*to = *from;
	*from = ERROR_INIT;
}

const char *error_kind_name(enum error_kind kind)
{
	return kinds[kind].name;
}

int error_kind_status(enum error_kind kind)
{
	return kinds[kind].status;
}

enum error_disposition error_kind_disposition(enum error_kind kind)
{
	return kinds[kind].disposition;
}

const char *error_disposition_name(enum error_disposition d)
{
	static const char *const names[] = {"retry", "permanent", "fix"};
	return names[d];
}
