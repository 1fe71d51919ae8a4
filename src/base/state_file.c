/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/state_file.h"

#include "base/file_lock.h"
#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>

static bool usable(const struct stat *st, const char *path, mode_t forbidden, struct error *err)
{
	if (st->st_uid != geteuid())
		return error_set(err, ERROR_CONFIG, _("%s belongs to another user (user ID %lu)"), path,
				 (unsigned long)st->st_uid);
	if (st->st_mode & forbidden)
		return error_set(err, ERROR_CONFIG, _("other users have access to %s (mode %04o)"), path,
				 (unsigned)(st->st_mode & 07777));
	return true;
}

/* -1 with ERROR_FILE_MISSING when there is none. */
static int open_folder(const char *path, struct error *err)
{
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

static bool make_folder_at(const char *path, struct error *err)
{
	if (mkdir(path, S_IRWXU) == 0 || errno == EEXIST)
		return true;
	return error_set_errno(err, ERROR_CANNOT_CREATE, errno, _("cannot create the folder %s"), path);
}

#define FOLDERS_MAX 4

/* Root that runs with the HOME of a user must not leave folders there that the user cannot write to. */
static bool make_folder(const char *folder, struct error *err)
{
	char *chain[FOLDERS_MAX] = {[FOLDERS_MAX - 1] = xstrdup(folder)};
	struct stat st;
	size_t there = FOLDERS_MAX - 1;
	for (size_t i = there; i--;)
		chain[i] = parent_of(chain[i + 1]);
	while (there > 0 && stat(chain[there - 1], &st) < 0)
		there--;
	bool ok = there > 0 ? usable(&st, chain[there - 1], 0, err)
			    : error_set_errno(err, ERROR_CANNOT_CREATE, errno, _("cannot make the folder %s"), folder);
	for (size_t i = there; ok && i < FOLDERS_MAX; i++)
		ok = make_folder_at(chain[i], err);
	for (size_t i = 0; i < FOLDERS_MAX; i++)
		free(chain[i]);
	return ok;
}

/* Opens it, and makes it first where there is none. */
static int open_or_make_folder(const char *folder, struct error *err)
{
	AUTO(error) why = ERROR_INIT;
	int dir = open_folder(folder, &why);
	if (dir < 0 && why.status.kind == ERROR_FILE_MISSING) {
		if (!make_folder(folder, err))
			return -1;
		error_release(&why);
		dir = open_folder(folder, &why);
	}
	if (dir < 0)
		error_move(err, &why);
	return dir;
}

bool state_file_make_folder(const char *folder, struct error *err)
{
	AUTO_FD int dir = open_or_make_folder(folder, err);
	return dir >= 0;
}

/* ---- reading ---- */

bool state_file_read(const char *folder, const char *name, size_t limit, struct strbuf *out, struct error *err)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	struct stat st;
	AUTO_FD int dir = open_folder(folder, err);
	if (dir < 0)
		return false;
	AUTO_FD int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set_errno(err, errno == ENOENT ? ERROR_FILE_MISSING : ERROR_IO, errno, _("cannot read %s"),
				       path);
	/* st_nlink is 0 if it was replaced just now */
	if (!S_ISREG(st.st_mode) || st.st_nlink > 1)
		return error_set(err, ERROR_CONFIG, _("%s is not a regular file, or has several names (hard links)"),
				 path);
	if (!usable(&st, path, S_IRWXG | S_IRWXO, err))
		return false;
	if (fs_read_fd(fd, out, limit, err))
		return true;
	error_prefix(err, "%s", path);
	return false;
}

/* ---- writing ---- */

#define CHANCE_DIGITS 16

/* The name of the file that takes the new content and is then renamed.  Names of files that are kept do not begin with
 * a dot and end in such a number. */
static char *temporary_name(const char *name, const struct rng *rng)
{
	uint64_t chance;
	rng->fill(rng, &chance, sizeof(chance));
	return xasprintf(".%s.%016" PRIx64, name, chance);
}

