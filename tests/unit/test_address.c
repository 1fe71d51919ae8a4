/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#define ROW(text, ...)                    \
	{                                 \
		{text, sizeof(text) - 1}, \
		{                         \
			__VA_ARGS__       \
		}                         \
	}

/* Text, then pairs of name and address. */
static const struct {
	struct span text;
	const char *want[9];
} good[] = {
	ROW("", NULL),
	ROW(" , ,\t, ", NULL),
	ROW("root", NULL, "root"),
	ROW("a@b.org", NULL, "a@b.org"),
	ROW("a@b.org,c@d.org ,, e", NULL, "a@b.org", NULL, "c@d.org", NULL, "e"),
	ROW("Joe <a@b.org>", "Joe", "a@b.org"),
	ROW("<a@b.org>", NULL, "a@b.org"),
	ROW("Joe  Q.\tPublic <a@b.org>", "Joe Q. Public", "a@b.org"),
	ROW("\"Public, Joe \\\"Q\\\"\" <a@b.org>, x", "Public, Joe \"Q\"", "a@b.org", NULL, "x"),
	ROW("\"Joe\" \"Q.\" Public <a@b.org>", "Joe Q. Public", "a@b.org"),
	ROW("=?UTF-8?Q?J=C3=B6?= <a@b.org>", "=?UTF-8?Q?J=C3=B6?=", "a@b.org"),
	ROW("J\xc3\xb6 <j\xc3\xb6@b\xc3\xbc.org>", "J\xc3\xb6", "j\xc3\xb6@b\xc3\xbc.org"),
	ROW("J\xf6 <a@b.org>", "J\xf6", "a@b.org"),
	ROW("[List] x <a@b.org>", "[List] x", "a@b.org"),
	ROW("a@b.org <a@b.org>", "a@b.org", "a@b.org"),
	ROW("\"a\001\tb\" <c@d>", "a  b", "c@d"),
	ROW("\"\" <a@b>", NULL, "a@b"),
	/* characters that must be quoted in a name, and are not */
	ROW("Wiki :: blog <a@b>, c@d", ": blog", "a@b", NULL, "c@d"),
	ROW(": x <a@b>", ": x", "a@b"),
	ROW("Team: a: b <c@d>, e: f <g@h>;", "a: b", "c@d", "e: f", "g@h"),
	ROW("Doe \\ Roe > x) y <a@b>", "Doe \\ Roe > x) y", "a@b"),
	/* too many brackets */
	ROW("<<a@b>>", NULL, "a@b"),
	ROW("Joe < <a@b> , <<c@d>, e <f@g>>", "Joe", "a@b", NULL, "c@d", "e", "f@g"),
	ROW("<<>>", NULL, ""),
	/* comments and white space */
	ROW("(x) a (y) @ (z) b (1) . (2) org (3)", NULL, "a@b.org"),
	ROW("a@b (a (nested \\) one) here)", NULL, "a@b"),
	ROW("Joe (x) Y<(c)a@b(d)>(e)", "Joe Y", "a@b"),
	ROW("a . b @ c . org", NULL, "a.b@c.org"),
	ROW("a@b,\r\n c@d\r\n\t", NULL, "a@b", NULL, "c@d"),
	ROW("Joe\r\n Public <a@b>", "Joe Public", "a@b"),
	ROW("\"Joe\r\n Public\" <a@b>", "Joe Public", "a@b"),
	/* local parts */
	ROW("\"a b\"@c", NULL, "\"a b\"@c"),
	ROW("\"ab\"@c", NULL, "ab@c"),
	ROW("\"a\".b@c", NULL, "a.b@c"),
	ROW("\"a@b\"@c", NULL, "\"a@b\"@c"),
	ROW("\"a\\\"\\\\b\"@c", NULL, "\"a\\\"\\\\b\"@c"),
	ROW("<\"a b\"@c>", NULL, "\"a b\"@c"),
	ROW("\"<>\"", NULL, "\"<>\""),
	ROW("a..b@c, .a@c, a.@c", NULL, "\"a..b\"@c", NULL, "\".a\"@c", NULL, "\"a.\"@c"),
	ROW("a+b=c/d{e}|~'*!#$%^&`?-_@c", NULL, "a+b=c/d{e}|~'*!#$%^&`?-_@c"),
	/* domains */
	ROW("a@[192.0.2.1]", NULL, "a@[192.0.2.1]"),
	ROW("a@[IPv6:2001:db8::1]", NULL, "a@[IPv6:2001:db8::1]"),
	ROW("a@b.org.", NULL, "a@b.org"),
	ROW("<@x.org,@y.org:a@b.org>", NULL, "a@b.org"),
	ROW("<@x.org, , @[1.2.3.4] : a@b.org>", NULL, "a@b.org"),
	/* null address and groups */
	ROW("<>", NULL, ""),
	ROW("< (nobody) >", NULL, ""),
	ROW("undisclosed-recipients:;", NULL),
	ROW("undisclosed-recipients:", NULL),
	ROW("Some people: a@b, Joe <c@d>,;, e@f", NULL, "a@b", "Joe", "c@d", NULL, "e@f"),
	ROW("\"A, B\": a@b;", NULL, "a@b"),
	ROW(":;", NULL),
};

