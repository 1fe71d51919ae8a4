/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by the tests of codec, address, header, message, mime and dsn. */
#ifndef UNIT_MESSAGE_HELP_H
#define UNIT_MESSAGE_HELP_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "header/header_apply.h"
#include "header/header_recipients.h"
#include "message/wire.h"

#include <stdio.h>
#include <sys/mman.h>

/* A file without a name and without a folder. */
__attribute__((unused)) static int open_in_memory(const struct temp_files *temp, struct error *err)
{
	(void)temp;
	int fd = memfd_create("test", MFD_CLOEXEC);
	if (fd < 0)
		(void)error_set(err, ERROR_CANNOT_CREATE, "memfd_create");
	return fd;
}
__attribute__((unused)) static const struct temp_files temp_in_memory = {open_in_memory, NULL};

__attribute__((unused)) static void assert_span(struct span got, struct span want)
{
	if (!span_equal(got, want)) {
		print_message("# got  (%zu) %.*s\n# want (%zu) %.*s\n", got.len, (int)(got.len < 300 ? got.len : 300),
			      got.ptr, want.len, (int)(want.len < 300 ? want.len : 300), want.ptr);
		fail();
	}
}

/* Reads text in portions of that size; 0: all at once. */
__attribute__((unused)) static void read_message(struct message *msg, struct span text, size_t portion)
{
	AUTO(message_reader) r;
	message_init(msg, &temp_in_memory);
	message_reader_init(&r, msg, 0);
	for (size_t at = 0; at < text.len;) {
		size_t n = portion && text.len - at > portion ? portion : text.len - at;
		assert_true(message_reader_feed(&r, text.ptr + at, n, NULL));
		at += n;
	}
	assert_true(message_reader_end(&r, NULL));
}

__attribute__((unused)) static void read_source(const struct source *src, struct strbuf *out)
{
	char buf[1000];
	for (size_t got = 1; got;) {
		assert_true(source_read_at(src, out->len, buf, sizeof(buf), &got, NULL));
		strbuf_add(out, buf, got);
	}
}

/* Appends the message as it is sent. */
__attribute__((unused)) static void write_wire(struct span header, const struct source *body, bool dots,
					       struct strbuf *out)
{
	AUTO(wire_body) w;
	wire_body_init(&w, header, body, dots);
	for (bool more = true; more;) {
		size_t before = out->len;
		assert_true(wire_body_next(&w, out, &more, NULL));
		assert_true(out->len - before <= 192u * 1024);
	}
}

/* Appends the header as it is sent under a policy. */
__attribute__((unused)) static void apply_policy(const struct message *msg, const struct header_policy *policy,
						 struct strbuf *header)
{
	AUTO(header_list) list = HEADER_LIST_INIT;
	AUTO(header_plan) plan = HEADER_PLAN_INIT;
	header_scan(strbuf_span(&msg->header), &list);
	header_plan_make(&plan, &list, policy);
	header_apply(&plan, &list, message_needs_separator(msg), header);
}

#endif
