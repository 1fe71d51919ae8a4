/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "address/aliases.h"

static const char *const host[] = {"Vm", "vm.example.net"};

static void fill_local(struct local_names *names)
{
	for (size_t i = 0; i < ARRAY_SIZE(host); i++)
		local_names_add(names, span_of(host[i]));
}

/* "!NAME(LINE)" is a recipient that is refused for that line, and "@NAME" a loop. */
static char *join(const struct alias_finds *out)
{
	struct strbuf text = STRBUF_INIT;
	for (size_t i = 0; i < out->n; i++) {
		const struct alias_found *f = &out->v[i];
		strbuf_addf(&text, "%s%s%s", i ? " " : "", f->loop ? "@" : f->at ? "!" : "", f->addr);
		if (f->at && !f->loop)
			strbuf_addf(&text, "(%zu)", f->at->problem_line);
	}
	return strbuf_detach(&text, NULL);
}

/* Expands the recipients, which are separated by spaces, and joins the results. */
static char *expand(const char *text, const char *recipients)
{
	AUTO(aliases) a = ALIASES_INIT;
	AUTO(local_names) local = LOCAL_NAMES_INIT;
	AUTO(alias_walk) walk;
	AUTO(alias_finds) out = ALIAS_FINDS_INIT;
	fill_local(&local);
	aliases_parse(&a, span_of(text));
	alias_walk_init(&walk, &a, &local);
	struct span rest = span_of(recipients), word;
	while ((word = span_word(&rest)).len) {
		AUTO_FREE char *addr = strndup(word.ptr, word.len);
		alias_walk_expand(&walk, addr, &out);
	}
	return join(&out);
}