static void addresses_are_found_in_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		AUTO(mailbox_list) list = MAILBOX_LIST_INIT;
		AUTO(error) err = ERROR_INIT;
		if (!address_list_parse(good[i].text, &list, &err))
			fail_msg("%s: %s", good[i].text.ptr, err.status.text);
		size_t n = 0;
		for (; good[i].want[2 * n + 1]; n++) {
			assert_true(n < list.n);
			assert_string_equal(list.v[n].addr, good[i].want[2 * n + 1]);
			assert_int_equal(list.v[n].name == NULL, good[i].want[2 * n] == NULL);
			if (list.v[n].name)
				assert_string_equal(list.v[n].name, good[i].want[2 * n]);
		}
		assert_int_equal(list.n, n);
	}
}

static const struct {
	struct span text;
	const char *named; /* the text of the error contains it */
} bad[] = {
#define BAD(text, named)                        \
	{                                       \
		{text, sizeof(text) - 1}, named \
	}
	BAD("a\001@b", "control character"),
	BAD("a@b\177", "control character"),
	BAD("\"a\001\"@b", "control character"),
	BAD("a\xc2\x85@b", "control character"),
	/* injection */
	BAD("a@b\nRCPT TO:<x@y>", "line end"),
	BAD("a@b\r\nRCPT TO:<x@y>", "line end"),
	BAD("a@b\n c@d", "line end"),
	BAD("a@b\r c@d", "line end"),
	BAD("a@b\0c", "NUL"),
	BAD("\"a\r\n\" <b@c>", "line end"),
	BAD("\"a\\\rb\" <b@c>", "line end"),
	BAD("(\n) b@c", "line end"),
	BAD("\"a\\\0\"@c", "NUL"),
	BAD("a@b>\r\nRCPT TO:<x@y", "line end"),
};

static void errors_name_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO(mailbox_list) list = MAILBOX_LIST_INIT;
		AUTO(error) err = ERROR_INIT;
		if (address_list_parse(bad[i].text, &list, &err))
			fail_msg("accepted: %s", bad[i].text.ptr);
		assert_int_equal(err.status.kind, ERROR_ADDRESS);
		if (!strstr(err.status.text, bad[i].named))
			fail_msg("\"%s\" does not say \"%s\"", err.status.text, bad[i].named);
		for (const char *p = err.status.text; *p; p++)
			assert_false(ascii_iscntrl(*p));
	}
}

