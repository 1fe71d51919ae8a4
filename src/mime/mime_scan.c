/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	multipart-body    = [preamble CRLF] dash-boundary transport-padding CRLF	RFC 2046 section 5.1.1
 *			    body-part *encapsulation
 *			    close-delimiter transport-padding [CRLF epilogue]
 *	dash-boundary     = "--" boundary
 *	encapsulation     = delimiter transport-padding CRLF body-part
 *	delimiter         = CRLF dash-boundary
 *	close-delimiter   = delimiter "--"
 *
 * A boundary line is one that holds the boundary and nothing but blanks behind
 * it.  The RFC would let it be a mere beginning, but then "--a" would end at
 * "--ab", and so today's parsers compare it whole.  Every open boundary counts,
 * the innermost first; boundaries of which one could be taken for the other are
 * not opened a second time.
 */
#include "mime/mime_scan.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "header/header_scan.h"
#include "message/wire.h"

/* A line that begins with "--" is held so long until it is known whether it is a boundary. */
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

static void pop_to(struct mime_scan *s, size_t n)
{
	while (s->n > n)
		free(s->levels[--s->n].boundary);
}

/* Could a line be taken for a delimiter of both? */
static bool boundaries_collide(const char *a, const char *b)
{
	size_t al = strlen(a), bl = strlen(b);
	if (al > bl)
		return boundaries_collide(b, a);
	return strncmp(a, b, al) == 0 && (al == bl || strcmp(b + al, "--") == 0);
}

static bool boundary_usable(const struct mime_scan *s, const char *boundary)
{
	if (!boundary)
		return false;
	for (size_t i = 0; i < s->n; i++)
		if (boundaries_collide(s->levels[i].boundary, boundary))
			return false;
	return true;
}

static enum mime_refusal bar_of(const struct mime_scan *s, const struct mime_entity *e, bool ambiguous)
{
	const char *name = e->type.name;
	bool multipart = strncmp(name, "multipart/", 10) == 0, rfc822 = strcmp(name, "message/rfc822") == 0;
	bool identity = mime_encoding_is_identity(e->encoding);
	if (e->index >= MIME_PARTS_MAX)
		return REFUSAL_LIMIT;
	if (ambiguous)
		return REFUSAL_AMBIGUOUS;
	if (!multipart && !rfc822) {
		if (strncmp(name, "message/", 8) == 0 && strncmp(name, "message/global", 14) != 0)
			return REFUSAL_TYPE;
		return identity ? REFUSAL_NONE : REFUSAL_ENCODED;
	}
	if (!identity)
		return REFUSAL_CONTAINER;
	if (e->depth >= MIME_DEPTH_MAX)
		return REFUSAL_LIMIT;
	return multipart && !boundary_usable(s, e->type.boundary) ? REFUSAL_BOUNDARY : REFUSAL_NONE;
}

static void read_fields(struct mime_scan *s, struct mime_entity *e, bool digest)
{
	struct header_list list = HEADER_LIST_INIT;
	unsigned types = 0, encodings = 0;
	header_scan(strbuf_span(&s->block), &list);
	for (size_t i = 0; i < list.n; i++) {
		const struct header_field *f = &list.fields[i];
		if (header_is(f, "Content-Type") && !types++)
			mime_type_parse(f->value, &e->type);
		else if (header_is(f, "Content-Transfer-Encoding") && !encodings++)
			e->encoding = mime_encoding_parse(f->value);
		else if (header_is(f, "MIME-Version"))
			e->has_version = true;
	}
	header_list_release(&list);
	e->has_type = types;
	e->has_encoding = encodings;
	if (!types) /* RFC 2046 section 5.1.5 */
		e->type.name = xstrdup(digest ? "message/rfc822" : "text/plain");
	e->text = strncmp(e->type.name, "text/", 5) == 0 || !*e->type.name;
	e->bar = bar_of(s, e, types > 1 || encodings > 1);
	e->kind = e->bar != REFUSAL_NONE			 ? MIME_FIXED
		  : strncmp(e->type.name, "multipart/", 10) == 0 ? MIME_MULTIPART
		  : strcmp(e->type.name, "message/rfc822") == 0	 ? MIME_MESSAGE
								 : MIME_LEAF;
}