static void names_stand_for_addresses(void **state)
{
	(void)state;
	static const struct {
		const char *text, *to, *want;
	} rows[] = {
		{"", "bob", "bob"},
		{"bob: b@x.org\n", "bob", "b@x.org"},
		{"bob: b@x.org", "bob", "b@x.org"},
		{"bob:b@x.org,c@x.org , d@x.org,\r\n", "bob", "b@x.org c@x.org d@x.org"},
		{"  # nothing\n\n#\nbob : b@x.org # a comment, with : and \"\n", "bob", "b@x.org"},
		{"bob: b@x.org# after a domain\n", "bob", "b@x.org"},
		{"bob: \"b#1\"@x.org, #c@x.org\n\td@x.org\n", "bob", "b#1@x.org d@x.org"},
		/* continuation */
		{"bob:\n b@x.org,\n\n# between\n\tc@x.org\n  # too\n d@x.org\neve: e@x.org\n", "bob eve",
		 "b@x.org c@x.org d@x.org e@x.org"},
		/* names and quotes */
		{"bob: \"B, the: man\" <b@x.org>, C D <c@x.org> (comment, too)\n", "bob", "b@x.org c@x.org"},
		{"\"bob:\": b@x.org\n", "\"bob:\"@localhost", "b@x.org"},
		{"\"bob\": b@x.org\n", "bob", "b@x.org"},
		/* every spelling of local, and nothing else */
		{"bob: b@x.org\n", "bob@localhost", "b@x.org"},
		{"bob: b@x.org\n", "bob@LocalHost.localdomain", "b@x.org"},
		{"bob: b@x.org\n", "bob@vM", "b@x.org"},
		{"bob: b@x.org\n", "bob@vm.Example.NET", "b@x.org"},
		{"bob: b@x.org\n", "bob@example.net bob@vm.example.net.org bob@x.org",
		 "bob@example.net bob@vm.example.net.org bob@x.org"},
		{"bob: eve@VM\neve: e@x.org\n", "bob", "e@x.org"},
		/* an exact match first, then one without case */
		{"BOB: 1@x.org\nbob: 2@x.org\n", "bob", "2@x.org"},
		{"BOB: 1@x.org\nbob: 2@x.org\n", "BOB", "1@x.org"},
		{"BOB: 1@x.org\nbob: 2@x.org\n", "Bob", "1@x.org"},
		/* default */
		{"default: d@x.org\nbob: b@x.org\n", "bob", "b@x.org"},
		{"default: d@x.org\nbob: b@x.org\n", "eve", "d@x.org"},
		{"default: d@x.org\nbob: b@x.org\n", "eve@x.org", "eve@x.org"},
		{"default: d@x.org\nbob: b@x.org, eve\n", "bob", "b@x.org d@x.org"},
		{"default: eve\n", "bob", "@bob"},
		/* dropped */
		{"a: /dev/null\n", "a", ""},
		{"a: \"/dev/null\"\nb: c@x.org\n", "a b", "c@x.org"},
		{"a: /dev/null, b@x.org\n", "a", "b@x.org"},
		{"a: a, /dev/null\n", "a", ""},
		/* a line that cannot be used concerns its own name */
		{"a: |cmd\nb: b@x.org\n", "b", "b@x.org"},
		{"a: |cmd\nb: b@x.org\n", "a b", "!a(1) b@x.org"},
		{"a: a@x.org, \"|cmd\"\n", "a", "!a(1)"},
		{"b: b@x.org\na: :include:/x\n", "a b x@x.org", "!a(2) b@x.org x@x.org"},
		{"a: /var/mail/a\n", "a", "!a(1)"},
		{"a: a@@x.org\nb: b@x.org\n", "b a", "b@x.org !a(1)"},
		{"a: a@x.org\n\na: b@x.org\nb: b@x.org\n", "a b", "!a(3) b@x.org"},
		{"no colon\nb: b@x.org\n\\root\n", "b no root", "b@x.org no root"},
		{"a: b, a@x.org\nb: |cmd\n", "a", "!b(2) a@x.org"},
		{"a: a@x.org,\n |cmd\n", "a", "!a(2)"},
		{"default: |cmd\nb: b@x.org\n", "b c", "b@x.org !c(1)"},
		/* every recipient that is refused is named, however many lead to one line */
		{"default: |cmd\nb: b@x.org\n", "c b d", "!c(1) b@x.org !d(1)"},
		{"default: b\nb: b@x.org\nc: e@@x.org\n", "c C@vm x", "!c(3) !C@vm(3) b@x.org"},
		{"a: b\nb: |cmd\nc: b, c@x.org\n", "a b c", "!b(2) !b(2) !b(2) c@x.org"},
		{"a: a@x.org b@x.org\n", "a", "a@x.org b@x.org"},
		{"a: a@x.org; b@x.org\n", "a", "a@x.org b@x.org"},
		/* recursion and loops */
		{"a: b\nb: c\nc: d@x.org\n", "a", "d@x.org"},
		{"a: a\n", "a", "@a"},
		{"a: a, b@x.org\n", "a", "b@x.org"},
		{"a: b@x.org, a, c@x.org\n", "a a", "b@x.org c@x.org"},
		{"a: A\n", "a", "@a"},
		{"a: \\a, b@x.org\n", "a", "a b@x.org"},
		{"a: \\b\nb: b@x.org\n", "a", "b"},
		{"a: b\nb: a\n", "a", "@a"},
		{"a: b\nb: a\n", "c a@x.org a@vm", "c a@x.org @a@vm"},
		{"a: b\nb: a\n", "a b A@vm", "@a @b @A@vm"},
		{"a: b\nb: a\nc: a\nd: a, d@x.org\n", "a c d", "@a @c d@x.org"},
		{"a: b\nb: a, /dev/null\n", "a b", ""},
		{"a: b, x@x.org\nb: c\nc: b@vm\n", "a b c", "x@x.org @b @c"},
		{"a: b, x@x.org\nb: c\nc: a\n", "a b c", "x@x.org"},
		{"default: eve\nroot: admin, x@x.org\n", "root bob eve", "x@x.org @bob @eve"},
		{"a: b, 1@x.org\nb: c, 2@x.org\nc: a, 3@x.org\n", "a", "3@x.org 2@x.org 1@x.org"},
		{"a: b, b, b\nb: c, c, c\nc: d, d, d\nd: 1@x.org\n", "a", "1@x.org"},
		{"a: b\nb: a, x@x.org\n", "a b", "x@x.org"},
		{"a: 1@x.org\nb: a, 2@x.org\n", "a b", "1@x.org 2@x.org"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FREE char *got = expand(rows[i].text, rows[i].to);
		if (strcmp(got, rows[i].want) != 0)
			print_message("# row %zu\n", i);
		assert_string_equal(got, rows[i].want);
	}
}

static void mistakes_are_reported_with_their_line(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t n, line;
		const char *said;
	} rows[] = {
		{"bob\n", 1, 1, "expected \"name: address\", got \"bob\""},
		{"\nbob@x.org: b@x.org\n", 1, 2, "has an \"@\""},
		{"bob joe: b@x.org\n", 1, 1, "cannot be a name"},
		{": b@x.org\n", 1, 1, "cannot be a name"},
		{"\"bob: b@x.org\n", 1, 1, "expected \"name: address\""},
		{"bob:\n", 1, 1, "bob has no addresses"},
		{"bob: # b@x.org\n", 1, 1, "bob has no addresses"},
		{"bob: <>\n", 1, 1, "not an address that mail can be sent to"},
		{"bob: b@x.org\neve: e@x.org\nbob: c@x.org\n", 1, 3, "bob is already defined on line 1"},
		{"bob: |/bin/sh\n", 1, 1, "is a command"},
		{"bob: \"|/bin/sh -c 'a, b'\", b@x.org\n", 1, 1, "is a command"},
		{"bob: b@x.org,\n /var/mail/bob\n", 1, 2, "is a file"},
		{"bob: b@x.org, \"/var/mail/bob\"\n", 1, 1, "is a file"},
		{"bob: b@x.org, :include:/etc/list\n", 1, 1, "includes another file"},
		{"bob: b@x.org, \":Include:/etc/list\"\n", 1, 1, "includes another file"},
		{"  b@x.org\nbob: b@x.org\n", 1, 1, "there is no line that it continues"},
		{"bob: b@@x.org, e@x.org\n", 1, 1, "no domain after"},
		{"bob: b@x.org, \"e\n", 1, 1, "quotation mark"},
		{"bob: e#comment, b@x.org\n b@x.org\n", 1, 1, "put a space before a comment"},
		{"bob: b\001@x.org, e@x.org\n", 1, 1, "control character"},
		{"bo\001b: b@x.org\n", 1, 1, "cannot be a name"},
		{"a\nb: b@x.org\nc\nd: |x, d@x.org\n", 3, 1, "got \"a\""},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(aliases) a = ALIASES_INIT;
		aliases_parse(&a, span_of(rows[i].text));
		if (a.problem_n != rows[i].n || !strstr(a.problems[0].text, rows[i].said))
			print_message("# row %zu: %zu, %s\n", i, a.problem_n, a.problem_n ? a.problems[0].text : "");
		assert_int_equal(a.problem_n, rows[i].n);
		assert_int_equal(a.problems[0].line, rows[i].line);
		assert_non_null(strstr(a.problems[0].text, rows[i].said));
	}
}

