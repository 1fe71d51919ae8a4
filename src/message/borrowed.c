/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/borrowed.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t mixed(uint64_t sum, uint64_t word)
{
	return ((sum << 27 | sum >> 37) ^ word) * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t word_at(const char *p)
{
	uint64_t word;
	memcpy(&word, p, sizeof(word));
	return word;
}

/* Tells blocks apart that differ by accident; who means harm owns the file
 * anyway.  Four sums side by side, so that none waits for another. */
static uint64_t block_sum(const char *block)
{
	uint64_t a = 1, b = 2, c = 3, d = 4;
	for (const char *p = block; p < block + BORROWED_BLOCK; p += 4 * sizeof(a)) {
		a = mixed(a, word_at(p));
		b = mixed(b, word_at(p + 8));
		c = mixed(c, word_at(p + 16));
		d = mixed(d, word_at(p + 24));
	}
	return mixed(mixed(mixed(a, b), c), d);
}

bool borrowed_take(struct borrowed *b, int fd)
{
	struct stat st;
	/* what /proc shows has no size, and may never be the same twice */
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0)
		return false;
	b->fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return b->fd >= 0;
}

void borrowed_release(struct borrowed *b)
{
	if (b->fd >= 0)
		(void)close(b->fd); /* only read */
	free(b->sums);
	*b = BORROWED_INIT;
}

void borrowed_note(struct borrowed *b, const char *block)
{
	GROW(b->sums, b->n, b->cap);
	b->sums[b->n++] = block_sum(block);
}

bool borrowed_complete(struct borrowed *b, uint64_t tail)
{
	off_t end = lseek(b->fd, 0, SEEK_CUR);
	uint64_t size = (uint64_t)b->n * BORROWED_BLOCK + tail;
	if (end < 0 || (uint64_t)end < size)
		return false;
	b->base = (uint64_t)end - size;
	return true;
}

static bool changed(struct error *err)
{
	(void)error_set(err, ERROR_IO, _("the file with the message has changed since it was read"));
	error_hint(err, _("Send it again when nobody writes to it any more."));
	return false;
}

/* Whole blocks, each compared with what was noted of it. */
static bool read_blocks(const struct borrowed *b, size_t first, size_t n, char *buf, struct error *err)
{
	size_t len = n * BORROWED_BLOCK;
	uint64_t at = b->base + (uint64_t)first * BORROWED_BLOCK;
	for (size_t have = 0; have < len;) {
		ssize_t got = pread(b->fd, buf + have, len - have, (off_t)(at + have));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set_errno(err, ERROR_IO, errno, _("cannot read the message a second time"));
		if (got == 0)
			return changed(err);
		have += (size_t)got;
	}
	for (size_t i = 0; i < n; i++)
		if (block_sum(buf + i * BORROWED_BLOCK) != b->sums[first + i])
			return changed(err);
	return true;
}

bool borrowed_read_at(const struct borrowed *b, uint64_t offset, char *buf, size_t room, size_t *got, struct error *err)
{
	size_t first = (size_t)(offset / BORROWED_BLOCK), skip = (size_t)(offset % BORROWED_BLOCK);
	size_t whole = room / BORROWED_BLOCK;
	if (!skip && whole) { /* the rest of the room is left: the next call begins with a block again */
		size_t n = b->n - first < whole ? b->n - first : whole;
		if (!read_blocks(b, first, n, buf, err))
			return false;
		*got = n * BORROWED_BLOCK;
		return true;
	}
	char block[BORROWED_BLOCK];
	if (!read_blocks(b, first, 1, block, err))
		return false;
	*got = BORROWED_BLOCK - skip < room ? BORROWED_BLOCK - skip : room;
	memcpy(buf, block + skip, *got);
	return true;
}
