/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every operation of the spool fails once, or is the last thing the process
 * does: what was kept before stays whole, what was going on is done or not.
 */
#include "faulty_ops.h"
#include "spool_help.h"

#include <dirent.h>
#include <unistd.h>

/* ---- what may be going on ------------------------------------------ */

enum { OLD_DUE = 10, NEW_DUE = 20 };

/* Each begins with the spool that is there, and the message to work on. */
struct action {
	const char *name;
	bool (*run)(struct spool *spool, const char *id, struct error *err);
	bool adds, ends;
	enum queue_state after;
	bool prepare_failed, prepare_damaged, prepare_new;
};

static bool run_enqueue(struct spool *spool, const char *id, struct error *err)
{
	(void)id;
	return keep(spool, OLD_DUE, NULL, err);
}

static bool run_enqueue_claimed(struct spool *spool, const char *id, struct error *err)
{
	(void)id;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(source) body = SOURCE_INIT;
	AUTO_PTR(spool_entry) entry = NULL;
	small_item(&item, OLD_DUE);
	fill_body(&body);
	bool ok = spool_enqueue(spool, &item, SPAN_LIT(HEADER), &body, &entry, err);
	assert_int_equal(ok, entry != NULL);
	return ok;
}

static struct spool_entry *take(struct spool *spool, const char *id, struct error *err)
{
	struct spool_entry *entry = NULL;
	bool gone = false;
	int claimed = spool_claim(spool, id, &entry, &gone, err);
	assert_int_equal(claimed == 1, entry != NULL);
	if (claimed == 0)
		(void)error_set(err, ERROR_IO, "%s", gone ? "gone" : "claimed");
	assert_false(gone);
	return entry;
}

static bool run_claim(struct spool *spool, const char *id, struct error *err)
{
	AUTO_PTR(spool_entry) entry = take(spool, id, err);
	return entry != NULL;
}

static bool run_update(struct spool *spool, const char *id, struct error *err)
{
	AUTO_PTR(spool_entry) entry = take(spool, id, err);
	if (entry)
		spool_entry_item(entry)->due = NEW_DUE;
	return entry && spool_update(entry, err);
}

static bool run_mark(struct spool *spool, const char *id, struct error *err)
{
	AUTO_PTR(spool_entry) entry = take(spool, id, err);
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	if (!entry || !spool_mark(entry, 77, err))
		return false;
	return spool_read(spool, id, &item, NULL, err) < 0 || item.in_flight;
}

/* after: how many attempts are counted; 0: nothing was sent after all. */
static bool attempt(struct spool *spool, const char *id, unsigned after, struct error *err)
{
	AUTO_PTR(spool_entry) entry = take(spool, id, err);
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	if (!entry || !spool_mark(entry, 77, err))
		return false;
	spool_entry_item(entry)->in_flight = 0;
	spool_entry_item(entry)->attempts += after;
	spool_entry_item(entry)->due = NEW_DUE;
	if (!spool_update(entry, err))
		return false;
	return spool_read(spool, id, &item, NULL, NULL) < 0 || !item.in_flight;
}

static bool run_attempt(struct spool *spool, const char *id, struct error *err)
{
	return attempt(spool, id, 1, err);
}

static bool run_nothing_sent(struct spool *spool, const char *id, struct error *err)
{
	return attempt(spool, id, 0, err);
}

static bool run_finish(struct spool *spool, const char *id, struct error *err)
{
	AUTO_PTR(spool_entry) entry = take(spool, id, err);
	return entry && spool_finish(entry, err);
}

static bool run_fail(struct spool *spool, const char *id, struct error *err)
{
	AUTO_PTR(spool_entry) entry = take(spool, id, err);
	return entry && spool_fail(entry, err);
}

static bool run_hold(struct spool *spool, const char *id, struct error *err)
{
	AUTO_PTR(spool_entry) entry = take(spool, id, err);
	return entry && spool_hold(entry, HOLD_USER, &(struct status){.text = (char *)"wait"}, NULL, err);
}

