/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `credential`: a file that the service manager provides in $CREDENTIALS_DIRECTORY. */
#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "secret/file.h"
#include "secret/source.h"

#include <errno.h>
#include <sys/stat.h>

#define FILE_LIMIT 65536

static bool credential_willing(const struct secret_query *q)
{
	return q->credential != NULL;
}

/*
 * systemd's files belong to root and are readable for the service's user through an access list, whose mask stat()
 * shows as the group's permissions: so a file 0440 root:root is private.
 */
static bool is_systemd_file(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == 0 && st.st_gid == 0 &&
	       !(st.st_mode & (S_IWGRP | S_IXGRP | S_IRWXO));
}

static enum secret_result report_no_folder(const struct secret_query *q, struct error *err)
{
	(void)error_set(err, ERROR_CONFIG, _("credential %s is not available: CREDENTIALS_DIRECTORY is not set"),
			q->credential);
	error_hint(err, _("Add LoadCredential=%s:/path/of/the/file to the systemd service that runs this."),
		   q->credential);
	return SECRET_UNSURE; /* the same account may also be used outside the service */
}

static enum secret_result credential_fill(const struct secret_query *q, struct secret *out, struct error *err)
{
	if (!credential_willing(q))
		return SECRET_NONE;
	const char *folder = q->runtime->privileged ? NULL : runtime_env(q->runtime, "CREDENTIALS_DIRECTORY");
	if (!folder || folder[0] != '/')
		return report_no_folder(q, err);
	AUTO_FREE char *path = xasprintf("%s/%s", folder, q->credential);
	AUTO_FD int fd = secret_file_open(path);
	if (fd < 0) {
		(void)error_set_errno(err, ERROR_FILE_MISSING, errno, _("cannot open credential %s"), path);
		error_hint(err, _("Add LoadCredential=%s:/path/of/the/file to the systemd service that runs this."),
			   q->credential);
		return SECRET_FAIL;
	}
	if ((!is_systemd_file(fd) && !fs_private_fd(fd, path, err)) ||
	    !secret_file_read(fd, "credential", path, FILE_LIMIT, out, err))
		return SECRET_FAIL;
	return SECRET_FOUND;
}

const struct secret_source secret_source_credential = {"credential", ERROR_CONFIG, true, credential_willing,
						       credential_fill};
