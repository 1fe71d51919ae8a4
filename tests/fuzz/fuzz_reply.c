/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever a server says: the replies found are the same in any portions, are
 * within their limits, and what is remembered of them (error, capabilities) is
 * clean; a parser that said no has found no more.
 */
#include "fuzz.h"

#include "smtp/caps.h"
#include "smtp/reply.h"
#include "smtp/client/reply_policy.h"

#include "base/utf8.h"
#include "base/xalloc.h"

static void must_be_clean(const char *text)
{
	for (const char *p = text; p && *p; p++)
		MUST(!ascii_iscntrl(*p));
	MUST(!text || utf8_valid(span_of(text)));
}

static bool begins_a_line(struct span text, const char *with)
{
	struct span line;
	while (fuzz_line(&text, &line))
		if (span_starts_nocase(line, with))
			return true;
	return false;
}

static void must_be_sound(const struct reply *r)
{
	size_t lines = 1;
	MUST(r->code >= 200 && r->code <= 599);
	MUST(r->lines >= 1 && r->lines <= REPLY_LINES_MAX);
	MUST(r->text.len <= REPLY_OCTETS_MAX);
	for (size_t i = 0; i < r->text.len; i++)
		lines += r->text.buf[i] == '\n';
	MUST(lines == r->lines);
	if (r->enhanced[0]) {
		MUST(r->enhanced[0] == '0' + r->code / 100);
		MUST(r->code / 100 != 3);
		MUST(strlen(r->enhanced) <= 9);
		MUST(begins_a_line(strbuf_span(&r->text), r->enhanced));
	}
}

static void must_make_clean_words(const struct reply *r)
{
	AUTO(caps) caps = CAPS_INIT;
	caps_from_reply(&caps, r);
	MUST(caps.lines.n + 1 == r->lines);
	MUST(caps_has(&caps, CAP_SIZE) || !caps.size_limit);
	MUST(caps_has(&caps, CAP_AUTH) || !caps.auth.n);
	for (size_t i = 0; i < caps.lines.n; i++)
		must_be_clean(caps.lines.v[i]);
	for (size_t i = 0; i < caps.auth.n; i++)
		must_be_clean(caps.auth.v[i]);
	must_be_clean(caps.greeting_name);
	for (enum reply_stage stage = STAGE_GREETING; stage <= STAGE_FINAL; stage++) {
		AUTO(error) err = ERROR_INIT;
		reply_policy_error(stage, r, &err);
		MUST(err.status.kind != ERROR_NONE && err.status.code == r->code);
		MUST(reply_class(r) > 3 || err.status.kind == ERROR_PROTOCOL);
		must_be_clean(err.status.server.line);
	}
}

/* All replies as text; ends with "!" where the parser said no. */
static void read_all(struct span in, size_t chunk, struct strbuf *out)
{
	struct reply_parser p;
	AUTO(error) err = ERROR_INIT;
	int got = 0;
	reply_parser_init(&p);
	while (in.len && got >= 0) {
		size_t n = chunk && chunk < in.len ? chunk : in.len, used = 0;
		/* A copy of its own size: reading beyond it is found. */
		AUTO_FREE char *portion = xmemdup(in.ptr, n);
		got = reply_parse(&p, span_make(portion, n), &used, &err);
		MUST(used <= n && (got != 0 || used == n));
		MUST((got < 0) == (err.status.kind == ERROR_PROTOCOL));
		in = span_sub(in, used, in.len);
		MUST(p.line.len <= REPLY_OCTETS_MAX + 1 && p.reply.text.len <= REPLY_OCTETS_MAX);
		if (got <= 0)
			continue;
		must_be_sound(&p.reply);
		if (!chunk)
			must_make_clean_words(&p.reply);
		strbuf_addf(out, "%d %s ", p.reply.code, p.reply.enhanced);
		strbuf_add_span(out, strbuf_span(&p.reply.text));
		strbuf_addch(out, '\n');
	}
	if (got < 0)
		strbuf_adds(out, "!");
	must_be_clean(err.status.server.line);
	reply_parser_release(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t chunks[] = {1, 2, 3, 7};
	AUTO(strbuf) whole = STRBUF_INIT;
	read_all(span_make((const char *)data, size), 0, &whole);
	for (size_t i = 0; i < ARRAY_SIZE(chunks); i++) {
		AUTO(strbuf) cut = STRBUF_INIT;
		read_all(span_make((const char *)data, size), chunks[i], &cut);
		MUST(cut.len == whole.len && memcmp(cut.buf, whole.buf, whole.len) == 0);
	}
	return 0;
}