static bool run_release(struct spool *spool, const char *id, struct error *err)
{
	AUTO_PTR(spool_entry) entry = take(spool, id, err);
	return entry && spool_release(entry, NEW_DUE, err);
}

static bool run_hold_damaged(struct spool *spool, const char *id, struct error *err)
{
	AUTO_PTR(spool_entry) entry = take(spool, id, err);
	return entry && spool_hold_damaged(entry, err);
}

static bool run_read(struct spool *spool, const char *id, struct error *err)
{
	AUTO(strbuf) header = STRBUF_INIT;
	AUTO(source) body = SOURCE_INIT;
	AUTO_PTR(spool_entry) entry = take(spool, id, err);
	if (!entry || !spool_read_message(entry, &header, &body, err))
		return false;
	assert_string_equal(header.buf, HEADER);
	return true;
}

static bool run_look(struct spool *spool, const char *id, struct error *err)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(strvec) ids = STRVEC_INIT;
	int found = spool_read(spool, id, &item, NULL, err);
	assert_true(found != 0);
	return found > 0 && spool_list(spool, SPOOL_NEW, &ids, err);
}

static bool run_clean(struct spool *spool, const char *id, struct error *err)
{
	(void)id;
	(void)err;
	spool_clean(spool);
	return true;
}

static const struct action actions[] = {
	{"enqueue", run_enqueue, .adds = true},
	{"enqueue and claim", run_enqueue_claimed, .adds = true},
	{.name = "claim", .run = run_claim},
	{.name = "update", .run = run_update},
	{.name = "mark", .run = run_mark},
	{.name = "attempt", .run = run_attempt},
	{.name = "first mark", .run = run_mark, .prepare_new = true},
	{.name = "first attempt", .run = run_attempt, .prepare_new = true},
	{.name = "nothing is sent", .run = run_nothing_sent, .prepare_new = true},
	{"finish", run_finish, .ends = true},
	{"fail", run_fail, .after = QUEUE_FAILED},
	{"hold", run_hold, .after = QUEUE_HELD},
	{"release", run_release, .prepare_failed = true},
	{"hold damaged", run_hold_damaged, .after = QUEUE_HELD, .prepare_damaged = true},
	{.name = "read", .run = run_read},
	{.name = "look", .run = run_look},
	{.name = "clean", .run = run_clean},
};

/* ---- trying them ----------------------------------------------------- */

struct scene {
	char *folder, *path;
	char old[SPOOL_ID_LEN + 1], id[SPOOL_ID_LEN + 1]; /* one that is not touched, one that is worked on */
};

static void build(struct scene *scene, const struct action *action)
{
	scene->folder = make_folder();
	scene->path = xasprintf("%s/queue", scene->folder);
	struct faulty still = faulty_make(FAIL, 0, 0); /* spares the real disk the syncing */
	AUTO_PTR(spool) spool = open_spool(scene->path, &still.ops, NULL, NULL);
	assert_non_null(spool);
	assert_true(keep(spool, OLD_DUE, scene->old, NULL));
	assert_true(keep(spool, OLD_DUE, scene->id, NULL));
	AUTO_PTR(spool_entry) entry = take(spool, scene->id, NULL);
	assert_true(action->prepare_new || spool_update(entry, NULL)); /* it has a state of its own */
	assert_true(!action->prepare_failed || spool_fail(entry, NULL));
	if (action->prepare_damaged) {
		AUTO_FREE char *state = xasprintf("%s/state/%s", scene->path, scene->id);
		assert_int_equal(truncate(state, 100), 0);
	}
}

static void drop(struct scene *scene)
{
	remove_folder(scene->folder);
	free(scene->path);
}

