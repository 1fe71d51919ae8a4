/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"
#include "base/xalloc.h"
#include "smtp/server/server_private.h"

#include <stdio.h>

/* RFC 5321 section 4.5.3.1.5: 512 octets with code and line end. */
#define TEXT_MAX 480

/* The octets of a line that is longer than it may be, cut at a blank, or at least not within a character. */
static size_t cut_line(const char *text)
{
	size_t n = TEXT_MAX;
	while (n > TEXT_MAX / 2 && text[n] != ' ')
		n--;
	if (text[n] == ' ')
		return n;
	for (n = TEXT_MAX; n > TEXT_MAX / 2 && ((unsigned char)text[n] & 0xc0) == 0x80;)
		n--;
	return n;
}

/* Takes the next line of a reply from its text. */
static struct span next_line(struct span *rest)
{
	const char *end = memchr(rest->ptr, '\n', rest->len);
	size_t len = end ? (size_t)(end - rest->ptr) : rest->len, next = end ? len + 1 : len;
	if (len > TEXT_MAX) {
		len = cut_line(rest->ptr);
		next = len + (rest->ptr[len] == ' ');
	}
	struct span line = span_sub(*rest, 0, len);
	*rest = span_sub(*rest, next, rest->len);
	return line;
}

/* RFC 6531 section 3.7.4.2: UTF-8 only to a client that has asked for it. */
static void add_text(struct strbuf *out, struct span text, bool utf8)
{
	for (size_t i = 0; i < text.len;) {
		size_t n = utf8_printable(span_sub(text, i, text.len));
		uint32_t cp;
		if (n == 1 || (n && utf8))
			strbuf_add(out, text.ptr + i, n);
		else
			strbuf_addch(out, '?');
		if (!n)
			n = utf8_decode(span_sub(text, i, text.len), &cp);
		i += n ? n : 1;
	}
}

static bool has_enhanced(const struct server_session *s, int code, const char *enhanced)
{
	return s->enhanced && *enhanced && code >= 200 && code != 354 && enhanced[0] == (char)('0' + code / 100);
}

static void add_line(struct server_session *s, int code, const char *enhanced, struct span text, bool last)
{
	size_t before = s->out.len;
	strbuf_addf(&s->out, "%03d%c%s%s", code, last ? ' ' : '-', enhanced, *enhanced ? " " : "");
	add_text(&s->out, text, s->mail.smtputf8);
	if (s->options.trace)
		s->options.trace(s->options.trace_arg, false, span_sub(strbuf_span(&s->out), before, s->out.len));
	strbuf_adds(&s->out, "\r\n");
}

void server_reply(struct server_session *s, int code, const char *enhanced, const char *text)
{
	struct span rest = span_of(text);
	const char *shown = has_enhanced(s, code, enhanced) ? enhanced : "";
	if (s->end != SERVER_OPEN)
		return;
	do {
		struct span line = next_line(&rest);
		add_line(s, code, shown, line, !rest.len);
	} while (rest.len);
	if (code == 421)
		s->end = SERVER_ENDED;
}

void server_error(struct server_session *s, int code, const char *enhanced, const char *text)
{
	if (++s->errors <= s->options.limits.errors) {
		server_reply(s, code, enhanced, text);
		return;
	}
	server_reply(s, 421, "4.7.0", "Too many errors, closing the connection");
	s->end = SERVER_LIMIT;
}

void server_refusal_set(struct server_refusal *r, int code, const char *enhanced, const char *text)
{
	r->code = code;
	(void)snprintf(r->enhanced, sizeof(r->enhanced), "%s", enhanced);
	xreplace(&r->text, text);
}

void server_refusal_release(struct server_refusal *r)
{
	free(r->text);
	*r = (struct server_refusal){.code = 0};
}
