/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spool_help.h"

#include "base/file_lock.h"

#include <utime.h>

#include <unistd.h>

/* ---- a spool in a folder ---------------------------------------------- */

struct place {
	char *folder, *path;
	struct spool *spool;
};

static int set_up(void **state)
{
	struct place *place = xcalloc(1, sizeof(*place));
	place->folder = make_folder();
	place->path = xasprintf("%s/a/b/queue", place->folder);
	place->spool = open_spool(place->path, NULL, NULL, NULL);
	*state = place;
	return place->spool ? 0 : -1;
}

static int tear_down(void **state)
{
	struct place *place = *state;
	spool_free(place->spool);
	remove_folder(place->folder);
	free(place->path);
	free(place);
	return 0;
}

static char *in(const struct place *place, const char *name)
{
	return xasprintf("%s/%s", place->path, name);
}

static void assert_mode(const struct place *place, const char *name, mode_t mode)
{
	struct stat st;
	AUTO_FREE char *path = in(place, name);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode, mode);
}

static struct spool_entry *claim(struct spool *spool, const char *id)
{
	struct spool_entry *entry = NULL;
	AUTO(error) err = ERROR_INIT;
	int claimed = spool_claim(spool, id, &entry, NULL, &err);
	if (claimed != 1)
		print_message("# %s\n", err.status.text ? err.status.text : "not to be had");
	assert_int_equal(claimed, 1);
	return entry;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

/* ---- keeping ------------------------------------------------------------- */

static void what_is_kept_is_found(void **state)
{
	struct place *place = *state;
	char id[SPOOL_ID_LEN + 1];
	AUTO(strvec) ids = STRVEC_INIT;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(strbuf) header = STRBUF_INIT;
	AUTO(source) body = SOURCE_INIT;
	char octets[sizeof(BODY)];
	size_t got;
	bool damaged = true;

	assert_true(keep(place->spool, 77, id, NULL));
	assert_true(spool_id_valid(span_of(id)));
	assert_true(spool_list(place->spool, SPOOL_NEW, &ids, NULL));
	assert_int_equal(ids.n, 1);
	assert_string_equal(ids.v[0], id);
	assert_int_equal(spool_read(place->spool, id, &item, NULL, NULL), 1);
	assert_string_equal(item.id, id);
	assert_int_equal(item.due, 77);
	assert_true(item.arrival > 1700000000 && item.age_from == item.arrival);
	assert_int_equal(item.n, 2);

	assert_int_equal(spool_show_message(place->spool, id, &header, &body, &damaged, NULL), 1);
	assert_false(damaged);
	assert_string_equal(header.buf, HEADER);
	assert_int_equal(body.size, sizeof(BODY) - 1);
	for (size_t at = 0; at < body.size; at += got) { /* in portions of five */
		assert_true(source_read_at(&body, at, octets + at, 5, &got, NULL));
		assert_true(got > 0);
	}
	assert_memory_equal(octets, BODY, sizeof(BODY) - 1);
	assert_true(source_read_at(&body, body.size, octets, 5, &got, NULL));
	assert_int_equal(got, 0);

	AUTO_FREE char *name = xasprintf("new/%s", id);
	assert_mode(place, name, S_IFREG | 0600);
	assert_mode(place, "", S_IFDIR | 0700);
	assert_mode(place, "new", S_IFDIR | 0700);
	assert_mode(place, "tmp", S_IFDIR | 0700);
	assert_mode(place, "state", S_IFDIR | 0700);
	assert_mode(place, "failed", S_IFDIR | 0700);
	assert_mode(place, "format", S_IFREG | 0600);
}

static int open_big_temp(const struct temp_files *temp, struct error *err)
{
	(void)temp;
	(void)err;
	AUTO_FREE char *folder = make_folder();
	AUTO_FREE char *path = xasprintf("%s/x", folder);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
	return fd;
}

static void a_message_of_any_size_is_kept(void **state)
{
	struct place *place = *state;
	static const size_t sizes[] = {0, 1, 65535, 65536, 65537, SOURCE_MEMORY_MAX + 3, 1000000};
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		AUTO(source) body = SOURCE_INIT, again = SOURCE_INIT;
		AUTO(strbuf) header = STRBUF_INIT;
		AUTO_PTR(spool_entry) entry = NULL;
		source_init(&body, &(struct temp_files){open_big_temp, NULL});
		for (size_t n = 0; n < sizes[i]; n++)
			assert_true(source_append(&body, &"0123456"[n % 7], 1, NULL));
		small_item(&item, 0);
		assert_true(spool_enqueue(place->spool, &item, span_make("", 0), &body, &entry, NULL));
		assert_true(spool_read_message(entry, &header, &again, NULL));
		assert_int_equal(header.len, 0);
		assert_int_equal(again.size, sizes[i]);
		char octets[1000];
		for (size_t at = 0, got; at < sizes[i]; at += got) {
			assert_true(source_read_at(&again, at, octets, sizeof(octets), &got, NULL));
			assert_true(got > 0);
			for (size_t n = 0; n < got; n++)
				if (octets[n] != "0123456"[(at + n) % 7])
					fail_msg("octet %zu", at + n);
		}
	}
}

static void messages_come_in_order_of_arrival(void **state)
{
	struct place *place = *state;
	char ids[50][SPOOL_ID_LEN + 1];
	AUTO(strvec) listed = STRVEC_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		assert_true(keep(place->spool, 1, ids[i], NULL));
	assert_true(spool_list(place->spool, SPOOL_NEW, &listed, NULL));
	assert_int_equal(listed.n, ARRAY_SIZE(ids));
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		assert_string_equal(listed.v[i], ids[i]);
}

static void the_next_run_finds_everything(void **state)
{
	struct place *place = *state;
	const struct runtime runtime = test_runtime();
	char id[SPOOL_ID_LEN + 1];
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	bool none = true;
	assert_true(keep(place->spool, 5, id, NULL));
	AUTO_PTR(spool) again = spool_open_existing(place->path, &runtime, &none, NULL);
	assert_non_null(again);
	assert_false(none);
	assert_int_equal(spool_read(again, id, &item, NULL, NULL), 1);
}