static void loops_are_found(void **state)
{
	(void)state;
	static const struct {
		const char *text, *lines;
	} rows[] = {
		{"a: b@x.org\n", ""},
		{"a: a\n", "1"},
		{"a: a, a@x.org\n", ""},
		{"a: a, /dev/null\n", ""},
		{"a: b\nb: c\nc: a\nd: a, d@x.org\ne: a\n", "1 2 3 5"},
		{"a: b\nb: c\n", ""},
		{"a: \\a\n", ""},
		{"default: x\n", "1"},
		{"a: b\nb: |cmd\n", "2"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(aliases) a = ALIASES_INIT;
		AUTO(strbuf) lines = STRBUF_INIT;
		aliases_parse(&a, span_of(rows[i].text));
		aliases_find_loops(&a);
		for (size_t n = 0; n < a.problem_n; n++)
			strbuf_addf(&lines, "%s%zu", n ? " " : "", a.problems[n].line);
		assert_string_equal(lines.len ? lines.buf : "", rows[i].lines);
	}
}

/* A NUL is a control character like any other. */
static void a_nul_is_never_accepted(void **state)
{
	(void)state;
	static const struct span texts[] = {SPAN_LIT("bob: b@x.org\0\n"), SPAN_LIT("bo\0b: b@x.org\n")};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO(aliases) a = ALIASES_INIT;
		aliases_parse(&a, texts[i]);
		assert_true(a.problem_n > 0);
	}
}

