/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For any text: addresses that address_list_parse() finds pass the check for SMTP commands, are found again when they
 * are parsed, and can be written into a header with their names without starting a new line; what is refused says why.
 */
#include "fuzz.h"

#include "address/address.h"
#include "header/header_write.h"

/* It may be folded: every LF has a CR before it and a space after it. */
static void must_be_one_field(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\r')
			MUST(i + 1 < text.len && text.ptr[i + 1] == '\n');
		if (text.ptr[i] == '\n')
			MUST(i > 0 && text.ptr[i - 1] == '\r' && i + 2 < text.len && text.ptr[i + 1] == ' ');
		MUST(text.ptr[i] != '\0');
	}
}

static void must_survive_a_header(const char *name, const char *addr)
{
	AUTO(strbuf) field = STRBUF_INIT;
	AUTO(mailbox_list) again = MAILBOX_LIST_INIT;
	struct fold f = fold_begin(&field, "\r\n");
	header_write_phrase(&f, span_of(name));
	strbuf_addf(&field, " <%s>", addr);
	must_be_one_field(strbuf_span(&field));
	MUST(address_list_parse(strbuf_span(&field), &again, NULL));
	MUST(again.n == 1);
	MUST(strcmp(again.v[0].addr, addr) == 0);
}

static void must_be_sound(const struct mailbox *box)
{
	for (const char *p = box->name ? box->name : ""; *p; p++)
		MUST(!ascii_iscntrl(*p));
	for (const char *p = box->addr; *p; p++)
		MUST(!ascii_iscntrl(*p));
	if (box->refused)
		MUST(*box->refused && *box->addr);
	if (!*box->addr || box->refused)
		return;
	MUST(address_check(span_of(box->addr), false, NULL));

	AUTO(mailbox_list) again = MAILBOX_LIST_INIT;
	MUST(address_list_parse(span_of(box->addr), &again, NULL));
	MUST(again.n == 1);
	MUST(strcmp(again.v[0].addr, box->addr) == 0);
	must_survive_a_header(box->name ? box->name : "", box->addr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = {(const char *)data, size}, local, domain;
	AUTO(mailbox_list) list = MAILBOX_LIST_INIT;
	AUTO(error) err = ERROR_INIT;

	bool ok = address_list_parse(text, &list, &err);
	MUST(ok == (err.status.kind == ERROR_NONE));
	MUST(ok || (err.status.kind == ERROR_ADDRESS && err.status.text));
	for (size_t i = 0; i < list.n; i++)
		must_be_sound(&list.v[i]);

	/* The check itself, for text that was not parsed. */
	if (address_check(text, false, NULL))
		for (size_t i = 0; i < size; i++)
			MUST(!ascii_iscntrl(text.ptr[i]) && (text.ptr[i] != '>' || memchr(data, '"', size)));
	address_split(text, &local, &domain);
	MUST(local.len + (domain.ptr ? domain.len + 1 : 0) == size);

	AUTO(strbuf) name = STRBUF_INIT;
	struct fold f = fold_begin(&name, "\r\n");
	header_write_phrase(&f, text);
	if (name.len)
		strbuf_adds(&name, " <a@b>");
	must_be_one_field(strbuf_span(&name));
	return 0;
}
