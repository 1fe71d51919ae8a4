/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spool_ops: the file operations of the spool, replaceable by tests that let the Nth one fail, end the process in it,
 * or record them and simulate a power cut.
 *
 * Each is the system call of its name, with errno and with -1 for failure.  ops itself is the first parameter, so that
 * a test can store its own data after the table.
 */
#ifndef QUEUE_SPOOL_OPS_H
#define QUEUE_SPOOL_OPS_H

#include "base/strvec.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct spool_ops {
	int (*openat)(const struct spool_ops *ops, int dir, const char *name, int flags, mode_t mode);
	int (*mkdirat)(const struct spool_ops *ops, int dir, const char *name, mode_t mode);
	ssize_t (*write)(const struct spool_ops *ops, int fd, const void *data, size_t len);
	ssize_t (*pread)(const struct spool_ops *ops, int fd, void *data, size_t len, off_t offset);
	int (*fsync)(const struct spool_ops *ops, int fd);
	int (*renameat)(const struct spool_ops *ops, int from_dir, const char *from, int to_dir, const char *to);
	int (*unlinkat)(const struct spool_ops *ops, int dir, const char *name);
	int (*fstat)(const struct spool_ops *ops, int fd, struct stat *st);
	/* file_lock() and file_is_locked() of base/file_lock.h */
	int (*lock)(const struct spool_ops *ops, int fd);
	bool (*is_locked)(const struct spool_ops *ops, int fd);
	int (*close)(const struct spool_ops *ops, int fd);
	/* Appends the names in a folder, in any order, without those that begin with "." */
	int (*names)(const struct spool_ops *ops, int dir, struct strvec *names);
};

extern const struct spool_ops spool_ops_system;

#endif
