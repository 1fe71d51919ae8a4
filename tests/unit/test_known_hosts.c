/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/known_hosts.h"

#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#define PIN_A "sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define HEX_A "20:21:22:23:24:25:26:27:28:29:2A:2B:2C:2D:2E:2F:30:31:32:33:34:35:36:37:38:39:3A:3B:3C:3D:3E:3F"
#define LINE_A "mail.example.org 465 " PIN_A " " HEX_A "\n"

static struct known_host key_from(unsigned char start)
{
	struct known_host k;
	for (size_t i = 0; i < 32; i++) {
		k.pin[i] = (unsigned char)(start + i);
		k.sha256[i] = (unsigned char)(start + 32 + i);
	}
	return k;
}

static void a_server_is_found_whatever_its_spelling(void **state)
{
	(void)state;
	static const struct {
		const char *host;
		unsigned port;
		bool found;
	} rows[] = {
		{"mail.example.org", 465, true},   {"MAIL.example.ORG", 465, true},
		{"mail.example.org.", 465, true},  {"mail.example.org", 587, false},
		{"mail.example.or", 465, false},   {"ail.example.org", 465, false},
		{"mail.example.org 4", 65, false}, {"", 465, false},
		{"mail.example.org", 46, false},
	};
	const struct known_host want = key_from(0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct known_host got = key_from(9);
		enum known_hosts_answer answer =
			known_hosts_find(SPAN_LIT("# a comment\n\n" LINE_A), rows[i].host, rows[i].port, &got, NULL);
		assert_int_equal(answer, rows[i].found ? KNOWN_HOSTS_FOUND : KNOWN_HOSTS_ABSENT);
		if (rows[i].found)
			assert_memory_equal(&got, &want, sizeof(got));
	}
}

static void a_line_that_is_not_ours_spoils_the_file(void **state)
{
	(void)state;
	static const char *const lines[] = {
		"mail.example.org 465 " PIN_A,
		"mail.example.org 465 " PIN_A " ",
		"mail.example.org 465 " PIN_A " " HEX_A " ",
		" mail.example.org 465 " PIN_A " " HEX_A,
		"mail.example.org  465 " PIN_A " " HEX_A,
		"mail.example.org\t465 " PIN_A " " HEX_A,
		"mail.example.org 465 " PIN_A " " HEX_A "\r",
		"Mail.example.org 465 " PIN_A " " HEX_A,
		"mail.example.org 0 " PIN_A " " HEX_A,
		"mail.example.org 0465 " PIN_A " " HEX_A,
		"mail.example.org +465 " PIN_A " " HEX_A,
		"mail.example.org 65536 " PIN_A " " HEX_A,
		"mail.example.org 99999999999999999999 " PIN_A " " HEX_A,
		"mail.example.org 465 sha1//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8= " HEX_A,
		"mail.example.org 465 sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9= " HEX_A,
		"mail.example.org 465 sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8 " HEX_A,
		"mail.example.org 465 sha256//AAEC " HEX_A,
		"mail.example.org 465 sha256// " HEX_A,
		"mail.example.org 465 " PIN_A " 20:21",
		"mail.example.org 465 " PIN_A " 2" HEX_A,
		"mail.example.org 465 " PIN_A
		" 2a:21:22:23:24:25:26:27:28:29:2A:2B:2C:2D:2E:2F:30:31:32:33:34:35:36:37:38:39:3A:3B:3C:3D:3E:3F",
		"b\303\274cher.example 465 " PIN_A " " HEX_A,
		"465 " PIN_A " " HEX_A,
		"x",
	};
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		for (int before = 0; before < 2; before++) {
			AUTO(strbuf) file = STRBUF_INIT;
			AUTO(strbuf) out = STRBUF_INIT;
			AUTO(error) err = ERROR_INIT;
			struct known_host got = key_from(0);
			strbuf_addf(&file, "%s%s\n%s", before ? "" : LINE_A, lines[i], before ? LINE_A : "");
			assert_int_equal(known_hosts_find(strbuf_span(&file), "mail.example.org", 465, &got, &err),
					 KNOWN_HOSTS_BAD);
			assert_int_equal(err.status.kind, ERROR_CONFIG);
			assert_non_null(strstr(err.status.text, before ? "line 1" : "line 2"));
			assert_false(known_hosts_put(strbuf_span(&file), "other.example", 25, &got, &out, NULL));
			assert_int_equal(out.len, 0);
		}
	struct known_host got;
	assert_int_equal(known_hosts_find(SPAN_LIT("a\0b"), "a", 1, &got, NULL), KNOWN_HOSTS_BAD);
	assert_int_equal(known_hosts_find(SPAN_LIT(LINE_A LINE_A), "mail.example.org", 465, &got, NULL),
			 KNOWN_HOSTS_BAD);
	/* the last line needs no line end */
	assert_int_equal(known_hosts_find(span_make(LINE_A, sizeof(LINE_A) - 2), "mail.example.org", 465, &got, NULL),
			 KNOWN_HOSTS_FOUND);
}

