/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spool: the folder in which messages wait, safe against crash and power cut.  In it are:
 *
 *	format		"posthaste queue 1": written last, when all folders are on disk
 *	tmp/		files being written; locked by the process that writes
 *	new/ID		one file per message: its first state, header, body; never changed
 *	state/ID	its latest state, replaced as a whole; without it the first one holds; empty: the first one,
 *			and an attempt is under way (spool_state.c)
 *	failed/ID	a message that failed for good and whose report could not be sent
 *
 * Enqueue:  write tmp/ID, fsync it, rename to new/ID, fsync new/: two fsyncs, and
 *	     only then is it true that the message is queued.
 * Update:   write tmp/ID, fsync it, rename to state/ID, fsync state/.
 * Mark:     make an empty state/ID, fsync state/; where there is a state, update.
 * Finish:   unlink new/ID, fsync new/, then unlink state/ID (without its message it means nothing).
 * Fail:     update (state FAILED), rename new/ID to failed/ID, fsync both folders.
 * At every point a crash leaves the state before or the state after.
 *
 * Every file has a checksum (item_file.h, spool_message.c), and each state has that of the message's file, too.  States
 * are checked whenever they are read, header and body when they are read to be sent.  A message that is damaged is HELD
 * for HOLD_DAMAGED, with as much of its item as is known, and stays until the user decides.
 *
 * A claim is a lock on the message's own file: it ends with the process.  Everything that changes a message needs
 * the claim; reading does not.
 *
 * Folders are 0700 and files 0600, made so from the start.  Nothing is opened through a link, and what is not a
 * regular file (or folder) of ours with one name and those rights is refused: ERROR_CONFIG with what to do
 * about it.  No function waits for another process.  A spool must not be used by several threads.
 *
 * Other errors: ERROR_CANNOT_CREATE where there is no room or no permission to write, ERROR_DAMAGED for what is not
 * as it was written, ERROR_IO for every other error of the disk.  After a failure nothing half-done is visible,
 * and the function may be called again.  What was done but not confirmed (fsync of a folder failed) is
 * reported as failed: an enqueued message is taken back; of update, fail, hold and release the new state may
 * already be seen, and of finish the message may be gone.
 */
#ifndef QUEUE_SPOOL_H
#define QUEUE_SPOOL_H

#include "queue/item.h"
#include "queue/spool_id.h"
#include "queue/spool_ops.h"

#include "base/runtime.h"
#include "base/strbuf.h"
#include "message/source.h"

enum spool_folder { SPOOL_NEW, SPOOL_FAILED };

struct spool;
/* Entries must have been freed before.  NULL is allowed. */
void spool_free(struct spool *spool);
DEFINE_AUTO_PTR(spool);

/* A message that is claimed. */
struct spool_entry;
/* Ends the claim; changes that were not stored with spool_update() are lost.  NULL is allowed. */
void spool_entry_free(struct spool_entry *entry);
DEFINE_AUTO_PTR(spool_entry);

/*
 * "queue" in env_state_folder(); where that cannot be made (no home, or one that is not writable), queue_dir of the
 * runtime, checked as strictly as the others; where that is not set, this user's folder
 * in LOCALSTATEDIR/spool/posthaste, if the administrator made that one.  malloc'ed; NULL with ERROR_CONFIG if there is
 * neither.
 */
char *spool_user_folder(const struct runtime *runtime, struct error *err);
/* With %U replaced by the user's name (NULL: unknown), %u by the number and %% by "%"; malloc'ed.  ERROR_CONFIG if that
 * is not possible or the path is not absolute. */
char *spool_expand_folder(const char *path, const char *user, struct error *err);
/* PARENT/UID, if parent is a folder of that owner in which only the owner of a file can replace it, and the folder is
 * there or can be made; else NULL. */
char *spool_shared_folder(const char *parent, uid_t owner);

/*
 * Opens the folder (an absolute path) and makes what is missing of it, parents too.  Of runtime it uses spool_ops,
 * clock and rng, which must outlive the spool.  NULL on failure.
 */
struct spool *spool_open(const char *path, const struct runtime *runtime, struct error *err);
/* The same, but makes nothing: without a queue *none is true and NULL is not a failure.  For callers that only read. */
struct spool *spool_open_existing(const char *path, const struct runtime *runtime, bool *none, struct error *err);
const char *spool_path(const struct spool *spool);

/* A new name for a message, for item->id of spool_enqueue(); id has room for SPOOL_ID_LEN + 1. */
void spool_make_id(struct spool *spool, char *id);
/*
 * Stores a message.  item->id is set unless it is one that spool_make_id() made (then that one is used, and it is
 * ERROR_IO if there is such a message already); item->arrival, age_from and due are set to now where they are 0.
 * header is as it is sent, body as it was read.  True: it is on disk and found by every later call.  claimed NULL: any
 * process may claim it; else *claimed is the entry, claimed before another process could see it.
 */
