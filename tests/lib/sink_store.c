/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sink_store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { IN_MEMORY = 1024 * 1024 };

void store_init(struct store *s, const char *dir)
{
	memset(s, 0, sizeof *s);
	s->dir = dir;
	s->fd = -1;
}

/* The hidden name; one process stores one message at a time. */
static void hidden_name(const struct store *s, struct buf *path)
{
	buf_clear(path);
	buf_addf(path, "%s/.part-%ld", s->dir, (long)getpid());
}

static bool write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static void spill(struct store *s)
{
	struct buf path = {0};

	if (s->fd < 0) {
		hidden_name(s, &path);
		s->fd = open(path.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		buf_release(&path);
	}
	if (s->fd < 0 || !write_all(s->fd, s->pending.data, s->pending.len))
		s->failed = true;
	buf_clear(&s->pending);
}

void store_add(void *store, const void *data, size_t len)
{
	struct store *s = store;

	if (!s->dir)
		return;
	buf_add(&s->pending, data, len);
	if (s->pending.len >= IN_MEMORY)
		spill(s);
}

/* Give the hidden file its name. */
static bool publish(struct store *s, const char *format, unsigned number)
{
	struct buf from = {0}, to = {0};
	bool good;

	hidden_name(s, &from);
	buf_addf(&to, format, s->dir, number);
	good = s->fd >= 0 && !s->failed && close(s->fd) == 0 && rename(from.data, to.data) == 0;
	s->fd = good ? -1 : s->fd;
	buf_release(&from);
	buf_release(&to);
	return good;
}

bool store_commit(struct store *s, unsigned number, const struct buf *json)
{
	struct buf eml = {0};
	bool good;

	if (!s->dir)
		return true;
	spill(s);
	good = publish(s, "%s/%04u.eml", number);
	if (good) {
		buf_add(&s->pending, json->data, json->len);
		spill(s);
		good = publish(s, "%s/%04u.json", number);
		if (!good) {
			buf_addf(&eml, "%s/%04u.eml", s->dir, number);
			(void)unlink(eml.data);
			buf_release(&eml);
		}
	}
	store_drop(s);
	return good;
}

void store_drop(struct store *s)
{
	struct buf path = {0};

	if (s->fd >= 0) {
		hidden_name(s, &path);
		close(s->fd);
		(void)unlink(path.data);
		buf_release(&path);
	}
	s->fd = -1;
	s->failed = false;
	buf_clear(&s->pending);
}
