/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * There are two walks: the first one finds out what every part contains and decides what to do (mime_plan), the second
 * one writes. A line end of the content is written only once it is known not to belong to a boundary, so an encoded
 * part ends exactly where the original did.
 */
#include "mime/mime_convert.h"

#include "base/i18n.h"
#include "codec/base64_lines.h"
#include "codec/byte_scan.h"
#include "codec/line_limits.h"
#include "codec/quoted_printable.h"
#include "message/wire.h"
#include "mime/mime_field.h"
#include "mime/mime_plan.h"

#define CRLF "\r\n"
#define PORTION (64u * 1024)

struct writer {
	const struct mime_plan *plan;
	const struct mime_wants *wants;
	struct mime_result *result;
	enum mime_action action; /* for the part that is being written */
	struct quoted_printable quoted;
	struct base64_lines base64;
	struct strbuf out;    /* the end of the body, not yet in its source */
	size_t line;	      /* how many octets the last line in the source has */
	size_t column;	      /* ACTION_ESCAPE, ACTION_STRIP: how many octets the current line of the part has */
	size_t escape;	      /* ACTION_ESCAPE: how many octets of "=XX" are still to come */
	struct strbuf blanks; /* ACTION_ESCAPE: blanks that may end the line */
	char last;	      /* the last octet in the source */
};

void mime_result_init(struct mime_result *r, const struct temp_files *temp)
{
	*r = (struct mime_result){.header = STRBUF_INIT};
	source_init(&r->body, temp);
}

void mime_result_release(struct mime_result *r)
{
	strbuf_release(&r->header);
	source_release(&r->body);
	*r = (struct mime_result){.header = STRBUF_INIT, .body = SOURCE_INIT};
}

/* ---- out ------------------------------------------------------------------------------ */

static void measure_lines(struct writer *w, struct span text)
{
	struct message_info *info = &w->result->info;
	const char *lf;
	while (text.len && (lf = memchr(text.ptr, '\n', text.len))) {
		size_t n = (size_t)(lf - text.ptr);
		size_t line = w->line + n - (n ? lf[-1] == '\r' : w->line && w->last == '\r');
		if (line > info->longest_line)
			info->longest_line = line;
		w->line = 0;
		text = span_sub(text, n + 1, text.len);
	}
	w->line += text.len;
	if (w->line > info->longest_line)
		info->longest_line = w->line;
}

static bool flush_out(struct writer *w, struct error *err)
{
	struct span text = strbuf_span(&w->out);
	struct byte_scan seen = byte_scan(text);
	if (!text.len)
		return true;
	measure_lines(w, text);
	w->last = text.ptr[text.len - 1];
	w->result->info.eightbit_body |= seen.high;
	w->result->info.nul |= seen.nul;
	bool ok = source_append(&w->result->body, text.ptr, text.len, err);
	strbuf_reset(&w->out);
	return ok;
}

static bool maybe_flush(struct writer *w, struct error *err)
{
	return w->out.len < PORTION || flush_out(w, err);
}

/* A new line of content that is encoded already. */
static void begin_line(struct writer *w)
{
	w->column = w->escape = 0;
	strbuf_reset(&w->blanks);
}

/* Called when the content of a part is complete. */
static void end_content(struct writer *w)
{
	if (w->action == ACTION_QUOTED)
		quoted_printable_end(&w->quoted, &w->out);
	else if (w->action == ACTION_BASE64 || w->action == ACTION_BASE64_RAW)
		base64_lines_end(&w->base64, &w->out);
	w->action = ACTION_COPY;
}

/* ---- events --------------------------------------------------------------------------- */

static const char *added_type(const struct mime_part *part)
{
	return !part->content.high ? "text/plain; charset=us-ascii"
	       : part->utf8	   ? "text/plain; charset=utf-8"
				   : "text/plain; charset=unknown-8bit";
}

static struct mime_field_changes changes_of(const struct writer *w, size_t index)
{
	const struct mime_part *part = &w->plan->parts[index];
	struct mime_field_changes changes = {
		.encoding = part->label,
		.type = part->add_type ? added_type(part) : NULL,
		.version = part->add_version,
		.encode = part->encode_header,
		.utf8 = w->wants->utf8_header && !index,
		.keep_addresses = index && !w->wants->seven_bit,
		.header = w->wants->header,
		.line_max = part->sealed ? 0 : w->wants->line_max,
	};
	changes.header.eightbit &= !(index && w->wants->seven_bit);
	return changes;
}

