/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "message/wire.h"
#include "mime/mime_convert.h"
#include "mime/mime_scan.h"

#define ALL                                                                                  \
	{                                                                                    \
		.seven_bit = true, .no_binary = true, .encode_header = true, .line_max = 998 \
	}
static const struct mime_wants everything = ALL, binary_may = {.encode_header = true, .line_max = 998};
static const struct mime_wants eightbit_may = {.no_binary = true, .line_max = 998},
			       nothing_wanted = {.no_binary = true};
/* For a server with 8BITMIME and without SMTPUTF8. */
static const struct mime_wants eightbit_server = {
	.no_binary = true, .encode_header = true, .label = true, .line_max = 998, .header.eightbit = true};
/* For one with SMTPUTF8, which is asked for. */
static const struct mime_wants utf8_server = {
	.no_binary = true, .utf8_header = true, .line_max = 78, .header.eightbit = true};
static const struct mime_wants lines_of_78 = {.no_binary = true, .line_max = 78};

struct made {
	struct mime_result result;
	struct strbuf text; /* header and body */
	struct error err;
	bool ok;
};

static void made_release(struct made *m)
{
	mime_result_release(&m->result);
	strbuf_release(&m->text);
	error_release(&m->err);
}

/* The body as the writer sends it. */
static void add_lines(struct strbuf *out, struct span text)
{
	struct eol_encoder eol;
	eol_encoder_init(&eol);
	eol_encode(&eol, text, out);
	eol_encode_end(&eol, out);
}

/* text: header, empty line, body. The header is passed with CRLF line ends, as header_apply() writes it. */
static void make(struct made *m, struct span text, const struct mime_wants *wants)
{
	AUTO(source) body;
	AUTO(strbuf) header = STRBUF_INIT;
	const char *end = memmem(text.ptr, text.len, "\n\n", 2);
	assert_non_null(end);
	size_t n = (size_t)(end - text.ptr) + 1;
	for (size_t i = 0; i <= n; i++)
		strbuf_adds(&header, text.ptr[i] == '\n' ? "\r\n" : (char[2]){text.ptr[i], '\0'});
	source_init(&body, NULL);
	assert_true(source_append(&body, text.ptr + n + 1, text.len - n - 1, NULL));
	*m = (struct made){.text = STRBUF_INIT, .err = ERROR_INIT};
	mime_result_init(&m->result, NULL);
	m->ok = mime_convert(strbuf_span(&header), &body, wants, &m->result, &m->err);
	strbuf_add_span(&m->text, strbuf_span(&m->result.header));
	if (m->result.same_body)
		add_lines(&m->text, span_sub(text, n + 1, text.len));
	else
		strbuf_add_span(&m->text, strbuf_span(&m->result.body.memory));
}

#define E5 "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
#define E20 E5 E5 E5 E5
#define MIXED "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n"
#define QP "Content-Transfer-Encoding: quoted-printable\n"
#define B64 "Content-Transfer-Encoding: base64\n"
#define V "MIME-Version: 1.0\n"

