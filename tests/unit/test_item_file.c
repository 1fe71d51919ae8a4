/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue_help.h"

#include "base/checksum.h"

/* ---- the file -------------------------------------------------------- */

/* rest is everything after the checksum, which is right. */
static void seal(struct span rest, struct strbuf *file)
{
	char sum[CHECKSUM_DIGITS + 1];
	checksum_format(checksum_of(rest), sum);
	strbuf_addf(file, "posthaste-queue %s", sum);
	strbuf_add_span(file, rest);
}

static void parse(struct span octets, struct queue_item *item)
{
	AUTO(error) err = ERROR_INIT;
	bool ok = item_file_parse(octets, item, &err);
	if (!ok)
		print_message("# %s\n# %.*s\n", err.status.text, (int)octets.len, octets.ptr);
	assert_true(ok);
	assert_int_equal(err.status.kind, ERROR_NONE);
}

static void assert_refused(struct span octets, enum error_kind kind)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	static const struct queue_item fresh = QUEUE_ITEM_INIT;
	AUTO(error) err = ERROR_INIT;
	if (item_file_parse(octets, &item, &err))
		print_message("# taken: %.*s\n", (int)octets.len, octets.ptr);
	assert_int_equal(err.status.kind, kind);
	assert_non_null(err.status.text);
	assert_memory_equal(&item, &fresh, sizeof(item));
}

/* ---- every value ------------------------------------------------------ */

static void assert_same_text(const char *got, const char *wanted)
{
	assert_int_equal(got == NULL, wanted == NULL);
	if (wanted)
		assert_string_equal(got, wanted);
}

#define SAME(member) assert_true(got->member == wanted->member)
#define SAME_TEXT(member) assert_same_text(got->member, wanted->member)

static void assert_same_status(const struct status *got, const struct status *wanted)
{
	SAME(kind);
	SAME(code);
	SAME_TEXT(enhanced);
	SAME_TEXT(text);
	SAME_TEXT(stage);
	SAME_TEXT(hint);
	SAME_TEXT(host);
	SAME_TEXT(server.line);
	SAME_TEXT(server.lines);
}

static void assert_same_rcpt(const struct queue_rcpt *got, const struct queue_rcpt *wanted)
{
	SAME_TEXT(who.address.given);
	SAME_TEXT(who.address.ascii);
	SAME_TEXT(who.orcpt);
	SAME(who.notify);
	SAME(state);
	assert_same_status(&got->status, &wanted->status);
	SAME(last_attempt);
	SAME(reported);
}

static void assert_same_attempt(const struct history_line *got, const struct history_line *wanted)
{
	SAME(when);
	assert_same_status(&got->status, &wanted->status);
}

static void assert_same_params(const struct mail_params *got, const struct mail_params *wanted)
{
	SAME(by_seconds);
	SAME(by_mode);
	SAME(hold_for);
	SAME(hold_until);
	SAME(priority);
	SAME_TEXT(auth);
}

static void assert_same_facts(const struct message_info *got, const struct message_info *wanted)
{
	SAME(octets);
	SAME(body_wire);
	SAME(bare_lf);
	SAME(bare_cr);
	SAME(longest_line);
}

static void assert_same_item(const struct queue_item *got, const struct queue_item *wanted)
{
	SAME_TEXT(id);
	SAME(arrival);
	SAME(age_from);
	SAME(state);
	SAME(hold);
	assert_same_status(&got->reason, &wanted->reason);
	SAME_TEXT(fingerprint);
	SAME(not_before);
	SAME(due);
	SAME(attempts);
	SAME(in_flight);
	SAME(scope);
	SAME_TEXT(account);
	SAME_TEXT(config_file);
	SAME(msmtp);
	SAME_TEXT(mail.sender.given);
	SAME_TEXT(mail.sender.ascii);
	SAME(mail.notify);
	SAME(mail.ret);
	SAME_TEXT(mail.envid);
	SAME(mail.body);
	SAME_TEXT(archive);
	SAME_TEXT(language);
	SAME_TEXT(message_id);
	SAME_TEXT(date);
	SAME(size);
	SAME(reports);
	SAME_TEXT(report);
	SAME_TEXT(report_of);
	SAME(message_sum);
	assert_same_params(&got->mail.params, &wanted->mail.params);
	assert_same_facts(&got->info, &wanted->info);
	SAME(n);
	for (size_t i = 0; i < wanted->n; i++)
		assert_same_rcpt(&got->rcpts[i], &wanted->rcpts[i]);
	SAME(n_history);
	for (size_t i = 0; i < wanted->n_history; i++)
		assert_same_attempt(&got->history[i], &wanted->history[i]);
}

