/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sink_conn.h"
#include "sink_tls.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void conn_init(struct conn *c, int fd, const struct options *opt, const struct log *log)
{
	memset(c, 0, sizeof *c);
	c->fd = fd;
	c->opt = opt;
	c->log = log;
	c->in = mem_grow(NULL, CONN_BLOCK);
}

bool conn_wait(struct conn *c, short events)
{
	struct pollfd p = {.fd = c->fd, .events = events};
	int ready;

	do
		ready = poll(&p, 1, c->opt->timeout_s > 2000000 ? -1 : (int)c->opt->timeout_s * 1000);
	while (ready < 0 && errno == EINTR);
	if (ready == 0)
		log_note(c->log, "nothing happened for %lu seconds", c->opt->timeout_s);
	return ready > 0;
}

static void sleep_ms(unsigned long ms)
{
	struct timespec t = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

static void conn_delay(struct conn *c)
{
	if (c->opt->delay_ms && !c->delayed)
		sleep_ms(c->opt->delay_ms);
	c->delayed = true;
}

/* One read into the free part of in[]: > 0 octets, 0 end or error (flags say which), -1 nothing there yet. */
static ssize_t read_some(struct conn *c)
{
	size_t room;
	ssize_t n;

	if (c->eof)
		return 0;
	if (c->pos == c->end)
		c->pos = c->end = 0;
	room = CONN_BLOCK - c->end;
	if (!room && c->pos) {
		memmove(c->in, c->in + c->pos, c->end - c->pos);
		c->end -= c->pos;
		c->pos = 0;
		room = CONN_BLOCK - c->end;
	}
	if (!room)
		return -1;
	if (c->tls) {
		n = tls_recv(c, c->in + c->end, room);
	} else {
		do
			n = recv(c->fd, c->in + c->end, room, 0);
		while (n < 0 && errno == EINTR);
		c->reads += n > 0;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return -1;
		c->broken = c->broken || n < 0;
	}
	if (n == -1 && c->tls && !c->broken)
		return -1;
	if (n <= 0) {
		c->eof = true;
		return 0;
	}
	c->end += (size_t)n;
	return n;
}

bool conn_fill_now(struct conn *c)
{
	return read_some(c) > 0;
}

bool conn_fill(struct conn *c)
{
	bool ask_first = c->out.len == 0;

	if (!conn_flush(c))
		return false;
	for (;;) {
		/* After a reply the answer is a round trip away: do not ask the kernel needlessly. */
		ssize_t n = ask_first || c->raw_pos < c->raw_end || (c->tls && gnutls_record_check_pending(c->tls))
				    ? read_some(c)
				    : -1;

		if (n >= 0)
			return n > 0;
		if (!conn_wait(c, POLLIN)) {
			c->eof = true;
			return false;
		}
		ask_first = true;
	}
}

bool conn_pending(struct conn *c)
{
	conn_delay(c);
	return c->pos < c->end || conn_fill_now(c);
}

/* Skip past the next LF. */
static bool skip_line(struct conn *c)
{
	for (;;) {
		char *nl = memchr(c->in + c->pos, '\n', c->end - c->pos);

		if (nl) {
			c->pos = (size_t)(nl - c->in) + 1;
			return true;
		}
		c->pos = c->end;
		if (!conn_fill(c))
			return false;
	}
}

enum conn_line conn_line(struct conn *c, size_t limit, const char **line, size_t *len)
{
	size_t seen = 0;

	for (;;) {
		size_t have = c->end - c->pos;
		char *nl = memchr(c->in + c->pos + seen, '\n', have - seen);

		if (nl) {
			*line = c->in + c->pos;
			*len = (size_t)(nl - *line) + 1;
			c->pos += *len;
			return *len > limit ? CONN_LINE_LONG : CONN_LINE;
		}
		seen = have;
		if (seen > limit || seen == CONN_BLOCK)
			return skip_line(c) ? CONN_LINE_LONG : CONN_LINE_END;
		if (!conn_fill(c))
			return CONN_LINE_END;
	}
}

static bool write_all(struct conn *c, const char *data, size_t len)
{
	while (len && !c->broken) {
		ssize_t n;

		if (c->tls)
			n = tls_send(c, data, len);
		else
			n = send(c->fd, data, len, MSG_NOSIGNAL);
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		} else if (c->broken || (!c->tls && errno != EAGAIN && errno != EINTR) || !conn_wait(c, POLLOUT)) {
			c->broken = true;
		}
	}
	return !c->broken;
}

bool conn_flush(struct conn *c)
{
	if (!c->out.len)
		return true;
	conn_delay(c);
	c->delayed = false;
	write_all(c, c->out.data, c->out.len);
	buf_clear(&c->out);
	return !c->broken;
}

void conn_drip(struct conn *c, const char *data, size_t len)
{
	conn_flush(c);
	for (; len && !c->broken; data++, len--) {
		write_all(c, data, 1);
		sleep_ms(100);
	}
}

size_t conn_drop_input(struct conn *c)
{
	size_t n = c->end - c->pos;

	c->pos = c->end = 0;
	return n;
}

void conn_hang(struct conn *c)
{
	conn_flush(c);
	(void)conn_wait(c, POLLRDHUP);
}

void conn_close(struct conn *c, bool linger)
{
	struct timespec start, now;
	long left = 1000;

	conn_flush(c);
	if (c->tls && !c->broken && !c->opt->no_close_notify)
		tls_bye(c);
	shutdown(c->fd, SHUT_WR);
	clock_gettime(CLOCK_MONOTONIC, &start);
	while (linger && !c->broken && left > 0) {
		struct pollfd p = {.fd = c->fd, .events = POLLIN};
		char waste[4096];

		if (poll(&p, 1, (int)left) <= 0 || recv(c->fd, waste, sizeof waste, 0) <= 0)
			break;
		clock_gettime(CLOCK_MONOTONIC, &now);
		left = 1000 - (now.tv_sec - start.tv_sec) * 1000 - (now.tv_nsec - start.tv_nsec) / 1000000;
	}
	close(c->fd);
	c->fd = -1;
}