/* made: the result, with LF for CRLF; NULL: unchanged */
static const struct row {
	const char *name;
	const struct mime_wants *wants;
	const char *text, *made;
} rows[] = {
	{"ascii stays", &everything, "A: b\n\nc\n", NULL},
	{"8-bit text stays if it may", &eightbit_may, "A: b\n\n\xc3\xa9\n", NULL},
	{"no MIME, UTF-8", &everything, "A: b\n\nlong enough \xc3\xa9\n",
	 "A: b\n" V "Content-Type: text/plain; charset=utf-8\n" QP "\nlong enough =C3=A9\n"},
	{"no MIME, something else", &everything, "A: b\n\nlong enough \xe9 \xe9\n",
	 "A: b\n" V "Content-Type: text/plain; charset=unknown-8bit\n" QP "\nlong enough =E9 =E9\n"},
	{"no MIME, UTF-8 cut by a line end", &everything, "A: b\n\nlong enough \xc3\n\xa9\n",
	 "A: b\n" V "Content-Type: text/plain; charset=unknown-8bit\n" QP "\nlong enough =C3\n=A9\n"},
	{"type without version stays as it is", &everything,
	 "Content-Type: TEXT/html;\n charset=\"KOI8-R\" (x)\n\nlong enough \xe9\n",
	 "Content-Type: TEXT/html;\n charset=\"KOI8-R\" (x)\n" V QP "\nlong enough =E9\n"},
	{"the encoding is replaced in its place", &everything,
	 V "content-transfer-encoding : 8BIT (x)\nContent-Type: text/plain\n\nlong enough \xe9\n",
	 V QP "Content-Type: text/plain\n\nlong enough =E9\n"},
	{"declared 7bit, which is not true", &everything,
	 V "Content-Type: text/plain\nContent-Transfer-Encoding: 7bit\n\nlong enough \xe9\n",
	 V "Content-Type: text/plain\n" QP "\nlong enough =E9\n"},
	{"text that is mostly 8-bit", &everything, V "Content-Type: text/plain\n\n\xe9\xe9\xe9\n",
	 V "Content-Type: text/plain\n" B64 "\n6enpDQo=\n"},
	{"no text", &everything, V "Content-Type: image/x-y\n\nlong enough \xe9\n",
	 V "Content-Type: image/x-y\n" B64 "\nbG9uZyBlbm91Z2gg6Q0K\n"},
	{"line ends of lines count as CRLF", &everything, V "Content-Type: a/b\n\n\xe9\rx\r\ny\n",
	 V "Content-Type: a/b\n" B64 "\n6Q0KeA0KeQ0K\n"},
	{"message/global is like a leaf", &everything,
	 V "Content-Type: message/global\n\nSubject: \xc3\xa4\n\nlong enough, surely\n",
	 V "Content-Type: message/global\n" B64 "\nU3ViamVjdDogw6QNCg0KbG9uZyBlbm91Z2gsIHN1cmVseQ0K\n"},
	/* text that is declared binary consists of lines all the same, unless it contains a NUL */
	{"declared binary, though it is text", &everything,
	 V "Content-Type: text/plain\nContent-Transfer-Encoding: binary\n\na\n",
	 V "Content-Type: text/plain\nContent-Transfer-Encoding: 7bit\n\na\n"},
	{"declared binary, 8-bit text", &everything,
	 V "Content-Type: text/plain\nContent-Transfer-Encoding: binary\n\nlong enough \xe9\rx\n",
	 V "Content-Type: text/plain\n" QP "\nlong enough =E9\nx\n"},
	{"declared binary, for a server with 8BITMIME", &eightbit_server,
	 V "Content-Type: text/plain\nContent-Transfer-Encoding: binary\n\n\xe9\rx\n",
	 V "Content-Type: text/plain\nContent-Transfer-Encoding: 8bit\n\n\xe9\nx\n"},
	/* labels */
	{"8bit is not true", &everything, V "Content-Transfer-Encoding: 8bit\n\na\n",
	 V "Content-Transfer-Encoding: 7bit\n\na\n"},
	{"no label at all", &everything, V "Content-Transfer-Encoding: 8-bit\n\nlong enough \xe9\n",
	 V QP "Content-Type: text/plain; charset=unknown-8bit\n\nlong enough =E9\n"},
	{"the name of a charset", &everything, V "Content-Type: a/b\nContent-Transfer-Encoding: UTF-8\n\n\xe9\n",
	 V "Content-Type: a/b\n" B64 "\n6Q0K\n"},
	{"8-bit in a label of a multipart", &everything,
	 MIXED "Content-Transfer-Encoding: 8-Bit\n\n--b\n\nlong enough \xe9\n--b--\n",
	 MIXED "Content-Transfer-Encoding: 7bit\n\n--b\n" QP "\nlong enough =E9\n--b--\n"},
	/* encoded already, but not entirely */
	{"raw octets in quoted-printable", &everything, V QP "\ngr\xc3\xbc =C3=BC=\n \xe9\n",
	 V QP "\ngr=C3=BC =C3=BC=\n =E9\n"},
	{"many of them in one line", &everything,
	 V QP "\n"
	      "1234567890123456789012345678901234567890123456789012345678901234567890\xe9\xe9\xe9"
	      "abc\n\xe9\n",
	 V QP "\n"
	      "1234567890123456789012345678901234567890123456789012345678901234567890=E9=\n=E9=E9"
	      "abc\n=E9\n"},
	{"raw octets in base64", &everything, V B64 "\nY\xe9Qo=\n\xe9\n", V B64 "\nYQo=\n\n"},
	{"raw octets in quoted-printable, if they may stay", &eightbit_server, V QP "\n\xe9\n", NULL},
	/* header fields of parts, for a server with 8BITMIME */
	{"a name in a part's header, 8BITMIME", &eightbit_server,
	 MIXED "\n--b\nContent-Disposition: attachment; filename=\"\xc3\xa9.txt\"\n\n\xe9\n--b--\n",
	 MIXED "\n--b\nContent-Disposition: attachment; filename*=utf-8''%C3%A9.txt\n\n\xe9\n--b--\n"},
	{"the header of an enclosed message, 8BITMIME", &eightbit_server,
	 MIXED "\n--b\nContent-Type: message/rfc822\n\nSubject: \xc3\xa9\nX: \xe9\nFrom: \xc3\xa9@x\n\n\xe9\n--b--\n",
	 MIXED "\n--b\nContent-Type: message/rfc822\n\nSubject: =?UTF-8?B?w6k=?=\nX: =?unknown-8bit?Q?=E9?=\nFrom: "
	       "\xc3\xa9@x\n\n\xe9\n--b--\n"},
	{"message/global, 8BITMIME", &eightbit_server, V "Content-Type: message/global\n\nSubject: \xc3\xa9\n\n",
	 V "Content-Type: message/global\n" B64 "\nU3ViamVjdDogw6kNCg0K\n"},
	{"message/global-headers of ASCII, 8BITMIME", &eightbit_server,
	 V "Content-Type: message/global-headers\n\nSubject: e\n\n", NULL},
	{"a signed part stays, 8BITMIME", &eightbit_server,
	 V "Content-Type: multipart/signed; boundary=s\n\n--s\nX: \xc3\xa9\n\nx\n--s--\n", NULL},
	{"octets that are not UTF-8 in a part's header", &everything, MIXED "\n--b\nX: \xe9\n\na\n--b--\n",
	 MIXED "\n--b\nX: =?unknown-8bit?Q?=E9?=\n\na\n--b--\n"},
	/* under SMTPUTF8 */
	{"only what is not UTF-8 is encoded", &utf8_server, "Subject: \xc3\xa9\nX: \xe9\nFrom: \xc3\xa9@x\nY: z\n\na\n",
	 "Subject: \xc3\xa9\nX: =?unknown-8bit?Q?=E9?=\nFrom: \xc3\xa9@x\nY: z\n\na\n"},
	{"a raw field that is too long is folded", &utf8_server, "X: " E20 " " E20 " " E20 "\n\na\n",
	 "X: " E20 "\n " E20 "\n " E20 "\n\na\n"},
	{"or encoded, if it has no spaces", &utf8_server, "X: " E20 E20 "\n\na\n",
	 "X: "
	 "=?UTF-8?B?w6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOp?=\n "
	 "=?UTF-8?B?w6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6k=?=\n\na\n"},
	{"but only folded, if it has no place for encoded text", &lines_of_78,
	 "Content-Type: (not closed \xe9 " E20 " " E20 E20 "\n\na\n",
	 "Content-Type: (not closed \xe9 " E20 "\n " E20 E20 "\n\na\n"},
	{"nor damaged, if it cannot be folded", &lines_of_78, "DKIM-Signature: " E20 E20 "\n\na\n",
	 "DKIM-Signature: " E20 E20 "\n\na\n"},
	/* text without MIME fields, for a server with 8BITMIME */
	{"unlabelled UTF-8", &eightbit_server, "A: b\n\n\xc3\xa9\n",
	 "A: b\n" V "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n\xc3\xa9\n"},
	{"unlabelled, something else", &eightbit_server, "A: b\n\n\xe9\n",
	 "A: b\n" V "Content-Type: text/plain; charset=unknown-8bit\nContent-Transfer-Encoding: 8bit\n\n\xe9\n"},
	{"with version and encoding, without type", &eightbit_server, V "Content-Transfer-Encoding: 8bit\n\n\xe9\n",
	 V "Content-Transfer-Encoding: 8bit\nContent-Type: text/plain; charset=unknown-8bit\n\n\xe9\n"},
	{"declared 7bit, without type", &eightbit_server, "Content-Transfer-Encoding: 7bit\n\n\xc3\xa9\n",
	 "Content-Transfer-Encoding: 8bit\n" V "Content-Type: text/plain; charset=utf-8\n\n\xc3\xa9\n"},
	{"unlabelled ASCII", &eightbit_server, "A: b\n\nc\n", NULL},
	{"with a type", &eightbit_server, "Content-Type: text/plain\n\n\xe9\n", NULL},
	{"no line end at the end", &everything, V "Content-Type: text/plain\n\nlong enough \xe9",
	 V "Content-Type: text/plain\n" QP "\nlong enough =E9\n"},
	/* NUL */
	{"a NUL, whatever is wanted", &nothing_wanted, V "Content-Type: text/plain\n\na\r\rx\n\0",
	 V "Content-Type: text/plain\n" B64 "\nYQ0NeAoA\n"},
	/* lines */
	{"a long line", &lines_of_78,
	 V "Content-Type: text/plain\n\n"
	   "1234567890123456789012345678901234567890123456789012345678901234567890123456789\n",
	 V "Content-Type: text/plain\n" QP
	   "\n123456789012345678901234567890123456789012345678901234567890123456789012345=\n6789\n"},
	{"a line that is just long enough", &lines_of_78,
	 V "Content-Type: text/plain\n\n"
	   "123456789012345678901234567890123456789012345678901234567890123456789012345678\n",
	 NULL},
	{"a long line without MIME", &lines_of_78,
	 "A: b\n\n"
	 "1234567890123456789012345678901234567890123456789012345678901234567890123456789\n",
	 "A: b\n" V "Content-Type: text/plain; charset=us-ascii\n" QP
	 "\n123456789012345678901234567890123456789012345678901234567890123456789012345=\n6789\n"},
	{"a long line of base64", &lines_of_78,
	 V "Content-Type: text/plain\n" B64 "\nQUJD\n"
	   "1234567890123456789012345678901234567890123456789012345678901234567890123456789\nQUJD\n",
	 V "Content-Type: text/plain\n" B64 "\nQUJD\n"
	   "1234567890123456789012345678901234567890123456789012345678901234567890123456\n789\nQUJD\n"},
	{"a long line of quoted-printable", &lines_of_78,
	 V QP "\nx =3D=\n"
	      "1234567890123456789012345678901234567890123456789012345678901234567890123456789\n"
	      "12345678901234567890123456789012345678901234567890123456789012345678901234=3D=3D=\n",
	 V QP "\nx =3D=\n"
	      "123456789012345678901234567890123456789012345678901234567890123456789012345=\n6789\n"
	      "12345678901234567890123456789012345678901234567890123456789012345678901234=\n=3D=3D=\n"},
	{"a long line of quoted-printable that ends like an escape", &lines_of_78,
	 V QP "\n1234567890123456789012345678901234567890123456789012345678901234567890123456789=\n",
	 V QP "\n123456789012345678901234567890123456789012345678901234567890123456789012345=\n6789=\n"},
	{"a long line with an unknown encoding", &lines_of_78,
	 V "Content-Transfer-Encoding: x-own\n\n"
	   "1234567890123456789012345678901234567890123456789012345678901234567890123456789\n",
	 NULL},
	{"a long line in a header is folded", &lines_of_78,
	 "A: b\nX: 123456789 123456789 123456789 123456789 123456789 123456789 123456789 1234567890\n\nc\n",
	 "A: b\nX: 123456789 123456789 123456789 123456789 123456789 123456789 123456789\n 1234567890\n\nc\n"},
	/* header */
	{"UTF-8 in the header", &everything, "Subject: \xc3\xa9\n\nc\n", "Subject: =?UTF-8?B?w6k=?=\n\nc\n"},
	{"UTF-8 in the header stays if it may", &nothing_wanted, "Subject: \xc3\xa9\n\nc\n", NULL},
	/* trees */
	{"only what has to be", &everything,
	 MIXED "Content-Transfer-Encoding: 8bit\n\npre\n--b\n\nfirst\n--b\nContent-Type: text/plain\n\nlong enough "
	       "\xe9\n\n--b  \n\nthird\n--b--\npost\n",
	 MIXED "Content-Transfer-Encoding: 7bit\n\npre\n--b\n\nfirst\n--b\nContent-Type: text/plain\n" QP
	       "\nlong enough =E9\n\n--b  \n\nthird\n--b--\npost\n"},
	{"a part without a header", &everything, MIXED "\n--b\n\nlong enough \xe9\n--b--\n",
	 MIXED "\n--b\n" QP "\nlong enough =E9\n--b--\n"},
	{"a part whose first line is no field", &everything, MIXED "\n--b\nlong enough \xe9\n--b--\n",
	 MIXED "\n--b\n" QP "\nlong enough =E9\n--b--\n"},
	{"an empty part", &everything, MIXED "\n--b\n\n--b\n\n\n--b\n\nlong enough \xe9\n--b--\n",
	 MIXED "\n--b\n\n--b\n\n\n--b\n" QP "\nlong enough =E9\n--b--\n"},
	{"labels of parts that have nothing above 127", &everything,
	 MIXED "\n--b\nContent-Transfer-Encoding: 8bit\n\na\n--b\n\nlong enough \xe9\n--b--\n",
	 MIXED "\n--b\nContent-Transfer-Encoding: 7bit\n\na\n--b\n" QP "\nlong enough =E9\n--b--\n"},
	{"a multipart that does not end", &everything, MIXED "\n--b\n\nlong enough \xe9\n",
	 MIXED "\n--b\n" QP "\nlong enough =E9\n"},
	{"a boundary that begins another", &everything,
	 MIXED "\n--b\nContent-Type: multipart/x; boundary=bb\n\n--bb\n\nlong enough \xe9\n--bb--\n--b\n\nlong enough "
	       "\xe8\n--b--\n",
	 MIXED "\n--b\nContent-Type: multipart/x; boundary=bb\n\n--bb\n" QP "\nlong enough =E9\n--bb--\n--b\n" QP
	       "\nlong enough =E8\n--b--\n"},
	{"what only looks like a boundary", &everything,
	 MIXED "\n--b\n\nlong enough \xe9\n--bx\n --b\n--\n--b--x\n--b--\n",
	 MIXED "\n--b\n" QP "\nlong enough =E9\n-=2Dbx\n --b\n-=2D\n-=2Db--x\n--b--\n"},
	{"an outer boundary ends what is inside", &everything,
	 MIXED
	 "\n--b\nContent-Type: multipart/x; boundary=i\n\n--i\n\nlong enough \xe9\n--b\n\nlong enough \xe8\n--b--\n",
	 MIXED "\n--b\nContent-Type: multipart/x; boundary=i\n\n--i\n" QP "\nlong enough =E9\n--b\n" QP
	       "\nlong enough =E8\n--b--\n"},
	{"a name in a part's header", &everything,
	 MIXED "\n--b\nContent-Disposition: attachment; filename=\"\xc3\xa9.txt\"\n\na\n--b--\n",
	 MIXED "\n--b\nContent-Disposition: attachment; filename*=utf-8''%C3%A9.txt\n\na\n--b--\n"},
	{"the inside of a message/rfc822", &everything,
	 MIXED "\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\nSubject: \xc3\xa9\n\nlong "
	       "enough \xe9\n--b--\n",
	 MIXED "\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: 7bit\n\nSubject: =?UTF-8?B?w6k=?=\n" V
	       "Content-Type: text/plain; charset=unknown-8bit\n" QP "\nlong enough =E9\n--b--\n"},
	{"an mbox line in front of a message", &everything,
	 "Content-Type: message/rfc822\n" V
	 "\nFrom me Sun Nov 22 10:00:00 2026\nContent-Type: text/plain\n\nlong enough \xe9\n",
	 "Content-Type: message/rfc822\n" V "\nFrom me Sun Nov 22 10:00:00 2026\nContent-Type: text/plain\n" V QP
	 "\nlong enough =E9\n"},
	{"a digest holds messages", &everything,
	 V "Content-Type: multipart/digest; boundary=b\n\n--b\n\nA: b\nContent-Type: text/plain\n\nlong enough "
	   "\xe9\n--b--\n",
	 V "Content-Type: multipart/digest; boundary=b\n\n--b\n\nA: b\nContent-Type: text/plain\n" V QP
	   "\nlong enough =E9\n--b--\n"},
	{"a multipart without a version gets one", &everything,
	 "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nlong enough \xe9\n--b--\n",
	 "Content-Type: multipart/mixed; boundary=b\n" V "\n--b\n" QP "\nlong enough =E9\n--b--\n"},
	/* signed parts */
	{"a signed part beside an 8-bit one", &everything,
	 MIXED
	 "\n--b\nContent-Type: multipart/signed; boundary=s\nContent-Transfer-Encoding: "
	 "8bit\n\n--s\nContent-Transfer-Encoding: 8bit\n\nx =\n--s\n\nsig\n--s--\n--b\n\nlong enough \xe9\n--b--\n",
	 MIXED "\n--b\nContent-Type: multipart/signed; boundary=s\nContent-Transfer-Encoding: "
	       "7bit\n\n--s\nContent-Transfer-Encoding: 8bit\n\nx =\n--s\n\nsig\n--s--\n--b\n" QP
	       "\nlong enough =E9\n--b--\n"},
	{"long lines of what is signed stay", &lines_of_78,
	 V "Content-Type: multipart/signed; boundary=s\n\n--s\nX: 123456789 123456789 123456789 123456789 123456789 "
	   "123456789 123456789 1234567890\n\n"
	   "1234567890123456789012345678901234567890123456789012345678901234567890123456789\n--s--\n",
	 NULL},
	/* parts that need no conversion */
	{"a broken multipart of ASCII", &everything, "Content-Type: multipart/mixed\n\n--b\n\na\n", NULL},
	{"an unknown encoding of ASCII", &everything, "Content-Transfer-Encoding: x-foo\n\na\n", NULL},
};

