/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever fails, wherever the program dies or the power goes while a message
 * is reported: afterwards the sender gets one report, neither two nor none, and
 * nothing is left behind.
 */
#include "faulty_ops.h"
#include "notify_help.h"

#include "memory_disk.h"

static void both_fail(struct queue_item *item)
{
	set_failed(&item->rcpts[0]);
	set_failed(&item->rcpts[1]);
}

static void one_fails(struct queue_item *item)
{
	set_failed(&item->rcpts[0]);
}

static void one_was_relayed(struct queue_item *item)
{
	item->mail.notify = NOTIFY_SUCCESS;
	item->rcpts[0].state = item->rcpts[1].state = RCPT_ACCEPTED;
	item->rcpts[0].relayed_without_dsn = true;
}

static const struct fate {
	const char *name;
	void (*change)(struct queue_item *item);
	bool stays;	  /* one recipient is still pending at the end */
	bool refuses;	  /* the report is refused, and the message or the report kept */
	bool report_sent; /* the failure is in the end of the report, not of the message */
} fates[] = {
	{.name = "all failed", .change = both_fail},
	{.name = "one failed, one is pending", .change = one_fails, .stays = true},
	{.name = "relayed", .change = one_was_relayed},
	{.name = "all failed and the report, too", .change = both_fail, .refuses = true},
	{.name = "one failed and the report, too", .change = one_fails, .stays = true, .refuses = true},
	{.name = "the report was sent", .change = both_fail, .report_sent = true},
	{.name = "the report was refused", .change = both_fail, .report_sent = true, .refuses = true},
};

struct scene {
	char *folder, *path;
	char id[SPOOL_ID_LEN + 1];
	struct submission p;
	struct world world;
};

/* Reports are sent, and their end has not been dealt with. */
static void send_reports(struct spool *spool, struct world *world, char *id)
{
	AUTO(strvec) ids = STRVEC_INIT;
	AUTO_PTR(spool_entry) entry = NULL;
	assert_true(spool_list(spool, SPOOL_NEW, &ids, NULL));
	assert_int_equal(ids.n, 1);
	assert_int_equal(spool_claim(spool, ids.v[0], &entry, NULL, NULL), 1);
	struct queue_rcpt *rcpt = &spool_entry_item(entry)->rcpts[0];
	if (world->refuses)
		set_failed(rcpt);
	else
		rcpt->state = RCPT_ACCEPTED;
	assert_true(spool_update(entry, NULL));
	world->reports++;
	memcpy(id, ids.v[0], SPOOL_ID_LEN + 1);
}

static void prepare(struct scene *scene, struct spool *spool, const struct fate *fate)
{
	bool moved = false;
	runtime = test_runtime();
	submission_init(&scene->p, &runtime);
	scene->world = (struct world){.refuses = fate->refuses};
	enqueue_item(spool, fate->change, scene->id);
	if (!fate->report_sent)
		return;
	assert_true(step(spool, scene->id, &scene->p, &scene->world, &moved, NULL));
	assert_int_equal(count(spool, SPOOL_FAILED), 1); /* kept as long as its report is under way */
	send_reports(spool, &scene->world, scene->id);
}

static void build(struct scene *scene, const struct fate *fate)
{
	scene->folder = make_folder();
	scene->path = xasprintf("%s/queue", scene->folder);
	struct faulty still = faulty_make(FAIL, 0, 0); /* spares the real disk the syncing */
	AUTO_PTR(spool) spool = open_spool(scene->path, &still.ops, NULL, NULL);
	assert_non_null(spool);
	prepare(scene, spool, fate);
}

static void drop(struct scene *scene)
{
	submission_release(&scene->p);
	remove_folder(scene->folder);
	free(scene->path);
}

static void judge_spool(struct spool *spool, struct scene *scene, const struct fate *fate, bool reports_first)
{
	scene->world.reports_first = reports_first;
	run_out(spool, &scene->p, &scene->world);
	if (scene->world.reports != 1)
		print_message("# %s: %u reports\n", fate->name, scene->world.reports);
	assert_int_equal(scene->world.reports, 1);
	assert_int_equal(count(spool, SPOOL_NEW), fate->stays);
	if (fate->refuses) /* the message, or where it could not wait for the report, that */
		assert_in_range(count(spool, SPOOL_FAILED), 1, 1);
	else
		assert_int_equal(count(spool, SPOOL_FAILED), 0);
}

static void judge(struct scene *scene, const struct fate *fate, bool reports_first)
{
	struct faulty still = faulty_make(FAIL, 0, 0);
	AUTO_PTR(spool) spool = open_spool(scene->path, &still.ops, NULL, NULL);
	assert_non_null(spool);
	judge_spool(spool, scene, fate, reports_first);
}

/* ---- operations fail -------------------------------------------------- */

static bool fails_at(const struct fate *fate, enum what what, int errnum, unsigned at, bool reports_first)
{
	struct scene scene;
	bool moved = false;
	build(&scene, fate);
	struct faulty faulty = faulty_make(what, 0, errnum);
	AUTO_PTR(spool) spool = open_spool(scene.path, &faulty.ops, NULL, NULL);
	assert_non_null(spool);
	faulty.calls = 0;
	faulty.at = at;
	AUTO(error) err = ERROR_INIT;
	if (!step(spool, scene.id, &scene.p, &scene.world, &moved, &err))
		assert_true(err.status.kind == ERROR_IO || err.status.kind == ERROR_CANNOT_CREATE);
	bool hit = faulty.hit;
	faulty.at = UINT32_MAX;
	judge(&scene, fate, reports_first);
	drop(&scene);
	return hit;
}

