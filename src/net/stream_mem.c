/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scripted peer in memory, for tests. */
#include "net/stream.h"

#include "base/strbuf.h"
#include "base/xalloc.h"

#include <assert.h>

struct mem {
	struct stream stream; /* must be first: a struct stream * is cast to struct mem * */
	struct span script;
	size_t chunk;
	struct strbuf *sink;
};

static enum stream_result mem_read(struct stream *s, void *buf, size_t room, size_t *got, struct error *err)
{
	(void)err;
	struct mem *m = (struct mem *)s;
	if (!m->script.len)
		return STREAM_END;
	size_t n = room < m->chunk ? room : m->chunk;
	if (n > m->script.len)
		n = m->script.len;
	memcpy(buf, m->script.ptr, n);
	m->script = span_sub(m->script, n, m->script.len);
	*got = n;
	return STREAM_OK;
}

static enum stream_result mem_write(struct stream *s, const void *buf, size_t len, size_t *put, struct error *err)
{
	(void)err;
	struct mem *m = (struct mem *)s;
	*put = len < m->chunk ? len : m->chunk;
	if (m->sink)
		strbuf_add(m->sink, buf, *put);
	return STREAM_OK;
}

static bool mem_pending(const struct stream *s)
{
	(void)s;
	return true; /* there is always data or the end of the script: a read never waits */
}

static void mem_finish(struct stream *s)
{
	(void)s;
}

static void mem_free(struct stream *s)
{
	free(s);
}

static const struct stream_ops mem_ops = {mem_read, mem_write, mem_pending, mem_finish, mem_free};

struct stream *stream_mem_new(struct span script, size_t chunk, struct strbuf *sink)
{
	assert(chunk > 0);
	struct mem *m = xmalloc(sizeof(*m));
	*m = (struct mem){.stream = {.ops = &mem_ops, .fd = -1}, .script = script, .chunk = chunk, .sink = sink};
	return &m->stream;
}
