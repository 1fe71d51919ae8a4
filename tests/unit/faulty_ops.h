/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operations of a spool that fail at the Nth call, or are the last thing the process does. */
#ifndef UNIT_FAULTY_OPS_H
#define UNIT_FAULTY_OPS_H

#include "queue/spool_ops.h"

#include <errno.h>
#include <unistd.h>

enum what { FAIL, FAIL_FROM, DIE_BEFORE, DIE_BEHIND };

/* The Nth call is hit; FAIL_FROM: and every later one that needs room on the disk. */
struct faulty {
	struct spool_ops ops;
	enum what what;
	unsigned at, calls;
	int errnum;
	bool hit;
};

static struct faulty *faulty_of(const struct spool_ops *ops)
{
	return (struct faulty *)(uintptr_t)ops;
}

static bool fails(const struct spool_ops *ops, bool needs_room)
{
	struct faulty *f = faulty_of(ops);
	bool now = ++f->calls == f->at;
	if (f->what == FAIL_FROM)
		now = f->calls >= f->at && needs_room;
	if (now && f->what == DIE_BEFORE)
		_exit(7);
	if (!now || f->what == DIE_BEHIND)
		return false;
	f->hit = true;
	errno = f->errnum;
	return true;
}

static void survive(const struct spool_ops *ops)
{
	struct faulty *f = faulty_of(ops);
	if (f->what == DIE_BEHIND && f->calls == f->at)
		_exit(7);
}

static int f_openat(const struct spool_ops *ops, int dir, const char *name, int flags, mode_t mode)
{
	int rc = fails(ops, flags & O_CREAT) ? -1 : spool_ops_system.openat(ops, dir, name, flags, mode);
	int errnum = errno;
	survive(ops);
	errno = errnum;
	return rc;
}

static int f_mkdirat(const struct spool_ops *ops, int dir, const char *name, mode_t mode)
{
	int rc = fails(ops, true) ? -1 : spool_ops_system.mkdirat(ops, dir, name, mode);
	survive(ops);
	return rc;
}

/* Half of it first, as a disk that is getting full does. */
static ssize_t f_write(const struct spool_ops *ops, int fd, const void *data, size_t len)
{
	bool last = faulty_of(ops)->calls + 1 == faulty_of(ops)->at;
	if (last && len > 1)
		(void)spool_ops_system.write(ops, fd, data, len / 2);
	ssize_t n = fails(ops, true) ? -1 : spool_ops_system.write(ops, fd, data, len > 20 ? len / 2 : len);
	survive(ops);
	return n;
}

static ssize_t f_pread(const struct spool_ops *ops, int fd, void *data, size_t len, off_t offset)
{
	ssize_t n = fails(ops, false) ? -1 : spool_ops_system.pread(ops, fd, data, len, offset);
	survive(ops);
	return n;
}

static int f_fsync(const struct spool_ops *ops, int fd)
{
	int rc = fails(ops, true) ? -1 : 0; /* kept on the disk or not: no power is cut here */
	(void)fd;
	survive(ops);
	return rc;
}

static int f_renameat(const struct spool_ops *ops, int from_dir, const char *from, int to_dir, const char *to)
{
	int rc = fails(ops, true) ? -1 : spool_ops_system.renameat(ops, from_dir, from, to_dir, to);
	survive(ops);
	return rc;
}

static int f_unlinkat(const struct spool_ops *ops, int dir, const char *name)
{
	int rc = fails(ops, false) ? -1 : spool_ops_system.unlinkat(ops, dir, name);
	int errnum = errno;
	survive(ops);
	errno = errnum;
	return rc;
}

static int f_fstat(const struct spool_ops *ops, int fd, struct stat *st)
{
	int rc = fails(ops, false) ? -1 : spool_ops_system.fstat(ops, fd, st);
	survive(ops);
	return rc;
}

static int f_lock(const struct spool_ops *ops, int fd)
{
	int rc = fails(ops, false) ? -1 : spool_ops_system.lock(ops, fd);
	int errnum = errno;
	survive(ops);
	errno = errnum;
	return rc;
}

static bool f_is_locked(const struct spool_ops *ops, int fd)
{
	bool locked = !fails(ops, false) && spool_ops_system.is_locked(ops, fd);
	survive(ops);
	return locked;
}

/* A close that fails has closed all the same. */
static int f_close(const struct spool_ops *ops, int fd)
{
	bool fail_now = fails(ops, false);
	int errnum = errno;
	int rc = spool_ops_system.close(ops, fd);
	survive(ops);
	errno = errnum;
	return fail_now ? -1 : rc;
}

static int f_names(const struct spool_ops *ops, int dir, struct strvec *names)
{
	int rc = fails(ops, false) ? -1 : spool_ops_system.names(ops, dir, names);
	survive(ops);
	return rc;
}

__attribute__((unused)) static struct faulty faulty_make(enum what what, unsigned at, int errnum)
{
	return (struct faulty){{f_openat, f_mkdirat, f_write, f_pread, f_fsync, f_renameat, f_unlinkat, f_fstat, f_lock,
				f_is_locked, f_close, f_names},
			       what,
			       at,
			       0,
			       errnum,
			       false};
}

#endif