static void who_only_looks_makes_nothing(void **state)
{
	struct place *place = *state;
	const struct runtime runtime = test_runtime();
	AUTO_FREE char *path = xasprintf("%s/other/queue", place->folder);
	AUTO(error) err = ERROR_INIT;
	bool none = false;
	assert_null(spool_open_existing(path, &runtime, &none, &err));
	assert_true(none);
	assert_int_equal(err.status.kind, ERROR_NONE);
	struct stat st;
	AUTO_FREE char *parent = xasprintf("%s/other", place->folder);
	assert_int_equal(stat(parent, &st), -1);
}

/* ---- claims ------------------------------------------------------------ */

static void a_claim_keeps_others_out(void **state)
{
	struct place *place = *state;
	char id[SPOOL_ID_LEN + 1];
	bool gone = true;
	struct spool_entry *other = NULL;
	assert_true(keep(place->spool, 1, id, NULL));
	assert_false(spool_is_claimed(place->spool, id));
	AUTO_PTR(spool_entry) entry = claim(place->spool, id);
	assert_true(spool_is_claimed(place->spool, id));
	AUTO_PTR(spool) second = open_spool(place->path, NULL, NULL, NULL);
	assert_int_equal(spool_claim(second, id, &other, &gone, NULL), 0);
	assert_false(gone);
	assert_true(spool_is_claimed(second, id)); /* looking changed nothing */
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	assert_int_equal(spool_read(second, id, &item, NULL, NULL), 1); /* and may be done */
	spool_entry_free(steal_ptr(entry));
	assert_false(spool_is_claimed(second, id));
	other = claim(second, id);
	spool_entry_free(other);
}

static void a_new_message_can_be_claimed_from_birth(void **state)
{
	struct place *place = *state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(source) body = SOURCE_INIT;
	AUTO_PTR(spool_entry) entry = NULL;
	small_item(&item, 9);
	fill_body(&body);
	assert_true(spool_enqueue(place->spool, &item, SPAN_LIT(HEADER), &body, &entry, NULL));
	assert_true(spool_is_claimed(place->spool, item.id));
	assert_string_equal(spool_entry_item(entry)->id, item.id);
	assert_int_equal(spool_entry_item(entry)->n, 2);
	assert_true(spool_finish(entry, NULL));
	assert_int_equal(spool_read(place->spool, item.id, &item, NULL, NULL), 0);
}