static void open_level(struct mime_scan *s, struct mime_entity *e)
{
	const char *name = e->type.name;
	GROW(s->levels, s->n, s->cap);
	s->levels[s->n++] = (struct mime_level){
		.boundary = steal_ptr(e->type.boundary),
		.index = e->index,
		.depth = e->depth,
		.seals = e->sealed || strcmp(name, "multipart/signed") == 0 || strcmp(name, "multipart/encrypted") == 0,
		.digest = strcmp(name, "multipart/digest") == 0,
	};
}

/* The header is complete.  What a message/rfc822 holds begins with a header again. */
static bool end_header(struct mime_scan *s, bool separated, struct error *err)
{
	struct mime_entity *e = &s->entity;
	bool digest = s->n && !e->is_message && s->levels[s->n - 1].digest;
	e->separated = separated;
	if (separated)
		strbuf_add(&s->block, "\r\n", 2);
	read_fields(s, e, digest);
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
	s->binary = e->kind == MIME_LEAF && e->encoding == MIME_BINARY;
	if (e->kind == MIME_MULTIPART)
		open_level(s, e);
	return true;
}

/* ---- lines ------------------------------------------------------------------------ */

static bool tell_text(struct mime_scan *s, struct span text, struct error *err)
{
	if (s->eol.len && !s->listener->eol(s->arg, s->area_index, s->area, s->eol, err))
		return false;
	s->eol = eol_none;
	return !text.len || s->listener->text(s->arg, s->area_index, s->area, text, err);
}

/* Is the line a delimiter of levels[*k]? */
static bool find_level(const struct mime_scan *s, struct span line, size_t *k, bool *closing)
{
	if (line.len < 3 || line.ptr[0] != '-' || line.ptr[1] != '-')
		return false;
	while (line.len && ascii_isblank(line.ptr[line.len - 1]))
		line.len--;
	line = span_sub(line, 2, line.len < 2 ? 2 : line.len);
	for (size_t i = s->n; i-- > 0;) {
		size_t len = strlen(s->levels[i].boundary);
		if (line.len < len || memcmp(line.ptr, s->levels[i].boundary, len) != 0)
			continue;
		*k = i;
		*closing = line.len == len + 2 && memcmp(line.ptr + len, "--", 2) == 0;
		if (*closing || line.len == len)
			return true;
	}
	return false;
}

static bool at_delimiter(struct mime_scan *s, size_t k, bool closing, struct error *err)
{
	if (!s->listener->delimiter(s->arg, strbuf_span(&s->line), s->eol.len != 0, err))
		return false;
	strbuf_reset(&s->line);
	s->eol = eol_none;
	pop_to(s, k + 1);
	if (closing) {
		s->in_header = false;
		s->binary = false;
		s->area = AREA_EPILOGUE;
		s->area_index = s->levels[k].index;
		pop_to(s, k);
		return true;
	}
	struct mime_entity *e = begin_entity(s, s->levels[k].index, s->levels[k].depth + 1);
	e->sealed = s->levels[k].seals;
	return true;
}

/* A line of a header, whole but for its line end.  False: it is none, and the header ends before it. */
static bool belongs_to_header(const struct mime_scan *s)
{
	AUTO(strbuf) line = STRBUF_INIT; /* with the line end that tells header_line_kind that this is all */
	size_t n = s->line.len < HEADER_NAME_MAX ? s->line.len : HEADER_NAME_MAX;
	strbuf_add(&line, s->line.buf, n);
	strbuf_addch(&line, '\n');
	switch (header_line_kind(strbuf_span(&line))) {
	case LINE_FIELD: return true;
	case LINE_CONTINUATION: return s->block.len;
	case LINE_MBOX: /* an mbox's line was left in front of a message */ return !s->block.len;
	default: return false;
	}
}

static bool line_end(struct mime_scan *s, struct span eol, struct error *err);

