/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "base/utf8.h"
#include "codec/encoded_word.h"
#include "header/header_encode.h"
#include "net/idn.h"

/* For a server that does not accept 8-bit text. */
static const struct header_encoding *const how = &(struct header_encoding){.domain_to_ascii = idn_to_ascii};

struct row {
	const char *in, *want;
};

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		strbuf_adds(&out, "before");
		if (!header_encode_field(span_of(rows[i].in), how, &out, &err))
			fail_msg("%s: %s", rows[i].in, err.status.text);
		assert_memory_equal(out.buf, "before", 6);
		if (!span_equal(span_sub(strbuf_span(&out), 6, out.len), span_of(rows[i].want)))
			fail_msg("%s: got\n%s, wanted\n%s", rows[i].in, out.buf + 6, rows[i].want);
		assert_int_equal(err.status.kind, ERROR_NONE);
	}
}

/* A header is unfolded before a quoted-pair in it is read: the white space after a fold is the second octet of the
 * pair. */
static void a_fold_within_a_quoted_pair_is_none(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"To: a@x (b\\\n c\xc3\xa4)\n", "To: a@x (=?UTF-8?B?YiBjw6Q=?=)\n"},
		{"To: a@x (\xc3\xa4 (b\\\n c) \xc3\xa4\\\n )\n",
		 "To: a@x (=?UTF-8?B?w6Q=?= (b\\\n c) =?UTF-8?B?w6Qg?=)\n"},
		{"To: \"b\\\n \xc3\xa4\" <a@x>\n", "To: =?UTF-8?Q?b_=C3=A4?= <a@x>\n"},
	};
	check_rows(rows, ARRAY_SIZE(rows));
}

/* RFC 2047 section 5: white space separates an encoded-word from every word next to it. */
static void encoded_words_that_were_there_are_kept_apart(void **state)
{
	(void)state;
#define C "=?utf-8?q?c?="
	static const struct row rows[] = {
		{"To: \"\xc3\xa4\"" C " \xc3\xb6 <d@x>\n", "To: =?UTF-8?B?w6Q=?= " C " =?UTF-8?B?IMO2?= <d@x>\n"},
		{"To: " C "\"\xc3\xa4\" <d@x>\n", "To: " C " =?UTF-8?B?w6Q=?= <d@x>\n"},
		{"To: \"\xc3\xa4\"" C "\"b\" <d@x>\n", "To: =?UTF-8?B?w6Q=?= " C " =?UTF-8?Q?b?= <d@x>\n"},
		{"To: a\"b\"" C "\"d\"e, \xc3\xa4 <d@x>\n", "To: =?UTF-8?Q?ab?= " C " =?UTF-8?B?ZGUsIMOk?= <d@x>\n"},
		{"To: \"\xc3\xa4\"" C C " <d@x>\n", "To: =?UTF-8?B?w6Q9P3V0Zi04P3E/Yz89PT91dGYtOD9xP2M/PQ==?= <d@x>\n"},
		{"Keywords: \"\xc3\xa4\"" C ", b\n", "Keywords: =?UTF-8?B?w6Q=?= " C ", b\n"},
		{"To: \"b\"" C " <d@x>, \xc3\xa4 <e@x>\n", "To: =?UTF-8?Q?b?= " C " <d@x>, =?UTF-8?B?w6Q=?= <e@x>\n"},
		{"To: \"b\"" C " <d@x>\n", "To: \"b\"" C " <d@x>\n"},
		/* of an empty quoted-string nothing is left, and one space */
		{"To: a \"\"" C " \xc3\xb6 <d@x>\n", "To: a " C " =?UTF-8?B?IMO2?= <d@x>\n"},
		{"To: \xc3\xb6 <d@x>,\n \"\"" C " <e@x>\n", "To: =?UTF-8?B?w7Y=?= <d@x>,\n " C " <e@x>\n"},
		{"To: " C "\"\" a \xc3\xb6 <d@x>\n", "To: " C " a =?UTF-8?B?w7Y=?= <d@x>\n"},
		{"To:\"\"" C "\"\"" C "\"\" <d@x>, \xc3\xb6 <e@x>\n",
		 "To: " C " " C " <d@x>, =?UTF-8?B?w7Y=?= <e@x>\n"},
		{"Keywords: \xc3\xb6, " C "\"\"\n", "Keywords: =?UTF-8?B?w7Y=?= , " C "\n"},
	};
#undef C
	check_rows(rows, ARRAY_SIZE(rows));
}

