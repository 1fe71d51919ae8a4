/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An account with two hosts: the second one is tried if the first one fails
 * before it has accepted EHLO, and not after any later failure; nor if the user
 * has to fix something.  Then the same for two addresses of one host.
 */
#include "base/xalloc.h"
#include "delivery_help.h"

#include <signal.h>

#define TWO_HOSTS "host one.example two.example\n"
#define LOGIN TWO_HOSTS "auth plain\nuser joe\npassword secret\n"
#define TLS TWO_HOSTS "tls on\ntls_fingerprint " ZEROS "\n"
#define TLS_ANY TWO_HOSTS "tls on\ntls_certcheck off\n"
#define STARTED                                                                                  \
	GREETED "S: 250-srv\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS\nC: EHLO me.example\n" \
		"S: 250-srv\nS: 250 PIPELINING\n"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define GREETED "S: 220 hi\nC: EHLO me.example\n"
#define READY HELLO("X=1")
#define TAKES READY TAKEN("a") QUIT

struct situation {
	const char *name, *config, *letters;
	const char *one[HOST_SESSIONS_MAX], *two[HOST_SESSIONS_MAX];
	const char *outcomes;
	enum error_kind kind; /* of the first recipient if it is not accepted */
	bool one_refuses;
};

static const struct situation goes_on[] = {
	{.name = "nothing listens on its port", .one_refuses = true, .two = {TAKES}},
	{.name = "its name is unknown", .config = "host nowhere.example two.example\n", .two = {TAKES}},
	{.name = "it closes before its greeting", .one = {"S-close\n"}, .two = {TAKES}},
	{.name = "554 for a greeting", .one = {"S: 554 go away\nC-rest\n"}, .two = {TAKES}},
	{.name = "421 for a greeting", .one = {"S: 421 not now\nC-rest\n"}, .two = {TAKES}},
	{.name = "it closes after EHLO", .one = {GREETED "S-close\n"}, .two = {TAKES}},
	{.name = "it is no mail server", .one = {"S: SSH-2.0-x\nC-rest\n"}, .two = {TAKES}},
	{.name = "TLS from the first octet fails",
	 .config = TLS_ANY "tls_starttls off\n",
	 .one = {"S-close\n"}, /* the client does not wait for a greeting */
	 .two = {"TLS\n" READY TAKEN("a") QUIT}},
	{.name = "421 to STARTTLS",
	 .config = TLS_ANY "tls_starttls on\n",
	 .one = {GREETED "S: 250-srv\nS: 250 STARTTLS\nC: STARTTLS\nS: 421 no\nC-rest\n"},
	 .two = {STARTED TAKEN("a") QUIT}},
	{.name = "the handshake after STARTTLS fails",
	 .config = TLS_ANY "tls_starttls on\n",
	 .one = {GREETED "S: 250-srv\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nS-close\n"},
	 .two = {STARTED TAKEN("a") QUIT}},
	{.name = "421 to EHLO", .one = {GREETED "S: 421 not now\nC-rest\n"}, .two = {TAKES}},
	{.name = "it is gone when the remaining recipients are due: only these go to the next one",
	 .letters = "ab",
	 .one = {HELLO("MAILMAX=1 RCPTMAX=1") TAKEN("a") QUIT, "S: 421 not now\nC-rest\n"},
	 .two = {READY TAKEN("b") QUIT},
	 .outcomes = "accepted accepted "},
};

#define RETRY .outcomes = "retry "
#define REFUSED .outcomes = "refused "