static void claims_die_with_their_process(void **state)
{
	struct place *place = *state;
	char id[SPOOL_ID_LEN + 1];
	int status;
	assert_true(keep(place->spool, 1, id, NULL));
	pid_t child = fork();
	if (child == 0) {
		struct spool_entry *entry;
		struct spool *mine = open_spool(place->path, NULL, NULL, NULL);
		_exit(mine && spool_claim(mine, id, &entry, NULL, NULL) == 1 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_false(spool_is_claimed(place->spool, id));
	spool_entry_free(claim(place->spool, id));
}

/* Several processes want the same messages at once: each message is had by one. */
static void of_two_who_claim_at_once_one_wins(void **state)
{
	struct place *place = *state;
	enum { MESSAGES = 40, RIVALS = 4 };
	int start[2], wins[2];
	unsigned char who;
	unsigned won = 0;
	pid_t rivals[RIVALS];
	AUTO(strvec) ids = STRVEC_INIT;
	for (int i = 0; i < MESSAGES; i++)
		assert_true(keep(place->spool, 1, NULL, NULL));
	assert_true(spool_list(place->spool, SPOOL_NEW, &ids, NULL));
	assert_int_equal(pipe2(start, O_CLOEXEC) | pipe2(wins, O_CLOEXEC), 0);
	for (int r = 0; r < RIVALS; r++) {
		rivals[r] = fork();
		if (rivals[r] > 0)
			continue;
		char go;
		struct spool *mine = open_spool(place->path, NULL, NULL, NULL);
		struct spool_entry *entry;
		bool ok = mine && close(start[1]) == 0 &&
			  read(start[0], &go, 1) == 0; /* all are let go by the same end of file */
		for (size_t i = 0; ok && i < ids.n; i++) {
			int claimed = spool_claim(mine, ids.v[i], &entry, NULL, NULL);
			who = (unsigned char)i;
			if (claimed == 1)
				ok = write(wins[1], &who, 1) == 1 &&
				     spool_finish(entry, NULL); /* kept claimed until the end */
			ok = ok && claimed >= 0;
		}
		_exit(ok ? 0 : 1);
	}
	assert_int_equal(close(start[1]) | close(start[0]) | close(wins[1]), 0);
	bool had[MESSAGES] = {false};
	while (read(wins[0], &who, 1) == 1) {
		assert_false(had[who]);
		had[who] = true;
		won++;
	}
	assert_int_equal(close(wins[0]), 0);
	for (int r = 0; r < RIVALS; r++) {
		int status;
		assert_int_equal(waitpid(rivals[r], &status, 0), rivals[r]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(won, MESSAGES);
}

/* Between opening a message's file and locking it, another runner is done with the message. */
struct slow_claim {
	struct spool_ops ops; /* first */
	struct spool *other;
	const char *id;
	void (*meanwhile)(struct spool *other, const char *id);
};

static int lock_too_late(const struct spool_ops *ops, int fd)
{
	struct slow_claim *slow = (struct slow_claim *)(uintptr_t)ops;
	void (*meanwhile)(struct spool *, const char *) = steal_ptr(slow->meanwhile);
	if (meanwhile)
		meanwhile(slow->other, slow->id);
	return spool_ops_system.lock(ops, fd);
}

static void send_it(struct spool *other, const char *id)
{
	AUTO_PTR(spool_entry) entry = claim(other, id);
	assert_true(spool_finish(entry, NULL));
}

static void give_it_up(struct spool *other, const char *id)
{
	AUTO_PTR(spool_entry) entry = claim(other, id);
	assert_true(spool_fail(entry, NULL));
}

static void send_it_and_reuse_its_name(struct spool *other, const char *id)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(source) body = SOURCE_INIT;
	send_it(other, id);
	small_item(&item, 9);
	fill_body(&body);
	item.id = xstrdup(id);
	assert_true(spool_enqueue(other, &item, SPAN_LIT(HEADER), &body, NULL, NULL));
}

/* The lock is free by then, but on a file that no longer is the message: it must not be sent again. */
static void what_another_runner_is_done_with_cannot_be_claimed(void **state)
{
	struct place *place = *state;
	static void (*const fates[])(struct spool *, const char *) = {send_it, give_it_up, send_it_and_reuse_its_name};
	static const bool gone[] = {true, false, false};
	for (size_t i = 0; i < ARRAY_SIZE(fates); i++) {
		bool is_gone = !gone[i];
		char id[SPOOL_ID_LEN + 1];
		struct spool_entry *entry = NULL;
		assert_true(keep(place->spool, 1, id, NULL));
		struct slow_claim slow = {spool_ops_system, place->spool, id, fates[i]};
		slow.ops.lock = lock_too_late;
		AUTO_PTR(spool) second = open_spool(place->path, &slow.ops, NULL, NULL);
		assert_non_null(second);
		assert_int_equal(spool_claim(second, id, &entry, &is_gone, NULL), 0);
		assert_int_equal(is_gone, gone[i]);
		assert_null(slow.meanwhile);
		assert_false(spool_is_claimed(place->spool, id));
	}
}

/* ---- the life of a message ------------------------------------------- */

static void assert_state(struct place *place, const char *id, enum queue_state state, int64_t due)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	assert_int_equal(spool_read(place->spool, id, &item, NULL, NULL), 1);
	assert_int_equal(item.state, state);
	assert_int_equal(item.due, due);
}

static size_t count(struct place *place, enum spool_folder folder)
{
	AUTO(strvec) ids = STRVEC_INIT;
	assert_true(spool_list(place->spool, folder, &ids, NULL));
	return ids.n;
}

static void changes_are_seen_once_stored(void **state)
{
	struct place *place = *state;
	char id[SPOOL_ID_LEN + 1];
	assert_true(keep(place->spool, 1, id, NULL));
	struct spool_entry *entry = claim(place->spool, id);
	spool_entry_item(entry)->due = 2;
	assert_state(place, id, QUEUE_QUEUED, 1);
	assert_true(spool_update(entry, NULL));
	assert_state(place, id, QUEUE_QUEUED, 2);
	spool_entry_item(entry)->due = 3;
	spool_entry_free(entry); /* not stored */
	entry = claim(place->spool, id);
	assert_int_equal(spool_entry_item(entry)->due, 2);
	assert_true(spool_hold(entry, HOLD_CONFIG, &(struct status){.text = (char *)"wrong password"}, "f1", NULL));
	spool_entry_free(entry);

	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	assert_int_equal(spool_read(place->spool, id, &item, NULL, NULL), 1);
	assert_int_equal(item.state, QUEUE_HELD);
	assert_int_equal(item.hold, HOLD_CONFIG);
	assert_string_equal(item.reason.text, "wrong password");
	assert_string_equal(item.fingerprint, "f1");
	entry = claim(place->spool, id);
	assert_true(spool_release(entry, 4, NULL));
	assert_null(spool_entry_item(entry)->fingerprint);
	spool_entry_free(entry);
	assert_state(place, id, QUEUE_QUEUED, 4);
}

static void what_failed_stands_apart_and_can_come_back(void **state)
{
	struct place *place = *state;
	char id[SPOOL_ID_LEN + 1];
	assert_true(keep(place->spool, 1, id, NULL));
	struct spool_entry *entry = claim(place->spool, id);
	assert_true(spool_fail(entry, NULL));
	assert_int_equal(spool_entry_folder(entry), SPOOL_FAILED);
	assert_true(spool_is_claimed(place->spool, id));
	spool_entry_free(entry);
	assert_int_equal(count(place, SPOOL_NEW), 0);
	assert_int_equal(count(place, SPOOL_FAILED), 1);
	assert_state(place, id, QUEUE_FAILED, 1);

	entry = claim(place->spool, id);
	assert_true(spool_fail(entry, NULL)); /* again: nothing happens */
	assert_true(spool_release(entry, 2, NULL));
	spool_entry_free(entry);
	assert_int_equal(count(place, SPOOL_FAILED), 0);
	assert_state(place, id, QUEUE_QUEUED, 2);

	entry = claim(place->spool, id);
	assert_true(spool_fail(entry, NULL));
	assert_true(spool_finish(entry, NULL));
	spool_entry_free(entry);
	assert_int_equal(count(place, SPOOL_NEW) + count(place, SPOOL_FAILED), 0);
}

static void what_is_finished_is_gone(void **state)
{
	struct place *place = *state;
	char id[SPOOL_ID_LEN + 1];
	bool gone = false;
	struct spool_entry *entry, *other;
	struct stat st;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	assert_true(keep(place->spool, 1, id, NULL));
	entry = claim(place->spool, id);
	assert_true(spool_update(entry, NULL));
	assert_true(spool_finish(entry, NULL));
	assert_true(spool_finish(entry, NULL)); /* may be called again */
	spool_entry_free(entry);
	assert_int_equal(spool_claim(place->spool, id, &other, &gone, NULL), 0);
	assert_true(gone);
	assert_int_equal(spool_read(place->spool, id, &item, NULL, NULL), 0);
	AUTO_FREE char *name = xasprintf("%s/state/%s", place->path, id);
	assert_int_equal(stat(name, &st), -1);
}

/* ---- finding -------------------------------------------------------------- */

static void keep_as(struct spool *spool, const char *id)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(source) body = SOURCE_INIT;
	small_item(&item, 9);
	fill_body(&body);
	item.id = xstrdup(id);
	assert_true(spool_enqueue(spool, &item, SPAN_LIT(HEADER), &body, NULL, NULL));
	assert_string_equal(item.id, id);
}

static void a_few_letters_name_a_message(void **state)
{
	struct place *place = *state;
	char one[] = "kd5f1m7t9w2ab", two[] = "kd5g1m7t9w2ab";
	AUTO(strbuf) id = STRBUF_INIT;
	AUTO(error) none = ERROR_INIT, several = ERROR_INIT, empty = ERROR_INIT, hostile = ERROR_INIT;
	const size_t common = 3;
	keep_as(place->spool, one);
	keep_as(place->spool, two);
	struct spool_entry *entry = claim(place->spool, two);
	assert_true(spool_fail(entry, NULL));
	spool_entry_free(entry);

	assert_true(spool_find(place->spool, span_make(two, common + 1), &id, NULL)); /* in failed/, too */
	assert_string_equal(id.buf, two);
	strbuf_reset(&id);
	for (size_t i = 0; one[i]; i++)
		one[i] = ascii_upper(one[i]);
	assert_true(spool_find(place->spool, span_of(one), &id, NULL));
	assert_int_equal(ascii_strcasecmp(id.buf, one), 0);
	strbuf_reset(&id);

	assert_false(spool_find(place->spool, span_make(two, common), &id, &several));
	assert_int_equal(several.status.kind, ERROR_USAGE);
	assert_non_null(strstr(several.status.text, two));
	assert_non_null(several.status.hint);
	assert_false(spool_find(place->spool, SPAN_LIT("zzz"), &id, &none));
	assert_int_equal(none.status.kind, ERROR_FILE_MISSING);
	assert_false(spool_find(place->spool, SPAN_LIT(""), &id, &empty));
	assert_int_equal(empty.status.kind, ERROR_FILE_MISSING);
	assert_false(spool_find(place->spool, SPAN_LIT("../new/\033[31m"), &id, &hostile));
	assert_null(strchr(hostile.status.text, '\033'));
	assert_int_equal(id.len, 0);
}

static void a_name_that_is_none_opens_nothing(void **state)
{
	struct place *place = *state;
	static const char *const names[] = {"",
					    ".",
					    "..",
					    "../format",
					    "format",
					    "/etc/passwd",
					    "0123456789abc/",
					    "0123456789ABC",
					    "0123456789abl"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		struct spool_entry *entry;
		assert_int_equal(spool_read(place->spool, names[i], &item, NULL, NULL), 0);
		assert_int_equal(spool_claim(place->spool, names[i], &entry, NULL, NULL), 0);
		assert_false(spool_is_claimed(place->spool, names[i]));
	}
}

/* ---- what does not belong there --------------------------------------- */

static void assert_refused(struct place *place, const char *id, enum error_kind kind)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(error) look = ERROR_INIT, take = ERROR_INIT;
	struct spool_entry *entry;
	assert_int_equal(spool_read(place->spool, id, &item, NULL, &look), -1);
	assert_int_equal(spool_claim(place->spool, id, &entry, NULL, &take), -1);
	assert_int_equal(look.status.kind, kind);
	assert_int_equal(take.status.kind, kind);
	assert_non_null(look.status.hint);
	assert_false(spool_is_claimed(place->spool, id)); /* the claim was given back */
}

