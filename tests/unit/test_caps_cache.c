/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transport/caps_cache.h"

#include "base/state_file.h"
#include "base/xalloc.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define NOW ((time_t)1700000000)
#define DAY ((time_t)24 * 60 * 60)

static char home[64];	/* of one test */
static char folder[80]; /* where the cache is */
static char variable[96];
static char *env[] = {variable, NULL};

static int setup(void **state)
{
	(void)state;
	(void)snprintf(home, sizeof(home), "/tmp/posthaste-test-XXXXXX");
	if (!mkdtemp(home))
		return -1;
	(void)snprintf(folder, sizeof(folder), "%s/posthaste", home);
	(void)snprintf(variable, sizeof(variable), "XDG_STATE_HOME=%s", home);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		(void)execlp("rm", "rm", "-rf", "--", home, (char *)NULL);
		_exit(127);
	}
	(void)waitpid(pid, NULL, 0);
	return 0;
}

/* ---- at a time of the test's choice ---- */

static time_t now;

static int64_t chosen_ms(const struct clock *clock)
{
	(void)clock;
	return (int64_t)now * 1000;
}

static const struct runtime *at(time_t when)
{
	static const struct clock clock = {.wall_ms = chosen_ms};
	static const struct runtime runtime = {.environ = env, .clock = &clock, .rng = &rng_system};
	now = when;
	return &runtime;
}

static const struct caps_cache_key plain = {"mail.example.net", 465, true, "localhost", "joe"};

/* "PIPELINING|AUTH PLAIN" */
static void caps_of(struct caps *caps, const char *lines)
{
	AUTO(strvec) v = STRVEC_INIT;
	struct span rest = span_of(lines), line;
	while (span_split(&rest, '|', &line))
		strvec_push_span(&v, line);
	caps_from_lines(caps, &v);
}

static bool keep(const struct caps_cache_key *key, time_t when, const char *lines)
{
	AUTO(caps) caps = CAPS_INIT;
	AUTO(error) err = ERROR_INIT;
	caps_of(&caps, lines);
	bool kept = caps_cache_keep(at(when), key, &caps, &err);
	assert_int_equal(err.status.kind, ERROR_NONE);
	return kept;
}

/* What is known, joined by "|"; NULL: nothing.  *err says whether the file was at fault. */
static char *known(const struct caps_cache_key *key, time_t when, enum error_kind *kind)
{
	AUTO(caps) caps = CAPS_INIT;
	AUTO(error) err = ERROR_INIT;
	bool found = caps_cache_find(at(when), key, &caps, &err);
	if (kind)
		*kind = err.status.kind;
	return found ? strvec_join(&caps.lines, "|") : NULL;
}

static void must_know(const struct caps_cache_key *key, time_t when, const char *want)
{
	enum error_kind kind;
	AUTO_FREE char *got = known(key, when, &kind);
	assert_int_equal(kind, ERROR_NONE);
	if (want)
		assert_string_equal(got, want);
	else
		assert_null(got);
}

static void what_was_kept_is_found(void **state)
{
	(void)state;
	static const char lines[] = "PIPELINING|PIPECONNECT|SIZE 1000|AUTH PLAIN LOGIN|X-\xc3\xa4 server end|end";
	must_know(&plain, NOW, NULL);
	assert_true(keep(&plain, NOW, lines));
	must_know(&plain, NOW, lines);
	AUTO(caps) caps = CAPS_INIT;
	AUTO(error) err = ERROR_INIT;
	assert_true(caps_cache_find(at(NOW), &plain, &caps, &err));
	assert_true(caps_has(&caps, CAP_PIPELINING) && caps_has(&caps, CAP_AUTH));
	assert_int_equal(caps.size_limit, 1000);
	assert_int_equal(caps.auth.n, 2);
	assert_true(keep(&plain, NOW, "PIPECONNECT"));
	must_know(&plain, NOW, "PIPECONNECT");
}