/* s->line has come to its end, eol (empty: the end of everything). */
static bool end_header_line(struct mime_scan *s, struct span eol, struct error *err)
{
	size_t k;
	bool closing;
	if (find_level(s, strbuf_span(&s->line), &k, &closing))
		return end_header(s, false, err) && (!s->in_header || end_header(s, false, err)) &&
		       at_delimiter(s, k, closing, err);
	if (!s->line.len && !eol.len)
		return true;
	s->lf_lines = eol.len == 1;
	if (!s->line.len)
		return end_header(s, true, err);
	if (belongs_to_header(s)) {
		if (s->block.len + s->line.len + 2 > MIME_HEADER_MAX)
			return error_set(err, ERROR_MESSAGE, _("the header of a part is larger than %u octets"),
					 MIME_HEADER_MAX);
		strbuf_add_span(&s->block, strbuf_span(&s->line));
		strbuf_add(&s->block, "\r\n", 2);
		strbuf_reset(&s->line);
		return true;
	}
	if (!end_header(s, false, err))
		return false;
	if (s->in_header) /* of the message inside, which begins here */
		return end_header_line(s, eol, err);
	return line_end(s, eol, err); /* maybe the first boundary of the multipart that has just begun */
}

static bool may_be_delimiter(const struct mime_scan *s, struct span line)
{
	return s->n && (line.len < 1 || line.ptr[0] == '-') && (line.len < 2 || line.ptr[1] == '-');
}

/* Octets of a line without its line end. */
static bool line_text(struct mime_scan *s, struct span text, struct error *err)
{
	if (!text.len)
		return true;
	if (s->in_header) {
		if (s->line.len + text.len > MIME_HEADER_MAX)
			return error_set(err, ERROR_MESSAGE, _("the header of a part is larger than %u octets"),
					 MIME_HEADER_MAX);
		strbuf_add_span(&s->line, text);
		return true;
	}
	if (s->in_line)
		return tell_text(s, text, err);
	if (!s->line.len && !may_be_delimiter(s, text)) {
		s->in_line = true;
		return tell_text(s, text, err);
	}
	strbuf_add_span(&s->line, text);
	if (may_be_delimiter(s, strbuf_span(&s->line)) && s->line.len <= DELIMITER_MAX)
		return true;
	size_t k;
	bool closing;
	if (find_level(s, span_make(s->line.buf, s->line.len < DELIMITER_MAX ? s->line.len : DELIMITER_MAX), &k,
		       &closing))
		return error_set(err, ERROR_MESSAGE, _("the message has a boundary line of more than %d octets"),
				 DELIMITER_MAX);
	s->in_line = true;
	bool ok = tell_text(s, strbuf_span(&s->line), err);
	strbuf_reset(&s->line);
	return ok;
}

static bool line_end(struct mime_scan *s, struct span eol, struct error *err)
{
	size_t k;
	bool closing;
	if (s->in_header)
		return end_header_line(s, eol, err);
	if (!s->in_line && find_level(s, strbuf_span(&s->line), &k, &closing)) {
		s->lf_lines = eol.len == 1;
		return at_delimiter(s, k, closing, err);
	}
	if (!tell_text(s, strbuf_span(&s->line), err))
		return false;
	strbuf_reset(&s->line);
	s->in_line = false;
	s->eol = eol;
	return true;
}

/* ---- octets ------------------------------------------------------------------------- */

/* A CR was held back, and this octet follows; *used of it belong to the line end. */
static bool settle_cr(struct mime_scan *s, char next, size_t *used, struct error *err)
{
	s->after_cr = false;
	*used = 0;
	if (s->binary && (next != '\n' || s->lf_lines))
		return line_text(s, SPAN_LIT("\r"), err);
	*used = next == '\n';
	return line_end(s, next == '\n' ? eol_crlf : eol_cr, err);
}

/* Cuts the first line, or what there is of it, off *in.  eol: empty if it goes on. */
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
	if (in.ptr[in.len - 1] == '\r') { /* the next octet tells what it is */
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
	if (!s->in_line && find_level(s, strbuf_span(&s->line), &k, &closing)) {
		if (!at_delimiter(s, k, closing, err))
			return false;
		return !s->in_header || end_header(s, false, err);
	}
	return tell_text(s, strbuf_span(&s->line), err);
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
	pop_to(s, 0);
	free(s->levels);
	mime_type_release(&s->entity.type);
	strbuf_release(&s->block);
	strbuf_release(&s->line);
	*s = (struct mime_scan){.block = STRBUF_INIT, .line = STRBUF_INIT};
}
