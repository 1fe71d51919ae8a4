/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks mime_convert(). A decoder of its own, which divides a message from the outside in instead of walking through
 * it, finds the same tree with the same decoded content before and after. The result is as wanted (no octet above 127,
 * no NUL, the right message_info), and is not converted a second time. The walk reports the same events in any
 * portions. The first two octets of the input choose wants and portions.
 */
#include "fuzz.h"

#include "base/base64.h"
#include "header/header_apply.h"
#include "mime/mime_convert.h"
#include "mime/mime_scan.h"
#include "message/wire.h"

#include <strings.h>

/* ---- the other decoder -------------------------------------------------------------- */

static struct span cut_line(struct span *rest)
{
	size_t n = 0, end;
	while (n < rest->len && rest->ptr[n] != '\n' && rest->ptr[n] != '\r')
		n++;
	end = n < rest->len ? n + 1 : n;
	if (end < rest->len && rest->ptr[n] == '\r' && rest->ptr[end] == '\n')
		end++;
	struct span line = span_sub(*rest, 0, n);
	*rest = span_sub(*rest, end, rest->len);
	return line;
}

static void add_canonical(struct strbuf *out, struct span text)
{
	while (text.len) {
		size_t before = text.len;
		struct span line = cut_line(&text);
		strbuf_add_span(out, line);
		if (line.len < before - text.len)
			strbuf_adds(out, "\r\n");
	}
}

static struct span without_last_eol(struct span text)
{
	if (text.len && text.ptr[text.len - 1] == '\n')
		text.len--;
	else if (text.len && text.ptr[text.len - 1] == '\r')
		return span_sub(text, 0, text.len - 1);
	if (text.len && text.ptr[text.len - 1] == '\r')
		text.len--;
	return text;
}

static int hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

static void add_quoted(struct strbuf *out, struct span text)
{
	while (text.len) {
		size_t before = text.len;
		struct span line = cut_line(&text);
		bool ended = line.len < before - text.len, soft = false;
		while (line.len && ascii_isblank(line.ptr[line.len - 1]))
			line.len--;
		for (size_t i = 0; i < line.len; i++) {
			bool pair = line.ptr[i] == '=' && i + 2 < line.len && hex(line.ptr[i + 1]) >= 0 &&
				    hex(line.ptr[i + 2]) >= 0;
			soft = line.ptr[i] == '=' && i + 1 == line.len;
			if (pair)
				strbuf_addch(out, (char)(hex(line.ptr[i + 1]) * 16 + hex(line.ptr[i + 2])));
			else if (!soft)
				strbuf_addch(out, line.ptr[i]);
			i += pair ? 2 : 0;
		}
		if (ended && !soft)
			strbuf_adds(out, "\r\n");
	}
}

static void add_base64(struct strbuf *out, struct span text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0, n = 0;
	for (size_t i = 0; i < text.len; i++) {
		const char *at = text.ptr[i] ? strchr(digits, text.ptr[i]) : NULL;
		if (!at)
			continue;
		bits = bits << 6 | (unsigned)(at - digits);
		if (++n % 4 == 1)
			continue;
		strbuf_addch(out, (char)(bits >> (2 * (3 - (n - 1) % 4)) & 0xff));
	}
}

/* Appends the value of the first field of that name, unfolded. Returns false if there is none. */
static bool value_of(struct span block, const char *name, struct strbuf *value)
{
	bool found = false;
	while (block.len) {
		struct span line = cut_line(&block);
		bool more = line.len && ascii_isblank(line.ptr[0]);
		if (found && !more)
			return true;
		const char *colon = more ? NULL : memchr(line.ptr, ':', line.len);
		if (!found && colon &&
		    span_equals_str_nocase(span_trim(span_sub(line, 0, (size_t)(colon - line.ptr))), name)) {
			found = true;
			line = span_sub(line, (size_t)(colon - line.ptr) + 1, line.len);
		}
		if (found)
			strbuf_add_span(value, line);
	}
	return found;
}

/* Readers differ about which of two they take, so such a part is text to us. */
static bool is_repeated(struct span block, const char *name)
{
	size_t n = 0;
	while (block.len) {
		struct span line = cut_line(&block);
		const char *colon = line.len && !ascii_isblank(line.ptr[0]) ? memchr(line.ptr, ':', line.len) : NULL;
		n += colon && span_equals_str_nocase(span_trim(span_make(line.ptr, (size_t)(colon - line.ptr))), name);
	}
	return n > 1;
}

