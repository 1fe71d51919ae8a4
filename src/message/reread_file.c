/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/reread_file.h"

#include "base/checksum.h"
#include "base/i18n.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

bool reread_file_take(struct reread_file *f, int fd)
{
	struct stat st;
	/* files in /proc have no size, and may be different each time */
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0)
		return false;
	f->fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return f->fd >= 0;
}

void reread_file_release(struct reread_file *f)
{
	if (f->fd >= 0)
		(void)close(f->fd); /* only read */
	free(f->sums);
	*f = REREAD_FILE_INIT;
}

void reread_file_record(struct reread_file *f, const char *block)
{
	GROW(f->sums, f->n, f->cap);
	f->sums[f->n++] = checksum_of(span_make(block, REREAD_FILE_BLOCK));
}

bool reread_file_complete(struct reread_file *f, uint64_t tail)
{
	off_t end = lseek(f->fd, 0, SEEK_CUR);
	uint64_t size = (uint64_t)f->n * REREAD_FILE_BLOCK + tail;
	if (end < 0 || (uint64_t)end < size)
		return false;
	f->base = (uint64_t)end - size;
	return true;
}

static bool changed(struct error *err)
{
	(void)error_set(err, ERROR_IO, _("the file with the message has changed since it was read"));
	error_hint(err, _("Send it again when no program writes to it any more."));
	return false;
}

/* Reads complete blocks and compares each of them with its checksum. */
static bool read_blocks(const struct reread_file *f, size_t first, size_t n, char *buf, struct error *err)
{
	size_t len = n * REREAD_FILE_BLOCK;
	uint64_t at = f->base + (uint64_t)first * REREAD_FILE_BLOCK;
	for (size_t have = 0; have < len;) {
		ssize_t got = pread(f->fd, buf + have, len - have, (off_t)(at + have));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set_errno(err, ERROR_IO, errno, _("cannot read the message a second time"));
		if (got == 0)
			return changed(err);
		have += (size_t)got;
	}
	for (size_t i = 0; i < n; i++)
		if (checksum_of(span_make(buf + i * REREAD_FILE_BLOCK, REREAD_FILE_BLOCK)) != f->sums[first + i])
			return changed(err);
	return true;
}

bool reread_file_read_at(const struct reread_file *f, uint64_t offset, char *buf, size_t room, size_t *got,
			 struct error *err)
{
	size_t first = (size_t)(offset / REREAD_FILE_BLOCK), skip = (size_t)(offset % REREAD_FILE_BLOCK);
	size_t blocks = room / REREAD_FILE_BLOCK;
	if (!skip && blocks) { /* complete blocks only, so the next call begins with a block again */
		size_t n = f->n - first < blocks ? f->n - first : blocks;
		if (!read_blocks(f, first, n, buf, err))
			return false;
		*got = n * REREAD_FILE_BLOCK;
		return true;
	}
	char block[REREAD_FILE_BLOCK];
	if (!read_blocks(f, first, 1, block, err))
		return false;
	*got = REREAD_FILE_BLOCK - skip < room ? REREAD_FILE_BLOCK - skip : room;
	memcpy(buf, block + skip, *got);
	return true;
}
