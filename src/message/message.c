/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/message.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "codec/byte_scan.h"
#include "header/header_scan.h"

enum reader_state {
	READ_LINE_START, /* in the header, in a line whose kind is not known; its octets are in r->line */
	READ_FIELD,	 /* in a field or a continuation: octets go to the header */
	READ_AHEAD,	 /* after a line that is not a field: octets go to r->look */
	READ_BODY_AHEAD, /* in the body, in the paragraph that may turn out to be part of the header */
	READ_BODY
};

void message_init(struct message *msg, const struct temp_files *temp)
{
	strbuf_init(&msg->header);
	source_init(&msg->body, temp);
	msg->info = (struct message_info){0};
}

void message_release(struct message *msg)
{
	strbuf_release(&msg->header);
	source_release(&msg->body);
	msg->info = (struct message_info){0};
}

void message_reader_init(struct message_reader *r, struct message *msg, uint64_t size_limit)
{
	*r = (struct message_reader){.msg = msg, .state = READ_LINE_START, .size_limit = size_limit};
	strbuf_init(&r->line);
	strbuf_init(&r->undecided);
	r->look = HEADER_LOOKAHEAD_INIT;
}

void message_reader_release(struct message_reader *r)
{
	strbuf_release(&r->line);
	strbuf_release(&r->undecided);
	header_lookahead_release(&r->look);
}

static void end_line(struct message_reader *r)
{
	if (r->line_len > r->msg->info.longest_line)
		r->msg->info.longest_line = r->line_len;
	r->line_len = 0;
}

/* ---- body -------------------------------------------------------------- */

/* Counts octets of one line. A lone CR among them ends a line on the wire. */
static void measure_lines(struct message_reader *r, struct span part)
{
	const char *cr;
	while (part.len && (cr = memchr(part.ptr, '\r', part.len))) {
		size_t n = (size_t)(cr - part.ptr);
		r->line_len += n;
		end_line(r);
		part = span_sub(part, n + 1, part.len);
	}
	r->line_len += part.len;
}

/* Counts lines from LF to LF; returns how many of the LFs have a CR before them. */
static size_t scan_lines(struct message_reader *r, struct span in)
{
	size_t crlf = 0;
	const char *p = in.ptr, *end = in.ptr + in.len;

	while (p < end) {
		const char *lf = *p == '\n' ? p : memchr(p, '\n', (size_t)(end - p));
		struct span part = span_make(p, (size_t)((lf ? lf : end) - p));
		if (lf && part.len && part.ptr[part.len - 1] == '\r') {
			part.len--;
			crlf++;
		} else if (lf) {
			r->body_bare_lf++;
		}
		/* A line that cannot be the longest one need not be measured. */
		if (!lf || r->line_len + part.len > r->msg->info.longest_line)
			measure_lines(r, part);
		if (!lf)
			break;
		end_line(r);
		p = lf + 1;
	}
	return crlf;
}

static bool body_add(struct message_reader *r, struct span in, struct error *err)
{
	struct message_info *info = &r->msg->info;
	if (!in.len)
		return true;
	if (!source_append(&r->msg->body, in.ptr, in.len, err))
		return false;

	if (r->after_cr) {
		r->after_cr = false;
		end_line(r);
		if (in.ptr[0] == '\n')
			in = span_sub(in, 1, in.len);
		else
			info->bare_cr++;
		if (!in.len)
			return true;
	}
	if (in.ptr[in.len - 1] == '\r') { /* the next octet decides what it is */
		r->after_cr = true;
		in.len--;
	}
	struct byte_scan seen = byte_scan(in);
	info->eightbit_body |= seen.high;
	info->nul |= seen.nul;
	info->bare_cr += seen.crs - scan_lines(r, in);
	return true;
}

static bool body_end(struct message_reader *r, struct error *err)
{
	struct message *msg = r->msg;
	if (r->after_cr) {
		msg->info.bare_cr++;
		end_line(r);
	}
	bool open = r->line_len > 0;
	end_line(r);
	msg->info.unterminated = open;
	msg->info.bare_lf += r->body_bare_lf;
	msg->info.body_wire = msg->body.size + r->body_bare_lf + msg->info.bare_cr + (open ? 2 : 0);
	return source_complete(&msg->body, err);
}

/* ---- header ------------------------------------------------------------ */

static bool header_feed(struct message_reader *r, struct span in, struct error *err);

/* A CR in the value of a field stands between two words. In its name it means nothing: "B<CR>cc" is a Bcc. */
static void add_without_crs(struct message_reader *r, struct span in)
{
	struct strbuf *header = &r->msg->header;
	bool after_cr = r->after_cr;
	for (size_t i = 0; i < in.len; i++) {
		char c = in.ptr[i];
		if (c != '\r') {
			if (after_cr && r->in_value && c != '\n')
				strbuf_addch(header, ' ');
			r->in_value |= c == ':';
			strbuf_addch(header, c);
		}
		after_cr = c == '\r';
	}
}