/* What is between separators is an entry of its own: "!" begins the text of one that is refused. */
static const struct {
	struct span text;
	const char *want[6];
} lenient[] = {
#define SOME(text, ...)                   \
	{                                 \
		{text, sizeof(text) - 1}, \
		{                         \
			__VA_ARGS__       \
		}                         \
	}
	/* separators */
	SOME("a@b; c@d", "a@b", "c@d"),
	SOME("a@b;", "a@b"),
	SOME(";", NULL),
	SOME(" ; ;; ", NULL),
	SOME("a@b;c@d;e@f;", "a@b", "c@d", "e@f"),
	SOME("\"Doe, John\" <j@y>; \"Roe, Jane\" <r@y>", "j@y", "r@y"),
	SOME("a@b c@d", "a@b", "c@d"),
	SOME("a@b\tc@d  e@f", "a@b", "c@d", "e@f"),
	SOME("<a@b> <c@d>", "a@b", "c@d"),
	SOME("<a@b><c@d>", "a@b", "c@d"),
	SOME("Joe <a@b> Jane Doe <c@d>, e@f", "a@b", "c@d", "e@f"),
	SOME("a@b Joe <c@d>", "a@b", "c@d"),
	SOME("g:a@b; c@d", "a@b", "c@d"),
	SOME("A:a@b;B:c@d", "a@b", "c@d"),
	SOME("A:a@b;; c@d", "a@b", "c@d"),
	SOME("g:a@b", "a@b"),
	SOME("g:a@b, c@d", "a@b", "c@d"),
	/* white space and line ends around the list */
	SOME("a@b\r\n", "a@b"),
	SOME("a@b\r", "a@b"),
	SOME("a@b\n", "a@b"),
	SOME("\n\t a@b , \r\n", "a@b"),
	/* a phrase, a scheme, a comment */
	SOME("Joe a@b", "a@b"),
	SOME("\"Joe\" a@b", "a@b"),
	SOME("Joe Q. Public a@b, c@d", "a@b", "c@d"),
	SOME("a@b (Joe)", "a@b"),
	SOME("mailto:a@b", "a@b"),
	SOME("MAILTO: a@b, mailto:c@d", "a@b", "c@d"),
	SOME("<mailto:a@b>", "a@b"),
	SOME("Joe <mailto:a@b>", "a@b"),
	/* nothing */
	SOME("Undisclosed recipients", NULL),
	SOME("undisclosed-recipients", NULL),
	SOME("undisclosed-recipients;", NULL),
	SOME("undisclosed-recipients;;", NULL),
	SOME("Undisclosed Recipients:;", NULL),
	SOME("UNDISCLOSED_RECIPIENT: ;, a@b", "a@b"),
	SOME("\"undisclosed-recipients\"", NULL),
	SOME("\"Undisclosed recipients\" <>", ""),
	SOME("undisclosed", "undisclosed"),
	/* refused */
	SOME("a b", "!a b"),
	SOME("a@b.org c", "a@b.org", "!c"),
	SOME("<a@b> c", "a@b", "!c"),
	SOME("ok@x, joe doe, fine@x", "ok@x", "!joe doe", "fine@x"),
	SOME("a@, c@d", "!a@", "c@d"),
	SOME("@b, c@d", "!@b", "c@d"),
	SOME("a@b@c, c@d", "!a@b@c", "c@d"),
	SOME("c@d; a@b@c; e@f", "c@d", "!a@b@c", "e@f"),
	SOME("a@.b", "!a@.b"),
	SOME("a@b..c", "!a@b..c"),
	SOME("\"\"@b", "!\"\"@b"),
	SOME("\"a\"b@c", "!\"a\"b@c"),
	SOME("a@[1.2.3.4, c@d", "!a@[1.2.3.4", "c@d"),
	SOME("a@[]", "!a@[]"),
	SOME("a@[1\\2]", "!a@[1\\2]"),
	SOME("[x]@b", "![x]@b"),
	SOME("a\\@b, c@d", "!a\\@b", "c@d"),
	SOME("\\root, c@d", "!\\root", "c@d"),
	SOME(":include:x, c@d", "!:include:x", "c@d"),
	SOME("<a>: b@c, d@e", "a", "!<a>: b@c", "d@e"),
	SOME("<a>@b, d@e", "a", "!<a>@b", "d@e"),
	SOME("g: a@b; : c@d", "a@b", "!: c@d"),
	SOME("John <a@b", "!John <a@b"),
	SOME("John <a@b, c@d", "!John <a@b", "c@d"),
	SOME("<a b@c>, c@d", "!<a b@c>", "c@d"),
	SOME("<x<a@b>>, c@d", "!<x<a@b>>", "c@d"),
	SOME("<@x>, c@d", "!<@x>", "c@d"),
	SOME("<@x:>", "!<@x:>"),
	SOME("a>, c@d", "!a>", "c@d"),
	SOME("(a@b, c@d", "!(a@b", "c@d"),
	SOME("\"a@b, c@d", "!\"a@b", "c@d"),
	SOME("c@d, \"a\\", "c@d", "!\"a\\"),
	SOME("g:h:a@b;, c@d", "!h:a@b", "c@d"),
	SOME("a@b:c, c@d", "!a@b:c", "c@d"),
	SOME("\xff@b, c@d", "!?@b", "c@d"),
	SOME("c@d, a@\xc3", "c@d", "!a@?"),
};

static void each_entry_is_read_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lenient); i++) {
		AUTO(mailbox_list) list = MAILBOX_LIST_INIT;
		AUTO(error) err = ERROR_INIT;
		if (!address_list_parse(lenient[i].text, &list, &err))
			fail_msg("%s: %s", lenient[i].text.ptr, err.status.text);
		size_t n = 0;
		for (const char *const *want = lenient[i].want; *want; want++, n++) {
			bool refused = **want == '!';
			if (n >= list.n)
				fail_msg("%s: %s is missing", lenient[i].text.ptr, *want);
			if (refused != (list.v[n].refused != NULL) || strcmp(list.v[n].addr, *want + refused) != 0)
				fail_msg("%s: got %s%s (%s), want %s", lenient[i].text.ptr,
					 list.v[n].refused ? "!" : "", list.v[n].addr,
					 list.v[n].refused ? list.v[n].refused : "", *want);
		}
		if (n != list.n)
			fail_msg("%s: also %s", lenient[i].text.ptr, list.v[n].addr);
	}
}

