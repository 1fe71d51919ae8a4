/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/resolve.h"

#include "base/xalloc.h"

#include <errno.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <sys/un.h>

static struct address literal(const char *text, unsigned port)
{
	struct address a;
	assert_true(address_from_literal(text, port, &a));
	return a;
}

static void list_add(struct address_list *list, const char *text)
{
	GROW(list->v, list->n, list->cap);
	list->v[list->n++] = literal(text, 25);
}

/* "192.0.2.1 ::1", without the ports */
static char *list_text(const struct address_list *list)
{
	char *all = xstrdup("");
	for (size_t i = 0; i < list->n; i++) {
		AUTO_FREE char *one = address_text(&list->v[i]);
		*strchr(one, ' ') = '\0';
		char *more = xasprintf("%s%s%s", all, i ? " " : "", one);
		free(all);
		all = more;
	}
	return all;
}

/* ---- resolvers to put in -------------------------------------------- */

static const char *asked;
static const char *const *answer;

static bool fake_resolve(const struct resolver *r, const char *host, unsigned port, const struct clock *clock,
			 msec_t deadline, struct address_list *out, struct error *err)
{
	(void)r, (void)port, (void)clock, (void)deadline, (void)err;
	static char kept[300];
	(void)strncpy(kept, host, sizeof(kept) - 1);
	asked = kept;
	for (size_t i = 0; answer && answer[i]; i++)
		list_add(out, answer[i]);
	return true;
}

static const struct resolver fake = {fake_resolve};

static void literals_never_reach_the_resolver(void **state)
{
	(void)state;
	static const struct {
		const char *host, *text;
	} rows[] = {
		{"192.0.2.1", "192.0.2.1 port 465"},
		{"0.0.0.0", "0.0.0.0 port 465"},
		{"::1", "::1 port 465"},
		{"[::1]", "::1 port 465"},
		{"2001:DB8:0:0::1", "2001:db8::1 port 465"},
		{"[2001:db8::192.0.2.1]", "2001:db8::c000:201 port 465"},
		{"fe80::1%lo", "fe80::1%lo port 465"},
		{"[fe80::1%1]", "fe80::1%lo port 465"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		asked = NULL;
		AUTO(address_list) list = ADDRESS_LIST_INIT;
		assert_true(resolve_host(&fake, rows[i].host, 465, &clock_system, DEADLINE_NEVER, &list, NULL));
		assert_null(asked);
		assert_int_equal(list.n, 1);
		AUTO_FREE char *text = address_text(&list.v[0]);
		assert_string_equal(text, rows[i].text);
	}
}

static void what_is_neither_name_nor_address_is_refused_unasked(void **state)
{
	(void)state;
	static const char *const hosts[] = {
		"",	      "010.1",	     "1",	    "127.1",
		"192.0.2.01", "192.0.2.256", "1.2.3.4.5",   "0x7f.1",
		"0x7f000001", "host.0x10",   "host.12",	    "1.2.3.4.",
		"2130706433", "[192.0.2.1]", "[::1",	    "::1]",
		"[]",	      "::g",	     "1::2::3",	    "fe80::1%nosuchinterface",
		"fe80::1%",   "a b",	     "a\nb",	    "a/b",
		"host:25",    "b\xfc.de",    "a..\xc3\xbc",
	};
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		asked = NULL;
		AUTO(address_list) list = ADDRESS_LIST_INIT;
		AUTO(error) err = ERROR_INIT;
		if (resolve_host(&fake, hosts[i], 25, &clock_system, DEADLINE_NEVER, &list, &err))
			fail_msg("\"%s\" was taken", hosts[i]);
		assert_null(asked);
		assert_int_equal(err.status.kind, ERROR_HOST_UNKNOWN);
		assert_non_null(err.status.hint);
		assert_null(strchr(err.status.text, '\n'));
		assert_int_equal(list.n, 0);
	}
	char longer[257];
	memset(longer, 'a', 256);
	longer[256] = '\0';
	assert_false(resolve_host(&fake, longer, 25, &clock_system, DEADLINE_NEVER, NULL, NULL));
}

static void names_reach_the_resolver_in_ascii(void **state)
{
	(void)state;
	static const struct {
		const char *host, *asked;
	} rows[] = {
		{"mail.example.org", "mail.example.org"},
		{"localhost", "localhost"},
		{"example.org.", "example.org."},
		{"1.example", "1.example"},
		{"b\xc3\xbc"
		 "cher.example",
		 "xn--bcher-kva.example"},
	};
	static const char *const one[] = {"192.0.2.7", NULL};
	answer = one;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(address_list) list = ADDRESS_LIST_INIT;
		assert_true(resolve_host(&fake, rows[i].host, 25, &clock_system, DEADLINE_NEVER, &list, NULL));
		assert_string_equal(asked, rows[i].asked);
		assert_int_equal(list.n, 1);
	}
	answer = NULL;
}