/* The same entry, still in memory, is reported again. */
static bool fails_at_and_goes_on(const struct fate *fate, int errnum, unsigned at)
{
	struct scene scene;
	build(&scene, fate);
	struct faulty faulty = faulty_make(FAIL, 0, errnum);
	AUTO_PTR(spool) spool = open_spool(scene.path, &faulty.ops, NULL, NULL);
	AUTO_PTR(spool_entry) entry = NULL;
	assert_int_equal(spool_claim(spool, scene.id, &entry, NULL, NULL), 1);
	faulty.calls = 0;
	faulty.at = at;
	bool told = notify(spool, entry, &scene.p, &runtime, NOW, NULL);
	bool hit = faulty.hit;
	faulty.at = UINT32_MAX;
	assert_true(told || notify(spool, entry, &scene.p, &runtime, NOW, NULL));
	assert_false(notify_owes(spool, spool_entry_item(entry), NOW) && fate->stays &&
		     !spool_entry_item(entry)->report);
	spool_entry_free(steal_ptr(entry));
	judge(&scene, fate, true);
	drop(&scene);
	return hit;
}

static void each_operation_fails_once(void **state)
{
	(void)state;
	static const int errors[] = {EIO, ENOSPC};
	for (size_t f = 0; f < ARRAY_SIZE(fates); f++)
		for (size_t e = 0; e < ARRAY_SIZE(errors); e++) {
			bool hit = true;
			for (unsigned at = 1; hit; at++)
				hit = fails_at(&fates[f], FAIL, errors[e], at, e == 0);
			hit = true;
			for (unsigned at = 1; hit; at++)
				hit = fails_at_and_goes_on(&fates[f], errors[e], at);
		}
}

static void the_disk_fills_up_for_good(void **state)
{
	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(fates); f++) {
		bool hit = true;
		for (unsigned at = 1; hit; at++)
			hit = fails_at(&fates[f], FAIL_FROM, ENOSPC, at, true);
	}
}

/* ---- the process dies --------------------------------------------------- */

static bool dies_at(struct scene *scene, enum what what, unsigned at)
{
	int status;
	pid_t child = fork();
	if (child == 0) {
		bool moved = false;
		struct faulty faulty = faulty_make(what, 0, 0);
		struct spool *spool = open_spool(scene->path, &faulty.ops, NULL, NULL);
		if (!spool)
			_exit(3);
		faulty.calls = 0;
		faulty.at = at;
		_exit(step(spool, scene->id, &scene->p, &scene->world, &moved, NULL) ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 7 || WEXITSTATUS(status) == 0);
	return WEXITSTATUS(status) == 7;
}

static void the_process_dies_in_each_operation(void **state)
{
	(void)state;
	static const enum what ways[] = {DIE_BEFORE, DIE_BEHIND};
	for (size_t f = 0; f < ARRAY_SIZE(fates); f++)
		for (size_t w = 0; w < 2 * ARRAY_SIZE(ways); w++) {
			bool died = true;
			unsigned at;
			for (at = 1; died; at++) {
				struct scene scene;
				build(&scene, &fates[f]);
				died = dies_at(&scene, ways[w / 2], at);
				judge(&scene, &fates[f], w % 2);
				drop(&scene);
			}
			assert_true(at > 10);
		}
}

/* ---- the power goes ----------------------------------------------------- */

#define QUEUE "/home/queue"

static struct {
	const struct fate *fate;
	struct scene *scene;
	unsigned cuts;
} power;

static void cut_power(struct memory_disk *disk)
{
	assert_true(disk->n_pending < 8);
	for (unsigned reached = 0; reached < 1u << disk->n_pending; reached++)
		for (unsigned contents = 0; contents < DISK_CONTENTS; contents++) {
			struct memory_disk *cut = memory_disk_after_cut(disk, reached, contents);
			struct scene after = *power.scene; /* what the world has seen so far */
			struct spool *spool = memory_disk_spool(cut, QUEUE, &rng_system, NULL);
			assert_non_null(spool);
			judge_spool(spool, &after, power.fate, power.cuts++ % 2);
			spool_free(spool);
			memory_disk_free(cut);
		}
}

static void the_power_goes_at_each_operation(void **state)
{
	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(fates); f++) {
		struct scene scene;
		bool moved = false;
		struct memory_disk *disk = memory_disk_new();
		struct spool *spool = memory_disk_spool(disk, QUEUE, &rng_system, NULL);
		assert_non_null(spool);
		prepare(&scene, spool, &fates[f]);
		power.fate = &fates[f];
		power.scene = &scene;
		power.cuts = 0;
		disk->changed = cut_power;
		assert_true(step(spool, scene.id, &scene.p, &scene.world, &moved, NULL));
		disk->changed = NULL;
		assert_true(power.cuts > 10);
		spool_free(spool);
		memory_disk_free(disk);
		submission_release(&scene.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_operation_fails_once),
		cmocka_unit_test(the_disk_fills_up_for_good),
		cmocka_unit_test(the_process_dies_in_each_operation),
		cmocka_unit_test(the_power_goes_at_each_operation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