static void strange_files_are_refused_and_hinder_nobody(void **state)
{
	struct place *place = *state;
	char good[SPOOL_ID_LEN + 1], linked[SPOOL_ID_LEN + 1], open_[SPOOL_ID_LEN + 1], two_names[SPOOL_ID_LEN + 1];
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(strvec) ids = STRVEC_INIT;
	assert_true(keep(place->spool, 1, good, NULL));
	assert_true(keep(place->spool, 1, linked, NULL));
	assert_true(keep(place->spool, 1, open_, NULL));
	assert_true(keep(place->spool, 1, two_names, NULL));
	AUTO_FREE char *from = xasprintf("%s/new/%s", place->path, linked);
	AUTO_FREE char *to = xasprintf("%s/elsewhere", place->path);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(symlink(to, from), 0);
	assert_refused(place, linked, ERROR_CONFIG);
	AUTO_FREE char *readable = xasprintf("%s/new/%s", place->path, open_);
	assert_int_equal(chmod(readable, 0644), 0);
	assert_refused(place, open_, ERROR_CONFIG);
	AUTO_FREE char *first = xasprintf("%s/new/%s", place->path, two_names);
	AUTO_FREE char *second = xasprintf("%s/second", place->path);
	assert_int_equal(link(first, second), 0);
	assert_refused(place, two_names, ERROR_CONFIG);
	AUTO_FREE char *fifo = xasprintf("%s/new/0123456789abc", place->path);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_refused(place, "0123456789abc", ERROR_CONFIG);
	AUTO_FREE char *folder = xasprintf("%s/new/0123456789abd", place->path);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(spool_read(place->spool, "0123456789abd", &item, NULL, NULL), -1);
	AUTO_FREE char *odd = xasprintf("%s/new/README", place->path);
	write_file(odd, "hello");

	spool_clean(place->spool);
	assert_int_equal(spool_read(place->spool, good, &item, NULL, NULL), 1);
	assert_true(spool_list(place->spool, SPOOL_NEW, &ids, NULL));
	assert_int_equal(ids.n, 6);
	assert_false(strvec_has(&ids, "README"));
}

static void a_state_that_is_a_link_is_refused(void **state)
{
	struct place *place = *state;
	char id[SPOOL_ID_LEN + 1];
	assert_true(keep(place->spool, 1, id, NULL));
	AUTO_FREE char *name = xasprintf("%s/state/%s", place->path, id);
	assert_int_equal(symlink("/dev/null", name), 0);
	assert_refused(place, id, ERROR_CONFIG);
}

/* ---- damage --------------------------------------------------------------- */

static char *file_of(const struct place *place, const char *folder, const char *id)
{
	return xasprintf("%s/%s/%s", place->path, folder, id);
}

static void read_file(const char *path, struct strbuf *bytes)
{
	FILE *file = fopen(path, "re");
	char buf[4096];
	size_t n;
	assert_non_null(file);
	while ((n = fread(buf, 1, sizeof(buf), file)) > 0)
		strbuf_add(bytes, buf, n);
	assert_int_equal(fclose(file), 0);
}