static void unstructured_text_keeps_its_ascii_words(void **state)
{
	(void)state;
	static const struct row rows[] = {
		/* nothing to encode, whatever else may be wrong */
		{"Subject: plain\r\n", "Subject: plain\r\n"},
		{"no field\n", "no field\n"},
		/* what is no field on its first line becomes none by being unfolded */
		{"no field\xc3\xa4: x\n", "no field??: x\n"},
		{"Subject \n : \xc3\xa4\n", "Subject \n : ??\n"},
		{"Subject: =?utf-8?Q?=C3=A4?=  x\r\n \r\n", "Subject: =?utf-8?Q?=C3=A4?=  x\r\n \r\n"},
		/* the shorter encoding, or Q */
		{"Subject: \xc3\xa4\r\n", "Subject: =?UTF-8?B?w6Q=?=\r\n"},
		{"Subject: na\xc3\xafve\r\n", "Subject: =?UTF-8?B?bmHDr3Zl?=\r\n"},
		{"Subject: a caf\xc3\xa9-concert tonight\r\n", "Subject: a =?UTF-8?Q?caf=C3=A9-concert?= tonight\r\n"},
		{"X-Note: caf\xc3\xa9s(a).=\r\n", "X-Note: =?UTF-8?B?Y2Fmw6lzKGEpLj0=?=\r\n"},
		{"X-Note: caf\xc3\xa9-abcdefghi_(\r\n", "X-Note: =?UTF-8?B?Y2Fmw6ktYWJjZGVmZ2hpXyg=?=\r\n"},
		{"X-Note: caf\xc3\xa9-abcdefghijklmnopqrstuvwxyz=?_(\"\r\n",
		 "X-Note: =?UTF-8?Q?caf=C3=A9-abcdefghijklmnopqrstuvwxyz=3D=3F=5F=28=22?=\r\n"},
		/* white space between two words of ours is encoded, other white space stays as it was */
		{"Subject: \xc3\xa4  \xc3\xb6\r\n", "Subject: =?UTF-8?B?w6QgIMO2?=\r\n"},
		{"Subject: a  \xc3\xa4\tb \r\n", "Subject: a  =?UTF-8?B?w6Q=?=\tb \r\n"},
		{"Subject:\xc3\xa4\r\n", "Subject: =?UTF-8?B?w6Q=?=\r\n"},
		{"Subject:\t\xc3\xa4\r\n", "Subject:\t=?UTF-8?B?w6Q=?=\r\n"},
		{"Subject \t: \xc3\xa4\r\n", "Subject \t: =?UTF-8?B?w6Q=?=\r\n"},
		/* folds stay where they were, and line ends stay as they are in the field */
		{"Subject: a\n \xc3\xa4\n\tb\n", "Subject: a\n =?UTF-8?B?w6Q=?=\n\tb\n"},
		{"Subject:\r\n \xc3\xa4\r\n", "Subject:\r\n =?UTF-8?B?w6Q=?=\r\n"},
		{"Subject: \xc3\xa4\n \xc3\xb6\n", "Subject: =?UTF-8?B?w6Qgw7Y=?=\n"},
		{"Subject: a\r\n \r\n \xc3\xa4\r\n \r\n", "Subject: a \r\n =?UTF-8?B?w6Q=?= \r\n"},
		{"Subject: \xc3\xa4", "Subject: =?UTF-8?B?w6Q=?="},
		{"Sub\rject: \r\xc3\r\xa4\r\r\n", "Subject: =?UTF-8?B?w6Q=?=\r\n"},
		/* encoded-words that were there before mean the same as before */
		{"Subject: =?utf-8?Q?x?= \xc3\xa4 =?utf-8?Q?y?= z\r\n",
		 "Subject: =?utf-8?Q?x?= =?UTF-8?Q?_=C3=A4_?= =?utf-8?Q?y?= z\r\n"},
		{"Subject: =?utf-8?Q?x?=\r\n\t\xc3\xa4\r\n", "Subject: =?utf-8?Q?x?= =?UTF-8?B?CcOk?=\r\n"},
		{"Subject: =?iso-8859-1*de?b?5A==?= a \xc3\xa4\r\n",
		 "Subject: =?iso-8859-1*de?b?5A==?= a =?UTF-8?B?w6Q=?=\r\n"},
		/* nothing in base64 next to base64: readers that join such words stop at padding */
		{"Subject: \xc3\xa4\xc3\xb6 =?utf-8?b?5A==?=\r\n",
		 "Subject: =?UTF-8?Q?=C3=A4=C3=B6_?= =?utf-8?b?5A==?=\r\n"},
		{"Subject: =?x?B?5A==?= \xc3\xa4\xc3\xb6 a\r\n",
		 "Subject: =?x?B?5A==?= =?UTF-8?Q?_=C3=A4=C3=B6?= a\r\n"},
		/* what only looks like an encoded-word does not become one */
		{"Subject: =?utf-8?Q?x \xc3\xa4\r\n", "Subject: =?UTF-8?B?PT91dGYtOD9RP3ggw6Q=?=\r\n"},
		{"Subject: \xc3\xa4=?utf-8?Q?x?=\r\n", "Subject: =?UTF-8?B?w6Q9P3V0Zi04P1E/eD89?=\r\n"},
		{"Subject: =?utf-8?X?x?= \xc3\xa4\r\n", "Subject: =?UTF-8?B?PT91dGYtOD9YP3g/PSDDpA==?=\r\n"},
		/* control characters of a word are encoded with it */
		{"Subject: \xc3\xa4\x1b[1m\r\n", "Subject: =?UTF-8?B?w6QbWzFt?=\r\n"},
		/* unknown fields, and those that look structured */
		{"X-Face: (\xc3\xa4)\r\n", "X-Face: =?UTF-8?B?KMOkKQ==?=\r\n"},
		{"Content-Description: \"\xc3\xa4\"\r\n", "Content-Description: =?UTF-8?B?IsOkIg==?=\r\n"},
		{"Fromage: br\xc3\xa9 <x>\r\n", "Fromage: =?UTF-8?Q?br=C3=A9?= <x>\r\n"},
	};
	check_rows(rows, ARRAY_SIZE(rows));
}

