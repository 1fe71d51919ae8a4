/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message gives the same header, body and message_info whether it is read at once or in portions, whose size is the
 * first octet of the input. On the wire it has the size that was announced, no Bcc, no Return-Path, no line end other
 * than CRLF, and one end of data.
 */
#include "fuzz.h"

#include "header/header_apply.h"
#include "message/wire.h"

static void read_in(struct message *msg, struct span text, size_t portion)
{
	AUTO(message_reader) r;
	message_init(msg, NULL);
	message_reader_init(&r, msg, 0);
	for (size_t at = 0; at < text.len; at += portion)
		MUST(message_reader_feed(&r, text.ptr + at, text.len - at > portion ? portion : text.len - at, NULL));
	MUST(message_reader_end(&r, NULL));
}

static void must_be_equal(const struct message *a, const struct message *b)
{
	const struct message_info *x = &a->info, *y = &b->info;
	MUST(span_equal(strbuf_span(&a->header), strbuf_span(&b->header)));
	MUST(span_equal(strbuf_span(&a->body.memory), strbuf_span(&b->body.memory)));
	MUST(x->octets == y->octets && x->body_wire == y->body_wire && x->bare_lf == y->bare_lf &&
	     x->bare_cr == y->bare_cr);
	MUST(x->longest_line == y->longest_line && x->eightbit_header == y->eightbit_header &&
	     x->eightbit_body == y->eightbit_body);
	MUST(x->nul == y->nul && x->unterminated == y->unterminated && x->has_separator == y->has_separator);
	MUST(x->headerless == y->headerless && x->mbox_line == y->mbox_line);
}

static void write_wire(struct span header, const struct source *body, bool dots, struct strbuf *out)
{
	AUTO(wire_body) w;
	wire_body_init(&w, header, body, dots);
	for (bool more = true; more;)
		MUST(wire_body_next(&w, out, &more, NULL));
}

static void must_have_facts_right(const struct message *msg, struct span plain)
{
	size_t longest = 0, from = 0;
	for (size_t i = 0; i < plain.len; i++) {
		MUST(plain.ptr[i] != '\r' || (i + 1 < plain.len && plain.ptr[i + 1] == '\n'));
		if (plain.ptr[i] != '\n')
			continue;
		MUST(i > 0 && plain.ptr[i - 1] == '\r');
		longest = i - 1 - from > longest ? i - 1 - from : longest;
		from = i + 1;
	}
	MUST(from == plain.len);
	MUST(longest == msg->info.longest_line);
	MUST(msg->info.nul == (plain.len && memchr(plain.ptr, '\0', plain.len)));
}

static void must_go_out_right(const struct message *msg, bool remove_bcc)
{
	struct header_policy policy = {.remove_bcc = remove_bcc, .from_addr = ""};
	AUTO(header_list) list = HEADER_LIST_INIT, written = HEADER_LIST_INIT;
	AUTO(header_plan) plan = HEADER_PLAN_INIT;
	AUTO(strbuf) header = STRBUF_INIT, plain = STRBUF_INIT, dotted = STRBUF_INIT;

	header_scan(strbuf_span(&msg->header), &list);
	header_plan_make(&plan, &list, &policy);
	header_apply(&plan, &list, message_needs_separator(msg), &header);
	write_wire(strbuf_span(&header), &msg->body, false, &plain);
	write_wire(strbuf_span(&header), &msg->body, true, &dotted);
	MUST(plain.len == wire_size(strbuf_span(&header), &msg->info));
	bool all = !remove_bcc && !header_find(&list, "Return-Path");
	if (all)
		must_have_facts_right(msg, strbuf_span(&plain));

	/* Body never becomes header, nor header body. */
	header_scan(strbuf_span(&plain), &written);
	MUST(!remove_bcc || (!header_find(&written, "Bcc") && !header_find(&written, "Resent-Bcc")));
	MUST(!header_find(&written, "Return-Path"));
	MUST(!all || written.n == list.n);

	static const char end[] = "\r\n.\r\n";
	if (dotted.len > 3) {
		const char *hit = memmem(dotted.buf, dotted.len, end, sizeof(end) - 1);
		MUST(hit == dotted.buf + dotted.len - (sizeof(end) - 1));
	}
	MUST(dotted.len >= 3 && memcmp(dotted.buf + dotted.len - 3, ".\r\n", 3) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	struct span text = {(const char *)data + 1, size - 1};
	AUTO(message) whole;
	AUTO(message) parts;

	read_in(&whole, text, size);
	read_in(&parts, text, data[0] % 64u + 1);
	must_be_equal(&whole, &parts);
	must_go_out_right(&whole, false);
	must_go_out_right(&whole, true);
	return 0;
}