static bool is_temporary(const char *found, const char *name)
{
	size_t len = strlen(name);
	if (*found != '.' || strncmp(found + 1, name, len) != 0 || found[1 + len] != '.')
		return false;
	const char *chance = found + 1 + len + 1;
	return strlen(chance) == CHANCE_DIGITS && strspn(chance, "0123456789abcdef") == CHANCE_DIGITS;
}

enum durability { MAY_BE_LOST, ON_DISK };

static bool replace(const char *folder, const char *name, struct span content, const struct rng *rng,
		    enum durability durability, struct error *err)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	AUTO_FD int dir = open_or_make_folder(folder, err);
	if (dir < 0)
		return false;
	AUTO_FREE char *temp = temporary_name(name, rng);
	AUTO_FD int fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return error_set_errno(err, ERROR_CANNOT_CREATE, errno, _("cannot write %s"), path);
	bool keep = durability == ON_DISK;
	bool done = fs_write_all(fd, content) && (!keep || fsync(fd) == 0) && close(steal_fd(&fd)) == 0 &&
		    renameat(dir, temp, dir, name) == 0;
	if (done && (!keep || fsync(dir) == 0))
		return true;
	int errnum = errno;
	if (!done)
		(void)unlinkat(dir, temp, 0);
	return error_set_errno(err, ERROR_IO, errnum, _("cannot write %s"), path);
}

/* Not synchronised: losing the file in a crash costs nothing. */
bool state_file_write(const char *folder, const char *name, struct span content, const struct rng *rng,
		      struct error *err)
{
	return replace(folder, name, content, rng, MAY_BE_LOST, err);
}

bool state_file_save(const char *folder, const char *name, struct span content, const struct rng *rng,
		     struct error *err)
{
	return replace(folder, name, content, rng, ON_DISK, err);
}

void state_file_sweep(const char *folder, const char *name)
{
	AUTO(error) ignored = ERROR_INIT;
	int fd = open_folder(folder, &ignored);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
		if (is_temporary(entry->d_name, name))
			(void)unlinkat(fd, entry->d_name, 0);
	(void)closedir(dir);
}

bool state_file_remove(const char *folder, const char *name, bool *removed, struct error *err)
{
	AUTO(error) why = ERROR_INIT;
	AUTO_FD int dir = open_folder(folder, &why);
	*removed = dir >= 0 && unlinkat(dir, name, 0) == 0;
	if (*removed || (dir < 0 ? why.status.kind == ERROR_FILE_MISSING : errno == ENOENT))
		return true;
	if (dir >= 0)
		return error_set_errno(err, ERROR_IO, errno, _("cannot remove %s/%s"), folder, name);
	error_move(err, &why);
	return false;
}

/* ---- locks ---- */

#define LOCK_PAUSE_MS 20

/* The lock belongs to the open file, and the kernel ends it with the process. */
static bool wait_for_lock(int fd, const struct clock *clock, msec_t deadline)
{
	while (file_lock(fd) < 0) {
		if ((errno != EAGAIN && errno != EINTR) || deadline_poll_ms(clock, deadline) == 0)
			return false;
		(void)poll(NULL, 0, LOCK_PAUSE_MS);
	}
	return true;
}

int state_file_lock(const char *folder, const char *name, const struct clock *clock, msec_t deadline, struct error *err)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	struct stat st;
	AUTO_FD int dir = open_or_make_folder(folder, err);
	if (dir < 0)
		return -1;
	AUTO_FD int fd = openat(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0 || fstat(fd, &st) < 0) {
		(void)error_set_errno(err, ERROR_CANNOT_CREATE, errno, _("cannot open the lock %s"), path);
		return -1;
	}
	if (!usable(&st, path, S_IRWXG | S_IRWXO, err))
		return -1;
	if (wait_for_lock(fd, clock, deadline))
		return steal_fd(&fd);
	(void)error_set_errno(err, ERROR_TIMEOUT, errno, _("another process holds the lock %s"), path);
	return -1;
}
