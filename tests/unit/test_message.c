/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include <fcntl.h>

#define BOM "\357\273\277"
#define MBOX "From joe@example.org Sun Nov 22 10:30:00 2026\n"

static const struct {
	struct span in, header, body;
	struct message_info info; /* octets is filled in by the test */
} corpus[] = {
#define ROW(in, header, body, ...)                                                            \
	{                                                                                     \
		{in, sizeof(in) - 1}, {header, sizeof(header) - 1}, {body, sizeof(body) - 1}, \
		{                                                                             \
			__VA_ARGS__                                                           \
		}                                                                             \
	}
	ROW("", "", "", .longest_line = 0),
	ROW("\n", "", "", .has_separator = true, .bare_lf = 1),
	ROW("\r\n", "", "", .has_separator = true),
	ROW("\nbody", "", "body", .has_separator = true, .bare_lf = 1, .longest_line = 4, .unterminated = true,
	    .body_wire = 6),
	ROW("To: a\n\nbody\n", "To: a\n", "body\n", .has_separator = true, .bare_lf = 3, .longest_line = 5,
	    .body_wire = 6),
	ROW("To: a\r\n\r\nbody\r\n", "To: a\n", "body\r\n", .has_separator = true, .longest_line = 5, .body_wire = 6),
	ROW("To: a\r\n b\r\n\r\n", "To: a\n b\n", "", .has_separator = true, .longest_line = 5),
	ROW("To: a", "To: a", "", .unterminated = true, .longest_line = 5),
	ROW("To: a\n", "To: a\n", "", .bare_lf = 1, .longest_line = 5),
	/* without any LF, CR is the line end */
	ROW("To: a\r", "To: a\n", "", .bare_lf = 1, .longest_line = 5),
	ROW("To: a\rBcc: b\r\rbody\rx\r", "To: a\nBcc: b\n", "body\nx\n", .has_separator = true, .bare_lf = 5,
	    .longest_line = 6, .body_wire = 9),
	ROW("To: a\r\tb\r\rbody", "To: a\n\tb\n", "body", .has_separator = true, .bare_lf = 3, .longest_line = 5,
	    .unterminated = true, .body_wire = 6),
	ROW("\rTo: a\r", "", "To: a\n", .has_separator = true, .bare_lf = 2, .longest_line = 5, .body_wire = 7),
	ROW("Hello\r\rTo: a\r", "", "Hello\n\nTo: a\n", .headerless = true, .bare_lf = 3, .longest_line = 5,
	    .body_wire = 16),
	/* with one, a CR is a space, but not in a name or before the line end */
	ROW("Subject: a\rb\n", "Subject: a b\n", "", .bare_lf = 1, .longest_line = 12),
	ROW("Subject: a\r\rb\r\r\n", "Subject: a b\n", "", .longest_line = 12),
	ROW("Subject: a\r\n b\rc\r\n", "Subject: a\n b c\n", "", .longest_line = 10),
	ROW("Subject: a\rBcc: b\n\n", "Subject: a Bcc: b\n", "", .has_separator = true, .bare_lf = 2,
	    .longest_line = 17),
	ROW("B\rcc: a\rb\r\n", "Bcc: a b\n", "", .longest_line = 8),
	ROW("Subject:\ra\n", "Subject: a\n", "", .bare_lf = 1, .longest_line = 10),
	ROW("To: a\n\r", "To: a\n", "", .bare_lf = 1, .longest_line = 5),
	ROW("T\ro: \r\ra\r\r\n\r\r\nx\r\n", "To:  a\n", "x\r\n", .has_separator = true, .longest_line = 6,
	    .body_wire = 3),
	ROW("To : a\n\n", "To : a\n", "", .has_separator = true, .bare_lf = 2, .longest_line = 6),
	/* the header ends before a line that does not belong to it */
	ROW("To: a\nHello\nX: b\n", "To: a\n", "Hello\nX: b\n", .bare_lf = 3, .longest_line = 5, .body_wire = 13),
	ROW("To: a\nHello\n\nBcc: b\n", "To: a\n", "Hello\n\nBcc: b\n", .bare_lf = 4, .longest_line = 6,
	    .body_wire = 17),
	ROW("To: a\nHello\nBc", "To: a\n", "Hello\nBc", .bare_lf = 2, .longest_line = 5, .unterminated = true,
	    .body_wire = 11),
	ROW("Subject: a\nHello\nX-Cc: b\nBccc: d\n", "Subject: a\n", "Hello\nX-Cc: b\nBccc: d\n", .bare_lf = 4,
	    .longest_line = 10, .body_wire = 25),
	ROW("To: a\nno field: x\n", "To: a\n", "no field: x\n", .bare_lf = 2, .longest_line = 11, .body_wire = 13),
	ROW("To: a\nHel", "To: a\n", "Hel", .bare_lf = 1, .longest_line = 5, .unterminated = true, .body_wire = 5),
	ROW("To: a\n: x\n", "To: a\n", ": x\n", .bare_lf = 2, .longest_line = 5, .body_wire = 5),
	ROW("To: a\nFrom joe\n", "To: a\n", "From joe\n", .bare_lf = 2, .longest_line = 8, .body_wire = 10),
	/* ... unless more of the header follows */
	ROW("To: a\nHello\nBcc: b\n\nx\n", "To: a\nX-Invalid-Header-Line: Hello\nBcc: b\n", "x\n", .bare_lf = 5,
	    .has_separator = true, .longest_line = 28, .body_wire = 3),
	ROW("To: a\nHello\nX: y\n z\nBCC : b\n", "To: a\nX-Invalid-Header-Line: Hello\nX: y\n z\nBCC : b\n", "",
	    .bare_lf = 5, .longest_line = 28),
	ROW("HTTP/1.1 200 OK\r\nResent-bcc: b\r\n\r\n", "X-Invalid-Header-Line: HTTP/1.1 200 OK\nResent-bcc: b\n", "",
	    .has_separator = true, .bare_lf = 1, .longest_line = 38),
	ROW(" a\n\t\nTo: b\n", "X-Invalid-Header-Line: a\n\t\nTo: b\n", "", .bare_lf = 3, .longest_line = 24),
	ROW("To: a\nHello\n more\nContent-Type: b\n", "To: a\nX-Invalid-Header-Line: Hello\n more\nContent-Type: b\n",
	    "", .bare_lf = 4, .longest_line = 28),
	ROW("a\0\001b\177: x\nTo: b\n", "X-Invalid-Header-Line: a??b?: x\nTo: b\n", "", .bare_lf = 2,
	    .longest_line = 31),
	ROW("\303\244: x\nTo: b\n", "X-Invalid-Header-Line: \303\244: x\nTo: b\n", "", .bare_lf = 2, .longest_line = 28,
	    .eightbit_header = true),
	ROW("To: a\n: x\n--\nCc: b", "To: a\nX-Invalid-Header-Line: : x\nX-Invalid-Header-Line: --\nCc: b", "",
	    .bare_lf = 3, .longest_line = 26, .unterminated = true),
	ROW("References: <a>\n<b>\nBcc: c\n", "References: <a>\nX-Invalid-Header-Line: <b>\nBcc: c\n", "", .bare_lf = 3,
	    .longest_line = 26),
	/* a list of recipients goes on after a comma, whatever line lost its blank or stands between */
	ROW("Bcc: a@x,\nb@y,\n \nc@z\nSubject: d\n", "Bcc: a@x,\n b@y,\n \n , c@z\nSubject: d\n", "", .bare_lf = 5,
	    .longest_line = 10),
	ROW("Resent-Bcc :\n a@x ,\r\nb@y\r\n c@z,\nd@z\nCc: d\n", "Resent-Bcc :\n a@x ,\n b@y\n c@z,\n d@z\nCc: d\n",
	    "", .bare_lf = 4, .longest_line = 12),
	ROW("Bcc: a@x\nb@y\nJ. <c@z>\nd\nSubject: e\n",
	    "Bcc: a@x\n , b@y\n , J. <c@z>\nX-Invalid-Header-Line: d\nSubject: e\n", "", .bare_lf = 5,
	    .longest_line = 24),
	ROW("RESENT-BCC: John\nDoe <a@x>\nCc: d@x\ne@x\nTo: f\n",
	    "RESENT-BCC: John\n , Doe <a@x>\nCc: d@x\nX-Invalid-Header-Line: e@x\nTo: f\n", "", .bare_lf = 5,
	    .longest_line = 26),
	ROW("Bcc: a@x,\nFrom joe\n b@y\nTo: c\n", "Bcc: a@x,\n b@y\nTo: c\n", "", .bare_lf = 3, .longest_line = 9),
	ROW("To: a@x,\nb y\nTo: a@x,\nb: c@x\n: d@x\nTo: e@x\nf@x\nCc: g\n",
	    "To: a@x,\nX-Invalid-Header-Line: b y\nTo: a@x,\nb: c@x\nX-Invalid-Header-Line: : d@x\nTo: e@x\n"
	    "X-Invalid-Header-Line: f@x\nCc: g\n",
	    "", .bare_lf = 8, .longest_line = 28),
	ROW("Subject: a,\nb@x\nCc: c\n", "Subject: a,\nX-Invalid-Header-Line: b@x\nCc: c\n", "", .bare_lf = 3,
	    .longest_line = 26),
	ROW("Bcc: a@x,\nb@y\n\nc\n", "Bcc: a@x,\n", "b@y\n\nc\n", .bare_lf = 4, .longest_line = 9, .body_wire = 10),
	ROW(" \n\ta\nTo: b\n", "X-Invalid-Header-Line: a\nTo: b\n", "", .bare_lf = 2, .longest_line = 24),
	/* Bcc, whose colon stands in the next line */
	ROW("To: a\nBcc\n : b@y\nSubject: c\n", "To: a\nBcc: b@y\nSubject: c\n", "", .bare_lf = 3, .longest_line = 10),
	ROW("Bcc\r\n\t: b\r\n\r\nx\r\n", "Bcc: b\n", "x\r\n", .has_separator = true, .longest_line = 6, .body_wire = 3),
	ROW("To: a\nresent-BCC \n \n\t:b\n c\n\nx\n", "To: a\nresent-BCC:b\n c\n", "x\n", .has_separator = true,
	    .bare_lf = 5, .longest_line = 12, .body_wire = 3),
	ROW("To: a\nHello\n" BOM "Bcc\n :b\n", "To: a\nX-Invalid-Header-Line: Hello\nBcc:b\n", "", .bare_lf = 3,
	    .longest_line = 28),
	ROW("Bcc\n : b\nTo: a\n", "Bcc: b\nTo: a\n", "", .bare_lf = 2, .longest_line = 6),
	ROW("To: a\nBcc\n b: c\n\nx\n", "To: a\n", "Bcc\n b: c\n\nx\n", .bare_lf = 5, .longest_line = 5,
	    .body_wire = 17),
	ROW("To: a\nBcc\nx\n : b\n\n", "To: a\n", "Bcc\nx\n : b\n\n", .bare_lf = 5, .longest_line = 5, .body_wire = 16),
	ROW("To: a\nBccs\n : b\n\n", "To: a\n", "Bccs\n : b\n\n", .bare_lf = 4, .longest_line = 5, .body_wire = 14),
	/* a byte-order mark */
	ROW(BOM "To: a\n" BOM "Bcc: b\n\n", "To: a\nBcc: b\n", "", .has_separator = true, .bare_lf = 3,
	    .longest_line = 6),
	ROW(BOM "no field\n" BOM "Bcc: b\n", "X-Invalid-Header-Line: no field\nBcc: b\n", "", .bare_lf = 2,
	    .longest_line = 31),
	ROW(BOM "\nBcc: b\n", "", "Bcc: b\n", .has_separator = true, .bare_lf = 1, .longest_line = 6, .body_wire = 8),
	ROW(BOM MBOX "To: a\n", "To: a\n", "", .bare_lf = 1, .longest_line = 5, .mbox_line = true),
	ROW(BOM "Hello\n", "", BOM "Hello\n", .headerless = true, .bare_lf = 1, .longest_line = 8, .body_wire = 10,
	    .eightbit_body = true),
	/* no header */
	ROW("Hello\n", "", "Hello\n", .headerless = true, .bare_lf = 1, .longest_line = 5, .body_wire = 7),
	ROW("Hello", "", "Hello", .headerless = true, .longest_line = 5, .unterminated = true, .body_wire = 7),
	ROW(" To: a\n", "", " To: a\n", .headerless = true, .bare_lf = 1, .longest_line = 6, .body_wire = 8),
	ROW("a\rb\n", "", "a\rb\n", .headerless = true, .bare_lf = 1, .bare_cr = 1, .longest_line = 1, .body_wire = 6),
	ROW("\xc3\xa4: x\n", "", "\xc3\xa4: x\n", .headerless = true, .bare_lf = 1, .longest_line = 5, .body_wire = 7,
	    .eightbit_body = true),
	/* line ends of the body */
	ROW("\n\r\r\na\rbc\r", "", "\r\r\na\rbc\r", .has_separator = true, .bare_lf = 1, .bare_cr = 3,
	    .longest_line = 2, .body_wire = 11),
	ROW("\n\n\n", "", "\n\n", .has_separator = true, .bare_lf = 3, .body_wire = 4),
	ROW("\nabc\rabcde\rab\nabcd\n", "", "abc\rabcde\rab\nabcd\n", .has_separator = true, .bare_lf = 3, .bare_cr = 2,
	    .longest_line = 5, .body_wire = 22),
	/* octets that matter to the server */
	ROW("To: \xff\n\n\n", "To: \xff\n", "\n", .has_separator = true, .bare_lf = 3, .longest_line = 5,
	    .body_wire = 2, .eightbit_header = true),
	ROW("To: a\n\n\xff\n", "To: a\n", "\xff\n", .has_separator = true, .bare_lf = 3, .longest_line = 5,
	    .body_wire = 3, .eightbit_body = true),
	ROW("To: \0\n\n", "To: \0\n", "", .has_separator = true, .bare_lf = 2, .longest_line = 5, .nul = true),
	ROW("\n0123456789\0\n", "", "0123456789\0\n", .has_separator = true, .bare_lf = 2, .longest_line = 11,
	    .nul = true, .body_wire = 13),
	/* mbox */
	ROW(MBOX "To: a\n\n", "To: a\n", "", .has_separator = true, .bare_lf = 2, .longest_line = 5, .mbox_line = true),
	ROW("From joe\r\nBcc: b\r\n\r\n", "Bcc: b\n", "", .has_separator = true, .longest_line = 6, .mbox_line = true),
	ROW(">From joe\n" MBOX ">From jim\nTo: a\n\n", "To: a\n", "", .has_separator = true, .bare_lf = 2,
	    .longest_line = 5, .mbox_line = true),
	ROW(MBOX "\nx\n", "", "x\n", .has_separator = true, .bare_lf = 2, .longest_line = 1, .mbox_line = true,
	    .body_wire = 3),
	ROW(MBOX "Hello\n", "", "Hello\n", .headerless = true, .bare_lf = 1, .longest_line = 5, .mbox_line = true,
	    .body_wire = 7),
	ROW(MBOX, "", "", .mbox_line = true),
	ROW("From: a\n\n", "From: a\n", "", .has_separator = true, .bare_lf = 2, .longest_line = 7),
	ROW("From : a\n\n", "From : a\n", "", .has_separator = true, .bare_lf = 2, .longest_line = 8),
	ROW("To: a\nFrom joe\n>From jim\nBcc: b\n\n", "To: a\nBcc: b\n", "", .has_separator = true, .bare_lf = 3,
	    .longest_line = 6, .mbox_line = true),
	ROW("To: a\n>" MBOX "X: y\n\n", "To: a\nX: y\n", "", .has_separator = true, .bare_lf = 3, .longest_line = 5,
	    .mbox_line = true),
	ROW("To: a\n" MBOX "\nx\n", "To: a\n", "x\n", .has_separator = true, .bare_lf = 3, .longest_line = 5,
	    .mbox_line = true, .body_wire = 3),
	/* text */
	ROW("To: a\nFrom here on\nX: y\n", "To: a\n", "From here on\nX: y\n", .bare_lf = 3, .longest_line = 12,
	    .body_wire = 20),
	ROW("From now on at 10:30\nBye\n", "", "From now on at 10:30\nBye\n", .headerless = true, .bare_lf = 2,
	    .longest_line = 20, .body_wire = 27),
	ROW("From now on\n\nBye\n", "", "From now on\n\nBye\n", .headerless = true, .bare_lf = 3, .longest_line = 11,
	    .body_wire = 20),
	ROW("From now on", "", "From now on", .headerless = true, .longest_line = 11, .unterminated = true,
	    .body_wire = 13),
	ROW("From now on\r", "", "From now on\n", .headerless = true, .bare_lf = 1, .longest_line = 11,
	    .body_wire = 13),
	ROW("from joe\nTo: a\n", "X-Invalid-Header-Line: from joe\nTo: a\n", "", .bare_lf = 2, .longest_line = 31),
	ROW(">" MBOX "x", "", ">" MBOX "x", .headerless = true, .bare_lf = 1, .longest_line = 46, .unterminated = true,
	    .body_wire = 51),
};

