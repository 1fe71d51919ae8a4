/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	multipart-body    = [preamble CRLF] dash-boundary transport-padding CRLF	RFC 2046 section 5.1.1
 *			    body-part *encapsulation
 *			    close-delimiter transport-padding [CRLF epilogue]
 *	encapsulation     = delimiter transport-padding CRLF body-part
 */
#include "mime/mime_scan.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "header/header_scan.h"
#include "message/wire.h"

/* A line that begins with "--" is held back, up to this length, until it is known whether it is a delimiter. */
#define DELIMITER_MAX (MIME_BOUNDARY_MAX + 1000)

static const struct span eol_lf = {"\n", 1}, eol_crlf = {"\r\n", 2}, eol_cr = {"\r", 1}, eol_none = {"", 0};

/* ---- entities ------------------------------------------------------------------- */

static struct mime_entity *begin_entity(struct mime_scan *s, size_t parent, unsigned depth)
{
	mime_type_release(&s->entity.type);
	s->entity = (struct mime_entity){.parent = parent, .depth = depth};
	s->entity.index = s->entities < MIME_PARTS_MAX ? s->entities : MIME_PARTS_MAX;
	s->entities++;
	s->in_header = true;
	s->binary = false;
	s->eol = eol_none;
	strbuf_reset(&s->block);
	return &s->entity;
}

static void open_level(struct mime_scan *s, struct mime_entity *e)
{
	const char *name = e->type.name;
	struct mime_level level = {
		.boundary = steal_ptr(e->type.boundary),
		.index = e->index,
		.depth = e->depth,
		.seals = e->sealed || strcmp(name, "multipart/signed") == 0 || strcmp(name, "multipart/encrypted") == 0,
		.digest = strcmp(name, "multipart/digest") == 0,
	};
	mime_levels_open(&s->levels, level);
}

static bool in_digest(const struct mime_scan *s)
{
	return s->levels.n && !s->entity.is_message && s->levels.v[s->levels.n - 1].digest;
}

/* The header is complete. What a message/rfc822 contains begins with another header. */
static bool end_header(struct mime_scan *s, bool separated, struct error *err)
{
	struct mime_entity *e = &s->entity;
	e->separated = separated;
	if (separated)
		strbuf_add(&s->block, "\r\n", 2);
	mime_entity_read(e, strbuf_span(&s->block), in_digest(s), &s->levels);
	if (!s->listener->header(s->arg, e, strbuf_span(&s->block), err))
		return false;
	if (e->kind == MIME_MESSAGE) {
		bool sealed = e->sealed;
		e = begin_entity(s, e->index, e->depth + 1);
		e->is_message = true;
		e->sealed = sealed;
		return true;
	}
	s->in_header = false;
	s->area_index = e->index;
	s->area = e->kind == MIME_MULTIPART ? AREA_PREAMBLE : AREA_CONTENT;
	s->binary = e->octets;
	if (e->kind == MIME_MULTIPART)
		open_level(s, e);
	return true;
}

/* ---- lines ------------------------------------------------------------------------ */

static bool report_text(struct mime_scan *s, struct span text, struct error *err)
{
	if (s->eol.len && !s->listener->eol(s->arg, s->area_index, s->area, s->eol, err))
		return false;
	s->eol = eol_none;
	return !text.len || s->listener->text(s->arg, s->area_index, s->area, text, err);
}

static bool at_delimiter(struct mime_scan *s, size_t k, bool closing, struct error *err)
{
	if (!s->listener->delimiter(s->arg, strbuf_span(&s->line), s->eol.len != 0, err))
		return false;
	strbuf_reset(&s->line);
	s->eol = eol_none;
	mime_levels_close(&s->levels, k + 1);
	if (closing) {
		s->in_header = false;
		s->binary = false;
		s->area = AREA_EPILOGUE;
		s->area_index = s->levels.v[k].index;
		mime_levels_close(&s->levels, k);
		return true;
	}
	struct mime_entity *e = begin_entity(s, s->levels.v[k].index, s->levels.v[k].depth + 1);
	e->sealed = s->levels.v[k].seals;
	return true;
}