static bool on_header(void *arg, const struct mime_entity *e, struct span block, struct error *err)
{
	struct writer *w = arg;
	const struct mime_part *part = &w->plan->parts[e->index];
	struct strbuf *out = e->index ? &w->out : &w->result->header;
	struct mime_field_changes changes = changes_of(w, e->index);
	end_content(w);
	w->action = part->action;
	begin_line(w);
	if (!mime_fields_change(block, &changes, out, err)) {
		AUTO(strbuf) name = STRBUF_INIT;
		mime_plan_name(w->plan, e->index, &name);
		if (e->index)
			error_prefix(err, "%s", name.buf);
		return false;
	}
	/* A line that is not a field ended the header, but what is written there now could be a field. */
	bool grows = part->action != ACTION_COPY || part->label || part->add_version ||
		     (e->kind == MIME_MESSAGE && !part->sealed);
	if (!e->separated && grows)
		strbuf_adds(out, CRLF);
	return maybe_flush(w, err);
}

/* Room for n octets in the current line of content that is encoded already, with the "=" that would end it. */
static void make_room(struct writer *w, size_t n, const char *line_end)
{
	if (w->column + n <= LINE_LIMIT_ENCODED)
		return;
	strbuf_adds(&w->out, line_end);
	w->column = 0;
}

/* One octet of quoted-printable. No line is broken within "=XX". */
static void add_quoted(struct writer *w, char c, bool wrap)
{
	bool high = c & 0x80;
	if (high || (wrap && c == '='))
		make_room(w, strlen("=XX="), "=" CRLF);
	else if (wrap && !w->escape)
		make_room(w, strlen("x="), "=" CRLF);
	w->escape = c == '=' ? strlen("XX") : w->escape ? w->escape - 1 : 0;
	if (high)
		strbuf_addf(&w->out, "=%02X", (unsigned char)c);
	else
		strbuf_addch(&w->out, c);
	w->column += high ? strlen("=XX") : 1;
}

/* Writes quoted-printable: octets above 127 encoded, and lines that are too long broken. Blanks at the end of a line
 * mean nothing; before the "=" of a break they would. */
static void add_escaped(struct writer *w, struct span text, bool wrap)
{
	for (size_t i = 0; i < text.len; i++) {
		if (wrap && ascii_isblank(text.ptr[i]) && w->blanks.len < PORTION) {
			strbuf_addch(&w->blanks, text.ptr[i]);
			continue;
		}
		for (size_t j = 0; j < w->blanks.len; j++)
			add_quoted(w, w->blanks.buf[j], wrap);
		strbuf_reset(&w->blanks);
		add_quoted(w, text.ptr[i], wrap);
	}
}

static void add_stripped(struct writer *w, struct span text, bool wrap)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] & 0x80)
			continue;
		if (wrap)
			make_room(w, 1, CRLF);
		strbuf_addch(&w->out, text.ptr[i]);
		w->column++;
	}
}

static bool on_text(void *arg, size_t index, enum mime_area area, struct span text, struct error *err)
{
	struct writer *w = arg;
	bool wrap = w->plan->parts[index].wrap;
	switch (area == AREA_CONTENT ? w->action : ACTION_COPY) {
	case ACTION_COPY:
	case ACTION_TEXT:
	case ACTION_RAW: strbuf_add_span(&w->out, text); break;
	case ACTION_QUOTED: quoted_printable_add(&w->quoted, text, &w->out); break;
	case ACTION_BASE64:
	case ACTION_BASE64_RAW: base64_lines_add(&w->base64, text, &w->out); break;
	case ACTION_ESCAPE: add_escaped(w, text, wrap); break;
	case ACTION_STRIP: add_stripped(w, text, wrap); break;
	}
	return maybe_flush(w, err);
}

static bool on_eol(void *arg, size_t index, enum mime_area area, struct span eol, struct error *err)
{
	struct writer *w = arg;
	if (area == AREA_CONTENT && w->action == ACTION_QUOTED) {
		quoted_printable_end_line(&w->quoted, &w->out);
		return maybe_flush(w, err);
	}
	bool raw = area == AREA_CONTENT && (w->action == ACTION_RAW || w->action == ACTION_BASE64_RAW);
	begin_line(w);
	if (area == AREA_CONTENT && (w->action == ACTION_ESCAPE || w->action == ACTION_STRIP)) {
		strbuf_adds(&w->out, CRLF);
		return maybe_flush(w, err);
	}
	return on_text(arg, index, area, raw ? eol : SPAN_LIT(CRLF), err);
}