static void names_and_comments_are_encoded_addresses_stay(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"From: J\xc3\xb6rg M\xc3\xbcller <j@x.org>\r\n",
		 "From: =?UTF-8?B?SsO2cmcgTcO8bGxlcg==?= <j@x.org>\r\n"},
		{"from: Peter M\xc3\xbcller <p@x.org>\r\n", "from: Peter =?UTF-8?Q?M=C3=BCller?= <p@x.org>\r\n"},
		{"To: \"M\xc3\xbcller, J.\" <j@x.org>\r\n", "To: =?UTF-8?B?TcO8bGxlciwgSi4=?= <j@x.org>\r\n"},
		{"To: \"a \\\"\xc3\xa4\\\\\" <j@x.org>\r\n", "To: =?UTF-8?B?YSAiw6Rc?= <j@x.org>\r\n"},
		{"To: J. \xc3\xa4 \"K.\" <j@x.org>\r\n", "To: J. =?UTF-8?B?w6Q=?= \"K.\" <j@x.org>\r\n"},
		/* in a phrase, Q leaves fewer characters as they are */
		{"To: \"caf\xc3\xa9-abcdefghijklmnopq.rst\" <j@x.org>\r\n",
		 "To: =?UTF-8?Q?caf=C3=A9-abcdefghijklmnopq=2Erst?= <j@x.org>\r\n"},
		/* an encoded-word touches nothing */
		{"To: \xc3\xa4<j@x.org>,\xc3\xb6<k@x.org>\r\n",
		 "To: =?UTF-8?B?w6Q=?= <j@x.org>, =?UTF-8?B?w7Y=?= <k@x.org>\r\n"},
		{"To: \"a\"\xc3\xa4\"b\" c <j@x.org>\r\n", "To: =?UTF-8?Q?a=C3=A4b?= c <j@x.org>\r\n"},
		/* names that look like addresses */
		{"To: m\xc3\xbcller@x.org <j@x.org>\r\n", "To: =?UTF-8?B?bcO8bGxlckB4Lm9yZw==?= <j@x.org>\r\n"},
		/* groups, empty entries, routes, quoted local parts */
		{"Cc: Gr\xc3\xbc\xc3\x9f"
		 "e: a@x, \xc3\xa4 <b@x>;, c@x\r\n",
		 "Cc: =?UTF-8?B?R3LDvMOfZQ==?= : a@x, =?UTF-8?B?w6Q=?= <b@x>;, c@x\r\n"},
		{"Bcc: \xc3\xa4:;\r\n", "Bcc: =?UTF-8?B?w6Q=?= :;\r\n"},
		{"To: , \xc3\xa4 <@r,@s:\"a b\"@[1.2.3.4]>,,\r\n",
		 "To: , =?UTF-8?B?w6Q=?= <@r,@s:\"a b\"@[1.2.3.4]>,,\r\n"},
		/* comments, nested and escaped, before, inside and after */
		{"Sender: a@x (\xc3\xa4 b)\r\n", "Sender: a@x (=?UTF-8?B?w6Q=?= b)\r\n"},
		{"Sender: (\xc3\xa4\\)b) a (c\xc3\xb6) @x\r\n",
		 "Sender: (=?UTF-8?B?w6QpYg==?=) a (=?UTF-8?B?Y8O2?=) @x\r\n"},
		{"Sender: N <a@x (\xc3\xa4)>(b(\xc3\xb6)\\))\r\n",
		 "Sender: N <a@x (=?UTF-8?B?w6Q=?=)>(b(=?UTF-8?B?w7Y=?=)\\))\r\n"},
		{"Sender: \xc3\xa4(b) <a@x>\r\n", "Sender: =?UTF-8?B?w6Q=?= (b) <a@x>\r\n"},
		/* encoded-words that were there before */
		{"To: =?utf-8?q?a?= \xc3\xa4 <a@x>, =?utf-8?q?b?=\r\n <b@x>\r\n",
		 "To: =?utf-8?q?a?= =?UTF-8?B?IMOk?= <a@x>, =?utf-8?q?b?=\r\n <b@x>\r\n"},
		{"To: \"=?utf-8?q?a?= \xc3\xa4\" <a@x>\r\n", "To: =?UTF-8?B?PT91dGYtOD9xP2E/PSDDpA==?= <a@x>\r\n"},
		{"To: \"=?utf-8?q?a?=\" <b@x>, \xc3\xa4 <a@x>\r\n",
		 "To: \"=?utf-8?q?a?=\" <b@x>, =?UTF-8?B?w6Q=?= <a@x>\r\n"},
		/* a fold inside a name */
		{"To: \"a\r\n \xc3\xa4\" <a@x>\r\n", "To: =?UTF-8?Q?a_=C3=A4?= <a@x>\r\n"},
		{"List-ID: Liste f\xc3\xbcr alle <l.x.org>\r\n",
		 "List-ID: Liste =?UTF-8?Q?f=C3=BCr?= alle <l.x.org>\r\n"},
		{"Keywords: \xc3\xa4pfel, \"a, b\",n\xc3\xbcsse\r\n",
		 "Keywords: =?UTF-8?B?w6RwZmVs?= , \"a, b\", =?UTF-8?B?bsO8c3Nl?=\r\n"},
		{"In-Reply-To: Ihre Nachricht f\xc3\xbcr <a@x>\r\n",
		 "In-Reply-To: Ihre Nachricht =?UTF-8?Q?f=C3=BCr?= <a@x>\r\n"},
		{"Date: 1 Jan 2024 00:00:00 +0100 (Mitteleurop\xc3\xa4isch)\r\n",
		 "Date: 1 Jan 2024 00:00:00 +0100 (=?UTF-8?Q?Mitteleurop=C3=A4isch?=)\r\n"},
		{"Received: from a (\xc3\xa4) by b; x\r\n", "Received: from a (=?UTF-8?B?w6Q=?=) by b; x\r\n"},
		{"List-Post: <mailto:a@x> (\xc3\xa4)\r\n", "List-Post: <mailto:a@x> (=?UTF-8?B?w6Q=?=)\r\n"},
	};
	check_rows(rows, ARRAY_SIZE(rows));
}

#define LONG_UE "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
#define LONG_PC "%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC"

