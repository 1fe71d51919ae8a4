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

#include <poll.h>
#include <sys/file.h>

#define ASKERS_PATIENCE 100 /* milliseconds */

/* Who has it shared only asks whether it is locked, and lets it go at once. */
static bool only_asked(int fd)
{
	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		return false;
	(void)flock(fd, LOCK_UN);
	return true;
}

int file_lock(int fd)
{
	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited++) {
		if (errno != EWOULDBLOCK)
			return -1;
		if (waited == ASKERS_PATIENCE || !only_asked(fd)) {
			errno = EAGAIN;
			return -1;
		}
		(void)poll(NULL, 0, 1);
	}
	return 0;
}

bool file_is_locked(int fd)
{
	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		return errno == EWOULDBLOCK;
	(void)flock(fd, LOCK_UN);
	return false;
}

#endif
