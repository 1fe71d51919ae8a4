/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The power goes, at every operation, and whatever was not synced is lost in
 * every combination: each message whose enqueue returned is there, once, whole,
 * in its state before or after what was going on.
 */
#include "spool_help.h"

#include "memory_disk.h"

#include <limits.h>

#define QUEUE "/home/queue"

/* What may be found, as the scenario knows it at each moment. */
static struct expectation {
	char ids[4][SPOOL_ID_LEN + 1];
	int64_t before[4], after[4]; /* due of the state before and after */
	bool may_go[4], gone[4];
	enum queue_state state[4], state_after[4];
	bool under_way[4];    /* an attempt is marked ... */
	unsigned attempts[4]; /* ... and is over when so many were made */
	size_t n;
	bool enqueuing;
	unsigned cuts;
} expect;

static size_t known(const char *id)
{
	for (size_t i = 0; i < expect.n; i++)
		if (strcmp(expect.ids[i], id) == 0)
			return i;
	return expect.n;
}

static void check_octets(struct spool_entry *entry)
{
	AUTO(strbuf) header = STRBUF_INIT;
	AUTO(source) body = SOURCE_INIT;
	struct span view;
	assert_true(spool_read_message(entry, &header, &body, NULL));
	assert_string_equal(header.buf, HEADER);
	assert_true(source_view(&body, &view)); /* small: nothing is left to be read from the disk */
	assert_int_equal(view.len, sizeof(BODY) - 1);
	assert_memory_equal(view.ptr, BODY, sizeof(BODY) - 1);
}

static void check_message(struct spool *spool, const char *id, bool *seen)
{
	AUTO_PTR(spool_entry) entry = NULL;
	AUTO(error) err = ERROR_INIT;
	int claimed = spool_claim(spool, id, &entry, NULL, &err);
	if (claimed != 1)
		print_message("# %s\n", err.status.text ? err.status.text : "not to be had");
	assert_int_equal(claimed, 1);
	const struct queue_item *item = spool_entry_item(entry);
	size_t i = known(id);
	if (i == expect.n) {
		assert_true(expect.enqueuing);
		assert_int_equal(item->n, 2);
	} else {
		seen[i] = true;
		assert_false(expect.gone[i]);
		assert_true(item->due == expect.before[i] || item->due == expect.after[i]);
		assert_true(item->state == expect.state[i] || item->state == expect.state_after[i]);
		assert_int_equal(spool_entry_folder(entry) == SPOOL_FAILED, item->state == QUEUE_FAILED);
		assert_true(!expect.under_way[i] || item->in_flight || item->attempts == expect.attempts[i]);
		assert_true(!item->in_flight || item->attempts != expect.attempts[i]);
	}
	assert_false(spool_entry_damaged(entry));
	check_octets(entry);
}

static void check_disk(struct memory_disk *disk)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(strvec) ids = STRVEC_INIT, left = STRVEC_INIT;
	bool seen[4] = {false};
	AUTO_PTR(spool) spool = memory_disk_spool(disk, QUEUE, &counting_rng, &err);
	if (!spool)
		print_message("# %s\n", err.status.text);
	assert_non_null(spool);
	assert_true(spool_list(spool, SPOOL_NEW, &ids, NULL) && spool_list(spool, SPOOL_FAILED, &ids, NULL));
	assert_true(ids.n <= expect.n + expect.enqueuing);
	for (size_t i = 0; i < ids.n; i++)
		check_message(spool, ids.v[i], seen);
	for (size_t i = 0; i < expect.n; i++)
		assert_true(seen[i] || expect.may_go[i] || expect.gone[i]);

	disk->now_ms += 7200 * 1000;
	spool_clean(spool); /* takes nothing that is needed */
	assert_true(spool_list(spool, SPOOL_NEW, &left, NULL) && spool_list(spool, SPOOL_FAILED, &left, NULL));
	assert_int_equal(left.n, ids.n);
	for (size_t i = 0; i < left.n; i++)
		check_message(spool, left.v[i], seen);
	assert_true(keep(spool, 1, NULL, NULL)); /* and goes on working */
}

static void cut_power(struct memory_disk *disk)
{
	assert_true(disk->n_pending < 10);
	for (unsigned reached = 0; reached < 1u << disk->n_pending; reached++)
		for (unsigned contents = 0; contents < DISK_CONTENTS; contents++) {
			struct memory_disk *cut = memory_disk_after_cut(disk, reached, contents);
			check_disk(cut);
			memory_disk_free(cut);
			expect.cuts++;
		}
}

