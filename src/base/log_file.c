/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log file. */
#include "base/i18n.h"
#include "base/log.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>

#ifdef HAVE_LINUX_MAGIC_H
#include <linux/magic.h>
#include <sys/vfs.h>
#endif

#define LINKS_MAX 16
#define LOCK_POLL_MS 20
/* O_NONBLOCK: open() must not wait if the path is a pipe without a reader. */
#define OPEN_FLAGS (O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

static bool cannot_log(const struct log_sink *sink, int errnum, struct error *err)
{
	return error_set_errno(err, ERROR_CANNOT_CREATE, errnum, _("cannot log to %s"), sink->path);
}

/* ---- opening ---- */

/* Recognises the names of standard streams, which containers use: opening them by name fails in a process that may
 * not be traced (PR_SET_DUMPABLE). */
static int standard_stream(const char *path)
{
	static const struct {
		const char *path;
		int fd;
	} names[] = {
		{"-", STDOUT_FILENO},
		{"/dev/stdout", STDOUT_FILENO},
		{"/dev/fd/1", STDOUT_FILENO},
		{"/proc/self/fd/1", STDOUT_FILENO},
		{"/dev/stderr", STDERR_FILENO},
		{"/dev/fd/2", STDERR_FILENO},
		{"/proc/self/fd/2", STDERR_FILENO},
	};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(path, names[i].path) == 0)
			return names[i].fd;
	return -1;
}

#define TARGET_ROOM (PATH_MAX + 1)

#ifdef HAVE_LINUX_MAGIC_H

