/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/spool_private.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "queue/item_check.h"
#include "queue/item_file.h"

#include <errno.h>

#define ID_TRIES 20

static struct spool_entry *new_entry(struct spool *spool, enum spool_folder folder, int fd)
{
	struct spool_entry *entry = xcalloc(1, sizeof(*entry));
	*entry = (struct spool_entry){.spool = spool, .folder = folder, .fd = fd, .item = QUEUE_ITEM_INIT};
	return entry;
}

void spool_entry_free(struct spool_entry *entry)
{
	if (!entry)
		return;
	spool_close(entry->spool, entry->fd);
	queue_item_release(&entry->item);
	free(entry);
}

struct queue_item *spool_entry_item(struct spool_entry *entry)
{
	return &entry->item;
}

enum spool_folder spool_entry_folder(const struct spool_entry *entry)
{
	return entry->folder;
}

bool spool_entry_damaged(const struct spool_entry *entry)
{
	return entry->damaged;
}

/* ---- enqueue --------------------------------------------------------------- */

/* Messages of one process keep their order even within a millisecond. */
void spool_make_id(struct spool *spool, char *id)
{
	int64_t now = clock_wall_ms(spool->clock);
	if (now <= spool->last_ms &&
	    now > spool->last_ms - 1000) /* further back: the clock was set, and we follow it */
		now = spool->last_ms + 1;
	spool->last_ms = now;
	spool_id_make(id, now, spool->rng);
}

static bool create_message(struct spool *spool, char *id, int *fd, struct error *err)
{
	for (int i = 0; i < ID_TRIES; i++) {
		AUTO(error) problem = ERROR_INIT;
		bool exists;
		spool_make_id(spool, id);
		if (spool_create_temp(spool, id, fd, &exists, &problem))
			return true;
		if (!exists || i == ID_TRIES - 1) {
			error_move(err, &problem);
			return false;
		}
	}
	return false;
}

/* Creates it under the given ID; a message that has this ID already is never replaced. */
static bool create_named(struct spool *spool, const char *id, int *fd, struct error *err)
{
	int other;
	enum spool_folder folder;
	int found = spool_message_open(spool, id, O_RDONLY, &other, &folder, err);
	if (found < 0)
		return false;
	if (found > 0) {
		spool_close(spool, other);
		return error_set(err, ERROR_IO, _("there is a message %s in %s already"), id, spool->path);
	}
	return spool_create_temp(spool, id, fd, NULL, err);
}

/* Moves the temporary file to new/ID and syncs both.  *fd is -1 once it is closed. */
static bool place_message(struct spool *spool, const char *id, int *fd, bool claim, struct error *err)
{
	if (!spool_sync(spool, *fd, id, err))
		return false;
	if (!claim && spool->ops->close(spool->ops, steal_fd(fd)) < 0)
		return spool_fault(err, errno, _("cannot write to the queue in %s"), spool->path);
	if (spool->ops->renameat(spool->ops, spool->tmp, id, spool->fresh, id) < 0)
		return spool_fault(err, errno, _("cannot put a message into %s/new"), spool->path);
	if (spool_sync(spool, spool->fresh, "new", err))
		return true;
	/* the caller reports that it was not queued: then it must not be sent, either */
	(void)spool->ops->unlinkat(spool->ops, spool->fresh, id);
	return false;
}

static bool store_message(struct spool *spool, struct queue_item *item, int *fd, struct span header,
			  const struct source *body, bool claim, struct error *err)
{
	uint64_t sum = 0;
	item->message_sum = 0;
	if (spool_message_write(spool, *fd, item, header, body, &sum, err) &&
	    place_message(spool, item->id, fd, claim, err)) {
		item->message_sum = sum;
		return true;
	}
	(void)spool->ops->unlinkat(spool->ops, spool->tmp, item->id); /* or spool_clean() will */
	spool_close(spool, steal_fd(fd));
	return false;
}

/* A copy through the file format, which knows every field. */
static void copy_item(struct queue_item *to, const struct queue_item *from)
{
	AUTO(strbuf) file = STRBUF_INIT;
	item_file_write(from, &file);
	if (!item_file_parse(strbuf_span(&file), to, NULL))
		abort(); /* spool_enqueue() has checked it */
}

