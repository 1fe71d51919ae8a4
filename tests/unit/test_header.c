/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "header/header_rewrite.h"

static void fields_are_found_with_all_their_octets(void **state)
{
	(void)state;
	static const char block[] = "A: x\r\nB : y\n\tz\r\n \nno field\nC:\n: odd\nD\rE: 1\nF:last";
	static const struct {
		const char *name, *value;
	} want[] = {{"A", "x"}, {"B", "y\tz"}, {"", "no field"}, {"C", ""}, {"", ": odd"}, {"DE", "1"}, {"F", "last"}};
	AUTO(header_list) list = HEADER_LIST_INIT;
	const char *at = block;

	header_scan(span_of(block), &list);
	assert_int_equal(list.n, ARRAY_SIZE(want));
	for (size_t i = 0; i < list.n; i++) {
		AUTO(strbuf) value = STRBUF_INIT;
		assert_true(header_is(&list.fields[i], want[i].name));
		header_value(&list.fields[i], &value);
		assert_string_equal(value.buf, want[i].value);
		assert_ptr_equal(list.fields[i].raw.ptr, at);
		at += list.fields[i].raw.len;
	}
	assert_ptr_equal(at, block + sizeof(block) - 1);
	assert_ptr_equal(header_find(&list, "de"), &list.fields[5]);
	assert_null(header_find(&list, "D"));
	assert_true(header_is_empty(&list.fields[3]));
	assert_false(header_is_empty(&list.fields[0]));
}

static void an_empty_line_ends_the_fields(void **state)
{
	(void)state;
	static const char *const blocks[] = {"A: x\n\nB: y\n", "A: x\r\n\r\nB: y\n", "A: x\n\r\r\nB: y\n"};
	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++) {
		AUTO(header_list) list = HEADER_LIST_INIT;
		header_scan(span_of(blocks[i]), &list);
		assert_int_equal(list.n, 1);
	}
}

static void the_start_of_a_field_is_known(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		enum header_line kind;
	} rows[] = {
		{"", LINE_MORE},
		{"A", LINE_MORE},
		{"A ", LINE_MORE},
		{"A:", LINE_FIELD},
		{"A \t:", LINE_FIELD},
		{"A b:", LINE_OTHER},
		{"A\n", LINE_OTHER},
		{"A \n", LINE_OTHER},
		{":", LINE_OTHER},
		{" A:", LINE_CONTINUATION},
		{"\tA", LINE_CONTINUATION},
		{"\n", LINE_EMPTY},
		{"\r", LINE_MORE},
		{"\r\n", LINE_EMPTY},
		{"\r\r\n", LINE_EMPTY},
		{"\r A", LINE_CONTINUATION},
		{"A\r:", LINE_FIELD},
		{"From a", LINE_MBOX},
		{">From a", LINE_MBOX},
		{"From ", LINE_MORE},
		{"From :", LINE_FIELD},
		{"From:", LINE_FIELD},
		{"from a", LINE_OTHER},
		{"Fr\rom a", LINE_MBOX},
		{"\x7f:", LINE_OTHER},
		{"\xc3\xa4:", LINE_OTHER},
		{"A\001:", LINE_OTHER},
		{"!#$%&'*+-/9;<=>?@[]^_`{|}~:", LINE_FIELD},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(header_line_kind(span_of(rows[i].line)), rows[i].kind);
		assert_int_equal(header_line_is_field(span_of(rows[i].line)), rows[i].kind == LINE_FIELD);
	}
}

static const char *const two[] = {"a@b.org", "c@d.org", NULL};
static const char *const none[] = {NULL};