static void what_is_put_is_found_and_all_else_stays(void **state)
{
	(void)state;
	static const char *const hosts[] = {
		"mail.example.org", "192.0.2.1", "2001:db8::1", "fe80::1%eth0", "b\303\274cher.example",
		"a\nb 1 x",	    "",		 "x y"};
	static const char other[] = "# kept\n\nother.example 465 " PIN_A " " HEX_A;
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		AUTO(strbuf) once = STRBUF_INIT;
		AUTO(strbuf) twice = STRBUF_INIT;
		const struct known_host first = key_from(50), second = key_from(150);
		struct known_host got;
		bool empty = !*hosts[i]; /* cannot be read again, so it is never asked for */
		assert_true(known_hosts_put(span_of(other), hosts[i], 465, &first, &once, NULL));
		if (empty)
			continue;
		assert_int_equal(known_hosts_find(strbuf_span(&once), hosts[i], 465, &got, NULL), KNOWN_HOSTS_FOUND);
		assert_memory_equal(&got, &first, sizeof(got));
		assert_true(known_hosts_put(strbuf_span(&once), hosts[i], 465, &second, &twice, NULL));
		assert_int_equal(once.len, twice.len);
		assert_int_equal(known_hosts_find(strbuf_span(&twice), hosts[i], 465, &got, NULL), KNOWN_HOSTS_FOUND);
		assert_memory_equal(&got, &second, sizeof(got));
		assert_memory_equal(twice.buf, other, strlen(other));
		assert_int_equal(known_hosts_find(strbuf_span(&twice), "other.example", 465, &got, NULL),
				 KNOWN_HOSTS_FOUND);
	}
}

static void the_file_is_private_and_replaced_as_one(void **state)
{
	(void)state;
	char dir[] = "/tmp/posthaste-test-XXXXXX";
	assert_non_null(mkdtemp(dir));
	AUTO_FREE char *variable = xasprintf("XDG_STATE_HOME=%s", dir);
	char *environment[] = {variable, NULL};
	struct runtime runtime = {.environ = environment, .clock = &clock_system, .rng = &rng_system};
	const struct known_host key = key_from(7);
	struct known_host got;
	struct stat st;
	AUTO_FREE char *path = known_hosts_path(&runtime);
	AUTO_FREE char *folder = xasprintf("%s/posthaste", dir);
	assert_int_equal(known_hosts_look_up(&runtime, "h", 25, &got, NULL), KNOWN_HOSTS_ABSENT);
	assert_true(known_hosts_accept(&runtime, "h", 25, &key, NULL));
	assert_int_equal(known_hosts_look_up(&runtime, "h", 25, &got, NULL), KNOWN_HOSTS_FOUND);
	assert_memory_equal(&got, &key, sizeof(got));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* a file that others can write accepts nobody */
	AUTO(error) err = ERROR_INIT;
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(known_hosts_look_up(&runtime, "h", 25, &got, &err), KNOWN_HOSTS_BAD);
	assert_non_null(strstr(err.status.text, path));
	assert_false(known_hosts_accept(&runtime, "h", 25, &key, NULL));
	assert_int_equal(chmod(path, 0600), 0);
	runtime.privileged = true;
	assert_int_equal(known_hosts_look_up(&runtime, "h", 25, &got, NULL), KNOWN_HOSTS_BAD);
	assert_null(known_hosts_path(&runtime));
	assert_int_equal(unlink(path) | rmdir(folder) | rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_is_found_whatever_its_spelling),
		cmocka_unit_test(a_line_that_is_not_ours_spoils_the_file),
		cmocka_unit_test(what_is_put_is_found_and_all_else_stays),
		cmocka_unit_test(the_file_is_private_and_replaced_as_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
