/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "base/utf8.h"
#include "base/xalloc.h"
#include "header/msgid.h"
#include "dsn/dsn.h"

#define ARRIVAL INT64_C(1795262400)

/* ---- a report ------------------------------------------------------- */

struct original {
	struct strbuf header;
	struct message message;
};

static void original_release(struct original *o)
{
	strbuf_release(&o->header);
	message_release(&o->message);
}

static void original_make(struct original *o, struct span text)
{
	static const struct header_policy as_it_is = {.from = HEADER_OFF};
	read_message(&o->message, text, 0);
	strbuf_init(&o->header);
	apply_policy(&o->message, &as_it_is, &o->header);
}

#define PLAIN                                                                                                        \
	"From: me@example.org\nTo: a@example.org\nSubject: Lunch\nMessage-ID: <abc@example.org>\n\nHello.\n.\nFrom " \
	"here no end"

static const struct mail_address sender = {(char[]){"me@example.org"}, (char[]){"me@example.org"}};

static const struct dsn_recipient refused = {
	.address = "a@example.org",
	.action = DSN_FAILED,
	.status = &(const struct status){.kind = ERROR_RECIPIENT_REFUSED,
					 .code = 550,
					 .enhanced = "5.1.1",
					 .text = (char *)"the server refused this recipient",
					 .server = {(char *)"5.1.1 no such user", (char *)"5.1.1 no such user"},
					 .host = (char *)"mail.example.org"},
	.last_attempt = ARRIVAL + 60,
};

static struct dsn report_of(const struct original *o, const struct dsn_recipient *rcpts, size_t n)
{
	return (struct dsn){
		.from_address = "me@example.org",
		.reporting_mta = "laptop.example.org",
		.to = &sender,
		.queue_id = "01jd3k8qz5f7m",
		.envid = "order 66",
		.message_id = "<abc@example.org>",
		.subject = "Lunch",
		.arrival = ARRIVAL,
		.now = ARRIVAL + 3600,
		.will_retry_until = ARRIVAL + 5 * 86400,
		.rcpts = rcpts,
		.n = n,
		.ret = RET_FULL,
		.header = strbuf_span(&o->header),
		.body = &o->message.body,
		.info = &o->message.info,
		.rng = &rng_system,
		.temp = &temp_in_memory,
	};
}

/* The report as it is sent, and its parts. */
struct made {
	struct dsn_message report;
	struct strbuf wire;
	char *parts[3]; /* each with its own fields */
	char *header;
};

static void made_release(struct made *m)
{
	dsn_message_release(&m->report);
	strbuf_release(&m->wire);
	for (size_t i = 0; i < 3; i++)
		free(m->parts[i]);
	free(m->header);
}

static void assert_lines_are_fit(const char *text)
{
	for (const char *line = text; *line;) {
		const char *end = strstr(line, "\r\n");
		assert_non_null(end);
		assert_true(end - line <= 998);
		assert_null(memchr(line, '\n', (size_t)(end - line)));
		assert_null(memchr(line, '\r', (size_t)(end - line)));
		line = end + 2;
	}
}

static void make(struct made *m, const struct dsn *report)
{
	AUTO(error) err = ERROR_INIT;
	*m = (struct made){.wire = STRBUF_INIT};
	bool ok = dsn_make(report, &m->report, &err);
	if (!ok)
		print_message("# %s\n", err.status.text);
	assert_true(ok);
	write_wire(strbuf_span(&m->report.header), &m->report.message.body, false, &m->wire);
	assert_int_equal(m->wire.len, strlen(m->wire.buf));
	assert_int_equal(m->wire.len, wire_size(strbuf_span(&m->report.header), &m->report.message.info));
	assert_lines_are_fit(m->wire.buf);

	const char *body = strstr(m->wire.buf, "\r\n\r\n") + 4;
	m->header = xmemdup0(m->wire.buf, (size_t)(body - m->wire.buf));
	const char *quoted = strstr(m->header, "boundary=\"");
	assert_non_null(quoted);
	quoted += strlen("boundary=\"");
	AUTO_FREE char *name = xmemdup0(quoted, strcspn(quoted, "\""));
	assert_true(strlen(name) <= 70);
	AUTO_FREE char *first = xasprintf("--%s\r\n", name);
	AUTO_FREE char *next = xasprintf("\r\n--%s\r\n", name);
	AUTO_FREE char *last = xasprintf("\r\n--%s--\r\n", name);
	assert_memory_equal(body, first, strlen(first));
	body += strlen(first);
	for (size_t i = 0; i < 3; i++) {
		const char *end = strstr(body, i < 2 ? next : last);
		assert_non_null(end);
		m->parts[i] = xmemdup0(body, (size_t)(end - body));
		body = end + strlen(i < 2 ? next : last);
	}
	assert_string_equal(body, "");
}