/* msmtp ignored addresses after the 32nd, and lines after 511 octets. */
static void thousands_of_addresses_in_one_alias_are_kept(void **state)
{
	(void)state;
	for (int folded = 0; folded < 2; folded++) {
		AUTO(strbuf) text = STRBUF_INIT;
		AUTO(aliases) a = ALIASES_INIT;
		AUTO(local_names) local = LOCAL_NAMES_INIT;
		AUTO(alias_walk) walk;
		AUTO(alias_finds) out = ALIAS_FINDS_INIT;
		strbuf_adds(&text, "all: ");
		for (size_t i = 0; i < 5000; i++)
			strbuf_addf(&text, folded ? "\n user%zu@example.org," : "user%zu@example.org,", i);
		aliases_parse(&a, strbuf_span(&text));
		assert_int_equal(a.problem_n, 0);
		alias_walk_init(&walk, &a, &local);
		alias_walk_expand(&walk, "all", &out);
		assert_int_equal(out.n, 5000);
		assert_string_equal(out.v[32].addr, "user32@example.org");
		assert_string_equal(out.v[4999].addr, "user4999@example.org");
	}
}

/* A chain, and a tree in which each alias contains the next one twice. */
static void deep_chains_are_followed_to_their_end(void **state)
{
	(void)state;
	for (int twice = 0; twice < 2; twice++) {
		AUTO(strbuf) text = STRBUF_INIT;
		for (size_t i = 0; i < 20000; i++)
			strbuf_addf(&text, twice ? "a%zu: a%zu, a%zu\n" : "a%zu: a%zu\n", i, i + 1, i + 1);
		strbuf_adds(&text, "a20000: end@x.org\n");
		AUTO_FREE char *got = expand(text.buf, "a0");
		assert_string_equal(got, "end@x.org");
	}
}

static void a_name_of_the_host_can_be_removed(void **state)
{
	(void)state;
	AUTO(local_names) local = LOCAL_NAMES_INIT;
	fill_local(&local);
	local_names_add(&local, SPAN_LIT("VM."));
	local_names_add(&local, SPAN_LIT(" \n"));
	assert_int_equal(local.domains.n, 2);
	assert_true(local_names_has(&local, SPAN_LIT("a@vm.example.net")));
	local_names_remove(&local, SPAN_LIT("VM.example.net"));
	local_names_remove(&local, SPAN_LIT("localhost"));
	assert_false(local_names_has(&local, SPAN_LIT("a@vm.example.net")));
	assert_true(local_names_has(&local, SPAN_LIT("a@vm")));
	assert_true(local_names_has(&local, SPAN_LIT("a@localhost")));
	assert_true(local_names_has(&local, SPAN_LIT("\"a@x.org\"")));
	assert_false(local_names_has(&local, SPAN_LIT("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_stand_for_addresses),
		cmocka_unit_test(mistakes_are_reported_with_their_line),
		cmocka_unit_test(loops_are_found),
		cmocka_unit_test(a_nul_is_never_accepted),
		cmocka_unit_test(thousands_of_addresses_in_one_alias_are_kept),
		cmocka_unit_test(deep_chains_are_followed_to_their_end),
		cmocka_unit_test(a_name_of_the_host_can_be_removed),
	};
	return cmocka_run_group_tests_name("aliases", tests, NULL, NULL);
}