static void each_part_of_the_key_counts(void **state)
{
	(void)state;
	static const struct caps_cache_key others[] = {
		{"mail.example.org", 465, true, "localhost", "joe"},
		{"mail.example.net", 466, true, "localhost", "joe"},
		{"mail.example.net", 465, false, "localhost", "joe"},
		{"mail.example.net", 465, true, "localhos", "joe"},
		{"mail.example.net", 465, true, "localhost", "jo"},
		{"mail.example.net", 465, true, "localhost", ""},
		{"mail.example.net", 465, true, "localhost", NULL},
		{"mail.example.net", 465, true, "localhost", "joe 1"},
		{"mail.example.net", 465, true, "local host", "joe"},
		{"mail.example.net", 465, true, "localhost", "j\n\xc3\xb6 %e"},
		{"", 0, false, "", ""},
	};
	assert_true(keep(&plain, NOW, "PIPECONNECT|X"));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		AUTO_FREE char *mine = xasprintf("PIPECONNECT|%zu", i);
		must_know(&others[i], NOW, NULL);
		assert_true(keep(&others[i], NOW, mine));
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		AUTO_FREE char *mine = xasprintf("PIPECONNECT|%zu", i);
		must_know(&others[i], NOW, mine);
	}
	must_know(&plain, NOW, "PIPECONNECT|X");
	const struct caps_cache_key shouted = {"MAIL.Example.NET", 465, true, "localhost", "joe"};
	must_know(&shouted, NOW, "PIPECONNECT|X");
}

static void what_is_dropped_is_gone_and_nothing_else(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	const struct caps_cache_key other = {"other.example", 465, true, "localhost", "joe"};
	assert_false(caps_cache_drop(at(NOW), &plain, &err));
	assert_int_equal(err.status.kind, ERROR_NONE);
	assert_true(keep(&plain, NOW, "PIPECONNECT|A"));
	assert_true(keep(&other, NOW, "PIPECONNECT|B"));
	assert_true(caps_cache_drop(at(NOW), &plain, &err));
	must_know(&plain, NOW, NULL);
	must_know(&other, NOW, "PIPECONNECT|B");
}

static void time_goes_by(void **state)
{
	(void)state;
	static const struct {
		time_t later;
		bool there;
	} rows[] = {{0, true},
		    {CAPS_CACHE_DAYS * DAY, true},
		    {CAPS_CACHE_DAYS * DAY + 1, false},
		    {-DAY, true},
		    {-DAY - 1, false},
		    {-NOW, false}};
	assert_true(keep(&plain, NOW, "PIPECONNECT"));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		must_know(&plain, NOW + rows[i].later, rows[i].there ? "PIPECONNECT" : NULL);
}

static void what_is_not_worth_it_is_not_kept(void **state)
{
	(void)state;
	AUTO(strbuf) many = STRBUF_INIT, longer = STRBUF_INIT, much = STRBUF_INIT;
	strbuf_adds(&many, "PIPECONNECT");
	for (int i = 0; i < 64; i++)
		strbuf_adds(&many, "|X");
	strbuf_adds(&longer, "PIPECONNECT|");
	for (int i = 0; i < 513; i++)
		strbuf_addch(&longer, 'x');
	strbuf_adds(&much, "PIPECONNECT");
	for (int i = 0; i < 9; i++)
		strbuf_addf(&much, "|%0500d", i);
	const char *const rows[] = {"", "PIPELINING|AUTH PLAIN", "XPIPECONNECT", many.buf, longer.buf, much.buf};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_false(keep(&plain, NOW, rows[i]));
		must_know(&plain, NOW, NULL);
	}
	strbuf_setlen(&many, many.len - 2);
	strbuf_setlen(&longer, longer.len - 1);
	assert_true(keep(&plain, NOW, many.buf));
	must_know(&plain, NOW, many.buf);
	assert_true(keep(&plain, NOW, longer.buf));
	must_know(&plain, NOW, longer.buf);
}

static struct caps_cache_key numbered(char *buf, size_t size, unsigned i)
{
	(void)snprintf(buf, size, "host%u", i);
	return (struct caps_cache_key){buf, 465, true, "localhost", NULL};
}

static void the_oldest_goes(void **state)
{
	(void)state;
	char host[32];
	for (unsigned i = 0; i <= CAPS_CACHE_SERVERS; i++) {
		const struct caps_cache_key key = numbered(host, sizeof(host), i);
		/* number 1 is the oldest */
		assert_true(keep(&key, i == 1 ? NOW - DAY : NOW + (time_t)i, "PIPECONNECT"));
	}
	for (unsigned i = 0; i <= CAPS_CACHE_SERVERS; i++) {
		const struct caps_cache_key key = numbered(host, sizeof(host), i);
		must_know(&key, NOW, i == 1 ? NULL : "PIPECONNECT");
	}
}

#define HEAD "posthaste capabilities 1\n"
#define SERVER "server mail.example.net 465 tls localhost +joe 1700000000\n"

