/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages one after the other, against a scripted server: each is carried
 * once, its verdict is its own, and a session that has ended is replaced.
 */
#include "message_help.h"
#include "scripted_server.h"

#include "base/xalloc.h"
#include "config/configuration.h"
#include "transport/transport.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#define SECONDS 60

#define HELLO(limits) "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250-LIMITS " limits "\nS: 250 PIPELINING\n"
#define NAMED(x) "C: MAIL FROM:<me@example.org>\nC: RCPT TO:<" x "@example.net>\nC: DATA\n"
#define SENT(x) NAMED(x) "S: 250 ok\nS: 250 ok\nS: 354 go\nD: Subject: x\nD:\nD: hi\nD: .\n"
#define TAKEN(x) SENT(x) "S: 250 taken\n"
#define QUIT "C: QUIT\n"

struct situation {
	const char *name;
	const char *sessions[3]; /* dialogues; and there is no other */
	const char *messages;	 /* each has a recipient of one letter; in upper case it can be sent nowhere */
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

/* ---- the server's process ---- */

static void play_sessions(struct scripted_server *server, const struct situation *s, int gone, struct strbuf *why)
{
	long long deadline = scripted_server_now() + SECONDS * 1000;
	for (size_t i = 0; i < ARRAY_SIZE(s->sessions) + 1; i++) {
		const char *lines = i < ARRAY_SIZE(s->sessions) && s->sessions[i] ? s->sessions[i] : "";
		struct dialogue d;
		AUTO(error) err = ERROR_INIT;
		if (dialogue_parse_events(&d, s->name, span_of(lines), &err))
			scripted_server_play(server, &d, gone, deadline, why);
		else
			strbuf_addf(why, "%s\n", err.text);
		dialogue_release(&d);
		if (!*lines) /* nobody came any more */
			return;
	}
}

/* *gone: to be closed when the client is through; *report: what was wrong can be read there then. */
static pid_t start_server(struct scripted_server *server, const struct situation *s, int *gone, int *report)
{
	int ends[2], said[2];
	assert_int_equal(pipe(ends) | pipe(said), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		AUTO(strbuf) why = STRBUF_INIT;
		(void)close(ends[1]);
		play_sessions(server, s, ends[0], &why);
		_exit(why.len && write(said[1], why.buf, why.len) < 0);
	}
	(void)close(ends[0]);
	(void)close(said[1]);
	*gone = ends[1];
	*report = said[0];
	return pid;
}

static void end_server(pid_t pid, int gone, int report, struct strbuf *why)
{
	char block[4096];
	ssize_t n;
	int status;
	(void)close(gone);
	while ((n = read(report, block, sizeof(block))) > 0)
		strbuf_add(why, block, (size_t)n);
	(void)close(report);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
}

/* ---- the client ---- */

static const struct account *make_account(struct config *c, unsigned port)
{
	AUTO_FREE char *lines =
		xasprintf("host 127.0.0.1\nport %u\ntls off\nfrom me@example.org\ndomain me.example\ntimeout %d\n",
			  port, SECONDS);
	assert_true(config_parse(c, "rc", span_of(lines), FLAVOUR_OWN, NULL));
	assert_true(account_complete(c->accounts[0], NULL));
	return c->accounts[0];
}

static struct mail_address address(const char *text)
{
	return (struct mail_address){xstrdup(text), xstrdup(text)};
}

static void carry(struct transport *transport, char letter, struct strbuf *outcomes)
{
	static const char fit[] = "Subject: x\r\n\r\n", unfit[] = "Subject: \0\r\n\r\n";
	bool sendable = letter >= 'a';
	AUTO(message) msg;
	AUTO(envelope) env = ENVELOPE_INIT;
	struct delivery_result result;
	AUTO_FREE char *to = xasprintf("%c@example.net", letter);
	message_init(&msg, temp_in_memory);
	read_message(&msg, sendable ? SPAN_LIT("Subject: x\n\nhi\n") : SPAN_LIT("Subject: \0\n\nhi\n"), 0);
	env.sender = address("me@example.org");
	envelope_add(&env, address(to));
	struct delivery_message message = {
		.env = &env,
		.header = sendable ? SPAN_LIT(fit) : SPAN_LIT(unfit),
		.body = &msg.body,
		.info = &msg.info,
	};
	transport_send(transport, &message, &result);
	assert_int_equal(result.n, 1);
	strbuf_addf(outcomes, "%s ", outcome_name(result.outcomes[0].kind));
	bool accepted = result.outcomes[0].kind == OUTCOME_ACCEPTED;
	assert_true(!accepted || result.error.kind == ERROR_NONE);
	assert_int_equal(result.code == 250, accepted);
	assert_non_null(result.peer);
	delivery_result_release(&result);
}

static void play(const struct situation *s, const struct strbuf *certificate, const struct strbuf *key)
{
	struct scripted_server server;
	AUTO(config) config = CONFIG_INIT;
	AUTO(strbuf) why = STRBUF_INIT;
	AUTO(strbuf) outcomes = STRBUF_INIT;
	int gone, report;
	assert_true(scripted_server_open(&server, certificate, key, NULL));
	pid_t pid = start_server(&server, s, &gone, &report);
	struct delivery_request req = {
		.account = make_account(&config, server.port),
		.clock = &clock_system,
		.resolver = &resolver_system,
	};
	struct transport *transport = transport_new(&req);
	for (const char *letter = s->messages; *letter; letter++)
		carry(transport, *letter, &outcomes);
	transport_free(transport);
	scripted_server_close(&server);
	end_server(pid, gone, report, &why);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_message_has_its_own_verdict),
	};
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
