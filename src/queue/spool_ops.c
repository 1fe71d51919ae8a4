/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/spool_ops.h"

#include "base/file_lock.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static int system_openat(const struct spool_ops *ops, int dir, const char *name, int flags, mode_t mode)
{
	(void)ops;
	return openat(dir, name, flags, mode);
}

static int system_mkdirat(const struct spool_ops *ops, int dir, const char *name, mode_t mode)
{
	(void)ops;
	return mkdirat(dir, name, mode);
}

static ssize_t system_write(const struct spool_ops *ops, int fd, const void *data, size_t len)
{
	(void)ops;
	return write(fd, data, len);
}

static ssize_t system_pread(const struct spool_ops *ops, int fd, void *data, size_t len, off_t offset)
{
	(void)ops;
	return pread(fd, data, len, offset);
}

static int system_fsync(const struct spool_ops *ops, int fd)
{
	(void)ops;
	return fsync(fd);
}

static int system_renameat(const struct spool_ops *ops, int from_dir, const char *from, int to_dir, const char *to)
{
	(void)ops;
	return renameat(from_dir, from, to_dir, to);
}

static int system_unlinkat(const struct spool_ops *ops, int dir, const char *name)
{
	(void)ops;
	return unlinkat(dir, name, 0);
}

static int system_fstat(const struct spool_ops *ops, int fd, struct stat *st)
{
	(void)ops;
	return fstat(fd, st);
}

static int system_lock(const struct spool_ops *ops, int fd)
{
	(void)ops;
	return file_lock(fd);
}

static bool system_is_locked(const struct spool_ops *ops, int fd)
{
	(void)ops;
	return file_is_locked(fd);
}

static int system_close(const struct spool_ops *ops, int fd)
{
	(void)ops;
	return close(fd);
}

/* Through a descriptor of its own, so that the folder's position is always the start. */
static int system_names(const struct spool_ops *ops, int dir, struct strvec *names)
{
	(void)ops;
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	if (!stream) {
		int errnum = errno;
		if (fd >= 0)
			(void)close(fd); /* was not even read */
		errno = errnum;
		return -1;
	}
	struct dirent *entry;
	while ((errno = 0, entry = readdir(stream)))
		if (entry->d_name[0] != '.')
			strvec_push(names, entry->d_name);
	int errnum = errno;
	(void)closedir(stream); /* was only read */
	errno = errnum;
	return errnum ? -1 : 0;
}

const struct spool_ops spool_ops_system = {
	.openat = system_openat,
	.mkdirat = system_mkdirat,
	.write = system_write,
	.pread = system_pread,
	.fsync = system_fsync,
	.renameat = system_renameat,
	.unlinkat = system_unlinkat,
	.fstat = system_fstat,
	.lock = system_lock,
	.is_locked = system_is_locked,
	.close = system_close,
	.names = system_names,
};
