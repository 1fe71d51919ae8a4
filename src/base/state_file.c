/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/state_file.h"

#include "base/clock.h"
#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#define FOLDER "posthaste"

static bool usable(const struct stat *st, const char *path, mode_t forbidden, struct error *err)
{
	if (st->st_uid != geteuid())
		return error_set(err, ERROR_CONFIG, _("%s belongs to another user (user id %lu)"), path,
				 (unsigned long)st->st_uid);
	if (st->st_mode & forbidden)
		return error_set(err, ERROR_CONFIG, _("%s can be used by others (mode %04o)"), path,
				 (unsigned)(st->st_mode & 07777));
	return true;
}

/* -1 with ERROR_FILE_MISSING when there is none. */
static int open_folder(const char *state_home, struct error *err)
{
	AUTO_FREE char *path = xasprintf("%s/%s", state_home, FOLDER);
	struct stat st;
	AUTO_FD int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		(void)error_set_errno(err, errno == ENOENT ? ERROR_FILE_MISSING : ERROR_IO, errno,
				      _("cannot open the folder %s"), path);
		return -1;
	}
	return usable(&st, path, S_IWGRP | S_IWOTH, err) ? steal_fd(&fd) : -1;
}

/* ---- making the folder ---- */

static char *parent_of(const char *path)
{
	size_t n = strlen(path);
	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n > 1 && path[n - 1] != '/')
		n--;
	while (n > 1 && path[n - 1] == '/')
		n--;
	return xmemdup0(path, n);
}

static bool make_one(const char *path, struct error *err)
{
	if (mkdir(path, S_IRWXU) == 0 || errno == EEXIST)
		return true;
	return error_set_errno(err, ERROR_CANNOT_CREATE, errno, _("cannot make the folder %s"), path);
}

/* What is made in somebody else's folder would be in his way: root with the HOME of a user. */
static bool make_folder(const char *state_home, struct error *err)
{
	AUTO_FREE char *above = parent_of(state_home);
	AUTO_FREE char *top = parent_of(above);
	AUTO_FREE char *own = xasprintf("%s/%s", state_home, FOLDER);
	const char *const chain[] = {top, above, state_home, own};
	struct stat st;
	size_t there = ARRAY_SIZE(chain) - 1;
	while (there > 0 && stat(chain[there - 1], &st) < 0)
		there--;
	if (there == 0)
		return error_set_errno(err, ERROR_CANNOT_CREATE, errno, _("cannot make the folder %s"), own);
	if (!usable(&st, chain[there - 1], 0, err))
		return false;
	for (size_t i = there; i < ARRAY_SIZE(chain); i++)
		if (!make_one(chain[i], err))
			return false;
	return true;
}

/* ---- reading ---- */

bool state_file_read(const char *state_home, const char *name, size_t limit, struct strbuf *out, struct error *err)
{
	AUTO_FREE char *path = xasprintf("%s/%s/%s", state_home, FOLDER, name);
	struct stat st;
	AUTO_FD int folder = open_folder(state_home, err);
	if (folder < 0)
		return false;
	AUTO_FD int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set_errno(err, errno == ENOENT ? ERROR_FILE_MISSING : ERROR_IO, errno, _("cannot read %s"),
				       path);
	/* no name at all: it was replaced just now */
	if (!S_ISREG(st.st_mode) || st.st_nlink > 1)
		return error_set(err, ERROR_CONFIG, _("%s is no regular file, or has several names (hard links)"),
				 path);
	if (!usable(&st, path, S_IRWXG | S_IRWXO, err))
		return false;
	if (fs_read_fd(fd, out, limit, err))
		return true;
	error_prefix(err, "%s", path);
	return false;
}

/* ---- writing ---- */

static bool write_all(int fd, struct span content)
{
	while (content.len) {
		ssize_t n = write(fd, content.ptr, content.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		content = span_sub(content, (size_t)n, content.len);
	}
	return true;
}

bool state_file_write(const char *state_home, const char *name, struct span content, struct error *err)
{
	AUTO_FREE char *path = xasprintf("%s/%s/%s", state_home, FOLDER, name);
	AUTO(error) why = ERROR_INIT;
	uint64_t chance;
	AUTO_FD int folder = open_folder(state_home, &why);
	if (folder < 0 && why.status.kind == ERROR_FILE_MISSING) {
		if (!make_folder(state_home, err))
			return false;
		error_release(&why);
		folder = open_folder(state_home, &why);
	}
	if (folder < 0) {
		error_move(err, &why);
		return false;
	}
	rng_system.fill(&rng_system, &chance, sizeof(chance));
	AUTO_FREE char *temp = xasprintf("%s.%016" PRIx64, name, chance);
	AUTO_FD int fd = openat(folder, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return error_set_errno(err, ERROR_CANNOT_CREATE, errno, _("cannot write %s"), path);
	/* Not synchronised: after a crash an old or empty file costs nothing. */
	bool done = write_all(fd, content) && close(steal_fd(&fd)) == 0 && renameat(folder, temp, folder, name) == 0;
	if (done)
		return true;
	int errnum = errno;
	(void)unlinkat(folder, temp, 0);
	return error_set_errno(err, ERROR_IO, errnum, _("cannot write %s"), path);
}
