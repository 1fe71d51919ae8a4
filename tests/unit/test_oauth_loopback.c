/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/loopback.h"
#include "tests/lib/test_runtime.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include <cmocka.h>

#define STATE "0123456789abcdef"
#define GOOD "GET /?code=Good1&state=" STATE " HTTP/1.1\r\n"

/* ---- a login that waits ---- */

struct login {
	struct runtime runtime;
	struct oauth_console console;
	struct oauth_loopback loopback;
	struct oauth_expected expected;
	struct oauth_wait wait;
	struct oauth_redirect answer;
	struct error err;
	struct strbuf said;
	int keyboard; /* our end of its terminal */
	bool ok;
	pthread_t thread;
};

static void say(void *arg, const char *text)
{
	strbuf_adds(arg, text);
}

static void *wait_for_browser(void *arg)
{
	struct login *l = arg;
	l->ok = oauth_loopback_wait(&l->loopback, &l->expected, &l->wait, &l->answer, &l->err);
	if (l->ok)
		oauth_loopback_linger(&l->loopback, &l->expected, &l->wait);
	return NULL;
}

static void begin(struct login *l, const char *host)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	*l = (struct login){.runtime = test_runtime(),
			    .loopback = OAUTH_LOOPBACK_INIT,
			    .answer = OAUTH_REDIRECT_INIT,
			    .err = ERROR_INIT,
			    .said = STRBUF_INIT,
			    .keyboard = ends[1]};
	l->console = (struct oauth_console){.runtime = &l->runtime, .say = say, .arg = &l->said, .terminal = ends[0]};
	assert_true(oauth_loopback_open(&l->loopback, host, 0, &l->err));
	l->expected = (struct oauth_expected){.port = l->loopback.port, .state = STATE};
	l->wait = (struct oauth_wait){
		.console = &l->console, .deadline = deadline_in(&clock_system, 60000), .done = "<done>"};
	assert_int_equal(pthread_create(&l->thread, NULL, wait_for_browser, l), 0);
}

static void end(struct login *l)
{
	assert_int_equal(pthread_join(l->thread, NULL), 0);
	oauth_loopback_release(&l->loopback);
	(void)close(l->console.terminal);
	(void)close(l->keyboard);
}

static void release(struct login *l)
{
	oauth_redirect_release(&l->answer);
	error_release(&l->err);
	strbuf_release(&l->said);
}

static void end_with_code(struct login *l, const char *code)
{
	end(l);
	assert_true(l->ok);
	assert_int_equal(l->answer.kind, OAUTH_REDIRECT_CODE);
	assert_string_equal(secret_reveal(&l->answer.code).ptr, code);
	release(l);
}

/* ---- a browser ---- */

static int connect_to(const struct login *l, int family)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)l->loopback.port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)l->loopback.port)};
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	v6.sin6_addr = in6addr_loopback;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(family == AF_INET ? connect(fd, (struct sockaddr *)&v4, sizeof(v4))
					   : connect(fd, (struct sockaddr *)&v6, sizeof(v6)),
			 0);
	return fd;
}

static void send_all(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* The response, to its end; closes the connection. */
static void read_response(int fd, struct strbuf *out)
{
	char bytes[4096];
	ssize_t n;
	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		strbuf_add(out, bytes, (size_t)n);
	(void)close(fd);
}

static void add_host(const struct login *l, struct strbuf *out)
{
	strbuf_addf(out, "Host: 127.0.0.1:%u\r\n\r\n", l->loopback.port);
}

/* Sends a request and checks the beginning of the response. */
static void request(const struct login *l, const char *line, const char *wanted)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(strbuf) response = STRBUF_INIT;
	int fd = connect_to(l, AF_INET);
	strbuf_adds(&text, line);
	add_host(l, &text);
	send_all(fd, text.buf);
	read_response(fd, &response);
	print_message("# %s", line);
	assert_int_equal(strncmp(response.buf, wanted, strlen(wanted)), 0);
	assert_null(strstr(response.buf, "Good1"));
}

