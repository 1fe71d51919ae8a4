/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The first octet of the input is the size of the portions in which the rest is encoded. In any portions, the result is
 * that of a simple loop over the octets, the end of data is there once, at the end, and removing the dots gives the
 * text.
 */
#include "fuzz.h"

#include "message/wire.h"

static void by_the_rules(struct span in, struct strbuf *out)
{
	for (size_t i = 0; i < in.len; i++) {
		char c = in.ptr[i];
		if (c == '\n' && i > 0 && in.ptr[i - 1] == '\r')
			continue;
		if (c == '\r' || c == '\n')
			strbuf_add(out, "\r\n", 2);
		else
			strbuf_addch(out, c);
	}
	if (out->len && out->buf[out->len - 1] != '\n')
		strbuf_add(out, "\r\n", 2);
}

/* Reads like a server up to the end of data; *end is its position. */
static void receive(struct span wire, struct strbuf *text, size_t *end)
{
	size_t at = 0;
	for (;;) {
		const char *crlf = memmem(wire.ptr + at, wire.len - at, "\r\n", 2);
		MUST(crlf);
		struct span line = span_make(wire.ptr + at, (size_t)(crlf - wire.ptr) - at);
		at += line.len + 2;
		MUST(!line.len || (!memchr(line.ptr, '\r', line.len) && !memchr(line.ptr, '\n', line.len)));
		if (line.len == 1 && line.ptr[0] == '.')
			break;
		strbuf_add_span(text, line.len && line.ptr[0] == '.' ? span_sub(line, 1, line.len) : line);
		strbuf_add(text, "\r\n", 2);
	}
	*end = at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	struct span in = {(const char *)data + 1, size - 1};
	size_t portion = data[0] % 64u + 1, end;
	struct eol_encoder eol;
	struct dot_encoder dot;
	AUTO(strbuf)
	want = STRBUF_INIT, plain = STRBUF_INIT, part = STRBUF_INIT, dotted = STRBUF_INIT, back = STRBUF_INIT;

	eol_encoder_init(&eol);
	dot_encoder_init(&dot);
	for (size_t at = 0; at < in.len; at += portion) {
		strbuf_reset(&part);
		eol_encode(&eol, span_sub(in, at, in.len - at > portion ? at + portion : in.len), &part);
		strbuf_add_span(&plain, strbuf_span(&part));
		dot_encode(&dot, strbuf_span(&part), &dotted);
	}
	strbuf_reset(&part);
	eol_encode_end(&eol, &part);
	strbuf_add_span(&plain, strbuf_span(&part));
	dot_encode(&dot, strbuf_span(&part), &dotted);
	dot_encode_end(&dot, &dotted);

	by_the_rules(in, &want);
	MUST(span_equal(strbuf_span(&plain), strbuf_span(&want)));
	receive(strbuf_span(&dotted), &back, &end);
	MUST(end == dotted.len);
	MUST(span_equal(strbuf_span(&back), strbuf_span(&want)));
	return 0;
}