static void parameters_become_extended(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"Content-Type: text/plain; charset=utf-8; name=\"\xc3\xa4 b.txt\"\r\n",
		 "Content-Type: text/plain; charset=utf-8; name*=utf-8''%C3%A4%20b.txt\r\n"},
		{"Content-Disposition: attachment;filename=\xc3\xa4;size=1\r\n",
		 "Content-Disposition: attachment; filename*=utf-8''%C3%A4;size=1\r\n"},
		{"content-disposition: attachment;\r\n\tfilename=\"\xc3\xa4\"\r\n",
		 "content-disposition: attachment;\r\n\tfilename*=utf-8''%C3%A4\r\n"},
		/* other parameters stay as they are, however odd */
		{"Content-Type: a/b; x = \"=?q?\" ; y=a=b;; z; name=\xc3\xa4\r\n",
		 "Content-Type: a/b; x = \"=?q?\" ; y=a=b;; z; name*=utf-8''%C3%A4\r\n"},
		{"Content-Type: a/b (\xc3\xa4); x=y\r\n", "Content-Type: a/b (=?UTF-8?B?w6Q=?=); x=y\r\n"},
		{"Content-Type: a/b; name (c) = \"\\\"\xc3\xa4\\\\\" (d)\r\n",
		 "Content-Type: a/b; name*=utf-8''%22%C3%A4%5C (d)\r\n"},
		/* what has to be encoded: "%", "'", "*", spaces and tspecials */
		{"Content-Type: a/b; name=\"\xc3\xa4%'*()/:;,=?@[]<>\"\r\n",
		 "Content-Type: a/b;\r\n name*=utf-8''%C3%A4%25%27%2A%28%29%2F%3A%3B%2C%3D%3F%40%5B%5D%3C%3E\r\n"},
		/* long ones are divided into sections, between characters */
		{"Content-Disposition: attachment; filename=\"" LONG_UE "\"; a=b\r\n",
		 "Content-Disposition: attachment;\r\n filename*0*=utf-8''" LONG_PC ";\r\n"
		 " filename*1*=%C3%BC%C3%BC%C3%BC; a=b\r\n"},
		/* partly extended before: raw octets in sections, in an extended value, next to one */
		{"Content-Type: a/b; name*1=\"\xc3\xa4.txt\"; x=y; name*0=a\r\n",
		 "Content-Type: a/b; name*=utf-8''a%C3%A4.txt; x=y\r\n"},
		{"Content-Type: a/b; name*0*=utf-8'de'%C3%A4; name*1=\"\xc3\xb6\"\r\n",
		 "Content-Type: a/b; name*=utf-8'de'%C3%A4%C3%B6\r\n"},
		{"Content-Type: a/b; name*=UTF-8''\xc3\xa4%20\r\n", "Content-Type: a/b; name*=utf-8''%C3%A4%20\r\n"},
		{"Content-Type: a/b; name=\"\xc3\xa4\"; NAME*=utf-8''%c3%a4\r\n",
		 "Content-Type: a/b; NAME*=utf-8''%c3%a4\r\n"},
		{"Content-Type: a/b; name*0=a; name*1=b; x=\xc3\xa4\r\n",
		 "Content-Type: a/b; name*0=a; name*1=b; x*=utf-8''%C3%A4\r\n"},
	};
	check_rows(rows, ARRAY_SIZE(rows));
}

static void long_text_is_folded(void **state)
{
	(void)state;
	static const struct row rows[] = {
		/* a name is not divided to fill a line */
		{"To: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.org, \"\xc3\xa4rger m\xc3\xb6glich\" <b@x>\r\n",
		 "To: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.org,\r\n =?UTF-8?B?w6RyZ2VyIG3DtmdsaWNo?= <b@x>\r\n"},
		/* the first line has some of the text; only the last base64 word is padded */
		{"Subject: " LONG_UE LONG_UE "\n",
		 "Subject: =?UTF-8?B?w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8?=\n "
		 "=?UTF-8?B?w7zDvMO8w7zDvMO8?=\n"},
		{"X-A-Name-Of-More-Than-Forty-Octets-For-A-Field: " LONG_UE "\n",
		 "X-A-Name-Of-More-Than-Forty-Octets-For-A-Field:\n =?UTF-8?B?w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8?=\n"},
	};
	check_rows(rows, ARRAY_SIZE(rows));
}

static void domains_become_a_labels(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"cc: a@x.\xc3\xb6rg\r\n", "cc: a@x.xn--rg-eka\r\n"},
		{"From: \xc3\xa4 <a@b\xc3\xbc"
		 "cher.test> (c)\r\n",
		 "From: =?UTF-8?B?w6Q=?= <a@xn--bcher-kva.test> (c)\r\n"},
		{"To: g: a@b\xc3\xbc"
		 "cher.test, b@x.org;\r\n",
		 "To: g: a@xn--bcher-kva.test, b@x.org;\r\n"},
		{"Return-Path: <a@\xc3\xb6rg>\r\n", "Return-Path: <a@xn--rg-eka>\r\n"},
	};
	check_rows(rows, ARRAY_SIZE(rows));
}