static void what_was_written_is_read(void **state)
{
	(void)state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT, got = QUEUE_ITEM_INIT;
	AUTO(strbuf) octets = STRBUF_INIT, again = STRBUF_INIT;
	fill_item(&item);
	item_file_write(&item, &octets);
	parse(strbuf_span(&octets), &got);
	item_file_write(&got, &again);
	assert_string_equal(again.buf, octets.buf);

	assert_same_item(&got, &item);
	assert_true(strvec_equal(&got.settings, &item.settings));
	assert_true(strvec_equal(&got.environment, &item.environment));
	assert_true(strvec_equal(&got.extra, &item.extra));
}

/* Each field makes a difference: none is forgotten. */
static void every_field_is_kept(void **state)
{
	(void)state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(strbuf) octets = STRBUF_INIT;
	static const char *const tags[] = {
		"id",
		"arrival",
		"age_from",
		"state",
		"hold",
		"reason",
		"fingerprint",
		"not_before",
		"due",
		"attempts",
		"in_flight",
		"scope",
		"account",
		"config_file",
		"setting",
		"environment",
		"sender",
		"sender_ascii",
		"rcpt",
		"notify",
		"ret",
		"envid",
		"body",
		"dsn_required",
		"deliver_by",
		"by_seconds",
		"by_mode",
		"by_trace",
		"hold_for",
		"hold_until",
		"has_priority",
		"priority",
		"require_tls",
		"auth",
		"message_id",
		"date",
		"octets",
		"body_wire",
		"bare_lf",
		"bare_cr",
		"longest_line",
		"eightbit_header",
		"eightbit_body",
		"nul",
		"unterminated",
		"has_separator",
		"headerless",
		"mbox_line",
		"size",
		"attempt",
		"reports",
		"message_sum",
		"+archive",
		"+language",
		"+colour",
		"+note",
		"end",
	};
	fill_item(&item);
	item_file_write(&item, &octets);
	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		AUTO_FREE char *line = xasprintf("\n%s ", tags[i]);
		if (!strstr(octets.buf, line))
			print_message("# not written: %s\n", tags[i]);
		assert_non_null(strstr(octets.buf, line));
	}
}

/* ---- booleans -------------------------------------------------------- */

struct boolean {
	const char *name;
	size_t at;
};
#define OF(type, member)                                             \
	{                                                            \
		.name = #member, .at = offsetof(struct type, member) \
	}

static const struct boolean item_booleans[] = {
	OF(queue_item, mail.dsn_required),	 OF(queue_item, mail.params.deliver_by),
	OF(queue_item, mail.params.by_trace),	 OF(queue_item, mail.params.has_priority),
	OF(queue_item, mail.params.require_tls), OF(queue_item, info.eightbit_header),
	OF(queue_item, info.eightbit_body),	 OF(queue_item, info.nul),
	OF(queue_item, info.unterminated),	 OF(queue_item, info.has_separator),
	OF(queue_item, info.headerless),	 OF(queue_item, info.mbox_line),
};
static const struct boolean rcpt_booleans[] = {OF(queue_rcpt, possible_duplicate), OF(queue_rcpt, relayed_without_dsn)};
static const struct boolean envelope_booleans[] = {
	OF(envelope, mail.dsn_required),       OF(envelope, mail.params.deliver_by),
	OF(envelope, mail.params.by_trace),    OF(envelope, mail.params.has_priority),
	OF(envelope, mail.params.require_tls),
};

/* Each bit of the set is one of them. */
static void set_booleans(void *to, const struct boolean *booleans, size_t n, unsigned set)
{
	for (size_t i = 0; i < n; i++)
		*(bool *)((char *)to + booleans[i].at) = set >> i & 1;
}

