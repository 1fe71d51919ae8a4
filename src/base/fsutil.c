/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/fsutil.h"

#include "base/i18n.h"
#include "base/linux_only.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>

bool fs_open_standard(void)
{
	static const int access_modes[] = {O_WRONLY, O_RDONLY, O_RDWR}; /* helpers write to our standard error */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* the lowest free number is fd, because those before it are open */
		if (open("/dev/null", access_modes[fd] | O_NOCTTY) != fd && open("/", O_PATH) != fd)
			return false;
	}
	return true;
}

/* ---- reading -------------------------------------------------------- */

/* Standard input may be non-blocking because another process that shares it made it so. */
static bool read_retry(int fd, int errnum)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	if (errnum == EINTR)
		return true;
	if (errnum != EAGAIN && errnum != EWOULDBLOCK)
		return false;
	return poll(&p, 1, -1) >= 0 || errno == EINTR;
}

void fs_drain_pipe(int fd, size_t limit, msec_t ms, const struct clock *clock)
{
	struct stat st;
	char buf[16384];
	size_t total = 0;
	msec_t start = clock_monotonic(clock), now = start;
	if (fstat(fd, &st) < 0 || !(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		return;
	for (; total < limit && now - start < ms; now = clock_monotonic(clock)) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int ready = poll(&p, 1, (int)(ms - (now - start)));
		ssize_t n = ready > 0 ? read(fd, buf, sizeof(buf)) : ready;
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return;
		total += n > 0 ? (size_t)n : 0;
	}
}

bool fs_read_fd(int fd, struct strbuf *out, size_t limit, struct error *err)
{
	size_t start = out->len;
	for (;;) {
		strbuf_grow(out, 4096);
		size_t room = out->cap - out->len - 1;
		ssize_t n = read(fd, out->buf + out->len, room);
		int errnum = errno;
		if (n == 0)
			return true;
		if (n < 0 && read_retry(fd, errnum))
			continue;
		if (n > 0 && (size_t)n <= limit - (out->len - start)) {
			strbuf_setlen(out, out->len + (size_t)n);
			continue;
		}
		strbuf_setlen(out, start);
		if (n < 0)
			return error_set_errno(err, ERROR_IO, errnum, _("reading failed"));
		return error_set(err, ERROR_IO, _("there is more data than the limit of %zu bytes"), limit);
	}
}

/* ---- opening -------------------------------------------------------- */

bool fs_is_regular(int fd)
{
	struct stat st, null;
	if (fstat(fd, &st) < 0)
		return false;
	return S_ISREG(st.st_mode) || (S_ISCHR(st.st_mode) && stat("/dev/null", &null) == 0 && S_ISCHR(null.st_mode) &&
				       st.st_rdev == null.st_rdev);
}

int fs_open_regular(const char *path, const char *what, struct error *err)
{
	/* O_NONBLOCK: opening a pipe does not wait for a writer */
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		(void)error_set_errno(err, ERROR_FILE_MISSING, errno, _("cannot read the %s %s"), what, path);
		return -1;
	}
	if (!fs_is_regular(fd)) {
		(void)error_set(err, ERROR_FILE_MISSING, _("cannot read the %s %s: it is not a regular file"), what,
				path);
		return -1;
	}
	return steal_fd(&fd);
}

/* ---- checking -------------------------------------------------------- */

bool fs_private_fd(int fd, const char *name, struct error *err)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return error_set_errno(err, ERROR_IO, errno, _("cannot find out who owns %s"), name);
	if (!S_ISREG(st.st_mode)) {
		(void)error_set(err, ERROR_CONFIG, _("%s contains a secret and must be a regular file"), name);
		error_hint(err, _("Put the secret into a file that only you can read."));
		return false;
	}
	if (st.st_uid != geteuid() && st.st_uid != 0) {
		(void)error_set(err, ERROR_CONFIG, _("%s contains a secret, but belongs to another user (user ID %lu)"),
				name, (unsigned long)st.st_uid);
		error_hint(err, _("Become its owner: chown %lu %s"), (unsigned long)geteuid(), name);
		return false;
	}
	if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		(void)error_set(err, ERROR_CONFIG,
				_("%s contains a secret, but other users have access to it (mode %04o)"), name,
				(unsigned)(st.st_mode & 07777));
		error_hint(err, _("Make it private: chmod 600 %s"), name);
		return false;
	}
	return true;
}