static bool header_too_large(struct error *err)
{
	return error_set(err, ERROR_MESSAGE, _("the header of a part is larger than %u octets"), MIME_HEADER_MAX);
}

/* Whether s->line, which is complete except for its line end, belongs to the header. If not, the header ends before it.
 */
static bool belongs_to_header(const struct mime_scan *s)
{
	AUTO(strbuf)
	line = STRBUF_INIT; /* with a line end, so that header_line_kind() knows that the line is complete */
	size_t n = s->line.len < HEADER_NAME_MAX ? s->line.len : HEADER_NAME_MAX;
	strbuf_add(&line, s->line.buf, n);
	strbuf_addch(&line, '\n');
	switch (header_line_kind(strbuf_span(&line))) {
	case LINE_FIELD: return true;
	case LINE_CONTINUATION: return s->block.len;
	case LINE_MBOX: /* the separator of an mbox, left before a message */ return !s->block.len;
	default: return false;
	}
}

static bool line_end(struct mime_scan *s, struct span eol, struct error *err);

/* s->line is complete. eol: its line end; empty at the end of the message. */
static bool end_header_line(struct mime_scan *s, struct span eol, struct error *err)
{
	size_t k;
	bool closing;
	if (mime_levels_find(&s->levels, strbuf_span(&s->line), &k, &closing))
		return end_header(s, false, err) && (!s->in_header || end_header(s, false, err)) &&
		       at_delimiter(s, k, closing, err);
	if (!s->line.len && !eol.len)
		return true;
	s->lf_lines = eol.len == 1;
	if (!s->line.len)
		return end_header(s, true, err);
	if (belongs_to_header(s)) {
		if (s->block.len + s->line.len + 2 > MIME_HEADER_MAX)
			return header_too_large(err);
		strbuf_add_span(&s->block, strbuf_span(&s->line));
		strbuf_add(&s->block, "\r\n", 2);
		strbuf_reset(&s->line);
		return true;
	}
	if (!end_header(s, false, err))
		return false;
	if (s->in_header) /* of an enclosed message, which begins here */
		return end_header_line(s, eol, err);
	return line_end(s, eol, err); /* it may be the first delimiter of the multipart that has just begun */
}

static bool may_be_delimiter(const struct mime_scan *s, struct span line)
{
	return s->levels.n && (line.len < 1 || line.ptr[0] == '-') && (line.len < 2 || line.ptr[1] == '-');
}

/* Takes octets of a line, without its line end. */
static bool line_text(struct mime_scan *s, struct span text, struct error *err)
{
	if (!text.len)
		return true;
	if (s->in_header) {
		if (s->line.len + text.len > MIME_HEADER_MAX)
			return header_too_large(err);
		strbuf_add_span(&s->line, text);
		return true;
	}
	if (s->in_line)
		return report_text(s, text, err);
	if (!s->line.len && !may_be_delimiter(s, text)) {
		s->in_line = true;
		return report_text(s, text, err);
	}
	strbuf_add_span(&s->line, text);
	if (may_be_delimiter(s, strbuf_span(&s->line)) && s->line.len <= DELIMITER_MAX)
		return true;
	size_t k, len = s->line.len < DELIMITER_MAX ? s->line.len : DELIMITER_MAX;
	bool closing;
	if (mime_levels_find(&s->levels, span_make(s->line.buf, len), &k, &closing))
		return error_set(err, ERROR_MESSAGE, _("the message has a boundary line of more than %d octets"),
				 DELIMITER_MAX);
	s->in_line = true;
	bool ok = report_text(s, strbuf_span(&s->line), err);
	strbuf_reset(&s->line);
	return ok;
}

static bool line_end(struct mime_scan *s, struct span eol, struct error *err)
{
	size_t k;
	bool closing;
	if (s->in_header)
		return end_header_line(s, eol, err);
	if (!s->in_line && mime_levels_find(&s->levels, strbuf_span(&s->line), &k, &closing)) {
		s->lf_lines = eol.len == 1;
		return at_delimiter(s, k, closing, err);
	}
	if (!report_text(s, strbuf_span(&s->line), err))
		return false;
	strbuf_reset(&s->line);
	s->in_line = false;
	s->eol = eol;
	return true;
}