static size_t times(const char *text, const char *what)
{
	size_t n = 0;
	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void assert_has(const char *text, const char *what)
{
	if (!strstr(text, what))
		print_message("# not in: %s\n# %s\n", what, text);
	assert_non_null(strstr(text, what));
}

static void assert_lacks(const char *text, const char *what)
{
	if (strstr(text, what))
		print_message("# in: %s\n# %s\n", what, text);
	assert_null(strstr(text, what));
}

/* ---- its parts ------------------------------------------------------------ */

static void a_failure_is_explained_to_people_and_programs(void **state)
{
	(void)state;
	AUTO(original) o;
	AUTO(made) m;
	original_make(&o, SPAN_LIT(PLAIN));
	struct dsn report = report_of(&o, &refused, 1);
	make(&m, &report);

	assert_has(m.header, "\r\nFrom: Mail Delivery System\r\n <me@example.org>\r\n");
	assert_has(m.header, "\r\nTo: <me@example.org>\r\n");
	assert_has(m.header, "\r\nSubject: Your message could not be delivered\r\n");
	assert_has(m.header, "\r\nAuto-Submitted: auto-replied\r\n");
	assert_has(m.header, "\r\nMIME-Version: 1.0\r\n");
	assert_has(m.header, "\r\nIn-Reply-To: <abc@example.org>\r\nReferences: <abc@example.org>\r\n");
	assert_has(m.header, "\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n");
	assert_has(m.header, m.report.message_id);
	assert_has(m.report.message_id, "@laptop.example.org>");
	assert_memory_equal(m.header, "Date: ", 6);

	assert_memory_equal(m.parts[0], "Content-Type: text/plain; charset=utf-8\r\n", 41);
	assert_has(m.parts[0], "This is about your message \"Lunch\"");
	assert_has(m.parts[0], "\r\n  <a@example.org>\r\n      the server refused this recipient\r\n      The server "
			       "mail.example.org said: 5.1.1 no such user\r\n");
	assert_has(m.parts[0], "The message is attached.");

	AUTO(strbuf) arrival = STRBUF_INIT, attempt = STRBUF_INIT;
	date_make(&arrival, ARRIVAL);
	date_make(&attempt, ARRIVAL + 60);
	AUTO_FREE char *status = xasprintf("Content-Type: message/delivery-status\r\n\r\n"
					   "Original-Envelope-Id: order 66\r\n"
					   "Reporting-MTA: dns; laptop.example.org\r\n"
					   "Arrival-Date: %s\r\n"
					   "X-Posthaste-Queue-ID: 01jd3k8qz5f7m\r\n"
					   "\r\n"
					   "Final-Recipient: rfc822; a@example.org\r\n"
					   "Action: failed\r\n"
					   "Status: 5.1.1\r\n"
					   "Remote-MTA: dns; mail.example.org\r\n"
					   "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
					   "Last-Attempt-Date: %s\r\n",
					   arrival.buf, attempt.buf);
	assert_string_equal(m.parts[1], status);

	assert_string_equal(
		m.parts[2],
		"Content-Type: message/rfc822\r\n\r\nFrom: me@example.org\r\nTo: a@example.org\r\nSubject: Lunch\r\n"
		"Message-ID: <abc@example.org>\r\n\r\nHello.\r\n.\r\nFrom here no end");
}

static void it_goes_to_the_sender_with_a_null_sender(void **state)
{
	(void)state;
	AUTO(original) o;
	AUTO(made) m;
	original_make(&o, SPAN_LIT(PLAIN));
	struct dsn report = report_of(&o, &refused, 1);
	make(&m, &report);
	assert_string_equal(m.report.env.mail.sender.given, "");
	assert_int_equal(m.report.env.n, 1);
	assert_string_equal(m.report.env.rcpts[0].address.given, "me@example.org");
	assert_string_equal(m.report.env.rcpts[0].address.ascii, "me@example.org");
	assert_false(m.report.env.mail.params.require_tls);
	/* RFC 3461 section 6.1, RFC 4865 section 5.1.1 */
	assert_int_equal(m.report.env.mail.ret, RET_UNSET);
	assert_int_equal(m.report.env.mail.notify, NOTIFY_UNSET);
	assert_null(m.report.env.mail.envid);
	assert_true(m.report.env.mail.params.hold_for == 0 && m.report.env.mail.params.hold_until == 0);
	assert_false(m.report.message.info.eightbit_header || m.report.message.info.eightbit_body);
}

static void recipients_are_grouped_by_action(void **state)
{
	(void)state;
	struct dsn_recipient rcpts[] = {
		refused,
		{.address = "b@example.org",
		 .orcpt = "team@example.org",
		 .action = DSN_DELAYED,
		 .status = &(struct status){.kind = ERROR_SERVER_TEMPORARY,
					    .code = 451,
					    .server = {(char *)"4.2.0 later", (char *)"4.2.0 later"}}},
		{.address = "c@example.org",
		 .action = DSN_RELAYED,
		 .status = &(struct status){.code = 250, .enhanced = "2.1.5"}},
		{.address = "d@example.org",
		 .action = DSN_FAILED,
		 .possible_duplicate = true,
		 .status = &(struct status){.kind = ERROR_UNCERTAIN, .text = (char *)"the connection was lost"}},
	};
	AUTO(original) o;
	AUTO(made) m;
	original_make(&o, SPAN_LIT(PLAIN));
	struct dsn report = report_of(&o, rcpts, ARRAY_SIZE(rcpts));
	make(&m, &report);
	assert_int_equal(times(m.parts[1], "Final-Recipient: "), 4);
	assert_has(m.parts[1], "\r\n\r\nOriginal-Recipient: rfc822; team@example.org\r\nFinal-Recipient: rfc822; "
			       "b@example.org\r\nAction: delayed\r\nStatus: 4.0.0\r\n"
			       "Diagnostic-Code: smtp; 451 4.2.0 later\r\nWill-Retry-Until: ");
	assert_has(m.parts[1], "rfc822; c@example.org\r\nAction: relayed\r\nStatus: 2.1.5\r\n");
	assert_has(m.parts[1], "rfc822; d@example.org\r\nAction: failed\r\nStatus: 5.4.2");
	assert_int_equal(times(m.parts[1], "Will-Retry-Until: "), 1);
	/* of the one that a server answered, and that was tried */
	assert_int_equal(times(m.parts[1], "Remote-MTA: "), 1);
	assert_int_equal(times(m.parts[1], "Last-Attempt-Date: "), 1);
	assert_has(m.parts[0], "<b@example.org>, for <team@example.org>");
	assert_int_equal(times(m.parts[0], "It may have been delivered all the same"), 1);
	assert_has(m.header, "Subject: Your message could not be delivered");
}

static void a_delay_and_a_relay_have_their_own_subjects(void **state)
{
	(void)state;
	static const struct status nothing = {.kind = ERROR_NONE};
	struct dsn_recipient rcpts[] = {{.address = "b@example.org", .action = DSN_DELAYED, .status = &nothing},
					{.address = "c@example.org", .action = DSN_RELAYED, .status = &nothing}};
	AUTO(original) o;
	AUTO(made) delayed, relayed;
	original_make(&o, SPAN_LIT(PLAIN));
	struct dsn report = report_of(&o, rcpts, 2);
	make(&delayed, &report);
	assert_has(delayed.header, "Subject: Your message has not been delivered yet\r\n");
	report = report_of(&o, rcpts + 1, 1);
	make(&relayed, &report);
	assert_has(relayed.header, "Subject: Your message was passed on\r\n");
	/* RFC 3461 section 4.3: only a report of a failure includes the message */
	assert_has(delayed.parts[2], "text/rfc822-headers");
	assert_has(relayed.parts[2], "text/rfc822-headers");
	assert_lacks(relayed.parts[2], "Hello.");
}

static void what_is_included_depends_on_ret_and_the_message(void **state)
{
	(void)state;
	AUTO(strbuf) long_line = STRBUF_INIT;
	strbuf_adds(&long_line, "Subject: x\n\n");
	for (int i = 0; i < 999; i++)
		strbuf_addch(&long_line, 'x');
	const struct {
		struct span original;
		enum dsn_ret ret;
		bool require_tls;
		const char *begins;
		bool body, eightbit;
	} cases[] = {
		{SPAN_LIT(PLAIN), RET_FULL, false, "Content-Type: message/rfc822\r\n\r\nFrom: me", true, false},
		{SPAN_LIT(PLAIN), RET_HDRS, false, "Content-Type: text/rfc822-headers\r\n\r\nFrom: me", false, false},
		{SPAN_LIT(PLAIN), RET_UNSET, false, "Content-Type: text/rfc822-headers\r\n\r\nFrom: me", false, false},
		{SPAN_LIT(PLAIN), RET_FULL, true, "Content-Type: text/rfc822-headers\r\n\r\nFrom: me", false, false},
		{SPAN_LIT("Subject: x\n\nH\303\244llo.\n"), RET_FULL, false,
		 "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSubject: x\r\n\r\nH\303\244",
		 true, true},
		{SPAN_LIT("Subject: x\n\nH\303\244llo.\n"), RET_HDRS, false,
		 "Content-Type: text/rfc822-headers\r\n\r\nSubject: x", false, false},
		{SPAN_LIT("Subject: \303\244\n\nHello.\n"), RET_FULL, false,
		 "Content-Type: message/global\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSubject: "
		 "\303\244\r\n\r\nHello.",
		 true, true},
		{SPAN_LIT("Subject: \303\244\n\nHello.\n"), RET_HDRS, false,
		 "Content-Type: message/global-headers\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nSubject: "
		 "=C3=A4\r\n",
		 false, false},
		{{long_line.buf, long_line.len},
		 RET_FULL,
		 false,
		 "Content-Type: text/rfc822-headers\r\n",
		 false,
		 false},
		{SPAN_LIT("Subject: only a header\n"), RET_FULL, false,
		 "Content-Type: message/rfc822\r\n\r\nSubject: only a header\r\n", false, false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(original) o;
		AUTO(made) m;
		original_make(&o, cases[i].original);
		struct dsn report = report_of(&o, &refused, 1);
		report.ret = cases[i].ret;
		report.require_tls = cases[i].require_tls;
		make(&m, &report);
		if (strncmp(m.parts[2], cases[i].begins, strlen(cases[i].begins)) != 0)
			print_message("# case %zu: %.300s\n", i, m.parts[2]);
		assert_memory_equal(m.parts[2], cases[i].begins, strlen(cases[i].begins));
		assert_int_equal(strstr(m.parts[2], "llo.") != NULL, cases[i].body);
		assert_has(m.parts[0], strstr(m.parts[2], "headers\r\n") ? "The header of the message is attached."
									 : "The message is attached.");
		assert_int_equal(m.report.message.info.eightbit_body, cases[i].eightbit);
		assert_int_equal(m.report.env.mail.params.require_tls, cases[i].require_tls);
	}
}

/* RFC 6710 section 4.6 */
static void a_report_has_the_priority_of_its_message(void **state)
{
	(void)state;
	static const struct {
		bool has;
		int priority;
		const char *enhanced; /* with which it was refused */
		bool gets;
	} cases[] = {
		{true, 4, "5.1.1", true},   {true, -9, "", true},	{true, 0, "5.7.1", true},
		{false, 4, "5.1.1", false}, {true, 4, "5.7.15", false}, {true, 4, "5.7.16", false},
		{true, 4, "4.7.16", false}, {true, 4, "5.7.17", true},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(original) o;
		AUTO(made) m;
		struct status of = {.kind = ERROR_RECIPIENT_REFUSED, .code = 550, .text = (char *)"refused"};
		struct dsn_recipient rcpt = {.address = "x@example.net", .action = DSN_FAILED, .status = &of};
		(void)snprintf(of.enhanced, sizeof(of.enhanced), "%s", cases[i].enhanced);
		original_make(&o, SPAN_LIT(PLAIN));
		struct dsn report = report_of(&o, &rcpt, 1);
		report.has_priority = cases[i].has;
		report.priority = cases[i].priority;
		make(&m, &report);
		assert_int_equal(m.report.env.mail.params.has_priority, cases[i].gets);
		assert_int_equal(m.report.env.mail.params.priority, cases[i].gets ? cases[i].priority : 0);
	}
}

static void a_large_message_is_included_completely(void **state)
{
	(void)state;
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(original) o;
	AUTO(made) m;
	strbuf_adds(&text, "Subject: big\n\n");
	for (int i = 0; i < 50000; i++)
		strbuf_addf(&text, "line %d\n", i);
	original_make(&o, strbuf_span(&text));
	struct dsn report = report_of(&o, &refused, 1);
	make(&m, &report);
	assert_true(m.report.message.body.fd >= 0); /* and not in memory */
	assert_int_equal(times(m.parts[2], "\r\nline "), 50000);
	assert_has(m.parts[2], "line 49999\r\n");
}

/* ---- hostile content ------------------------------------------------- */

static void text_from_elsewhere_adds_no_line(void **state)
{
	(void)state;
	static const char evil[] = "x\r\nEvil: yes\r\n\r\n--\nEvil: yes\rEvil: yes\033[31m\x7f \342\200\256 \377";
	char *words = (char *)(uintptr_t)evil;
	struct status status = {.kind = ERROR_RECIPIENT_REFUSED,
				.code = 550,
				.enhanced = "5.1.1\r\nEvil: y",
				.text = words,
				.host = words,
				.server = {words, words}};
	struct dsn_recipient rcpt = {
		.address = evil, .orcpt = evil, .action = DSN_FAILED, .status = &status, .last_attempt = ARRIVAL};
	struct mail_address to = {(char[]){"me@example.org\r\nEvil: yes"}, NULL};
	static const char *const ids[] = {"<a@b>\r\nEvil: yes", "<a@b\r\nEvil: yes>", "<a b@c>", "<>", "", "a@b",
					  "<a@b><c@d>",		"<\303\244@b>",	      NULL};
	AUTO(original) o;
	original_make(&o, SPAN_LIT(PLAIN));
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		AUTO(made) m;
		struct dsn report = report_of(&o, &rcpt, 1);
		report.from_address = i % 2 ? evil : NULL;
		report.reporting_mta = evil;
		report.to = &to;
		report.queue_id = report.envid = report.subject = evil;
		report.message_id = ids[i];
		make(&m, &report);
		for (size_t p = 0; p < 3; p++) {
			assert_lacks(m.parts[p], "\r\nEvil");
			assert_null(strchr(m.parts[p], '\033'));
			assert_null(strchr(m.parts[p], '\177'));
		}
		assert_lacks(m.header, "\r\nEvil");
		assert_lacks(m.header, "In-Reply-To");
		assert_has(m.parts[1], "\r\nStatus: 5.1.0\r\n");
		assert_int_equal(times(m.parts[1], "\r\n\r\n"),
				 2); /* after the field of the part, and between message and recipient */
		assert_true(utf8_is_ascii(span_of(m.parts[1])));
	}
}

static void the_original_cannot_end_its_part(void **state)
{
	(void)state;
	AUTO(original) o;
	AUTO(made) first, second;
	original_make(&o, SPAN_LIT("Subject: x\n\n--\n----\n--=--\nbody"));
	struct dsn report = report_of(&o, &refused, 1);
	make(&first, &report);
	make(&second, &report);
	assert_string_not_equal(strstr(first.header, "boundary="),
				strstr(second.header, "boundary=")); /* it cannot be guessed */
	assert_has(first.parts[2], "--=--\r\nbody");
}

static void long_words_are_folded_and_cut(void **state)
{
	(void)state;
	AUTO(strbuf) words = STRBUF_INIT, word = STRBUF_INIT;
	for (int i = 0; i < 3000; i++) {
		strbuf_addf(&words, "word%d ", i);
		strbuf_addch(&word, 'x');
	}
	struct dsn_recipient rcpts[] = {refused, refused};
	struct status first = *refused.status, second = first;
	first.server.line = words.buf;
	second.server.line = word.buf;
	second.text = words.buf;
	rcpts[0].status = &first;
	rcpts[1].status = &second;
	AUTO(original) o;
	AUTO(made) m;
	original_make(&o, SPAN_LIT(PLAIN));
	struct dsn report = report_of(&o, rcpts, 2);
	report.subject = words.buf;
	make(&m, &report); /* checks the lines */
	assert_has(m.parts[1], "\r\n word");
}

/* Every address that is accepted can be reported, whatever its length becomes. */
static void addresses_of_any_length_leave_lines_fit(void **state)
{
	(void)state;
	static const struct {
		const char *unit;
		size_t n;
		const char *cut; /* what the field ends with; NULL: the address */
	} rows[] = {{"a", 900, NULL},
		    {"a", 975, "aaa..."},
		    {"a", 988, "aaa..."},
		    {"\303\244", 120, NULL},
		    {"\303\244", 490, "\\x{E4}..."},
		    {"\360\237\230\200", 240, "\\x{1F600}..."},
		    {"\303\244", 161, NULL},
		    {"\303\244", 162, "\\x{E4}..."}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dsn_recipient rcpt = refused;
		AUTO(strbuf) address = STRBUF_INIT, end = STRBUF_INIT;
		AUTO(original) o;
		AUTO(made) m;
		strbuf_adds(&address, "a@b");
		for (size_t n = 0; n < rows[i].n; n++)
			strbuf_adds(&address, rows[i].unit);
		strbuf_adds(&address, ".org");
		rcpt.address = rcpt.orcpt = address.buf;
		original_make(&o, SPAN_LIT(PLAIN));
		struct dsn report = report_of(&o, &rcpt, 1);
		make(&m, &report); /* checks the lines */
		strbuf_addf(&end, "%s\r\nAction: ", rows[i].cut ? rows[i].cut : ".org");
		assert_has(m.parts[1], end.buf);
	}
}

static void a_sender_of_any_length_leaves_lines_fit(void **state)
{
	(void)state;
	static const struct {
		size_t len;	  /* of the address */
		const char *form; /* of the field, with the address for %s */
	} rows[] = {{16, "\r\nTo: <%s>\r\n"},
		    {992, "\r\nTo: <%s>\r\n"},
		    {993, "\r\nTo:\r\n <%s>\r\n"},
		    {995, "\r\nTo:\r\n <%s>\r\n"},
		    {996, "\r\nTo: undisclosed-recipients:;\r\n"},
		    {1000, "\r\nTo: undisclosed-recipients:;\r\n"}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) address = STRBUF_INIT, field = STRBUF_INIT;
		AUTO(original) o;
		AUTO(made) m;
		while (address.len < rows[i].len - strlen("@example.org"))
			strbuf_addch(&address, 'x');
		strbuf_adds(&address, "@example.org");
		struct mail_address to = {address.buf, NULL};
		original_make(&o, SPAN_LIT(PLAIN));
		struct dsn report = report_of(&o, &refused, 1);
		report.to = &to;
		make(&m, &report); /* checks the lines */
		for (const char *c = rows[i].form; *c; c++)
			if (c[0] == '%')
				strbuf_adds(&field, address.buf), c++;
			else
				strbuf_addch(&field, *c);
		assert_has(m.header, field.buf);
		assert_string_equal(m.report.env.rcpts[0].address.given, address.buf);
	}
}

