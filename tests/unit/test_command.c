/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smtp/command.h"

#include <stdio.h>

static char sender[] = "me@example.org", rcpt[] = "you@example.net";
static char utf8_sender[] = "j\xc3\xb6rg@\xc3\xa4.example", utf8_domain[] = "joe@\xc3\xa4.example",
	    ascii_domain[] = "joe@xn--4ca.example";

static void simple_commands(void **state)
{
	static const struct {
		const char *verb, *argument, *out; /* NULL: refused */
	} rows[] = {
		{"EHLO", "me.example", "EHLO me.example\r\n"},
		{"QUIT", NULL, "QUIT\r\n"},
		{"EHLO", "", "EHLO \r\n"},
		{"EHLO", "a\rb", NULL},
		{"EHLO", "a\nb", NULL},
		{"EHLO", "a\r\nMAIL FROM:<>", NULL},
		{"EHLO", "\n", NULL},
		{"EHLO", "a\r", NULL},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		struct error err = ERROR_INIT;
		strbuf_adds(&out, "before ");
		bool fine = command_simple(&out, rows[i].verb, rows[i].argument, &err);
		assert_int_equal(fine, rows[i].out != NULL);
		/* Refused: nothing of it is in the output. */
		assert_string_equal(out.buf + 7, fine ? rows[i].out : "");
		assert_int_equal(err.status.kind, fine ? ERROR_NONE : ERROR_ADDRESS);
		error_release(&err);
	}
}

static const struct {
	struct mail_address sender;
	struct negotiated negotiated;
	enum dsn_ret ret;
	const char *envid;
	const char *out;
} mails[] = {
	{{sender, sender}, {.size = false}, RET_UNSET, NULL, "MAIL FROM:<me@example.org>\r\n"},
	{{(char[]){""}, (char[]){""}}, {.size = false}, RET_UNSET, NULL, "MAIL FROM:<>\r\n"},
	{{sender, sender}, {.size = true}, RET_UNSET, NULL, "MAIL FROM:<me@example.org> SIZE=1234567890123\r\n"},
	{{sender, sender}, {.body = "7BIT"}, RET_UNSET, NULL, "MAIL FROM:<me@example.org> BODY=7BIT\r\n"},
	{{sender, sender}, {.body = "8BITMIME"}, RET_UNSET, NULL, "MAIL FROM:<me@example.org> BODY=8BITMIME\r\n"},
	{{utf8_sender, NULL},
	 {.smtputf8 = true},
	 RET_UNSET,
	 NULL,
	 "MAIL FROM:<j\xc3\xb6rg@\xc3\xa4.example> SMTPUTF8\r\n"},
	{{utf8_domain, ascii_domain}, {.smtputf8 = false}, RET_UNSET, NULL, "MAIL FROM:<joe@xn--4ca.example>\r\n"},
	/* DSN's parameters are written only if DSN was negotiated */
	{{sender, sender}, {.dsn = false}, RET_FULL, "id", "MAIL FROM:<me@example.org>\r\n"},
	{{sender, sender}, {.dsn = true}, RET_UNSET, NULL, "MAIL FROM:<me@example.org>\r\n"},
	{{sender, sender}, {.dsn = true}, RET_FULL, NULL, "MAIL FROM:<me@example.org> RET=FULL\r\n"},
	{{sender, sender},
	 {.dsn = true},
	 RET_HDRS,
	 "a+b=c d",
	 "MAIL FROM:<me@example.org> RET=HDRS ENVID=a+2Bb+3Dc+20d\r\n"},
	{{sender, sender}, {.dsn = true}, RET_UNSET, "a\r\nRSET", "MAIL FROM:<me@example.org> ENVID=a+0D+0ARSET\r\n"},
	{{sender, sender},
	 {.size = true, .body = "8BITMIME", .smtputf8 = true, .dsn = true},
	 RET_FULL,
	 "x",
	 "MAIL FROM:<me@example.org> SIZE=1234567890123 BODY=8BITMIME SMTPUTF8 RET=FULL ENVID=x\r\n"},
	{{(char[]){"me@example.org>\r\nRSET"}, (char[]){"me@example.org>\r\nRSET"}},
	 {.size = true},
	 RET_UNSET,
	 NULL,
	 NULL},
};

static void mail_says_what_was_negotiated(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mails); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		struct error err = ERROR_INIT;
		const struct envelope env = {.mail.sender = mails[i].sender,
					     .mail.ret = mails[i].ret,
					     .mail.envid = (char *)(uintptr_t)mails[i].envid};
		bool fine = command_mail(&out, &env, 1234567890123, &mails[i].negotiated, &err);
		assert_int_equal(fine, mails[i].out != NULL);
		assert_string_equal(out.buf, fine ? mails[i].out : "");
		error_release(&err);
	}
}

