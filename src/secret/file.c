/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secret/file.h"

#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>

int secret_file_open(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* Never through a strbuf: growing would leave copies behind. */
bool secret_file_read(int fd, const char *label, const char *name, size_t limit, struct secret *out, struct error *err)
{
	for (;;) {
		char octets[4096];
		ssize_t n = read(fd, octets, sizeof(octets));
		int errnum = errno;
		if (n > 0)
			secret_append(out, octets, (size_t)n);
		explicit_bzero(octets, sizeof(octets));
		if (n == 0)
			return true;
		if (n < 0 && errnum != EINTR)
			return error_set_errno(err, ERROR_IO, errnum, _("cannot read %s %s"), label, name);
		if (out->len > limit)
			return error_set(err, ERROR_CONFIG, _("%s %s is longer than %zu octets"), label, name, limit);
	}
}
