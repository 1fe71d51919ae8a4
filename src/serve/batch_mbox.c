/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An mbox as the source of a batch.
 *
 * A message begins after a line "From ADDRESS DATE" that is the first line or has an empty line before it.  Without a
 * time and a year it is text: not every writer of such files quotes what begins with "From ".  The empty line before
 * the next message, or at the end of the file, belongs to the format.  ">From " loses one ">", however many it has
 * (mboxrd). Content-Length is not read: it is wrong whenever a program has changed line ends.
 */
#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "header/header_lookahead.h"
#include "serve/batch_source.h"

#include <errno.h>
#include <stdio.h>

#define ROOM (256u * 1024)

struct mbox {
	struct batch_source source;
	char *path;
	int fd;
	off_t offset; /* of what was not read yet */
	char *buf;    /* what was read; [at, end) is to be looked at */
	size_t at, end;
	bool ended;	     /* the file has no more */
	bool at_line_start;  /* a line begins at `at` */
	bool after_empty;    /* the line before was empty, or there is none */
	struct strbuf empty; /* that line, which is not given to the message yet */
	size_t line;	     /* the number of the line at `at` */
	size_t begins;	     /* the line of its separator */
	/* When the messages were shared: */
	off_t first;	   /* where the first of them is ... */
	size_t first_line; /* ... and in which line */
	size_t passed;	   /* how many of them were passed by */
};

/* ---- reading ---- */

/* Reads until there is a complete line at `at`, or as much of it as there is room for.  *line is without its end at the
 * end of the file; empty: there is none. */
static bool next_line(struct mbox *m, struct span *line, struct error *err)
{
	for (;;) {
		const char *lf = m->end > m->at ? memchr(m->buf + m->at, '\n', m->end - m->at) : NULL;
		size_t n = lf ? (size_t)(lf - (m->buf + m->at)) + 1 : m->end - m->at;
		*line = span_make(m->buf + m->at, n);
		if (lf || m->ended || n == ROOM)
			return true;
		memmove(m->buf, m->buf + m->at, n);
		m->at = 0;
		m->end = n;
		ssize_t got = pread(m->fd, m->buf + n, ROOM - n, m->offset); /* the descriptor may be shared */
		if (got < 0 && errno != EINTR)
			return error_set_errno(err, ERROR_IO, errno, _("cannot read %s"), m->path);
		m->ended = got == 0;
		m->end += got > 0 ? (size_t)got : 0;
		m->offset += got > 0 ? got : 0;
	}
}

static void take(struct mbox *m, struct span line)
{
	m->at += line.len;
	m->at_line_start = line.ptr[line.len - 1] == '\n';
	m->line += m->at_line_start;
}

static bool is_empty(struct span line)
{
	return span_equals_str(line, "\n") || span_equals_str(line, "\r\n");
}

static bool is_separator(const struct mbox *m, struct span line)
{
	return m->at_line_start && m->after_empty && header_is_mbox_separator(line);
}

/* ">From ", ">>From " and so on */
static bool is_quoted(const struct mbox *m, struct span line)
{
	size_t n = 0;
	while (n < line.len && line.ptr[n] == '>')
		n++;
	return m->at_line_start && n && line.len - n >= 5 && memcmp(line.ptr + n, "From ", 5) == 0;
}

/* ---- messages ---- */

static bool feed(struct message_reader *r, struct span text, struct error *err)
{
	return !text.len || message_reader_feed(r, text.ptr, text.len, err);
}

/* The lines of one message.  If one cannot be taken, *err says so, and the rest is skipped.  False: the file cannot be
 * read. */
static bool read_lines(struct mbox *m, struct message_reader *r, struct error *bad, struct error *err)
{
	struct span line;
	bool ok = true;
	for (;;) {
		if (!next_line(m, &line, err))
			return false;
		if (!line.len || is_separator(m, line))
			return true;
		ok = ok && feed(r, strbuf_span(&m->empty), bad);
		strbuf_reset(&m->empty);
		m->after_empty = m->at_line_start && is_empty(line);
		if (m->after_empty)
			strbuf_add_span(&m->empty, line);
		else
			ok = ok && feed(r, is_quoted(m, line) ? span_sub(line, 1, line.len) : line, bad);
		take(m, line);
	}
}