static void assert_whole(struct spool *spool, const char *id, bool may_be_damaged)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) header = STRBUF_INIT;
	AUTO(source) body = SOURCE_INIT;
	char octets[100];
	size_t got;
	AUTO_PTR(spool_entry) entry = take(spool, id, &err);
	if (!entry)
		print_message("# %s: %s\n", id, err.status.text);
	assert_non_null(entry);
	assert_true(may_be_damaged || !spool_entry_damaged(entry));
	assert_int_equal(spool_entry_folder(entry) == SPOOL_FAILED, spool_entry_item(entry)->state == QUEUE_FAILED);
	assert_int_equal(spool_entry_item(entry)->n, 2);
	assert_true(spool_read_message(entry, &header, &body, NULL));
	assert_string_equal(header.buf, HEADER);
	assert_true(source_read_at(&body, 0, octets, sizeof(octets), &got, NULL));
	assert_int_equal(got, sizeof(BODY) - 1);
	assert_memory_equal(octets, BODY, got);
}

/* done: the action returned true; -1: unknown. */
static void judge(const struct scene *scene, const struct action *action, int done)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(strvec) ids = STRVEC_INIT;
	AUTO_PTR(spool) spool = open_spool(scene->path, NULL, NULL, &err);
	if (!spool)
		print_message("# %s\n", err.status.text);
	assert_non_null(spool);
	assert_true(spool_list(spool, SPOOL_NEW, &ids, NULL) && spool_list(spool, SPOOL_FAILED, &ids, NULL));
	for (size_t i = 0; i < ids.n; i++)
		assert_whole(spool, ids.v[i], action->prepare_damaged && strcmp(ids.v[i], scene->id) == 0);

	AUTO(queue_item) old = QUEUE_ITEM_INIT, item = QUEUE_ITEM_INIT;
	assert_int_equal(spool_read(spool, scene->old, &old, NULL, NULL), 1);
	assert_int_equal(old.due, OLD_DUE);
	assert_int_equal(old.state, QUEUE_QUEUED);
	int found = spool_read(spool, scene->id, &item, NULL, NULL);
	if (action->adds && done >= 0)
		assert_int_equal(ids.n, done ? 3 : 2);
	else
		assert_true(ids.n >= (action->ends ? 1u : 2u) && ids.n <= (action->adds ? 3u : 2u));
	if (action->ends) {
		assert_true(found == 1 || done != 0 || !found);
		assert_true(done != 1 || found == 0);
		return;
	}
	assert_int_equal(found, 1);
	enum queue_state before = action->prepare_failed    ? QUEUE_FAILED
				  : action->prepare_damaged ? QUEUE_HELD
							    : QUEUE_QUEUED;
	assert_true(item.state == action->after || (done != 1 && item.state == before));
	assert_true(item.due == OLD_DUE || item.due == NEW_DUE || (action->prepare_damaged && !item.due));
}

static unsigned open_descriptors(void)
{
	unsigned n = 0;
	DIR *dir = opendir("/proc/self/fd");
	assert_non_null(dir);
	while (readdir(dir))
		n++;
	assert_int_equal(closedir(dir), 0);
	return n;
}

static void assert_right_kind(const struct error *err, int errnum)
{
	bool lack = errnum == ENOSPC || errnum == EDQUOT;
	if (err->status.kind != ERROR_IO && !(lack && err->status.kind == ERROR_CANNOT_CREATE))
		print_message("# %s: %s\n", error_kind_name(err->status.kind), err->status.text);
	assert_true(err->status.kind == ERROR_IO || (lack && err->status.kind == ERROR_CANNOT_CREATE));
	assert_non_null(err->status.text);
}