static void answers_come_without_doubles_and_interleaved(void **state)
{
	(void)state;
	static const struct {
		const char *found[7];
		const char *result;
	} rows[] = {
		{{"::1", "192.0.2.1"}, "::1 192.0.2.1"},
		{{"::1", "::2", "192.0.2.1", "192.0.2.2"}, "::1 192.0.2.1 ::2 192.0.2.2"},
		{{"192.0.2.1", "192.0.2.2", "::1"}, "192.0.2.1 ::1 192.0.2.2"},
		{{"::1", "::2", "::3"}, "::1 ::2 ::3"},
		{{"::1", "192.0.2.1", "::2", "192.0.2.2"}, "::1 192.0.2.1 ::2 192.0.2.2"},
		{{"127.0.0.1", "127.0.0.1", "::1", "127.0.0.1"}, "127.0.0.1 ::1"},
		{{"::1", "192.0.2.1", "192.0.2.2", "192.0.2.3", "::2", "::1"}, "::1 192.0.2.1 ::2 192.0.2.2 192.0.2.3"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(address_list) list = ADDRESS_LIST_INIT;
		answer = rows[i].found;
		assert_true(resolve_host(&fake, "x", 25, &clock_system, DEADLINE_NEVER, &list, NULL));
		AUTO_FREE char *text = list_text(&list);
		assert_string_equal(text, rows[i].result);
		address_list_interleave(&list);
		AUTO_FREE char *again = list_text(&list);
		assert_string_equal(again, rows[i].result);
	}
	answer = NULL;
	AUTO(address_list) none = ADDRESS_LIST_INIT;
	address_list_interleave(&none);
	AUTO(error) err = ERROR_INIT;
	assert_false(resolve_host(&fake, "x", 25, &clock_system, DEADLINE_NEVER, &none, &err));
	assert_int_equal(err.status.kind, ERROR_HOST_UNKNOWN);
}

/* ---- the thread ------------------------------------------------------- */

static int lookup_code, lookup_errno;

static int failing_lookup(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	(void)host, (void)service, (void)found;
	assert_true(hints->ai_flags & AI_ADDRCONFIG);
	errno = lookup_errno;
	return lookup_code;
}

static void failures_of_the_resolver_are_told_apart(void **state)
{
	(void)state;
	static const struct {
		int code, errnum;
		enum error_kind kind;
		const char *words;
	} rows[] = {
		{EAI_NONAME, 0, ERROR_HOST_UNKNOWN, "does not exist"},
		{EAI_NODATA, 0, ERROR_HOST_UNKNOWN, "has no address this machine can use"},
		{EAI_ADDRFAMILY, 0, ERROR_HOST_UNKNOWN, "has no address this machine can use"},
		{EAI_AGAIN, 0, ERROR_DNS_TEMPORARY, "cannot be looked up now"},
		{EAI_FAIL, 0, ERROR_DNS_TEMPORARY, "cannot be looked up now"},
		{EAI_SYSTEM, EMFILE, ERROR_SYSTEM, "Too many open files"},
		{EAI_FAMILY, 0, ERROR_SYSTEM, "cannot be looked up"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(address_list) list = ADDRESS_LIST_INIT;
		AUTO(error) err = ERROR_INIT;
		lookup_code = rows[i].code;
		lookup_errno = rows[i].errnum;
		assert_false(resolve_in_thread(failing_lookup, "mail.example.org", 25, &clock_system, DEADLINE_NEVER,
					       &list, &err));
		assert_int_equal(err.status.kind, rows[i].kind);
		assert_non_null(strstr(err.status.text, "mail.example.org"));
		assert_non_null(strstr(err.status.text, rows[i].words));
		assert_int_equal(err.sys_errno, rows[i].errnum);
		assert_true(err.status.kind == ERROR_SYSTEM || err.status.hint);
		assert_int_equal(list.n, 0);
	}
}

static int numeric_lookup(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	(void)host;
	struct addrinfo wish = *hints;
	wish.ai_flags = AI_NUMERICHOST;
	return getaddrinfo("2001:db8::5", service, &wish, found);
}

static void answers_get_the_port(void **state)
{
	(void)state;
	AUTO(address_list) list = ADDRESS_LIST_INIT;
	assert_true(resolve_in_thread(numeric_lookup, "x", 465, &clock_system, DEADLINE_NEVER, &list, NULL));
	assert_int_equal(list.n, 1);
	AUTO_FREE char *text = address_text(&list.v[0]);
	assert_string_equal(text, "2001:db8::5 port 465");
}

/* Hangs until the test lets it go, as a resolver without network does. */
static sem_t let_go, gone;

static int hanging_lookup(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	while (sem_wait(&let_go) < 0)
		continue;
	int rc = numeric_lookup(host, service, hints, found);
	(void)sem_post(&gone);
	return rc;
}

/* Every look at it is 30 ms later than the one before. */
static msec_t later(const struct clock *clock)
{
	static msec_t now;
	(void)clock;
	return now += 30;
}

static void a_look_up_that_hangs_is_left_behind(void **state)
{
	(void)state;
	const struct clock clock = {later, NULL};
	assert_int_equal(sem_init(&let_go, 0, 0), 0);
	assert_int_equal(sem_init(&gone, 0, 0), 0);
	static const msec_t times[] = {0, 1, 100};
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		AUTO(address_list) list = ADDRESS_LIST_INIT;
		AUTO(error) err = ERROR_INIT;
		assert_false(resolve_in_thread(hanging_lookup, "slow.example.org", 25, &clock,
					       deadline_in(&clock, times[i]), &list, &err));
		assert_int_equal(err.status.kind, ERROR_DNS_TEMPORARY);
		assert_non_null(strstr(err.status.text, "slow.example.org"));
		assert_int_equal(list.n, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		assert_int_equal(sem_post(&let_go), 0);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) /* the threads free what is theirs (leak checkers look) */
		while (sem_wait(&gone) < 0)
			continue;
}

static void an_answer_in_time_is_waited_for(void **state)
{
	(void)state;
	assert_int_equal(sem_post(&let_go), 0);
	AUTO(address_list) list = ADDRESS_LIST_INIT;
	assert_true(resolve_in_thread(hanging_lookup, "x", 25, &clock_system, deadline_in(&clock_system, 60000), &list,
				      NULL));
	assert_int_equal(list.n, 1);
	while (sem_wait(&gone) < 0)
		continue;
}

static void the_system_knows_localhost(void **state)
{
	(void)state;
	AUTO(address_list) list = ADDRESS_LIST_INIT;
	AUTO(error) err = ERROR_INIT;
	if (!resolve_host(&resolver_system, "localhost", 25, &clock_system, deadline_in(&clock_system, 10000), &list,
			  &err)) {
		print_message("# skipped: this machine's resolver does not know localhost: %s\n", err.status.text);
		skip();
	}
	assert_true(list.n > 0);
	for (size_t i = 0; i < list.n; i++)
		assert_true(address_is_loopback(&list.v[i]));
}

/* ---- addresses --------------------------------------------------------- */

static void loopback_is_told_from_the_rest(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool loopback;
	} rows[] = {
		{"127.0.0.1", true},
		{"127.255.255.254", true},
		{"126.255.255.255", false},
		{"128.0.0.1", false},
		{"0.0.0.0", false},
		{"1.0.0.127", false},
		{"::1", true},
		{"::", false},
		{"::2", false},
		{"::ffff:127.0.0.1", true},
		{"::ffff:127.9.9.9", true},
		{"::ffff:128.0.0.1", false},
		{"::127.0.0.1", false},
		{"fe80::1", false},
		{"7f00::1", false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct address a = literal(rows[i].text, 25);
		assert_int_equal(address_is_loopback(&a), rows[i].loopback);
	}
	struct address un = {.len = sizeof(struct sockaddr_un)};
	struct sockaddr_un *sun = (struct sockaddr_un *)&un.sa;
	sun->sun_family = AF_UNIX;
	memcpy(sun->sun_path, "/run/x", 7);
	assert_true(address_is_loopback(&un));
	AUTO_FREE char *text = address_text(&un);
	assert_string_equal(text, "/run/x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literals_never_reach_the_resolver),
		cmocka_unit_test(what_is_neither_name_nor_address_is_refused_unasked),
		cmocka_unit_test(names_reach_the_resolver_in_ascii),
		cmocka_unit_test(answers_come_without_doubles_and_interleaved),
		cmocka_unit_test(failures_of_the_resolver_are_told_apart),
		cmocka_unit_test(answers_get_the_port),
		cmocka_unit_test(a_look_up_that_hangs_is_left_behind),
		cmocka_unit_test(an_answer_in_time_is_waited_for),
		cmocka_unit_test(the_system_knows_localhost),
		cmocka_unit_test(loopback_is_told_from_the_rest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
