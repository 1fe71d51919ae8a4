/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sink_listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un un;
};

static bool parse_unix(const char *path, union address *a, socklen_t *len)
{
	a->un.sun_family = AF_UNIX;
	if (!*path || strlen(path) >= sizeof a->un.sun_path)
		return false;
	memcpy(a->un.sun_path, path, strlen(path) + 1);
	*len = sizeof a->un;
	return true;
}

/* Numbers only: a test smarthost has no business asking a resolver. */
static bool parse_inet(const char *text, union address *a, socklen_t *len)
{
	const char *colon = strrchr(text, ':');
	char host[64];
	size_t n = colon ? (size_t)(colon - text) : 0;
	char *end;
	unsigned long port;

	if (!n || n >= sizeof host)
		return false;
	port = strtoul(colon + 1, &end, 10);
	if (end == colon + 1 || *end || port > 65535)
		return false;
	if (text[0] == '[' && text[n - 1] == ']') {
		memcpy(host, text + 1, n - 2);
		host[n - 2] = '\0';
		a->v6.sin6_family = AF_INET6;
		a->v6.sin6_port = htons((uint16_t)port);
		*len = sizeof a->v6;
		return inet_pton(AF_INET6, host, &a->v6.sin6_addr) == 1;
	}
	memcpy(host, text, n);
	host[n] = '\0';
	a->v4.sin_family = AF_INET;
	a->v4.sin_port = htons((uint16_t)port);
	*len = sizeof a->v4;
	return inet_pton(AF_INET, host, &a->v4.sin_addr) == 1;
}

static void describe(const union address *a, char *out, size_t size)
{
	char host[INET6_ADDRSTRLEN] = "";

	if (a->any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &a->v6.sin6_addr, host, sizeof host);
		snprintf(out, size, "%s %u", host, (unsigned)ntohs(a->v6.sin6_port));
	} else if (a->any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &a->v4.sin_addr, host, sizeof host);
		snprintf(out, size, "%s %u", host, (unsigned)ntohs(a->v4.sin_port));
	} else {
		snprintf(out, size, "unix");
	}
}

bool listener_open(struct listener *l, const char *text)
{
	union address a;
	socklen_t len = 0;
	bool un = !strncmp(text, "unix:", 5);
	int one = 1;

	memset(&a, 0, sizeof a);
	memset(l, 0, sizeof *l);
	if (!(un ? parse_unix(text + 5, &a, &len) : parse_inet(text, &a, &len))) {
		fprintf(stderr, "sink: --listen %s: ADDRESS:PORT, [ADDRESS]:PORT or unix:/path is wanted\n", text);
		return false;
	}
	l->fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (un)
		(void)unlink(text + 5);
	else
		setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (l->fd < 0 || bind(l->fd, &a.any, len) < 0 || listen(l->fd, 128) < 0) {
		fprintf(stderr, "sink: --listen %s: %s\n", text, strerror(errno));
		return false;
	}
	if (un)
		l->path = mem_dup(text + 5, strlen(text + 5));
	else if (getsockname(l->fd, &a.any, &len) == 0)
		describe(&a, l->name, sizeof l->name);
	return true;
}

int listener_accept(const struct listener *l, char *peer, size_t peer_size)
{
	union address a;
	socklen_t len = sizeof a;
	int one = 1;
	int fd;

	memset(&a, 0, sizeof a);
	fd = accept4(l->fd, &a.any, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return -1;
	describe(&a, peer, peer_size);
	if (!l->path)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

void listener_close(struct listener *l)
{
	close(l->fd);
	if (l->path)
		(void)unlink(l->path);
	free(l->path);
	l->path = NULL;
	l->fd = -1;
}

bool listener_publish(const char *path, const struct buf *text)
{
	struct buf temp = {0};
	bool good;
	int fd;

	buf_addf(&temp, "%s.new-%ld", path, (long)getpid());
	fd = open(temp.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	good = fd >= 0 && write(fd, buf_str(text), text->len) == (ssize_t)text->len;
	if (fd >= 0)
		good = close(fd) == 0 && good;
	good = good && rename(temp.data, path) == 0;
	if (!good)
		fprintf(stderr, "sink: %s cannot be written: %s\n", path, strerror(errno));
	buf_release(&temp);
	return good;
}

bool listener_write_ports(const struct listener *l, size_t count, const char *path)
{
	struct buf text = {0};
	bool good;

	if (!path)
		return true;
	for (size_t i = 0; i < count; i++) {
		if (l[i].path)
			buf_addf(&text, "unix:%s 0\n", l[i].path);
		else
			buf_addf(&text, "%s\n", l[i].name);
	}
	if (!strcmp(path, "-"))
		good = write(STDOUT_FILENO, text.data, text.len) == (ssize_t)text.len;
	else
		good = listener_publish(path, &text);
	buf_release(&text);
	return good;
}