bool fs_admin_fd(int fd, const char *name, bool *open_to_all, struct error *err)
{
	struct stat st;
	if (open_to_all)
		*open_to_all = false;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != 0)
		return fs_private_fd(fd, name, err);
	if (st.st_mode & (S_IWGRP | S_IWOTH)) {
		(void)error_set(err, ERROR_CONFIG,
				_("%s contains a secret, but others than root can write it (mode %04o)"), name,
				(unsigned)(st.st_mode & 07777));
		error_hint(err, _("Let root do: chmod go-w %s"), name);
		return false;
	}
	if (!(st.st_mode & S_IRWXO))
		return true;
	if (open_to_all) {
		*open_to_all = true;
		return true;
	}
	(void)error_set(err, ERROR_CONFIG, _("%s contains a secret, but all users can read it (mode %04o)"), name,
			(unsigned)(st.st_mode & 07777));
	error_hint(err, _("Let root do: chgrp GROUP %s; chmod 640 %s, with a group of those who send mail."), name,
		   name);
	return false;
}

/* ---- temporary files ------------------------------------------------ */

#if HAVE_DECL_O_TMPFILE

static int unnamed_temp(const char *folder)
{
	return open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, S_IRUSR | S_IWUSR);
}

#else

static int unnamed_temp(const char *folder)
{
	(void)folder;
	errno = EOPNOTSUPP;
	return -1;
}

#endif

/* For systems and file systems without O_TMPFILE: the file has a name for a moment. */
static int named_temp(const char *folder)
{
	AUTO_FREE char *name = xasprintf("%s/posthaste-XXXXXX", folder);
	int fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		(void)unlink(name); /* if the folder does not allow removing files, a private, empty file stays there */
	return fd;
}

int fs_temp_open(const struct temp_files *temp, struct error *err)
{
	const char *mine = temp->folder && temp->folder[0] == '/' ? temp->folder : NULL;
	const char *const folders[] = {mine, "/var/tmp", "/tmp"};
	AUTO(strbuf) tried = STRBUF_INIT;
	int errnum = 0;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		if (!folders[i])
			continue;
		int fd = unnamed_temp(folders[i]);
		if (fd < 0)
			fd = named_temp(folders[i]);
		if (fd >= 0)
			return fd;
		errnum = errno;
		strbuf_addf(&tried, "%s%s: %s", tried.len ? "; " : "", folders[i], strerror(errnum));
	}
	(void)error_set(err, ERROR_CANNOT_CREATE, _("cannot create a temporary file: %s"), tried.buf);
	error_hint(err, _("Set TMPDIR to a folder you can write to, with room for the message."));
	if (err)
		err->sys_errno = errnum;
	return -1;
}

#ifdef HAVE_MEMFD_CREATE

int fs_memory_file(const char *name)
{
	return memfd_create(name, MFD_CLOEXEC);
}

#else

/* It has a name until it is open. */
int fs_memory_file(const char *name)
{
	static unsigned number;
	for (int tries = 0; tries < 1000; tries++) {
		AUTO_FREE char *path = xasprintf("/posthaste-%s.%ld.%u", name, (long)getpid(), ++number);
		int fd = shm_open(path, O_RDWR | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
		if (fd >= 0)
			(void)shm_unlink(path);
		if (fd >= 0 || errno != EEXIST)
			return fd; /* it is close-on-exec */
	}
	return -1;
}

#endif

char *fs_beside(const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');
	if (path[0] == '/' || !slash)
		return xstrdup(path);
	return xasprintf("%.*s/%s", (int)(slash - file), file, path);
}

bool fs_write_all(int fd, struct span octets)
{
	while (octets.len) {
		ssize_t n = write(fd, octets.ptr, octets.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n ? errno : ENOSPC;
			return false;
		}
		octets = span_sub(octets, (size_t)n, octets.len);
	}
	return true;
}

void fs_add_state(struct strbuf *out, const char *path)
{
	struct stat st;
	if (stat(path, &st) < 0) {
		strbuf_addf(out, "%s -\n", path);
		return;
	}
	strbuf_addf(out, "%s %ju %jd %jd.%09ld %jd.%09ld\n", path, (uintmax_t)st.st_ino, (intmax_t)st.st_size,
		    (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (intmax_t)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
}
