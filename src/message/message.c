/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/message.h"

#include "base/i18n.h"
#include "codec/byte_scan.h"
#include "header/header_scan.h"

/* How many octets of "From " lines at the start are held back until the next line shows what they are. */
#define HELD_MAX 4096

enum reader_state {
	READ_LINE_START, /* in the header, in a line whose kind is not known; its octets are in r->line */
	READ_FIELD,	 /* in a field or a continuation: octets go to the header */
	READ_MBOX,	 /* in a "From " line: octets go to r->held */
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
	strbuf_init(&r->held);
}

void message_reader_release(struct message_reader *r)
{
	strbuf_release(&r->line);
	strbuf_release(&r->held);
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

/* Adds octets of a field, at most up to and including an LF. */
static bool header_add(struct message_reader *r, struct span in, struct error *err)
{
	struct message *msg = r->msg;
	struct byte_scan seen = byte_scan(in);
	msg->info.eightbit_header |= seen.high;
	msg->info.nul |= seen.nul;
	if (in.len - seen.crs > HEADER_MAX - msg->header.len)
		return error_set(err, ERROR_MESSAGE, _("the header of the message is larger than %u MiB"),
				 HEADER_MAX / (1024 * 1024));

	bool whole = in.ptr[in.len - 1] == '\n';
	bool cr_before = in.len > 1 ? in.ptr[in.len - 2] == '\r' : r->after_cr;
	r->line_len += in.len - seen.crs - whole;
	r->after_cr = in.ptr[in.len - 1] == '\r';
	if (whole) {
		msg->info.bare_lf += !cr_before;
		end_line(r);
	}
	const char *cr;
	while (seen.crs && (cr = memchr(in.ptr, '\r', in.len))) {
		size_t n = (size_t)(cr - in.ptr);
		strbuf_add(&msg->header, in.ptr, n);
		in = span_sub(in, n + 1, in.len);
	}
	strbuf_add_span(&msg->header, in);
	r->state = whole ? READ_LINE_START : READ_FIELD;
	return true;
}

/* Whether there is a time, and four digits somewhere after it, as in "From someone Sun Nov 22 10:30:00 2026". */
static bool has_date(struct span line)
{
	bool time = false;
	for (size_t i = 0, digits = 0; i < line.len; i++) {
		digits = ascii_isdigit(line.ptr[i]) ? digits + 1 : 0;
		if (time && digits == 4)
			return true;
		time |= digits == 2 && i >= 4 && line.ptr[i - 2] == ':' && ascii_isdigit(line.ptr[i - 3]);
	}
	return false;
}

static bool is_mbox(struct span held)
{
	struct span line;
	while (span_split(&held, '\n', &line)) {
		line = span_trim(line);
		if (line.len && line.ptr[0] == 'F' && has_date(line))
			return true;
	}
	return false;
}

static bool start_body(struct message_reader *r, struct error *err)
{
	AUTO(strbuf) held = r->held, line = r->line;
	strbuf_init(&r->held);
	strbuf_init(&r->line);
	r->state = READ_BODY;
	r->after_cr = false;
	r->line_len = 0;
	return body_add(r, strbuf_span(&held), err) && body_add(r, strbuf_span(&line), err);
}

/* Decides, at the line after the "From " lines or at the end, whether they are the separator of an mbox. */
static void settle_held(struct message_reader *r, bool field_follows)
{
	if (!r->held.len)
		return;
	if (field_follows || is_mbox(strbuf_span(&r->held))) {
		r->msg->info.mbox_line = true;
		strbuf_release(&r->held);
	}
}

static bool header_ends(struct message_reader *r, bool empty_line, struct error *err)
{
	struct message_info *info = &r->msg->info;
	settle_held(r, false);
	if (empty_line && !r->held.len) {
		info->has_separator = true;
		info->bare_lf += r->line.len < 2; /* with CRs before it, it is not a lone LF */
		strbuf_reset(&r->line);
	} else {
		info->headerless = !r->any_line;
	}
	return start_body(r, err);
}

/* r->line is a line of that kind, or the beginning of one. */
static bool line_known(struct message_reader *r, enum header_line kind, struct error *err)
{
	if (kind == LINE_CONTINUATION && !r->any_line)
		kind = LINE_OTHER;
	if (kind == LINE_MBOX && (r->any_line || r->held.len > HELD_MAX))
		kind = LINE_OTHER;

	switch (kind) {
	case LINE_FIELD:
	case LINE_CONTINUATION:
		settle_held(r, true);
		r->any_line = true;
		if (!header_add(r, strbuf_span(&r->line), err))
			return false;
		strbuf_reset(&r->line);
		return true;
	case LINE_MBOX:
		r->state = r->line.buf[r->line.len - 1] == '\n' ? READ_LINE_START : READ_MBOX;
		strbuf_add_span(&r->held, strbuf_span(&r->line));
		strbuf_reset(&r->line);
		return true;
	case LINE_MORE:
	case LINE_EMPTY:
	case LINE_OTHER: break;
	}
	return header_ends(r, kind == LINE_EMPTY, err);
}

/* Takes octets of one line at most; *used is their number. */
static bool header_step(struct message_reader *r, struct span in, size_t *used, struct error *err)
{
	const char *lf = memchr(in.ptr, '\n', in.len);
	in.len = lf ? (size_t)(lf - in.ptr) + 1 : in.len;
	*used = in.len;

	if (r->state == READ_FIELD)
		return header_add(r, in, err);
	if (r->state == READ_MBOX) {
		if (in.len > HELD_MAX)
			in.len = *used = HELD_MAX;
		strbuf_add_span(&r->held, in);
		if (r->held.len > 2 * HELD_MAX) { /* a separator of an mbox is not that long */
			r->msg->info.headerless = true;
			return start_body(r, err);
		}
		if (in.ptr[in.len - 1] == '\n')
			r->state = READ_LINE_START;
		return true;
	}
	if (in.len > HEADER_NAME_MAX - r->line.len)
		in.len = *used = HEADER_NAME_MAX - r->line.len;
	strbuf_add_span(&r->line, in);
	enum header_line kind = header_line_kind(strbuf_span(&r->line));
	return kind == LINE_MORE || line_known(r, kind, err);
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
	while (in.len && r->state != READ_BODY) {
		size_t used;
		if (!header_step(r, in, &used, err))
			return false;
		in = span_sub(in, used, in.len);
	}
	return body_add(r, in, err);
}

static bool only_crs(struct span sp)
{
	return byte_scan(sp).crs == sp.len;
}

bool message_reader_end(struct message_reader *r, struct error *err)
{
	struct message_info *info = &r->msg->info;

	if (r->state == READ_BODY)
		return body_end(r, err);
	bool line = !only_crs(strbuf_span(&r->line)); /* without its CRs, which a header drops, nothing would be left */
	if (!line)
		settle_held(r, false);
	if (line || r->held.len) {
		return header_ends(r, false, err) && body_end(r, err);
	}
	info->unterminated = r->line_len > 0;
	end_line(r);
	return true;
}