static void messages_are_converted(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		AUTO(made) m;
		AUTO(strbuf) want = STRBUF_INIT;
		bool nul = strcmp(row->name, "a NUL, whatever is wanted") == 0;
		make(&m, span_make(row->text, strlen(row->text) + nul), row->wants);
		if (!m.ok)
			fail_msg("%s: %s", row->name, m.err.status.text);
		if (m.result.changed != (row->made != NULL))
			fail_msg("%s: changed %d: %s", row->name, m.result.changed, m.text.buf);
		for (const char *p = row->made ? row->made : ""; *p; p++)
			strbuf_adds(&want, *p == '\n' ? "\r\n" : (char[2]){*p, '\0'});
		if (!span_equal(strbuf_span(&m.text), strbuf_span(&want)))
			fail_msg("%s: got\n%s\nwanted\n%s", row->name, m.text.buf, want.buf);
		assert_false(m.result.binary);
	}
}

static void messages_are_refused(void **state)
{
	static const struct {
		const char *text, *says, *hint;
	} refused[] = {
		{"Content-Type: multipart/signed; boundary=s\n\n--s\n\n\xe9\n--s--\n",
		 "part 1 (text/plain) has octets above 127", "signed"},
		{"Content-Type: multipart/encrypted; boundary=s\n\n--s\nContent-Type: a/b\n\n\xe9\n--s--\n",
		 "part 1 (a/b)", "encrypted"},
		{"Content-Type: multipart/signed; boundary=s\n\n--s\nX: \xc3\xa9\n\nx\n--s--\n", "part 1 (text/plain)",
		 "signed"},
		{"Content-Type: multipart/signed; boundary=s\n\n--s\nContent-Type: message/rfc822\n\n\n\xe9\n--s--\n",
		 "part 1.1 (text/plain)", "signed"},
		{MIXED "\n--b\n\na\n--b\nContent-Type: multipart/x; boundary=c\n\n--c\n\na\n--c\n"
		       "Content-Transfer-Encoding: x-foo\n\n\xe9\n--c--\n--b--\n",
		 "part 2.2 (text/plain)", "Content-Transfer-Encoding is unknown"},
		{"Content-Type: multipart/signed; boundary=s\n\n--s\n" QP "\n\xe9\n--s--\n", "part 1 (text/plain)",
		 "signed"},
		{"Content-Transfer-Encoding: x-uuencode\n\n\xe9\n", "the message (text/plain)",
		 "Content-Transfer-Encoding"},
		{"Content-Type: message/partial\n\n\xe9\n", "the message (message/partial)", "ASCII"},
		{"Content-Type: message/external-body\n\n\xe9\n", "(message/external-body)", "ASCII"},
		{"Content-Type: message/delivery-status\n\n\xe9\n", "(message/delivery-status)", "ASCII"},
		{"Content-Type: multipart/mixed\n\n--b\n\n\xe9\n", "(multipart/mixed)", "boundary"},
		{MIXED "\n--b\nContent-Type: multipart/x; boundary=b\n\n\xe9\n--b--\n", "part 1 (multipart/x)",
		 "boundary"},
		{MIXED "\n--b\nContent-Type: multipart/x; boundary=\"b--\"\n\n\xe9\n--b--\n", "part 1 (multipart/x)",
		 "boundary"},
		{MIXED B64 "\n--b\n\n\xe9\n--b--\n", "(multipart/mixed)", "must not be encoded"},
		{"Content-Type: message/rfc822\n" QP "\nA: b\n\n\xe9\n", "(message/rfc822)", "must not be encoded"},
		{"Content-Type: text/plain\nContent-Type: text/html\n\n\xe9\n", "(text/plain)", "two Content-Type"},
		{"Content-Transfer-Encoding: 8bit\nContent-Transfer-Encoding: 7bit\n\n\xe9\n", "(text/plain)", "two"},
		{MIXED "\n\xe9\n--b\n\na\n--b--\n", "the message (multipart/mixed)", "outside the parts"},
		{MIXED "\n--b\n\na\n--b--\n\xe9\n", "the message (multipart/mixed)", "outside the parts"},
		{MIXED "\n--b\nFrom: \xc3\xa9@x\n\na\n--b--\n", "part 1 (text/plain): ", ""},
		{"From: \xc3\xa9@example.org\n\na\n", "From", ""},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		AUTO(made) m;
		make(&m, span_of(refused[i].text), &everything);
		if (m.ok || m.err.status.kind != ERROR_MESSAGE)
			fail_msg("not refused: %s", refused[i].text);
		if (!strstr(m.err.status.text, refused[i].says) || !m.err.status.hint ||
		    !strstr(m.err.status.hint, refused[i].hint))
			fail_msg("%s: %s, %s", refused[i].text, m.err.status.text, m.err.status.hint);
	}
}

