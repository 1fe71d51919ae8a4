/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/fd_pass.h"

#include "net/peer_user.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr header; /* for its alignment */
	char room[CMSG_SPACE(sizeof(int))];
};

bool fd_pass_send(int socket, struct span message, int fd)
{
	struct iovec part = {.iov_base = (void *)(uintptr_t)message.ptr, .iov_len = message.len};
	union control control = {.room = {0}};
	struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};
	if (message.len > FD_PASS_MAX)
		return false;
	if (fd >= 0) {
		msg.msg_control = control.room;
		msg.msg_controllen = sizeof(control.room);
		struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	ssize_t n;
	do
		n = sendmsg(socket, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)message.len;
}

static bool wait_readable(int socket, const struct clock *clock, msec_t deadline)
{
	struct pollfd p = {.fd = socket, .events = POLLIN};
	int n;
	do
		n = poll(&p, 1, deadline_poll_ms(clock, deadline));
	while (n < 0 && errno == EINTR);
	return n > 0;
}

static int descriptor_of(struct msghdr *msg)
{
	int fd = -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(fd)))
			memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* The length of the message at hand; 0: there is none, or it is longer than a message may be. */
static size_t length_of_next(int socket)
{
	ssize_t n;
	do
		n = recv(socket, NULL, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n > 0 && (size_t)n <= FD_PASS_MAX ? (size_t)n : 0;
}

bool fd_pass_receive(int socket, struct strbuf *message, int *fd, const struct clock *clock, msec_t deadline)
{
	*fd = -1;
	strbuf_reset(message);
	if (!wait_readable(socket, clock, deadline))
		return false;
	size_t length = length_of_next(socket);
	if (!length)
		return false;
	strbuf_grow(message, length);
	struct iovec part = {.iov_base = message->buf, .iov_len = length};
	union control control = {.room = {0}};
	struct msghdr msg = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room)};
	ssize_t n;
	do
		n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	*fd = descriptor_of(&msg);
	strbuf_setlen(message, (size_t)n);
	if (!(msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return true;
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	return false;
}

bool fd_pass_is_ours(int socket)
{
	uid_t user;
	return peer_user(socket, &user) && user == geteuid();
}
