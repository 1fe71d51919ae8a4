/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `password_file`: a private file with the password and nothing else. */
#include "base/fsutil.h"
#include "base/i18n.h"
#include "secret/source.h"

#include <errno.h>
#include <fcntl.h>

#define FILE_LIMIT 65536

/* Never through a strbuf: growing would leave copies behind. */
static bool read_secret(int fd, const char *name, struct secret *out, struct error *err)
{
	for (;;) {
		char octets[512];
		ssize_t n = read(fd, octets, sizeof(octets));
		if (n > 0)
			secret_append(out, octets, (size_t)n);
		explicit_bzero(octets, sizeof(octets));
		if (n == 0)
			return true;
		if (n < 0 && errno != EINTR)
			return error_set_errno(err, ERROR_IO, errno, _("cannot read password_file %s"), name);
		if (out->len > FILE_LIMIT)
			return error_set(err, ERROR_CONFIG, _("password_file %s is longer than %d octets"), name, FILE_LIMIT);
	}
}

static enum secret_result fill(const struct secret_query *q, struct secret *out, struct error *err)
{
	if (!q->file)
		return SECRET_NONE;
	/* NONBLOCK: a pipe put in the file's place must not hold us */
	AUTO_FD int fd = open(q->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		(void)error_set_errno(err, ERROR_FILE_MISSING, errno, _("cannot open password_file %s"), q->file);
		return SECRET_FAIL;
	}
	if (!fs_private_fd(fd, q->file, err) || !read_secret(fd, q->file, out, err))
		return SECRET_FAIL;
	return SECRET_FOUND;
}

const struct secret_source secret_source_file = {"password_file", ERROR_CONFIG, fill};