static void a_refused_entry_says_what_is_wrong(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"a@", "domain"},
		{"@b", "nothing before"},
		{"a@b@c", "more than one"},
		{"a@[1", "]"},
		{"<a@b", ">"},
		{"<a@b,c@d>", "unexpected"},
		{"(a", ")"},
		{"\"a", "quotation mark"},
		{"a b", "words"},
		{"a\\b", "quoted"},
		{"a@b:c", ":"},
		{"g:h:a@b;", "group"},
		{"a@\xff", "UTF-8"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(mailbox_list) list = MAILBOX_LIST_INIT;
		assert_true(address_list_parse(span_of(rows[i][0]), &list, NULL));
		assert_true(list.n > 0);
		if (!list.v[0].refused || !strstr(list.v[0].refused, rows[i][1]))
			fail_msg("%s: %s", rows[i][0], list.v[0].refused ? list.v[0].refused : "accepted");
	}
}

static void repeat(struct strbuf *sb, const char *unit, size_t total)
{
	while (sb->len < total)
		strbuf_adds(sb, unit);
}

/* Quadratic time for any of these would be noticed. */
static void mebibytes_of_anything_are_read_once(void **state)
{
	(void)state;
	static const struct {
		const char *begin, *unit;
	} rows[] = {
		{"", "("},   {"", "((a)"},   {"", "\""},      {"\"", "a"},   {"\"", "\\\""}, {"", "<"},
		{"", ","},   {"", "a"},	     {"", "a."},      {"", "a "},    {"", "."},	     {"", "a@b,"},
		{"", "a:;"}, {"", "a:;,"},   {"", "()"},      {"a@", "b."},  {"<@", "b,@"},  {"a@[", "x"},
		{"", "\\"},  {"", "["},	     {"\"", "\r\n "}, {"", "\r\n "}, {"a", "@"},     {"", "\xff"},
		{"", "(a,"}, {"", "\"a,\""}, {"", "a@[b,"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) text = STRBUF_INIT;
		AUTO(mailbox_list) list = MAILBOX_LIST_INIT;
		AUTO(error) err = ERROR_INIT;
		strbuf_adds(&text, rows[i].begin);
		repeat(&text, rows[i].unit, i < 3 ? 10u * 1024 * 1024 : 1024 * 1024);
		if (strcmp(rows[i].unit, "\"") == 0)
			strbuf_adds(&text, "x <a@b>");
		if (!address_list_parse(strbuf_span(&text), &list, &err))
			fail_msg("%s%s...: %s", rows[i].begin, rows[i].unit, err.status.text);
		for (size_t n = 0; n < list.n; n++)
			assert_true(!list.v[n].refused || strlen(list.v[n].refused) + strlen(list.v[n].addr) < 1000);
	}
}

static void a_hundred_thousand_recipients_are_all_found(void **state)
{
	(void)state;
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(mailbox_list) list = MAILBOX_LIST_INIT;
	for (size_t i = 0; i < 100000; i++)
		strbuf_addf(&text, "\"User %zu\" <user%zu@example.org>,\r\n ", i, i);
	assert_true(address_list_parse(strbuf_span(&text), &list, NULL));
	assert_int_equal(list.n, 100000);
	assert_string_equal(list.v[99999].name, "User 99999");
	assert_string_equal(list.v[99999].addr, "user99999@example.org");
}