static void assert_facts(const struct message_info *got, const struct message_info *want)
{
	assert_int_equal(got->octets, want->octets);
	assert_int_equal(got->body_wire, want->body_wire);
	assert_int_equal(got->bare_lf, want->bare_lf);
	assert_int_equal(got->bare_cr, want->bare_cr);
	assert_int_equal(got->longest_line, want->longest_line);
	assert_int_equal(got->eightbit_header, want->eightbit_header);
	assert_int_equal(got->eightbit_body, want->eightbit_body);
	assert_int_equal(got->nul, want->nul);
	assert_int_equal(got->unterminated, want->unterminated);
	assert_int_equal(got->has_separator, want->has_separator);
	assert_int_equal(got->headerless, want->headerless);
	assert_int_equal(got->mbox_line, want->mbox_line);
}

static void check(const struct message *msg, size_t row)
{
	struct message_info want = corpus[row].info;
	AUTO(strbuf) body = STRBUF_INIT;
	want.octets = corpus[row].in.len;
	assert_span(strbuf_span(&msg->header), corpus[row].header);
	read_source(&msg->body, &body);
	assert_span(strbuf_span(&body), corpus[row].body);
	assert_facts(&msg->info, &want);
}

static void header_and_body_are_separated_in_portions_of_any_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(corpus); i++)
		for (size_t portion = 0; portion <= 64; portion++) {
			AUTO(message) msg;
			read_message(&msg, corpus[i].in, portion);
			check(&msg, i);
		}
}

