/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#if HAVE_DECL_F_OFD_SETLK

static int lock_file(int fd, int command, struct flock *lock)
{
	*lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
	return fcntl(fd, command, lock);
}

int file_lock(int fd)
{
	struct flock lock;
	if (lock_file(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	if (errno == EACCES) /* POSIX allows both */
		errno = EAGAIN;
	return -1;
}

bool file_is_locked(int fd)
{
	struct flock lock;
	return lock_file(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

#else

#include <sys/file.h>

int file_lock(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		errno = EAGAIN;
	return -1;
}

bool file_is_locked(int fd)
{
	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		return errno == EWOULDBLOCK;
	(void)flock(fd, LOCK_UN);
	return false;
}

#endif
