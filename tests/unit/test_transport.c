/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages one after the other, against a scripted server: each is sent once
 * and has its own outcome, and a session that has ended is replaced.
 */
#include "delivery_help.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>

/* The message "." */
#define ELSEWHERE                                                                                          \
	"C: MAIL FROM:<me@example.org>\nC: RCPT TO:<x@elsewhere.example>\nC: DATA\nS: 250 ok\nS: 250 ok\n" \
	"S: 354 go\nD: Subject: x\nD:\nD: hi\nD: .\n"

struct situation {
	const char *name;
	const char *sessions[HOST_SESSIONS_MAX]; /* one dialogue per session; there are no others */
	const char *messages; /* each has a recipient of one letter; in upper case no server can accept it */
	const char *outcomes;
};

static const struct situation situations[] = {
	{"one session for all",
	 {HELLO("X=1") TAKEN("a") TAKEN("b") TAKEN("c") QUIT},
	 "abc",
	 "accepted accepted accepted "},
	{"a refusal is about one message",
	 {HELLO("X=1") NAMED("a") "S: 250 ok\nS: 550 no\nS: 503 no\n"
				  "C: RSET\n" NAMED("b") "S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\nD: Subject: "
							 "x\nD:\nD: hi\nD: .\nS: 250 taken\n" QUIT},
	 "ab",
	 "refused accepted "},
	{"what fits no server has no share in the verdict before",
	 {HELLO("X=1") TAKEN("a") TAKEN("c") QUIT},
	 "aBc",
	 "accepted refused accepted "},
	{"nor in the refusal", {HELLO("X=1") SENT("a") "S: 450 not now\n" QUIT}, "aB", "retry refused "},
	{"MAILMAX: a further session",
	 {HELLO("MAILMAX=1") TAKEN("a") QUIT, HELLO("MAILMAX=1") TAKEN("b") QUIT},
	 "ab",
	 "accepted accepted "},
	{"RCPTDOMAINMAX: the same domain in the same session",
	 {HELLO("RCPTDOMAINMAX=1") TAKEN("a") TAKEN("b") QUIT},
	 "ab",
	 "accepted accepted "},
	{"RCPTDOMAINMAX: another domain, a further session",
	 {HELLO("RCPTDOMAINMAX=1") TAKEN("a") QUIT, HELLO("RCPTDOMAINMAX=1") ELSEWHERE "S: 250 taken\n" QUIT,
	  HELLO("RCPTDOMAINMAX=1") TAKEN("c") QUIT},
	 "a.c",
	 "accepted accepted accepted "},
	{"the server has left in between",
	 {HELLO("X=1") TAKEN("a") "S-close\n", HELLO("X=1") TAKEN("b") QUIT},
	 "ab",
	 "accepted accepted "},
	{"it leaves at MAIL",
	 {HELLO("X=1") TAKEN("a") NAMED("b") "S: 421 going\nS-close\n", HELLO("X=1") TAKEN("b") QUIT},
	 "ab",
	 "accepted accepted "},
	{"what may have arrived is not carried again",
	 {HELLO("X=1") TAKEN("a") SENT("b") "S-close\n"},
	 "ab",
	 "accepted unknown "},
	{"and the next one goes",
	 {HELLO("X=1") SENT("a") "S-close\n", HELLO("X=1") TAKEN("b") QUIT},
	 "ab",
	 "unknown accepted "},
};

static void carry(struct transport *transport, char letter, struct strbuf *outcomes)
{
	struct delivery_result result;
	char letters[] = {letter, '\0'};
	if (letter >= 'a' || letter == '.')
		carry_to(transport, letters, &result);
	else
		carry_unsendable(transport, letters, &result);
	strbuf_addf(outcomes, "%s ", outcome_name(result.outcomes[0].kind));
	bool accepted = result.outcomes[0].kind == OUTCOME_ACCEPTED;
	assert_true(!accepted || result.error.status.kind == ERROR_NONE);
	assert_int_equal(result.final.code == 250, accepted);
	assert_non_null(result.peer);
	delivery_result_release(&result);
}