/* Adds octets of a field, at most up to and including an LF. */
static bool header_add(struct message_reader *r, struct span in, struct error *err)
{
	struct message *msg = r->msg;
	struct byte_scan seen = byte_scan(in);
	msg->info.eightbit_header |= seen.high;
	msg->info.nul |= seen.nul;
	bool whole = in.ptr[in.len - 1] == '\n';
	bool cr_before = in.len > 1 ? in.ptr[in.len - 2] == '\r' : r->after_cr;
	size_t before = msg->header.len;
	if (r->state != READ_FIELD)
		r->in_value = ascii_isblank(in.ptr[0]);
	if (seen.crs || r->after_cr)
		add_without_crs(r, in);
	else
		strbuf_add_span(&msg->header, in);
	if (msg->header.len > HEADER_MAX)
		return error_set(err, ERROR_MESSAGE, _("the header of the message is larger than %u MiB"),
				 HEADER_MAX / (1024 * 1024));
	r->in_value |= msg->header.len > before && memchr(msg->header.buf + before, ':', msg->header.len - before);
	r->after_cr = in.ptr[in.len - 1] == '\r';
	r->line_len += msg->header.len - before - whole;
	if (whole) {
		msg->info.bare_lf += !cr_before;
		end_line(r);
	}
	r->state = whole ? READ_LINE_START : READ_FIELD;
	return true;
}

/* The text of the look-ahead is part of the header, but for its last line, whose kind is found out again. */
static bool header_goes_on(struct message_reader *r, struct error *err)
{
	AUTO(strbuf) fields = STRBUF_INIT;
	struct header_lookahead look = r->look;
	struct span rest, line;
	r->look = HEADER_LOOKAHEAD_INIT;
	header_lookahead_repair(&look, strbuf_span(&r->msg->header), &fields);
	r->msg->info.mbox_line |= !look.past_mbox;
	bool ok = true;
	for (rest = strbuf_span(&fields); ok && rest.len;) {
		const char *lf = memchr(rest.ptr, '\n', rest.len);
		line = span_sub(rest, 0, lf ? (size_t)(lf - rest.ptr) + 1 : rest.len);
		ok = header_add(r, line, err);
		rest = span_sub(rest, line.len, rest.len);
	}
	r->any_line |= fields.len > 0;
	r->state = READ_LINE_START;
	rest = span_sub(strbuf_span(&look.text), look.line, look.text.len);
	ok = ok && header_feed(r, rest, err);
	header_lookahead_release(&look);
	return ok;
}

/* The text of the look-ahead is body, but for separators of an mbox and the empty line after them. */
static bool start_body(struct message_reader *r, struct error *err)
{
	struct message_info *info = &r->msg->info;
	struct span text = strbuf_span(&r->look.text);
	size_t mbox = header_lookahead_mbox(&r->look, !r->any_line);
	if (mbox) {
		info->mbox_line = true;
		text = span_sub(text, mbox, text.len);
	}
	const char *lf = memchr(text.ptr, '\n', text.len);
	struct span line = span_sub(text, 0, lf ? (size_t)(lf - text.ptr) + 1 : text.len);
	if (line.len && header_read_kind(line) == LINE_EMPTY) {
		info->has_separator = true;
		info->bare_lf += line.len < 2; /* with CRs before it, it is not a lone LF */
		text = span_sub(text, line.len, text.len);
	} else {
		info->headerless = !r->any_line && text.len;
	}
	r->state = r->look.text.len > HEADER_LOOKAHEAD_MAX ? READ_BODY_AHEAD : READ_BODY;
	r->look.forget = true;
	r->after_cr = false;
	r->line_len = 0;
	return body_add(r, text, err);
}

static bool look_ahead(struct message_reader *r, struct span in, struct error *err)
{
	enum lookahead found = header_lookahead_add(&r->look, in, !r->any_line);
	if (found == LOOKAHEAD_HEADER)
		return header_goes_on(r, err);
	return found == LOOKAHEAD_MORE || start_body(r, err);
}

/* A long paragraph without a field that belongs to a header is body already. */
static bool body_ahead(struct message_reader *r, struct span in, struct error *err)
{
	enum lookahead found = header_lookahead_add(&r->look, in, !r->any_line);
	if (found == LOOKAHEAD_LATE)
		return error_set(
			err, ERROR_MESSAGE, "%s",
			_("a line in the header of the message is not a field, and too many lines follow before "
			  "the next field"));
	if (found == LOOKAHEAD_BODY)
		r->state = READ_BODY;
	return body_add(r, in, err);
}