static void assert_booleans(const void *of, const struct boolean *booleans, size_t n, unsigned set)
{
	for (size_t i = 0; i < n; i++)
		if (*(const bool *)((const char *)of + booleans[i].at) != (set >> i & 1))
			fail_msg("%s is not as it was, in combination %x", booleans[i].name, set);
}

static void write_and_parse(const struct queue_item *item, struct queue_item *got)
{
	AUTO(strbuf) octets = STRBUF_INIT;
	item_file_write(item, &octets);
	parse(strbuf_span(&octets), got);
}

/* If all were true, one that is read into the place of another would not be noticed. */
static void every_combination_of_booleans_is_kept(void **state)
{
	(void)state;
	size_t n = ARRAY_SIZE(item_booleans);
	for (unsigned set = 0; set < 1u << n; set++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT, got = QUEUE_ITEM_INIT;
		fill_item(&item);
		set_booleans(&item, item_booleans, n, set);
		write_and_parse(&item, &got);
		assert_booleans(&got, item_booleans, n, set);
	}
	n = ARRAY_SIZE(rcpt_booleans);
	for (unsigned set = 0; set < 1u << n; set++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT, got = QUEUE_ITEM_INIT;
		fill_item(&item);
		set_booleans(&item.rcpts[0], rcpt_booleans, n, set);
		set_booleans(&item.rcpts[1], rcpt_booleans, n, ~set);
		write_and_parse(&item, &got);
		assert_booleans(&got.rcpts[0], rcpt_booleans, n, set);
		assert_booleans(&got.rcpts[1], rcpt_booleans, n, ~set);
	}
}

/* From what was asked for at acceptance to what the next attempt asks for. */
static void the_next_attempt_asks_for_the_same(void **state)
{
	(void)state;
	size_t n = ARRAY_SIZE(envelope_booleans);
	for (unsigned set = 0; set < 1u << n; set++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT, got = QUEUE_ITEM_INIT;
		AUTO(envelope) asked = ENVELOPE_INIT, next = ENVELOPE_INIT;
		asked.mail.sender.given = xstrdup("a@example.org");
		envelope_add(&asked, (struct mail_address){xstrdup("b@example.org"), NULL});
		set_booleans(&asked, envelope_booleans, n, set);
		queue_item_set_envelope(&item, &asked);
		write_and_parse(&item, &got);
		queue_item_envelope(&got, 0, &next, NULL);
		assert_booleans(&next, envelope_booleans, n, set);
	}
}

/* What every item has; records come before it, after it, and in its recipient. */
#define SENDER "sender 1:a\n"
#define RCPT "rcpt 12:address 1:b\n\n"
#define END "end 0:\n"

static void the_smallest_item(void **state)
{
	(void)state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT, got = QUEUE_ITEM_INIT;
	AUTO(strbuf) octets = STRBUF_INIT, wanted = STRBUF_INIT;
	struct recipient rcpt = {{(char[]){"b"}, NULL}, NULL, NULL, 0};
	struct envelope env = {.mail.sender = {(char[]){"a"}, NULL}, .rcpts = &rcpt, .n = 1};
	queue_item_set_envelope(&item, &env);
	item_file_write(&item, &octets);
	seal(SPAN_LIT(" 1\n" SENDER RCPT END), &wanted);
	assert_string_equal(octets.buf, wanted.buf);
	parse(strbuf_span(&octets), &got);
	assert_null(got.id);
	assert_int_equal(got.n, 1);
}

/* Of a damaged message nothing else may be known. */
static void a_damaged_one_needs_nothing(void **state)
{
	(void)state;
	AUTO(queue_item) item = {.state = QUEUE_HELD, .hold = HOLD_DAMAGED}, got = QUEUE_ITEM_INIT;
	AUTO(strbuf) octets = STRBUF_INIT;
	item_file_write(&item, &octets);
	parse(strbuf_span(&octets), &got);
	assert_int_equal(got.hold, HOLD_DAMAGED);
	assert_int_equal(got.n, 0);
}