static void a_binary_part_keeps_its_octets(void **state)
{
	static const char head[] = "\n--b\nContent-Type: a/b\nContent-Transfer-Encoding: binary\n\n";
	static const char content[] = "a\0\r\rb\n\r\xff\r";
	static const struct {
		bool crlf;
		const struct mime_wants *wants;
		const char *encoded; /* NULL: as it is */
	} ways[] = {{false, &everything, "YQANDWIKDf8N"},
		    {true, &everything, "YQANDWIKDf8N"},
		    {false, &binary_may, NULL},
		    {true, &binary_may, NULL}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		AUTO(strbuf) text = STRBUF_INIT;
		AUTO(made) m;
		strbuf_adds(&text, MIXED);
		for (const char *p = head; *p; p++)
			strbuf_adds(&text, *p == '\n' && ways[i].crlf && p != head ? "\r\n" : (char[2]){*p, '\0'});
		strbuf_add(&text, content, sizeof(content) - 1);
		strbuf_adds(&text, ways[i].crlf ? "\r\n--b--\r\n" : "\n--b--\n");
		make(&m, strbuf_span(&text), ways[i].wants);
		assert_true(m.ok && m.result.changed);
		assert_int_equal(m.result.binary, ways[i].encoded == NULL);
		struct span got = strbuf_span(&m.result.body.memory);
		AUTO(strbuf) want = STRBUF_INIT;
		if (ways[i].encoded) {
			strbuf_addf(
				&want,
				"--b\r\nContent-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n--b--\r\n",
				ways[i].encoded);
		} else {
			strbuf_adds(&want, "--b\r\nContent-Type: a/b\r\nContent-Transfer-Encoding: binary\r\n\r\n");
			strbuf_add(&want, content, sizeof(content) - 1);
			strbuf_adds(&want, "\r\n--b--\r\n");
		}
		assert_span(got, strbuf_span(&want));
		assert_int_equal(m.result.info.body_wire, want.len);
	}
}

