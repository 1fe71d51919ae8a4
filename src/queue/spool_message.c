/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	file   = "posthaste-message 1 " state SP header SP body LF	; octets of each
 *		 state header body
 *
 * The lengths must add up to the size of the file.  The message stands at the
 * end as it would go out, so that whoever needs it without this program only
 * has to cut something off in front.
 */
#include "queue/spool_private.h"

#include "base/i18n.h"
#include "queue/item_file.h"

#include <errno.h>
#include <inttypes.h>

#define FIRST_LINE "posthaste-message 1 "
#define FIRST_LINE_MAX 128
#define FRONT_MAX 4096 /* first line and state of nearly every message: read at once */
#define PORTION (64u * 1024)

/* ---- writing ------------------------------------------------------------ */

static bool write_body(struct spool *spool, int fd, const struct source *body, struct error *err)
{
	struct span all;
	AUTO(strbuf) buf = STRBUF_INIT;
	if (source_view(body, &all))
		return spool_write_all(spool, fd, all, err);
	strbuf_grow(&buf, PORTION);
	for (uint64_t at = 0; at < body->size;) {
		size_t got;
		if (!source_read_at(body, at, buf.buf, PORTION, &got, err) ||
		    !spool_write_all(spool, fd, span_make(buf.buf, got), err))
			return false;
		at += got;
	}
	return true;
}

bool spool_message_write(struct spool *spool, int fd, const struct queue_item *item, struct span header,
			 const struct source *body, struct error *err)
{
	AUTO(strbuf) state = STRBUF_INIT, front = STRBUF_INIT;
	envelope_file_write(item, &state);
	strbuf_addf(&front, FIRST_LINE "%zu %zu %" PRIu64 "\n", state.len, header.len, body->size);
	strbuf_add_span(&front, strbuf_span(&state));
	strbuf_add_span(&front, header);
	return spool_write_all(spool, fd, strbuf_span(&front), err) && write_body(spool, fd, body, err);
}

/* ---- reading ------------------------------------------------------------- */

static bool damaged(struct spool *spool, struct error *err)
{
	(void)error_set(err, ERROR_IO, _("a message in %s is damaged"), spool->path);
	error_hint(err, "%s",
		   _("Look for faults of the disk; the message itself may still be readable in the queue's folder."));
	return false;
}

static bool next_length(struct span *line, uint64_t max, uint64_t *length)
{
	struct span digits;
	unsigned long long n;
	if (!span_split(line, ' ', &digits) || !span_to_u64(digits, &n) || n > max ||
	    (digits.ptr[0] == '0' && digits.len > 1))
		return false;
	*length = n;
	return true;
}

static bool parse_first_line(struct span octets, uint64_t size, struct spool_layout *layout)
{
	const char *lf = memchr(octets.ptr, '\n', octets.len);
	size_t name = sizeof(FIRST_LINE) - 1;
	if (!lf || (size_t)(lf - octets.ptr) < name || memcmp(octets.ptr, FIRST_LINE, name) != 0)
		return false;
	layout->start = (uint64_t)(lf - octets.ptr) + 1;
	uint64_t left = size - layout->start;
	struct span line = span_sub(octets, name, (size_t)layout->start - 1);
	if (!next_length(&line, left < ENVELOPE_FILE_MAX ? left : ENVELOPE_FILE_MAX, &layout->state))
		return false;
	left -= layout->state;
	if (!next_length(&line, left, &layout->header))
		return false;
	left -= layout->header;
	return next_length(&line, left, &layout->body) && layout->body == left && !line.len;
}

/* The beginning of the file, at most room octets of it, and what its first line says. */
static bool read_front(struct spool *spool, int fd, size_t room, struct strbuf *front, struct spool_layout *layout,
		       struct error *err)
{
	struct stat st;
	if (spool->ops->fstat(spool->ops, fd, &st) < 0)
		return error_set_errno(err, ERROR_IO, errno, _("cannot read a file in %s"), spool->path);
	uint64_t size = (uint64_t)st.st_size;
	if (!spool_read_exactly(spool, fd, 0, size < room ? (size_t)size : room, front, err))
		return false;
	struct span line = span_sub(strbuf_span(front), 0, front->len < FIRST_LINE_MAX ? front->len : FIRST_LINE_MAX);
	return parse_first_line(line, size, layout) || damaged(spool, err);
}

bool spool_message_layout(struct spool *spool, int fd, struct spool_layout *layout, struct error *err)
{
	AUTO(strbuf) front = STRBUF_INIT;
	return read_front(spool, fd, FIRST_LINE_MAX, &front, layout, err);
}

/* The state it was accepted with. */
static bool read_first(struct spool *spool, int fd, struct strbuf *octets, struct error *err)
{
	struct spool_layout layout;
	AUTO(strbuf) front = STRBUF_INIT;
	if (!read_front(spool, fd, FRONT_MAX, &front, &layout, err))
		return false;
	size_t start = (size_t)layout.start, end = start + (size_t)layout.state;
	if (end > front.len)
		return spool_read_exactly(spool, fd, layout.start, (size_t)layout.state, octets, err);
	strbuf_add_span(octets, span_sub(strbuf_span(&front), start, end));
	return true;
}

/* The latest state if there is one; else 0 and the first one is to be taken. */
static int read_latest(struct spool *spool, const char *id, struct strbuf *octets, struct error *err)
{
	int fd;
	int found = spool_open_file(spool, spool->state, "state", id, O_RDONLY, &fd, err);
	if (found <= 0)
		return found;
	struct stat st;
	bool ok = spool->ops->fstat(spool->ops, fd, &st) == 0 ||
		  error_set_errno(err, ERROR_IO, errno, _("cannot read a file in %s"), spool->path);
	ok = ok && (st.st_size <= (off_t)ENVELOPE_FILE_MAX || damaged(spool, err));
	ok = ok && spool_read_exactly(spool, fd, 0, (size_t)st.st_size, octets, err);
	spool_close(spool, fd);
	return ok ? 1 : -1;
}

bool spool_message_state(struct spool *spool, int fd, const char *id, struct queue_item *item, struct error *err)
{
	AUTO(strbuf) octets = STRBUF_INIT;
	AUTO(queue_item) got = QUEUE_ITEM_INIT;
	int latest = read_latest(spool, id, &octets, err);
	bool ok = latest > 0 || (latest == 0 && read_first(spool, fd, &octets, err));
	ok = ok && envelope_file_parse(strbuf_span(&octets), &got, err);
	ok = ok && ((got.id && strcmp(got.id, id) == 0) || damaged(spool, err));
	if (!ok) {
		error_prefix(err, "%s", id);
		return false;
	}
	*item = got;
	got = QUEUE_ITEM_INIT;
	return true;
}

int spool_message_open(struct spool *spool, const char *id, int flags, int *fd, enum spool_folder *folder,
		       struct error *err)
{
	/* new/ a second time: between the first two looks it may have been released from failed/ */
	static const enum spool_folder places[] = {SPOOL_NEW, SPOOL_FAILED, SPOOL_NEW};
	if (!spool_id_valid(span_of(id)))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		int found =
			spool_open_file(spool, spool_dir(spool, places[i]), spool_where(places[i]), id, flags, fd, err);
		if (found > 0)
			*folder = places[i];
		if (found)
			return found;
	}
	return 0;
}
