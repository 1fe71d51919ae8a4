/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stream of which more was read than the reader wanted. */
#include "net/stream.h"

#include "base/strbuf.h"
#include "base/xalloc.h"

struct ahead {
	struct stream stream; /* first */
	struct stream *below;
	struct strbuf text; /* read from below ... */
	size_t at;	    /* ... and so far from here */
};

static enum stream_result ahead_read(struct stream *s, void *buf, size_t room, size_t *got, struct error *err)
{
	struct ahead *a = (struct ahead *)s;
	size_t left = a->text.len - a->at;
	if (!left)
		return stream_read(a->below, buf, room, got, err);
	*got = left < room ? left : room;
	memcpy(buf, a->text.buf + a->at, *got);
	a->at += *got;
	return STREAM_OK;
}

static enum stream_result ahead_write(struct stream *s, const void *buf, size_t len, size_t *put, struct error *err)
{
	struct ahead *a = (struct ahead *)s;
	a->below->last_words = s->last_words;
	return stream_write(a->below, buf, len, put, err);
}

static bool ahead_pending(const struct stream *s)
{
	const struct ahead *a = (const struct ahead *)s;
	return a->at < a->text.len || a->below->ops->pending(a->below);
}

static void ahead_finish(struct stream *s)
{
	stream_finish(((struct ahead *)s)->below);
}

static void ahead_free(struct stream *s)
{
	struct ahead *a = (struct ahead *)s;
	stream_free(a->below);
	strbuf_release(&a->text);
	free(a);
}

static const struct stream_ops ahead_ops = {ahead_read, ahead_write, ahead_pending, ahead_finish, ahead_free};

struct stream *stream_ahead_new(struct stream *below, struct span read)
{
	struct ahead *a = xmalloc(sizeof(*a));
	*a = (struct ahead){.stream = *below, .below = below, .text = STRBUF_INIT};
	a->stream.ops = &ahead_ops;
	strbuf_add_span(&a->text, read);
	return &a->stream;
}
