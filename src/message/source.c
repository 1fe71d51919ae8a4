/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/source.h"

#include "base/fsutil.h"
#include "base/i18n.h"

#include <errno.h>
#include <unistd.h>

/* Small portions are collected up to this size before they are written to the file. */
#define TAIL_MAX (64u * 1024)

void source_init(struct source *src, const struct temp_files *temp)
{
	*src = SOURCE_INIT;
	src->temp = temp;
}

void source_release(struct source *src)
{
	strbuf_release(&src->memory);
	if (src->fd >= 0)
		(void)close(src->fd); /* the file has no name: nothing can be lost */
	reread_file_release(&src->file);
	source_init(src, src->temp);
}

static bool write_all(int fd, struct span octets, struct error *err)
{
	if (fs_write_all(fd, octets))
		return true;
	(void)error_set_errno(err, ERROR_IO, errno, _("cannot write the message to a temporary file"));
	error_hint(err, _("Free some space, or set TMPDIR to a folder that has more."));
	return false;
}

static bool flush_memory(struct source *src, struct error *err)
{
	if (!write_all(src->fd, strbuf_span(&src->memory), err))
		return false;
	strbuf_reset(&src->memory);
	return true;
}

/* Records complete blocks; the rest stays in memory. */
static void record_blocks(struct source *src, const char *p, size_t len)
{
	while (len) {
		if (!src->memory.len && len >= REREAD_FILE_BLOCK) {
			reread_file_record(&src->file, p);
			p += REREAD_FILE_BLOCK;
			len -= REREAD_FILE_BLOCK;
			continue;
		}
		size_t n = REREAD_FILE_BLOCK - src->memory.len < len ? REREAD_FILE_BLOCK - src->memory.len : len;
		strbuf_add(&src->memory, p, n);
		p += n;
		len -= n;
		if (src->memory.len == REREAD_FILE_BLOCK) {
			reread_file_record(&src->file, src->memory.buf);
			strbuf_reset(&src->memory);
		}
	}
}

/* Moves the bytes from memory to a file, once: to the file they come from, or to a temporary one. */
static bool spill(struct source *src, struct error *err)
{
	if (reread_file_take(&src->file, src->input)) {
		AUTO(strbuf) all = src->memory;
		strbuf_init(&src->memory);
		record_blocks(src, all.buf, all.len);
		return true;
	}
	src->fd = src->temp->open(src->temp, err);
	if (src->fd < 0)
		return false;
	if (!flush_memory(src, err))
		return false;
	strbuf_release(&src->memory); /* the tail needs much less */
	return true;
}

void source_input(struct source *src, int fd)
{
	src->input = fd;
}

bool source_complete(struct source *src, struct error *err)
{
	src->input = -1;
	if (src->file.fd < 0 || reread_file_complete(&src->file, src->memory.len))
		return true;
	return error_set(err, ERROR_IO, _("another program read from the file with the message at the same time"));
}

static bool in_memory(const struct source *src)
{
	return src->fd < 0 && src->file.fd < 0;
}

bool source_append(struct source *src, const void *data, size_t len, struct error *err)
{
	if (in_memory(src) && src->temp && len > SOURCE_MEMORY_MAX - src->memory.len && !spill(src, err))
		return false;
	if (src->file.fd >= 0) {
		record_blocks(src, data, len);
		src->size += len;
		return true;
	}
	if (src->fd >= 0) {
		if (src->memory.len + len > TAIL_MAX && !flush_memory(src, err))
			return false;
		if (len >= TAIL_MAX) {
			if (!write_all(src->fd, span_make(data, len), err))
				return false;
			src->size += len;
			return true;
		}
	}
	strbuf_add(&src->memory, data, len);
	src->size += len;
	return true;
}

/* Reads exactly len bytes of the file. */
static bool read_file(int fd, uint64_t offset, char *buf, size_t len, struct error *err)
{
	while (len) {
		ssize_t n = pread(fd, buf, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set_errno(err, ERROR_IO, errno,
					       _("cannot read the message back from its temporary file"));
		if (n == 0)
			return error_set(err, ERROR_IO, _("the temporary file with the message was truncated"));
		buf += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return true;
}

bool source_read_at(const struct source *src, uint64_t offset, void *buf, size_t room, size_t *got, struct error *err)
{
	if (offset >= src->size) {
		*got = 0;
		return true;
	}
	uint64_t in_file = src->size - src->memory.len;
	if (offset < in_file) {
		if (src->file.fd >= 0)
			return reread_file_read_at(&src->file, offset, buf, room, got, err);
		size_t n = in_file - offset < room ? (size_t)(in_file - offset) : room;
		if (!read_file(src->fd, offset, buf, n, err))
			return false;
		*got = n;
		return true;
	}
	size_t from = (size_t)(offset - in_file);
	size_t n = src->memory.len - from < room ? src->memory.len - from : room;
	memcpy(buf, src->memory.buf + from, n);
	*got = n;
	return true;
}

bool source_view(const struct source *src, struct span *all)
{
	if (!in_memory(src))
		return false;
	*all = strbuf_span(&src->memory);
	return true;
}