/* What only names an address, or stands beside it, is text. */
static void words_beside_an_address_are_encoded(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"To: J\xc3\xb6rg\r\n", "To: =?UTF-8?B?SsO2cmc=?=\r\n"},
		{"From: M\xc3\xbcller, J\xc3\xb6rg <a@x>\r\n", "From: =?UTF-8?B?TcO8bGxlciwgSsO2cmc=?= <a@x>\r\n"},
		{"To: bob, J\xc3\xb6rg <a@x>\r\n", "To: bob, =?UTF-8?B?SsO2cmc=?= <a@x>\r\n"},
		{"To: M\xc3\xbcller, a@x\r\n", "To: =?UTF-8?Q?M=C3=BCller?= , a@x\r\n"},
		{"From: J\xc3\xb6rg M jm@x.org\r\n", "From: =?UTF-8?B?SsO2cmc=?= M jm@x.org\r\n"},
		{"To: N <a@x> \xc3\xb6\r\n", "To: N <a@x> =?UTF-8?B?w7Y=?=\r\n"},
		{"To: a@x \xc3\xb6\r\n", "To: a@x =?UTF-8?B?w7Y=?=\r\n"},
		/* quotes and parentheses that do not end */
		{"To: \"\xc3\xb6 <a@x>\r\n", "To: =?UTF-8?B?IsO2?= <a@x>\r\n"},
		{"To: (\xc3\xb6\r\n", "To: =?UTF-8?B?KMO2?=\r\n"},
		{"Keywords: \xc3\xb6 (\r\n", "Keywords: =?UTF-8?B?w7Y=?= (\r\n"},
		{"Content-Disposition: attachment; filename=Pr\xc3\xbc"
		 "fung (1) 2.pdf; x=y\r\n",
		 "Content-Disposition: attachment;\r\n filename*=utf-8''Pr%C3%BCfung%20%281%29%202.pdf; x=y\r\n"},
		{"Content-Disposition: attachment; filename=\"Pr\xc3\xbc"
		 "fung; 2.pdf\r\n",
		 "Content-Disposition: attachment; filename*=utf-8''Pr%C3%BCfung%3B%202.pdf\r\n"},
		{"Content-Disposition: attachment; filename=\xc3\xa4 (\\\r\n",
		 "Content-Disposition: attachment; filename*=utf-8''%C3%A4%20%28%5C\r\n"},
		{"Content-Type: a/b; name=\xc3\xa4; x=\"y; z\r\n",
		 "Content-Type: a/b; name*=utf-8''%C3%A4; x=\"y; z\r\n"},
		{"Content-Type: a/b; name=\xc3\xa4; (\xc3\xb6 x\r\n",
		 "Content-Type: a/b; name*=utf-8''%C3%A4; (?? x\r\n"},
		{"Content-Type: a/b; x*1*0=\xc3\xa4; x*1*1=b\r\n", "Content-Type: a/b; x*1*0*=utf-8''%C3%A4b\r\n"},
		{"Content-Type: a/b; name==\xc3\xa4\r\n", "Content-Type: a/b; name*=utf-8''%3D%C3%A4\r\n"},
		{"Content-Type: a/b; name*=\xc3\xa4\r\n", "Content-Type: a/b; name*=utf-8''%C3%A4\r\n"},
		{"Content-Type: a/b; name*=iso-8859-1''\xe4\r\n", "Content-Type: a/b; name*=iso-8859-1''%E4\r\n"},
	};
	check_rows(rows, ARRAY_SIZE(rows));
}

static void octets_that_are_not_utf_8_are_encoded_too(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"Subject: gr\xfc\xdf"
		 "e\r\n",
		 "Subject: =?unknown-8bit?B?Z3L832U=?=\r\n"},
		{"Subject: \xc3\r\n", "Subject: =?unknown-8bit?Q?=C3?=\r\n"},
		{"Subject: \xed\xa0\x80\r\n", "Subject: =?unknown-8bit?B?7aCA?=\r\n"},
		{"From: \"J\xf6rg M\" <a@x>\r\n", "From: =?unknown-8bit?Q?J=F6rg_M?= <a@x>\r\n"},
		{"From: a@x (J\xf6rg)\r\n", "From: a@x (=?unknown-8bit?Q?J=F6rg?=)\r\n"},
		/* of two words, each in its own charset */
		{"Subject: \xe4 x \xc3\xa4\r\n", "Subject: =?unknown-8bit?Q?=E4?= x =?UTF-8?B?w6Q=?=\r\n"},
		{"Content-Type: a/b; name=\"\xe4.txt\"\r\n", "Content-Type: a/b; name*=unknown-8bit''%E4.txt\r\n"},
	};
	check_rows(rows, ARRAY_SIZE(rows));
}

