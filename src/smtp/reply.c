/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/reply.h"

#include "base/clean_text.h"
#include "base/i18n.h"

#define LINE_SHOWN 200 /* octets of a line that is not a reply */

void reply_release(struct reply *r)
{
	strbuf_release(&r->text);
}

void reply_copy(struct reply *to, const struct reply *from)
{
	reply_release(to);
	to->code = from->code;
	memcpy(to->enhanced, from->enhanced, sizeof(to->enhanced));
	to->lines = from->lines;
	strbuf_add_span(&to->text, strbuf_span(&from->text));
}

int reply_class(const struct reply *r)
{
	return r->code / 100;
}

void reply_parser_init(struct reply_parser *p)
{
	*p = (struct reply_parser){.line = STRBUF_INIT, .reply = REPLY_INIT};
}

void reply_parser_release(struct reply_parser *p)
{
	strbuf_release(&p->line);
	reply_release(&p->reply);
}

bool reply_parser_midway(const struct reply_parser *p)
{
	return p->octets > 0;
}

/*
 * RFC 3463 section 2: status-code = class "." subject "." detail
 *	class = "2" / "4" / "5", subject and detail 1*3digit
 */
static void find_enhanced(struct reply *r, size_t at)
{
	const char *t = r->text.buf + at;
	size_t i = 2;
	r->enhanced[0] = '\0';
	if (r->text.len < at + 5 || r->code / 100 == 3 || t[0] != '0' + r->code / 100 || t[1] != '.')
		return;
	for (int part = 0; part < 2; part++) {
		size_t digits = 0;
		for (; ascii_isdigit(t[i]) && digits < 3; digits++)
			i++;
		if (!digits || (part == 0 && t[i++] != '.'))
			return;
	}
	if (t[i] != ' ' && t[i] != '\n' && t[i] != '\0')
		return;
	memcpy(r->enhanced, t, i);
	r->enhanced[i] = '\0';
}

/*
 * Reply-line = Reply-code [ SP / "-" [ textstring ] ] CRLF
 * 1: this was the last line, 0: more follow, -1: not a reply line.
 */
static int take_line(struct reply_parser *p, struct error *err)
{
	struct span line = strbuf_span(&p->line);
	struct reply *r = &p->reply;
	if (line.len && line.ptr[line.len - 1] == '\r')
		line.len--;
	if (line.len < 3 || !ascii_isdigit(line.ptr[0]) || !ascii_isdigit(line.ptr[1]) || !ascii_isdigit(line.ptr[2]) ||
	    line.ptr[0] < '2' || line.ptr[0] > '5' || (line.len > 3 && line.ptr[3] != ' ' && line.ptr[3] != '-')) {
		(void)error_set(err, ERROR_PROTOCOL, _("the server sent a line that is not an SMTP reply"));
		AUTO_FREE char *shown = clean_text(line, LINE_SHOWN);
		error_server(err, 0, NULL, span_of(shown));
		return -1;
	}
	int code = (line.ptr[0] - '0') * 100 + (line.ptr[1] - '0') * 10 + (line.ptr[2] - '0');
	if (r->lines++)
		strbuf_addch(&r->text, '\n');
	r->code = code; /* if the lines disagree, the last one decides */
	size_t last = r->text.len;
	if (line.len > 4)
		strbuf_add_span(&r->text, span_sub(line, 4, line.len));
	if (line.len > 3 && line.ptr[3] == '-') {
		if (r->lines < REPLY_LINES_MAX)
			return 0;
		(void)error_set(err, ERROR_PROTOCOL, _("the server's reply has more than %u lines"), REPLY_LINES_MAX);
		return -1;
	}
	find_enhanced(r, 0);
	if (!r->enhanced[0])
		find_enhanced(r, last);
	return 1;
}

int reply_parse(struct reply_parser *p, struct span in, size_t *used, struct error *err)
{
	*used = 0;
	while (*used < in.len) {
		if (!p->line.len && !p->octets) {
			strbuf_reset(&p->reply.text);
			p->reply.lines = 0;
		}
		struct span rest = span_sub(in, *used, in.len);
		const char *lf = memchr(rest.ptr, '\n', rest.len);
		size_t n = lf ? (size_t)(lf - rest.ptr) : rest.len;
		if (n > REPLY_OCTETS_MAX - p->octets) {
			(void)error_set(err, ERROR_PROTOCOL, _("the server's reply is longer than %u bytes"),
					REPLY_OCTETS_MAX);
			return -1;
		}
		strbuf_add(&p->line, rest.ptr, n);
		p->octets += n + (lf != NULL);
		*used += n + (lf != NULL);
		if (!lf)
			return 0;
		int done = take_line(p, err);
		strbuf_reset(&p->line);
		if (done)
			p->octets = 0;
		if (done)
			return done;
		if (p->octets > REPLY_OCTETS_MAX)
			p->octets = REPLY_OCTETS_MAX;
	}
	return 0;
}