/* ---- other languages ----------------------------------------------------- */

static void addresses_and_words_in_utf8_fit_every_server(void **state)
{
	(void)state;
	struct dsn_recipient rcpt = refused;
	rcpt.address = "j\303\266+rg\\=@b\303\274cher.example";
	rcpt.orcpt = "\346\227\245@example.org";
	struct status status = *refused.status;
	status.server.line = (char *)"5.1.1 kennt hier niemand: J\303\266rg";
	status.host = (char *)"b\303\274cher.example";
	rcpt.status = &status;
	AUTO(original) o;
	AUTO(made) m;
	original_make(&o, SPAN_LIT(PLAIN));
	struct dsn report = report_of(&o, &rcpt, 1);
	report.subject = "Gr\303\274\303\237e";
	make(&m, &report);
	assert_has(m.parts[1], "Original-Recipient: utf-8; \\x{65E5}@example.org\r\nFinal-Recipient: utf-8; "
			       "j\\x{F6}\\x{2B}rg\\x{5C}\\x{3D}@b\\x{FC}cher.example\r\n");
	assert_has(m.parts[1], "Diagnostic-Code: smtp; 550 5.1.1 kennt hier niemand: J?rg\r\n");
	assert_has(m.parts[0], "Gr=C3=BC=C3=9Fe");
	assert_true(utf8_is_ascii(strbuf_span(&m.wire)));
	assert_false(m.report.message.info.eightbit_header);
}