static void nothing_but_an_address_stops_a_message(void **state)
{
	(void)state;
	static const struct {
		const char *in, *seven, *eightbit; /* NULL: as it is */
	} rows[] = {
		{"Message-ID: <\xc3\xb6@x>\r\n",
		 "Message-ID: <?"
		 "?@x>\r\n",
		 NULL},
		{"References: <a@x> <\xc3\xb6@x>\r\n",
		 "References: <a@x> <?"
		 "?@x>\r\n",
		 NULL},
		{"In-Reply-To: \xc3\xa4 <\xc3\xb6@x>\r\n",
		 "In-Reply-To: =?UTF-8?B?w6Q=?= <?"
		 "?@x>\r\n",
		 "In-Reply-To: =?UTF-8?B?w6Q=?= <\xc3\xb6@x>\r\n"},
		{"Date: 1 J\xc3\xa4n 2024\r\n",
		 "Date: 1 J?"
		 "?n 2024\r\n",
		 NULL},
		{"Received: from \xc3\xa4 (\xc3\xa4) by b; x\r\n",
		 "Received: from ?"
		 "? (=?UTF-8?B?w6Q=?=) by b; x\r\n",
		 "Received: from \xc3\xa4 (=?UTF-8?B?w6Q=?=) by b; x\r\n"},
		{"Received: from \xe4 by b\r\n", "Received: from ? by b\r\n", NULL},
		{"Return-Path: <j\xc3\xb6rg@x.org>\r\n",
		 "Return-Path: <j?"
		 "?rg@x.org>\r\n",
		 NULL},
		{"Delivered-To: j\xc3\xb6rg@x.org\r\n",
		 "Delivered-To: j?"
		 "?rg@x.org\r\n",
		 NULL},
		{"DKIM-Signature: a=(\xc3\xa4)\r\n",
		 "DKIM-Signature: a=(?"
		 "?)\r\n",
		 NULL},
		{"ARC-Seal: (\xc3\xa4)\r\n",
		 "ARC-Seal: (?"
		 "?)\r\n",
		 NULL},
		{"List-ID: \xc3\xa4 <\xc3\xa4.x>\r\n",
		 "List-ID: =?UTF-8?B?w6Q=?= <?"
		 "?.x>\r\n",
		 "List-ID: =?UTF-8?B?w6Q=?= <\xc3\xa4.x>\r\n"},
		{"List-Post: <mailto:\xc3\xa4@x>\r\n", "List-Post: <mailto:%C3%A4@x>\r\n",
		 "List-Post: <mailto:%C3%A4@x>\r\n"},
		{"Content-Type: text/\xc3\xa4; charset=x\r\n",
		 "Content-Type: text/?"
		 "?; charset=x\r\n",
		 NULL},
		{"Content-Type: a/b; \xc3\xa4=b; name=\xc3\xa4\r\n",
		 "Content-Type: a/b; ?"
		 "?=b; name*=utf-8''%C3%A4\r\n",
		 "Content-Type: a/b; \xc3\xa4=b; name*=utf-8''%C3%A4\r\n"},
		{"Content-Type: a/b; name=\"\xc3\xa4\r\n", "Content-Type: a/b; name*=utf-8''%C3%A4\r\n",
		 "Content-Type: a/b; name*=utf-8''%C3%A4\r\n"},
		{"Content-Type: a/b; name=b; (\xc3\xa4\r\n",
		 "Content-Type: a/b; name=b; (?"
		 "?\r\n",
		 NULL},
		{"Content-Type: a/b; name*1=\xc3\xa4; name*1=b\r\n",
		 "Content-Type: a/b; name*1=?"
		 "?; name*1=b\r\n",
		 NULL},
		{"To: (\xc3\xb6\\)\r\n", "To: =?UTF-8?B?KMO2XCk=?=\r\n", "To: =?UTF-8?B?KMO2XCk=?=\r\n"},
		{"S\xc3\xbc"
		 "bject: x\r\n",
		 "S?"
		 "?bject: x\r\n",
		 NULL},
		{"no field \xc3\xa4\r\n",
		 "no field ?"
		 "?\r\n",
		 NULL},
		{"Bad: \xc3\xa4\n not folded\nX\xc3\xa4\n",
		 "Bad: =?UTF-8?B?w6Q=?=\n not folded\nX?"
		 "?\n",
		 "Bad: =?UTF-8?B?w6Q=?=\n not folded\nX\xc3\xa4\n"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (int eightbit = 0; eightbit < 2; eightbit++) {
			const struct header_encoding to = {.eightbit = eightbit, .domain_to_ascii = idn_to_ascii};
			AUTO(strbuf) out = STRBUF_INIT;
			AUTO(error) err = ERROR_INIT;
			bool changed;
			const char *want = !eightbit ? rows[i].seven : rows[i].eightbit ? rows[i].eightbit : rows[i].in;
			if (!header_encode_block(span_of(rows[i].in), &to, &changed, &out, &err))
				fail_msg("%s was refused: %s", rows[i].in, err.status.text);
			assert_string_equal(out.buf, want);
			assert_false(header_needs_utf8(span_of(rows[i].in), &to));
		}
	}
}

static void addresses_without_an_ascii_form_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *in, *text, *hint;
		bool stays; /* where 8-bit text is accepted, since it is not UTF-8 */
	} rows[] = {
		{"To: a@x, j\xc3\xb6rg@x.org\r\n",
		 "the field To contains an address whose local part is not ASCII (j\xc3\xb6rg)", "SMTPUTF8", false},
		{"To: N <j\xc3\xb6rg@x.org>\r\n", "local part", "SMTPUTF8", false},
		{"To: \"\xc3\xb6\"@x.org\r\n", "local part", "SMTPUTF8", false},
		{"To: a.\"\xc3\xb6\"@x.org\r\n", "local part", "SMTPUTF8", false},
		{"To: <j\xc3\xb6rg>\r\n", "local part", "SMTPUTF8", false},
		{"To: <@r,@s:j\xc3\xb6rg@x>\r\n", "local part", "SMTPUTF8", false},
		{"To: \xc3\xa4: j\xc3\xb6rg@x;\r\n", "local part", "SMTPUTF8", false},
		{"To: \"(, <j\xc3\xb6rg@x>\r\n", "local part", "SMTPUTF8", false},
		{"Resent-To: j\xc3\xb6rg@x\r\n", "local part", "SMTPUTF8", false},
		{"Disposition-Notification-To: j\xc3\xb6rg@x\r\n", "local part", "SMTPUTF8", false},
		{"cc: a@x..\xc3\xb6rg\r\n",
		 "the field cc contains an address whose domain is not ASCII (x..\xc3\xb6rg)", "xn--", false},
		{"To: j\xf6rg@x.org\r\n", "local part", "SMTPUTF8", true},
		{"To: a@x.\xf6rg\r\n", "domain", "xn--", true},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct header_encoding eightbit = {.eightbit = true, .domain_to_ascii = idn_to_ascii};
		AUTO(strbuf) out = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		bool changed = true;
		strbuf_adds(&out, "before");
		if (header_encode_field(span_of(rows[i].in), how, &out, &err))
			fail_msg("%s was taken: %s", rows[i].in, out.buf);
		assert_int_equal(err.status.kind, ERROR_MESSAGE);
		if (!strstr(err.status.text, rows[i].text) || !err.status.hint ||
		    !strstr(err.status.hint, rows[i].hint))
			fail_msg("%s: %s (%s)", rows[i].in, err.status.text, err.status.hint);
		assert_string_equal(out.buf, "before");
		assert_false(header_encode_field(span_of(rows[i].in), how, &out, NULL));
		assert_false(header_encode_block(span_of(rows[i].in), how, &changed, &out, NULL));
		assert_string_equal(out.buf, "before");
		assert_true(changed);
		assert_int_equal(header_needs_utf8(span_of(rows[i].in), how), !rows[i].stays);
		assert_int_equal(header_encode_field(span_of(rows[i].in), &eightbit, &out, NULL), rows[i].stays);
		if (rows[i].stays)
			assert_string_equal(out.buf + strlen("before"), rows[i].in);
	}
}

