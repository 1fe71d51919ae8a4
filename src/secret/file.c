/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secret/file.h"

#include "base/i18n.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>

int secret_file_open(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

void secret_file_drop_bom(struct secret *s)
{
	struct span text = utf8_without_bom(secret_reveal(s));
	struct secret rest = SECRET_INIT;
	if (text.len == s->len)
		return;
	secret_set(&rest, text.ptr, text.len);
	secret_release(s);
	*s = rest;
}

/* Reads straight into the secret: a strbuf would leave copies behind when it grows. */
bool secret_file_read(int fd, const char *label, const char *name, size_t limit, struct secret *out, struct error *err)
{
	for (;;) {
		char bytes[4096];
		ssize_t n = read(fd, bytes, sizeof(bytes));
		int errnum = errno;
		if (n > 0)
			secret_append(out, bytes, (size_t)n);
		explicit_bzero(bytes, sizeof(bytes));
		if (n == 0) {
			secret_file_drop_bom(out);
			return true;
		}
		if (n < 0 && errnum != EINTR)
			return error_set_errno(err, ERROR_IO, errnum, _("cannot read %s %s"), label, name);
		if (out->len > limit)
			return error_set(err, ERROR_CONFIG, _("%s %s is longer than %zu bytes"), label, name, limit);
	}
}