static void every_division_into_three_gives_the_same_message(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(corpus); i++)
		for (size_t a = 0; a <= corpus[i].in.len; a++)
			for (size_t b = a; b <= corpus[i].in.len; b++) {
				AUTO(message) msg;
				AUTO(message_reader) r;
				message_init(&msg, NULL);
				message_reader_init(&r, &msg, 0);
				assert_true(message_reader_feed(&r, corpus[i].in.ptr, a, NULL));
				assert_true(message_reader_feed(&r, corpus[i].in.ptr + a, b - a, NULL));
				assert_true(message_reader_feed(&r, corpus[i].in.ptr + b, corpus[i].in.len - b, NULL));
				assert_true(message_reader_end(&r, NULL));
				check(&msg, i);
			}
}

static void large_messages_are_the_same_in_any_portions(void **state)
{
	(void)state;
	static const size_t portions[] = {1, 7, 999, 1000, 1001, 4096, 65536, 65537, 262144, 300000};
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(message) whole;
	AUTO(strbuf) whole_body = STRBUF_INIT;

	while (text.len < 200000)
		strbuf_addf(&text, "X-%zu: value\r\n\tfolded\n", text.len);
	strbuf_adds(&text, "\n");
	for (size_t n = 0; text.len < 900000; n++) {
		for (size_t i = 0; i < n % 150; i++)
			strbuf_addch(&text, 'x');
		strbuf_adds(&text, n % 3 ? "\n" : n % 7 ? "\r\n" : "\r");
	}
	read_message(&whole, strbuf_span(&text), 0);
	read_source(&whole.body, &whole_body);
	assert_int_equal(whole.info.longest_line, 149);
	assert_int_equal(whole.info.octets, text.len);
	assert_span(strbuf_span(&whole_body), span_make(text.buf + text.len - whole_body.len, whole_body.len));
	for (size_t i = 0; i < ARRAY_SIZE(portions); i++) {
		AUTO(message) msg;
		AUTO(strbuf) body = STRBUF_INIT;
		read_message(&msg, strbuf_span(&text), portions[i]);
		read_source(&msg.body, &body);
		assert_span(strbuf_span(&msg.header), strbuf_span(&whole.header));
		assert_span(strbuf_span(&body), strbuf_span(&whole_body));
		assert_facts(&msg.info, &whole.info);
	}
}