/* ---- octets ------------------------------------------------------------------------- */

/* A CR was held back, and `next` follows it. *used: 1 if next belongs to the line end, else 0. */
static bool settle_cr(struct mime_scan *s, char next, size_t *used, struct error *err)
{
	s->after_cr = false;
	*used = 0;
	if (s->binary && (next != '\n' || s->lf_lines))
		return line_text(s, SPAN_LIT("\r"), err);
	*used = next == '\n';
	return line_end(s, next == '\n' ? eol_crlf : eol_cr, err);
}

/* Cuts the first line, or what is there of it, off *in. *eol is empty if the line goes on. */
static struct span cut_line(const struct mime_scan *s, struct span *in, bool crs, struct span *eol)
{
	const char *lf = memchr(in->ptr, '\n', in->len);
	struct span text = span_make(in->ptr, lf ? (size_t)(lf - in->ptr) : in->len);
	size_t used = text.len + (lf ? 1 : 0);
	const char *cr = crs && !s->binary ? memchr(text.ptr, '\r', text.len) : NULL;
	*eol = lf ? eol_lf : eol_none;
	if (cr && (!lf || cr + 1 < lf)) {
		text.len = (size_t)(cr - text.ptr);
		used = text.len + 1;
		*eol = eol_cr;
	} else if (lf && text.len && lf[-1] == '\r' && !(s->binary && s->lf_lines)) {
		text.len--;
		*eol = eol_crlf;
	}
	*in = span_sub(*in, used, in->len);
	return text;
}

bool mime_scan_feed(struct mime_scan *s, struct span in, struct error *err)
{
	size_t used;
	if (!in.len)
		return true;
	if (s->after_cr) {
		if (!settle_cr(s, in.ptr[0], &used, err))
			return false;
		in = span_sub(in, used, in.len);
		if (!in.len)
			return true;
	}
	if (in.ptr[in.len - 1] == '\r') { /* the next octet decides what it is */
		s->after_cr = true;
		in.len--;
	}
	bool crs = in.len && memchr(in.ptr, '\r', in.len);
	while (in.len) {
		struct span eol, text = cut_line(s, &in, crs, &eol);
		if (!line_text(s, text, err) || (eol.len && !line_end(s, eol, err)))
			return false;
	}
	return true;
}

bool mime_scan_end(struct mime_scan *s, struct error *err)
{
	size_t used, k;
	bool closing;
	if (s->after_cr && !settle_cr(s, '\0', &used, err))
		return false;
	if (s->in_header && !end_header_line(s, eol_none, err))
		return false;
	while (s->in_header)
		if (!end_header(s, false, err))
			return false;
	if (!s->in_line && mime_levels_find(&s->levels, strbuf_span(&s->line), &k, &closing)) {
		if (!at_delimiter(s, k, closing, err))
			return false;
		return !s->in_header || end_header(s, false, err);
	}
	return report_text(s, strbuf_span(&s->line), err);
}

bool mime_scan_begin(struct mime_scan *s, const struct mime_listener *listener, void *arg, struct span header,
		     struct error *err)
{
	*s = (struct mime_scan){
		.listener = listener, .arg = arg, .block = STRBUF_INIT, .line = STRBUF_INIT, .eol = eol_none};
	struct eol_encoder lines;
	eol_encoder_init(&lines);
	begin_entity(s, 0, 0)->is_message = true;
	eol_encode(&lines, header, &s->block);
	eol_encode_end(&lines, &s->block);
	bool separated = s->block.len >= 2 && memcmp(s->block.buf + s->block.len - 2, "\r\n", 2) == 0 &&
			 (s->block.len == 2 || s->block.buf[s->block.len - 3] == '\n');
	if (separated)
		strbuf_setlen(&s->block, s->block.len - 2);
	s->lf_lines = memchr(header.ptr, '\r', header.len) == NULL;
	return end_header(s, separated, err);
}

void mime_scan_release(struct mime_scan *s)
{
	mime_levels_release(&s->levels);
	mime_type_release(&s->entity.type);
	strbuf_release(&s->block);
	strbuf_release(&s->line);
	*s = (struct mime_scan){.block = STRBUF_INIT, .line = STRBUF_INIT};
}
