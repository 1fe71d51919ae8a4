/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smtp/client/negotiate.h"

#include <stdio.h>

static char ascii[] = "joe@example.org", idn_given[] = "joe@\xc3\xa4.example", idn_ascii[] = "joe@xn--4ca.example";
static char utf8[] = "j\xc3\xb6rg@example.org";

/* What a message may want ... */
enum {
	WANTS_UTF8_SENDER = 1,
	WANTS_UTF8_RCPT = 2,
	WANTS_IDN = 4,
	WANTS_8BIT_BODY = 8,
	WANTS_8BIT_HEADER = 16, /* with an address that has no form in ASCII */
	WANTS_ODD_HEADER = 32,	/* 8-bit, but no such address */
	WANTS_NOTIFY = 64,
	WANTS_RET = 128,
	WANTS_ENVID = 256,
	WANTS_8BIT_CLAIM = 512,
	DSN_OPTIONAL = 1024,
	PASS_8BIT = 2048,
	WANTS_END = 4096
};
/* ... and what a server may offer: the four keywords that change what is negotiated. */
static const unsigned offers[] = {CAP_8BITMIME, CAP_SIZE, CAP_DSN, CAP_SMTPUTF8};

struct message {
	struct recipient rcpts[2];
	struct envelope env;
	struct mail_transaction mail;
};

static void make(struct message *m, unsigned wants)
{
	const struct mail_address plain = {ascii, ascii}, idn = {idn_given, idn_ascii}, local = {utf8, NULL};
	*m = (struct message){.rcpts = {{.address = plain}, {.address = plain}}};
	if (wants & WANTS_IDN)
		m->rcpts[1].address = idn;
	if (wants & WANTS_UTF8_RCPT)
		m->rcpts[1].address = local;
	m->env = (struct envelope){
		.mail.sender = wants & WANTS_UTF8_SENDER ? local : plain,
		.rcpts = m->rcpts,
		.n = 2,
		.mail.notify = wants & WANTS_NOTIFY ? NOTIFY_SUCCESS : NOTIFY_UNSET,
		.mail.ret = wants & WANTS_RET ? RET_HDRS : RET_UNSET,
		.mail.envid = wants & WANTS_ENVID ? ascii : NULL,
		.mail.body = wants & WANTS_8BIT_CLAIM ? BODY_8BITMIME : BODY_UNSET,
		.mail.dsn_required = !(wants & DSN_OPTIONAL),
	};
	m->mail = (struct mail_transaction){
		.env = &m->env,
		.size = 1000,
		.eightbit_body = (wants & WANTS_8BIT_BODY) != 0,
		.eightbit_header = (wants & (WANTS_8BIT_HEADER | WANTS_ODD_HEADER)) != 0,
		.header_needs_utf8 = (wants & WANTS_8BIT_HEADER) && !(wants & WANTS_ODD_HEADER),
		.eightbit = wants & PASS_8BIT ? EIGHTBIT_PASS : EIGHTBIT_REFUSE,
	};
}

/* The rules, implemented a second time in another way. */
static void judge(unsigned wants, unsigned offered, enum error_kind *kind, struct negotiated *negotiated,
		  bool *second_can)
{
	bool eightbit = wants & (WANTS_8BIT_BODY | WANTS_8BIT_HEADER | WANTS_ODD_HEADER);
	bool utf8_header = (wants & WANTS_8BIT_HEADER) && !(wants & WANTS_ODD_HEADER);
	bool utf8_local = wants & (WANTS_UTF8_SENDER | WANTS_UTF8_RCPT);
	*negotiated = (struct negotiated){.size = offered & CAP_SIZE,
					  .dsn = offered & CAP_DSN,
					  .smtputf8 = (offered & CAP_SMTPUTF8) && (utf8_local || utf8_header)};
	if (offered & CAP_8BITMIME)
		negotiated->body = eightbit || (wants & WANTS_8BIT_CLAIM) ? "8BITMIME" : "7BIT";
	*kind = ERROR_NONE;
	if (eightbit && !(offered & CAP_8BITMIME) && !(wants & PASS_8BIT))
		*kind = ERROR_MESSAGE;
	else if ((wants & (WANTS_NOTIFY | WANTS_RET)) && !(wants & DSN_OPTIONAL) && !(offered & CAP_DSN))
		*kind = ERROR_NOT_OFFERED;
	else if ((wants & WANTS_UTF8_SENDER) && !(offered & CAP_SMTPUTF8))
		*kind = ERROR_ADDRESS;
	*second_can = !(wants & WANTS_UTF8_RCPT) || (offered & CAP_SMTPUTF8);
}