static const struct {
	const char *in;
	struct header_policy policy;
	const char *want;
} plans[] = {
	/* without a policy, only line ends change */
	{"A: x\n\ty\nBcc: z\n\n", {.from_addr = "", .remove_bcc = false}, "A: x\r\n\ty\r\nBcc: z\r\n\r\n"},
	{"A \t:  x  \n\n", {.remove_bcc = false}, "A \t:  x  \r\n\r\n"},
	{"A: x", {.remove_bcc = false}, "A: x\r\n"},
	{"A: x\n", {.remove_bcc = false}, "A: x\r\n"},
	{"A\r: \rx\r\r\n\r\n", {.remove_bcc = false}, "A:  x\r\n\r\n"},
	{"A: x\nbody\n", {.remove_bcc = false}, "A: x\r\n\r\n"},
	{"body\n", {.remove_bcc = false}, "\r\n"},
	{"\n", {.remove_bcc = false}, "\r\n"},
	{"", {.remove_bcc = false}, ""},
	/* Bcc in every spelling */
	{"Bcc: a\nBCC : b\nbCc\t:\n c,\n\td\nA: x\nResent-Bcc: e\nB\rcc: f\nbcc:\nRESENT-BCC :g\n\n",
	 {.remove_bcc = true},
	 "A: x\r\n\r\n"},
	{"From x 10:30 2026\nBcc: a\nA: x\n\n", {.remove_bcc = true}, "A: x\r\n\r\n"},
	{"From x\nBcc: a\nA: x\n\n", {.remove_bcc = true}, "A: x\r\n\r\n"},
	{"X-Bcc: a\nBccs: b\nBc: c\nBcc-: d\n\n",
	 {.remove_bcc = true},
	 "X-Bcc: a\r\nBccs: b\r\nBc: c\r\nBcc-: d\r\n\r\n"},
	{"Bcc: a", {.remove_bcc = true}, ""},
	/* missing fields are added first, in this order */
	{"Received: x\nTo: y\n\n",
	 {.from = HEADER_AUTO,
	  .date = HEADER_AUTO,
	  .msgid = HEADER_AUTO,
	  .to = TO_ON,
	  .from_addr = "a@b",
	  .from_name = "Joe",
	  .to_addrs = two,
	  .date_value = "now",
	  .msgid_value = "<1@x>"},
	 "From: Joe <a@b>\r\nTo: a@b.org, c@d.org\r\nDate: now\r\nMessage-ID: <1@x>\r\nReceived: x\r\n\r\n"},
	{"body\n",
	 {.from = HEADER_AUTO, .date = HEADER_AUTO, .from_addr = "a@b", .date_value = "now"},
	 "From: a@b\r\nDate: now\r\n\r\n"},
	{"", {.from = HEADER_AUTO, .from_addr = "a@b"}, "From: a@b\r\n"},
	/* AUTO */
	{"fRoM : x\nDATE:y\nmessage-id: z\n\n",
	 {.from = HEADER_AUTO,
	  .date = HEADER_AUTO,
	  .msgid = HEADER_AUTO,
	  .from_addr = "a@b",
	  .date_value = "now",
	  .msgid_value = "<1@x>"},
	 "fRoM : x\r\nDATE:y\r\nmessage-id: z\r\n\r\n"},
	{"From:\nDate: \n \nMessage-ID:\t\nA: x\n\n",
	 {.from = HEADER_AUTO,
	  .date = HEADER_AUTO,
	  .msgid = HEADER_AUTO,
	  .from_addr = "a@b",
	  .date_value = "now",
	  .msgid_value = "<1@x>"},
	 "From: a@b\r\nDate: now\r\nMessage-ID: <1@x>\r\nA: x\r\n\r\n"},
	{"From:\nFrom: x\n\n", {.from = HEADER_AUTO, .from_addr = "a@b"}, "From:\r\nFrom: x\r\n\r\n"},
	{"Resent-From: x\nResent-Date: y\nResent-Message-ID: z\nFrom: a\nDate: b\nMessage-ID: c\n\n",
	 {.from = HEADER_AUTO,
	  .date = HEADER_AUTO,
	  .msgid = HEADER_AUTO,
	  .from_addr = "a@b",
	  .date_value = "now",
	  .msgid_value = "<1@x>"},
	 "Resent-From: x\r\nResent-Date: y\r\nResent-Message-ID: z\r\nFrom: a\r\nDate: b\r\nMessage-ID: c\r\n\r\n"},
	/* OFF */
	{"A: x\n\n",
	 {.from = HEADER_OFF, .from_addr = "a@b", .date_value = "now", .msgid_value = "<1@x>"},
	 "A: x\r\n\r\n"},
	/* ON */
	{"From: x\nA: x\nFROM: y\n z\n\n", {.from = HEADER_ON, .from_addr = "a@b"}, "From: a@b\r\nA: x\r\n\r\n"},
	{"Date: x\nMessage-ID: y\n\n",
	 {.date = HEADER_ON, .msgid = HEADER_ON, .date_value = "now", .msgid_value = "<1@x>"},
	 "Date: now\r\nMessage-ID: <1@x>\r\n\r\n"},
	/* the null sender has no From */
	{"A: x\n\n", {.from = HEADER_AUTO, .from_addr = ""}, "A: x\r\n\r\n"},
	{"From: x\n\n", {.from = HEADER_ON, .from_addr = ""}, "From: x\r\n\r\n"},
	/* names */
	{"\n", {.from = HEADER_ON, .from_addr = "a@b", .from_name = ""}, "From: a@b\r\n\r\n"},
	{"\n", {.from = HEADER_ON, .from_addr = "a@b", .from_name = " \n"}, "From: a@b\r\n\r\n"},
	{"\n", {.from = HEADER_ON, .from_addr = "a@b", .from_name = "Doe, J."}, "From: \"Doe, J.\" <a@b>\r\n\r\n"},
	{"\n",
	 {.from = HEADER_ON, .from_addr = "a@b", .from_name = "J\xc3\xb6"},
	 "From: =?UTF-8?B?SsO2?= <a@b>\r\n\r\n"},
	{"\n",
	 {.from = HEADER_ON,
	  .from_addr = "somebody@somewhere.example.org",
	  .from_name = "Somebody With A Rather Long Name Of Many Words"},
	 "From: Somebody With A Rather Long Name Of Many Words\r\n <somebody@somewhere.example.org>\r\n\r\n"},
	/* injection */
	{"\n", {.from = HEADER_ON, .from_addr = "a@b", .from_name = "x\r\nBcc: y"}, "From: \"x Bcc: y\" <a@b>\r\n\r\n"},
	{"\n",
	 {.from = HEADER_ON, .date = HEADER_ON, .from_addr = "a@b\r\nX: y", .date_value = "now\nX: y"},
	 "From: a@b??X: y\r\nDate: now?X: y\r\n\r\n"},
	/* To */
	{"To: x\nCc: y\nBcc: z\nRESENT-TO: r\nto : q\n\n",
	 {.to = TO_ON, .to_addrs = two},
	 "To: a@b.org, c@d.org\r\nRESENT-TO: r\r\n\r\n"},
	{"To: x\nCC: y\nBcc : z\nA: x\n\n",
	 {.to = TO_UNDISCLOSED, .to_addrs = two},
	 "To: undisclosed-recipients:;\r\nA: x\r\n\r\n"},
	{"A: x\n\n", {.to = TO_ON, .to_addrs = none}, "To: undisclosed-recipients:;\r\nA: x\r\n\r\n"},
};

