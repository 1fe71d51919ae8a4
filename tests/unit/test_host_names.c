/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "submit/host_names.h"

#include <stdio.h>
#include <sys/mman.h>

/* A file with that text, without a folder: its name. */
static char *file_with(const char *text, int *fd)
{
	struct strbuf name = STRBUF_INIT;
	*fd = memfd_create("mailname", MFD_CLOEXEC);
	assert_true(*fd >= 0);
	assert_int_equal(write(*fd, text, strlen(text)), strlen(text));
	strbuf_addf(&name, "/proc/self/fd/%d", *fd);
	return strbuf_detach(&name, NULL);
}

static void the_first_line_of_mailname_counts(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want;
	} rows[] = {{"mail.example.org\n", "mail.example.org"},
		    {" \tmail.example.org \r\nother\n", "mail.example.org"},
		    {"", NULL},
		    {"\nother\n", NULL}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FD int fd = -1;
		AUTO_FREE char *path = file_with(rows[i].text, &fd);
		AUTO_FREE char *got = host_names_mailname(path);
		if (rows[i].want)
			assert_string_equal(got, rows[i].want);
		else
			assert_null(got);
	}
	AUTO_FREE char *none = host_names_mailname("/nonexistent/mailname");
	assert_null(none);
}

static void this_machine_has_all_its_names(void **state)
{
	(void)state;
	AUTO_FD int fd = -1;
	AUTO_FREE char *path = file_with("Mail.Example.ORG\n", &fd);
	AUTO(local_names) names = LOCAL_NAMES_INIT;
	AUTO(strbuf) addr = STRBUF_INIT;
	char host[256];
	assert_int_equal(gethostname(host, sizeof(host)), 0);
	host_names_find(&names, path);
	strbuf_addf(&addr, "a@%s", host);
	assert_true(local_names_has(&names, strbuf_span(&addr)));
	strbuf_setlen(&addr, 2 + strcspn(host, "."));
	assert_true(local_names_has(&names, strbuf_span(&addr)));
	assert_true(local_names_has(&names, SPAN_LIT("a@mail.example.org")));
	assert_true(local_names_has(&names, SPAN_LIT("a@localhost")));
	assert_false(local_names_has(&names, SPAN_LIT("a@example.org")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_line_of_mailname_counts),
		cmocka_unit_test(this_machine_has_all_its_names),
	};
	return cmocka_run_group_tests_name("host names", tests, NULL, NULL);
}
