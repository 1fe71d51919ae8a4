/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

static const struct {
	const char *header, *want; /* addresses with spaces between them; NULL: an error */
} rows[] = {
	{"", ""},
	{"Subject: a@b\n", ""},
	{"To: a@b\nCc: c@d, e@f\nBcc: g@h\n", "a@b c@d e@f g@h"},
	{"TO: a@b\nto : c@d\nBCC :e@f\ncC:g@h\n", "a@b c@d e@f g@h"},
	{"To: a@b,\n c@d,\r\n\te@f\n", "a@b c@d e@f"},
	{"T\ro: a@b\r\r\n", "a@b"},
	{"To: a@b\nTo: c@d\nTo:\n", "a@b c@d"},
	{"To: g: a@b,\n c@d;, undisclosed-recipients:;\n", "a@b c@d"},
	{"To: \"a\n b\"\n <a@b>", "a@b"},
	{"Reply-To: x@y\nFrom: z@y\nTo: a@b\nX-To: q@r\n", "a@b"},
	/* only the topmost Resent- block */
	{"Resent-To: r@s\nTo: a@b\n", "r@s"},
	{"To: a@b\nResent-To: r@s\nresent-cc : t@u\nResent-Bcc: v@w\nBcc: c@d\n", "r@s t@u v@w"},
	{"Resent-To: r@s\nResent-Date: now\nReceived: x\nResent-To: o@p\nTo: a@b\n", "r@s"},
	{"Resent-From: r@s\nTo: a@b\n", ""},
	/* blocks with nothing between them */
	{"Resent-From: q@s\nResent-To: r@s\nResent-From: p@s\nResent-To: o@p\nTo: a@b\n", "r@s"},
	{"Resent-Date: x\nResent-To: r@s\nRESENT-DATE: y\nResent-Cc: o@p\nTo: a@b\n", "r@s"},
	{"Resent-To: r@s\nResent-From: q@s\nResent-To: o@p\nResent-From: p@s\n", "r@s"},
	{"Resent-To: r@s\nResent-To: t@u\nResent-Cc: v@w\nResent-From: q@s\n", "r@s t@u v@w"},
	{"Resent-From: q@s\nResent-To: r@s\nResent-To: t@u\nResent-From: p@s\nResent-To: o@p\n", "r@s t@u"},
	{"Resent-Message-ID: <1@s>\nResent-To: r@s\nResent-Message-ID: <2@s>\nResent-Bcc: o@p\n", "r@s"},
	{"Re\rsent-To: r@s\nTo: a@b\n", "r@s"},
	{"Resent: x\nTo: a@b\n", "a@b"},
	/* errors */
	{"To: a@b, c d, e@f\n", "a@b !in the header field To e@f"},
	{"To: a@b\nBcc: (x\n", "a@b !in the header field Bcc"},
	{"To: a@b\nCc: c\001d\n", NULL},
};

static void recipients_come_from_the_right_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(header_list) list = HEADER_LIST_INIT;
		AUTO(mailbox_list) found = MAILBOX_LIST_INIT;
		AUTO(strbuf) got = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		header_scan(span_of(rows[i].header), &list);
		bool ok = recipients_from_header(&list, &found, &err);
		assert_int_equal(ok, rows[i].want != NULL);
		if (!ok) {
			assert_int_equal(err.status.kind, ERROR_ADDRESS);
			assert_non_null(strstr(err.status.text, "in the header field "));
			continue;
		}
		for (size_t j = 0; j < found.n; j++)
			strbuf_addf(&got, "%s%s%.*s", j ? " " : "", found.v[j].refused ? "!" : "",
				    found.v[j].refused ? (int)strcspn(found.v[j].refused, ":") : 1000,
				    found.v[j].refused ? found.v[j].refused : found.v[j].addr);
		assert_string_equal(got.buf, rows[i].want);
	}
}

static void the_sender_is_the_first_that_the_header_names(void **state)
{
	(void)state;
	static const struct {
		const char *header, *want;
		enum error_kind kind;
	} senders[] = {
		{"From: Joe <a@b>\n", "a@b", ERROR_NONE},
		{"FROM :\n a@b, c@d\n", "a@b", ERROR_NONE},
		{"From: a@b\nResent-From: c@d\n", "a@b", ERROR_NONE},
		{"Resent-From: c@d\nFrom: a@b\n", "c@d", ERROR_NONE},
		{"From:\nFrom: a@b\n", "a@b", ERROR_NONE},
		{"From: <>, a@b\n", "a@b", ERROR_NONE},
		{"From: <>\n", NULL, ERROR_USAGE},
		{"Sender: a@b\n", NULL, ERROR_USAGE},
		{"", NULL, ERROR_USAGE},
		{"From: a b\n", NULL, ERROR_USAGE},
		{"From: a b, c@d\n", "c@d", ERROR_NONE},
	};
	for (size_t i = 0; i < ARRAY_SIZE(senders); i++) {
		AUTO(header_list) list = HEADER_LIST_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO_FREE char *sender = NULL;
		header_scan(span_of(senders[i].header), &list);
		assert_int_equal(recipients_sender(&list, &sender, &err), senders[i].want != NULL);
		assert_int_equal(err.status.kind, senders[i].kind);
		if (senders[i].want)
			assert_string_equal(sender, senders[i].want);
		else
			assert_null(sender);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recipients_come_from_the_right_fields),
		cmocka_unit_test(the_sender_is_the_first_that_the_header_names),
	};
	return cmocka_run_group_tests_name("recipients", tests, NULL, NULL);
}