static void other_requests_do_not_end_the_login(void **state)
{
	(void)state;
	struct login l;
	begin(&l, "127.0.0.1");
	request(&l, "OPTIONS / HTTP/1.1\r\n", "HTTP/1.1 405 ");
	request(&l, "HEAD /?code=Good1&state=" STATE " HTTP/1.1\r\n", "HTTP/1.1 405 ");
	request(&l, "POST /?code=Good1&state=" STATE " HTTP/1.1\r\nContent-Length: 0\r\n", "HTTP/1.1 405 ");
	request(&l, "GET /favicon.ico HTTP/1.1\r\n", "HTTP/1.1 404 ");
	request(&l, "GET /?code=evil&state=wrong HTTP/1.1\r\n", "HTTP/1.1 400 ");
	request(&l, "GET /?error=access_denied HTTP/1.1\r\n", "HTTP/1.1 400 ");
	request(&l, GOOD, "HTTP/1.1 200 ");
	end_with_code(&l, "Good1");
}

/* Which of the two is the first depends on the kernel. */
static void a_repeated_request_gets_the_same_page_and_changes_nothing(void **state)
{
	(void)state;
	struct login l;
	int fds[2];
	begin(&l, "127.0.0.1");
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		AUTO(strbuf) text = STRBUF_INIT;
		fds[i] = connect_to(&l, AF_INET);
		strbuf_addf(&text, "GET /?code=Good%zu&state=" STATE " HTTP/1.1\r\n", i);
		add_host(&l, &text);
		send_all(fds[i], text.buf);
	}
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		AUTO(strbuf) response = STRBUF_INIT;
		read_response(fds[i], &response);
		assert_non_null(strstr(response.buf, "&lt;done&gt;"));
	}
	end(&l);
	assert_true(l.ok);
	assert_int_equal(secret_reveal(&l.answer.code).len, strlen("Good0"));
	release(&l);
}

/* Browsers open connections in advance; they, and a request in pieces, must not hold up the real one. */
static void silent_connections_are_served_side_by_side(void **state)
{
	(void)state;
	struct login l;
	int silent[40];
	AUTO(strbuf) response = STRBUF_INIT;
	AUTO(strbuf) rest = STRBUF_INIT;
	begin(&l, "127.0.0.1");
	for (size_t i = 0; i < ARRAY_SIZE(silent); i++)
		silent[i] = connect_to(&l, AF_INET);
	int pieces = connect_to(&l, AF_INET);
	send_all(pieces, "GET /?code=Good1&sta");
	request(&l, "GET /favicon.ico HTTP/1.1\r\n", "HTTP/1.1 404 ");
	strbuf_adds(&rest, "te=" STATE " HTTP/1.1\r\n");
	add_host(&l, &rest);
	send_all(pieces, rest.buf);
	read_response(pieces, &response);
	assert_int_equal(strncmp(response.buf, "HTTP/1.1 200 ", strlen("HTTP/1.1 200 ")), 0);
	end_with_code(&l, "Good1");
	for (size_t i = 0; i < ARRAY_SIZE(silent); i++)
		(void)close(silent[i]);
}

static void long_requests_and_https_are_answered(void **state)
{
	(void)state;
	struct login l;
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(strbuf) response = STRBUF_INIT;
	begin(&l, "127.0.0.1");
	strbuf_adds(&text, GOOD "X: ");
	while (text.len < OAUTH_REDIRECT_LIMIT + 3000)
		strbuf_addch(&text, 'x');
	strbuf_adds(&text, "\r\n");
	add_host(&l, &text);
	int fd = connect_to(&l, AF_INET);
	send_all(fd, text.buf);
	read_response(fd, &response);
	assert_int_equal(strncmp(response.buf, "HTTP/1.1 431 ", strlen("HTTP/1.1 431 ")), 0);
	fd = connect_to(&l, AF_INET);
	send_all(fd, "\x16\x03\x01\x02");
	read_response(fd, &response);
	request(&l, GOOD, "HTTP/1.1 200 ");
	end(&l);
	assert_non_null(strstr(l.said.buf, "https"));
	assert_true(l.ok);
	release(&l);
}

