/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"

#include "base/confinement.h"
#include "base/i18n.h"
#include "base/strbuf.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

void error_release(struct error *err)
{
	if (!err)
		return;
	status_release(&err->status);
	err->sys_errno = 0;
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
	err->status.kind = kind;
	err->status.text = text;
	return false;
}

/* A mandatory access control policy may refuse what the file modes allow, and users seldom look there. */
static void explain_refusal(struct error *err)
{
	char attr[256];
	AUTO_FD int fd = open("/proc/self/attr/current", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, attr, sizeof(attr)) : -1;
	err->status.hint = n > 0 ? confinement_hint(span_make(attr, (size_t)n)) : NULL;
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
	if (!err || err->status.stage)
		return;
	va_list ap;
	va_start(ap, fmt);
	set_formatted(&err->status.stage, fmt, ap);
	va_end(ap);
}

void error_hint(struct error *err, const char *fmt, ...)
{
	if (!err)
		return;
	va_list ap;
	va_start(ap, fmt);
	err->status.hint_again = false;
	set_formatted(&err->status.hint, fmt, ap);
	va_end(ap);
}

void error_hint_again(struct error *err)
{
	error_hint(err, "%s", _("Try again later."));
	if (err)
		err->status.hint_again = true;
}

void error_prefix(struct error *err, const char *fmt, ...)
{
	if (!err)
		return;
	va_list ap;
	va_start(ap, fmt);
	AUTO_FREE char *prefix = format(fmt, ap);
	va_end(ap);
	char *text = xasprintf("%s: %s", prefix, err->status.text ? err->status.text : "");
	free(err->status.text);
	err->status.text = text;
}

void error_server(struct error *err, int code, const char *enhanced, struct span words)
{
	if (err)
		status_set_reply(&err->status, code, enhanced, words);
}

void error_copy(struct error *to, const struct error *from)
{
	if (!to)
		return;
	status_copy(&to->status, &from->status);
	to->sys_errno = from->sys_errno;
}

void error_move(struct error *to, struct error *from)
{
	if (to) {
		status_move(&to->status, &from->status);
		to->sys_errno = from->sys_errno;
	}
	error_release(from);
}