static struct span cut_header(struct span *text, struct strbuf *names)
{
	struct span start = *text, rest = *text;
	bool any = false;
	for (;;) {
		struct span before = rest, line;
		if (!rest.len) {
			*text = rest;
			return start;
		}
		line = cut_line(&rest);
		AUTO(strbuf) whole = STRBUF_INIT;
		strbuf_add(&whole, line.ptr, line.len < HEADER_NAME_MAX ? line.len : HEADER_NAME_MAX);
		strbuf_addch(&whole, '\n');
		enum header_line kind = header_line_kind(strbuf_span(&whole));
		if (kind == LINE_FIELD || (kind == LINE_CONTINUATION && any) || (kind == LINE_MBOX && !any)) {
			any = true;
			const char *colon = kind == LINE_FIELD ? memchr(line.ptr, ':', line.len) : NULL;
			struct span name =
				colon ? span_trim(span_sub(line, 0, (size_t)(colon - line.ptr))) : SPAN_LIT("");
			if (!span_equals_str_nocase(name, "Content-Transfer-Encoding") &&
			    !span_equals_str_nocase(name, "MIME-Version") &&
			    !span_equals_str_nocase(name, "Content-Type") && name.len) {
				strbuf_add_span(names, name);
				strbuf_addch(names, ',');
			}
			continue;
		}
		start.len = (size_t)(before.ptr - start.ptr);
		*text = line.len ? before : rest;
		return start;
	}
}

static void describe(struct span text, bool digest, unsigned depth, struct strbuf *out);

static bool is_boundary(struct span line, const char *boundary, bool *last)
{
	size_t n = strlen(boundary);
	while (line.len && ascii_isblank(line.ptr[line.len - 1]))
		line.len--;
	if (line.len < n + 2 || memcmp(line.ptr, "--", 2) != 0 || memcmp(line.ptr + 2, boundary, n) != 0)
		return false;
	*last = line.len == n + 4 && memcmp(line.ptr + n + 2, "--", 2) == 0;
	return *last || line.len == n + 2;
}

static void describe_multipart(struct span text, const char *boundary, bool digest, unsigned depth, struct strbuf *out)
{
	struct span rest = text, part = span_sub(text, 0, 0);
	bool preamble = true, last = false;
	part = span_make(text.ptr, 0);
	while (rest.len && !last) {
		struct span before = rest, line = cut_line(&rest);
		if (!is_boundary(line, boundary, &last))
			continue;
		part.len = (size_t)(before.ptr - part.ptr);
		strbuf_adds(out, preamble ? "preamble:" : "");
		if (preamble)
			add_canonical(out, without_last_eol(part));
		else
			describe(without_last_eol(part), digest, depth + 1, out);
		preamble = false;
		part = span_make(rest.ptr, 0);
	}
	part.len = (size_t)(text.ptr + text.len - part.ptr);
	if (preamble || last) {
		strbuf_adds(out, "around:");
		add_canonical(out, without_last_eol(part));
	} else {
		describe(part, digest, depth + 1, out);
	}
}

static void describe_leaf(struct span text, bool is_text, struct span encoding, struct strbuf *out)
{
	AUTO(strbuf) content = STRBUF_INIT;
	bool binary = mime_encoding_parse(encoding) == MIME_BINARY && !is_text;
	bool raw = binary || (text.len && memchr(text.ptr, 0, text.len));
	if (span_equals_str_nocase(encoding, "quoted-printable"))
		add_quoted(&content, text);
	else if (span_equals_str_nocase(encoding, "base64"))
		add_base64(&content, text);
	else if (raw)
		strbuf_add_span(&content, text);
	else
		add_canonical(&content, text);
	struct span shown = without_last_eol(strbuf_span(&content));
	strbuf_addf(out, "[%zu]", shown.len);
	strbuf_add_span(out, shown);
}