static void what_is_damaged_is_empty_and_written_anew(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"",
		"\n",
		"garbage\n",
		HEAD,
		HEAD "en",
		HEAD "end",
		HEAD SERVER,
		HEAD SERVER " PIPECONNECT\n",
		HEAD SERVER " PIPECONNECT\nend",
		HEAD SERVER " PIPECONNECT\nend\n\n",
		HEAD SERVER " PIPECONNECT\nend\n" SERVER,
		HEAD SERVER " PIPECONNECT\n" SERVER " PIPECONNECT\nend\n",
		HEAD SERVER "PIPECONNECT\nend\n",
		HEAD SERVER "\n PIPECONNECT\nend\n",
		HEAD " PIPECONNECT\nend\n",
		HEAD "server \nend\n",
		HEAD "server x\nend\n",
		HEAD "server  1\nend\n",
		HEAD "server mail.example.net 465 tls localhost +joe 17x\n PIPECONNECT\nend\n",
		HEAD "server mail.example.net 465 tls localhost +joe 99999999999999999999999\n PIPECONNECT\nend\n",
		"posthaste capabilities 2\n" SERVER " PIPECONNECT\nend\n",
	};
	AUTO(error) err = ERROR_INIT;
	assert_true(state_file_write(folder, CAPS_CACHE_NAME, SPAN_LIT(HEAD SERVER " PIPECONNECT\nend\n"), &rng_system,
				     &err));
	must_know(&plain, NOW, "PIPECONNECT");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum error_kind kind;
		assert_true(state_file_write(folder, CAPS_CACHE_NAME, span_of(rows[i]), &rng_system, &err));
		AUTO_FREE char *got = known(&plain, NOW, &kind);
		assert_null(got);
		assert_int_equal(kind, ERROR_CONFIG);
		assert_true(keep(&plain, NOW, "PIPECONNECT|X"));
		must_know(&plain, NOW, "PIPECONNECT|X");
	}
	static const char nul[] = HEAD SERVER " PIPE\0CONNECT\nend\n";
	enum error_kind kind;
	assert_true(state_file_write(folder, CAPS_CACHE_NAME, SPAN_LIT(nul), &rng_system, &err));
	AUTO_FREE char *got = known(&plain, NOW, &kind);
	assert_null(got);
	assert_int_equal(kind, ERROR_CONFIG);
}

static void an_entry_without_pipeconnect_is_none(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	assert_true(state_file_write(folder, CAPS_CACHE_NAME, SPAN_LIT(HEAD SERVER " PIPELINING\nend\n"), &rng_system,
				     &err));
	must_know(&plain, NOW, NULL);
}

static void a_place_that_cannot_be_is_reported(void **state)
{
	(void)state;
	AUTO(caps) caps = CAPS_INIT;
	AUTO(error) err = ERROR_INIT;
	caps_of(&caps, "PIPECONNECT");
	(void)snprintf(variable, sizeof(variable), "XDG_STATE_HOME=/nonexistent/a/b/c");
	assert_false(caps_cache_keep(at(NOW), &plain, &caps, &err));
	assert_int_equal(err.status.kind, ERROR_CANNOT_CREATE);
	error_release(&err);
	assert_false(caps_cache_find(at(NOW), &plain, &caps, &err));
	assert_int_equal(err.status.kind, ERROR_NONE);
}

static void a_privileged_process_remembers_nothing(void **state)
{
	(void)state;
	AUTO(caps) caps = CAPS_INIT;
	AUTO(error) err = ERROR_INIT;
	struct runtime privileged = *at(NOW);
	privileged.privileged = true;
	caps_of(&caps, "PIPECONNECT");
	assert_false(caps_cache_keep(&privileged, &plain, &caps, &err));
	must_know(&plain, NOW, NULL);
	assert_true(keep(&plain, NOW, "PIPECONNECT"));
	assert_false(caps_cache_find(&privileged, &plain, &caps, &err));
	assert_false(caps_cache_drop(&privileged, &plain, &err));
	must_know(&plain, NOW, "PIPECONNECT");
	assert_int_equal(err.status.kind, ERROR_NONE);
}

static void many_at_once_leave_a_whole_file(void **state)
{
	(void)state;
	enum { WRITERS = 4, TIMES = 25 };
	pid_t writers[WRITERS];
	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i] = fork();
		if (writers[i] == 0) {
			char host[32];
			bool good = true;
			const struct caps_cache_key key = numbered(host, sizeof(host), i);
			AUTO(caps) caps = CAPS_INIT;
			AUTO(error) err = ERROR_INIT;
			caps_of(&caps, "PIPECONNECT|PIPELINING");
			for (int j = 0; j < TIMES; j++) {
				good &= caps_cache_keep(at(NOW), &key, &caps, &err) && err.status.kind == ERROR_NONE;
				(void)caps_cache_drop(at(NOW), &key, &err);
				good &= err.status.kind == ERROR_NONE;
			}
			_exit(good ? 0 : 1);
		}
	}
	for (int i = 0; i < WRITERS; i++) {
		int status;
		assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
		assert_int_equal(status, 0);
	}
	assert_true(keep(&plain, NOW, "PIPECONNECT"));
	must_know(&plain, NOW, "PIPECONNECT");
}

