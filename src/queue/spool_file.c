/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/spool_private.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#include <errno.h>
#include <unistd.h>

static bool is_about_room_or_rights(int errnum)
{
	switch (errnum) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
	case EROFS:
	case EACCES:
	case EPERM:
	case ENOENT:
	case ENOTDIR:
	case EEXIST:
	case ELOOP:
	case ENAMETOOLONG: return true;
	default: return false;
	}
}

bool spool_fault(struct error *err, int errnum, const char *fmt, ...)
{
	AUTO(strbuf) text = STRBUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	(void)error_set_errno(err, is_about_room_or_rights(errnum) ? ERROR_CANNOT_CREATE : ERROR_IO, errnum, "%s",
			      text.buf);
	if (errnum == ENOSPC || errnum == EDQUOT)
		error_hint(err, "%s", _("Free some space on the disk of the queue, and submit the message again."));
	else if (is_about_room_or_rights(errnum))
		error_hint(err, "%s",
			   _("The queue's folder and everything in it must belong to you and be writable for you."));
	else
		error_hint(err, "%s", _("The kernel's log may say more about the disk."));
	return false;
}

/* ---- checking --------------------------------------------------------- */

static bool refuse_file(struct error *err, const struct spool *spool, const char *name, const char *why)
{
	(void)error_set(err, ERROR_CONFIG, _("%s/%s is not used as part of the queue: %s"), spool->path, name, why);
	error_hint(err, "%s", _("Only posthaste should write there; find out what did, and move it away."));
	return false;
}

bool spool_check_file(struct spool *spool, int fd, const char *name, bool *gone, struct error *err)
{
	struct stat st;
	if (spool->ops->fstat(spool->ops, fd, &st) < 0)
		return spool_fault(err, errno, _("cannot find out who owns the file %s/%s"), spool->path, name);
	*gone = st.st_nlink == 0;
	if (!S_ISREG(st.st_mode))
		return refuse_file(err, spool, name, _("it is not a regular file"));
	if (st.st_uid != spool->owner)
		return refuse_file(err, spool, name, _("it belongs to another user"));
	if (st.st_nlink > 1)
		return refuse_file(err, spool, name, _("it has a second name elsewhere"));
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return refuse_file(err, spool, name, _("others can use it"));
	return true;
}

int spool_open_file(struct spool *spool, int dir, const char *where, const char *name, int flags, int *fd,
		    struct error *err)
{
	AUTO_FREE char *place = xasprintf("%s/%s", where, name);
	/* O_NONBLOCK: a fifo there must not make us wait */
	int got = spool->ops->openat(spool->ops, dir, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
	if (got < 0 && errno == ENOENT)
		return 0;
	if (got < 0 && errno == ELOOP) {
		(void)refuse_file(err, spool, place, _("it is a symbolic link"));
		return -1;
	}
	if (got < 0) {
		(void)spool_fault(err, errno, _("cannot open %s/%s"), spool->path, place);
		return -1;
	}
	bool gone;
	if (!spool_check_file(spool, got, place, &gone, err)) {
		spool_close(spool, got);
		return -1;
	}
	if (gone) {
		spool_close(spool, got);
		return 0;
	}
	*fd = got;
	return 1;
}

void spool_close(struct spool *spool, int fd)
{
	if (fd >= 0)
		(void)spool->ops->close(spool->ops, fd); /* it was only read, or is on disk already */
}

/* ---- locks -------------------------------------------------------------- */

int spool_lock(struct spool *spool, int fd, struct error *err)
{
	if (spool->ops->lock(spool->ops, fd) == 0)
		return 1;
	if (errno == EAGAIN)
		return 0;
	(void)spool_fault(err, errno, _("cannot lock a message in %s"), spool->path);
	return -1;
}

bool spool_locked(struct spool *spool, int fd)
{
	return spool->ops->is_locked(spool->ops, fd);
}

/* ---- writing and reading -------------------------------------------- */

bool spool_create_temp(struct spool *spool, const char *name, int *fd, bool *exists, struct error *err)
{
	int got = spool->ops->openat(spool->ops, spool->tmp, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				     S_IRUSR | S_IWUSR);
	if (exists)
		*exists = got < 0 && errno == EEXIST;
	if (got < 0)
		return spool_fault(err, errno, _("cannot create %s/tmp/%s"), spool->path, name);
	int locked = spool_lock(spool, got, err);
	if (locked > 0) {
		*fd = got;
		return true;
	}
	(void)spool->ops->unlinkat(spool->ops, spool->tmp, name);
	spool_close(spool, got);
	return locked < 0 ? false
			  : error_set(err, ERROR_IO, _("%s/tmp/%s was locked by another process"), spool->path, name);
}

bool spool_write_all(struct spool *spool, int fd, struct span bytes, struct error *err)
{
	while (bytes.len) {
		ssize_t n = spool->ops->write(spool->ops, fd, bytes.ptr, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return spool_fault(err, n ? errno : ENOSPC, _("cannot write to the queue in %s"), spool->path);
		bytes = span_sub(bytes, (size_t)n, bytes.len);
	}
	return true;
}

bool spool_sync(struct spool *spool, int fd, const char *what, struct error *err)
{
	int rc;
	while ((rc = spool->ops->fsync(spool->ops, fd)) < 0 && errno == EINTR)
		;
	return rc == 0 || spool_fault(err, errno, _("cannot sync %s/%s to disk"), spool->path, what);
}

bool spool_read_exactly(struct spool *spool, int fd, uint64_t offset, size_t len, struct strbuf *out, struct error *err)
{
	size_t start = out->len;
	strbuf_grow(out, len);
	while (out->len - start < len) {
		size_t done = out->len - start;
		ssize_t n = spool->ops->pread(spool->ops, fd, out->buf + out->len, len - done, (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int errnum = errno;
			strbuf_setlen(out, start);
			if (n == 0)
				return error_set(err, ERROR_DAMAGED, _("a file in %s is shorter than it should be"),
						 spool->path);
			return error_set_errno(err, ERROR_IO, errnum, _("cannot read a file in %s"), spool->path);
		}
		strbuf_setlen(out, out->len + (size_t)n);
	}
	return true;
}

/* Writes the file, syncs it and moves it to its name. */
static bool write_and_rename(struct spool *spool, int fd, int dir, const char *temp, const char *name,
			     struct span bytes, struct error *err)
{
	bool ok = spool_write_all(spool, fd, bytes, err) && spool_sync(spool, fd, name, err);
	int rc = spool->ops->close(spool->ops, fd);
	if (ok && rc < 0)
		ok = spool_fault(err, errno, _("cannot write to the queue in %s"), spool->path);
	if (ok && spool->ops->renameat(spool->ops, spool->tmp, temp, dir, name) < 0)
		ok = spool_fault(err, errno, _("cannot give a file in %s/tmp its name"), spool->path);
	return ok;
}

bool spool_replace_file(struct spool *spool, int dir, const char *temp, const char *name, struct span bytes,
			struct error *err)
{
	int fd;
	if (spool->ops->unlinkat(spool->ops, spool->tmp, temp) < 0 && errno != ENOENT) /* a crash may have left one */
		return spool_fault(err, errno, _("cannot remove %s/tmp/%s"), spool->path, temp);
	if (!spool_create_temp(spool, temp, &fd, NULL, err))
		return false;
	if (!write_and_rename(spool, fd, dir, temp, name, bytes, err)) {
		(void)spool->ops->unlinkat(spool->ops, spool->tmp, temp); /* or spool_clean() will */
		return false;
	}
	return spool_sync(spool, dir, name, err);
}