static void write_bytes(const char *path, struct span bytes)
{
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static void flip_byte(const char *path, size_t at)
{
	AUTO(strbuf) bytes = STRBUF_INIT;
	read_file(path, &bytes);
	assert_true(at < bytes.len);
	bytes.buf[at] = (char)(bytes.buf[at] ^ 4);
	write_bytes(path, strbuf_span(&bytes));
}

static void assert_held_as_damaged(const struct queue_item *item, const char *id)
{
	assert_string_equal(item->id, id);
	assert_int_equal(item->state, QUEUE_HELD);
	assert_int_equal(item->hold, HOLD_DAMAGED);
	assert_int_equal(item->due, 0);
	assert_int_equal(item->reason.kind, ERROR_DAMAGED);
	assert_non_null(item->reason.text);
	assert_non_null(strstr(item->reason.hint, id));
}

/* Found damaged, by looking and by a claim; stored as held; and still there as that, for the user to remove. */
static void assert_held_until_removed(struct place *place, const char *id, size_t recipients)
{
	AUTO(queue_item) seen = QUEUE_ITEM_INIT, stored = QUEUE_ITEM_INIT;
	AUTO_FREE char *path = file_of(place, "new", id);
	AUTO(strbuf) before = STRBUF_INIT, after = STRBUF_INIT;
	struct spool_stat where = {.damaged = false};
	assert_int_equal(spool_read(place->spool, id, &seen, &where, NULL), 1);
	assert_true(where.damaged);
	assert_held_as_damaged(&seen, id);
	assert_int_equal(seen.n, recipients);
	assert_int_equal(queue_item_pending(&seen), recipients);
	assert_true(seen.arrival > 0);
	read_file(path, &before);

	AUTO_PTR(spool_entry) entry = claim(place->spool, id);
	assert_true(spool_entry_damaged(entry));
	assert_held_as_damaged(spool_entry_item(entry), id);
	assert_true(spool_hold_damaged(entry, NULL));
	assert_false(spool_entry_damaged(entry));
	spool_entry_free(steal_ptr(entry));
	assert_int_equal(spool_read(place->spool, id, &stored, &where, NULL), 1);
	assert_false(where.damaged);
	assert_held_as_damaged(&stored, id);
	assert_string_equal(stored.reason.text, seen.reason.text);
	assert_int_equal(stored.n, recipients);
	read_file(path, &after);
	assert_true(span_equal(strbuf_span(&before), strbuf_span(&after))); /* nothing of it was changed */

	entry = claim(place->spool, id);
	assert_true(spool_finish(entry, NULL));
	AUTO(queue_item) gone = QUEUE_ITEM_INIT;
	assert_int_equal(spool_read(place->spool, id, &gone, NULL, NULL), 0);
}

static void a_file_that_is_no_message_is_held(void **state)
{
	struct place *place = *state;
	static const char *const files[] = {
		"",
		"posthaste-message 1 0123456789abcdef 0 0 0",
		"posthaste-message 1 0123456789abcdef 0 0 0\n",
		"posthaste-message 1 0123456789abcdef 0 0 1\n",
		"posthaste-message 1 0123456789abcdef 0 0\n",
		"posthaste-message 1 0123456789abcdef 00 0 0\n",
		"posthaste-message 1 0123456789abcdef 0 0 0 \n",
		"posthaste-message 1 0123456789abcdeF 0 0 0\n",
		"posthaste-message 1 0123456789abcdef  0 0 0\n",
		"posthaste-message 1 0123456789abcdef\n",
		"posthaste-message 1 0 0 0\n",
		"posthaste-message 1 0123456789abcdef 18446744073709551615 0 1\n",
		"posthaste-message 1 0123456789abcdef 4 18446744073709551613 3\nabcd",
		"posthaste-message 2 0123456789abcdef 0 0 0\n",
	};
	AUTO_FREE char *name = file_of(place, "new", "1m81wckw62gsh");
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		write_file(name, files[i]);
		assert_held_until_removed(place, "1m81wckw62gsh", 0);
	}
}

/* Wherever a bit flips: the message is held, or what is damaged is found before it is sent. */
static void a_flipped_bit_of_the_message_is_found(void **state)
{
	struct place *place = *state;
	char id[SPOOL_ID_LEN + 1];
	AUTO(strbuf) whole = STRBUF_INIT;
	assert_true(keep(place->spool, 1, id, NULL));
	AUTO_FREE char *path = file_of(place, "new", id);
	read_file(path, &whole);
	size_t held = 0, found = 0;
	for (size_t at = 0; at < whole.len; at++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		AUTO(strbuf) header = STRBUF_INIT;
		AUTO(source) body = SOURCE_INIT;
		AUTO(error) err = ERROR_INIT;
		struct spool_stat where;
		flip_byte(path, at);
		assert_int_equal(spool_read(place->spool, id, &item, &where, NULL), 1);
		held += where.damaged;
		AUTO_PTR(spool_entry) entry = claim(place->spool, id);
		assert_int_equal(spool_entry_damaged(entry), where.damaged);
		if (!where.damaged) {
			found++;
			assert_int_equal(item.n, 2);
			assert_string_equal(item.rcpts[0].who.address.given, "a@example.org");
			assert_string_equal(item.rcpts[1].who.address.given, "b@example.org");
			assert_false(spool_read_message(entry, &header, &body, &err));
			assert_int_equal(err.status.kind, ERROR_DAMAGED);
			assert_int_equal(header.len + body.size, 0);
		}
		write_bytes(path, strbuf_span(&whole));
	}
	assert_true(found >= sizeof(HEADER) + sizeof(BODY) - 2 && held > 100);
	struct spool_entry *entry = claim(place->spool, id);
	AUTO(strbuf) header = STRBUF_INIT;
	AUTO(source) body = SOURCE_INIT;
	assert_true(spool_read_message(entry, &header, &body, NULL)); /* as it was, it is fine */
	spool_entry_free(entry);
}

static void a_cut_message_is_held(void **state)
{
	struct place *place = *state;
	char id[SPOOL_ID_LEN + 1];
	AUTO(strbuf) whole = STRBUF_INIT;
	assert_true(keep(place->spool, 1, id, NULL));
	AUTO_FREE char *path = file_of(place, "new", id);
	read_file(path, &whole);
	for (size_t len = 0; len < whole.len; len += 7) {
		write_bytes(path, span_make(whole.buf, len));
		assert_held_until_removed(place, id, 0);
	}
}

static void update_once(struct place *place, const char *id)
{
	struct spool_entry *entry = claim(place->spool, id);
	spool_entry_item(entry)->rcpts[0].state = RCPT_ACCEPTED;
	assert_true(spool_update(entry, NULL));
	spool_entry_free(entry);
}