bool spool_enqueue(struct spool *spool, struct queue_item *item, struct span header, const struct source *body,
		   struct spool_entry **claimed, struct error *err) MUST_CHECK;

/* Appends the IDs in that folder, oldest first.  Reads names only: cheap. */
bool spool_list(struct spool *spool, enum spool_folder folder, struct strvec *ids, struct error *err) MUST_CHECK;
/* The same for those whose state has changed since they were accepted; some may have left the queue. */
bool spool_list_tried(struct spool *spool, struct strvec *ids, struct error *err) MUST_CHECK;
/* Appends the complete ID that begins with prefix (letters in any case), in either folder.
 * None: ERROR_FILE_MISSING; several: ERROR_USAGE, and the text names two of them. */
bool spool_find(struct spool *spool, struct span prefix, struct strbuf *id, struct error *err) MUST_CHECK;

struct spool_stat {
	enum spool_folder folder;
	bool claimed; /* by some process, perhaps this one */
	bool damaged; /* the item is not what was stored but what is left of it; HELD, but not stored as that yet */
};
/*
 * The state of a message in either folder, without claiming it (item fresh, where may be NULL).  1: it was found; 0:
 * there is no such message (any more); -1: it cannot be read, and err says why: report that and go on with others.
 */
int spool_read(struct spool *spool, const char *id, struct queue_item *item, struct spool_stat *where,
	       struct error *err) MUST_CHECK;
/* True if some process (perhaps this one) has it claimed just now. */
bool spool_is_claimed(struct spool *spool, const char *id);
/* Header and body without a claim, for showing; 1, 0 (gone), -1.  *damaged: they are what is left of them; if it is
 * unknown where they begin, body is the entire file.  body owns its descriptor. */
int spool_show_message(struct spool *spool, const char *id, struct strbuf *header, struct source *body, bool *damaged,
		       struct error *err) MUST_CHECK;

/*
 * 1: *entry is ours until it is freed or this process ends.  0: another process has it, or it is gone (then *gone is
 * true, if not NULL).  -1: err says why.  A message whose move to failed/ was cut short by a crash is moved
 * now.  Call queue_item_recover() on the item before anything else.
 */
int spool_claim(struct spool *spool, const char *id, struct spool_entry **entry, bool *gone,
		struct error *err) MUST_CHECK;
/* The item, to read and to change; lives as long as the entry.  id must stay. */
struct queue_item *spool_entry_item(struct spool_entry *entry);
enum spool_folder spool_entry_folder(const struct spool_entry *entry);
/* As spool_stat.damaged: to be stored with spool_hold_damaged(). */
bool spool_entry_damaged(const struct spool_entry *entry);
/* Stores the item.  A damaged state that it replaces is saved as state/ID.damaged. */
bool spool_update(struct spool_entry *entry, struct error *err) MUST_CHECK;
/* An attempt begins: sets in_flight, which everybody who reads the item finds set from now on, until spool_update()
 * stores what came of it. */
bool spool_mark(struct spool_entry *entry, int64_t now, struct error *err) MUST_CHECK;
/* Appends the header to header and fills body (fresh, SOURCE_INIT), both read completely and compared with the
 * checksum; a large body owns a descriptor and is compared again as it is read.  Both outlive the entry. ERROR_DAMAGED.
 */
bool spool_read_message(struct spool_entry *entry, struct strbuf *header, struct source *body,
			struct error *err) MUST_CHECK;

/* These two end a message.  If they succeed, the entry can only be freed. */
/* Removes it, from either folder. */
bool spool_finish(struct spool_entry *entry, struct error *err) MUST_CHECK;
/* Stores the item as FAILED and moves it to failed/. */
bool spool_fail(struct spool_entry *entry, struct error *err) MUST_CHECK;

/* Stores the item as HELD; reason (or NULL) is copied, fingerprint (or NULL) too. */
bool spool_hold(struct spool_entry *entry, enum queue_hold hold, const struct status *reason, const char *fingerprint,
		struct error *err) MUST_CHECK;
/* Stores the item as HELD for HOLD_DAMAGED; the reason says what is damaged and what the user can do. */
bool spool_hold_damaged(struct spool_entry *entry, struct error *err) MUST_CHECK;
/* Stores the item as QUEUED and due at that time; from failed/ it moves back to new/. */
bool spool_release(struct spool_entry *entry, int64_t due, struct error *err) MUST_CHECK;

/* Removes what crashes left in tmp/ and state/: older than an hour, unlocked, without a message.
 * What cannot be removed stays for the next time.  For the runner, once per run. */
void spool_clean(struct spool *spool);

#endif