static const struct situation stays[] = {
	{.name = "it closes at MAIL", .one = {READY NAMED("a") "S-close\n"}, RETRY, .kind = ERROR_CONNECTION_LOST},
	{.name = "421 to MAIL",
	 .one = {READY NAMED("a") "S: 421 going down\nC-rest\n"},
	 RETRY,
	 .kind = ERROR_SERVER_TEMPORARY},
	{.name = "451 to MAIL",
	 .one = {READY NAMED("a") "S: 451 not now\nS: 503 no\nS: 503 no\nC-rest\n"},
	 RETRY,
	 .kind = ERROR_SERVER_TEMPORARY},
	{.name = "550 to MAIL",
	 .one = {READY NAMED("a") "S: 550 not you\nS: 503 no\nS: 503 no\nC-rest\n"},
	 REFUSED,
	 .kind = ERROR_SENDER_REFUSED},
	{.name = "450 to RCPT",
	 .one = {READY NAMED("a") "S: 250 ok\nS: 450 not now\nS: 503 no\nC-rest\n"},
	 RETRY,
	 .kind = ERROR_SERVER_TEMPORARY},
	{.name = "one recipient taken, one put off",
	 .letters = "ab",
	 .one = {READY
		 "C: MAIL FROM:<me@example.org>\nC: RCPT TO:<a@example.net>\nC: RCPT TO:<b@example.net>\nC: DATA\n"
		 "S: 250 ok\nS: 250 ok\nS: 450 not now\nS: 354 go\n"
		 "D: Subject: x\nD:\nD: hi\nD: .\nS: 250 taken\n" QUIT},
	 .outcomes = "accepted retry "},
	{.name = "451 to DATA",
	 .one = {READY NAMED("a") "S: 250 ok\nS: 250 ok\nS: 451 not now\nC-rest\n"},
	 RETRY,
	 .kind = ERROR_SERVER_TEMPORARY},
	{.name = "451 to the message",
	 .one = {READY SENT("a") "S: 451 not now\n" QUIT},
	 RETRY,
	 .kind = ERROR_SERVER_TEMPORARY},
	{.name = "421 to the message",
	 .one = {READY SENT("a") "S: 421 going down\nC-rest\n"},
	 RETRY,
	 .kind = ERROR_SERVER_TEMPORARY},
	{.name = "554 to the message",
	 .one = {READY SENT("a") "S: 554 spam\n" QUIT},
	 REFUSED,
	 .kind = ERROR_MESSAGE_REFUSED},
	{.name = "it closes after the message",
	 .one = {READY SENT("a") "S-close\n"},
	 .outcomes = "unknown ",
	 .kind = ERROR_UNCERTAIN},
	{.name = "it resets the connection after the message",
	 .one = {READY SENT("a") "S-reset\n"},
	 .outcomes = "unknown ",
	 .kind = ERROR_UNCERTAIN},
	{.name = "it refuses the password",
	 .config = LOGIN,
	 .one = {GREETED "S: 250-srv\nS: 250 AUTH PLAIN\nC: AUTH PLAIN \\*\nS: 535 no\nC-rest\n"},
	 RETRY,
	 .kind = ERROR_AUTH_REFUSED},
	{.name = "it cannot check the password now",
	 .config = LOGIN,
	 .one = {GREETED "S: 250-srv\nS: 250 AUTH PLAIN\nC: AUTH PLAIN \\*\nS: 454 not now\nC-rest\n"},
	 RETRY,
	 .kind = ERROR_SERVER_TEMPORARY},
	{.name = "it offers no authentication",
	 .config = LOGIN,
	 .one = {GREETED "S: 250 srv\nC-rest\n"},
	 RETRY,
	 .kind = ERROR_NOT_OFFERED},
	{.name = "another certificate, TLS from the first octet",
	 .config = TLS "tls_starttls off\n",
	 .one = {"TLS-refused\n"},
	 RETRY,
	 .kind = ERROR_CERTIFICATE},
	{.name = "another certificate, STARTTLS",
	 .config = TLS "tls_starttls on\n",
	 .one = {GREETED "S: 250-srv\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS-refused\n"},
	 RETRY,
	 .kind = ERROR_CERTIFICATE},
	{.name = "it offers no STARTTLS",
	 .config = TLS "tls_starttls on\n",
	 .one = {GREETED "S: 250 srv\nC-rest\n"},
	 RETRY,
	 .kind = ERROR_NOT_OFFERED},
	{.name = "our file of trusted certificates is missing",
	 .config = TWO_HOSTS "tls on\ntls_starttls off\ntls_trust_file /nonexistent/ca.pem\n",
	 .one = {"C-rest\n"},
	 RETRY,
	 .kind = ERROR_FILE_MISSING},
};