static void cut_anywhere_it_is_refused(void **state)
{
	(void)state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(strbuf) octets = STRBUF_INIT;
	fill_item(&item);
	item_file_write(&item, &octets);
	for (size_t n = 0; n < octets.len; n++) {
		AUTO_FREE char *part = xmemdup(octets.buf, n ? n : 1); /* of that size, for the sanitizer */
		assert_refused(span_make(part, n), ERROR_DAMAGED);
	}
}

static void a_flipped_bit_anywhere_is_refused(void **state)
{
	(void)state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(strbuf) octets = STRBUF_INIT;
	fill_item(&item);
	item_file_write(&item, &octets);
	for (size_t bit = 0; bit < 8 * octets.len; bit++) {
		octets.buf[bit / 8] = (char)(octets.buf[bit / 8] ^ 1 << bit % 8);
		assert_refused(strbuf_span(&octets), ERROR_DAMAGED);
		octets.buf[bit / 8] = (char)(octets.buf[bit / 8] ^ 1 << bit % 8);
	}
}

/* As many bytes as the file had, but zeros from somewhere on: what a crash leaves behind. */
static void a_tail_of_zeros_is_refused(void **state)
{
	(void)state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(strbuf) octets = STRBUF_INIT;
	fill_item(&item);
	item_file_write(&item, &octets);
	for (size_t n = octets.len; n-- > 0;) {
		octets.buf[n] = '\0';
		assert_refused(strbuf_span(&octets), ERROR_DAMAGED);
	}
}

static void assert_sealed_refused(struct span rest, enum error_kind kind)
{
	AUTO(strbuf) file = STRBUF_INIT;
	seal(rest, &file);
	assert_refused(strbuf_span(&file), kind);
}

