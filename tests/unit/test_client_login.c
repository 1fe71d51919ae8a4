/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logins that fail: how late they are answered, and when the session ends.  With TLS and real clients it is in
 * tests/cli/listen_tls.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/base64.h"
#include "base/xalloc.h"
#include "serve/client_login.h"

#include "../lib/test_runtime.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#define KEY "G7sV7klCkPkC/Q/f25LGTCfBBWpUNw96mhq2WU+G+M4="
#define USERS "alice:{SCRAM-SHA-256}4096,vyp003RxDBqbP9hr," KEY "," KEY "\n"

static msec_t now;

static msec_t standing(const struct clock *clock)
{
	(void)clock;
	return now;
}

static int64_t wall(const struct clock *clock)
{
	(void)clock;
	return 0;
}

/* A session in which the client may log in without TLS. */
struct place {
	struct clock clock;
	struct runtime runtime;
	struct request request;
	struct settings settings;
	struct serve_request req;
	struct client_login login;
	struct server_session *s;
	struct strbuf out;
	int client, server;
};

static void begin(struct place *p)
{
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	*p = (struct place){.clock = {standing, wall},
			    .runtime = test_runtime(),
			    .settings = SETTINGS_INIT,
			    .out = STRBUF_INIT,
			    .client = fds[0],
			    .server = fds[1]};
	now = 1000;
	p->runtime.clock = &p->clock;
	request_init(&p->request, &p->runtime);
	serve_request_init(&p->req, &p->request, &p->runtime, &p->settings, (struct serve_peer){.name = "a test"});
	client_login_init(&p->login, &p->runtime, "a test", p->server);
	p->login.settings = &p->settings;
	p->login.req = &p->req;
	assert_true(login_users_parse(&p->login.users, SPAN_LIT(USERS), "a test", NULL));
	p->req.offers.bits |= CAP_AUTH;
	sasl_server_mechanisms(&p->login.users, false, &p->req.offers.auth);
	p->s = server_new(&p->req.options);
}

static void end(struct place *p)
{
	server_free(p->s);
	client_login_release(&p->login);
	serve_request_release(&p->req);
	request_release(&p->request);
	settings_release(&p->settings);
	strbuf_release(&p->out);
	(void)close(p->client);
	(void)close(p->server);
}

/* The replies to this. */
static const char *say(struct place *p, const char *text)
{
	server_feed(p->s, span_of(text));
	strbuf_reset(&p->out);
	for (;;) {
		struct server_step step = server_step(p->s);
		if (step.want == SERVER_WRITE) {
			strbuf_add_span(&p->out, step.octets);
			server_wrote(p->s, step.octets.len);
		} else if (step.want == SERVER_SASL) {
			client_login_step(&p->login, p->s, &step);
		} else {
			return p->out.buf;
		}
	}
}

static const char *try(struct place *p)
{
	return say(p, "AUTH PLAIN AGFsaWNlAHdyb25n\r\n"); /* alice, wrong */
}

/* The client has gone, so nothing is waited for. */
static void three_failures_end_the_session(void **state)
{
	struct place p;
	(void)state;
	begin(&p);
	(void)say(&p, "EHLO c\r\n");
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	assert_memory_equal(try(&p), "535 5.7.8 ", 10);
	assert_int_equal(p.login.answer_at, 1000 + CLIENT_LOGIN_DELAY_MS);
	/* neither of these is a login that failed */
	assert_memory_equal(say(&p, "AUTH PLAIN =\r\n"), "501 5.5.2 ", 10);
	assert_memory_equal(say(&p, "AUTH LOGIN\r\n*\r\n"), "334 VXNl", 8);
	assert_memory_equal(try(&p), "535 5.7.8 ", 10);
	assert_int_equal(p.login.answer_at, 1000 + 2 * CLIENT_LOGIN_DELAY_MS);
	assert_memory_equal(try(&p), "421 4.7.0 ", 10);
	assert_int_equal(p.login.answer_at, 1000 + 4 * CLIENT_LOGIN_DELAY_MS);
	assert_int_equal(server_ended(p.s), SERVER_ENDED);
	assert_null(p.login.name);
	end(&p);
}

static void the_answer_waits_no_longer_than_it_has_to(void **state)
{
	struct place p;
	(void)state;
	begin(&p);
	(void)say(&p, "EHLO c\r\nAUTH LOGIN\r\n");
	now += CLIENT_LOGIN_DELAY_MS; /* the client took so long to type */
	assert_memory_equal(say(&p, "bWFsbG9yeQ==\r\n"), "334 UGFz", 8);
	assert_memory_equal(say(&p, "d3Jvbmc=\r\n"), "535 5.7.8 ", 10);
	assert_int_equal(p.login.failures, 1);
	end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_failures_end_the_session),
		cmocka_unit_test(the_answer_waits_no_longer_than_it_has_to),
	};
	return cmocka_run_group_tests_name("client_login", tests, NULL, NULL);
}
