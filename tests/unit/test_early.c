/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What early pipelining leaves in the state file, and what it does with an
 * entry that is wrong, in complete deliveries.
 */
#include "delivery_help.h"

#include "base/fsutil.h"
#include "base/xalloc.h"
#include "transport/caps_cache.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define SECRET "canary-secret"

static char home[64];

static int setup(void **state)
{
	(void)state;
	(void)snprintf(home, sizeof(home), "/tmp/posthaste-test-XXXXXX");
	return mkdtemp(home) ? 0 : -1;
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

/* The content of the state file; empty if there is none. */
static void read_state_file(struct strbuf *out)
{
	AUTO_FREE char *path = xasprintf("%s/posthaste/%s", home, CAPS_CACHE_NAME);
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		assert_true(fs_read_fd(fd, out, 1024 * 1024, NULL));
}

/* Limits the size of the files we write; returns the limit before. */
static rlim_t limit_files(rlim_t size)
{
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	rlim_t before = limit.rlim_cur;
	limit.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	return before;
}

enum disk { DISK_USUAL, DISK_FULL };

/* Sends a message for a to a server that follows these dialogues; capabilities are remembered. */
static void deliver_one(const char *config_lines, const char *first, const char *second, enum disk disk)
{
	const struct host_script scripts[] = {{.name = "one.example", .sessions = {first, second}}, {.name = NULL}};
	struct hosts hosts;
	struct delivery_result result;
	AUTO(config) config = CONFIG_INIT;
	AUTO(strbuf) certificate = STRBUF_INIT;
	AUTO(strbuf) key = STRBUF_INIT;
	AUTO(strbuf) why = STRBUF_INIT;
	AUTO_FREE char *variable = xasprintf("XDG_STATE_HOME=%s", home);
	AUTO_FREE char *lines = xasprintf("host one.example\nearly_pipelining on\n%s", config_lines);
	assert_true(scripted_server_certificate(&certificate, &key, NULL));
	hosts_start(&hosts, scripts, &certificate, &key);
	hosts.runtime.environ = TEST_ENV(variable);
	struct delivery_request req = delivery_request_make(&hosts.runtime, delivery_account(&config, lines),
							    (struct delivery_task){.kind = DELIVERY_SEND});
	struct transport *transport = transport_new(&req);
	rlim_t usual = disk == DISK_FULL ? limit_files(0) : 0;
	carry_to(transport, "a", &result);
	if (disk == DISK_FULL)
		(void)limit_files(usual);
	transport_free(transport);
	hosts_end(&hosts, &why);
	assert_string_equal(why.buf, "");
	assert_int_equal(result.error.status.kind, ERROR_NONE);
	assert_int_equal(result.outcomes[0].kind, OUTCOME_ACCEPTED);
	delivery_result_release(&result);
}

/* ---- secrets ---- */

/* Whatever form the password has in the list, nothing of the list is kept. */
static void a_list_that_repeats_the_password_is_not_kept(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		bool kept;
	} rows[] = {
		{"X-SEEN joe another-word", true},
		{"X-SEEN joe " SECRET, false},
		{"AUTH PLAIN " SECRET, false},
		{SECRET, false},
		{"X-SEEN AGpvZQBjYW5hcnktc2VjcmV0", false},	    /* what PLAIN sent: base64 of NUL joe NUL secret */
		{"X-SEEN 63616e6172792d736563726574", false},	    /* hex */
		{"X-SEEN user=joe&password=" SECRET "&x=y", false}, /* within a word */
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) kept = STRBUF_INIT;
		AUTO_FREE char *dialogue =
			xasprintf("S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250-PIPELINING\nS: 250-PIPECONNECT\n"
				  "S: 250-%s\nS: 250 AUTH PLAIN\n"
				  "C: AUTH PLAIN AGpvZQBjYW5hcnktc2VjcmV0\nS: 235 ok\n" TAKEN("a") QUIT,
				  rows[i].line);
		assert_int_equal(teardown(state), 0);
		assert_int_equal(setup(state), 0);
		deliver_one("auth plain\nuser joe\npassword " SECRET "\n", dialogue, NULL, DISK_USUAL);
		read_state_file(&kept);
		if (!rows[i].kept != !strstr(kept.buf, "PIPECONNECT"))
			fail_msg("%s: kept is %d\n%s", rows[i].line, !rows[i].kept, kept.buf);
	}
}

/* ---- an entry that is wrong ---- */

#define LIST(more) "S: 250-srv\nS: 250-PIPELINING\n" more "S: 250 PIPECONNECT\n"
#define LEARNED "S: 220 hi\nC: EHLO me.example\n" LIST("") TAKEN("a") QUIT
/* The client speaks first; nothing that it sends after the list is part of the message. */
#define STALE "C: EHLO me.example\n" NAMED("a") "S: 220 hi\n" LIST("S: 250-SIZE 1000\n")
#define NOT_EARLY "S: 220 hi\nC: EHLO me.example\n" LIST("S: 250-X=1\n") TAKEN("a") QUIT

/* The entry cannot be removed, because no file can be written.  It is not used again in this delivery. */
static void a_stale_entry_that_cannot_be_dropped_is_not_used_again(void **state)
{
	(void)state;
	AUTO(strbuf) before = STRBUF_INIT;
	AUTO(strbuf) after = STRBUF_INIT;
	deliver_one("", LEARNED, NULL, DISK_USUAL);
	read_state_file(&before);
	assert_non_null(strstr(before.buf, "PIPECONNECT"));
	deliver_one("", STALE, NOT_EARLY, DISK_FULL);
	read_state_file(&after);
	assert_string_equal(after.buf, before.buf);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_list_that_repeats_the_password_is_not_kept),
		TEST(a_stale_entry_that_cannot_be_dropped_is_not_used_again),
	};
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