static void the_address_may_be_pasted(void **state)
{
	(void)state;
	static const char lines[] = "\nno idea\nhttp://127.0.0.1/?code=Good1&state=wrong\n"
				    " http://127.0.0.1:1/?code=Good1&state=" STATE "\n";
	struct login l;
	begin(&l, "127.0.0.1");
	assert_int_equal(write(l.keyboard, lines, strlen(lines)), (ssize_t)strlen(lines));
	end(&l);
	assert_true(l.ok);
	assert_string_equal(secret_reveal(&l.answer.code).ptr, "Good1");
	const char *first = strstr(l.said.buf, "That is not the address");
	assert_non_null(first);
	assert_non_null(strstr(first + 1, "That is not the address"));
	assert_null(strstr(l.said.buf, "Good1"));
	release(&l);
}

static void a_terminal_that_ends_does_not_end_the_login(void **state)
{
	(void)state;
	struct login l;
	begin(&l, "127.0.0.1");
	(void)close(l.keyboard);
	l.keyboard = -1;
	request(&l, "GET /favicon.ico HTTP/1.1\r\n", "HTTP/1.1 404 ");
	request(&l, GOOD, "HTTP/1.1 200 ");
	end_with_code(&l, "Good1");
}

static bool has_ipv6(void)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	v6.sin6_addr = in6addr_loopback;
	AUTO_FD int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return fd >= 0 && bind(fd, (struct sockaddr *)&v6, sizeof(v6)) == 0;
}

static void localhost_is_both_families(void **state)
{
	(void)state;
	struct login l;
	if (!has_ipv6()) {
		print_message("# skipped: this machine has no IPv6\n");
		skip();
	}
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(strbuf) response = STRBUF_INIT;
	begin(&l, "localhost");
	request(&l, "GET /favicon.ico HTTP/1.1\r\n", "HTTP/1.1 404 ");
	int fd = connect_to(&l, AF_INET6);
	strbuf_addf(&text, GOOD "Host: localhost:%u\r\n\r\n", l.loopback.port);
	send_all(fd, text.buf);
	read_response(fd, &response);
	end_with_code(&l, "Good1");
}

static void a_fixed_port_in_use_is_named(void **state)
{
	(void)state;
	AUTO(oauth_loopback) first = OAUTH_LOOPBACK_INIT;
	AUTO(oauth_loopback) second = OAUTH_LOOPBACK_INIT;
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) port = STRBUF_INIT;
	assert_true(oauth_loopback_open(&first, "127.0.0.1", 0, &err));
	strbuf_addf(&port, "http://127.0.0.1:%u/", first.port);
	assert_string_equal(first.address, port.buf);
	assert_false(oauth_loopback_open(&second, "127.0.0.1", first.port, &err));
	assert_int_equal(err.status.kind, ERROR_CONNECT);
	strbuf_reset(&port);
	strbuf_addf(&port, "%u", first.port);
	assert_non_null(strstr(err.status.text, port.buf));
}

static void a_login_that_nobody_answers_ends(void **state)
{
	(void)state;
	struct runtime runtime = test_runtime();
	AUTO(strbuf) said = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	AUTO(oauth_redirect) answer = OAUTH_REDIRECT_INIT;
	AUTO(oauth_loopback) loopback = OAUTH_LOOPBACK_INIT;
	const struct oauth_console console = {.runtime = &runtime, .say = say, .arg = &said, .terminal = -1};
	const struct oauth_wait wait = {.console = &console, .deadline = clock_monotonic(&clock_system), .done = ""};
	assert_true(oauth_loopback_open(&loopback, "127.0.0.1", 0, &err));
	const struct oauth_expected expected = {.port = loopback.port, .state = STATE};
	assert_false(oauth_loopback_wait(&loopback, &expected, &wait, &answer, &err));
	assert_int_equal(err.status.kind, ERROR_TIMEOUT);
	assert_non_null(strstr(err.status.hint, "page"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_requests_do_not_end_the_login),
		cmocka_unit_test(a_repeated_request_gets_the_same_page_and_changes_nothing),
		cmocka_unit_test(silent_connections_are_served_side_by_side),
		cmocka_unit_test(long_requests_and_https_are_answered),
		cmocka_unit_test(the_address_may_be_pasted),
		cmocka_unit_test(a_terminal_that_ends_does_not_end_the_login),
		cmocka_unit_test(localhost_is_both_families),
		cmocka_unit_test(a_fixed_port_in_use_is_named),
		cmocka_unit_test(a_login_that_nobody_answers_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