bool spool_enqueue(struct spool *spool, struct queue_item *item, struct span header, const struct source *body,
		   struct spool_entry **claimed, struct error *err)
{
	char id[SPOOL_ID_LEN + 1];
	int fd;
	bool named = item->id && spool_id_valid(span_of(item->id));
	if (!queue_item_check(item, err)) {
		if (err)
			err->status.kind = ERROR_INTERNAL;
		return false;
	}
	if (named)
		memcpy(id, item->id, sizeof(id));
	if (named ? !create_named(spool, id, &fd, err) : !create_message(spool, id, &fd, err))
		return false;

	struct queue_item before = *item;
	int64_t now = clock_wall(spool->clock);
	item->id = id;
	item->arrival = item->arrival ? item->arrival : now;
	item->age_from = item->age_from ? item->age_from : now;
	item->due = item->due ? item->due : now;
	if (!store_message(spool, item, &fd, header, body, claimed != NULL, err)) {
		*item = before;
		return false;
	}
	free(before.id);
	item->id = xstrdup(id);
	if (claimed) {
		*claimed = new_entry(spool, SPOOL_NEW, fd);
		copy_item(&(*claimed)->item, item);
	}
	return true;
}

/* ---- claim --------------------------------------------------------------- */

/* 1 if the file that we have locked still has that name, 0 if not, -1. */
static int still_there(struct spool *spool, int fd, enum spool_folder folder, const char *id, struct error *err)
{
	int other;
	struct stat mine, its;
	int found = spool_open_file(spool, spool_dir(spool, folder), spool_where(folder), id, O_RDONLY, &other, err);
	if (found <= 0)
		return found;
	bool ok = spool->ops->fstat(spool->ops, fd, &mine) == 0 && spool->ops->fstat(spool->ops, other, &its) == 0;
	int errnum = errno;
	spool_close(spool, other);
	if (!ok) {
		(void)spool_fault(err, errnum, _("cannot find out who owns the file %s/%s/%s"), spool->path,
				  spool_where(folder), id);
		return -1;
	}
	return mine.st_dev == its.st_dev && mine.st_ino == its.st_ino;
}

/* The file that was opened has lost its name: true if no other has it, in either folder. */
static bool is_gone(struct spool *spool, const char *id)
{
	int fd;
	enum spool_folder folder;
	int found = spool_message_open(spool, id, O_RDONLY, &fd, &folder, NULL);
	if (found > 0)
		spool_close(spool, fd);
	return found == 0;
}

static int lock_message(struct spool *spool, const char *id, int *fd, enum spool_folder *folder, bool *gone,
			struct error *err)
{
	int found = spool_message_open(spool, id, O_RDWR, fd, folder, err);
	*gone = found == 0;
	if (found <= 0)
		return found;
	int locked = spool_lock(spool, *fd, err);
	if (locked > 0) {
		locked = still_there(spool, *fd, *folder, id, err);
		*gone = locked == 0 && is_gone(spool, id);
	}
	if (locked <= 0)
		spool_close(spool, *fd);
	return locked;
}

static bool move_entry(struct spool_entry *entry, enum spool_folder to, struct error *err)
{
	struct spool *spool = entry->spool;
	const char *id = entry->item.id;
	enum spool_folder from = to == SPOOL_NEW ? SPOOL_FAILED : SPOOL_NEW;
	if (entry->folder == from &&
	    spool->ops->renameat(spool->ops, spool_dir(spool, from), id, spool_dir(spool, to), id) < 0)
		return spool_fault(err, errno, _("cannot move the message %s to %s/%s"), id, spool->path,
				   spool_where(to));
	entry->folder = to; /* if it was there already, an earlier call could not sync it */
	return spool_sync(spool, spool_dir(spool, to), spool_where(to), err) &&
	       spool_sync(spool, spool_dir(spool, from), spool_where(from), err);
}

int spool_claim(struct spool *spool, const char *id, struct spool_entry **entry, bool *gone, struct error *err)
{
	int fd = -1;
	enum spool_folder folder = SPOOL_NEW;
	bool none = false;
	int locked = lock_message(spool, id, &fd, &folder, &none, err);
	if (gone)
		*gone = none;
	if (locked <= 0)
		return locked;
	AUTO_PTR(spool_entry) got = new_entry(spool, folder, fd);
	int whole = spool_state_read(spool, fd, id, &got->item, err);
	if (whole < 0)
		return -1;
	got->damaged = whole == 0;
	if (got->damaged) { /* it stays where it is: whether it failed is not known */
		*entry = steal_ptr(got);
		return 1;
	}
	enum spool_folder belongs = got->item.state == QUEUE_FAILED ? SPOOL_FAILED : SPOOL_NEW;
	if (folder != belongs && !move_entry(got, belongs, err))
		return -1;
	*entry = steal_ptr(got);
	return 1;
}

