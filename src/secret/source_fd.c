/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `password_fd`: the first line of what the caller's descriptor has. */
#include "base/i18n.h"
#include "base/passed_secret.h"
#include "secret/file.h"
#include "secret/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#define LINE_LIMIT 65536

static bool fd_willing(const struct secret_query *q)
{
	return q->fd > 0;
}

/* Every descriptor that the caller passed is without the flag, and every one that we opened has it. */
static bool is_passed(int fd)
{
	int flags = fcntl(fd, F_GETFD);
	return flags >= 0 && !(flags & FD_CLOEXEC);
}

static enum secret_result report_not_open(int fd, struct error *err)
{
	(void)error_set(err, ERROR_CONFIG, _("password_fd: descriptor %d is not open"), fd);
	error_hint(err,
		   _("Have the program that starts posthaste open it, as with %d<FILE in a shell.  The queue's process "
		     "has no such descriptor: it needs another source."),
		   fd);
	return SECRET_UNSURE; /* the same account may also be used elsewhere */
}

/* Until there is something, or the end. */
static bool wait_for_line(const struct secret_query *q, struct error *err)
{
	struct pollfd p = {.fd = q->fd, .events = POLLIN};
	int n;
	do
		n = poll(&p, 1, deadline_poll_ms(q->runtime->clock, q->deadline));
	while (n < 0 && errno == EINTR);
	return n > 0 || error_set(err, ERROR_SECRET_UNAVAILABLE,
				  _("password_fd: nothing came from descriptor %d in time"), q->fd);
}

/* Up to its first LF or the end.  Straight into the secret: a strbuf would leave copies behind when it grows. */
static bool read_line(const struct secret_query *q, struct secret *out, struct error *err)
{
	for (;;) {
		char octets[4096];
		if (!wait_for_line(q, err))
			return false;
		ssize_t n = read(q->fd, octets, sizeof(octets));
		int errnum = errno;
		const char *end = n > 0 ? memchr(octets, '\n', (size_t)n) : NULL;
		if (n > 0)
			secret_append(out, octets, end ? (size_t)(end - octets) + 1 : (size_t)n);
		explicit_bzero(octets, sizeof(octets));
		if (end || n == 0)
			return true;
		if (n < 0 && errnum != EINTR && errnum != EAGAIN)
			return error_set_errno(err, ERROR_IO, errnum, _("password_fd: cannot read descriptor %d"),
					       q->fd);
		if (out->len > LINE_LIMIT)
			return error_set(err, ERROR_CONFIG,
					 _("password_fd: the line from descriptor %d is longer than %d bytes"), q->fd,
					 LINE_LIMIT);
	}
}

static enum secret_result fd_fill(const struct secret_query *q, struct secret *out, struct error *err)
{
	if (!fd_willing(q))
		return SECRET_NONE;
	const struct secret *before = passed_secrets_find(q->runtime->passed, q->fd);
	if (before) {
		secret_copy(out, before);
		return SECRET_FOUND;
	}
	if (!is_passed(q->fd))
		return report_not_open(q->fd, err);
	bool ok = read_line(q, out, err);
	(void)close(q->fd);
	if (!ok)
		return SECRET_FAIL;
	secret_file_drop_bom(out);
	passed_secrets_keep(q->runtime->passed, q->fd, out);
	return SECRET_FOUND;
}

const struct secret_source secret_source_fd = {"password_fd", ERROR_CONFIG, true, fd_willing, fd_fill};
