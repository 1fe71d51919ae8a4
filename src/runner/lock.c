/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/lock.h"

#include "base/file_lock.h"
#include "base/i18n.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_NAME "runner"

/* -1 with errno when the file cannot be opened, or is one that others could lock. */
static int open_lock(const char *folder, int flags)
{
	struct stat st;
	AUTO_FREE char *path = xasprintf("%s/%s", folder, LOCK_NAME);
	AUTO_FD int fd = open(path, flags | O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink > 1 || st.st_mode & (S_IRWXG | S_IRWXO)) {
		errno = EPERM;
		return -1;
	}
	return steal_fd(&fd);
}

static int lock_fault(const char *folder, struct error *err)
{
	int errnum = errno;
	bool room = errnum == ENOSPC || errnum == EDQUOT || errnum == EACCES || errnum == EROFS;
	(void)error_set_errno(err, room ? ERROR_CANNOT_CREATE : ERROR_IO, errnum,
			      _("cannot open the lock of the queue's runner, %s/%s"), folder, LOCK_NAME);
	if (errnum == EPERM || errnum == ELOOP || errnum == EISDIR || errnum == ENXIO)
		error_hint(err, "%s",
			   _("Move it away; a new one is made: a regular file of yours with one name and no rights "
			     "for others."));
	return -1;
}

int runner_is_running(const char *folder, struct error *err)
{
	AUTO_FD int fd = open_lock(folder, 0);
	if (fd < 0)
		return errno == ENOENT ? 0 : lock_fault(folder, err);
	return file_is_locked(fd);
}

int runner_lock(const char *folder, int *fd, struct error *err)
{
	AUTO_FD int got = open_lock(folder, O_CREAT);
	if (got < 0)
		return lock_fault(folder, err);
	if (file_lock(got) == 0) {
		*fd = steal_fd(&got);
		return 1;
	}
	if (errno == EAGAIN)
		return 0;
	(void)error_set_errno(err, ERROR_IO, errno, _("cannot lock %s/%s"), folder, LOCK_NAME);
	return -1;
}