static void play(const struct situation *s, const struct strbuf *certificate, const struct strbuf *key)
{
	struct hosts hosts;
	AUTO(config) config = CONFIG_INIT;
	AUTO(strbuf) why = STRBUF_INIT;
	AUTO(strbuf) outcomes = STRBUF_INIT;
	struct host_script scripts[] = {{.name = "one.example"}, {.name = NULL}};
	memcpy(scripts[0].sessions, s->sessions, sizeof(s->sessions));
	hosts_start(&hosts, scripts, certificate, key);
	struct delivery_request req =
		delivery_request_make(&hosts.runtime, delivery_account(&config, "host one.example\n"),
				      (struct delivery_task){.kind = DELIVERY_SEND});
	struct transport *transport = transport_new(&req);
	for (const char *letter = s->messages; *letter; letter++)
		carry(transport, *letter, &outcomes);
	transport_free(transport);
	hosts_end(&hosts, &why);
	if (why.len || strcmp(outcomes.buf, s->outcomes) != 0)
		fail_msg("%s: %s\n%s", s->name, outcomes.buf, why.len ? why.buf : "");
}

static void each_message_has_its_own_verdict(void **state)
{
	(void)state;
	AUTO(strbuf) certificate = STRBUF_INIT;
	AUTO(strbuf) key = STRBUF_INIT;
	assert_true(scripted_server_certificate(&certificate, &key, NULL));
	for (size_t i = 0; i < ARRAY_SIZE(situations); i++)
		play(&situations[i], &certificate, &key);
}

/*
 * Replaces the function that all waits of this program use.  A fast server replies even to a client that does not wait,
 * so the test looks at how long the client was willing to wait.
 */
static int shortest_wait_ms = INT_MAX;

int poll(struct pollfd *fds, nfds_t n, int ms)
{
	const struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
	if (ms >= 0 && ms < shortest_wait_ms)
		shortest_wait_ms = ms;
	return ppoll(fds, n, ms < 0 ? NULL : &time, NULL);
}

/* Both are sent over one connection; between them passes more time than deadline allows for one. */
static void each_message_has_its_own_deadline(void **state)
{
	(void)state;
	static const struct host_script scripts[] = {
		{.name = "one.example", .sessions = {HELLO("X=1") TAKEN("a") TAKEN("b") QUIT}}, {.name = NULL}};
	struct hosts hosts;
	struct moved_clock clock;
	AUTO(config) config = CONFIG_INIT;
	AUTO(strbuf) certificate = STRBUF_INIT;
	AUTO(strbuf) key = STRBUF_INIT;
	AUTO(strbuf) outcomes = STRBUF_INIT;
	AUTO(strbuf) why = STRBUF_INIT;
	assert_true(scripted_server_certificate(&certificate, &key, NULL));
	hosts_start(&hosts, scripts, &certificate, &key);
	moved_clock_init(&clock);
	hosts.runtime.clock = &clock.clock;
	struct delivery_request req =
		delivery_request_make(&hosts.runtime, delivery_account(&config, "host one.example\ndeadline 10m\n"),
				      (struct delivery_task){.kind = DELIVERY_SEND});
	struct transport *transport = transport_new(&req);
	carry(transport, 'a', &outcomes);
	clock.ahead += 11 * 60 * 1000;
	assert_true(transport_connected(transport));
	shortest_wait_ms = INT_MAX;
	carry(transport, 'b', &outcomes);
	assert_int_not_equal(shortest_wait_ms, INT_MAX);
	assert_int_not_equal(shortest_wait_ms, 0);
	transport_free(transport);
	hosts_end(&hosts, &why);
	assert_string_equal(why.buf, "");
	assert_string_equal(outcomes.buf, "accepted accepted ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_message_has_its_own_verdict),
		cmocka_unit_test(each_message_has_its_own_deadline),
	};
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