static void describe(struct span text, bool digest, unsigned depth, struct strbuf *out)
{
	AUTO(strbuf) type = STRBUF_INIT, encoding = STRBUF_INIT;
	AUTO(mime_type) parsed = MIME_TYPE_INIT;
	strbuf_adds(out, "\n{");
	struct span header = cut_header(&text, out);
	bool has_type = value_of(header, "Content-Type", &type);
	(void)value_of(header, "Content-Transfer-Encoding", &encoding);
	mime_type_parse(has_type ? strbuf_span(&type)
			: digest ? SPAN_LIT("message/rfc822")
				 : SPAN_LIT("text/plain"),
			&parsed);
	struct span label = span_trim(strbuf_span(&encoding));
	bool identity = !span_equals_str_nocase(label, "quoted-printable") && !span_equals_str_nocase(label, "base64");
	for (const char *p = parsed.name; *p && *p != '?' && !(*p & 0x80); p++) /* an octet above 127 may become "?" */
		strbuf_addch(out, *p);
	strbuf_adds(out, "|");
	if (depth < 200 && identity && parsed.boundary && strncmp(parsed.name, "multipart/", 10) == 0)
		describe_multipart(text, parsed.boundary, strcmp(parsed.name, "multipart/digest") == 0, depth, out);
	else if (depth < 200 && identity && strcmp(parsed.name, "message/rfc822") == 0)
		describe(text, false, depth + 1, out);
	else
		describe_leaf(text,
			      strncmp(parsed.name, "text/", 5) == 0 ||
				      strncmp(parsed.name, "multipart/", 10) == 0 || /* without a boundary: lines */
				      is_repeated(header, "Content-Type") ||
				      is_repeated(header, "Content-Transfer-Encoding"),
			      label, out);
	strbuf_adds(out, "}");
}

/* ---- properties ----------------------------------------------------------------------- */

static const struct source *body_of(const struct mime_result *r, const struct source *original)
{
	return r->same_body ? original : &r->body;
}

static void join(struct span header, const struct source *body, struct strbuf *out)
{
	strbuf_add_span(out, header);
	strbuf_add_span(out, strbuf_span(&body->memory));
}

/* In a part declared binary, a lone CR or an LF among CRLFs has special rules, which the unit tests check. */
static bool line_ends_are_clear(struct span header, struct span body)
{
	size_t lf = 0, crlf = 0, cr = 0;
	bool binary = false;
	for (size_t i = 0; i + 6 <= header.len; i++)
		binary |= strncasecmp(header.ptr + i, "binary", 6) == 0;
	for (size_t i = 0; i < body.len; i++) {
		lf += body.ptr[i] == '\n';
		cr += body.ptr[i] == '\r';
		crlf += i && body.ptr[i] == '\n' && body.ptr[i - 1] == '\r';
		binary |= body.len - i >= 6 && strncasecmp(body.ptr + i, "binary", 6) == 0;
	}
	return !binary || (cr == crlf && (!crlf || crlf == lf));
}

static void must_have_right_info(const struct mime_result *r)
{
	AUTO(strbuf) all = STRBUF_INIT;
	bool high = false, nul = false;
	size_t longest = 0, line = 0;
	join(strbuf_span(&r->header), &r->body, &all);
	for (size_t i = 0; i < all.len; i++) {
		high |= i >= r->header.len && (all.buf[i] & 0x80);
		nul |= !all.buf[i];
		line = all.buf[i] == '\n' ? 0 : line + 1;
		if (all.buf[i] == '\r' && i + 1 < all.len && all.buf[i + 1] == '\n')
			line--;
		longest = line > longest ? line : longest;
		MUST(r->binary || all.buf[i] != '\n' || (i && all.buf[i - 1] == '\r'));
		MUST(r->binary || all.buf[i] != '\r' || (i + 1 < all.len && all.buf[i + 1] == '\n'));
	}
	MUST(r->same_body || r->info.eightbit_body == high);
	MUST(r->info.nul == nul);
	MUST(r->binary || (r->same_body ? r->info.longest_line >= longest : r->info.longest_line == longest));
	MUST(r->info.body_wire == r->body.size);
}

static void must_mean_the_same(struct span header, const struct source *body, const struct mime_result *r)
{
	AUTO(strbuf) before = STRBUF_INIT, after = STRBUF_INIT, was = STRBUF_INIT, is = STRBUF_INIT;
	if (!line_ends_are_clear(header, strbuf_span(&body->memory)))
		return;
	join(header, body, &before);
	join(strbuf_span(&r->header), body_of(r, body), &after);
	describe(strbuf_span(&before), false, 0, &was);
	describe(strbuf_span(&after), false, 0, &is);
	if (!span_equal(strbuf_span(&was), strbuf_span(&is)))
		(void)fprintf(stderr, "was:%s\n\nis:%s\n\nwritten:\n%s\n", was.buf, is.buf, after.buf);
	MUST(span_equal(strbuf_span(&was), strbuf_span(&is)));
}