static void first_lines(void **state)
{
	(void)state;
	static const struct {
		const char *rest;
		enum error_kind kind;
	} cases[] = {
		{" 2\nwhatever", ERROR_CONFIG},
		{" 18446744073709551615\n", ERROR_CONFIG},
		{" 18446744073709551616\n", ERROR_DAMAGED},
		{" 0\n" SENDER RCPT END, ERROR_DAMAGED},
		{" 01\n" SENDER RCPT END, ERROR_DAMAGED},
		{"  1\n" SENDER RCPT END, ERROR_DAMAGED},
		{"1\n" SENDER RCPT END, ERROR_DAMAGED},
		{" \n" SENDER RCPT END, ERROR_DAMAGED},
		{" 1", ERROR_DAMAGED},
		{" ", ERROR_DAMAGED},
		{"", ERROR_DAMAGED},
		{" 1\r\n" SENDER RCPT END, ERROR_DAMAGED},
		{" 1\n", ERROR_DAMAGED},
		{" 1\n" SENDER RCPT, ERROR_DAMAGED},
		{" 1\n" SENDER RCPT END "\n", ERROR_DAMAGED},
		{" 1\n" SENDER RCPT END END, ERROR_DAMAGED},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_sealed_refused(span_of(cases[i].rest), cases[i].kind);
	assert_refused(SPAN_LIT("Posthaste-queue 0123456789abcdef 1\n" SENDER RCPT END), ERROR_DAMAGED);
	assert_refused(SPAN_LIT("posthaste-queue 1\n" SENDER RCPT END), ERROR_DAMAGED);
}

/* A file whose checksum is right, with records in front of its sender, in its recipient, and at its end. */
static void make_file(struct strbuf *file, struct span before, struct span in, struct span after)
{
	AUTO(strbuf) rest = STRBUF_INIT, rcpt = STRBUF_INIT;
	strbuf_adds(&rcpt, "address 1:b\n");
	strbuf_add_span(&rcpt, in);
	strbuf_adds(&rest, " 1\n");
	strbuf_add_span(&rest, before);
	strbuf_addf(&rest, SENDER "rcpt %zu:%s\n", rcpt.len, rcpt.buf);
	strbuf_add_span(&rest, after);
	strbuf_adds(&rest, END);
	seal(strbuf_span(&rest), file);
}

static void assert_frame_is_good(void)
{
	AUTO(strbuf) file = STRBUF_INIT;
	AUTO(queue_item) got = QUEUE_ITEM_INIT;
	make_file(&file, SPAN_LIT(""), SPAN_LIT(""), SPAN_LIT(""));
	parse(strbuf_span(&file), &got);
}

static void records_that_are_none(void **state)
{
	(void)state;
	static const struct {
		const char *before, *in, *after;
	} cases[] = {
		{"", "", "end 1:x\n"},
		{"", "", "end 00:\n"},
		{"", "", "end :\n"},
		{"", "", "end 0 :\n"},
		{"", "", "end  0:\n"},
		{" 0:\n", "", ""},
		{"+ 0:\n", "", ""},
		{"id 2:x\n", "", ""},
		{"id 1:xy\n", "", ""},
		{"id 18446744073709551615:x\n", "", ""},
		{"id 18446744073709551617:x\n", "", ""},
		{"id 01:x\n", "", ""},
		{"id -1:x\n", "", ""},
		/* twice, in the wrong place, unknown */
		{"id 1:x\nid 1:x\n", "", ""},
		{"due 1:5\narrival 1:5\n", "", ""},
		{"news 1:x\n", "", ""},
		{"+news 1:x\n", "", ""},
		{"", "+news 4:text\n", ""},
		{"", "end 0:\n", ""},
		{"", "address 1:b\n", ""},
		{"", "", "id 1:x\n"},
		/* numbers */
		{"arrival 0:\n", "", ""},
		{"arrival 1:0\n", "", ""},
		{"arrival 1:-\n", "", ""},
		{"arrival 2:-0\n", "", ""},
		{"arrival 2:05\n", "", ""},
		{"arrival 2:+5\n", "", ""},
		{"arrival 2: 5\n", "", ""},
		{"arrival 19:9223372036854775808\n", "", ""},
		{"arrival 20:-9223372036854775809\n", "", ""},
		{"attempts 10:4294967296\n", "", ""},
		{"", "", "notify 2:16\n"},
		{"", "", "nul 1:2\n"},
		{"", "", "priority 10:2147483648\n"},
		{"", "", "size 20:18446744073709551616\n"},
		/* words */
		{"state 1:1\n", "", ""},
		{"state 6:queued\n", "", ""}, /* the first one is not written */
		{"state 4:helt\n", "", ""},
		{"state 4:Held\n", "", ""},
		{"hold 4:none\n", "", ""},
		{"", "state 4:open\n", ""},
		{"", "state 6:queued\n", ""},
		{"", "status 13:error 4:none\n\n", ""},
		{"", "status 14:error 5:weird\n\n", ""},
		{"", "status 28:enhanced 16:5.1.11111111111\n\n", ""},
		{"", "status 12:enhanced 0:\n\n", ""},
		{"", "status 0:\n", ""},
		{"", "status 13:server 3:a\tb\n\n", ""}, /* it would have been cleaned */
		{"", "status 12:server 2:a \n\n", ""},
		{"", "status 24:text 1:a\nerror 6:config\n\n", ""}, /* another order */
		{"", "error 6:config\n", ""},
		{"", "", "ret 5:unset\n"},
		{"", "", "body 4:8bit\n"},
	};
	assert_frame_is_good();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strbuf) file = STRBUF_INIT;
		make_file(&file, span_of(cases[i].before), span_of(cases[i].in), span_of(cases[i].after));
		assert_refused(strbuf_span(&file), ERROR_DAMAGED);
	}
	static const struct {
		struct span before, in, after;
	} nul[] = {
		{{"id 1:\0\n", 7}, {"", 0}, {"", 0}},	  {{"setting 1:\0\n", 12}, {"", 0}, {"", 0}},
		{{"", 0}, {"orcpt 1:\0\n", 10}, {"", 0}}, {{"", 0}, {"status 11:server 1:\0\n\n", 22}, {"", 0}},
		{{"", 0}, {"", 0}, {"+new 1:\0\n", 9}},
	};
	for (size_t i = 0; i < ARRAY_SIZE(nul); i++) {
		AUTO(strbuf) file = STRBUF_INIT;
		make_file(&file, nul[i].before, nul[i].in, nul[i].after);
		assert_refused(strbuf_span(&file), ERROR_DAMAGED);
	}
}