static void policies_do_what_they_say_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(plans); i++) {
		AUTO(message) msg;
		AUTO(strbuf) header = STRBUF_INIT;
		read_message(&msg, span_of(plans[i].in), 3);
		apply_policy(&msg, &plans[i].policy, &header);
		assert_span(strbuf_span(&header), span_of(plans[i].want));
	}
}

static void edit(const char *field, int how, struct strbuf *out)
{
	AUTO(header_list) list = HEADER_LIST_INIT;
	AUTO(local_names) local = LOCAL_NAMES_INIT;
	local_names_add(&local, SPAN_LIT("vm.test"));
	header_scan(span_of(field), &list);
	assert_int_equal(list.n, 1);
	bool done = how == 'f'	 ? header_fix_addresses(&list.fields[0], "me@own.test", &local, out)
		    : how == 'q' ? header_qualify_addresses(&list.fields[0], SPAN_LIT("own.test"), out)
				 : header_force_address(&list.fields[0], "me@own.test", out);
	assert_int_equal(done, out->len > 0);
}

static void addresses_change_and_nothing_around_them(void **state)
{
	(void)state;
	static const struct {
		int how;
		const char *field, *want;
	} rows[] = {
		{'f', "From: a@vm.test\n", "From: \"a@vm.test\" <me@own.test>\r\n"},
		{'f', "From: a@VM.test.\n", "From: \"a@VM.test\" <me@own.test>\r\n"},
		{'f', "From: a@vm\n", ""},
		{'f', "From:\n", ""},
		{'f', "From: <>\n", ""},
		{'f', "From: \"a b\"@vm.test\n", "From: \"\\\"a b\\\"@vm.test\" <me@own.test>\r\n"},
		{'f', "FROM : (x) \"J. D\" (y) < (z) a @ vm.test (w) > (v)\n",
		 "FROM : (x) \"J. D\" (y) < (z) me@own.test (w) > (v)\r\n"},
		{'f', "From: J <@r.test,@s.test: a>\n", "From: J <@r.test,@s.test: me@own.test>\r\n"},
		{'f', "From:\n =?UTF-8?Q?J=C3=B6?=\n\t<a>, b@x.test\n",
		 "From:\r\n =?UTF-8?Q?J=C3=B6?=\r\n\t<me@own.test>, b@x.test\r\n"},
		{'f', "From: a\r\n ,b@x.test\r\n", "From: a <me@own.test>\r\n ,b@x.test\r\n"},
		{'f', "From: g: a, <b@x.test>; , c@x.test", "From: g: a <me@own.test>, <b@x.test>; , c@x.test\r\n"},
		{'q', "To: a, b . c (d), <\"e f\">, g@x.test, [1]\n", ""},
		{'q', "To: a, b . c (d), <\"e f\">, g@x.test\n",
		 "To: a@own.test, b . c@own.test (d), <\"e f\"@own.test>, g@x.test\r\n"},
		{'q', "To: undisclosed-recipients:;\n", ""},
		{'q', "To: <>\n", ""},
		{'q', "To: a@localhost\n", ""},
		{'q', "To: a@[127.0.0.1], b\n", "To: a@[127.0.0.1], b@own.test\r\n"},
		{'F', "From: A <me@Own.Test>\n", ""},
		{'F', "From: A <a@x.test>, b@x.test\n", "From: A <me@own.test>\r\n"},
		{'F', "From: a@x.test (A)\n", "From: \"a@x.test\" <me@own.test>\r\n"},
		{'F', "From: a b\n c\n", "From: a b c <me@own.test>\r\n"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		edit(rows[i].field, rows[i].how, &out);
		assert_span(strbuf_span(&out), span_of(rows[i].want));
	}
}

/* A line does not become longer than allowed, and a long one does not take a long time. */
static void longer_addresses_are_folded(void **state)
{
	(void)state;
	static const char *const units[] = {"abc, ", "abc,", "abc (x), ", "\"A, B\" <abc> , "};
	for (size_t i = 0; i < 2 * ARRAY_SIZE(units); i++) {
		AUTO(strbuf) text = STRBUF_INIT, out = STRBUF_INIT;
		AUTO(header_list) list = HEADER_LIST_INIT;
		AUTO(mailbox_list) found = MAILBOX_LIST_INIT;
		strbuf_adds(&text, "To: ");
		for (size_t n = 0; n < 50000; n++)
			strbuf_adds(&text, units[i / 2]);
		edit(text.buf, i % 2 ? 'f' : 'q', &out);
		struct span rest = strbuf_span(&out), line;
		while (span_split(&rest, '\n', &line))
			assert_true(line.len <= 120);
		header_scan(strbuf_span(&out), &list);
		assert_int_equal(list.n, 1);
		assert_true(recipients_from_header(&list, &found, NULL));
		assert_int_equal(found.n, 50000);
		assert_string_equal(found.v[49999].addr, i % 2 ? "me@own.test" : "abc@own.test");
	}
}

static void many_recipients_are_folded(void **state)
{
	(void)state;
	AUTO(strvec) addrs = STRVEC_INIT;
	AUTO(header_list) list = HEADER_LIST_INIT;
	AUTO(header_plan) plan = HEADER_PLAN_INIT;
	AUTO(mailbox_list) found = MAILBOX_LIST_INIT;
	for (size_t i = 0; i < 1000; i++)
		strvec_pushf(&addrs, "user%zu@example.org", i * i * i);
	struct header_policy policy = {.to = TO_ON, .to_addrs = (const char *const *)addrs.v};
	header_plan_make(&plan, &list, &policy);
	struct span rest = strbuf_span(&plan.added), line;
	while (span_split(&rest, '\n', &line))
		assert_true(line.len <= 79); /* with its CR */
	header_scan(strbuf_span(&plan.added), &list);
	assert_int_equal(list.n, 1);
	assert_true(recipients_from_header(&list, &found, NULL));
	assert_int_equal(found.n, 1000);
	assert_string_equal(found.v[999].addr, "user997002999@example.org");
}

/* Mebibytes of fields, with a Bcc after them. */
static void a_large_header_hides_no_bcc(void **state)
{
	(void)state;
	static const char *const units[] = {"X: y\n", " folded\n",
					    "X-Long: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"};
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		AUTO(strbuf) text = STRBUF_INIT, header = STRBUF_INIT;
		AUTO(message) msg;
		struct header_policy policy = {.remove_bcc = true};
		strbuf_adds(&text, "A: x\n");
		while (text.len < 1024u * 1024 * (i ? 1 : 10))
			strbuf_adds(&text, units[i]);
		strbuf_adds(&text, i > 1 ? "\nBcc: secret\n more secret\n\n" : "Bcc: secret\n more secret\n\n");
		read_message(&msg, strbuf_span(&text), 65536);
		assert_true(msg.info.has_separator);
		assert_int_equal(msg.body.size, 0);
		apply_policy(&msg, &policy, &header);
		assert_true(header.len > 1024 * 1024);
		assert_null(memmem(header.buf, header.len, "secret", 6));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_found_with_all_their_octets),
		cmocka_unit_test(an_empty_line_ends_the_fields),
		cmocka_unit_test(the_start_of_a_field_is_known),
		cmocka_unit_test(policies_do_what_they_say_and_nothing_else),
		cmocka_unit_test(addresses_change_and_nothing_around_them),
		cmocka_unit_test(longer_addresses_are_folded),
		cmocka_unit_test(many_recipients_are_folded),
		cmocka_unit_test(a_large_header_hides_no_bcc),
	};
	return cmocka_run_group_tests_name("header", tests, NULL, NULL);
}