static void must_be_done(const struct mime_result *r, const struct source *body, const struct mime_wants *wants)
{
	AUTO(mime_result) again;
	mime_result_init(&again, NULL);
	MUST(mime_convert(strbuf_span(&r->header), body, wants, &again, NULL));
	if (again.changed && !again.binary) { /* what cannot be folded or encoded is tried again */
		MUST(span_equal(strbuf_span(&again.header), strbuf_span(&r->header)));
		MUST(span_equal(strbuf_span(&body_of(&again, body)->memory), strbuf_span(&body->memory)));
	}
}

static void must_convert(struct span header, const struct source *body, const struct mime_wants *wants)
{
	AUTO(mime_result) r;
	AUTO(error) err = ERROR_INIT;
	mime_result_init(&r, NULL);
	if (!mime_convert(header, body, wants, &r, &err)) {
		MUST(err.status.kind == ERROR_MESSAGE && err.status.text);
		return;
	}
	if (!r.changed)
		return;
	must_have_right_info(&r);
	must_mean_the_same(header, body, &r);
	MUST(!r.same_body || !r.body.size);
	MUST(!wants->seven_bit || !r.info.eightbit_body);
	MUST(!wants->encode_header || wants->header.eightbit || !r.info.eightbit_header);
	MUST(!r.info.nul || r.binary);
	MUST(!wants->no_binary || !r.binary);
	must_be_done(&r, body_of(&r, body), wants);
}

/* ---- portions ---------------------------------------------------------------------------- */

static bool tell(struct strbuf *out, const char *what, size_t index, int area, struct span text)
{
	strbuf_addf(out, "<%s %zu %d>", what, index, area);
	strbuf_add_span(out, text);
	return true;
}

static bool on_header(void *arg, const struct mime_entity *e, struct span block, struct error *err)
{
	(void)err;
	return tell(arg, "header", e->index, (int)e->kind, block);
}

static bool on_text(void *arg, size_t index, enum mime_area area, struct span text, struct error *err)
{
	(void)err;
	for (size_t i = 0; i < text.len; i++)
		(void)tell(arg, "", index, (int)area, span_sub(text, i, i + 1));
	return true;
}

static bool on_eol(void *arg, size_t index, enum mime_area area, struct span eol, struct error *err)
{
	(void)err;
	return tell(arg, "eol", index, (int)area, eol);
}

static bool on_delimiter(void *arg, struct span line, bool own_line, struct error *err)
{
	(void)err;
	return tell(arg, "delimiter", own_line, 0, line);
}

static void walk(struct span header, struct span body, size_t portion, struct strbuf *events)
{
	static const struct mime_listener listener = {on_header, on_text, on_eol, on_delimiter};
	struct mime_scan scan;
	bool ok = mime_scan_begin(&scan, &listener, events, header, NULL);
	for (size_t at = 0; ok && at < body.len; at += portion)
		ok = mime_scan_feed(&scan, span_sub(body, at, body.len - at > portion ? at + portion : body.len), NULL);
	ok = ok && mime_scan_end(&scan, NULL);
	if (!ok)
		strbuf_reset(events);
	mime_scan_release(&scan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	AUTO(message) msg;
	AUTO(message_reader) reader;
	AUTO(header_list) list = HEADER_LIST_INIT;
	AUTO(header_plan) plan = HEADER_PLAN_INIT;
	AUTO(strbuf) header = STRBUF_INIT, whole = STRBUF_INIT, parts = STRBUF_INIT;
	const struct header_policy policy = {.from_addr = ""};
	message_init(&msg, NULL);
	message_reader_init(&reader, &msg, 0);
	MUST(message_reader_feed(&reader, data + 2, size - 2, NULL));
	MUST(message_reader_end(&reader, NULL));
	header_scan(strbuf_span(&msg.header), &list);
	header_plan_make(&plan, &list, &policy);
	header_apply(&plan, &list, message_needs_separator(&msg), &header);

	walk(strbuf_span(&header), strbuf_span(&msg.body.memory), size, &whole);
	walk(strbuf_span(&header), strbuf_span(&msg.body.memory), data[1] % 32u + 1, &parts);
	MUST(span_equal(strbuf_span(&whole), strbuf_span(&parts)));

	const struct mime_wants wants = {
		.seven_bit = data[0] & 1,
		.no_binary = data[0] & 2,
		.encode_header = data[0] & 4,
		.label = data[0] & 16,
		.utf8_header = data[0] & 64,
		.line_max = data[0] & 8 ? 78 : 998,
		.header.eightbit = data[0] & 32,
	};
	must_convert(strbuf_span(&header), &msg.body, &wants);
	return 0;
}