static bool on_delimiter(void *arg, struct span line, bool own_line, struct error *err)
{
	struct writer *w = arg;
	end_content(w);
	if (own_line)
		strbuf_adds(&w->out, CRLF);
	strbuf_add_span(&w->out, line);
	strbuf_adds(&w->out, CRLF);
	return maybe_flush(w, err);
}

static const struct mime_listener listener = {on_header, on_text, on_eol, on_delimiter};

/* ---- the message ------------------------------------------------------------------------- */

static void inspect_header(struct mime_result *r)
{
	struct span rest = strbuf_span(&r->header), line;
	struct byte_scan seen = byte_scan(rest);
	r->info.eightbit_header = seen.high;
	r->info.nul |= seen.nul;
	while (span_split(&rest, '\n', &line)) {
		size_t n = line.len && line.ptr[line.len - 1] == '\r' ? line.len - 1 : line.len;
		if (n > r->info.longest_line)
			r->info.longest_line = n;
	}
}

static bool write_body(struct writer *w, struct span header, const struct source *body, struct error *err)
{
	struct mime_result *r = w->result;
	if (!mime_walk(&listener, w, header, body, err))
		return false;
	bool raw_end = w->action == ACTION_RAW;
	end_content(w);
	char last = w->out.len ? w->out.buf[w->out.len - 1] : w->last;
	if (!raw_end && last != '\n' && w->out.len + r->body.size > 0)
		strbuf_adds(&w->out, CRLF);
	return flush_out(w, err);
}

/* header: with CRLF or LF line ends. */
static bool write_header(const struct mime_field_changes *changes, struct span header, struct mime_result *r,
			 struct error *err)
{
	AUTO(strbuf) lines = STRBUF_INIT;
	struct eol_encoder eol;
	eol_encoder_init(&eol);
	eol_encode(&eol, header, &lines);
	eol_encode_end(&eol, &lines);
	if (!mime_fields_change(strbuf_span(&lines), changes, &r->header, err))
		return false;
	r->same_body = true;
	return true;
}

static bool write_result(struct writer *w, struct span header, const struct source *body, struct error *err)
{
	struct mime_result *r = w->result;
	struct mime_field_changes changes = changes_of(w, 0);
	if (w->plan->body_changes ? !write_body(w, header, body, err) : !write_header(&changes, header, r, err))
		return false;
	inspect_header(r);
	if (r->same_body && w->plan->longest_body > r->info.longest_line)
		r->info.longest_line = w->plan->longest_body;
	r->info.octets = r->header.len + r->body.size;
	r->info.body_wire = r->body.size;
	r->info.has_separator = true;
	r->changed = true;
	r->binary = w->plan->binary;
	r->encoded = w->plan->encoded;
	/* The caller relies on it and does not check again. */
	bool eightbit = w->wants->encode_header && !w->wants->header.eightbit && r->info.eightbit_header;
	if ((w->wants->seven_bit && r->info.eightbit_body) || eightbit || (r->info.nul && !r->binary))
		return error_set(err, ERROR_INTERNAL, _("the message was not converted as it should have been"));
	return true;
}

bool mime_convert_header(struct span header, const struct mime_wants *wants, struct mime_result *r, struct error *err)
{
	struct mime_field_changes changes = {.encode = wants->encode_header,
					     .utf8 = wants->utf8_header,
					     .header = wants->header,
					     .line_max = wants->line_max};
	if (!write_header(&changes, header, r, err))
		return false;
	inspect_header(r);
	r->changed = true;
	return true;
}

bool mime_convert(struct span header, const struct source *body, const struct mime_wants *wants, struct mime_result *r,
		  struct error *err)
{
	struct mime_plan plan = MIME_PLAN_INIT;
	bool ok = mime_plan_read(&plan, header, body, err) && mime_plan_decide(&plan, wants, err);
	if (ok && plan.changes) {
		struct writer w = {
			.plan = &plan, .wants = wants, .result = r, .out = STRBUF_INIT, .blanks = STRBUF_INIT};
		ok = write_result(&w, header, body, err);
		strbuf_release(&w.out);
		strbuf_release(&w.blanks);
	} else if (ok) {
		r->info.longest_line = plan.longest_line;
	}
	mime_plan_release(&plan);
	return ok;
}
