/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What early pipelining leaves in the state file, over whole deliveries. */
#include "delivery_help.h"

#include "base/fsutil.h"
#include "base/xalloc.h"
#include "transport/caps_cache.h"

#include <fcntl.h>
#include <signal.h>
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

/* One message for a to a server that follows these dialogues; servers are remembered. */
static void deliver_one(const char *config_lines, const char *first, const char *second)
{
	const struct host_script scripts[] = {{.name = "one.example", .sessions = {first, second}}, {.name = NULL}};
	struct hosts hosts;
	struct delivery_result result;
	AUTO(config) config = CONFIG_INIT;
	AUTO(strbuf) certificate = STRBUF_INIT;
	AUTO(strbuf) key = STRBUF_INIT;
	AUTO(strbuf) why = STRBUF_INIT;
	AUTO_FREE char *lines = xasprintf("host one.example\nearly_pipelining on\n%s", config_lines);
	assert_true(scripted_server_certificate(&certificate, &key, NULL));
	hosts_start(&hosts, scripts, &certificate, &key);
	struct delivery_request req = {
		.account = delivery_account(&config, lines),
		.clock = &clock_system,
		.resolver = &hosts.resolver,
		.state_home = home,
	};
	struct transport *transport = transport_new(&req);
	carry_to(transport, "a", &result);
	transport_free(transport);
	hosts_end(&hosts, &why);
	assert_string_equal(why.buf, "");
	assert_int_equal(result.error.kind, ERROR_NONE);
	assert_int_equal(result.outcomes[0].kind, OUTCOME_ACCEPTED);
	delivery_result_release(&result);
}

/* ---- secrets ---- */

/* Whatever form the password has in the list, the whole list is not kept. */
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
		deliver_one("auth plain\nuser joe\npassword " SECRET "\n", dialogue, NULL);
		read_state_file(&kept);
		if (!rows[i].kept != !strstr(kept.buf, "PIPECONNECT"))
			fail_msg("%s: kept is %d\n%s", rows[i].line, !rows[i].kept, kept.buf);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_list_that_repeats_the_password_is_not_kept),
	};
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
