/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first walk: finds out what the parts of a message contain. */
#include "base/utf8.h"
#include "base/xalloc.h"
#include "codec/byte_scan.h"
#include "mime/mime_plan.h"

#define PORTION (64u * 1024)

bool mime_walk(const struct mime_listener *listener, void *arg, struct span header, const struct source *body,
	       struct error *err)
{
	struct mime_scan scan;
	struct span all;
	bool ok = mime_scan_begin(&scan, listener, arg, header, err);
	if (ok && source_view(body, &all)) {
		ok = mime_scan_feed(&scan, all, err);
	} else if (ok) {
		AUTO_FREE char *buf = xmalloc(PORTION);
		size_t got = 1;
		for (uint64_t at = 0; ok && got; at += got) {
			ok = source_read_at(body, at, buf, PORTION, &got, err) &&
			     mime_scan_feed(&scan, span_make(buf, got), err);
		}
	}
	ok = ok && mime_scan_end(&scan, err);
	mime_scan_release(&scan);
	return ok;
}

/* A character may be divided between two portions, but never by a line end. */
struct utf8_check {
	char held[4];
	size_t len;
	bool bad;
};

struct inspection {
	struct mime_plan *plan;
	struct mime_octets *line_of; /* what the current line belongs to */
	size_t line;
	struct utf8_check utf8;
	size_t utf8_of; /* index of the part that utf8 is about */
};

static void utf8_add(struct utf8_check *u, struct span text)
{
	uint32_t cp;
	for (size_t i = 0; !u->bad && i < text.len; i++) {
		if (!u->len && !(text.ptr[i] & 0x80))
			continue;
		u->held[u->len++] = text.ptr[i];
		if (utf8_decode(span_make(u->held, u->len), &cp) == u->len)
			u->len = 0;
		else if (u->len == 4)
			u->bad = true;
	}
}

/* Called at a line end and at the end of a part. */
static void utf8_stop(struct inspection *v)
{
	if (v->utf8.bad || v->utf8.len)
		v->plan->parts[v->utf8_of].utf8 = false;
	v->utf8 = (struct utf8_check){.len = 0};
}

static uint64_t count_high(struct span text)
{
	uint64_t n = 0;
	for (size_t i = 0; i < text.len; i++)
		n += (unsigned char)text.ptr[i] >> 7;
	return n;
}

static void end_line(struct inspection *v)
{
	if (v->line_of && v->line > v->line_of->longest)
		v->line_of->longest = v->line;
	if (v->line > v->plan->longest_line)
		v->plan->longest_line = v->line;
	if (v->line > v->plan->longest_body && v->line_of != &v->plan->parts[0].header)
		v->plan->longest_body = v->line;
	v->line = 0;
	utf8_stop(v);
}

static void inspect_header_block(struct inspection *v, struct mime_part *part, struct span block)
{
	struct span line;
	struct byte_scan seen = byte_scan(block);
	part->header.nul |= seen.nul;
	part->header.high += seen.high ? count_high(block) : 0;
	v->line_of = &part->header;
	while (span_split(&block, '\n', &line)) {
		v->line = line.len && line.ptr[line.len - 1] == '\r' ? line.len - 1 : line.len;
		end_line(v);
	}
	v->line_of = NULL;
}

static bool on_header(void *arg, const struct mime_entity *e, struct span block, struct error *err)
{
	struct inspection *v = arg;
	(void)err;
	end_line(v);
	v->line_of = NULL;
	if (e->index == v->plan->n) {
		GROW(v->plan->parts, v->plan->n, v->plan->cap);
		v->plan->parts[v->plan->n++] = (struct mime_part){
			.parent = e->parent,
			.kind = e->kind,
			.refusal = e->refusal,
			.encoding = e->encoding,
			.is_message = e->is_message,
			.sealed = e->sealed,
			.text = e->text,
			.octets = e->octets,
			.global = e->global,
			.has_type = e->has_type,
			.has_encoding = e->has_encoding,
			.has_version = e->has_version,
			.type = xstrdup(e->type.name),
			.utf8 = true,
		};
	}
	struct mime_part *part = &v->plan->parts[e->index];
	part->sealed |= e->sealed; /* entities beyond MIME_PARTS_MAX share an index */
	v->utf8_of = e->index;
	inspect_header_block(v, part, block);
	return true;
}

static bool on_text(void *arg, size_t index, enum mime_area area, struct span text, struct error *err)
{
	struct inspection *v = arg;
	struct mime_part *part = &v->plan->parts[index];
	struct mime_octets *o = area == AREA_CONTENT ? &part->content : &part->margin;
	struct byte_scan seen = byte_scan(text);
	(void)err;
	o->total += text.len;
	o->nul |= seen.nul;
	v->line_of = o;
	v->line += text.len;
	if (seen.high) {
		o->high += count_high(text);
		if (!part->has_type)
			utf8_add(&v->utf8, text);
	} else if (v->utf8.len) {
		v->utf8.bad = true;
	}
	return true;
}

static bool on_eol(void *arg, size_t index, enum mime_area area, struct span eol, struct error *err)
{
	struct inspection *v = arg;
	struct mime_part *part = &v->plan->parts[index];
	(void)eol;
	(void)err;
	(area == AREA_CONTENT ? &part->content : &part->margin)->total += 2;
	end_line(v);
	return true;
}

static bool on_delimiter(void *arg, struct span line, bool own_line, struct error *err)
{
	struct inspection *v = arg;
	(void)own_line;
	(void)err;
	end_line(v);
	v->line_of = NULL;
	v->line = line.len;
	end_line(v);
	return true;
}

static const struct mime_listener listener = {on_header, on_text, on_eol, on_delimiter};

bool mime_plan_read(struct mime_plan *plan, struct span header, const struct source *body, struct error *err)
{
	struct inspection v = {.plan = plan};
	if (!mime_walk(&listener, &v, header, body, err))
		return false;
	end_line(&v);
	return true;
}