/* However long the name of a parameter is, and its value. */
static void output_is_a_small_multiple_of_the_input(void **state)
{
	(void)state;
	static const size_t names[] = {1, 20, 30, 31, 50, 51, 75, 400, 401, 2000, 30000};
	static const char *const units[] = {"v",    "\xc3\xa9",	 "\xe6\x97\xa5", "\xf0\x9f\x93\xa7",
					    "\xe9", "\xc3\xa9;", "\xc3\xa9, "};
	static const char *const heads[] = {"Content-Disposition: attachment; ", "Subject: ", "To: (", "Keywords: "};
	for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
		for (size_t k = 0; k < ARRAY_SIZE(units) * ARRAY_SIZE(heads); k++) {
			AUTO(strbuf) in = STRBUF_INIT;
			AUTO(strbuf) out = STRBUF_INIT;
			strbuf_adds(&in, heads[k % ARRAY_SIZE(heads)]);
			for (size_t i = 0; i < names[n]; i++)
				strbuf_addch(&in, 'n');
			strbuf_adds(&in, "=\"");
			for (size_t i = 0; i < 30000; i++)
				strbuf_adds(&in, units[k / ARRAY_SIZE(heads)]);
			strbuf_adds(&in, "\xc3\xa9\"\r\n");
			assert_true(header_encode_field(strbuf_span(&in), how, &out, NULL));
			if (out.len > 12 * in.len)
				fail_msg("name of %zu, row %zu: %zu octets became %zu", names[n], k, in.len, out.len);
			assert_true(utf8_is_ascii(strbuf_span(&out)));
		}
	}
}

/* Checks the longest line and the longest encoded-word of a field, and that it is ASCII and one field. */
static void check_shape(struct span field, size_t line_max)
{
	for (struct span rest = field, line; span_split(&rest, '\n', &line);) {
		assert_true(utf8_is_ascii(line));
		if (line.len > line_max)
			fail_msg("a line of %zu octets: %.*s", line.len, SPAN_FMT(line));
		assert_true(!line.len || line.ptr == field.ptr || ascii_isblank(*line.ptr));
		for (struct span words = line, word; (word = span_word(&words)).len;)
			if (word.len > ENCODED_WORD_MAX && memmem(word.ptr, word.len, "=?", 2))
				fail_msg("an encoded-word of %zu octets", word.len);
	}
}