static void an_endless_line_without_a_colon_takes_no_memory(void **state)
{
	(void)state;
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(message) msg;
	strbuf_grow(&text, 3000000);
	memset(text.buf, 'A', 3000000);
	strbuf_setlen(&text, 3000000);
	read_message(&msg, strbuf_span(&text), 50000);
	assert_true(msg.info.headerless);
	assert_int_equal(msg.header.len, 0);
	assert_true(msg.header.cap + msg.body.memory.cap < 300000);
	assert_int_equal(msg.body.size, 3000000);
	assert_int_equal(msg.info.longest_line, 3000000);
}

static void a_name_may_be_as_long_as_a_line(void **state)
{
	(void)state;
	for (size_t n = 990; n < 1010; n++)
		for (size_t portion = 0; portion < 2; portion++) {
			AUTO(strbuf) text = STRBUF_INIT;
			AUTO(message) msg;
			for (size_t i = 0; i < n; i++)
				strbuf_addch(&text, 'A');
			strbuf_adds(&text, ":\n");
			read_message(&msg, strbuf_span(&text), portion);
			assert_int_equal(msg.info.headerless, n >= 1000);
		}
}

static void endless_from_lines_are_not_separators(void **state)
{
	(void)state;
	static const size_t portions[] = {0, 1, 4096, 5000};
	for (size_t i = 0; i < ARRAY_SIZE(portions); i++) {
		AUTO(strbuf) text = STRBUF_INIT, want = STRBUF_INIT;
		AUTO(message) msg;
		strbuf_adds(&text, "From x 10:30 2026 ");
		for (size_t n = 0; n < 20000; n++)
			strbuf_addch(&text, 'A');
		strbuf_adds(&text, "\nTo: a\n");
		strbuf_addf(&want, "X-Invalid-Header-Line: %s", text.buf);
		strbuf_adds(&text, "\n");
		read_message(&msg, strbuf_span(&text), portions[i]);
		assert_span(strbuf_span(&msg.header), strbuf_span(&want));
	}
}