static void every_want_with_every_offer(void **state)
{
	(void)state;
	for (unsigned wants = 0; wants < WANTS_END; wants++) {
		for (unsigned mask = 0; mask < 16; mask++) {
			struct caps caps = CAPS_INIT;
			struct negotiated negotiated = {.body = "untouched"}, wanted;
			struct error err = ERROR_INIT;
			enum error_kind kind;
			bool second;
			struct message m;
			for (unsigned i = 0; i < 4; i++)
				caps.bits |= mask & (1u << i) ? offers[i] : 0;
			make(&m, wants);
			judge(wants, caps.bits, &kind, &wanted, &second);
			bool fine = negotiate(&m.mail, &caps, &negotiated, &err);
			if (err.status.kind != kind || fine != (kind == ERROR_NONE))
				fail_msg("wants %x, offers %x: %s", wants, mask, error_kind_name(err.status.kind));
			if (!fine) {
				assert_string_equal(negotiated.body, "untouched");
				assert_non_null(err.status.hint);
				error_release(&err);
				continue;
			}
			assert_int_equal(negotiated.size, wanted.size);
			assert_int_equal(negotiated.dsn, wanted.dsn);
			assert_int_equal(negotiated.smtputf8, wanted.smtputf8);
			assert_string_equal(negotiated.body ? negotiated.body : "-", wanted.body ? wanted.body : "-");
			assert_true(negotiate_recipient(&m.mail, &negotiated, 0, &err));
			assert_int_equal(negotiate_recipient(&m.mail, &negotiated, 1, &err), second);
			assert_int_equal(err.status.kind, second ? ERROR_NONE : ERROR_ADDRESS);
			error_release(&err);
		}
	}
}