static void limits_are_taken(void **state)
{
	(void)state;
	static const struct {
		const char *before, *in, *after;
	} cases[] = {
		{"arrival 19:9223372036854775807\n", "", ""},
		{"arrival 20:-9223372036854775808\n", "", ""},
		{"attempts 10:4294967295\n", "", ""},
		{"state 4:held\nhold 7:damaged\n", "", ""},
		{"state 6:failed\n", "", ""},
		{"", "state 9:uncertain\n", ""},
		{"", "status 28:enhanced 15:5.1.11111111111\n\n", ""},
		{"", "status 37:error 10:local_name\nserver 7:one\ntwo\n\n", ""},
		{"reason 12:text 4:wait\n\n", "", ""},
		{"", "", "notify 2:14\nret 4:hdrs\nbody 8:8bitmime\n"},
		{"", "", "priority 11:-2147483648\n"},
		{"", "", "size 20:18446744073709551615\n"},
		{"", "", "message_sum 20:18446744073709551615\n+news 4:text\n"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(queue_item) got = QUEUE_ITEM_INIT;
		AUTO(strbuf) file = STRBUF_INIT, again = STRBUF_INIT;
		make_file(&file, span_of(cases[i].before), span_of(cases[i].in), span_of(cases[i].after));
		parse(strbuf_span(&file), &got);
		item_file_write(&got, &again);
		assert_string_equal(again.buf, file.buf);
	}
}

/* The checksum is right and so is every record, but such a message cannot be submitted. */
static void what_no_submission_could_have_asked_for_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *given, *ascii, *orcpt;
	} addresses[] = {
		{"a@b> X=1", NULL, NULL},
		{"a@b\r\nDATA", NULL, NULL},
		{"a b@example.org", NULL, NULL},
		{"<a@example.org>", NULL, NULL},
		{"\377@example.org", NULL, NULL},
		{"", NULL, NULL},
		{NULL, "a@example.org", NULL},
		{"a@example.org", "a@b> X=1", NULL},
		{"a@example.org", "j\303\266rg@example.org", NULL},
		{"a@example.org", "", NULL},
		{"a@example.org", NULL, "a@b> X=1"},
		{"a@example.org", NULL, ""},
	};
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT, sent = QUEUE_ITEM_INIT;
		AUTO(strbuf) file = STRBUF_INIT;
		struct recipient rcpt = {{(char *)(uintptr_t)addresses[i].given, (char *)(uintptr_t)addresses[i].ascii},
					 (char *)(uintptr_t)addresses[i].orcpt,
					 NULL,
					 0};
		struct recipient good = {{(char[]){"b@example.org"}, NULL}, NULL, NULL, 0};
		struct envelope to = {.mail.sender = good.address, .rcpts = &rcpt, .n = 1};
		queue_item_set_envelope(&item, &to);
		item_file_write(&item, &file);
		assert_refused(strbuf_span(&file), ERROR_DAMAGED);
		if (addresses[i].orcpt || (addresses[i].given && !*addresses[i].given) ||
		    (addresses[i].ascii && !*addresses[i].ascii)) /* a sender has no ORCPT, and may be null */
			continue;
		struct envelope from = {.mail.sender = rcpt.address, .rcpts = &good, .n = 1};
		strbuf_reset(&file);
		queue_item_set_envelope(&sent, &from);
		item_file_write(&sent, &file);
		assert_refused(strbuf_span(&file), ERROR_DAMAGED);
	}
	static const struct envelope envelopes[] = {
		{.mail.envid = (char *)""},
		{.mail.envid = (char *)"a\tb"},
		{.mail.envid = (char *)"j\303\266rg"},
		{.mail.notify = NOTIFY_NEVER | NOTIFY_DELAY},
		{.mail.params = {.auth = (char *)"a@b> X=1"}},
	};
	for (size_t i = 0; i < ARRAY_SIZE(envelopes); i++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		AUTO(strbuf) file = STRBUF_INIT;
		struct recipient good = {{(char[]){"b@example.org"}, NULL}, NULL, NULL, 0};
		struct envelope env = envelopes[i];
		env.mail.sender = good.address;
		env.rcpts = &good;
		env.n = 1;
		queue_item_set_envelope(&item, &env);
		item_file_write(&item, &file);
		assert_refused(strbuf_span(&file), ERROR_DAMAGED);
	}
	assert_sealed_refused(SPAN_LIT(" 1\n" END), ERROR_DAMAGED);
	assert_sealed_refused(SPAN_LIT(" 1\n" SENDER END), ERROR_DAMAGED);
	assert_sealed_refused(SPAN_LIT(" 1\n" RCPT END), ERROR_DAMAGED);
}

