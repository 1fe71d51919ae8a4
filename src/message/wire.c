/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SMTP smuggling works if two programs see line ends in different places. So first every line end of any kind becomes
 * CRLF here, and then dots are doubled after every CRLF that was written, whatever it was made from and however the
 * message is divided into portions.
 */
#include "message/wire.h"

#include "codec/byte_scan.h"

#define CRLF "\r\n"
#define PORTION (64u * 1024)

/* ---- line ends ----------------------------------------------------------- */

void eol_encoder_init(struct eol_encoder *e)
{
	*e = (struct eol_encoder){.after_cr = false, .at_start = true};
}

static char *put(char *to, const char *from, const char *end)
{
	size_t n = (size_t)(end - from);
	memcpy(to, from, n);
	return to + n;
}

static char *put_crlf(char *to)
{
	to[0] = '\r';
	to[1] = '\n';
	return to + 2;
}

/* Converts any line ends. The last octet must not be a CR. Each octet becomes at most two. */
static void encode_lines(struct span in, struct strbuf *out)
{
	strbuf_grow(out, 2 * in.len);
	char *to = out->buf + out->len;
	bool crs = memchr(in.ptr, '\r', in.len) != NULL; /* usually there are none, and no line has to be searched */
	const char *at = in.ptr, *end = at + in.len;

	while (at < end) {
		const char *lf = *at == '\n' ? at : memchr(at, '\n', (size_t)(end - at));
		const char *next = lf ? lf + 1 : end, *line_end = lf ? lf : end, *cr;
		if (lf && line_end > at && line_end[-1] == '\r')
			line_end--;
		while (crs && at < line_end && (cr = memchr(at, '\r', (size_t)(line_end - at)))) {
			to = put_crlf(put(to, at, cr));
			at = cr + 1;
		}
		to = put(to, at, line_end);
		if (lf)
			to = put_crlf(to);
		at = next;
	}
	strbuf_setlen(out, (size_t)(to - out->buf));
}

void eol_encode(struct eol_encoder *e, struct span in, struct strbuf *out)
{
	if (!in.len)
		return;
	if (e->after_cr) {
		strbuf_add(out, CRLF, 2);
		e->after_cr = false;
		e->at_start = true;
		if (in.ptr[0] == '\n')
			in = span_sub(in, 1, in.len);
		if (!in.len)
			return;
	}
	if (in.ptr[in.len - 1] == '\r') { /* the next portion decides what it is */
		e->after_cr = true;
		in.len--;
		if (!in.len)
			return;
	}
	e->at_start = in.ptr[in.len - 1] == '\n';
	if (byte_scan_canonical(in))
		strbuf_add_span(out, in);
	else
		encode_lines(in, out);
}

void eol_encode_end(struct eol_encoder *e, struct strbuf *out)
{
	if (e->after_cr || !e->at_start)
		strbuf_add(out, CRLF, 2);
	eol_encoder_init(e);
}

/* ---- dots ---------------------------------------------------------------- */

void dot_encoder_init(struct dot_encoder *d)
{
	d->at_start = true;
}

void dot_encode(struct dot_encoder *d, struct span in, struct strbuf *out)
{
	if (!in.len)
		return;
	strbuf_grow(out, 2 * in.len);
	char *to = out->buf + out->len;
	bool ends_line = in.ptr[in.len - 1] == '\n';

	while (in.len) {
		size_t dot = byte_scan_find_line_dot(in, d->at_start);
		to = put(to, in.ptr, in.ptr + dot);
		if (dot == in.len)
			break;
		*to++ = '.';
		*to++ = '.';
		d->at_start = false;
		in = span_sub(in, dot + 1, in.len);
	}
	d->at_start = ends_line;
	strbuf_setlen(out, (size_t)(to - out->buf));
}

void dot_encode_end(struct dot_encoder *d, struct strbuf *out)
{
	if (!d->at_start)
		strbuf_add(out, CRLF, 2);
	strbuf_add(out, "." CRLF, 3);
	dot_encoder_init(d);
}

/* ---- a message ----------------------------------------------------------- */

void wire_body_init(struct wire_body *w, struct span header, const struct source *body, bool dots)
{
	*w = (struct wire_body){.header = header, .body = body, .dots = dots};
	eol_encoder_init(&w->eol);
	dot_encoder_init(&w->dot);
	strbuf_init(&w->raw);
	strbuf_init(&w->crlf);
}

void wire_body_release(struct wire_body *w)
{
	strbuf_release(&w->raw);
	strbuf_release(&w->crlf);
}

/* *part is the next octets of the body, at most room; borrowed until the next call. */
static bool next_of_body(struct wire_body *w, size_t room, struct span *part, struct error *err)
{
	struct span all;
	if (source_view(w->body, &all)) {
		size_t left = all.len - (size_t)w->body_offset;
		*part = span_make(all.ptr + w->body_offset, left < room ? left : room);
	} else {
		size_t got;
		strbuf_reset(&w->raw);
		strbuf_grow(&w->raw, PORTION);
		if (!source_read_at(w->body, w->body_offset, w->raw.buf, room, &got, err))
			return false;
		*part = span_make(w->raw.buf, got);
	}
	w->body_offset += part->len;
	return true;
}

/* Doubles the dots in out from position `from` on. Most portions have none and are not copied. */
static void double_dots(struct wire_body *w, struct strbuf *out, size_t from)
{
	struct span text = span_make(out->buf + from, out->len - from);
	size_t dot = byte_scan_find_line_dot(text, w->dot.at_start);
	if (dot > 0)
		w->dot.at_start = text.ptr[dot - 1] == '\n';
	if (dot == text.len)
		return;
	strbuf_reset(&w->crlf);
	strbuf_add_span(&w->crlf, span_sub(text, dot, text.len));
	strbuf_setlen(out, from + dot);
	dot_encode(&w->dot, strbuf_span(&w->crlf), out);
}

bool wire_body_next(struct wire_body *w, struct strbuf *out, bool *more, struct error *err)
{
	if (w->finished) {
		*more = false;
		return true;
	}
	struct span body = {"", 0};
	struct span header = span_sub(w->header, w->header_offset, w->header.len);
	bool header_ends = header.len <= PORTION;
	if (!header_ends)
		header.len = PORTION;
	else if (w->body_offset < w->body->size && header.len < PORTION &&
		 !next_of_body(w, PORTION - header.len, &body, err))
		return false;
	w->header_offset += header.len;
	w->finished = header_ends && w->body_offset == w->body->size;

	size_t before = out->len;
	*more = !w->finished;
	if (w->untouched) {
		strbuf_add_span(out, header);
		strbuf_add_span(out, body);
		return true;
	}
	eol_encode(&w->eol, header, out);
	if (header.len && header_ends)
		eol_encode_end(&w->eol, out); /* the body never continues the last line of the header */
	eol_encode(&w->eol, body, out);
	if (w->finished)
		eol_encode_end(&w->eol, out);
	if (w->dots)
		double_dots(w, out, before);
	if (w->dots && w->finished)
		dot_encode_end(&w->dot, out);
	return true;
}

uint64_t wire_size(struct span header, const struct message_info *info)
{
	return header.len + info->body_wire;
}
