/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sink_log.h"
#include "sink_buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add_visible(struct buf *b, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 32 || c == 127)
			buf_addf(b, "\\x%02x", c);
		else
			buf_add(b, &text[i], 1);
	}
}

static void put(int fd, const struct buf *b)
{
	size_t done = 0;

	while (done < b->len) {
		ssize_t n = write(fd, b->data + done, b->len - done);

		if (n <= 0)
			return; /* a full disk shows in the missing line */
		done += (size_t)n;
	}
}

static void put_formatted(int fd, const char *start, const char *fmt, va_list ap)
{
	struct buf b = {0};
	va_list again;
	int n;
	char *text;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		n = 0;
	text = mem_alloc((size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, fmt, again);
	va_end(again);
	buf_adds(&b, start);
	add_visible(&b, text, (size_t)n);
	buf_adds(&b, "\n");
	put(fd, &b);
	buf_release(&b);
	free(text);
}

void log_violation(const struct log *log, const char *fmt, ...)
{
	char start[40];
	va_list ap;

	snprintf(start, sizeof start, "connection %u: ", log->connection);
	va_start(ap, fmt);
	put_formatted(log->violations, start, fmt, ap);
	va_end(ap);
	if (log->transcript >= 0) {
		va_start(ap, fmt);
		put_formatted(log->transcript, "# violation: ", fmt, ap);
		va_end(ap);
	}
}

void log_note(const struct log *log, const char *fmt, ...)
{
	va_list ap;

	if (log->transcript < 0)
		return;
	va_start(ap, fmt);
	put_formatted(log->transcript, "# ", fmt, ap);
	va_end(ap);
}

void log_dialogue(const struct log *log, char who, const char *text, size_t len)
{
	struct buf b = {0};

	if (log->transcript < 0)
		return;
	while (len) {
		const char *nl = memchr(text, '\n', len);
		size_t n = nl ? (size_t)(nl - text) + 1 : len;
		size_t shown = n;

		if (n >= 2 && text[n - 1] == '\n' && text[n - 2] == '\r')
			shown = n - 2;
		buf_addf(&b, "%c: ", who);
		add_visible(&b, text, shown);
		buf_adds(&b, "\n");
		text += n;
		len -= n;
	}
	put(log->transcript, &b);
	buf_release(&b);
}
