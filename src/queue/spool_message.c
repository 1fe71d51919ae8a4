/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	file   = "posthaste-message 1 " sum SP state SP header SP body LF	; bytes of each
 *		 state header body
 *	sum    = checksum of everything after it, as 16 digits (base/checksum.h)
 *
 * The lengths add up to the size of the file.  The message comes last, with its header as it is sent, so that it can be
 * recovered without this program by cutting off the beginning.
 */
#include "queue/spool_private.h"

#include "base/checksum.h"
#include "base/i18n.h"
#include "queue/item_file.h"

#include <errno.h>
#include <inttypes.h>

#define FIRST_WORDS "posthaste-message 1 "
#define SUMMED (sizeof(FIRST_WORDS) - 1 + CHECKSUM_DIGITS) /* from here on */
#define FIRST_LINE_MAX 128
#define FRONT_MAX 4096 /* one read of this size has the first line and the state of nearly every message */
#define PORTION (4 * REREAD_FILE_BLOCK)

/* Where the parts of the file are. */
struct layout {
	uint64_t sum;
	uint64_t start;		      /* where the state begins ... */
	uint64_t state, header, body; /* ... and how many bytes of each follow */
};

/* ---- writing ------------------------------------------------------------ */

typedef bool portion_fn(void *ctx, struct span bytes, struct error *err);

static bool each_portion(const struct source *body, portion_fn *visit, void *ctx, struct error *err)
{
	struct span all;
	AUTO(strbuf) buf = STRBUF_INIT;
	if (source_view(body, &all))
		return visit(ctx, all, err);
	strbuf_grow(&buf, PORTION);
	for (uint64_t at = 0; at < body->size;) {
		size_t got;
		if (!source_read_at(body, at, buf.buf, PORTION, &got, err) || !visit(ctx, span_make(buf.buf, got), err))
			return false;
		at += got;
	}
	return true;
}

static bool add_portion(void *ctx, struct span bytes, struct error *err)
{
	struct checksum *sum = ctx;
	(void)err;
	checksum_add(sum, bytes.ptr, bytes.len);
	return true;
}

struct writing {
	struct spool *spool;
	int fd;
};

static bool write_portion(void *ctx, struct span bytes, struct error *err)
{
	const struct writing *w = ctx;
	return spool_write_all(w->spool, w->fd, bytes, err);
}

/* The checksum is of what the caller passed, not of what was written, so the body is read twice. */
bool spool_message_write(struct spool *spool, int fd, const struct queue_item *item, struct span header,
			 const struct source *body, uint64_t *sum, struct error *err)
{
	AUTO(strbuf) state = STRBUF_INIT, front = STRBUF_INIT;
	struct checksum running;
	char digits[CHECKSUM_DIGITS + 1];
	struct writing w = {spool, fd};
	item_file_write(item, &state);
	strbuf_addf(&front, FIRST_WORDS "%*s %zu %zu %" PRIu64 "\n", CHECKSUM_DIGITS, "", state.len, header.len,
		    body->size);
	strbuf_add_span(&front, strbuf_span(&state));
	strbuf_add_span(&front, header);
	checksum_init(&running);
	checksum_add(&running, front.buf + SUMMED, front.len - SUMMED);
	if (!each_portion(body, add_portion, &running, err))
		return false;
	*sum = checksum_value(&running);
	checksum_format(*sum, digits);
	memcpy(front.buf + SUMMED - CHECKSUM_DIGITS, digits, CHECKSUM_DIGITS);
	return spool_write_all(spool, fd, strbuf_span(&front), err) && each_portion(body, write_portion, &w, err);
}

/* ---- its first line -------------------------------------------------------- */