static void a_sender_in_utf8_needs_smtputf8(void **state)
{
	(void)state;
	struct mail_address domain = {(char[]){"me@b\303\274cher.example"}, (char[]){"me@xn--bcher-kva.example"}};
	struct mail_address local = {(char[]){"j\303\266rg@example.org"}, NULL};
	AUTO(original) o;
	AUTO(made) in_ascii, in_utf8;
	original_make(&o, SPAN_LIT(PLAIN));
	struct dsn report = report_of(&o, &refused, 1);
	report.to = &domain;
	make(&in_ascii, &report);
	assert_has(in_ascii.header, "To: <me@xn--bcher-kva.example>\r\n");
	assert_false(in_ascii.report.message.info.eightbit_header);
	report.to = &local;
	make(&in_utf8, &report);
	assert_has(in_utf8.header, "To: <j\303\266rg@example.org>\r\n");
	assert_true(in_utf8.report.message.info.eightbit_header);
	assert_null(in_utf8.report.env.rcpts[0].address.ascii);
}

/* ---- codes and NOTIFY ------------------------------------------------- */

static void every_recipient_has_a_status_of_its_class(void **state)
{
	(void)state;
	static const struct {
		enum dsn_action action;
		int code;
		const char *enhanced;
		enum error_kind error;
		const char *status;
	} cases[] = {
		{DSN_FAILED, 550, "5.7.1", ERROR_RECIPIENT_REFUSED, "5.7.1"},
		{DSN_FAILED, 550, "5.999.999", ERROR_RECIPIENT_REFUSED, "5.999.999"},
		{DSN_FAILED, 550, "", ERROR_RECIPIENT_REFUSED, "5.1.0"},
		{DSN_FAILED, 550, "4.7.1", ERROR_RECIPIENT_REFUSED, "5.1.0"},
		{DSN_FAILED, 550, "5.7", ERROR_RECIPIENT_REFUSED, "5.1.0"},
		{DSN_FAILED, 550, "5.7.1000", ERROR_RECIPIENT_REFUSED, "5.1.0"},
		{DSN_FAILED, 550, "5.7.1x", ERROR_RECIPIENT_REFUSED, "5.1.0"},
		{DSN_FAILED, 550, "5..1", ERROR_RECIPIENT_REFUSED, "5.1.0"},
		{DSN_FAILED, 550, "5.01.001", ERROR_RECIPIENT_REFUSED, "5.1.1"},
		{DSN_FAILED, 550, "5.000.0", ERROR_RECIPIENT_REFUSED, "5.0.0"},
		/* it was tried until its time was over */
		{DSN_FAILED, 451, "4.3.0", ERROR_SERVER_TEMPORARY, "5.3.0"},
		{DSN_FAILED, 451, "4.02.2", ERROR_SERVER_TEMPORARY, "5.2.2"},
		{DSN_FAILED, 451, NULL, ERROR_SERVER_TEMPORARY, "5.4.7"},
		{DSN_FAILED, 0, NULL, ERROR_CONNECT, "5.4.1"},
		{DSN_FAILED, 0, "5.4.7", ERROR_TIMEOUT, "5.4.7"},
		{DSN_FAILED, 0, NULL, ERROR_TOO_BIG, "5.3.4"},
		{DSN_FAILED, 535, NULL, ERROR_AUTH_REFUSED, "5.7.8"},
		{DSN_FAILED, 0, NULL, ERROR_NONE, "5.0.0"},
		{DSN_DELAYED, 451, "4.3.0", ERROR_SERVER_TEMPORARY, "4.3.0"},
		{DSN_DELAYED, 0, NULL, ERROR_CONNECT, "4.4.1"},
		{DSN_DELAYED, 0, NULL, ERROR_CERTIFICATE, "4.7.5"},
		{DSN_DELAYED, 550, "5.1.1", ERROR_DNS_TEMPORARY, "4.4.3"},
		{DSN_RELAYED, 250, "2.1.5", ERROR_NONE, "2.1.5"},
		{DSN_RELAYED, 250, NULL, ERROR_NONE, "2.0.0"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct status of = {.kind = cases[i].error, .code = cases[i].code};
		struct dsn_recipient rcpt = {.action = cases[i].action, .status = &of};
		(void)snprintf(of.enhanced, sizeof(of.enhanced), "%s", cases[i].enhanced ? cases[i].enhanced : "");
		char status[ENHANCED_MAX];
		dsn_status(&rcpt, false, status);
		assert_string_equal(status, cases[i].status);
	}
	for (unsigned kind = 0; kind < ERROR_KIND_COUNT; kind++) {
		struct status of = {.kind = (enum error_kind)kind};
		struct dsn_recipient rcpt = {.action = DSN_DELAYED, .status = &of};
		char status[ENHANCED_MAX];
		dsn_status(&rcpt, false, status);
		assert_memory_equal(status, "4.", 2);
		assert_string_equal(status + 2, error_kind_detail((enum error_kind)kind));
	}
}

static void without_tls_a_message_that_requires_it_has_the_code_for_that(void **state)
{
	(void)state;
	static const struct {
		enum dsn_action action;
		struct status of;
		const char *status, *not_required; /* the latter for other messages */
	} cases[] = {
		{DSN_FAILED, {.kind = ERROR_NO_REQUIRETLS}, "5.7.30", "5.7.30"},
		{DSN_DELAYED, {.kind = ERROR_NO_REQUIRETLS}, "4.7.30", "4.7.30"},
		{DSN_FAILED, {.kind = ERROR_RECIPIENT_REFUSED, .enhanced = "5.7.30"}, "5.7.30", "5.7.30"},
		{DSN_FAILED, {.kind = ERROR_TLS_UNVERIFIED}, "5.7.10", "5.7.10"},
		{DSN_FAILED, {.kind = ERROR_CERTIFICATE}, "5.7.10", "5.7.5"},
		{DSN_DELAYED, {.kind = ERROR_CERTIFICATE}, "4.7.10", "4.7.5"},
		{DSN_FAILED, {.kind = ERROR_TLS}, "5.7.10", "5.7.5"},
		{DSN_FAILED, {.kind = ERROR_NOT_OFFERED, .stage = (char *)"STARTTLS"}, "5.7.10", "5.3.3"},
		{DSN_FAILED, {.kind = ERROR_NOT_OFFERED, .stage = (char *)"MAIL"}, "5.3.3", "5.3.3"},
		{DSN_FAILED, {.kind = ERROR_CONNECT}, "5.4.1", "5.4.1"},
		{DSN_RELAYED, {.kind = ERROR_NONE}, "2.0.0", "2.0.0"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dsn_recipient rcpt = {.action = cases[i].action, .status = &cases[i].of};
		char status[ENHANCED_MAX];
		dsn_status(&rcpt, true, status);
		assert_string_equal(status, cases[i].status);
		dsn_status(&rcpt, false, status);
		assert_string_equal(status, cases[i].not_required);
	}
}

static void servers_and_dates_are_named_as_the_rfcs_want(void **state)
{
	(void)state;
	static const struct {
		const char *own, *host;
		int code;
		const char *field; /* NULL: there must be no Remote-MTA */
	} rows[] = {
		{"laptop.example.org", "mail.example.org", 550, "Reporting-MTA: dns; laptop.example.org\r\n"},
		{"laptop", "mail.example.org", 550, "Reporting-MTA: x-local-hostname; laptop\r\n"},
		{"[192.0.2.1]", "mail.example.org", 550, "Reporting-MTA: dns; [192.0.2.1]\r\n"},
		{NULL, "mail.example.org", 550, "Reporting-MTA: x-local-hostname; localhost\r\n"},
		{"laptop", "mail.example.org", 550, "Remote-MTA: dns; mail.example.org\r\n"},
		{"laptop", "mailhost", 550, "Remote-MTA: x-local-hostname; mailhost\r\n"},
		{"laptop", "/run/lmtp", 550, "Remote-MTA: x-local; /run/lmtp\r\n"},
		{"laptop", "mail.example.org", 0, NULL}, /* it was not reached */
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct status status = {.kind = rows[i].code ? ERROR_RECIPIENT_REFUSED : ERROR_CONNECT,
					.code = rows[i].code,
					.host = (char *)(uintptr_t)rows[i].host};
		struct dsn_recipient rcpt = {.address = "a@example.org", .action = DSN_FAILED, .status = &status};
		AUTO(original) o;
		AUTO(made) m;
		AUTO(strbuf) by = STRBUF_INIT;
		original_make(&o, SPAN_LIT(PLAIN));
		struct dsn report = report_of(&o, &rcpt, 1);
		report.reporting_mta = rows[i].own;
		report.deliver_by = ARRIVAL + 120;
		make(&m, &report);
		if (rows[i].field)
			assert_has(m.parts[1], rows[i].field);
		else
			assert_null(strstr(m.parts[1], "Remote-MTA"));
		strbuf_adds(&by, "Deliver-By-Date: ");
		date_make(&by, ARRIVAL + 120);
		assert_has(m.parts[1], by.buf);
	}
}

static void notify_says_which_reports_are_wanted(void **state)
{
	(void)state;
	static const struct {
		unsigned notify;
		bool failed, delayed, relayed;
	} cases[] = {
		{NOTIFY_UNSET, true, true, false},
		{NOTIFY_NEVER, false, false, false},
		{NOTIFY_SUCCESS, false, false, true},
		{NOTIFY_FAILURE, true, false, false},
		{NOTIFY_DELAY, false, true, false},
		{NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY, true, true, true},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(dsn_wanted(cases[i].notify, DSN_FAILED), cases[i].failed);
		assert_int_equal(dsn_wanted(cases[i].notify, DSN_DELAYED), cases[i].delayed);
		assert_int_equal(dsn_wanted(cases[i].notify, DSN_RELAYED), cases[i].relayed);
	}
}

/* ---- faults -------------------------------------------------------------- */

static int no_temp(const struct temp_files *temp, struct error *err)
{
	(void)temp;
	(void)error_set(err, ERROR_CANNOT_CREATE, "no room");
	return -1;
}

static void a_report_that_cannot_be_stored_is_an_error(void **state)
{
	(void)state;
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(original) o;
	AUTO(error) err = ERROR_INIT;
	struct dsn_message made = {.message_id = NULL};
	strbuf_adds(&text, "Subject: big\n\n");
	for (int i = 0; i < 50000; i++)
		strbuf_addf(&text, "line %d\n", i);
	original_make(&o, strbuf_span(&text));
	struct dsn report = report_of(&o, &refused, 1);
	report.temp = &(struct temp_files){no_temp, NULL};
	assert_false(dsn_make(&report, &made, &err));
	assert_int_equal(err.status.kind, ERROR_CANNOT_CREATE);
	assert_null(made.message_id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_is_explained_to_people_and_programs),
		cmocka_unit_test(it_goes_to_the_sender_with_a_null_sender),
		cmocka_unit_test(recipients_are_grouped_by_action),
		cmocka_unit_test(a_delay_and_a_relay_have_their_own_subjects),
		cmocka_unit_test(what_is_included_depends_on_ret_and_the_message),
		cmocka_unit_test(a_report_has_the_priority_of_its_message),
		cmocka_unit_test(a_large_message_is_included_completely),
		cmocka_unit_test(text_from_elsewhere_adds_no_line),
		cmocka_unit_test(the_original_cannot_end_its_part),
		cmocka_unit_test(long_words_are_folded_and_cut),
		cmocka_unit_test(addresses_of_any_length_leave_lines_fit),
		cmocka_unit_test(a_sender_of_any_length_leaves_lines_fit),
		cmocka_unit_test(addresses_and_words_in_utf8_fit_every_server),
		cmocka_unit_test(a_sender_in_utf8_needs_smtputf8),
		cmocka_unit_test(every_recipient_has_a_status_of_its_class),
		cmocka_unit_test(without_tls_a_message_that_requires_it_has_the_code_for_that),
		cmocka_unit_test(servers_and_dates_are_named_as_the_rfcs_want),
		cmocka_unit_test(notify_says_which_reports_are_wanted),
		cmocka_unit_test(a_report_that_cannot_be_stored_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