static void a_binary_message_gets_no_line_end(void **state)
{
	AUTO(made) m;
	(void)state;
	static const char plain[] = "Content-Transfer-Encoding: binary\n\n\0";
	static const char sealed[] =
		"Content-Type: multipart/signed; boundary=s\n\n--s\nContent-Transfer-Encoding: binary\n\n\0\n--s--\n";
	make(&m, span_make(plain, sizeof(plain) - 1), &binary_may);
	assert_true(m.ok && m.result.binary);
	assert_span(strbuf_span(&m.result.body.memory), span_make("", 1));
	assert_int_equal(m.result.info.body_wire, 1);
	/* a binary part of a signed one is sent as it is, or refused */
	AUTO(made) s;
	make(&s, span_make(sealed, sizeof(sealed) - 1), &binary_may);
	assert_true(s.ok && s.result.binary);
	AUTO(made) r;
	make(&r, span_make(sealed, sizeof(sealed) - 1), &eightbit_may);
	assert_false(r.ok);
	assert_non_null(strstr(r.err.status.text, "part 1 (text/plain) contains a NUL octet"));
}

/* Nested multiparts, with an 8-bit leaf in the innermost. */
static void nest(struct strbuf *text, unsigned levels)
{
	for (unsigned i = 0; i < levels; i++)
		strbuf_addf(text, "Content-Type: multipart/mixed; boundary=b%u\n\n--b%u\n", i, i);
	strbuf_adds(text, "Content-Type: text/plain\n\nlong enough \xe9\n");
}