static bool file_damaged(struct error *err)
{
	return error_set(err, ERROR_DAMAGED, "%s", _("the message's file is damaged"));
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

static bool parse_first_line(struct span bytes, uint64_t size, struct layout *layout)
{
	const char *lf = memchr(bytes.ptr, '\n', bytes.len);
	size_t words = sizeof(FIRST_WORDS) - 1;
	if (!lf || (size_t)(lf - bytes.ptr) <= SUMMED || memcmp(bytes.ptr, FIRST_WORDS, words) != 0 ||
	    !checksum_parse(span_sub(bytes, words, SUMMED), &layout->sum) || bytes.ptr[SUMMED] != ' ')
		return false;
	layout->start = (uint64_t)(lf - bytes.ptr) + 1;
	uint64_t left = size - layout->start;
	struct span line = span_sub(bytes, SUMMED + 1, (size_t)layout->start - 1);
	if (!next_length(&line, left < ITEM_FILE_MAX ? left : ITEM_FILE_MAX, &layout->state))
		return false;
	left -= layout->state;
	if (!next_length(&line, left, &layout->header))
		return false;
	left -= layout->header;
	return next_length(&line, left, &layout->body) && layout->body == left && !line.len;
}

/* Reads the beginning of the file, at most room bytes of it, and parses its first line. */
static bool read_front(struct spool *spool, int fd, size_t room, struct strbuf *front, struct layout *layout,
		       uint64_t *size, struct error *err)
{
	struct stat st;
	if (spool->ops->fstat(spool->ops, fd, &st) < 0)
		return error_set_errno(err, ERROR_IO, errno, _("cannot read a file in %s"), spool->path);
	*size = (uint64_t)st.st_size;
	if (!spool_read_exactly(spool, fd, 0, *size < room ? (size_t)*size : room, front, err))
		return false;
	struct span line = span_sub(strbuf_span(front), 0, front->len < FIRST_LINE_MAX ? front->len : FIRST_LINE_MAX);
	return parse_first_line(line, *size, layout) || file_damaged(err);
}

bool spool_message_first_state(struct spool *spool, int fd, struct strbuf *state, uint64_t *sum, struct error *err)
{
	struct layout layout;
	AUTO(strbuf) front = STRBUF_INIT;
	uint64_t size;
	if (!read_front(spool, fd, FRONT_MAX, &front, &layout, &size, err))
		return false;
	*sum = layout.sum;
	size_t start = (size_t)layout.start, end = start + (size_t)layout.state;
	if (end > front.len)
		return spool_read_exactly(spool, fd, layout.start, (size_t)layout.state, state, err);
	strbuf_add_span(state, span_sub(strbuf_span(&front), start, end));
	return true;
}

/* ---- header and body ---------------------------------------------------------- */

struct reading {
	struct spool *spool;
	int fd;
	struct strbuf front; /* the beginning of the file */
	struct layout layout;
	uint64_t at;	     /* how far it was read */
	struct checksum sum; /* of that, from SUMMED on */
};

static bool read_next(struct reading *r, size_t len, struct strbuf *out, struct error *err)
{
	size_t before = out->len;
	if (r->at + len <= r->front.len)
		strbuf_add(out, r->front.buf + r->at, len);
	else if (!spool_read_exactly(r->spool, r->fd, r->at, len, out, err))
		return false;
	size_t skipped = r->at < SUMMED ? (size_t)(SUMMED - r->at) : 0;
	if (skipped < len)
		checksum_add(&r->sum, out->buf + before + skipped, len - skipped);
	r->at += len;
	return true;
}

/* A small body is kept in memory.  A large one is read again when it is sent, and each block is compared then. */
static bool read_body(struct reading *r, struct source *body, struct error *err)
{
	AUTO(strbuf) buf = STRBUF_INIT;
	if (r->layout.body <= SOURCE_MEMORY_MAX) {
		body->size = r->layout.body;
		return read_next(r, (size_t)r->layout.body, &body->memory, err);
	}
	body->file = (struct reread_file){.fd = r->fd, .base = r->at};
	while (body->size < r->layout.body) {
		uint64_t left = r->layout.body - body->size;
		size_t len = left < PORTION ? (size_t)left : PORTION, blocks = len / REREAD_FILE_BLOCK;
		strbuf_reset(&buf);
		if (!read_next(r, len, &buf, err))
			return false;
		for (size_t i = 0; i < blocks; i++)
			reread_file_record(&body->file, buf.buf + i * REREAD_FILE_BLOCK);
		strbuf_add(&body->memory, buf.buf + blocks * REREAD_FILE_BLOCK, len - blocks * REREAD_FILE_BLOCK);
		body->size += len;
	}
	return true;
}

static int read_content(struct reading *r, uint64_t sum, struct strbuf *header, struct source *body, struct error *err)
{
	AUTO(strbuf) before = STRBUF_INIT;
	AUTO(error) problem = ERROR_INIT;
	uint64_t size = 0;
	bool known = read_front(r->spool, r->fd, PORTION, &r->front, &r->layout, &size, &problem);
	if (!known && problem.status.kind != ERROR_DAMAGED) {
		error_move(err, &problem);
		return -1;
	}
	if (!known)
		r->layout =
			(struct layout){.body = size}; /* where the message begins is unknown: return the entire file */
	if (!read_next(r, (size_t)(r->layout.start + r->layout.state), &before, err) ||
	    !read_next(r, (size_t)r->layout.header, header, err) || !read_body(r, body, err))
		return -1;
	if (known && checksum_value(&r->sum) == r->layout.sum && (!sum || sum == r->layout.sum))
		return 1;
	(void)file_damaged(err);
	return 0;
}

int spool_message_content(struct spool *spool, int fd, uint64_t sum, struct strbuf *header, struct source *body,
			  struct error *err)
{
	struct reading r = {.spool = spool, .fd = fd, .front = STRBUF_INIT};
	checksum_init(&r.sum);
	source_init(body, NULL);
	int found = read_content(&r, sum, header, body, err);
	strbuf_release(&r.front);
	if (body->file.fd != fd)
		spool_close(spool, fd);
	return found;
}

/* ---- finding it ------------------------------------------------------------------ */

int spool_message_open(struct spool *spool, const char *id, int flags, int *fd, enum spool_folder *folder,
		       struct error *err)
{
	/* new/ a second time: after the first it may have been released from failed/ */
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
