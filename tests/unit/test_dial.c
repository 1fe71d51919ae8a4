/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/dial.h"

#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>

/* ---- addresses of every behaviour --------------------------------------- */

#define FILLERS 64

struct place {
	struct address address;
	int fd;
	int fillers[FILLERS]; /* connections that make the backlog full */
};

/* A socket bound to a port of its own; no server listens, so a connect is refused. */
static void place_bind(struct place *p, const char *ip)
{
	assert_true(address_from_literal(ip, 0, &p->address));
	p->fd = socket(p->address.sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(p->fd >= 0);
	assert_int_equal(bind(p->fd, (struct sockaddr *)&p->address.sa, p->address.len), 0);
	assert_int_equal(getsockname(p->fd, (struct sockaddr *)&p->address.sa, &p->address.len), 0);
	for (size_t i = 0; i < FILLERS; i++)
		p->fillers[i] = -1;
}

static void place_listen(struct place *p, const char *ip)
{
	place_bind(p, ip);
	assert_int_equal(listen(p->fd, 8), 0);
}

/* A listener whose backlog is full answers no SYN: a connect hangs. */
static void place_hang(struct place *p, const char *ip)
{
	place_bind(p, ip);
	assert_int_equal(listen(p->fd, 0), 0);
	for (size_t i = 0; i < FILLERS; i++) {
		p->fillers[i] = socket(p->address.sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (connect(p->fillers[i], (struct sockaddr *)&p->address.sa, p->address.len) == 0)
			continue;
		struct pollfd pfd = {.fd = p->fillers[i], .events = POLLOUT};
		if (poll(&pfd, 1, 0) == 0)
			return;
	}
	fail_msg("the backlog never became full");
}

static void place_close(struct place *p)
{
	for (size_t i = 0; i < FILLERS; i++)
		if (p->fillers[i] >= 0)
			(void)close(p->fillers[i]);
	(void)close(p->fd);
}

/* ---- clocks --------------------------------------------------------------- */

static msec_t standing(const struct clock *clock)
{
	(void)clock;
	return 0;
}

static const struct clock still = {standing, NULL};

/* Every look at it is 100 ms later than the one before. */
struct running_clock {
	struct clock clock; /* first */
	msec_t now;
};

static msec_t running(const struct clock *clock)
{
	struct running_clock *r = (struct running_clock *)(uintptr_t)clock;
	return r->now += 100;
}

#define RUNNING_CLOCK              \
	{                          \
		{running, NULL}, 0 \
	}

static struct stream *dial(struct place *const *places, size_t n, const char *source, const struct clock *clock,
			   msec_t deadline, struct address *peer, struct error *err)
{
	struct address v[8];
	for (size_t i = 0; i < n; i++)
		v[i] = places[i]->address;
	const struct address_list list = {v, n, n};
	const struct dial_request req = {
		.addresses = &list, .source_ip = source, .clock = clock, .host = "mail.example.org"};
	AUTO_PTR(dialer) d = dialer_new(&req);
	return dialer_finish(d, deadline, peer, err);
}

static int option(int fd, int level, int name)
{
	int value = 0;
	socklen_t len = sizeof(value);
	assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static bool same(const struct address *a, const struct address *b)
{
	return a->len == b->len && memcmp(&a->sa, &b->sa, a->len) == 0;
}

static unsigned open_fds(void)
{
	unsigned n = 0;
	for (int fd = 0; fd < 512; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* ---- tests ----------------------------------------------------------------- */

static void the_winner_is_ready_for_use(void **state)
{
	(void)state;
	struct place good;
	place_listen(&good, "127.0.0.1");
	struct address peer;
	AUTO_PTR(stream) s = dial((struct place *[]){&good}, 1, NULL, &clock_system, DEADLINE_NEVER, &peer, NULL);
	assert_non_null(s);
	assert_true(same(&peer, &good.address));
	assert_true(fcntl(s->fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(s->fd, F_GETFD) & FD_CLOEXEC);
	assert_true(option(s->fd, IPPROTO_TCP, TCP_NODELAY));
	assert_true(option(s->fd, SOL_SOCKET, SO_KEEPALIVE));
	AUTO_FD int accepted = accept(good.fd, NULL, NULL);
	assert_int_equal(write(accepted, "220", 3), 3);
	char buf[3];
	size_t n;
	assert_true(stream_read_some(s, buf, 3, &n, &clock_system, DEADLINE_NEVER, NULL));
	assert_memory_equal(buf, "220", n);
	place_close(&good);
}

static void a_refusal_starts_the_next_at_once(void **state)
{
	(void)state;
	struct place bad, worse, good;
	place_bind(&bad, "127.0.0.1");
	place_bind(&worse, "127.0.0.2");
	place_listen(&good, "127.0.0.3");
	struct address peer;
	/* the clock stands still: no stagger ever passes */
	AUTO_PTR(stream)
	s = dial((struct place *[]){&bad, &worse, &good}, 3, NULL, &still, DEADLINE_NEVER, &peer, NULL);
	assert_non_null(s);
	assert_true(same(&peer, &good.address));
	place_close(&bad);
	place_close(&worse);
	place_close(&good);
}

static void a_silent_address_does_not_hold_up_the_next(void **state)
{
	(void)state;
	struct place silent, good;
	struct running_clock clock = RUNNING_CLOCK;
	place_hang(&silent, "127.0.0.1");
	place_listen(&good, "127.0.0.2");
	unsigned before = open_fds();
	struct address peer;
	struct stream *s = dial((struct place *[]){&silent, &good}, 2, NULL, &clock.clock, DEADLINE_NEVER, &peer, NULL);
	assert_non_null(s);
	assert_true(same(&peer, &good.address));
	assert_int_equal(open_fds(), before + 1); /* the loser is closed */
	stream_free(s);
	place_close(&silent);
	place_close(&good);
}

/* Lets the place answer once the second attempt has begun: at the sixth look. */
struct opening_clock {
	struct clock clock; /* first */
	msec_t now;
	struct place *place;
};

static void place_open(struct place *p)
{
	for (size_t i = 0; i < FILLERS; i++) {
		if (p->fillers[i] >= 0)
			(void)close(p->fillers[i]);
		p->fillers[i] = -1;
	}
	for (int fd; (fd = accept4(p->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0;)
		(void)close(fd);
}

static msec_t opening(const struct clock *clock)
{
	struct opening_clock *o = (struct opening_clock *)(uintptr_t)clock;
	o->now += 100;
	if (o->now >= 600)
		place_open(o->place);
	return o->now;
}

static void the_first_stays_in_the_race_when_others_begin(void **state)
{
	(void)state;
	struct place late, silent, mute;
	place_hang(&late, "127.0.0.1");
	place_hang(&silent, "127.0.0.2");
	place_hang(&mute, "127.0.0.3");
	assert_int_equal(fcntl(late.fd, F_SETFL, O_NONBLOCK), 0);
	struct opening_clock clock = {{opening, NULL}, 0, &late};
	struct address peer;
	AUTO_PTR(stream)
	s = dial((struct place *[]){&late, &silent, &mute}, 3, NULL, &clock.clock, DEADLINE_NEVER, &peer, NULL);
	assert_true(clock.now >= 600);
	assert_non_null(s);
	assert_true(same(&peer, &late.address));
	place_close(&late);
	place_close(&silent);
	place_close(&mute);
}

static void every_address_and_its_reason_are_named(void **state)
{
	(void)state;
	struct place bad, worse;
	place_bind(&bad, "127.0.0.1");
	place_bind(&worse, "127.0.0.2");
	AUTO(error) err = ERROR_INIT;
	struct address peer = {.len = 4711};
	unsigned before = open_fds();
	assert_null(dial((struct place *[]){&bad, &worse}, 2, NULL, &clock_system, DEADLINE_NEVER, &peer, &err));
	assert_int_equal(open_fds(), before);
	AUTO_FREE char *first = address_text(&bad.address), *second = address_text(&worse.address);
	AUTO_FREE char *expected = xasprintf(
		"cannot connect to mail.example.org: %s: Connection refused; %s: Connection refused", first, second);
	assert_int_equal(err.status.kind, ERROR_CONNECT);
	assert_string_equal(err.status.text, expected);
	assert_non_null(strstr(err.status.hint, "firewall"));
	assert_non_null(strstr(err.status.hint, "port"));
	assert_int_equal(peer.len, 4711);
	place_close(&bad);
	place_close(&worse);
}

static void silence_ends_at_the_deadline(void **state)
{
	(void)state;
	struct place silent, bad;
	place_hang(&silent, "127.0.0.1");
	place_bind(&bad, "127.0.0.2");
	unsigned before = open_fds();
	static const msec_t deadlines[] = {0, 150, 900};
	for (size_t i = 0; i < ARRAY_SIZE(deadlines); i++) {
		struct running_clock clock = RUNNING_CLOCK;
		AUTO(error) err = ERROR_INIT;
		assert_null(dial((struct place *[]){&bad, &silent}, 2, NULL, &clock.clock, deadlines[i], NULL, &err));
		assert_int_equal(err.status.kind, ERROR_TIMEOUT);
		assert_non_null(strstr(err.status.text, "127.0.0.1 port"));
		assert_non_null(strstr(err.status.text, "no answer in time"));
		assert_non_null(strstr(err.status.text, "Connection refused"));
		assert_int_equal(open_fds(), before);
	}
	place_close(&silent);
	place_close(&bad);
}

static void the_source_address_is_used_and_chooses_the_family(void **state)
{
	(void)state;
	struct place good, six = {.fd = -1};
	place_listen(&good, "127.0.0.1");
	assert_true(address_from_literal("::1", 25, &six.address));
	struct address peer;
	AUTO_PTR(stream) s = dial((struct place *[]){&six, &good}, 2, "127.0.0.9", &still, DEADLINE_NEVER, &peer, NULL);
	assert_non_null(s);
	assert_true(same(&peer, &good.address));
	struct sockaddr_in in;
	socklen_t len = sizeof(in);
	AUTO_FD int accepted = accept(good.fd, (struct sockaddr *)&in, &len);
	assert_true(accepted >= 0);
	assert_int_equal(ntohl(in.sin_addr.s_addr), 0x7f000009);

	AUTO(error) err = ERROR_INIT;
	assert_null(dial((struct place *[]){&good}, 1, "::1", &still, DEADLINE_NEVER, NULL, &err));
	assert_int_equal(err.status.kind, ERROR_CONNECT);
	assert_non_null(strstr(err.status.text, "source_ip"));
	place_close(&good);
}

static void a_source_address_that_is_not_ours_is_our_fault(void **state)
{
	(void)state;
	struct place good;
	place_listen(&good, "127.0.0.1");
	static const struct {
		const char *source;
		enum error_kind kind;
	} rows[] = {
		{"192.0.2.1", ERROR_SYSTEM}, {"localhost", ERROR_CONFIG}, {"", ERROR_CONFIG}, {"127.1", ERROR_CONFIG}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(error) err = ERROR_INIT;
		assert_null(dial((struct place *[]){&good}, 1, rows[i].source, &still, DEADLINE_NEVER, NULL, &err));
		assert_int_equal(err.status.kind, rows[i].kind);
		assert_non_null(strstr(err.status.text, rows[i].source));
		assert_non_null(strstr(err.status.hint, "source_ip"));
	}
	place_close(&good);
}

static void no_descriptor_left_is_a_fault_of_the_system(void **state)
{
	(void)state;
	struct place good;
	struct rlimit before, none;
	place_listen(&good, "127.0.0.1");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){0, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	AUTO(error) err = ERROR_INIT;
	struct stream *s = dial((struct place *[]){&good}, 1, NULL, &still, DEADLINE_NEVER, NULL, &err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_null(s);
	assert_int_equal(err.status.kind, ERROR_SYSTEM);
	assert_int_equal(err.sys_errno, EMFILE);
	place_close(&good);
}

static void no_address_is_no_connection(void **state)
{
	(void)state;
	const struct address_list none = ADDRESS_LIST_INIT;
	const struct dial_request req = {.addresses = &none, .clock = &still};
	AUTO_PTR(dialer) d = dialer_new(&req);
	AUTO(error) err = ERROR_INIT;
	assert_null(dialer_finish(d, DEADLINE_NEVER, NULL, &err));
	assert_int_equal(err.status.kind, ERROR_CONNECT);
	assert_string_equal(err.status.text, "cannot connect: no address");
	dialer_free(NULL);
}

static void a_dialer_given_up_leaves_nothing_open(void **state)
{
	(void)state;
	struct place good, silent;
	place_listen(&good, "127.0.0.1");
	place_hang(&silent, "127.0.0.2");
	unsigned before = open_fds();
	struct address v[] = {good.address, silent.address};
	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		const struct address_list list = {&v[i], 1, 1};
		const struct dial_request req = {.addresses = &list, .clock = &clock_system};
		struct dialer *d = dialer_new(&req);
		assert_int_equal(open_fds(), before + 1); /* under way */
		dialer_free(d);
		assert_int_equal(open_fds(), before);
	}
	place_close(&good);
	place_close(&silent);
}

static void unix_sockets_connect(void **state)
{
	(void)state;
	char folder[] = "/tmp/posthaste-test-XXXXXX";
	assert_non_null(mkdtemp(folder));
	AUTO_FREE char *path = xasprintf("%s/socket", folder);
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	AUTO(error) err = ERROR_INIT;
	assert_null(dial_unix(path, &err));
	assert_int_equal(err.status.kind, ERROR_CONNECT);
	assert_int_equal(err.sys_errno, ENOENT);
	assert_non_null(strstr(err.status.text, path));

	AUTO_FD int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_null(dial_unix(path, &err));
	assert_int_equal(err.sys_errno, ECONNREFUSED);
	assert_int_equal(listen(listener, 1), 0);
	AUTO_PTR(stream) s = dial_unix(path, NULL);
	assert_non_null(s);
	assert_true(fcntl(s->fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(s->fd, F_GETFD) & FD_CLOEXEC);
	size_t n;
	AUTO_FD int accepted = accept(listener, NULL, NULL);
	assert_int_equal(stream_write(s, "x", 1, &n, NULL), STREAM_OK);
	char c = 0;
	assert_int_equal(read(accepted, &c, 1), 1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void paths_no_socket_can_have_are_told(void **state)
{
	(void)state;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1];
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	AUTO(error) err = ERROR_INIT;
	assert_null(dial_unix(path, &err));
	assert_int_equal(err.status.kind, ERROR_CONFIG);
	assert_null(dial_unix(path + 1, &err)); /* fits, and is not there */
	assert_int_equal(err.status.kind, ERROR_CONNECT);
	assert_null(dial_unix("", &err));
	assert_int_equal(err.status.kind, ERROR_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_winner_is_ready_for_use),
		cmocka_unit_test(a_refusal_starts_the_next_at_once),
		cmocka_unit_test(a_silent_address_does_not_hold_up_the_next),
		cmocka_unit_test(the_first_stays_in_the_race_when_others_begin),
		cmocka_unit_test(every_address_and_its_reason_are_named),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(the_source_address_is_used_and_chooses_the_family),
		cmocka_unit_test(a_source_address_that_is_not_ours_is_our_fault),
		cmocka_unit_test(no_descriptor_left_is_a_fault_of_the_system),
		cmocka_unit_test(no_address_is_no_connection),
		cmocka_unit_test(a_dialer_given_up_leaves_nothing_open),
		cmocka_unit_test(unix_sockets_connect),
		cmocka_unit_test(paths_no_socket_can_have_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
