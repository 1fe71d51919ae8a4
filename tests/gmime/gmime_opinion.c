/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks what posthaste writes with GMime, which shares no code with it: every shape before and after its conversion,
 * and every header field that posthaste writes itself.
 */
#include "compare.h"
#include "shapes.h"
#include "written.h"

#include "base/utf8.h"
#include "codec/line_limits.h"
#include "header/header_encode.h"
#include "header/header_plan.h"
#include "header/header_apply.h"
#include "message/message.h"
#include "message/wire.h"
#include "mime/mime_convert.h"
#include "net/idn.h"

#include <stdio.h>

static const struct header_encoding seven_bit = {.domain_to_ascii = idn_to_ascii};

struct tally {
	size_t n, failed;
};

static void result(struct tally *t, bool ok, const char *name, const struct strbuf *why)
{
	printf("%s %zu - ", ok ? "ok" : "not ok", ++t->n);
	for (; *name; name++)
		(void)putchar(*name == '\n' || *name == '#' ? ' ' : *name);
	(void)putchar('\n');
	t->failed += !ok;
	for (struct span rest = strbuf_span(why), line; !ok && rest.len && span_split(&rest, '\n', &line);)
		printf("# %.*s\n", SPAN_FMT(line));
}

/* The result is ASCII in lines of at most 998 octets, and no part has a label for anything else. */
static bool fits(struct span text, struct strbuf *why)
{
	static const char *const labels[] = {"\nContent-Transfer-Encoding: 8bit", "\nContent-Transfer-Encoding: binary",
					     "\nContent-Transfer-Encoding: 8BIT"};
	if (!utf8_is_ascii(text))
		strbuf_adds(why, "an octet above 127 is left\n");
	for (struct span rest = text, line; span_split(&rest, '\n', &line);)
		if (line.len > LINE_LIMIT + 1u)
			strbuf_addf(why, "a line of %zu octets is left\n", line.len);
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++)
		if (memmem(text.ptr, text.len, labels[i], strlen(labels[i])))
			strbuf_addf(why, "a label is left:%s\n", labels[i]);
	return !why->len;
}

static bool read_shape(struct span text, struct message *msg, struct strbuf *header, struct error *err)
{
	AUTO(message_reader) reader;
	AUTO(header_list) list = HEADER_LIST_INIT;
	AUTO(header_plan) plan = HEADER_PLAN_INIT;
	static const struct header_policy nothing = {.from_addr = ""};
	message_reader_init(&reader, msg, 0);
	if (!message_reader_feed(&reader, text.ptr, text.len, err) || !message_reader_end(&reader, err))
		return false;
	header_scan(strbuf_span(&msg->header), &list);
	header_plan_make(&plan, &list, &nothing);
	header_apply(&plan, &list, message_needs_separator(msg), header);
	return true;
}

static bool add_source(const struct source *source, struct strbuf *out, struct error *err)
{
	char buf[4096];
	uint64_t at = 0;
	for (size_t got = 1; got; at += got) {
		if (!source_read_at(source, at, buf, sizeof(buf), &got, err))
			return false;
		strbuf_add(out, buf, got);
	}
	return true;
}

/* As the writer sends it. */
static bool add_lines(const struct source *source, struct strbuf *out, struct error *err)
{
	AUTO(strbuf) raw = STRBUF_INIT;
	struct eol_encoder eol;
	if (!add_source(source, &raw, err))
		return false;
	eol_encoder_init(&eol);
	eol_encode(&eol, strbuf_span(&raw), out);
	if (raw.len)
		eol_encode_end(&eol, out);
	return true;
}

static const struct mime_wants seven_bit_server = {.seven_bit = true,
						   .no_binary = true,
						   .encode_header = true,
						   .line_max = LINE_LIMIT,
						   .header = {.domain_to_ascii = idn_to_ascii}};
static const struct mime_wants eightbit_server = {.no_binary = true,
						  .encode_header = true,
						  .label = true,
						  .line_max = LINE_LIMIT,
						  .header = {.eightbit = true, .domain_to_ascii = idn_to_ascii}};

static bool convert(struct span text, const struct mime_wants *wants, struct strbuf *out, struct error *err)
{
	AUTO(message) msg;
	AUTO(strbuf) header = STRBUF_INIT;
	AUTO(mime_result) r;
	message_init(&msg, NULL);
	mime_result_init(&r, NULL);
	if (!read_shape(text, &msg, &header, err) || !mime_convert(strbuf_span(&header), &msg.body, wants, &r, err))
		return false;
	strbuf_add_span(out, strbuf_span(r.changed ? &r.header : &header));
	return r.changed && !r.same_body ? add_source(&r.body, out, err) : add_lines(&msg.body, out, err);
}

static void check_message(const struct shape *shape, void *arg)
{
	AUTO(strbuf) after = STRBUF_INIT;
	AUTO(strbuf) again = STRBUF_INIT;
	AUTO(strbuf) why = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	bool done = convert(shape->text, &seven_bit_server, &after, &err);
	bool ok = done == (shape->want == SHAPE_FITS);
	if (!ok)
		strbuf_addf(&why, "was %s: %s\n", done ? "taken" : "refused", done ? after.buf : err.status.text);
	else if (!done)
		ok = err.status.kind == ERROR_MESSAGE && err.status.hint;
	else
		ok = fits(strbuf_span(&after), &why) && compare_messages(shape->text, strbuf_span(&after), &why);
	if (ok && done) {
		ok = convert(strbuf_span(&after), &seven_bit_server, &again, &err) &&
		     span_equal(strbuf_span(&after), strbuf_span(&again));
		if (!ok)
			strbuf_adds(&why, "what was converted is not left alone the second time\n");
	}
	result(arg, ok, shape->name, &why);
}

static void check_for_eightbit(const struct shape *shape, void *arg)
{
	AUTO(strbuf) after = STRBUF_INIT;
	AUTO(strbuf) why = STRBUF_INIT;
	AUTO(strbuf) name = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	strbuf_addf(&name, "%s, 8BITMIME", shape->name);
	bool ok = shape->want != SHAPE_FITS || convert(shape->text, &eightbit_server, &after, &err);
	if (!ok)
		strbuf_addf(&why, "was refused: %s\n", err.status.text);
	else
		ok = shape->want != SHAPE_FITS || compare_messages(shape->text, strbuf_span(&after), &why);
	result(arg, ok, name.buf, &why);
}

static void check_header(const struct shape *shape, void *arg)
{
	AUTO(strbuf) after = STRBUF_INIT;
	AUTO(strbuf) why = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	bool changed;
	bool ok = header_encode_block(shape->text, &seven_bit, &changed, &after, &err);
	if (!ok)
		strbuf_addf(&why, "was refused: %s\n", err.status.text);
	else
		ok = fits(strbuf_span(&after), &why) && compare_messages(shape->text, strbuf_span(&after), &why);
	result(arg, ok, shape->name, &why);
}

static void take_written(const char *group, const struct strbuf *why, void *arg)
{
	result(arg, !why->len, group, why);
}

int main(void)
{
	struct tally t = {0, 0};
	compare_init();
	written_each(take_written, &t);
	shapes_each_header(check_header, &t);
	shapes_each(check_message, &t);
	shapes_each(check_for_eightbit, &t);
	compare_end();
	printf("1..%zu\n", t.n);
	return t.failed ? 1 : 0;
}