/* Who of them has it already is not known any more: it is sent to none of them again unless the user says so. */
static void a_damaged_state_is_held_with_its_first_recipients(void **state)
{
	struct place *place = *state;
	char id[SPOOL_ID_LEN + 1];
	AUTO(strbuf) good = STRBUF_INIT;
	assert_true(keep(place->spool, 1, id, NULL));
	update_once(place, id);
	AUTO_FREE char *path = file_of(place, "state", id);
	AUTO_FREE char *aside = xasprintf("%s.damaged", path);
	read_file(path, &good);
	for (size_t at = 0; at < good.len + 2; at += 3) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT, stored = QUEUE_ITEM_INIT;
		AUTO(strbuf) bad = STRBUF_INIT, kept = STRBUF_INIT;
		struct spool_stat where;
		struct stat st;
		write_bytes(path, span_make(good.buf, at < good.len ? good.len : at - good.len));
		if (at < good.len)
			flip_byte(path, at);
		read_file(path, &bad);
		assert_int_equal(spool_read(place->spool, id, &item, &where, NULL), 1);
		assert_true(where.damaged);
		assert_held_as_damaged(&item, id);
		assert_int_equal(item.n, 2);
		for (size_t i = 0; i < 2; i++) {
			assert_int_equal(item.rcpts[i].state, RCPT_UNCERTAIN);
			assert_true(item.rcpts[i].possible_duplicate);
		}
		struct spool_entry *entry = claim(place->spool, id);
		assert_true(spool_hold_damaged(entry, NULL));
		read_file(aside, &kept);
		assert_true(span_equal(strbuf_span(&bad), strbuf_span(&kept)));
		spool_entry_free(entry);
		spool_clean(place->spool); /* it belongs to a message */
		assert_int_equal(stat(aside, &st), 0);

		/* the user's word: all of them, with the message as it was accepted */
		AUTO(strbuf) header = STRBUF_INIT;
		AUTO(source) body = SOURCE_INIT;
		entry = claim(place->spool, id);
		assert_true(spool_read_message(entry, &header, &body, NULL));
		assert_true(spool_release(entry, 5, NULL));
		spool_entry_free(entry);
		assert_int_equal(spool_read(place->spool, id, &stored, &where, NULL), 1);
		assert_int_equal(stored.state, QUEUE_QUEUED);
		assert_int_equal(queue_item_pending(&stored), 2);
		assert_int_equal(unlink(aside), 0);
	}
	write_bytes(path, SPAN_LIT("x"));
	assert_held_until_removed(place, id, 2);
	struct stat st;
	assert_int_equal(stat(aside, &st), -1);
	assert_int_equal(stat(path, &st), -1);
}

/* A state is that of one message: under another's name, or with a message that was exchanged, it says nothing. */
static void a_state_and_a_message_that_do_not_belong_together(void **state)
{
	struct place *place = *state;
	char one[SPOOL_ID_LEN + 1], two[SPOOL_ID_LEN + 1];
	AUTO(strbuf) header = STRBUF_INIT, bytes = STRBUF_INIT;
	AUTO(source) body = SOURCE_INIT;
	AUTO(error) err = ERROR_INIT;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	struct spool_stat where;
	assert_true(keep(place->spool, 1, one, NULL));
	assert_true(keep(place->spool, 2, two, NULL));
	update_once(place, one);
	AUTO_FREE char *of_one = file_of(place, "state", one);
	AUTO_FREE char *of_two = file_of(place, "state", two);
	AUTO_FREE char *message_one = file_of(place, "new", one);
	AUTO_FREE char *message_two = file_of(place, "new", two);
	assert_int_equal(rename(of_one, of_two), 0);
	assert_int_equal(spool_read(place->spool, two, &item, &where, NULL), 1);
	assert_true(where.damaged);
	assert_int_equal(rename(of_two, of_one), 0);

	read_file(message_two, &bytes);
	write_bytes(message_one, strbuf_span(&bytes));
	struct spool_entry *entry = claim(place->spool, one);
	assert_false(spool_read_message(entry, &header, &body, &err));
	assert_int_equal(err.status.kind, ERROR_DAMAGED);
	spool_entry_free(entry);
}

static void what_is_left_of_a_damaged_message_is_shown(void **state)
{
	struct place *place = *state;
	char id[SPOOL_ID_LEN + 1];
	AUTO(strbuf) header = STRBUF_INIT, all = STRBUF_INIT, nothing = STRBUF_INIT;
	AUTO(source) body = SOURCE_INIT, file = SOURCE_INIT;
	struct span view;
	bool damaged = false;
	assert_true(keep(place->spool, 1, id, NULL));
	AUTO_FREE char *path = file_of(place, "new", id);
	read_file(path, &all);
	flip_byte(path, all.len - 1);
	assert_int_equal(spool_show_message(place->spool, id, &header, &body, &damaged, NULL), 1);
	assert_true(damaged);
	assert_string_equal(header.buf, HEADER);
	assert_int_equal(body.size, sizeof(BODY) - 1);
	assert_true(source_view(&body, &view));
	assert_memory_equal(view.ptr, BODY, sizeof(BODY) - 2);

	all.buf[0] = 'P';
	write_bytes(path, strbuf_span(&all)); /* where the parts are is unknown: the file as it is */
	assert_int_equal(spool_show_message(place->spool, id, &nothing, &file, &damaged, NULL), 1);
	assert_true(damaged);
	assert_int_equal(nothing.len, 0);
	assert_true(source_view(&file, &view));
	assert_true(span_equal(view, strbuf_span(&all)));
}

/* A large body is not kept in memory: it is compared once when it is loaded, and each block again when it is read. */
static void a_large_body_is_checked_twice(void **state)
{
	struct place *place = *state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(source) body = SOURCE_INIT;
	AUTO_PTR(spool_entry) entry = NULL;
	static char octets[3 * 65536];
	size_t got = 0, size = 0;
	source_init(&body, &(struct temp_files){open_big_temp, NULL});
	for (; size < 1000003; size += 7)
		assert_true(source_append(&body, "0123456", 7, NULL));
	small_item(&item, 0);
	assert_true(spool_enqueue(place->spool, &item, SPAN_LIT(HEADER), &body, &entry, NULL));
	AUTO_FREE char *path = file_of(place, "new", item.id);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	size_t start = (size_t)st.st_size - size;

	static const size_t places[] = {0, 16383, 16384, 500000, 999000, 1000002};
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		AUTO(strbuf) header = STRBUF_INIT;
		AUTO(source) bad = SOURCE_INIT, good = SOURCE_INIT;
		AUTO(error) err = ERROR_INIT, late = ERROR_INIT;
		flip_byte(path, start + places[i]);
		assert_false(spool_read_message(entry, &header, &bad, &err));
		assert_int_equal(err.status.kind, ERROR_DAMAGED);
		flip_byte(path, start + places[i]);

		assert_true(spool_read_message(entry, &header, &good, NULL));
		assert_int_equal(good.size, size);
		flip_byte(path, start + places[i]);
		bool ok = true;
		for (size_t at = 0; ok && at < size; at += got) {
			ok = source_read_at(&good, at, octets, sizeof(octets), &got, &late);
			for (size_t n = 0; ok && n < got; n++)
				assert_int_equal(octets[n], "0123456"[(at + n) % 7]);
		}
		bool in_memory = places[i] >= size / REREAD_FILE_BLOCK * REREAD_FILE_BLOCK; /* the tail is */
		assert_int_equal(ok, in_memory);
		flip_byte(path, start + places[i]);
	}
}