/* For every length of text before, inside and after. */
static void lines_keep_their_limit_at_every_length(void **state)
{
	(void)state;
	static const char *const shapes[][3] = {
		{"Subject: ", "\xc3\xa4", " end"},
		{"Subject: a ", "\xf0\x9f\x93\xa7 x ", "end =?utf-8?Q?x?="},
		{"To: a@x.org, \"", "\xe6\x97\xa5\xe6\x9c\xac", "\" <b@x.org>, c@x.org"},
		{"To: a@x.org (", "\xc3\xa4 b", "), d@x.org"},
		{"Keywords: a, ", "\xc3\xa4 ", ", b, c"},
		{"Content-Type: a/b; x=y; name=\"", "\xe6\x97\xa5 .", "\"; z=aaaaaaaaaaaaaaa; y=b"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		for (size_t n = 1; n < 120; n++) {
			AUTO(strbuf) in = STRBUF_INIT;
			AUTO(strbuf) out = STRBUF_INIT;
			strbuf_adds(&in, shapes[i][0]);
			for (size_t k = 0; k < n; k++)
				strbuf_adds(&in, shapes[i][1]);
			strbuf_adds(&in, shapes[i][2]);
			strbuf_adds(&in, "\n");
			assert_true(header_encode_field(strbuf_span(&in), how, &out, NULL));
			check_shape(strbuf_span(&out), 76);
		}
	}
}

/* Fields without a space to fold at get some where they mean nothing. */
static void lines_end_at_commas_and_comments(void **state)
{
	(void)state;
	static const char *const units[] = {"a@\xc3\xa4.example,", "\xc3\xa4<a@x.example>,", "(\xc3\xa4)",
					    "a@\xc3\xa4.example(\xc3\xa4),", "\"\xc3\xa4\"<a@\xc3\xa4.example>,"};
	static const char *const names[] = {"To: ", "Resent-Cc: ", "Received: ", "Keywords: "};
	for (size_t i = 0; i < ARRAY_SIZE(units) * ARRAY_SIZE(names); i++) {
		AUTO(strbuf) in = STRBUF_INIT;
		AUTO(strbuf) out = STRBUF_INIT;
		const char *name = names[i / ARRAY_SIZE(units)];
		bool comment = units[i % ARRAY_SIZE(units)][0] == '(';
		if (!comment && i >= 2 * ARRAY_SIZE(units))
			continue;
		strbuf_adds(&in, name);
		for (size_t n = 0; n < 100; n++)
			strbuf_adds(&in, units[i % ARRAY_SIZE(units)]);
		strbuf_adds(&in, "\n");
		assert_true(header_encode_field(strbuf_span(&in), how, &out, NULL));
		check_shape(strbuf_span(&out), 76);
		assert_null(memchr(out.buf, '?', strlen(name)));
		assert_true(comment || strstr(out.buf, "xn--4ca.example") || strstr(out.buf, "<a@x.example>"));
	}
}

/* Text that cannot be folded is encoded. Where that is impossible, the field is not parsed. */
static void no_line_becomes_longer_than_998(void **state)
{
	(void)state;
	static const struct {
		const char *before, *after;
		bool ok;
	} rows[] = {
		{"Subject: \xc3\xa4 ", "\r\n", true},
		{"To: \xc3\xa4 ", " <a@x>\r\n", true},
		{"To: \xc3\xa4 \"", "\" <a@x>\r\n", true},
		{"To: (\xc3\xa4 ", ") a@x\r\n", true},
		{"To: \xc3\xa4 <a", "@x>\r\n", false},
		{"Content-Type: a/b; x=\xc3\xa4; name=", "\r\n", false},
		{"Content-Type: a/b; name=\xc3\xa4", "\r\n", true},
		{"Content-Type: a/b; name", "=\xc3\xa4\r\n", false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) in = STRBUF_INIT;
		AUTO(strbuf) out = STRBUF_INIT;
		strbuf_adds(&in, rows[i].before);
		for (size_t k = 0; k < 1200; k++)
			strbuf_addch(&in, 'a');
		strbuf_adds(&in, rows[i].after);
		assert_true(header_encode_field(strbuf_span(&in), how, &out, NULL));
		if (rows[i].ok)
			check_shape(strbuf_span(&out), 999);
		else /* it was too long before */
			assert_true(out.len >= in.len && out.len < in.len + 50);
		assert_true(utf8_is_ascii(strbuf_span(&out)));
	}
}

static void a_field_that_is_too_long_is_not_parsed(void **state)
{
	(void)state;
	static const char head[] = "Subject: \xc3\xa4";
	for (size_t over = 0; over < 2; over++) {
		AUTO(strbuf) in = STRBUF_INIT;
		AUTO(strbuf) out = STRBUF_INIT;
		strbuf_adds(&in, head);
		while (in.len < HEADER_ENCODE_FIELD_MAX + over)
			strbuf_addch(&in, in.len % 8 ? 'a' : ' ');
		assert_true(header_encode_field(strbuf_span(&in), how, &out, NULL));
		if (over)
			assert_memory_equal(out.buf,
					    "Subject: ?"
					    "?",
					    11);
		else
			check_shape(strbuf_span(&out), 76);
	}
}

static void a_block_changes_only_what_must(void **state)
{
	(void)state;
	static const struct {
		const char *in, *want;
		bool changed;
	} rows[] = {
		{"", "", false},
		{"\r\n", "\r\n", false},
		{"A: x\n y\r\nodd line\nB :z\n", "A: x\n y\r\nodd line\nB :z\n", false},
		{"A: x\r\nSubject: \xc3\xa4\r\nB:  y \r\n\r\n", "A: x\r\nSubject: =?UTF-8?B?w6Q=?=\r\nB:  y \r\n\r\n",
		 true},
		{"A: x\nSubject: \xc3\xa4\n\nbody \xc3\xa4\n", "A: x\nSubject: =?UTF-8?B?w6Q=?=\n\nbody \xc3\xa4\n",
		 true},
		{"Subject: \xc3\xa4\n b\nSubject: c\r\nSubject: \xc3\xa4",
		 "Subject: =?UTF-8?B?w6Q=?=\n b\nSubject: c\r\nSubject: =?UTF-8?B?w6Q=?=", true},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		AUTO(strbuf) again = STRBUF_INIT;
		bool changed = !rows[i].changed;
		assert_true(header_encode_block(span_of(rows[i].in), how, &changed, &out, NULL));
		assert_span(strbuf_span(&out), span_of(rows[i].want));
		assert_int_equal(changed, rows[i].changed);
		if (utf8_is_ascii(strbuf_span(&out))) {
			assert_true(header_encode_block(strbuf_span(&out), how, &changed, &again, NULL));
			assert_span(strbuf_span(&again), strbuf_span(&out));
			assert_false(changed);
		}
	}
}

static void encoded_words_are_recognized(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool is;
	} rows[] = {
		{"=?utf-8?Q?x?=", true},
		{"=?x?b?AA==?=", true},
		{"=?utf-8*en?q?_?=", true},
		{"=?a?Q?=?=", true},
		{"", false},
		{"=?=", false},
		{"=?"
		 "?=",
		 false},
		{"=?utf-8?Q?"
		 "?=",
		 false},
		{"=?utf-8?Q?x?= ", false},
		{"=?utf-8?Q?a b?=", false},
		{"=?utf-8?Q?a?b?=", false},
		{"=?utf-8?QB?x?=", false},
		{"=?utf-8?C?x?=", false},
		{"=??Q?x?=", false},
		{"=?u(f?Q?x?=", false},
		{"=?utf-8?Q?\xc3\xa4?=", false},
		{"=?utf-8?Q?x", false},
		{"x=?utf-8?Q?x?=", false},
		{"=?utf-8?x?=", false},
	};
	assert_true(encoded_word_is_base64(SPAN_LIT("=?utf-8?b?AA==?=")));
	assert_true(encoded_word_is_base64(SPAN_LIT("=?B?B?AA==?=")));
	assert_false(encoded_word_is_base64(SPAN_LIT("=?B?Q?AA==?=")));
	assert_false(encoded_word_is_base64(SPAN_LIT("=?B?B?AA==")));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (encoded_word_is(span_of(rows[i].text)) != rows[i].is)
			fail_msg("%s", rows[i].text);
	assert_false(encoded_word_is(span_make("=?a?\0?x?=", 9)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fold_within_a_quoted_pair_is_none),
		cmocka_unit_test(encoded_words_that_were_there_are_kept_apart),
		cmocka_unit_test(unstructured_text_keeps_its_ascii_words),
		cmocka_unit_test(names_and_comments_are_encoded_addresses_stay),
		cmocka_unit_test(parameters_become_extended),
		cmocka_unit_test(long_text_is_folded),
		cmocka_unit_test(domains_become_a_labels),
		cmocka_unit_test(words_beside_an_address_are_encoded),
		cmocka_unit_test(octets_that_are_not_utf_8_are_encoded_too),
		cmocka_unit_test(nothing_but_an_address_stops_a_message),
		cmocka_unit_test(addresses_without_an_ascii_form_are_refused),
		cmocka_unit_test(output_is_a_small_multiple_of_the_input),
		cmocka_unit_test(lines_keep_their_limit_at_every_length),
		cmocka_unit_test(lines_end_at_commas_and_comments),
		cmocka_unit_test(no_line_becomes_longer_than_998),
		cmocka_unit_test(a_field_that_is_too_long_is_not_parsed),
		cmocka_unit_test(a_block_changes_only_what_must),
		cmocka_unit_test(encoded_words_are_recognized),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
