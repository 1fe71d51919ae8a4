/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For any block: the fields joined are the block; the header that is written has only CRLF line ends, no Bcc in any
 * spelling, each planned field once, and every other field as it was; a rewritten address field has as many addresses
 * as before, and none of those that had to be replaced.
 */
#include "fuzz.h"

#include "header/header_apply.h"
#include "header/header_rewrite.h"
#include "header/header_recipients.h"
#include "message/message.h"

static void must_be_covered(struct span block, const struct header_list *list)
{
	size_t at = 0;
	for (size_t i = 0; i < list->n; i++) {
		const struct header_field *field = &list->fields[i];
		AUTO(strbuf) value = STRBUF_INIT;
		MUST(field->raw.ptr == block.ptr + at && field->raw.len > 0);
		at += field->raw.len;
		header_value(field, &value);
		MUST(value.len == 0 || (!memchr(value.buf, '\r', value.len) && !memchr(value.buf, '\n', value.len)));
		MUST((value.len == 0) == header_is_empty(field));
	}
	while (at < block.len && block.ptr[at] == '\r')
		at++;
	MUST(at == block.len || block.ptr[at] == '\n');
}

static void must_be_lines(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		MUST(text.ptr[i] != '\r' || (i + 1 < text.len && text.ptr[i + 1] == '\n'));
		MUST(text.ptr[i] != '\n' || (i > 0 && text.ptr[i - 1] == '\r'));
	}
	MUST(text.len == 0 || text.ptr[text.len - 1] == '\n');
}

static size_t count(const struct header_list *list, const char *name)
{
	size_t n = 0;
	for (size_t i = 0; i < list->n; i++)
		n += header_is(&list->fields[i], name);
	return n;
}

/* The text without CR and LF, which may change. */
static void add_plain(struct strbuf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] != '\r' && text.ptr[i] != '\n')
			strbuf_addch(out, text.ptr[i]);
}

static void must_apply(const struct header_list *list, const struct header_policy *policy)
{
	AUTO(header_plan) plan = HEADER_PLAN_INIT;
	AUTO(header_list) written = HEADER_LIST_INIT;
	AUTO(strbuf) out = STRBUF_INIT, kept = STRBUF_INIT, got = STRBUF_INIT;
	struct message msg = {.header = STRBUF_INIT, .body = SOURCE_INIT};

	header_plan_make(&plan, list, policy);
	header_apply(&plan, list, message_needs_separator(&msg), &out);
	must_be_lines(strbuf_span(&out));
	add_plain(&kept, strbuf_span(&plan.added));
	for (size_t i = 0; i < list->n; i++)
		if (plan.keep[i])
			add_plain(&kept, plan.instead[i].len ? strbuf_span(&plan.instead[i]) : list->fields[i].raw);
	add_plain(&got, strbuf_span(&out));
	MUST(span_equal(strbuf_span(&got), strbuf_span(&kept)));

	header_scan(strbuf_span(&out), &written);
	MUST(!policy->remove_bcc || (count(&written, "Bcc") == 0 && count(&written, "Resent-Bcc") == 0));
	MUST(policy->from != HEADER_ON || count(&written, "From") == 1);
	MUST(policy->to != TO_ON || (count(&written, "To") == 1 && count(&written, "Cc") == 0));
	MUST(policy->date != HEADER_AUTO || count(&written, "Date") > 0);
}

/* Reads the only field in text. */
static void must_be_read(const struct strbuf *text, const struct header_field *field, struct mailbox_list *boxes)
{
	AUTO(header_list) list = HEADER_LIST_INIT;
	AUTO(strbuf) value = STRBUF_INIT, name = STRBUF_INIT;
	must_be_lines(strbuf_span(text));
	header_scan(strbuf_span(text), &list);
	MUST(list.n == 1 && list.fields[0].raw.len == text->len);
	add_plain(&name, field->name);
	MUST(header_is(&list.fields[0], name.buf));
	header_value(&list.fields[0], &value);
	MUST(address_list_parse(strbuf_span(&value), boxes, NULL));
}

static void must_rewrite(const struct header_field *field)
{
	static const char own[] = "own@example.org";
	AUTO(local_names) local = LOCAL_NAMES_INIT;
	AUTO(strbuf) value = STRBUF_INIT, fixed = STRBUF_INIT, qualified = STRBUF_INIT, forced = STRBUF_INIT;
	AUTO(mailbox_list)
	before = MAILBOX_LIST_INIT, after = MAILBOX_LIST_INIT, named = MAILBOX_LIST_INIT, one = MAILBOX_LIST_INIT;
	local_names_add(&local, SPAN_LIT("vm"));
	header_value(field, &value);
	bool readable = address_list_parse(strbuf_span(&value), &before, NULL);
	if (header_fix_addresses(field, own, &local, &fixed)) {
		must_be_read(&fixed, field, &after);
		MUST(readable && before.n == after.n);
		for (size_t i = 0; i < after.n; i++) {
			bool was = local_names_has(&local, span_of(before.v[i].addr));
			MUST(strcmp(after.v[i].addr, was ? own : before.v[i].addr) == 0);
		}
	}
	if (header_qualify_addresses(field, SPAN_LIT("example.org"), &qualified)) {
		must_be_read(&qualified, field, &named);
		MUST(readable && before.n == named.n);
		for (size_t i = 0; i < named.n; i++)
			MUST(strncmp(named.v[i].addr, before.v[i].addr, strlen(before.v[i].addr)) == 0);
	}
	if (header_is(field, "From") && header_force_address(field, own, &forced)) {
		must_be_read(&forced, field, &one);
		MUST(one.n == 1 && strcmp(one.v[0].addr, own) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const to[] = {"a@b.org", "c@d.org", NULL};
	static const struct header_policy policies[] = {
		{.remove_bcc = true, .from = HEADER_AUTO, .date = HEADER_AUTO, .from_addr = "a@b", .date_value = "now"},
		{.remove_bcc = true,
		 .from = HEADER_ON,
		 .to = TO_ON,
		 .from_addr = "a@b",
		 .from_name = "J. Doe",
		 .to_addrs = to},
		{.remove_bcc = false, .from_addr = ""},
	};
	struct span block = {(const char *)data, size};
	AUTO(header_list) list = HEADER_LIST_INIT;
	AUTO(mailbox_list) found = MAILBOX_LIST_INIT;
	AUTO(error) err = ERROR_INIT;

	header_scan(block, &list);
	must_be_covered(block, &list);
	for (size_t i = 0; i < ARRAY_SIZE(policies); i++)
		must_apply(&list, &policies[i]);

	for (size_t i = 0; i < list.n; i++)
		must_rewrite(&list.fields[i]);

	bool ok = recipients_from_header(&list, &found, &err);
	MUST(ok == (err.status.kind == ERROR_NONE));
	for (size_t i = 0; i < found.n; i++)
		MUST(found.v[i].refused || address_check(span_of(found.v[i].addr), true, NULL));
	return 0;
}