/* Links on the proc file system are the kernel's own and may lead to objects without a name. */
static bool is_of_kernel(int link)
{
	struct statfs fs;
	return fstatfs(link, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

#else

static bool is_of_kernel(int link)
{
	(void)link;
	return false;
}

#endif

#if HAVE_DECL_O_PATH

/* The link is looked at and read through the same descriptor, so that it cannot be replaced in between.  *direct: it is
 * to be opened itself.  False with errno. */
static bool read_link(const char *path, struct stat *st, char target[TARGET_ROOM], bool *direct)
{
	AUTO_FD int link = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (link < 0 || fstat(link, st) < 0)
		return false;
	*direct = is_of_kernel(link);
	ssize_t n = *direct || !S_ISLNK(st->st_mode) ? 0 : readlinkat(link, "", target, PATH_MAX);
	target[n > 0 ? n : 0] = '\0';
	return n >= 0;
}

#else

/* A link cannot be changed, only replaced: if the same one is there before and after, it is what has been read. */
static bool read_link(const char *path, struct stat *st, char target[TARGET_ROOM], bool *direct)
{
	struct stat after;
	*direct = is_of_kernel(-1);
	if (lstat(path, st) < 0)
		return false;
	ssize_t n = S_ISLNK(st->st_mode) ? readlink(path, target, PATH_MAX) : 0;
	target[n > 0 ? n : 0] = '\0';
	if (n < 0 || lstat(path, &after) < 0)
		return false;
	if (after.st_ino == st->st_ino && after.st_dev == st->st_dev && after.st_ctim.tv_sec == st->st_ctim.tv_sec &&
	    after.st_ctim.tv_nsec == st->st_ctim.tv_nsec)
		return true;
	errno = ELOOP;
	return false;
}

#endif

/* Follows one symbolic link: *path becomes its target, or where that has no name it is opened, as *fd. */
static bool follow_link(const struct log_sink *sink, char **path, int *fd, struct error *err)
{
	struct stat st;
	char target[TARGET_ROOM];
	bool direct;
	if (!read_link(*path, &st, target, &direct))
		return cannot_log(sink, errno, err);
	if (direct) {
		*fd = open(*path, OPEN_FLAGS, S_IRUSR | S_IWUSR);
		return *fd >= 0 || cannot_log(sink, errno, err);
	}
	if (!S_ISLNK(st.st_mode))
		return cannot_log(sink, ELOOP, err);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return error_set(err, ERROR_CANNOT_CREATE,
				 _("cannot log to %s: the symbolic link %s belongs to another user (user ID %lu)"),
				 sink->path, *path, (unsigned long)st.st_uid);
	if (!target[0])
		return cannot_log(sink, ENOENT, err);
	const char *slash = strrchr(*path, '/');
	char *next = target[0] == '/' || !slash ? xstrdup(target)
						: xasprintf("%.*s/%s", (int)(slash - *path), *path, target);
	free(*path);
	*path = next;
	return true;
}

static int open_log(const struct log_sink *sink, struct error *err)
{
	AUTO_FREE char *path = xstrdup(sink->path);
	AUTO_FD int fd = -1;
	struct stat st;
	for (int hops = 0; fd < 0; hops++) {
		fd = open(path, OPEN_FLAGS | O_NOFOLLOW, S_IRUSR | S_IWUSR);
		if (fd < 0 && (errno != ELOOP || hops == LINKS_MAX)) {
			(void)cannot_log(sink, errno, err);
			return -1;
		}
		if (fd < 0 && !follow_link(sink, &path, &fd, err))
			return -1;
	}
	if (fstat(fd, &st) < 0) {
		(void)cannot_log(sink, errno, err);
		return -1;
	}
	if (sink->privileged && S_ISREG(st.st_mode) && st.st_nlink > 1) {
		(void)error_set(err, ERROR_CANNOT_CREATE,
				_("cannot log to %s: the file has %lu names (hard links), and another user may have "
				  "made one of them to redirect the log"),
				sink->path, (unsigned long)st.st_nlink);
		return -1;
	}
	return steal_fd(&fd);
}

/* ---- writing ---- */

/* msmtp uses the same kind of lock, so both can write to one file. */
static bool lock_file(const struct log_sink *sink, int fd, msec_t deadline, struct error *err)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	while (fcntl(fd, F_SETLK, &whole) < 0) {
		if (errno == EINTR)
			continue;
		if (errno == ENOLCK || errno == ENOSYS ||
		    errno == EOPNOTSUPP) /* the file system has no locks: O_APPEND has to be enough */
			return true;
		if (errno != EACCES && errno != EAGAIN)
			return cannot_log(sink, errno, err);
		if (!deadline_poll_ms(sink->clock, deadline))
			return error_set(err, ERROR_CANNOT_CREATE,
					 _("cannot log to %s: another program has locked it for %d seconds"),
					 sink->path, LOG_WAIT_MS / 1000);
		(void)poll(NULL, 0, LOCK_POLL_MS);
	}
	return true;
}

static bool write_all(const struct log_sink *sink, int fd, struct span line, msec_t deadline, size_t *written,
		      struct error *err)
{
	for (*written = 0; *written < line.len;) {
		ssize_t n = write(fd, line.ptr + *written, line.len - *written);
		if (n >= 0) {
			*written += (size_t)n;
			continue;
		}
		int errnum = errno;
		struct pollfd ready = {.fd = fd, .events = POLLOUT};
		if (errnum == EAGAIN && poll(&ready, 1, deadline_poll_ms(sink->clock, deadline)) > 0)
			continue;
		if (errnum != EINTR)
			return cannot_log(sink, errnum, err);
	}
	return true;
}

/* Removes an incomplete line, which would also corrupt the next one. */
static void remove_incomplete(int fd, off_t before, size_t written)
{
	struct stat st;
	if (written && fstat(fd, &st) == 0 && st.st_size == before + (off_t)written)
		(void)!ftruncate(fd, before); /* nothing can be done if this fails */
}

static bool append_line(const struct log_sink *sink, struct span line, struct error *err)
{
	msec_t deadline = deadline_in(sink->clock, LOG_WAIT_MS);
	struct stat st;
	size_t written;
	AUTO_FD int fd = open_log(sink, err);
	if (fd < 0)
		return false;
	if (fstat(fd, &st) < 0)
		return cannot_log(sink, errno, err);
	bool regular = S_ISREG(st.st_mode);
	if (regular && !lock_file(sink, fd, deadline, err))
		return false;
	if (regular && fstat(fd, &st) < 0) /* other programs may have written while this one waited for the lock */
		return cannot_log(sink, errno, err);
	if (!write_all(sink, fd, line, deadline, &written, err)) {
		if (regular)
			remove_incomplete(fd, st.st_size, written);
		return false;
	}
	if (close(steal_fd(&fd)) < 0) /* a network file system may report a full disk only here */
		return cannot_log(sink, errno, err);
	return true;
}

static void time_text(const struct log_sink *sink, time_t when, struct strbuf *out)
{
	struct tm tm;
	if (sink->time_format && strcmp(sink->time_format, "none") == 0)
		return;
	if (sink->time_format || sink->format == LOG_FORMAT_TEXT)
		log_format_time(sink->time_format ? sink->time_format : "%b %d %H:%M:%S", when, out);
	else if (gmtime_r(&when, &tm))
		strbuf_addf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
			    tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static bool file_write(const struct log_sink *sink, const struct log_event *event, struct error *err)
{
	AUTO(strbuf) when = STRBUF_INIT;
	AUTO(strbuf) line = STRBUF_INIT;
	size_t written;
	time_text(sink, event->when, &when);
	if (sink->format == LOG_FORMAT_JSON) {
		log_format_json(event, when.buf, &line);
	} else {
		strbuf_addf(&line, "%s%s", when.buf, when.len ? " " : "");
		log_format_text(event, SIZE_MAX, &line);
	}
	strbuf_addch(&line, '\n');
	int stream = standard_stream(sink->path);
	if (stream < 0)
		return append_line(sink, strbuf_span(&line), err);
	(void)fflush(stdout); /* so that output printed before comes before the line */
	return write_all(sink, stream, strbuf_span(&line), deadline_in(sink->clock, LOG_WAIT_MS), &written, err);
}

struct log_sink log_sink_file(const char *path, const struct clock *clock)
{
	static const struct log_sink_ops ops = {file_write};
	bool privileged = geteuid() == 0 || geteuid() != getuid() || getegid() != getgid();
	return (struct log_sink){
		.ops = &ops, .clock = clock, .path = path, .format = LOG_FORMAT_TEXT, .privileged = privileged};
}