bool spool_is_claimed(struct spool *spool, const char *id)
{
	int fd;
	enum spool_folder folder;
	if (spool_message_open(spool, id, O_RDONLY, &fd, &folder, NULL) <= 0)
		return false;
	bool locked = spool_locked(spool, fd);
	spool_close(spool, fd);
	return locked;
}

/* ---- change and end --------------------------------------------------- */

bool spool_update(struct spool_entry *entry, struct error *err)
{
	if (entry->damaged && !spool_state_set_aside(entry->spool, entry->item.id, err))
		return false;
	entry->damaged = false;
	return spool_state_write(entry->spool, &entry->item, err);
}

bool spool_mark(struct spool_entry *entry, int64_t now, struct error *err)
{
	return spool_state_mark(entry->spool, &entry->item, now, err);
}

bool spool_finish(struct spool_entry *entry, struct error *err)
{
	struct spool *spool = entry->spool;
	int dir = spool_dir(spool, entry->folder);
	if (spool->ops->unlinkat(spool->ops, dir, entry->item.id) < 0 &&
	    errno != ENOENT) /* ENOENT: a second try after the sync failed */
		return spool_fault(err, errno, _("cannot remove the message %s from %s"), entry->item.id, spool->path);
	/* the state is removed after the message: a message without it would be tried from the beginning */
	if (!spool_sync(spool, dir, spool_where(entry->folder), err))
		return false;
	spool_state_remove(spool, &entry->item);
	return true;
}

bool spool_fail(struct spool_entry *entry, struct error *err)
{
	entry->item.state = QUEUE_FAILED;
	return spool_update(entry, err) && move_entry(entry, SPOOL_FAILED, err);
}

bool spool_hold(struct spool_entry *entry, enum queue_hold hold, const struct status *reason, const char *fingerprint,
		struct error *err)
{
	struct queue_item *item = &entry->item;
	item->state = QUEUE_HELD;
	item->hold = hold;
	status_copy(&item->reason, reason ? reason : &STATUS_INIT);
	xreplace(&item->fingerprint, fingerprint);
	return spool_update(entry, err);
}

bool spool_hold_damaged(struct spool_entry *entry, struct error *err)
{
	if (entry->item.state != QUEUE_HELD || entry->item.hold != HOLD_DAMAGED)
		spool_state_hold_content(&entry->item);
	return spool_update(entry, err);
}

bool spool_release(struct spool_entry *entry, int64_t due, struct error *err)
{
	struct queue_item *item = &entry->item;
	/* moved first: cut short here, it is FAILED in new/, and the next claim puts it back */
	if (entry->folder == SPOOL_FAILED && !move_entry(entry, SPOOL_NEW, err))
		return false;
	item->state = QUEUE_QUEUED;
	item->hold = HOLD_NONE;
	item->reports &= ~(unsigned)NOTIFIED_HELD; /* if it is held again, that is reported again */
	item->due = due;
	status_release(&item->reason);
	xreplace(&item->fingerprint, NULL);
	return spool_update(entry, err);
}

/* ---- header and body --------------------------------------------------------- */

int spool_show_message(struct spool *spool, const char *id, struct strbuf *header, struct source *body, bool *damaged,
		       struct error *err)
{
	int fd;
	enum spool_folder folder;
	AUTO(error) problem = ERROR_INIT;
	int found = spool_message_open(spool, id, O_RDONLY, &fd, &folder, err);
	if (found <= 0)
		return found;
	int whole = spool_message_content(spool, fd, 0, header, body, &problem);
	*damaged = whole == 0;
	if (whole >= 0)
		return 1;
	error_move(err, &problem);
	error_prefix(err, "%s", id);
	return -1;
}

bool spool_read_message(struct spool_entry *entry, struct strbuf *header, struct source *body, struct error *err)
{
	struct spool *spool = entry->spool;
	const char *id = entry->item.id;
	int fd;
	enum spool_folder folder;
	size_t before = header->len;
	int found = spool_message_open(spool, id, O_RDONLY, &fd, &folder, err);
	if (found == 0)
		return error_set(err, ERROR_IO, _("the message %s has disappeared from %s"), id, spool->path);
	if (found < 0)
		return false;
	if (spool_message_content(spool, fd, entry->item.message_sum, header, body, err) > 0)
		return true;
	strbuf_setlen(header, before);
	source_release(body);
	error_prefix(err, "%s", id);
	return false;
}
