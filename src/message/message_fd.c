/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/message_fd.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#define INPUT_ROOM (64u * 1024)

/* Waits for data even if the caller made the descriptor non-blocking. */
static ssize_t read_waiting(int fd, char *buf, size_t room)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	for (;;) {
		ssize_t n = read(fd, buf, room);
		if (n >= 0 || (errno != EINTR && errno != EAGAIN))
			return n;
		if (errno == EAGAIN && poll(&p, 1, -1) < 0 && errno != EINTR)
			return -1;
	}
}

bool message_read_fd(struct message *msg, int fd, const char *place, struct error *err)
{
	struct message_reader reader;
	AUTO_FREE char *buf = xmalloc(INPUT_ROOM);
	bool ok = true;
	message_reader_init(&reader, msg, 0);
	source_input(&msg->body, fd);
	for (;;) {
		ssize_t n = read_waiting(fd, buf, INPUT_ROOM);
		if (n < 0)
			ok = error_set_errno(err, ERROR_IO, errno, _("cannot read the message from %s"), place);
		if (n <= 0)
			break;
		ok = message_reader_feed(&reader, buf, (size_t)n, err);
		if (!ok)
			break;
	}
	ok = ok && message_reader_end(&reader, err);
	message_reader_release(&reader);
	return ok;
}