static void many_recipients_fit(void **state)
{
	(void)state;
	AUTO(envelope) env = ENVELOPE_INIT;
	AUTO(queue_item) item = QUEUE_ITEM_INIT, got = QUEUE_ITEM_INIT;
	AUTO(strbuf) octets = STRBUF_INIT;
	for (unsigned i = 0; i < 20000; i++)
		envelope_add(&env, (struct mail_address){xasprintf("user%u@example.org", i),
							 xasprintf("user%u@example.org", i)});
	env.mail.sender = (struct mail_address){xstrdup("me@example.org"), xstrdup("me@example.org")};
	queue_item_set_envelope(&item, &env);
	item_file_write(&item, &octets);
	parse(strbuf_span(&octets), &got);
	assert_int_equal(got.n, 20000);
	assert_string_equal(got.rcpts[19999].who.address.given, "user19999@example.org");
}

/* ---- the item -------------------------------------------------------- */

static void only_pending_recipients_are_tried_again(void **state)
{
	(void)state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(envelope) env = ENVELOPE_INIT;
	size_t index[3] = {9, 9, 9};
	fill_item(&item);
	item.rcpts[0].state = RCPT_OPEN;
	assert_int_equal(queue_item_pending(&item), 2);
	queue_item_envelope(&item, item.arrival, &env, index);
	assert_int_equal(env.n, 2);
	assert_string_equal(env.rcpts[0].address.given, "anna@example.org");
	assert_string_equal(env.rcpts[1].address.given, "\"a b\"@example.net");
	assert_string_equal(env.rcpts[1].orcpt, "x@example.net");
	assert_int_equal(env.rcpts[1].notify, NOTIFY_NEVER);
	assert_int_equal(index[0], 0);
	assert_int_equal(index[1], 2);
	assert_string_equal(env.mail.sender.given, "me@example.org");
	assert_string_equal(env.mail.envid, "id = 7 + 1");
	assert_int_equal(env.mail.notify, NOTIFY_FAILURE | NOTIFY_DELAY);
	assert_int_equal(env.mail.ret, RET_HDRS);
	assert_int_equal(env.mail.body, BODY_8BITMIME);
	assert_true(env.mail.dsn_required && env.mail.params.require_tls && env.mail.params.has_priority);
	assert_string_equal(env.mail.params.auth, "");
}

static void time_that_passed_is_no_longer_asked_for(void **state)
{
	(void)state;
	static const struct {
		struct mail_params asked;
		int64_t later;
		int64_t by, hold_for, hold_until;
	} cases[] = {
		{{.deliver_by = true, .by_seconds = 100}, 0, 100, 0, 0},
		{{.deliver_by = true, .by_seconds = 100}, 99, 1, 0, 0},
		{{.deliver_by = true, .by_seconds = 100}, 5000, 1, 0, 0},
		{{.deliver_by = true, .by_seconds = 100}, -50, 100, 0, 0}, /* the clock went back */
		{{.deliver_by = true, .by_seconds = 100, .by_mode = BY_NOTIFY}, 150, -50, 0, 0},
		{{.hold_for = 60}, 20, 0, 40, 0},
		{{.hold_for = 60}, 60, 0, 0, 0},
		{{.hold_until = 1000100}, 99, 0, 0, 1000100},
		{{.hold_until = 1000100}, 100, 0, 0, 0},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(queue_item) item = {.arrival = 1000000, .mail.params = cases[i].asked};
		AUTO(envelope) env = ENVELOPE_INIT;
		queue_item_envelope(&item, 1000000 + cases[i].later, &env, NULL);
		assert_true(env.mail.params.by_seconds == cases[i].by);
		assert_true(env.mail.params.hold_for == cases[i].hold_for);
		assert_true(env.mail.params.hold_until == cases[i].hold_until);
	}
}