static void only_what_fits_between_angle_brackets_passes_the_check(void **state)
{
	(void)state;
	static const struct {
		struct span addr;
		bool ok;
	} rows[] = {
#define OK(text) {{text, sizeof(text) - 1}, true}
#define NO(text)                                \
	{                                       \
		{text, sizeof(text) - 1}, false \
	}
		OK("a@b"),	    OK("a"),	   OK("a.b+c@d.e"),   OK("\"a b\"@c"),
		OK("\"a\\\"@\"@c"), OK("\"<>\""),  OK("a@[1.2.3.4]"), OK("\xc3\xa4@\xc3\xbc.org"),
		OK("a@[IPv6:::1]"), OK("a..b@c"),  OK("\"\"@c"),      NO("a b@c"),
		NO("a@b c"),	    NO("<a@b>"),   NO("a@b>"),	      NO("a<b@c"),
		NO("@b"),	    NO("a@"),	   NO("a@.b"),	      NO("a@b."),
		NO("a@b..c"),	    NO("a@@b"),	   NO("a@b@c"),	      NO("a\r\n@b"),
		NO("a\n@b"),	    NO("a\0@b"),   NO("a\t@b"),	      NO("\"a\tb\"@c"),
		NO("\"a\"b@c"),	    NO("\"a@b"),   NO("a\"b\"@c"),    NO("a,b@c"),
		NO("a;b@c"),	    NO("a:b@c"),   NO("a(b)@c"),      NO("a@b(c)"),
		NO("a\\b@c"),	    NO("a@[b"),	   NO("a@[]"),	      NO("a@[b]c"),
		NO("a@[b>]"),	    NO("a@b\x7f"), NO("a\xff@b"),     NO("\xc2\x80@b"),
		NO("\"a\\\n\"@b"),  NO("\"a\\"),   NO("\""),	      NO(" a@b"),
		NO("a@b "),
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(error) err = ERROR_INIT;
		bool ok = address_check(rows[i].addr, false, &err);
		if (ok != rows[i].ok)
			fail_msg("%s: %s", rows[i].addr.ptr, ok ? "accepted" : err.status.text);
		assert_int_equal(err.status.kind, ok ? ERROR_NONE : ERROR_ADDRESS);
	}
	assert_true(address_check(SPAN_LIT(""), true, NULL));
	assert_false(address_check(SPAN_LIT(""), false, NULL));
}

/* A character below U+0100 as UTF-8. */
static void add_character(struct strbuf *out, unsigned c)
{
	if (c < 0x80) {
		strbuf_addch(out, (char)c);
		return;
	}
	strbuf_addch(out, (char)(0xc0 | c >> 6));
	strbuf_addch(out, (char)(0x80 | (c & 0x3f)));
}

/* Each of C0 and C1, to the last one; what comes next is a letter like others. */
static void no_control_character_passes(void **state)
{
	(void)state;
	static const char *const before[] = {"a", "\"a", "a@b"}, *const after[] = {"b@c", "b\"@c", "c"};
	for (unsigned c = 0; c < 0x100; c++) {
		bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
		if (!control && c < 0x80)
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(before); i++) {
			AUTO(strbuf) addr = STRBUF_INIT;
			strbuf_adds(&addr, before[i]);
			add_character(&addr, c);
			strbuf_adds(&addr, after[i]);
			if (address_check(strbuf_span(&addr), false, NULL) == control)
				fail_msg("U+%04X in %s...%s: %s", c, before[i], after[i],
					 control ? "accepted" : "refused");
		}
	}
}

static void length_limits_are_exact(void **state)
{
	(void)state;
	for (size_t local = 255; local <= 257; local++)
		for (size_t all = 999; all <= 1001; all++) {
			AUTO(strbuf) addr = STRBUF_INIT;
			repeat(&addr, "a", local);
			strbuf_addch(&addr, '@');
			repeat(&addr, "b", all);
			assert_int_equal(address_check(strbuf_span(&addr), false, NULL), local <= 256 && all <= 1000);
		}
}

static void an_address_splits_at_its_last_unquoted_at(void **state)
{
	(void)state;
	static const struct {
		const char *addr, *local, *domain;
	} rows[] = {{"a@b", "a", "b"},
		    {"a", "a", NULL},
		    {"", "", NULL},
		    {"a@", "a", ""},
		    {"@b", "", "b"},
		    {"a@b@c", "a@b", "c"},
		    {"\"a@b\"@c", "\"a@b\"", "c"},
		    {"\"a\\\"@b\"", "\"a\\\"@b\"", NULL},
		    {"\"a@b", "\"a@b", NULL}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct span local, domain;
		address_split(span_of(rows[i].addr), &local, &domain);
		assert_span(local, span_of(rows[i].local));
		assert_int_equal(domain.ptr == NULL, rows[i].domain == NULL);
		if (domain.ptr)
			assert_span(domain, span_of(rows[i].domain));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_found_in_lists),
		cmocka_unit_test(errors_name_what_is_wrong),
		cmocka_unit_test(each_entry_is_read_alone),
		cmocka_unit_test(a_refused_entry_says_what_is_wrong),
		cmocka_unit_test(mebibytes_of_anything_are_read_once),
		cmocka_unit_test(a_hundred_thousand_recipients_are_all_found),
		cmocka_unit_test(only_what_fits_between_angle_brackets_passes_the_check),
		cmocka_unit_test(no_control_character_passes),
		cmocka_unit_test(length_limits_are_exact),
		cmocka_unit_test(an_address_splits_at_its_last_unquoted_at),
	};
	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
