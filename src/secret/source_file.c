/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `password_file`: a private file that contains only the password. */
#include "base/fsutil.h"
#include "base/i18n.h"
#include "secret/file.h"
#include "secret/source.h"

#include <errno.h>

#define FILE_LIMIT 65536

static bool file_willing(const struct secret_query *q)
{
	return q->file != NULL;
}

static enum secret_result file_fill(const struct secret_query *q, struct secret *out, struct error *err)
{
	if (!file_willing(q))
		return SECRET_NONE;
	AUTO_FD int fd = secret_file_open(q->file);
	if (fd < 0) {
		(void)error_set_errno(err, ERROR_FILE_MISSING, errno, _("cannot open password_file %s"), q->file);
		error_hint(err, "%s",
			   _("Write the password into that file, on a line of its own, and make it private with chmod "
			     "600."));
		return SECRET_FAIL;
	}
	if (!fs_admin_fd(fd, q->file, NULL, err) ||
	    !secret_file_read(fd, "password_file", q->file, FILE_LIMIT, out, err))
		return SECRET_FAIL;
	return SECRET_FOUND;
}

const struct secret_source secret_source_file = {"password_file", ERROR_CONFIG, true, file_willing, file_fill};
