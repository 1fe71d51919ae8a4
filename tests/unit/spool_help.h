/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the spool share: a message, and judging what became of it. */
#ifndef UNIT_SPOOL_HELP_H
#define UNIT_SPOOL_HELP_H

#include "queue_help.h"

#include "queue/spool.h"

#include "../lib/remove_tree.h"
#include "../lib/test_runtime.h"

#include <errno.h>
#include <sys/wait.h>

#define HEADER "From: me@example.org\r\nMessage-ID: <abc@example.org>\r\n\r\n"
#define BODY "Hello,\nthe body \0 as read\r\n.\nno end"

/* Chance that repeats itself never, and needs no state. */
__attribute__((unused)) static void count_up(const struct rng *rng, void *p, size_t len)
{
	static unsigned char next;
	(void)rng;
	for (size_t i = 0; i < len; i++)
		((unsigned char *)p)[i] = next++;
}
__attribute__((unused)) static const struct rng counting_rng = {count_up};

/* Younger IDs have smaller letters: what orders messages by their names runs the youngest first. */
__attribute__((unused)) static void count_down(const struct rng *rng, void *out, size_t n)
{
	static unsigned char next = 255;
	(void)rng;
	memset(out, next--, n);
}
__attribute__((unused)) static const struct rng descending_rng = {count_down};

/* The queue in a folder; ops and rng NULL: the system's. */
__attribute__((unused)) static struct spool *open_spool(const char *path, const struct spool_ops *ops,
							const struct rng *rng, struct error *err)
{
	struct runtime runtime = test_runtime();
	runtime.spool_ops = ops ? ops : runtime.spool_ops;
	runtime.rng = rng ? rng : runtime.rng;
	return spool_open(path, &runtime, err);
}

__attribute__((unused)) static void fill_body(struct source *body)
{
	source_init(body, NULL);
	assert_true(source_append(body, BODY, sizeof(BODY) - 1, NULL));
}

/* An item for two; due shows which state of it we see. */
__attribute__((unused)) static void small_item(struct queue_item *item, int64_t due)
{
	struct recipient rcpts[2] = {{{(char[]){"a@example.org"}, NULL}, NULL, NULL, 0},
				     {{(char[]){"b@example.org"}, NULL}, NULL, NULL, 0}};
	struct envelope env = {.mail.sender = {(char[]){"me@example.org"}, NULL}, .rcpts = rcpts, .n = 2};
	queue_item_set_envelope(item, &env);
	item->due = due;
}

/* Keeps a message; false if the spool said so. */
__attribute__((unused)) static bool keep(struct spool *spool, int64_t due, char *id, struct error *err)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(source) body = SOURCE_INIT;
	small_item(&item, due);
	fill_body(&body);
	if (!spool_enqueue(spool, &item, SPAN_LIT(HEADER), &body, NULL, err)) {
		assert_null(item.id);
		return false;
	}
	if (id)
		memcpy(id, item.id, SPOOL_ID_LEN + 1);
	return true;
}

/* A folder of one's own, away at the end; in memory where there is such a place, because thousands are made. */
__attribute__((unused)) static char *make_folder(void)
{
	const char *temp = getenv("TMPDIR");
	if (!temp)
		temp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	char *folder = xasprintf("%s/posthaste-spool-XXXXXX", temp);
	assert_non_null(mkdtemp(folder));
	return folder;
}

__attribute__((unused)) static void remove_folder(char *folder)
{
	assert_int_equal(remove_tree(folder), 0);
	free(folder);
}

#endif
