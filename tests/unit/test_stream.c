/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "net/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

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

static struct stream *pair(int *peer)
{
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	*peer = fds[1];
	return stream_fd_new(fds[0]);
}

/* Writes until the socket takes no more; the octets it took. */
static size_t fill(struct stream *s)
{
	static const char block[65536];
	size_t all = 0, put;
	while (stream_write(s, block, sizeof(block), &put, NULL) == STREAM_OK)
		all += put;
	return all;
}

static void a_socket_moves_octets_both_ways(void **state)
{
	(void)state;
	AUTO_FD int peer = -1;
	AUTO_PTR(stream) s = pair(&peer);
	char buf[10];
	size_t n = 77;
	assert_int_equal(stream_read(s, buf, sizeof(buf), &n, NULL), STREAM_AGAIN);
	assert_int_equal(stream_write(s, "a\0b", 3, &n, NULL), STREAM_OK);
	assert_int_equal(n, 3);
	assert_int_equal(read(peer, buf, sizeof(buf)), 3);
	assert_memory_equal(buf, "a\0b", 3);
	assert_int_equal(write(peer, "xyz", 3), 3);
	assert_int_equal(stream_read(s, buf, 2, &n, NULL), STREAM_OK);
	assert_int_equal(n, 2);
	assert_int_equal(stream_read(s, buf, 2, &n, NULL), STREAM_OK);
	assert_int_equal(n, 1);
	assert_false(s->ops->pending(s));
}

static void the_end_of_the_peer_is_the_end(void **state)
{
	(void)state;
	AUTO_FD int peer = -1;
	AUTO_PTR(stream) s = pair(&peer);
	char c;
	size_t n;
	assert_int_equal(shutdown(peer, SHUT_WR), 0);
	assert_int_equal(stream_read(s, &c, 1, &n, NULL), STREAM_END);
	assert_int_equal(stream_write(s, "x", 1, &n, NULL), STREAM_OK); /* the other way is open */
	AUTO(error) err = ERROR_INIT;
	assert_false(stream_read_some(s, &c, 1, &n, &clock_system, DEADLINE_NEVER, &err));
	assert_int_equal(err.status.kind, ERROR_CONNECTION_LOST);
}

static void finishing_closes_one_way_only(void **state)
{
	(void)state;
	AUTO_FD int peer = -1;
	AUTO_PTR(stream) s = pair(&peer);
	char c;
	size_t n;
	stream_finish(s);
	assert_int_equal(read(peer, &c, 1), 0);
	assert_int_equal(write(peer, "z", 1), 1);
	assert_int_equal(stream_read(s, &c, 1, &n, NULL), STREAM_OK);
	assert_int_equal(c, 'z');
}

static void freeing_closes_the_socket(void **state)
{
	(void)state;
	AUTO_FD int peer = -1;
	struct stream *s = pair(&peer);
	int fd = s->fd;
	stream_free(s);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	stream_free(NULL);
}