static void a_leftover_of_damage_is_cleaned_with_its_message(void **state)
{
	struct place *place = *state;
	struct stat st;
	AUTO_FREE char *orphan = in(place, "state/0123456789abc.damaged");
	AUTO_FREE char *other = in(place, "state/README");
	write_file(orphan, "x");
	write_file(other, "x");
	spool_clean(place->spool);
	assert_int_equal(stat(orphan, &st), -1);
	assert_int_equal(stat(other, &st), 0);
}

/* ---- folders ----------------------------------------------------------------- */

static void assert_not_opened(struct place *place, enum error_kind kind)
{
	AUTO(error) err = ERROR_INIT, look = ERROR_INIT;
	const struct runtime runtime = test_runtime();
	bool none = true;
	assert_null(open_spool(place->path, NULL, NULL, &err));
	assert_int_equal(err.status.kind, kind);
	assert_non_null(err.status.hint);
	assert_null(spool_open_existing(place->path, &runtime, &none, &look));
	assert_false(none);
	assert_int_equal(look.status.kind, kind);
}

static void a_folder_that_is_not_ours_alone_is_refused(void **state)
{
	struct place *place = *state;
	AUTO_FREE char *sub = in(place, "new");
	AUTO_FREE char *moved = in(place, "old");
	AUTO_FREE char *format = in(place, "format");
	assert_int_equal(chmod(place->path, 0750), 0);
	assert_not_opened(place, ERROR_CONFIG);
	assert_int_equal(chmod(place->path, 0700), 0);
	assert_int_equal(chmod(sub, 0701), 0);
	assert_not_opened(place, ERROR_CONFIG);
	assert_int_equal(chmod(sub, 0700), 0);
	assert_int_equal(rename(sub, moved), 0);
	assert_int_equal(symlink(moved, sub), 0);
	assert_not_opened(place, ERROR_CONFIG);
	assert_int_equal(unlink(sub) | rename(moved, sub), 0);
	write_file(format, "posthaste queue 2\n");
	assert_not_opened(place, ERROR_CONFIG);
	write_file(format, "something");
	assert_not_opened(place, ERROR_CONFIG);
	write_file(format, "posthaste queue 1\n");
	AUTO_PTR(spool) again = open_spool(place->path, NULL, NULL, NULL);
	assert_non_null(again);
}

static void a_queue_that_is_a_link_is_refused(void **state)
{
	struct place *place = *state;
	AUTO_FREE char *moved = xasprintf("%s/a/b/moved", place->folder);
	assert_int_equal(rename(place->path, moved), 0);
	assert_int_equal(symlink(moved, place->path), 0);
	assert_not_opened(place, ERROR_CONFIG);
}

static void a_removed_folder_is_made_again(void **state)
{
	struct place *place = *state;
	AUTO_FREE char *sub = in(place, "failed");
	assert_int_equal(rmdir(sub), 0);
	AUTO_PTR(spool) again = open_spool(place->path, NULL, NULL, NULL);
	assert_non_null(again);
	assert_mode(place, "failed", S_IFDIR | 0700);
}

/* ---- leftovers -------------------------------------------------------- */

static void leftovers_are_cleaned_when_old_and_idle(void **state)
{
	struct place *place = *state;
	static const char *const names[] = {"0123456789abc", "0123456789abd", "0123456789abe"};
	const struct utimbuf past = {1000000000, 1000000000};
	char *paths[3];
	char id[SPOOL_ID_LEN + 1];
	struct stat st;
	assert_true(keep(place->spool, 1, id, NULL));
	struct spool_entry *entry = claim(place->spool, id);
	assert_true(spool_update(entry, NULL));
	spool_entry_free(entry);
	for (size_t i = 0; i < 3; i++) {
		paths[i] = xasprintf("%s/tmp/%s", place->path, names[i]);
		write_file(paths[i], "half");
	}
	assert_int_equal(utime(paths[0], &past) | utime(paths[1], &past), 0);
	AUTO_FD int fd = open(paths[1], O_RDWR | O_CLOEXEC);
	assert_int_equal(file_lock(fd), 0);
	AUTO_FREE char *orphan = xasprintf("%s/state/0123456789abc", place->path);
	AUTO_FREE char *needed = xasprintf("%s/state/%s", place->path, id);
	write_file(orphan, "");

	spool_clean(place->spool);
	assert_int_equal(stat(paths[0], &st), -1); /* old */
	assert_int_equal(stat(paths[1], &st), 0);  /* being written */
	assert_int_equal(stat(paths[2], &st), 0);  /* young */
	assert_int_equal(stat(orphan, &st), -1);
	assert_int_equal(stat(needed, &st), 0);
	for (size_t i = 0; i < 3; i++)
		free(paths[i]);
}

static void a_leftover_does_not_hinder_an_update(void **state)
{
	struct place *place = *state;
	char id[SPOOL_ID_LEN + 1];
	assert_true(keep(place->spool, 1, id, NULL));
	AUTO_FREE char *left = xasprintf("%s/tmp/%s", place->path, id);
	write_file(left, "half");
	AUTO_PTR(spool_entry) entry = claim(place->spool, id);
	spool_entry_item(entry)->due = 2;
	assert_true(spool_update(entry, NULL));
	assert_state(place, id, QUEUE_QUEUED, 2);
}

/* ---- IDs and places ------------------------------------------------------ */

static void ids_sort_by_time(void **state)
{
	(void)state;
	static const int64_t times[] = {INT64_MIN,     1, 31, 32, 999, 1795262400000, 1795262400001, 35184372088830,
					35184372088831};
	char before[SPOOL_ID_LEN + 1] = "", id[SPOOL_ID_LEN + 1];
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		spool_id_make(id, times[i], &counting_rng);
		assert_true(spool_id_valid(span_of(id)));
		assert_int_equal(spool_id_time_ms(id), times[i] < 0 ? 0 : times[i]);
		assert_true(!i || spool_id_compare(before, id) < 0);
		assert_true(!i || spool_id_compare(id, before) > 0);
		assert_int_equal(spool_id_compare(id, id), 0);
		memcpy(before, id, sizeof(id));
	}
	spool_id_make(id, INT64_MAX, &counting_rng);
	assert_string_equal(id + SPOOL_ID_LEN - 9, "zzzzzzzzz");
}