/* Only a report that requires TLS may be sent without that parameter. */
static void a_report_that_requires_tls_says_that_it_is_one(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		bool require_tls = i & 1, is_report = i & 2;
		AUTO(queue_item) item = {.mail.params.require_tls = require_tls};
		AUTO(envelope) env = ENVELOPE_INIT;
		item.report_of = is_report ? xstrdup("id") : NULL;
		queue_item_envelope(&item, 1, &env, NULL);
		assert_int_equal(env.mail.params.require_tls, require_tls);
		assert_int_equal(env.mail.params.redacted, require_tls && is_report);
	}
}

static void the_history_keeps_the_first_and_the_latest(void **state)
{
	(void)state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	for (int i = 1; i <= QUEUE_ATTEMPTS_MAX + 5; i++)
		queue_item_attempt(&item, i, &(struct status){.kind = ERROR_CONNECT, .host = (char *)"host"});
	assert_int_equal(item.attempts, QUEUE_ATTEMPTS_MAX + 5);
	assert_int_equal(item.n_history, QUEUE_ATTEMPTS_MAX);
	assert_int_equal(item.history[0].when, 1);
	assert_int_equal(item.history[1].when, 7);
	assert_int_equal(item.history[QUEUE_ATTEMPTS_MAX - 1].when, QUEUE_ATTEMPTS_MAX + 5);
}

static void an_attempt_that_died_may_have_delivered(void **state)
{
	(void)state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	fill_item(&item);
	item.rcpts[2].state = RCPT_OPEN;
	item.rcpts[2].possible_duplicate = false;
	size_t before = item.n_history;
	assert_true(queue_item_recover(&item));
	assert_false(queue_item_recover(&item));
	assert_int_equal(item.rcpts[0].state, RCPT_ACCEPTED);
	assert_int_equal(item.rcpts[1].state, RCPT_FAILED);
	assert_int_equal(item.rcpts[2].state, RCPT_UNCERTAIN);
	assert_true(item.rcpts[2].possible_duplicate);
	assert_false(item.rcpts[0].possible_duplicate || item.rcpts[1].possible_duplicate);
	assert_int_equal(item.rcpts[2].last_attempt, 1795262600);
	assert_int_equal(item.n_history, before + 1);
	assert_int_equal(item.history[before].status.kind, ERROR_UNCERTAIN);
	assert_int_equal(item.in_flight, 0);
}

static void states_have_names(void **state)
{
	(void)state;
	assert_string_equal(queue_state_name(QUEUE_FAILED), "failed");
	assert_string_equal(rcpt_state_name(RCPT_UNCERTAIN), "uncertain");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(every_field_is_kept),
		cmocka_unit_test(every_combination_of_booleans_is_kept),
		cmocka_unit_test(the_next_attempt_asks_for_the_same),
		cmocka_unit_test(the_smallest_item),
		cmocka_unit_test(a_damaged_one_needs_nothing),
		cmocka_unit_test(cut_anywhere_it_is_refused),
		cmocka_unit_test(a_flipped_bit_anywhere_is_refused),
		cmocka_unit_test(a_tail_of_zeros_is_refused),
		cmocka_unit_test(first_lines),
		cmocka_unit_test(records_that_are_none),
		cmocka_unit_test(what_no_submission_could_have_asked_for_is_refused),
		cmocka_unit_test(limits_are_taken),
		cmocka_unit_test(many_recipients_fit),
		cmocka_unit_test(only_pending_recipients_are_tried_again),
		cmocka_unit_test(time_that_passed_is_no_longer_asked_for),
		cmocka_unit_test(a_report_that_requires_tls_says_that_it_is_one),
		cmocka_unit_test(the_history_keeps_the_first_and_the_latest),
		cmocka_unit_test(an_attempt_that_died_may_have_delivered),
		cmocka_unit_test(states_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