static void detaching_leaves_the_connection_open_and_silent(void **state)
{
	(void)state;
	AUTO_FD int peer = -1;
	struct stream *s = pair(&peer);
	int fd = s->fd;
	char c;
	AUTO_FD int kept = stream_detach(s);
	assert_true(kept >= 3 && kept != fd);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(fcntl(kept, F_GETFD), FD_CLOEXEC);
	assert_int_equal(read(peer, &c, 1), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(write(kept, "x", 1), 1);
	assert_int_equal(read(peer, &c, 1), 1);
	assert_int_equal(stream_detach(stream_mem_new(SPAN_LIT(""), 1, NULL)), -1);
}

static void a_peer_that_left_is_an_error_and_no_signal(void **state)
{
	(void)state;
	int peer;
	AUTO_PTR(stream) s = pair(&peer);
	AUTO(error) err = ERROR_INIT;
	size_t n = 77;
	assert_int_equal(close(peer), 0);
	assert_int_equal(stream_write(s, "x", 1, &n, &err), STREAM_FAIL); /* SIGPIPE would end this program */
	assert_int_equal(err.status.kind, ERROR_CONNECTION_LOST);
	assert_int_equal(err.sys_errno, EPIPE);
	assert_non_null(strstr(err.status.text, strerror(EPIPE)));
	assert_int_equal(n, 77);
}

static void a_reset_is_a_lost_connection(void **state)
{
	(void)state;
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(in);
	AUTO_FD int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&in, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&in, &len), 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&in, len), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	AUTO_PTR(stream) s = stream_fd_new(fd);
	int peer = accept(listener, NULL, NULL);
	const struct linger reset = {1, 0};
	assert_int_equal(setsockopt(peer, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
	assert_int_equal(close(peer), 0);
	AUTO(error) err = ERROR_INIT;
	char c;
	size_t n;
	assert_false(stream_read_some(s, &c, 1, &n, &clock_system, DEADLINE_NEVER, &err));
	assert_int_equal(err.status.kind, ERROR_CONNECTION_LOST);
	assert_int_equal(err.sys_errno, ECONNRESET);
	assert_non_null(strstr(err.status.text, strerror(ECONNRESET)));
}

/* ---- waiting --------------------------------------------------------- */

static void waiting_tells_which_interest_may_go_on(void **state)
{
	(void)state;
	AUTO_FD int peer = -1;
	AUTO_PTR(stream) s = pair(&peer);
	unsigned ready = 0;
	assert_true(stream_wait(s, STREAM_READ | STREAM_WRITE, &ready, &clock_system, DEADLINE_NEVER, NULL));
	assert_int_equal(ready, STREAM_WRITE);
	assert_int_equal(write(peer, "x", 1), 1);
	assert_true(stream_wait(s, STREAM_READ, &ready, &clock_system, DEADLINE_NEVER, NULL));
	assert_int_equal(ready, STREAM_READ);
	assert_true(stream_wait(s, STREAM_READ | STREAM_WRITE, &ready, &clock_system, DEADLINE_NEVER, NULL));
	assert_int_equal(ready, STREAM_READ | STREAM_WRITE);
	(void)fill(s);
	assert_true(stream_wait(s, STREAM_READ | STREAM_WRITE, &ready, &clock_system, DEADLINE_NEVER, NULL));
	assert_int_equal(ready, STREAM_READ);
	assert_int_equal(close(steal_fd(&peer)), 0); /* a hang-up is news for everybody */
	assert_true(stream_wait(s, STREAM_WRITE, &ready, &clock_system, DEADLINE_NEVER, NULL));
	assert_int_equal(ready, STREAM_WRITE);
}

static void waiting_ends_at_the_deadline(void **state)
{
	(void)state;
	AUTO_FD int peer = -1;
	AUTO_PTR(stream) s = pair(&peer);
	static const msec_t deadlines[] = {-1, 0, 100, 150, 1000};
	for (size_t i = 0; i < ARRAY_SIZE(deadlines); i++) {
		struct running_clock clock = RUNNING_CLOCK;
		AUTO(error) err = ERROR_INIT;
		unsigned ready = 99;
		assert_false(stream_wait(s, STREAM_READ, &ready, &clock.clock, deadlines[i], &err));
		assert_int_equal(err.status.kind, ERROR_TIMEOUT);
		assert_int_equal(ready, 99);
	}
}

struct checked {
	unsigned times;
	bool wait_on;
};

static bool check(void *arg, struct error *err)
{
	struct checked *c = arg;
	c->times++;
	return c->wait_on || error_set(err, ERROR_CONFIG, "no use");
}

static void silence_is_looked_into_once(void **state)
{
	(void)state;
	static const struct {
		bool wait_on;
		msec_t at, deadline;
		unsigned times;
		enum error_kind kind;
	} rows[] = {
		{true, 100, 1000, 1, ERROR_TIMEOUT},
		{false, 100, 1000, 1, ERROR_CONFIG},
		{false, 0, DEADLINE_NEVER, 1, ERROR_CONFIG},
		{false, 1000, 100, 0, ERROR_TIMEOUT}, /* the deadline comes first */
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FD int peer = -1;
		AUTO_PTR(stream) s = pair(&peer);
		struct running_clock clock = RUNNING_CLOCK;
		AUTO(error) err = ERROR_INIT;
		struct checked checked = {0, rows[i].wait_on};
		const struct stream_silence silence = {rows[i].at, check, &checked};
		unsigned ready = 0;
		s->silence = &silence;
		assert_false(stream_wait(s, STREAM_READ, &ready, &clock.clock, rows[i].deadline, &err));
		assert_int_equal(err.status.kind, rows[i].kind);
		assert_int_equal(checked.times, rows[i].times);
	}
	/* after the first byte there is no silence any more */
	AUTO_FD int peer = -1;
	AUTO_PTR(stream) s = pair(&peer);
	struct running_clock clock = RUNNING_CLOCK;
	struct checked checked = {0, false};
	const struct stream_silence silence = {100, check, &checked};
	unsigned ready = 0;
	s->silence = &silence;
	assert_true(stream_wait(s, STREAM_WRITE, &ready, &clock.clock, 50, NULL));
	assert_non_null(s->silence);
	assert_int_equal(write(peer, "x", 1), 1);
	assert_true(stream_wait(s, STREAM_READ, &ready, &clock.clock, 50, NULL));
	assert_null(s->silence);
}

static void what_arrived_before_we_looked_is_not_late(void **state)
{
	(void)state;
	AUTO_FD int peer = -1;
	AUTO_PTR(stream) s = pair(&peer);
	struct running_clock clock = RUNNING_CLOCK;
	unsigned ready = 0;
	assert_int_equal(write(peer, "x", 1), 1);
	assert_true(stream_wait(s, STREAM_READ, &ready, &clock.clock, 0, NULL));
	assert_int_equal(ready, STREAM_READ);
}

static void whole_transfers_keep_the_deadline(void **state)
{
	(void)state;
	AUTO_FD int peer = -1;
	AUTO_PTR(stream) s = pair(&peer);
	char c;
	size_t n;
	struct running_clock clock = RUNNING_CLOCK;
	AUTO(error) err = ERROR_INIT;
	assert_false(stream_read_some(s, &c, 1, &n, &clock.clock, 250, &err));
	assert_int_equal(err.status.kind, ERROR_TIMEOUT);
	(void)fill(s);
	error_release(&err);
	assert_false(stream_write_all(s, "x", 1, &clock.clock, 250, &err));
	assert_int_equal(err.status.kind, ERROR_TIMEOUT);
}

/* A layer that holds octets inside, and whose read waits for writability. */
static bool inside;
static bool fake_pending(const struct stream *s)
{
	(void)s;
	return inside;
}

static void layers_choose_what_they_wait_for(void **state)
{
	(void)state;
	AUTO_FD int peer = -1;
	AUTO_PTR(stream) below = pair(&peer);
	const struct stream_ops ops = {.pending = fake_pending};
	struct stream layer = {.ops = &ops, .fd = below->fd, .read_events = POLLOUT, .write_events = POLLIN};
	unsigned ready = 0;
	assert_true(stream_wait(&layer, STREAM_READ, &ready, &clock_system, DEADLINE_NEVER, NULL));
	assert_int_equal(ready, STREAM_READ);
	assert_true(stream_wait(&layer, STREAM_READ | STREAM_WRITE, &ready, &clock_system, DEADLINE_NEVER, NULL));
	assert_int_equal(ready, STREAM_READ);

	inside = true;
	layer.read_events = POLLIN;
	layer.write_events = POLLOUT;
	assert_true(stream_wait(&layer, STREAM_READ, &ready, &clock_system, DEADLINE_NEVER, NULL));
	assert_int_equal(ready, STREAM_READ);
	assert_true(stream_wait(&layer, STREAM_READ | STREAM_WRITE, &ready, &clock_system, DEADLINE_NEVER, NULL));
	assert_int_equal(ready, STREAM_READ | STREAM_WRITE);
	(void)fill(below);
	assert_true(stream_wait(&layer, STREAM_READ | STREAM_WRITE, &ready, &clock_system, DEADLINE_NEVER, NULL));
	assert_int_equal(ready, STREAM_READ);
	inside = false;
}

static void a_closed_descriptor_is_no_endless_loop(void **state)
{
	(void)state;
	const struct stream_ops ops = {.pending = fake_pending};
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct stream s = {.ops = &ops, .fd = fd, .read_events = POLLIN, .write_events = POLLOUT};
	assert_int_equal(close(fd), 0);
	AUTO(error) err = ERROR_INIT;
	unsigned ready;
	assert_false(stream_wait(&s, STREAM_READ, &ready, &clock_system, DEADLINE_NEVER, &err));
	assert_int_equal(err.status.kind, ERROR_IO);
}

/* ---- memory ---------------------------------------------------------- */

static void memory_plays_its_script_in_portions(void **state)
{
	(void)state;
	static const char script[] = "220 hello\r\n\0 there";
	for (size_t chunk = 1; chunk <= sizeof(script); chunk++) {
		AUTO(strbuf) sink = STRBUF_INIT;
		AUTO(strbuf) seen = STRBUF_INIT;
		AUTO_PTR(stream) s = stream_mem_new(span_make(script, sizeof(script)), chunk, &sink);
		char buf[7];
		size_t n;
		unsigned ready;
		assert_true(stream_wait(s, STREAM_READ | STREAM_WRITE, &ready, &clock_system, 0, NULL));
		assert_int_equal(ready, STREAM_READ | STREAM_WRITE);
		while (stream_read(s, buf, sizeof(buf), &n, NULL) == STREAM_OK) {
			assert_true(n >= 1 && n <= chunk && n <= sizeof(buf));
			strbuf_add(&seen, buf, n);
		}
		assert_true(span_equal(strbuf_span(&seen), span_make(script, sizeof(script))));
		assert_int_equal(stream_read(s, buf, 1, &n, NULL), STREAM_END);
		assert_true(stream_write_all(s, "EHLO x\r\n", 8, &clock_system, 0, NULL));
		assert_string_equal(sink.buf, "EHLO x\r\n");
		stream_finish(s);
	}
	AUTO_PTR(stream) deaf = stream_mem_new(SPAN_LIT(""), 3, NULL);
	assert_true(stream_write_all(deaf, "12345", 5, &clock_system, 0, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_socket_moves_octets_both_ways),
		cmocka_unit_test(the_end_of_the_peer_is_the_end),
		cmocka_unit_test(finishing_closes_one_way_only),
		cmocka_unit_test(freeing_closes_the_socket),
		cmocka_unit_test(detaching_leaves_the_connection_open_and_silent),
		cmocka_unit_test(a_peer_that_left_is_an_error_and_no_signal),
		cmocka_unit_test(a_reset_is_a_lost_connection),
		cmocka_unit_test(waiting_tells_which_interest_may_go_on),
		cmocka_unit_test(waiting_ends_at_the_deadline),
		cmocka_unit_test(what_arrived_before_we_looked_is_not_late),
		cmocka_unit_test(whole_transfers_keep_the_deadline),
		cmocka_unit_test(silence_is_looked_into_once),
		cmocka_unit_test(layers_choose_what_they_wait_for),
		cmocka_unit_test(a_closed_descriptor_is_no_endless_loop),
		cmocka_unit_test(memory_plays_its_script_in_portions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
