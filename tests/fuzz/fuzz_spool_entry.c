/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever became of the files of a queued message: what is read of it is what was stored, or it is said to be damaged;
 * a damaged message can be held, stays in the queue, and can be shown and removed.
 *
 * The input: a line of letters (m: the message's file is changed, s: the file of its state; r: the octets replace the
 * file, i: they stand in it, c: the file is cut), a line with the place (of 1000), octets to be put there, as they are
 * or as "\xHH"; then the message.
 */
#include "fuzz.h"

#include "../unit/memory_disk.h"

#define HEADER "From: me@example.org\r\nMessage-ID: <abc@example.org>\r\n\r\n"
#define QUEUE "/queue"

struct change {
	bool message, state, replace, insert, cut;
	size_t place;
	struct strbuf octets;
};

static void change_release(struct change *c)
{
	strbuf_release(&c->octets);
}

static void change_read(struct change *c, struct span *rest)
{
	struct span letters = {"", 0}, line = {"", 0};
	unsigned long long place = 0;
	(void)fuzz_line(rest, &letters);
	*c = (struct change){.message = fuzz_has(letters, SPAN_LIT("m")),
			     .state = fuzz_has(letters, SPAN_LIT("s")),
			     .replace = fuzz_has(letters, SPAN_LIT("r")),
			     .insert = fuzz_has(letters, SPAN_LIT("i")),
			     .cut = fuzz_has(letters, SPAN_LIT("c")),
			     .octets = STRBUF_INIT};
	if (fuzz_line(rest, &line) && span_to_u64(line, &place))
		c->place = (size_t)(place % 1000);
	fuzz_unescape(fuzz_part(rest), &c->octets);
}

/* The file in this folder that has the name. */
static struct strbuf *file_in(struct memory_disk *disk, const char *folder, const char *name)
{
	for (size_t i = 0; i < disk->n_names; i++) {
		const struct disk_name *found = &disk->names[i];
		bool in = false;
		for (size_t k = 0; k < disk->n_names; k++)
			in |= disk->names[k].inode == found->folder && strcmp(disk->names[k].name, folder) == 0;
		if (in && strcmp(found->name, name) == 0)
			return &disk->inodes[found->inode].data;
	}
	return NULL;
}

static void change_file(const struct change *c, struct strbuf *file)
{
	AUTO(strbuf) before = STRBUF_INIT;
	strbuf_add_span(&before, strbuf_span(file));
	size_t at = before.len * c->place / 1000;
	size_t over = c->insert ? 0 : at + c->octets.len > before.len ? before.len - at : c->octets.len;
	strbuf_reset(file);
	if (!c->replace)
		strbuf_add_span(file, span_sub(strbuf_span(&before), 0, at));
	strbuf_add_span(file, strbuf_span(&c->octets));
	if (!c->replace && !c->cut)
		strbuf_add_span(file, span_sub(strbuf_span(&before), at + over, before.len));
}

/* ---- the message ---- */

static void make_item(struct queue_item *item)
{
	struct recipient rcpts[2] = {{{(char[]){"a@example.org"}, NULL}, NULL, NULL, 0},
				     {{(char[]){"b@example.org"}, NULL}, NULL, NULL, 0}};
	struct envelope env = {.mail.sender = {(char[]){"me@example.org"}, NULL}, .rcpts = rcpts, .n = 2};
	queue_item_set_envelope(item, &env);
	item->due = FUZZ_NOW;
}

/* Queues it, and stores a second state. */
static void enqueue(struct spool *spool, struct span text, char *id)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(source) body = SOURCE_INIT;
	struct spool_entry *claimed = NULL;
	make_item(&item);
	source_init(&body, NULL);
	MUST(source_append(&body, text.ptr, text.len, NULL));
	MUST(spool_enqueue(spool, &item, SPAN_LIT(HEADER), &body, &claimed, NULL));
	memcpy(id, item.id, SPOOL_ID_LEN + 1);
	spool_entry_item(claimed)->due = FUZZ_NOW + 1;
	MUST(spool_update(claimed, NULL));
	spool_entry_free(claimed);
}

static void read_all(const struct source *body, struct strbuf *out)
{
	char buf[512];
	for (size_t got = 1; got;) {
		MUST(source_read_at(body, out->len, buf, sizeof(buf), &got, NULL));
		strbuf_add(out, buf, got);
	}
}

/* ---- what is read ---- */

static void must_be_the_message(struct spool_entry *entry, struct span text, bool changed)
{
	AUTO(strbuf) header = STRBUF_INIT;
	AUTO(strbuf) got = STRBUF_INIT;
	AUTO(source) body = SOURCE_INIT;
	AUTO(error) err = ERROR_INIT;
	if (!spool_read_message(entry, &header, &body, &err)) {
		fuzz_must_agree(false, &err);
		MUST(changed);
		return;
	}
	read_all(&body, &got);
	MUST(span_equals_str(strbuf_span(&header), HEADER) && span_equal(strbuf_span(&got), text));
}

static void must_be_the_item(const struct queue_item *item, bool changed)
{
	MUST(item->n == 2 && strcmp(item->rcpts[0].who.address.given, "a@example.org") == 0);
	MUST(strcmp(item->rcpts[1].who.address.given, "b@example.org") == 0);
	MUST(strcmp(item->mail.sender.given, "me@example.org") == 0);
	/* the first state is taken where the second one is gone */
	MUST(item->due == FUZZ_NOW + 1 || (changed && item->due == FUZZ_NOW));
}

static void must_be_kept(struct spool *spool, struct spool_entry *entry, const char *id)
{
	AUTO(strbuf) header = STRBUF_INIT;
	AUTO(source) body = SOURCE_INIT;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(error) err = ERROR_INIT;
	bool damaged = false;
	MUST(spool_hold_damaged(entry, &err));
	MUST(spool_read(spool, id, &item, NULL, &err) == 1 && item.state == QUEUE_HELD && item.hold == HOLD_DAMAGED);
	MUST(spool_show_message(spool, id, &header, &body, &damaged, &err) == 1);
	MUST(spool_finish(entry, &err));
}

static void must_tell_the_truth(struct spool *spool, const char *id, struct span text, bool changed)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	struct spool_stat where;
	struct spool_entry *entry = NULL;
	bool gone = false;
	MUST(spool_read(spool, id, &item, &where, &err) == 1);
	MUST(!where.damaged || item.hold == HOLD_DAMAGED);
	MUST(spool_claim(spool, id, &entry, &gone, &err) == 1 && !gone);
	MUST(spool_entry_damaged(entry) == where.damaged && (!where.damaged || changed));
	if (where.damaged) {
		must_be_kept(spool, entry, id);
	} else {
		must_be_the_item(spool_entry_item(entry), changed);
		must_be_the_message(entry, text, changed);
		MUST(spool_finish(entry, &err));
	}
	spool_entry_free(entry);
	MUST(spool_read(spool, id, &item, NULL, &err) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_make((const char *)data, size);
	struct memory_disk *disk = memory_disk_new();
	char id[SPOOL_ID_LEN + 1];
	AUTO(change) change;
	change_read(&change, &rest);
	struct spool *spool = memory_disk_spool(disk, QUEUE, &fuzz_rng, NULL);
	MUST(spool);
	enqueue(spool, rest, id);
	struct strbuf *message = file_in(disk, "new", id), *state = file_in(disk, "state", id);
	MUST(message && state);
	if (change.message)
		change_file(&change, message);
	if (change.state)
		change_file(&change, state);
	must_tell_the_truth(spool, id, rest, change.message || change.state);
	spool_free(spool);
	memory_disk_free(disk);
	return 0;
}