static void what_is_refused_is_remembered_for_the_server(void **state)
{
	AUTO(error) err = ERROR_INIT;
	struct caps_cache_key one = {.host = "Mail.example.org", .port = 587, .local_name = "a", .user = "joe"};
	struct caps_cache_key same = {.host = "mail.example.org", .port = 587}, other = {.host = "b", .port = 587};
	(void)state;
	assert_int_equal(caps_cache_find_unkept(at(NOW), &one, &err), 0);
	assert_true(caps_cache_add_unkept(at(NOW), &one, CAP_CHUNKING, &err));
	assert_true(caps_cache_add_unkept(at(NOW), &same, CAP_SIZE | CAP_8BITMIME, &err));
	assert_int_equal(caps_cache_find_unkept(at(NOW), &same, &err), CAP_CHUNKING | CAP_SIZE | CAP_8BITMIME);
	assert_int_equal(caps_cache_find_unkept(at(NOW), &other, &err), 0);
	assert_int_equal(caps_cache_find_unkept(at(NOW + (CAPS_CACHE_DAYS + 1) * DAY), &same, &err), 0);
	assert_int_equal(err.status.kind, ERROR_NONE);
}

static void offers_are_remembered_for_clients(void **state)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(caps) offered = CAPS_INIT, found = CAPS_INIT;
	AUTO(strvec) lines = STRVEC_INIT;
	struct caps_cache_key one = {.host = "Mail.example.org", .port = 25, .local_name = "a", .user = "joe"};
	struct caps_cache_key same = {.host = "mail.example.org", .port = 25}, other = {.host = "b", .port = 25};
	const unsigned wanted = CAP_DELIVERBY | CAP_MT_PRIORITY;
	(void)state;
	assert_true(caps_cache_keep_offers(at(NOW), &other, &offered, wanted, &err));
	assert_false(caps_cache_find_offers(at(NOW), &other, &found, &err));
	strvec_push(&lines, "SIZE 1000");
	strvec_push(&lines, "DELIVERBY 60");
	strvec_push(&lines, "MT-PRIORITY MIXER");
	caps_from_lines(&offered, &lines);
	assert_true(caps_cache_keep_offers(at(NOW), &one, &offered, wanted, &err));
	assert_true(caps_cache_find_offers(at(NOW), &same, &found, &err));
	assert_int_equal(found.bits, wanted);
	assert_int_equal(found.by_minimum, 60);
	assert_string_equal(found.priorities, "MIXER");
	caps_ignore(&offered, CAP_MT_PRIORITY); /* it was refused when it was used */
	assert_true(caps_cache_keep_offers(at(NOW), &one, &offered, wanted, &err));
	assert_true(caps_cache_find_offers(at(NOW), &same, &found, &err));
	assert_int_equal(found.bits, CAP_DELIVERBY);
	/* an entry that says the same stays for a day */
	assert_true(caps_cache_keep_offers(at(NOW + DAY - 1), &one, &offered, wanted, &err));
	assert_false(caps_cache_find_offers(at(NOW + (CAPS_CACHE_DAYS + 1) * DAY), &same, &found, &err));
	assert_true(caps_cache_keep_offers(at(NOW + DAY), &one, &offered, wanted, &err));
	assert_true(caps_cache_find_offers(at(NOW + CAPS_CACHE_DAYS * DAY + 1), &same, &found, &err));
	assert_int_equal(err.status.kind, ERROR_NONE);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_was_kept_is_found),
		TEST(each_part_of_the_key_counts),
		TEST(what_is_dropped_is_gone_and_nothing_else),
		TEST(time_goes_by),
		TEST(what_is_not_worth_it_is_not_kept),
		TEST(the_oldest_goes),
		TEST(what_is_damaged_is_empty_and_written_anew),
		TEST(an_entry_without_pipeconnect_is_none),
		TEST(a_place_that_cannot_be_is_reported),
		TEST(a_privileged_process_remembers_nothing),
		TEST(what_is_refused_is_remembered_for_the_server),
		TEST(offers_are_remembered_for_clients),
		TEST(many_at_once_leave_a_whole_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
