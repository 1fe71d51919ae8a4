/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/client/flight.h"

#include "base/xalloc.h"

#include <assert.h>

void flight_init(struct flight *f)
{
	*f = (struct flight){.out = STRBUF_INIT};
}

void flight_release(struct flight *f)
{
	strbuf_wipe(&f->out);
	free(f->pending);
}

void flight_queued(struct flight *f, const struct state *state, size_t before, bool secret)
{
	f->queued += f->out.len - before;
	f->secret |= secret;
	f->last = state;
}

static void grow(struct flight *f)
{
	size_t cap = f->cap ? f->cap * 2 : 16;
	struct pending_reply *ring = xcalloc(cap, sizeof(*ring));
	for (size_t i = 0; i < f->n; i++)
		ring[i] = f->pending[(f->first + i) % f->cap];
	free(f->pending);
	f->pending = ring;
	f->first = 0;
	f->cap = cap;
}

void flight_expect(struct flight *f, struct pending_reply reply)
{
	reply.end = f->queued;
	if (f->n == f->cap)
		grow(f);
	f->pending[(f->first + f->n++) % f->cap] = reply;
}

const struct pending_reply *flight_oldest(const struct flight *f)
{
	return f->n ? &f->pending[f->first] : NULL;
}

struct pending_reply flight_take(struct flight *f)
{
	assert(f->n);
	struct pending_reply oldest = f->pending[f->first];
	f->first = (f->first + 1) % f->cap;
	f->n--;
	return oldest;
}

struct span flight_unwritten(const struct flight *f)
{
	return span_sub(strbuf_span(&f->out), f->out_written, f->out.len);
}

void flight_wrote(struct flight *f, size_t n)
{
	assert(n <= f->out.len - f->out_written);
	f->out_written += n;
	f->written += n;
	if (f->out_written < f->out.len)
		return;
	if (f->secret)
		strbuf_wipe(&f->out);
	else
		strbuf_reset(&f->out);
	f->out_written = 0;
	f->secret = false;
}