static void depth_and_number_have_limits(void **state)
{
	(void)state;
	for (unsigned levels = MIME_DEPTH_MAX - 1; levels <= MIME_DEPTH_MAX + 1; levels++) {
		AUTO(strbuf) text = STRBUF_INIT;
		AUTO(made) m;
		nest(&text, levels);
		make(&m, strbuf_span(&text), &everything);
		assert_int_equal(m.ok, levels <= MIME_DEPTH_MAX);
		assert_true(m.ok ? strstr(m.text.buf, "long enough =E9") != NULL
				 : strstr(m.err.status.hint, "too deep") != NULL);
	}
	for (unsigned parts = MIME_PARTS_MAX - 2; parts <= MIME_PARTS_MAX; parts++) { /* and the message itself */
		AUTO(strbuf) text = STRBUF_INIT;
		AUTO(made) m;
		strbuf_adds(&text, MIXED "\n");
		for (unsigned i = 0; i < parts; i++)
			strbuf_adds(&text, i + 1 < parts ? "--b\n\nx\n" : "--b\n\nlong enough \xe9\n");
		make(&m, strbuf_span(&text), &everything);
		assert_int_equal(m.ok, parts < MIME_PARTS_MAX);
		assert_true(m.ok ? m.result.encoded == 1 : strstr(m.err.status.hint, "too many") != NULL);
	}
}