/* One line that is not a field, so much text, and a field. */
static bool read_long_paragraph(size_t lines, bool ends, struct message *msg, struct error *err)
{
	AUTO(message_reader) r;
	bool ok = true;
	message_init(msg, &temp_in_memory);
	message_reader_init(&r, msg, 0);
	for (size_t i = 0; ok && i < lines; i++)
		ok = message_reader_feed(&r, "0123456789012345678901234567890\n", 32, err);
	return ok && (!ends || message_reader_feed(&r, "\n", 1, err)) &&
	       message_reader_feed(&r, "Bcc: hidden@example.org\n", 24, err) && message_reader_end(&r, err);
}

static void no_amount_of_text_shows_a_hidden_recipient(void **state)
{
	(void)state;
	size_t limit = HEADER_LOOKAHEAD_MAX / 32;
	for (size_t lines = limit - 2; lines < limit + 3; lines++) {
		AUTO(message) header, body;
		AUTO(error) err = ERROR_INIT;
		bool ok = read_long_paragraph(lines, false, &header, &err);
		if (ok)
			assert_int_equal(header.body.size, 0);
		else
			assert_int_equal(err.status.kind, ERROR_MESSAGE);
		assert_int_equal(ok, lines <= limit);
		assert_true(read_long_paragraph(lines, true, &body, &err));
		assert_int_equal(body.header.len, 0);
	}
}