/* Of 1,000 messages of one second, nearly all are known by three letters. */
static void ids_differ_from_the_first_letters(void **state)
{
	(void)state;
	char ids[1000][SPOOL_ID_LEN + 1];
	size_t alike = 0;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		spool_id_make(ids[i], 1795262400000 + (int64_t)i, &rng_system);
		assert_true(ids[i][0] > '1'); /* else the time would come first */
		for (size_t k = 0; k < i; k++)
			alike += memcmp(ids[k], ids[i], 3) == 0;
	}
	assert_true(alike < 200); /* 16 are to be expected; with the time first it is 499,500 */
}

/* IDs with the time first, as they were made once, stand where they belong, and are found. */
static void ids_of_the_former_kind_stay(void **state)
{
	static const struct {
		const char *id;
		int64_t ms;
	} cases[] = {{"17xsc52d6g5xn", 1372019919270}, {"1m7t9w2000000", 1795105359872}, {"0000000zz0000", 1023}};
	struct place *place = *state;
	AUTO(strvec) listed = STRVEC_INIT;
	AUTO(strbuf) found = STRBUF_INIT;
	char id[SPOOL_ID_LEN + 1];
	assert_true(keep(place->spool, 1, id, NULL));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(spool_id_time_ms(cases[i].id), cases[i].ms);
		keep_as(place->spool, cases[i].id);
	}
	assert_true(spool_list(place->spool, SPOOL_NEW, &listed, NULL));
	assert_int_equal(listed.n, 4);
	assert_string_equal(listed.v[0], cases[2].id);
	assert_string_equal(listed.v[1], cases[0].id);
	assert_string_equal(listed.v[2], cases[1].id);
	assert_string_equal(listed.v[3], id);
	assert_true(spool_find(place->spool, SPAN_LIT("17X"), &found, NULL));
	assert_string_equal(found.buf, cases[0].id);
	spool_clean(place->spool);
}

static void the_folder_follows_the_environment(void **state)
{
	(void)state;
	static const struct {
		const char *state_home, *folder;
	} cases[] = {
		{"XDG_STATE_HOME=", "/home/me/.local/state/posthaste/queue"},
		{"XDG_STATE_HOME=/var/me", "/var/me/posthaste/queue"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct runtime runtime = {.environ = TEST_ENV("HOME=/home/me", cases[i].state_home)};
		AUTO_FREE char *folder = spool_user_folder(&runtime, NULL);
		assert_string_equal(folder, cases[i].folder);
	}
}

/* The folder for users without a home: who may have made it, and with which rights. */
static void a_shared_folder_is_its_owners_and_sticky(void **state)
{
	struct place *place = *state;
	static const struct {
		mode_t mode;
		bool mine, good;
	} rows[] = {{01733, true, true}, {0755, true, true},  {0733, true, false},
		    {0770, true, false}, {01777, true, true}, {01733, false, false}};
	AUTO_FREE char *parent = xasprintf("%s-shared", place->path);
	AUTO_FREE char *mine = xasprintf("%s/%lu", parent, (unsigned long)geteuid());
	AUTO_FREE char *link = xasprintf("%s-link", place->path);
	assert_null(spool_shared_folder(parent, geteuid())); /* nobody made it */
	assert_int_equal(mkdir(parent, 0700), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(chmod(parent, rows[i].mode), 0);
		AUTO_FREE char *got = spool_shared_folder(parent, geteuid() + (rows[i].mine ? 0 : 1));
		assert_int_equal(got != NULL, rows[i].good);
		if (got)
			assert_string_equal(got, mine);
	}
	assert_int_equal(symlink(parent, link), 0);
	assert_null(spool_shared_folder(link, geteuid()));
	assert_int_equal(unlink(link) + rmdir(parent), 0);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(what_is_kept_is_found),
		IN_PLACE(a_shared_folder_is_its_owners_and_sticky),
		IN_PLACE(a_message_of_any_size_is_kept),
		IN_PLACE(messages_come_in_order_of_arrival),
		IN_PLACE(the_next_run_finds_everything),
		IN_PLACE(who_only_looks_makes_nothing),
		IN_PLACE(a_claim_keeps_others_out),
		IN_PLACE(a_new_message_can_be_claimed_from_birth),
		IN_PLACE(claims_die_with_their_process),
		IN_PLACE(of_two_who_claim_at_once_one_wins),
		IN_PLACE(what_another_runner_is_done_with_cannot_be_claimed),
		IN_PLACE(changes_are_seen_once_stored),
		IN_PLACE(what_failed_stands_apart_and_can_come_back),
		IN_PLACE(what_is_finished_is_gone),
		IN_PLACE(a_few_letters_name_a_message),
		IN_PLACE(a_name_that_is_none_opens_nothing),
		IN_PLACE(strange_files_are_refused_and_hinder_nobody),
		IN_PLACE(a_state_that_is_a_link_is_refused),
		IN_PLACE(a_file_that_is_no_message_is_held),
		IN_PLACE(a_flipped_bit_of_the_message_is_found),
		IN_PLACE(a_cut_message_is_held),
		IN_PLACE(a_damaged_state_is_held_with_its_first_recipients),
		IN_PLACE(a_state_and_a_message_that_do_not_belong_together),
		IN_PLACE(what_is_left_of_a_damaged_message_is_shown),
		IN_PLACE(a_large_body_is_checked_twice),
		IN_PLACE(a_leftover_of_damage_is_cleaned_with_its_message),
		IN_PLACE(a_folder_that_is_not_ours_alone_is_refused),
		IN_PLACE(a_queue_that_is_a_link_is_refused),
		IN_PLACE(a_removed_folder_is_made_again),
		IN_PLACE(leftovers_are_cleaned_when_old_and_idle),
		IN_PLACE(a_leftover_does_not_hinder_an_update),
		cmocka_unit_test(ids_sort_by_time),
		cmocka_unit_test(ids_differ_from_the_first_letters),
		IN_PLACE(ids_of_the_former_kind_stay),
		cmocka_unit_test(the_folder_follows_the_environment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