static void sizes(void **state)
{
	static const struct {
		uint64_t size, ours, servers;
		bool fits;
	} rows[] = {
		{1000, 0, 0, true},
		{1000, 1000, 0, true},
		{1001, 1000, 0, false},
		{1000, 0, 1000, true},
		{1001, 0, 1000, false},
		{1000, 2000, 999, false},
		{1000, 999, 2000, false},
		{0, 1, 1, true},
		{UINT64_MAX, 0, UINT64_MAX, true},
		{UINT64_MAX, 0, UINT64_MAX - 1, false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct caps caps = {.bits = CAP_SIZE, .size_limit = rows[i].servers};
		struct message m;
		struct negotiated negotiated;
		struct error err = ERROR_INIT;
		make(&m, 0);
		m.mail.size = rows[i].size;
		m.mail.size_limit = rows[i].ours;
		bool fits = negotiate(&m.mail, &caps, &negotiated, &err);
		assert_int_equal(fits, rows[i].fits);
		if (!fits) {
			char number[32];
			assert_int_equal(err.status.kind, ERROR_TOO_BIG);
			/* Both sizes are named. */
			(void)snprintf(number, sizeof(number), "%llu", (unsigned long long)rows[i].size);
			assert_non_null(strstr(err.status.text, number));
			bool by_us = rows[i].ours && rows[i].size > rows[i].ours;
			(void)snprintf(number, sizeof(number), "%llu",
				       (unsigned long long)(by_us ? rows[i].ours : rows[i].servers));
			assert_non_null(strstr(err.status.text, number));
		}
		error_release(&err);
	}
}

/* The change to the content depends on the message, the setting eightbit, and what the server offers. */
static void what_has_to_be_converted(void **state)
{
	enum { BODY = 1, HEADER = 2, ODD = 4, LMTP = 8, PASS = 16, REFUSE = 32 };
	const unsigned E = CAP_8BITMIME, U = CAP_SMTPUTF8, B = CAP_BINARYMIME | CAP_CHUNKING;
	const unsigned seven = CONTENT_SEVEN_BIT, plain = CONTENT_ASCII_HEADER, encode = CONTENT_NO_BINARY;
	const struct {
		unsigned has, offers, changes;
	} rows[] = {
		{0, 0, encode},
		{0, B, 0},
		{0, CAP_BINARYMIME, encode},
		{0, CAP_CHUNKING, encode},
		{LMTP, B, encode},
		{BODY, 0, seven | encode},
		{BODY, B, seven},
		{BODY, E, encode},
		{BODY, E | B, 0},
		{BODY | PASS, 0, encode},
		{BODY | REFUSE, 0, encode},
		{HEADER, 0, plain | encode},
		{HEADER, E, plain | encode},
		{HEADER, U, plain | encode},
		{HEADER, E | U, encode},
		{HEADER | PASS, 0, encode},
		{HEADER | REFUSE, 0, encode},
		/* without an address that needs SMTPUTF8, the header is encoded for every server */
		{HEADER | ODD, 0, plain | encode},
		{HEADER | ODD, E, plain | encode},
		{HEADER | ODD, E | U, plain | encode},
		{HEADER | ODD | PASS, E | U, encode},
		{BODY | HEADER, 0, seven | plain | encode},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct caps caps = {.bits = rows[i].offers};
		const struct mail_transaction mail = {
			.eightbit_body = rows[i].has & BODY,
			.eightbit_header = rows[i].has & HEADER,
			.env = &(struct envelope){.mail.sender = {ascii, ascii}},
			.header_needs_utf8 = (rows[i].has & HEADER) && !(rows[i].has & ODD),
			.by_data = rows[i].has & LMTP,
			.eightbit = rows[i].has & PASS	   ? EIGHTBIT_PASS
				    : rows[i].has & REFUSE ? EIGHTBIT_REFUSE
							   : EIGHTBIT_CONVERT,
		};
		if (negotiate_content(&mail, &caps) != rows[i].changes)
			fail_msg("row %zu: %x", i, negotiate_content(&mail, &caps));
	}
}

static void binary_goes_only_where_it_may(void **state)
{
	const unsigned E = CAP_8BITMIME, B = CAP_BINARYMIME, C = CAP_CHUNKING;
	const struct {
		bool nul, binary, lmtp;
		unsigned offers;
		const char *body; /* NULL: refused */
	} rows[] = {
		{true, true, false, E | B | C, "BINARYMIME"},
		{false, true, false, E | B | C, "BINARYMIME"},
		{true, false, false, E | B | C, NULL},
		{true, true, false, E | B, NULL},
		{true, true, false, E | C, NULL},
		{true, true, true, E | B | C, NULL},
		{false, false, false, E | B | C, "7BIT"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct caps caps = {.bits = rows[i].offers};
		struct negotiated negotiated = {.body = NULL};
		struct error err = ERROR_INIT;
		struct message m;
		make(&m, 0);
		m.mail.nul = rows[i].nul;
		m.mail.binary = rows[i].binary;
		m.mail.by_data = rows[i].lmtp;
		m.mail.eightbit = EIGHTBIT_CONVERT;
		assert_int_equal(negotiate(&m.mail, &caps, &negotiated, &err), rows[i].body != NULL);
		assert_int_equal(err.status.kind, rows[i].body ? ERROR_NONE : ERROR_MESSAGE);
		assert_string_equal(negotiated.body ? negotiated.body : "-", rows[i].body ? rows[i].body : "-");
		error_release(&err);
	}
}

static void needs_only_what_it_has_a_use_for(void **state)
{
	(void)state;
	for (unsigned wants = 0; wants < WANTS_END; wants++) {
		struct message m;
		unsigned wanted = 0;
		make(&m, wants);
		if (wants & (WANTS_UTF8_SENDER | WANTS_UTF8_RCPT))
			wanted |= CAP_SMTPUTF8;
		if (wants & (WANTS_NOTIFY | WANTS_RET))
			wanted |= CAP_DSN;
		assert_int_equal(negotiate_needs(&m.mail), wanted);
	}
}

static void the_text_names_the_address(void **state)
{
	(void)state;
	struct message m;
	struct caps caps = CAPS_INIT;
	struct negotiated negotiated = {.size = false};
	struct error err = ERROR_INIT;
	make(&m, WANTS_UTF8_RCPT);
	assert_true(negotiate(&m.mail, &caps, &negotiated, &err));
	assert_false(negotiate_recipient(&m.mail, &negotiated, 1, &err));
	assert_non_null(strstr(err.status.text, utf8));
	error_release(&err);
	make(&m, WANTS_UTF8_SENDER);
	assert_false(negotiate(&m.mail, &caps, &negotiated, &err));
	assert_non_null(strstr(err.status.text, utf8));
	error_release(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_want_with_every_offer),	    cmocka_unit_test(sizes),
		cmocka_unit_test(what_has_to_be_converted),	    cmocka_unit_test(binary_goes_only_where_it_may),
		cmocka_unit_test(needs_only_what_it_has_a_use_for), cmocka_unit_test(the_text_names_the_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