static void a_header_is_limited_and_just_fits_at_the_limit(void **state)
{
	(void)state;
	AUTO_FREE char *block = malloc(1024 * 1024);
	memset(block, 'x', 1024 * 1024);
	for (int over = 0; over < 2; over++) {
		AUTO(message) msg;
		AUTO(message_reader) r;
		AUTO(error) err = ERROR_INIT;
		message_init(&msg, NULL);
		message_reader_init(&r, &msg, 0);
		assert_true(message_reader_feed(&r, "X:\n ", 4, &err));
		for (int i = 0; i < 31; i++)
			assert_true(message_reader_feed(&r, block, 1024 * 1024, &err));
		assert_true(message_reader_feed(&r, block, 1024 * 1024 - 4, &err));
		assert_true(message_reader_feed(&r, "\r", 1, &err)); /* is not counted */
		assert_int_equal(msg.header.len, HEADER_MAX);
		if (!over) {
			assert_true(message_reader_end(&r, &err));
			continue;
		}
		assert_false(message_reader_feed(&r, "y", 1, &err));
		assert_int_equal(err.status.kind, ERROR_MESSAGE);
	}
}

static void size_limit_counts_every_octet(void **state)
{
	(void)state;
	for (size_t limit = 1; limit < 20; limit++) {
		AUTO(message) msg;
		AUTO(message_reader) r;
		AUTO(error) err = ERROR_INIT;
		message_init(&msg, NULL);
		message_reader_init(&r, &msg, limit);
		for (size_t i = 0; i < limit; i++)
			assert_true(message_reader_feed(&r, &"To: a\n\n0123456789012345678"[i], 1, &err));
		assert_true(message_reader_feed(&r, "", 0, &err));
		assert_false(message_reader_feed(&r, "x", 1, &err));
		assert_int_equal(err.status.kind, ERROR_TOO_BIG);
	}
}