static const struct {
	struct mail_address rcpt;
	const char *orcpt;
	struct negotiated negotiated;
	unsigned notify;
	enum dsn_ret ret;
	const char *out;
} rcpts[] = {
	{{rcpt, rcpt}, NULL, {.dsn = false}, NOTIFY_UNSET, RET_UNSET, "RCPT TO:<you@example.net>\r\n"},
	{{rcpt, rcpt}, "list@example.org", {.dsn = false}, NOTIFY_SUCCESS, RET_FULL, "RCPT TO:<you@example.net>\r\n"},
	{{rcpt, rcpt}, NULL, {.dsn = true}, NOTIFY_UNSET, RET_UNSET, "RCPT TO:<you@example.net>\r\n"},
	{{rcpt, rcpt},
	 NULL,
	 {.dsn = true},
	 NOTIFY_NEVER,
	 RET_UNSET,
	 "RCPT TO:<you@example.net> NOTIFY=NEVER ORCPT=rfc822;you@example.net\r\n"},
	{{rcpt, rcpt},
	 NULL,
	 {.dsn = true},
	 NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY,
	 RET_UNSET,
	 "RCPT TO:<you@example.net> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;you@example.net\r\n"},
	{{rcpt, rcpt},
	 NULL,
	 {.dsn = true},
	 NOTIFY_DELAY,
	 RET_UNSET,
	 "RCPT TO:<you@example.net> NOTIFY=DELAY ORCPT=rfc822;you@example.net\r\n"},
	{{rcpt, rcpt},
	 NULL,
	 {.dsn = true},
	 NOTIFY_UNSET,
	 RET_HDRS,
	 "RCPT TO:<you@example.net> ORCPT=rfc822;you@example.net\r\n"},
	{{rcpt, rcpt},
	 "a+b=c@example.org",
	 {.dsn = true},
	 NOTIFY_UNSET,
	 RET_UNSET,
	 "RCPT TO:<you@example.net> ORCPT=rfc822;a+2Bb+3Dc@example.org\r\n"},
	{{utf8_domain, ascii_domain},
	 NULL,
	 {.dsn = true},
	 NOTIFY_UNSET,
	 RET_FULL,
	 "RCPT TO:<joe@xn--4ca.example> ORCPT=utf-8;joe@\\x{E4}.example\r\n"},
	{{utf8_sender, NULL},
	 NULL,
	 {.smtputf8 = true},
	 NOTIFY_UNSET,
	 RET_UNSET,
	 "RCPT TO:<j\xc3\xb6rg@\xc3\xa4.example>\r\n"},
	{{(char[]){"a\nb"}, (char[]){"a\nb"}}, NULL, {.dsn = true}, NOTIFY_UNSET, RET_UNSET, NULL},
};

static void rcpt_says_what_was_negotiated(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rcpts); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		struct error err = ERROR_INIT;
		struct recipient who = {.address = rcpts[i].rcpt, .orcpt = (char *)(uintptr_t)rcpts[i].orcpt};
		const struct envelope env = {.mail.sender = {sender, sender},
					     .rcpts = &who,
					     .n = 1,
					     .mail.notify = rcpts[i].notify,
					     .mail.ret = rcpts[i].ret};
		bool fine = command_rcpt(&out, &env, &rcpts[i].negotiated, 0, &err);
		assert_int_equal(fine, rcpts[i].out != NULL);
		assert_string_equal(out.buf, fine ? rcpts[i].out : "");
		error_release(&err);
	}
}

/* The reports that are wanted about one recipient may be others than those of the message. */
static void notify_of_one_recipient(void **state)
{
	struct recipient rcpts_[] = {{.address = {rcpt, rcpt}, .notify = NOTIFY_NEVER}, {.address = {rcpt, rcpt}}};
	const struct envelope env = {
		.mail.sender = {sender, sender}, .rcpts = rcpts_, .n = 2, .mail.notify = NOTIFY_DELAY};
	const struct negotiated negotiated = {.dsn = true};
	AUTO(strbuf) out = STRBUF_INIT;
	(void)state;
	assert_true(command_rcpt(&out, &env, &negotiated, 0, NULL) && command_rcpt(&out, &env, &negotiated, 1, NULL));
	assert_string_equal(out.buf, "RCPT TO:<you@example.net> NOTIFY=NEVER ORCPT=rfc822;you@example.net\r\n"
				     "RCPT TO:<you@example.net> NOTIFY=DELAY ORCPT=rfc822;you@example.net\r\n");
	assert_int_equal(envelope_notify(&env), NOTIFY_NEVER | NOTIFY_DELAY);
}