static void limits_matter_only_if_something_has_to_be_encoded(void **state)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(made) m;
	(void)state;
	nest(&text, MIME_DEPTH_MAX + 50);
	make(&m, strbuf_span(&text), &eightbit_may);
	assert_true(m.ok && !m.result.changed);
}

/* The bodies do not fit into memory, so the walks read them in portions. */
static void large_bodies_go_through_a_file(void **state)
{
	(void)state;
	for (unsigned shift = 0; shift < 3; shift++) {
		AUTO(source) body;
		AUTO(mime_result) r;
		AUTO(strbuf) got = STRBUF_INIT, want = STRBUF_INIT;
		AUTO(strbuf) raw = STRBUF_INIT;
		source_init(&body, &temp_in_memory);
		mime_result_init(&r, &temp_in_memory);
		for (unsigned i = 0; raw.len < 700000; i++) {
			strbuf_addf(&raw, "%.*sline %u \xc3\xa9\r\n", (int)(shift + i % 3), "...", i);
			strbuf_addf(&want, "%s%.*sline %u =C3=A9\r\n", shift + i % 3 ? "=2E" : "",
				    (int)(shift + i % 3 ? (shift + i % 3 > 3 ? 3 : shift + i % 3) - 1 : 0), "...", i);
		}
		assert_true(source_append(&body, raw.buf, raw.len, NULL));
		assert_true(mime_convert(SPAN_LIT("Content-Type: text/plain\r\n\r\n"), &body, &everything, &r, NULL));
		assert_true(r.changed && r.body.fd >= 0);
		read_source(&r.body, &got);
		assert_span(strbuf_span(&got), strbuf_span(&want));
		assert_int_equal(r.info.body_wire, want.len);
		assert_false(r.info.eightbit_body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_converted),
		cmocka_unit_test(messages_are_refused),
		cmocka_unit_test(a_binary_part_keeps_its_octets),
		cmocka_unit_test(a_binary_message_gets_no_line_end),
		cmocka_unit_test(depth_and_number_have_limits),
		cmocka_unit_test(limits_matter_only_if_something_has_to_be_encoded),
		cmocka_unit_test(large_bodies_go_through_a_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
