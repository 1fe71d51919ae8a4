/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages that require TLS all the way (REQUIRETLS, RFC 8689), and an account with two hosts, of which not every one
 * offers it: nothing of such a message reaches one that does not, but the next one is tried.
 */
#include "delivery_help.h"

#include "base/xalloc.h"

#include <signal.h>
#include <unistd.h>

#define LACKS HELLO("X=1")
#define OFFERS "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250-REQUIRETLS\nS: 250 PIPELINING\n"
#define PROTECTED(x)                                                                          \
	"C: MAIL FROM:<me@example.org> REQUIRETLS\nC: RCPT TO:<" x "@example.net>\nC: DATA\n" \
	"S: 250 ok\nS: 250 ok\nS: 354 go\nD: Subject: x\nD:\nD: hi\nD: .\nS: 250 taken\n"

static const struct situation {
	const char *name;
	const char *one[HOST_SESSIONS_MAX], *two[HOST_SESSIONS_MAX];
	const char *messages; /* a letter each; in upper case it requires TLS; R is a report about one that did */
	const char *outcomes;
	enum error_kind kind; /* of the last message */
	bool two_refuses;
} situations[] = {
	{.name = "the first host offers it",
	 .one = {"TLS\n" OFFERS PROTECTED("a") QUIT},
	 .messages = "A",
	 .outcomes = "accepted "},
	{.name = "the second host offers it",
	 .one = {"TLS\n" LACKS QUIT},
	 .two = {"TLS\n" OFFERS PROTECTED("a") QUIT},
	 .messages = "A",
	 .outcomes = "accepted "},
	{.name = "no host offers it",
	 .one = {"TLS\n" LACKS QUIT},
	 .two = {"TLS\n" LACKS QUIT},
	 .messages = "A",
	 .outcomes = "retry ",
	 .kind = ERROR_NO_REQUIRETLS},
	{.name = "the second host cannot be reached, and may offer it later",
	 .one = {"TLS\n" LACKS QUIT},
	 .two_refuses = true,
	 .messages = "A",
	 .outcomes = "retry ",
	 .kind = ERROR_CONNECT},
	{.name = "another message was sent to the first host before",
	 .one = {"TLS\n" LACKS TAKEN("a") QUIT, "TLS\n" LACKS QUIT},
	 .two = {"TLS\n" OFFERS PROTECTED("b") QUIT},
	 .messages = "aB",
	 .outcomes = "accepted accepted "},
	{.name = "another message follows, to the host in use",
	 .one = {"TLS\n" LACKS QUIT},
	 .two = {"TLS\n" OFFERS PROTECTED("a") TAKEN("b") QUIT},
	 .messages = "Ab",
	 .outcomes = "accepted accepted "},
	{.name = "a report goes without it where it is not offered",
	 .one = {"TLS\n" LACKS TAKEN("r") QUIT},
	 .messages = "R",
	 .outcomes = "accepted "},
	{.name = "a report goes with it where it is offered",
	 .one = {"TLS\n" OFFERS PROTECTED("r") QUIT},
	 .messages = "R",
	 .outcomes = "accepted "},
};

struct certificate {
	struct strbuf pem, key;
	char path[64];
};

static void certificate_make(struct certificate *c)
{
	*c = (struct certificate){.pem = STRBUF_INIT, .key = STRBUF_INIT, .path = "test_require_tls.XXXXXX"};
	assert_true(scripted_server_certificate(&c->pem, &c->key, NULL));
	int fd = mkstemp(c->path);
	assert_true(fd >= 0 && write(fd, c->pem.buf, c->pem.len) == (ssize_t)c->pem.len && close(fd) == 0);
}

static void certificate_release(struct certificate *c)
{
	(void)unlink(c->path);
	strbuf_release(&c->pem);
	strbuf_release(&c->key);
}

static void carry(struct transport *transport, char letter, struct strbuf *outcomes, enum error_kind *kind)
{
	struct delivery_result result;
	const char letters[] = {ascii_lower(letter), '\0'};
	const struct mail_params params = {.require_tls = letter < 'a', .redacted = letter == 'R'};
	carry_params(transport, letters, &params, &result);
	strbuf_addf(outcomes, "%s ", outcome_name(result.outcomes[0].kind));
	*kind = result.outcomes[0].status.kind;
	bool dropped = letter == 'R' && !caps_has(&result.caps, CAP_REQUIRETLS);
	assert_int_equal(result.warnings.n, dropped);
	delivery_result_release(&result);
}

static void play(const struct situation *s, const struct certificate *c)
{
	struct hosts hosts;
	enum error_kind kind = ERROR_NONE;
	AUTO(config) config = CONFIG_INIT;
	AUTO(strbuf) why = STRBUF_INIT;
	AUTO(strbuf) outcomes = STRBUF_INIT;
	struct host_script scripts[] = {
		{.name = "one.example"}, {.name = "two.example", .refuses = s->two_refuses}, {.name = NULL}};
	AUTO_FREE char *lines = xasprintf("host one.example two.example\ntls on\ntls_starttls off\n"
					  "tls_host_override localhost\ntls_trust_file %s\n",
					  c->path);
	memcpy(scripts[0].sessions, s->one, sizeof(s->one));
	memcpy(scripts[1].sessions, s->two, sizeof(s->two));
	hosts_start(&hosts, scripts, &c->pem, &c->key);
	struct delivery_request req = delivery_request_make(&hosts.runtime, delivery_account(&config, lines),
							    (struct delivery_task){.kind = DELIVERY_SEND});
	struct transport *transport = transport_new(&req);
	for (const char *letter = s->messages; *letter; letter++)
		carry(transport, *letter, &outcomes, &kind);
	transport_free(transport);
	hosts_end(&hosts, &why);
	if (strcmp(outcomes.buf, s->outcomes) != 0 || kind != s->kind)
		strbuf_addf(&why, "outcomes %s, %s\n", outcomes.buf, error_kind_name(kind));
	if (why.len)
		fail_msg("%s:\n%s", s->name, why.buf);
}

static void the_next_host_is_tried_if_one_does_not_offer_it(void **state)
{
	(void)state;
	struct certificate c;
	certificate_make(&c);
	for (size_t i = 0; i < ARRAY_SIZE(situations); i++)
		play(&situations[i], &c);
	certificate_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_host_is_tried_if_one_does_not_offer_it),
	};
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
