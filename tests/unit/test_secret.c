/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/secret.h"

#include "base/strbuf.h"

#include <stdio.h>

static void unset_is_not_empty(void **state)
{
	(void)state;
	AUTO(secret) s = SECRET_INIT;
	assert_false(secret_is_set(&s));
	assert_int_equal(secret_reveal(&s).len, 0);
	assert_string_equal(secret_reveal(&s).ptr, "");
	secret_set(&s, "", 0);
	assert_true(secret_is_set(&s));
	assert_string_equal(secret_reveal(&s).ptr, "");
	secret_release(&s);
	assert_false(secret_is_set(&s));
}

static void grows_over_pages_in_odd_steps(void **state)
{
	(void)state;
	AUTO(secret) s = SECRET_INIT;
	AUTO(strbuf) expected = STRBUF_INIT;
	for (unsigned i = 0; expected.len < 20000; i++) {
		char piece[977];
		size_t n = (i * 131) % sizeof(piece);
		memset(piece, (int)('a' + i % 26), sizeof(piece));
		secret_append(&s, piece, n);
		strbuf_add(&expected, piece, n);
		struct span seen = secret_reveal(&s);
		assert_true(span_equal(seen, strbuf_span(&expected)));
		assert_int_equal(seen.ptr[seen.len], 0);
	}
}

static void the_terminator_fits_at_the_edge_of_a_page(void **state)
{
	(void)state;
	static const char octets[4097] = {1};
	for (size_t len = 4060; len <= 4097; len++) {
		AUTO(secret) s = SECRET_INIT;
		secret_set(&s, octets, len);
		assert_int_equal(secret_reveal(&s).len, len);
		assert_int_equal(secret_reveal(&s).ptr[len], 0);
	}
}

static void copies_share_their_octets_until_one_changes(void **state)
{
	(void)state;
	AUTO(secret) a = SECRET_INIT;
	AUTO(secret) b = SECRET_INIT;
	AUTO(secret) c = SECRET_INIT;
	secret_set(&a, "one\n", 4);
	secret_copy(&b, &a);
	secret_copy(&c, &b);
	secret_copy(&c, &c);
	assert_ptr_equal(secret_reveal(&a).ptr, secret_reveal(&c).ptr);
	secret_chomp(&b);
	assert_true(span_equals_str(secret_reveal(&b), "one"));
	assert_true(span_equals_str(secret_reveal(&a), "one\n"));
	secret_release(&a);
	assert_true(span_equals_str(secret_reveal(&c), "one\n"));
}

static void a_change_does_not_reach_the_copies(void **state)
{
	(void)state;
	AUTO(secret) a = SECRET_INIT;
	AUTO(secret) b = SECRET_INIT;
	secret_set(&a, "one", 3);
	secret_copy(&b, &a);
	secret_append(&a, "!", 1);
	assert_true(span_equals_str(secret_reveal(&b), "one"));
	secret_set(&a, secret_reveal(&a).ptr + 1, 2); /* of itself */
	assert_true(span_equals_str(secret_reveal(&a), "ne"));
	secret_release(&a);
	secret_copy(&b, &a);
	assert_false(secret_is_set(&b));
}

static void chomps_one_line_end(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} rows[] = {{"", ""},	    {"x", "x"}, {"x\n", "x"}, {"x\r\n", "x"}, {"x\n\n", "x\n"},
		    {"x\r", "x\r"}, {"\n", ""}, {"\r\n", ""}, {"x ", "x "}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(secret) s = SECRET_INIT;
		secret_set(&s, rows[i].in, strlen(rows[i].in));
		secret_chomp(&s);
		assert_string_equal(secret_reveal(&s).ptr, rows[i].out);
		assert_int_equal(secret_reveal(&s).len, strlen(rows[i].out));
	}
	AUTO(secret) unset = SECRET_INIT;
	secret_chomp(&unset);
	assert_false(secret_is_set(&unset));
}

static void sees_what_no_protocol_carries(void **state)
{
	(void)state;
	static const struct {
		struct span in;
		bool bad;
	} rows[] = {{{"", 0}, false},	{{"ok", 2}, false}, {{"a\nb", 3}, true},
		    {{"a\r", 2}, true}, {{"\0", 1}, true},  {{"\xff\t", 2}, false}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(secret) s = SECRET_INIT;
		secret_set(&s, rows[i].in.ptr, rows[i].in.len);
		assert_int_equal(secret_has_line_break(&s), rows[i].bad);
	}
}

/* The kernel's own list of our memory says whether a core dump would show it. */
static void stays_out_of_core_dumps(void **state)
{
	(void)state;
	AUTO(secret) s = SECRET_INIT;
	secret_set(&s, "canary", 6);
	FILE *f = fopen("/proc/self/smaps", "re");
	if (!f) {
		print_message("# skipped: /proc/self/smaps cannot be read\n");
		skip();
	}
	char *line = NULL;
	size_t room = 0;
	bool inside = false, flags_known = false, kept_out = false;
	while (getline(&line, &room, f) > 0) {
		unsigned long from, to;
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			inside = from <= (uintptr_t)s.octets && (uintptr_t)s.octets < to;
		else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
			flags_known = true;
			kept_out = strstr(line, " dd") != NULL;
		}
	}
	free(line);
	(void)fclose(f);
	if (!flags_known) {
		print_message("# skipped: this kernel does not show the flags of memory\n");
		skip();
	}
	assert_true(kept_out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unset_is_not_empty),
		cmocka_unit_test(grows_over_pages_in_odd_steps),
		cmocka_unit_test(the_terminator_fits_at_the_edge_of_a_page),
		cmocka_unit_test(copies_share_their_octets_until_one_changes),
		cmocka_unit_test(a_change_does_not_reach_the_copies),
		cmocka_unit_test(chomps_one_line_end),
		cmocka_unit_test(sees_what_no_protocol_carries),
		cmocka_unit_test(stays_out_of_core_dumps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