/* ---- what goes on ----------------------------------------------------- */

static void enqueue_one(struct spool *spool, int64_t due)
{
	char id[SPOOL_ID_LEN + 1];
	expect.enqueuing = true;
	assert_true(keep(spool, due, id, NULL));
	expect.enqueuing = false;
	memcpy(expect.ids[expect.n], id, sizeof(id));
	expect.before[expect.n] = expect.after[expect.n] = due;
	expect.attempts[expect.n] = UINT_MAX;
	expect.state[expect.n] = expect.state_after[expect.n] = QUEUE_QUEUED;
	expect.n++;
}

static struct spool_entry *claim(struct spool *spool, size_t i)
{
	struct spool_entry *entry = NULL;
	assert_int_equal(spool_claim(spool, expect.ids[i], &entry, NULL, NULL), 1);
	return entry;
}

static void update_one(struct spool_entry *entry, size_t i, int64_t due)
{
	spool_entry_item(entry)->due = expect.after[i] = due;
	assert_true(spool_update(entry, NULL));
	expect.before[i] = due;
}

/* An attempt: from the moment it is marked until its outcome is stored nobody takes the message for one that was not
 * sent, and afterwards nobody takes it for one that is being sent. */
static void attempt_one(struct spool_entry *entry, size_t i, int64_t due)
{
	struct queue_item *item = spool_entry_item(entry);
	expect.attempts[i] = item->attempts + 1;
	assert_true(spool_mark(entry, 77, NULL));
	assert_int_equal(item->in_flight, 77);
	expect.under_way[i] = true;
	item->in_flight = 0;
	item->attempts++;
	update_one(entry, i, due);
	expect.under_way[i] = false;
}

static void finish_one(struct spool_entry *entry, size_t i)
{
	expect.may_go[i] = true;
	assert_true(spool_finish(entry, NULL));
	expect.gone[i] = true;
}

static void begin(struct memory_disk *disk)
{
	expect = (struct expectation){.n = 0};
	disk->changed = cut_power;
}

static void end(struct memory_disk *disk, unsigned at_least)
{
	disk->changed = NULL;
	assert_true(expect.cuts >= at_least);
	memory_disk_free(disk);
}

static void the_folder_is_made(void **state)
{
	(void)state;
	struct memory_disk *disk = memory_disk_new();
	begin(disk);
	AUTO_PTR(spool) spool = memory_disk_spool(disk, QUEUE, &counting_rng, NULL);
	assert_non_null(spool);
	enqueue_one(spool, 10);
	spool_free(steal_ptr(spool));
	end(disk, 100);
}

/* Who finds the folder without "format" must not believe that it is on disk. */
static void somebody_died_while_making_the_folder(void **state)
{
	(void)state;
	struct memory_disk *disk = memory_disk_new();
	assert_int_equal(disk->ops.mkdirat(&disk->ops, AT_FDCWD, "/home", 0700), 0);
	assert_int_equal(disk->ops.mkdirat(&disk->ops, AT_FDCWD, QUEUE, 0700), 0);
	assert_int_equal(disk->ops.mkdirat(&disk->ops, AT_FDCWD, QUEUE "/new", 0700), 0);
	begin(disk);
	AUTO_PTR(spool) spool = memory_disk_spool(disk, QUEUE, &counting_rng, NULL);
	assert_non_null(spool);
	enqueue_one(spool, 10);
	spool_free(steal_ptr(spool));
	end(disk, 100);
}

static void a_message_lives_and_is_sent(void **state)
{
	(void)state;
	struct memory_disk *disk = memory_disk_new();
	begin(disk);
	AUTO_PTR(spool) spool = memory_disk_spool(disk, QUEUE, &counting_rng, NULL);
	enqueue_one(spool, 10);
	enqueue_one(spool, 20);
	struct spool_entry *entry = claim(spool, 0);
	update_one(entry, 0, 11);
	update_one(entry, 0, 12);
	update_one(entry, 0, 13);
	finish_one(entry, 0);
	spool_entry_free(entry);
	enqueue_one(spool, 30);
	entry = claim(spool, 1);
	finish_one(entry, 1); /* without a state of its own */
	spool_entry_free(entry);
	spool_free(steal_ptr(spool));
	end(disk, 300);
}