/* r->line is a line of that kind, or the beginning of one. */
static bool line_known(struct message_reader *r, enum header_line kind, struct error *err)
{
	AUTO(strbuf) line = r->line;
	strbuf_init(&r->line);
	if (kind == LINE_FIELD || (kind == LINE_CONTINUATION && r->any_line)) {
		r->any_line = true;
		return header_add(r, utf8_without_bom(strbuf_span(&line)), err);
	}
	r->state = READ_AHEAD;
	return look_ahead(r, strbuf_span(&line), err);
}

/* Takes octets of one line at most; *used is their number. */
static bool header_step(struct message_reader *r, struct span in, size_t *used, struct error *err)
{
	const char *lf = memchr(in.ptr, '\n', in.len);
	in.len = lf ? (size_t)(lf - in.ptr) + 1 : in.len;
	if (r->state == READ_LINE_START && in.len > HEADER_NAME_MAX - r->line.len)
		in.len = HEADER_NAME_MAX - r->line.len;
	*used = in.len;

	if (r->state == READ_FIELD)
		return header_add(r, in, err);
	if (r->state == READ_AHEAD)
		return look_ahead(r, in, err);
	strbuf_add_span(&r->line, in);
	enum header_line kind = header_read_kind(strbuf_span(&r->line));
	return kind == LINE_MORE || line_known(r, kind, err);
}

static bool header_feed(struct message_reader *r, struct span in, struct error *err)
{
	while (in.len && r->state < READ_BODY_AHEAD) {
		size_t used;
		if (!header_step(r, in, &used, err))
			return false;
		in = span_sub(in, used, in.len);
	}
	return r->state == READ_BODY_AHEAD ? body_ahead(r, in, err) : body_add(r, in, err);
}

/* The line ends are known: takes what was held back. */
static bool settle_ends(struct message_reader *r, struct error *err)
{
	AUTO(strbuf) text = r->undecided;
	strbuf_init(&r->undecided);
	if (r->ends == ENDS_CR && r->msg->body.file.fd < 0) {
		source_input(&r->msg->body, -1); /* it will not be what the file contains */
		for (size_t i = 0; i < text.len; i++)
			if (text.buf[i] == '\r')
				text.buf[i] = '\n';
	}
	return header_feed(r, strbuf_span(&text), err);
}

/* Takes text without an LF, before which there was none. */
static bool feed_undecided(struct message_reader *r, struct span in, struct error *err)
{
	const char *cr = r->undecided.len ? in.ptr : memchr(in.ptr, '\r', in.len);
	size_t before = cr ? (size_t)(cr - in.ptr) : in.len;
	if (before && !header_feed(r, span_sub(in, 0, before), err))
		return false;
	strbuf_add_span(&r->undecided, span_sub(in, before, in.len));
	if (r->undecided.len <= HEADER_MAX)
		return true;
	r->ends = ENDS_LF; /* an old Macintosh did not write that much */
	return settle_ends(r, err);
}

bool message_reader_feed(struct message_reader *r, const void *data, size_t len, struct error *err)
{
	struct span in = span_make(data, len);

	if (r->size_limit && len > r->size_limit - r->msg->info.octets) {
		(void)error_set(err, ERROR_TOO_BIG, _("the message is larger than the limit of %llu octets"),
				(unsigned long long)r->size_limit);
		return false;
	}
	r->msg->info.octets += len;
	if (r->ends == ENDS_UNKNOWN && len) {
		if (!memchr(data, '\n', len))
			return feed_undecided(r, in, err);
		r->ends = ENDS_LF;
		if (!settle_ends(r, err))
			return false;
	}
	return header_feed(r, in, err);
}

static bool only_crs(struct span sp)
{
	return byte_scan(sp).crs == sp.len;
}

bool message_reader_end(struct message_reader *r, struct error *err)
{
	struct message_info *info = &r->msg->info;

	if (r->ends == ENDS_UNKNOWN) {
		r->ends = ENDS_CR;
		if (!settle_ends(r, err))
			return false;
	}
	if (r->state >= READ_BODY_AHEAD)
		return body_end(r, err);
	if (r->state == READ_LINE_START && !only_crs(strbuf_span(&r->line))) { /* a header drops CRs: nothing is left */
		AUTO(strbuf) line = r->line;
		strbuf_init(&r->line);
		r->state = READ_AHEAD;
		strbuf_add_span(&r->look.text, strbuf_span(&line));
	}
	if (r->state == READ_AHEAD && r->look.text.len)
		return start_body(r, err) && body_end(r, err);
	info->unterminated = r->line_len > 0;
	end_line(r);
	return true;
}