static int no_temp(const struct temp_files *temp, struct error *err)
{
	(void)temp;
	(void)error_set(err, ERROR_CANNOT_CREATE, "no room");
	return -1;
}

/* Every write fails: a descriptor opened for reading cannot be written. */
static int deaf_temp(const struct temp_files *temp, struct error *err)
{
	(void)temp;
	(void)err;
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void a_body_that_cannot_be_kept_is_an_error(void **state)
{
	(void)state;
	static const struct {
		struct temp_files temp;
		enum error_kind kind;
	} rows[] = {{{no_temp, NULL}, ERROR_CANNOT_CREATE}, {{deaf_temp, NULL}, ERROR_IO}};
	AUTO_FREE char *block = calloc(1, 100000);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(message) msg;
		AUTO(message_reader) r;
		AUTO(error) err = ERROR_INIT;
		bool ok = true;
		message_init(&msg, &rows[i].temp);
		message_reader_init(&r, &msg, 0);
		for (int n = 0; ok && n < 20; n++)
			ok = message_reader_feed(&r, block, 100000, &err);
		assert_false(ok);
		assert_int_equal(err.status.kind, rows[i].kind);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_and_body_are_separated_in_portions_of_any_size),
		cmocka_unit_test(every_division_into_three_gives_the_same_message),
		cmocka_unit_test(large_messages_are_the_same_in_any_portions),
		cmocka_unit_test(an_endless_line_without_a_colon_takes_no_memory),
		cmocka_unit_test(a_name_may_be_as_long_as_a_line),
		cmocka_unit_test(endless_from_lines_are_not_separators),
		cmocka_unit_test(no_amount_of_text_shows_a_hidden_recipient),
		cmocka_unit_test(a_header_is_limited_and_just_fits_at_the_limit),
		cmocka_unit_test(size_limit_counts_every_octet),
		cmocka_unit_test(a_body_that_cannot_be_kept_is_an_error),
	};
	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
