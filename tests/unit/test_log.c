/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fsutil.h"
#include "base/log.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>

#define NOON 1792929600 /* 2026-10-25 12:00:00 UTC */
#define STRANGER 12345

/* ---- a folder for each test --------------------------------------------- */

static char folder[PATH_MAX];

static char *in_folder(const char *name)
{
	return xasprintf("%s/%s", folder, name);
}

static int folder_make(void **state)
{
	(void)state;
	const char *tmp = getenv("TMPDIR");
	(void)snprintf(folder, sizeof(folder), "%s/log-XXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(folder) ? 0 : -1;
}

static int folder_remove(void **state)
{
	(void)state;
	AUTO_FREE char *command = xasprintf("rm -rf '%s'", folder);
	return system(command) == 0 ? 0 : -1;
}

static void contents_are(const char *path, const char *wanted)
{
	AUTO(strbuf) got = STRBUF_INIT;
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(fs_read_fd(fd, &got, 1 << 20, NULL));
	assert_string_equal(got.buf, wanted);
}

static void put(const char *path, const char *text)
{
	AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* ---- clocks -------------------------------------------------------------- */

/* Each look at it is a second later, so waiting needs no time. */
static msec_t seconds_fly(const struct clock *clock)
{
	static msec_t now;
	(void)clock;
	return now += 1000;
}

static time_t at_noon(const struct clock *clock)
{
	(void)clock;
	return NOON;
}

static const struct clock hasty = {seconds_fly, at_noon};

static void small_event(struct log_event *event)
{
	*event = LOG_EVENT_INIT;
	event->when = NOON;
	log_event_word(event, "host", "h");
	log_event_word(event, "exitcode", "EX_OK");
}

/* ---- text ---------------------------------------------------------------- */

static void no_value_leaves_its_place(void **state)
{
	(void)state;
	static const struct {
		const char *in, *word, *in_list, *text;
	} rows[] = {
		{"", "", "", "''"},
		{"a@b.example", "a@b.example", "a@b.example", "'a@b.example'"},
		{"a b", "a\\x20b", "a\\x20b", "'a b'"},
		{"a,b", "a,b", "a\\x2cb", "'a,b'"},
		{"it's", "it\\x27s", "it\\x27s", "'it?s'"},
		{"\"q\"", "\\x22q\\x22", "\\x22q\\x22", "'\"q\"'"},
		{"a\\nb", "a\\x5cnb", "a\\x5cnb", "'a\\nb'"},
		{"a\nb", "a\\x0ab", "a\\x0ab", "'a\\nb'"},
		{"a\r\nb", "a\\x0d\\x0ab", "a\\x0d\\x0ab", "'a\\nb'"},
		{"a\rb\tc\x1b[1m\x7f", "a\\x0db\\x09c\\x1b[1m\\x7f", "a\\x0db\\x09c\\x1b[1m\\x7f", "'a?b?c?[1m?'"},
		{"j\xc3\xb6rg", "j\xc3\xb6rg", "j\xc3\xb6rg", "'j\xc3\xb6rg'"},
		{"\xc3(\xff", "\\xc3(\\xff", "\\xc3(\\xff", "'?(?'"},
		{"\xe2\x80\xae"
		 "x",
		 "\\xe2\\x80\\xaex", "\\xe2\\x80\\xaex", "'???x'"},
		{"x exitcode=EX_OK", "x\\x20exitcode=EX_OK", "x\\x20exitcode=EX_OK", "'x exitcode=EX_OK'"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(log_event) event = LOG_EVENT_INIT;
		AUTO(strbuf) got = STRBUF_INIT;
		log_event_word(&event, "w", rows[i].in);
		log_event_text(&event, "t", rows[i].in);
		strvec_push(log_event_list(&event, "l"), rows[i].in);
		log_format_text(&event, SIZE_MAX, &got);
		AUTO_FREE char *wanted = xasprintf("w=%s t=%s l=%s", rows[i].word, rows[i].text, rows[i].in_list);
		assert_string_equal(got.buf, wanted);
	}
}

static void fields_keep_their_order(void **state)
{
	(void)state;
	AUTO(log_event) event = LOG_EVENT_INIT;
	AUTO(strbuf) got = STRBUF_INIT;
	log_event_word(&event, "host", "mail.example");
	log_event_flag(&event, "tls", true);
	log_event_flag(&event, "auth", false);
	struct strvec *list = log_event_list(&event, "recipients");
	strvec_push(list, "a@b");
	strvec_push(list, "c@d");
	log_event_number(&event, "ms", -3);
	(void)log_event_list(&event, "none");
	log_format_text(&event, SIZE_MAX, &got);
	assert_string_equal(got.buf, "host=mail.example tls=on auth=off recipients=a@b,c@d ms=-3 none=");
}

static void long_values_are_cut_and_say_so(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		size_t max;
		const char *out;
	} rows[] = {
		{"abcdef", 6, "w=abcdef l=abcdef z=1"},
		{"abcdef", 3, "w=abc... l=abc... z=1"},
		{"a b", 2, "w=a\\x20... l=a\\x20... z=1"},
		{"\xc3\xb6\xc3\xb6", 1, "w=\xc3\xb6... l=\xc3\xb6... z=1"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(log_event) event = LOG_EVENT_INIT;
		AUTO(strbuf) got = STRBUF_INIT;
		log_event_word(&event, "w", rows[i].in);
		strvec_push(log_event_list(&event, "l"), rows[i].in);
		log_event_number(&event, "z", 1);
		log_format_text(&event, rows[i].max, &got);
		assert_string_equal(got.buf, rows[i].out);
	}
}

static void json_keeps_values_and_types(void **state)
{
	(void)state;
	AUTO(log_event) event = LOG_EVENT_INIT;
	AUTO(strbuf) got = STRBUF_INIT;
	event.level = LOG_LEVEL_ERROR;
	log_event_word(&event, "user", "a \"b\"\n");
	log_event_text(&event, "smtpmsg", "it's\xff");
	log_event_flag(&event, "tls", true);
	log_event_number(&event, "ms", 7);
	strvec_push(log_event_list(&event, "recipients"), "a,b@c");
	log_format_json(&event, "now", &got);
	assert_string_equal(got.buf, "{\"time\":\"now\",\"level\":\"error\",\"user\":\"a "
				     "\\\"b\\\"\\n\",\"smtpmsg\":\"it's\xef\xbf\xbd\",\"tls\":true,"
				     "\"ms\":7,\"recipients\":[\"a,b@c\"]}");
}

static void times_are_english_and_on_one_line(void **state)
{
	(void)state;
	static const struct {
		const char *format, *out;
	} rows[] = {
		{"%b %d %H:%M:%S", "Oct 25 16:00:00"},
		{"%A", "Sunday"},
		{"%Y-%m-%dT%H:%M:%S%z", "2026-10-25T16:00:00+0000"},
		{"a%nb", "a?b"},
		{"%t", "?"},
		{"", ""},
		{"\xc3\xbc %s", "\xc3\xbc 1792944000"},
	};
	assert_int_equal(setenv("TZ", "UTC0", 1), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) got = STRBUF_INIT;
		log_format_time(rows[i].format, 1792944000, &got);
		assert_string_equal(got.buf, rows[i].out);
	}
}

/* ---- files --------------------------------------------------------------- */

static void file_lines(void **state)
{
	(void)state;
	static const struct {
		enum log_format format;
		const char *time_format, *line;
	} rows[] = {
		{LOG_FORMAT_TEXT, NULL, "Oct 25 12:00:00 host=h exitcode=EX_OK\n"},
		{LOG_FORMAT_TEXT, "none", "host=h exitcode=EX_OK\n"},
		{LOG_FORMAT_TEXT, "%H", "12 host=h exitcode=EX_OK\n"},
		{LOG_FORMAT_JSON, NULL,
		 "{\"time\":\"2026-10-25T12:00:00Z\",\"level\":\"info\",\"host\":\"h\",\"exitcode\":\"EX_OK\"}\n"},
		{LOG_FORMAT_JSON, "none", "{\"level\":\"info\",\"host\":\"h\",\"exitcode\":\"EX_OK\"}\n"},
		{LOG_FORMAT_JSON, "%H", "{\"time\":\"12\",\"level\":\"info\",\"host\":\"h\",\"exitcode\":\"EX_OK\"}\n"},
	};
	assert_int_equal(setenv("TZ", "UTC0", 1), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FREE char *path = in_folder("log");
		AUTO(log_event) event;
		AUTO(error) err = ERROR_INIT;
		struct stat st;
		small_event(&event);
		struct log_sink sink = log_sink_file(path, &clock_system);
		sink.format = rows[i].format;
		sink.time_format = rows[i].time_format;
		(void)umask(0);
		assert_true(log_write(&sink, &event, &err));
		(void)umask(077);
		assert_int_equal(err.status.kind, ERROR_NONE);
		contents_are(path, rows[i].line);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(unlink(path), 0);
	}
}

static void what_stands_there_stays(void **state)
{
	(void)state;
	AUTO_FREE char *path = in_folder("log");
	AUTO(log_event) event;
	put(path, "before\n");
	assert_int_equal(chmod(path, 0640), 0);
	small_event(&event);
	struct log_sink sink = log_sink_file(path, &clock_system);
	sink.time_format = "none";
	assert_true(log_write(&sink, &event, NULL));
	assert_true(log_write(&sink, &event, NULL));
	contents_are(path, "before\nhost=h exitcode=EX_OK\nhost=h exitcode=EX_OK\n");
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void a_log_that_fails_says_which_and_why(void **state)
{
	(void)state;
	AUTO_FREE char *fifo = in_folder("fifo"), *missing = in_folder("missing/log"), *loop = in_folder("loop");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink("loop", loop), 0);
	const struct {
		const char *path;
		int errnum;
	} rows[] = {{folder, EISDIR}, {missing, ENOENT}, {"/dev/full", ENOSPC}, {fifo, ENXIO}, {loop, ELOOP}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(error) err = ERROR_INIT;
		AUTO(log_event) event;
		small_event(&event);
		struct log_sink sink = log_sink_file(rows[i].path, &hasty);
		AUTO_FREE char *wanted = xasprintf("cannot log to %s: %s", rows[i].path, strerror(rows[i].errnum));
		assert_false(log_write(&sink, &event, &err));
		assert_string_equal(err.status.text, wanted);
		assert_false(log_write(&sink, &event, NULL));
	}
}

static void a_locked_log_is_waited_for_and_given_up(void **state)
{
	(void)state;
	AUTO_FREE char *path = in_folder("log");
	int ready[2], done[2];
	char c = 0;
	put(path, "");
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(done), 0);
	pid_t child = fork(); /* our own locks do not stop us */
	if (child == 0) {
		struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
		int fd = open(path, O_RDWR | O_CLOEXEC);
		(void)close(done[1]);
		if (fcntl(fd, F_SETLK, &whole) == 0)
			(void)!write(ready[1], "x", 1);
		(void)!read(done[0], &c, 1);
		_exit(0);
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	AUTO(error) err = ERROR_INIT;
	AUTO(log_event) event;
	small_event(&event);
	struct log_sink sink = log_sink_file(path, &hasty);
	assert_false(log_write(&sink, &event, &err));
	AUTO_FREE char *wanted = xasprintf("cannot log to %s: another program has locked it for 10 seconds", path);
	assert_string_equal(err.status.text, wanted);
	contents_are(path, "");
	(void)close(done[0]);
	(void)close(done[1]);
	(void)close(ready[0]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_true(log_write(&sink, &event, NULL));
}

static void links_are_judged(void **state)
{
	(void)state;
	static const struct {
		const char *target;
		uid_t owner;
		bool ok;
	} rows[] = {{"log", 0, true}, {"second", 0, true}, {"log", STRANGER, false}};
	if (geteuid() != 0) {
		print_message("# skipped: only root can make links that belong to somebody else\n");
		skip();
	}
	AUTO_FREE char *log = in_folder("log"), *second = in_folder("second"), *link = in_folder("link");
	assert_int_equal(symlink(log, second), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(error) err = ERROR_INIT;
		AUTO(log_event) event;
		small_event(&event);
		assert_int_equal(symlink(rows[i].target, link), 0);
		assert_int_equal(lchown(link, rows[i].owner, (gid_t)-1), 0);
		struct log_sink sink = log_sink_file(link, &clock_system);
		sink.time_format = "none";
		assert_int_equal(log_write(&sink, &event, &err), rows[i].ok);
		if (rows[i].ok) {
			contents_are(log, "host=h exitcode=EX_OK\n");
			assert_int_equal(unlink(log), 0);
		} else {
			assert_non_null(strstr(err.status.text, "belongs to another user (user ID 12345)"));
			assert_int_equal(access(log, F_OK), -1);
		}
		assert_int_equal(unlink(link), 0);
	}
}

static void second_names_are_traps_for_the_privileged(void **state)
{
	(void)state;
	AUTO_FREE char *log = in_folder("log"), *other = in_folder("other");
	put(log, "");
	assert_int_equal(link(log, other), 0);
	for (int privileged = 0; privileged < 2; privileged++) {
		AUTO(error) err = ERROR_INIT;
		AUTO(log_event) event;
		small_event(&event);
		struct log_sink sink = log_sink_file(log, &clock_system);
		sink.time_format = "none";
		sink.privileged = privileged;
		assert_int_equal(log_write(&sink, &event, &err), !privileged);
		if (privileged)
			assert_non_null(strstr(err.status.text, "2 names (hard links)"));
	}
	contents_are(log, "host=h exitcode=EX_OK\n");
}

/* ---- the system log ------------------------------------------------------ */

static int listen_at(const char *path, int type)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0 && strlen(path) < sizeof(address.sun_path));
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void heard(int fd, struct strbuf *out)
{
	char buf[65536];
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
	assert_true(n > 0);
	strbuf_reset(out);
	strbuf_add(out, buf, (size_t)n);
}

static void syslog_gets_a_line(void **state)
{
	(void)state;
	static const struct {
		enum log_level level;
		int facility;
		const char *tag, *wanted;
	} rows[] = {
		{LOG_LEVEL_INFO, LOG_USER, "posthaste", "<14>Oct 25 12:00:00 posthaste[%ld]: host=h exitcode=EX_OK"},
		{LOG_LEVEL_ERROR, LOG_MAIL, NULL, "<19>Oct 25 12:00:00 posthaste[%ld]: host=h exitcode=EX_OK"},
		{LOG_LEVEL_INFO, LOG_LOCAL7,
		 "a b[1]: \n\xc3\xbc"
		 "c.d-e",
		 "<190>Oct 25 12:00:00 a_b_1______c.d-e[%ld]: host=h exitcode=EX_OK"},
		{LOG_LEVEL_INFO, LOG_USER, "", "<14>Oct 25 12:00:00 posthaste[%ld]: host=h exitcode=EX_OK"},
	};
	AUTO_FREE char *path = in_folder("devlog"), *journal = in_folder("nobody");
	AUTO_FD int fd = listen_at(path, SOCK_DGRAM);
	assert_int_equal(setenv("TZ", "UTC0", 1), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) got = STRBUF_INIT;
		AUTO(log_event) event;
		small_event(&event);
		event.level = rows[i].level;
		struct log_sink sink = log_sink_syslog(rows[i].facility, rows[i].tag, &clock_system);
		sink.path = path;
		sink.journal = journal;
		assert_true(log_write(&sink, &event, NULL));
		heard(fd, &got);
		AUTO_FREE char *wanted = xasprintf(rows[i].wanted, (long)getpid());
		assert_string_equal(got.buf, wanted);
	}
}

static void a_stream_of_syslog_gets_a_nul_behind_each_line(void **state)
{
	(void)state;
	AUTO_FREE char *path = in_folder("devlog");
	AUTO_FD int listener = listen_at(path, SOCK_STREAM);
	AUTO(strbuf) got = STRBUF_INIT;
	AUTO(log_event) event;
	small_event(&event);
	struct log_sink sink = log_sink_syslog(LOG_USER, "t", &clock_system);
	sink.path = path;
	sink.journal = NULL;
	assert_true(log_write(&sink, &event, NULL));
	AUTO_FD int fd = accept(listener, NULL, NULL);
	heard(fd, &got);
	assert_int_equal(got.buf[got.len - 1], '\0');
	assert_non_null(strstr(got.buf, " t["));
	assert_int_equal(strlen(got.buf), got.len - 1);
}

static void a_system_log_that_is_not_there_is_told(void **state)
{
	(void)state;
	AUTO_FREE char *path = in_folder("devlog");
	AUTO(error) err = ERROR_INIT;
	AUTO(log_event) event;
	small_event(&event);
	struct log_sink sink = log_sink_syslog(LOG_USER, "t", &clock_system);
	sink.path = path;
	sink.journal = path;
	assert_false(log_write(&sink, &event, &err));
	AUTO_FREE char *wanted = xasprintf("cannot log to the system log (%s): %s", path, strerror(ENOENT));
	assert_string_equal(err.status.text, wanted);
}

static void the_journal_gets_fields(void **state)
{
	(void)state;
	AUTO_FREE char *path = in_folder("devlog"), *journal = in_folder("journal");
	AUTO_FD int fd = listen_at(journal, SOCK_DGRAM);
	AUTO(strbuf) got = STRBUF_INIT;
	AUTO(log_event) event = LOG_EVENT_INIT;
	event.level = LOG_LEVEL_ERROR;
	log_event_word(&event, "host", "h");
	log_event_text(&event, "smtpmsg", "a\nPRIORITY=0");
	log_event_flag(&event, "tls", true);
	log_event_number(&event, "ms", 5);
	struct strvec *list = log_event_list(&event, "rcpt_failed");
	strvec_push(list, "a@b");
	strvec_push(list, "c@d");
	struct log_sink sink = log_sink_syslog(LOG_MAIL, "t", &clock_system);
	sink.path = path;
	sink.journal = journal;
	assert_true(log_write(&sink, &event, NULL));
	heard(fd, &got);
	AUTO(strbuf) wanted = STRBUF_INIT;
	strbuf_addf(&wanted,
		    "MESSAGE=host=h smtpmsg='a\\nPRIORITY=0' tls=on ms=5 "
		    "rcpt_failed=a@b,c@d\nSYSLOG_IDENTIFIER=t\nPRIORITY=3\nSYSLOG_FACILITY=2\n"
		    "SYSLOG_PID=%ld\nPOSTHASTE_HOST=h\nPOSTHASTE_SMTPMSG\n",
		    (long)getpid());
	strbuf_add(&wanted, "\x0c\0\0\0\0\0\0\0", 8);
	strbuf_adds(&wanted, "a\nPRIORITY=0\nPOSTHASTE_TLS=on\nPOSTHASTE_MS=5\nPOSTHASTE_RCPT_FAILED=a@b,c@d\n");
	assert_int_equal(got.len, wanted.len);
	assert_memory_equal(got.buf, wanted.buf, wanted.len);
}

static void what_no_datagram_holds_is_cut(void **state)
{
	(void)state;
	AUTO_FREE char *path = in_folder("devlog"), *journal = in_folder("journal");
	AUTO_FD int syslog_fd = listen_at(path, SOCK_DGRAM);
	AUTO_FD int journal_fd = listen_at(journal, SOCK_DGRAM);
	AUTO(strbuf) got = STRBUF_INIT;
	AUTO(log_event) event = LOG_EVENT_INIT;
	struct strvec *list = log_event_list(&event, "recipients");
	for (int i = 0; i < 50000; i++)
		strvec_push(list, "somebody@example.org");
	log_event_word(&event, "exitcode", "EX_OK");
	struct log_sink sink = log_sink_syslog(LOG_MAIL, "t", &clock_system);
	sink.path = path;
	sink.journal = journal;
	assert_true(log_write(&sink, &event, NULL));
	heard(journal_fd, &got);
	assert_non_null(strstr(got.buf, "... exitcode=EX_OK\n"));
	assert_non_null(strstr(got.buf, "\nPOSTHASTE_EXITCODE=EX_OK\n"));
	sink.journal = NULL;
	assert_true(log_write(&sink, &event, NULL));
	heard(syslog_fd, &got);
	assert_true(got.len < 8000);
	assert_non_null(strstr(got.buf, "... exitcode=EX_OK"));
}

static void facilities_have_names(void **state)
{
	(void)state;
	static const struct {
		const char *word;
		int facility;
	} rows[] = {
		{"on", LOG_USER},
		{"LOG_USER", LOG_USER},
		{"LOG_MAIL", LOG_MAIL},
		{"LOG_LOCAL0", LOG_LOCAL0},
		{"LOG_LOCAL7", LOG_LOCAL7},
		{"off", -1},
		{"LOG_KERN", -1},
		{"log_mail", -1},
		{"", -1},
		{NULL, -1},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(log_facility(rows[i].word), rows[i].facility);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_value_leaves_its_place),
		cmocka_unit_test(fields_keep_their_order),
		cmocka_unit_test(long_values_are_cut_and_say_so),
		cmocka_unit_test(json_keeps_values_and_types),
		cmocka_unit_test(times_are_english_and_on_one_line),
		cmocka_unit_test_setup_teardown(file_lines, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(what_stands_there_stays, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(a_log_that_fails_says_which_and_why, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(a_locked_log_is_waited_for_and_given_up, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(links_are_judged, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(second_names_are_traps_for_the_privileged, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(syslog_gets_a_line, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(a_stream_of_syslog_gets_a_nul_behind_each_line, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(a_system_log_that_is_not_there_is_told, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(the_journal_gets_fields, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(what_no_datagram_holds_is_cut, folder_make, folder_remove),
		cmocka_unit_test(facilities_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