static void the_form_of_an_address(void **state)
{
	static const struct {
		struct mail_address address;
		bool smtputf8;
		const char *form;
	} rows[] = {
		{{rcpt, rcpt}, false, rcpt},
		{{rcpt, rcpt}, true, rcpt},
		{{utf8_domain, ascii_domain}, false, ascii_domain},
		{{utf8_domain, ascii_domain}, true, ascii_domain},
		{{utf8_sender, NULL}, false, NULL},
		{{utf8_sender, NULL}, true, utf8_sender},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_ptr_equal(command_address(&rows[i].address, rows[i].smtputf8), rows[i].form);
}

static void auth_lines(void **state)
{
	static const struct {
		const char *mech;
		struct span initial;
		const char *out;
	} rows[] = {
		{"LOGIN", {NULL, 0}, "AUTH LOGIN\r\n"},
		{"EXTERNAL", {"", 0}, "AUTH EXTERNAL =\r\n"},
		{"PLAIN", SPAN_LIT("\0user\0pass"), "AUTH PLAIN AHVzZXIAcGFzcw==\r\n"},
		{"PLAIN", SPAN_LIT("\r\n"), "AUTH PLAIN DQo=\r\n"},
		{"PL\r\nAIN", SPAN_LIT("x"), NULL},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		struct error err = ERROR_INIT;
		bool fine = command_auth(&out, rows[i].mech, rows[i].initial, &err);
		assert_int_equal(fine, rows[i].out != NULL);
		assert_string_equal(out.buf, fine ? rows[i].out : "");
		error_release(&err);
	}
}

/* Whatever is in it, a command is one line. */
static void no_octet_makes_a_second_line(void **state)
{
	(void)state;
	for (unsigned c = 1; c < 256; c++) {
		char text[] = {'a', (char)c, 'b', '\0'};
		struct recipient who = {.address = {text, text}, .orcpt = text};
		const struct envelope env = {.mail.sender = {text, text},
					     .rcpts = &who,
					     .n = 1,
					     .mail.envid = text,
					     .mail.notify = NOTIFY_NEVER};
		const struct negotiated negotiated = {.dsn = true, .size = true};
		for (int which = 0; which < 4; which++) {
			AUTO(strbuf) out = STRBUF_INIT;
			struct error err = ERROR_INIT;
			bool fine = which == 0	 ? command_mail(&out, &env, 1234567890123, &negotiated, &err)
				    : which == 1 ? command_rcpt(&out, &env, &negotiated, 0, &err)
				    : which == 2 ? command_simple(&out, "EHLO", text, &err)
						 : command_auth(&out, text, span_of(text), &err);
			assert_int_equal(fine, c != '\r' && c != '\n');
			for (size_t i = 0; fine && i + 2 < out.len; i++)
				assert_true(out.buf[i] != '\r' && out.buf[i] != '\n' && out.buf[i] != '\0');
			error_release(&err);
		}
	}
}

/* RFC 3461 section 4.2: 500 characters, "rfc822;" and xtext included; a longer one is left out. */
static void a_long_orcpt_is_left_out(void **state)
{
	static const struct {
		size_t letters;
		const char *tail;
		bool written;
	} rows[] = {{491, "@b", true},	 {492, "@b", false},  {488, "+@b", true},
		    {489, "+@b", false}, {489, "=@b", false}, {1, "@b", true}};
	static char plain[] = "a@b";
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) original = STRBUF_INIT;
		AUTO(strbuf) out = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		for (size_t n = 0; n < rows[i].letters; n++)
			strbuf_addch(&original, 'a');
		strbuf_adds(&original, rows[i].tail);
		struct recipient who = {.address = {plain, plain}, .orcpt = original.buf};
		const struct envelope env = {.mail.sender = {plain, plain}, .rcpts = &who, .n = 1};
		const struct negotiated negotiated = {.dsn = true};
		assert_true(command_rcpt(&out, &env, &negotiated, 0, &err));
		if ((strstr(out.buf, "ORCPT=") != NULL) != rows[i].written)
			fail_msg("%zu letters and %s: %s", rows[i].letters, rows[i].tail, out.buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notify_of_one_recipient),
		cmocka_unit_test(a_long_orcpt_is_left_out),
		cmocka_unit_test(simple_commands),
		cmocka_unit_test(mail_says_what_was_negotiated),
		cmocka_unit_test(rcpt_says_what_was_negotiated),
		cmocka_unit_test(the_form_of_an_address),
		cmocka_unit_test(auth_lines),
		cmocka_unit_test(no_octet_makes_a_second_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