static void an_attempt_is_marked(void **state)
{
	(void)state;
	struct memory_disk *disk = memory_disk_new();
	begin(disk);
	AUTO_PTR(spool) spool = memory_disk_spool(disk, QUEUE, &counting_rng, NULL);
	enqueue_one(spool, 10);
	struct spool_entry *entry = claim(spool, 0);
	attempt_one(entry, 0, 11);
	attempt_one(entry, 0, 12);
	spool_entry_free(entry);
	entry = claim(spool, 0);
	expect.attempts[0] = UINT_MAX;
	assert_true(spool_mark(entry, 78, NULL));
	expect.under_way[0] = true;
	finish_one(entry, 0);
	spool_entry_free(entry);
	spool_free(steal_ptr(spool));
	end(disk, 200);
}

static void a_message_fails_and_comes_back(void **state)
{
	(void)state;
	struct memory_disk *disk = memory_disk_new();
	begin(disk);
	AUTO_PTR(spool) spool = memory_disk_spool(disk, QUEUE, &counting_rng, NULL);
	enqueue_one(spool, 10);
	enqueue_one(spool, 20);
	struct spool_entry *entry = claim(spool, 0);
	expect.state_after[0] = QUEUE_FAILED;
	assert_true(spool_fail(entry, NULL));
	expect.state[0] = QUEUE_FAILED;
	expect.state_after[0] = QUEUE_QUEUED;
	expect.after[0] = 15;
	assert_true(spool_release(entry, 15, NULL));
	expect.before[0] = 15;
	expect.state[0] = QUEUE_QUEUED;
	expect.state_after[0] = QUEUE_HELD;
	assert_true(spool_hold(entry, HOLD_USER, &(struct status){.text = (char *)"wait"}, NULL, NULL));
	expect.state[0] = QUEUE_HELD;
	expect.state_after[0] = QUEUE_FAILED;
	assert_true(spool_fail(entry, NULL));
	expect.state[0] = QUEUE_FAILED;
	finish_one(entry, 0);
	spool_entry_free(entry);
	spool_free(steal_ptr(spool));
	end(disk, 300);
}

/* The disk must be able to lose: a rename whose folder was not synced, content that was not. */
static void the_disk_forgets(void **state)
{
	(void)state;
	struct memory_disk *disk = memory_disk_new();
	const struct spool_ops *ops = &disk->ops;
	struct stat st;
	assert_int_equal(ops->mkdirat(ops, AT_FDCWD, "/a", 0700), 0);
	int dir = ops->openat(ops, AT_FDCWD, "/a", 0, 0), root = ops->openat(ops, AT_FDCWD, "/", 0, 0);
	assert_int_equal(ops->fsync(ops, root), 0);
	int fd = ops->openat(ops, dir, "x", O_CREAT | O_EXCL, 0600);
	assert_int_equal(ops->write(ops, fd, "1234", 4), 4);
	assert_int_equal(disk->n_pending, 1);
	struct memory_disk *cut = memory_disk_after_cut(disk, 0, 0);
	assert_int_equal(cut->n_names, 1);
	memory_disk_free(cut);
	static const size_t lengths[DISK_CONTENTS] = {0, 4, 2, 4};
	for (unsigned contents = 0; contents < DISK_CONTENTS; contents++) {
		cut = memory_disk_after_cut(disk, 1, contents);
		int again = cut->ops.openat(&cut->ops, AT_FDCWD, "/a/x", 0, 0);
		assert_int_equal(cut->ops.fstat(&cut->ops, again, &st), 0);
		assert_int_equal(st.st_size, lengths[contents]);
		memory_disk_free(cut);
	}
	assert_int_equal(ops->fsync(ops, dir), 0);
	assert_int_equal(ops->renameat(ops, dir, "x", dir, "y"), 0);
	cut = memory_disk_after_cut(disk, 0, 1);
	assert_true(cut->ops.openat(&cut->ops, AT_FDCWD, "/a/x", 0, 0) >= 0);
	assert_int_equal(cut->ops.openat(&cut->ops, AT_FDCWD, "/a/y", 0, 0), -1);
	memory_disk_free(cut);
	memory_disk_free(disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_disk_forgets),
		cmocka_unit_test(the_folder_is_made),
		cmocka_unit_test(somebody_died_while_making_the_folder),
		cmocka_unit_test(a_message_lives_and_is_sent),
		cmocka_unit_test(an_attempt_is_marked),
		cmocka_unit_test(a_message_fails_and_comes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