static void fail_each(const struct action *action, enum what what, int errnum)
{
	bool hit = true;
	for (unsigned at = 1; hit; at++) {
		struct scene scene;
		struct faulty faulty = faulty_make(what, 0, errnum);
		AUTO(error) err = ERROR_INIT;
		build(&scene, action);
		unsigned before = open_descriptors();
		struct spool *spool = open_spool(scene.path, &faulty.ops, NULL, NULL);
		assert_non_null(spool);
		faulty.at = at;
		faulty.calls = 0;
		bool done = action->run(spool, scene.id, &err);
		hit = faulty.hit;
		faulty.at = UINT32_MAX;
		if (!done)
			assert_right_kind(&err, errnum);
		assert_true(done || hit);
		/* what needs room and did not get it was not done */
		if (what == FAIL_FROM && hit && action->adds) {
			assert_false(done);
			assert_int_equal(err.status.kind, errnum == EIO ? ERROR_IO : ERROR_CANNOT_CREATE);
		}
		spool_free(spool);
		assert_int_equal(open_descriptors(), before);
		judge(&scene, action, done);
		drop(&scene);
		assert_true(at < 500);
	}
}

static void each_operation_fails_once(void **state)
{
	(void)state;
	static const int errors[] = {EIO, ENOSPC, EDQUOT};
	for (size_t a = 0; a < ARRAY_SIZE(actions); a++)
		for (size_t e = 0; e < ARRAY_SIZE(errors); e++)
			fail_each(&actions[a], FAIL, errors[e]);
}

static void the_disk_fills_up_for_good(void **state)
{
	(void)state;
	static const int errors[] = {EIO, ENOSPC, EDQUOT};
	for (size_t a = 0; a < ARRAY_SIZE(actions); a++)
		for (size_t e = 0; e < ARRAY_SIZE(errors); e++)
			fail_each(&actions[a], FAIL_FROM, errors[e]);
}

static void the_folder_cannot_be_made(void **state)
{
	(void)state;
	bool hit = true;
	for (unsigned at = 1; hit; at++) {
		AUTO(error) err = ERROR_INIT;
		char *folder = make_folder();
		AUTO_FREE char *path = xasprintf("%s/x/queue", folder);
		struct faulty faulty = faulty_make(FAIL, at, ENOSPC);
		unsigned before = open_descriptors();
		struct spool *spool = open_spool(path, &faulty.ops, NULL, &err);
		hit = faulty.hit;
		faulty.at = UINT32_MAX;
		if (spool)
			assert_true(keep(spool, 1, NULL, NULL));
		else
			assert_right_kind(&err, ENOSPC);
		spool_free(spool);
		assert_int_equal(open_descriptors(), before);
		spool = open_spool(path, NULL, NULL, NULL); /* the next one can */
		assert_non_null(spool);
		assert_true(keep(spool, 1, NULL, NULL));
		spool_free(spool);
		remove_folder(folder);
	}
}

/* A child that dies in its Nth operation; true if it did. */
static bool dies(const struct scene *scene, const struct action *action, enum what what, unsigned at, int *done)
{
	int status;
	pid_t child = fork();
	if (child == 0) {
		struct faulty faulty = faulty_make(what, 0, 0);
		struct spool *spool = open_spool(scene->path, &faulty.ops, NULL, NULL);
		if (!spool)
			_exit(3);
		faulty.calls = 0;
		faulty.at = at;
		bool ok = action->run(spool, scene->id, NULL);
		_exit(ok ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 7 || WEXITSTATUS(status) == 0);
	*done = WEXITSTATUS(status) == 7 ? -1 : 1;
	return WEXITSTATUS(status) == 7;
}

static void the_process_dies_in_each_operation(void **state)
{
	(void)state;
	static const enum what ways[] = {DIE_BEFORE, DIE_BEHIND};
	for (size_t a = 0; a < ARRAY_SIZE(actions); a++)
		for (size_t w = 0; w < ARRAY_SIZE(ways); w++) {
			bool died = true;
			for (unsigned at = 1; died; at++) {
				struct scene scene;
				int done;
				build(&scene, &actions[a]);
				died = dies(&scene, &actions[a], ways[w], at, &done);
				judge(&scene, &actions[a], done);
				drop(&scene);
				assert_true(at < 500);
			}
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_operation_fails_once),
		cmocka_unit_test(the_disk_fills_up_for_good),
		cmocka_unit_test(the_folder_cannot_be_made),
		cmocka_unit_test(the_process_dies_in_each_operation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