static bool read_message(struct mbox *m, struct message *msg, struct error *bad, struct error *err)
{
	struct message_reader reader;
	message_reader_init(&reader, msg, 0);
	strbuf_reset(&m->empty);
	m->after_empty = false;
	bool ok = read_lines(m, &reader, bad, err);
	if (ok && bad->status.kind == ERROR_NONE)
		(void)!message_reader_end(&reader, bad);
	message_reader_release(&reader);
	return ok;
}

/* False with kind NONE: there is none. */
static bool read_separator(struct mbox *m, struct error *err)
{
	struct span line;
	if (!next_line(m, &line, err))
		return false;
	if (!line.len)
		return false;
	m->begins = m->line;
	if (is_separator(m, line)) {
		take(m, line);
		return true;
	}
	(void)error_set(err, ERROR_DAMAGED, _("%s is not an mbox: its first line is not \"From ADDRESS DATE\""),
			m->path);
	return false;
}

static int mbox_next(struct batch_source *s, struct batch_message *message, struct submission *p, struct error *err)
{
	struct mbox *m = (struct mbox *)s;
	AUTO(error) why = ERROR_INIT;
	if (!read_separator(m, &why)) {
		bool failed = why.status.kind != ERROR_NONE;
		if (failed)
			error_move(err, &why);
		return failed ? -1 : 0;
	}
	message->where = xasprintf(_("%s, line %zu"), m->path, m->begins);
	return read_message(m, &p->message, &message->err, err) ? 1 : -1;
}

/* To the next separator, or the end. */
static void pass_message(struct mbox *m)
{
	struct span line;
	m->after_empty = false;
	while (next_line(m, &line, NULL) && line.len && !is_separator(m, line)) {
		m->after_empty = m->at_line_start && is_empty(line);
		take(m, line);
	}
}

/* Counts what is left; the source is at its end afterwards. */
static size_t mbox_left(struct batch_source *s)
{
	struct mbox *m = (struct mbox *)s;
	size_t n = 0;
	for (; read_separator(m, NULL); n++)
		pass_message(m);
	return n;
}

/* To the first message that is shared. */
static void go_back(struct mbox *m)
{
	m->offset = m->first;
	m->line = m->first_line;
	m->at = m->end = m->passed = 0;
	m->ended = false;
	m->at_line_start = m->after_empty = true;
}

static size_t mbox_share(struct batch_source *s)
{
	struct mbox *m = (struct mbox *)s;
	m->first = m->offset - (off_t)(m->end - m->at);
	m->first_line = m->line;
	size_t n = mbox_left(s);
	go_back(m);
	return n;
}

static int mbox_pick(struct batch_source *s, size_t number, struct batch_message *message, struct submission *p,
		     struct error *err)
{
	struct mbox *m = (struct mbox *)s;
	if (number < m->passed)
		go_back(m);
	for (; m->passed < number && read_separator(m, err); m->passed++)
		pass_message(m);
	m->passed++;
	return mbox_next(s, message, p, err);
}

/* Nothing is left. */
static void mbox_shared(struct batch_source *s)
{
	(void)mbox_left(s);
}

static bool mbox_close(struct batch_source *s)
{
	struct mbox *m = (struct mbox *)s;
	(void)close(m->fd);
	strbuf_release(&m->empty);
	free(m->buf);
	free(m->path);
	free(m);
	return true;
}

static const struct batch_source_ops mbox_ops = {.next = mbox_next,
						 .share = mbox_share,
						 .pick = mbox_pick,
						 .shared = mbox_shared,
						 .left = mbox_left,
						 .close = mbox_close};

struct batch_source *batch_mbox_open(const char *path, const struct runtime *runtime, struct error *err)
{
	int fd = fs_open_regular(path, _("mbox"), err);
	(void)runtime;
	if (fd < 0)
		return NULL;
	struct mbox *m = xcalloc(1, sizeof(*m));
	*m = (struct mbox){.source = {.ops = &mbox_ops},
			   .path = xstrdup(path),
			   .fd = fd,
			   .buf = xmalloc(ROOM),
			   .at_line_start = true,
			   .after_empty = true,
			   .empty = STRBUF_INIT,
			   .line = 1};
	return &m->source;
}