static bool one_name; /* both are addresses of one host */

static void compare(const struct situation *s, const struct delivery_result *result, struct strbuf *why)
{
	const char *wanted = s->outcomes ? s->outcomes : "accepted ";
	AUTO(strbuf) outcomes = STRBUF_INIT;
	for (size_t i = 0; i < result->n; i++)
		strbuf_addf(&outcomes, "%s ", outcome_name(result->outcomes[i].kind));
	if (strcmp(outcomes.buf, wanted) != 0)
		strbuf_addf(why, "outcomes %s, wanted %s\n", outcomes.buf, wanted);
	if (result->outcomes[0].status.kind != s->kind)
		strbuf_addf(why, "the error is %s, wanted %s\n", error_kind_name(result->outcomes[0].status.kind),
			    error_kind_name(s->kind));
	const char *host = s->two[0] && !one_name ? "two.example" : "one.example";
	if (strcmp(result->host, host) != 0)
		strbuf_addf(why, "the result names %s, wanted %s\n", result->host, host);
}

static void play(const struct situation *s, const struct strbuf *certificate, const struct strbuf *key)
{
	struct hosts hosts;
	struct delivery_result result;
	AUTO(config) config = CONFIG_INIT;
	AUTO(strbuf) why = STRBUF_INIT;
	struct host_script scripts[] = {{.name = "one.example", .refuses = s->one_refuses},
					{.name = one_name ? "one.example" : "two.example"},
					{.name = NULL}};
	AUTO_FREE char *lines = xstrdup(s->config ? s->config : TWO_HOSTS);
	char *second = strstr(lines, " two.example");
	if (one_name && second)
		memmove(second, second + strlen(" two.example"), strlen(second + strlen(" two.example")) + 1);
	memcpy(scripts[0].sessions, s->one, sizeof(s->one));
	memcpy(scripts[1].sessions, s->two, sizeof(s->two));
	hosts_start(&hosts, scripts, certificate, key);
	struct delivery_request req = delivery_request_make(&hosts.runtime, delivery_account(&config, lines),
							    (struct delivery_task){.kind = DELIVERY_SEND});
	struct transport *transport = transport_new(&req);
	carry_to(transport, s->letters ? s->letters : "a", &result);
	transport_free(transport);
	hosts_end(&hosts, &why);
	compare(s, &result, &why);
	delivery_result_release(&result);
	if (why.len)
		fail_msg("%s:\n%s", s->name, why.buf);
}

static void play_all(const struct situation *situations, size_t n)
{
	AUTO(strbuf) certificate = STRBUF_INIT;
	AUTO(strbuf) key = STRBUF_INIT;
	assert_true(scripted_server_certificate(&certificate, &key, NULL));
	for (size_t i = 0; i < n; i++)
		play(&situations[i], &certificate, &key);
}

static void the_next_host_is_tried_before_the_first_says_hello(void **state)
{
	(void)state;
	play_all(goes_on, ARRAY_SIZE(goes_on));
}

static void the_next_host_is_not_tried_after_any_other_failure(void **state)
{
	(void)state;
	play_all(stays, ARRAY_SIZE(stays));
}

static void so_are_the_addresses_of_one_name(void **state)
{
	(void)state;
	one_name = true;
	for (size_t i = 0; i < ARRAY_SIZE(goes_on); i++)
		if (!goes_on[i].config || !strstr(goes_on[i].config, "nowhere"))
			play_all(&goes_on[i], 1);
	play_all(stays, ARRAY_SIZE(stays));
	one_name = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_host_is_tried_before_the_first_says_hello),
		cmocka_unit_test(the_next_host_is_not_tried_after_any_other_failure),
		cmocka_unit_test(so_are_the_addresses_of_one_name),
	};
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
