/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the spool share; for them only. */
#ifndef QUEUE_SPOOL_PRIVATE_H
#define QUEUE_SPOOL_PRIVATE_H

#include "queue/spool.h"

struct spool {
	char *path;
	const struct spool_ops *ops;
	const struct clock *clock;
	const struct rng *rng;
	int root, tmp, fresh, state, failed; /* folders; fresh is new/ */
	int64_t last_ms;		     /* of the last ID made here */
	uid_t owner;			     /* of everything in there: our own */
};

struct spool_entry {
	struct spool *spool;
	enum spool_folder folder;
	int fd; /* of the message's file; holds the lock */
	struct queue_item item;
	bool damaged; /* as spool_entry_damaged() */
};

/* ---- spool_file: one file at a time ---- */

/* Sets the error for a system call that failed, its kind by errnum. */
bool spool_fault(struct error *err, int errnum, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* A regular file of ours with one name and no rights for others; *gone: it has been removed. */
bool spool_check_file(struct spool *spool, int fd, const char *name, bool *gone, struct error *err) MUST_CHECK;
/* 1: *fd is open and checked; 0: there is no such file; -1.  name is the file's, where the folder's (for messages). */
int spool_open_file(struct spool *spool, int dir, const char *where, const char *name, int flags, int *fd,
		    struct error *err) MUST_CHECK;
/* Makes tmp/name, locked, or fails; *exists (if not NULL) is set when a file of that name is the reason. */
bool spool_create_temp(struct spool *spool, const char *name, int *fd, bool *exists, struct error *err) MUST_CHECK;
bool spool_write_all(struct spool *spool, int fd, struct span bytes, struct error *err) MUST_CHECK;
bool spool_sync(struct spool *spool, int fd, const char *what, struct error *err) MUST_CHECK;
/* Appends exactly len bytes.  ERROR_DAMAGED if the file ends before. */
bool spool_read_exactly(struct spool *spool, int fd, uint64_t offset, size_t len, struct strbuf *out,
			struct error *err) MUST_CHECK;
/* Writes a small file by way of tmp/temp and syncs it and its folder. */
bool spool_replace_file(struct spool *spool, int dir, const char *temp, const char *name, struct span bytes,
			struct error *err) MUST_CHECK;
/* Closes a file that was only read or has been synced. */
void spool_close(struct spool *spool, int fd);
/* 1: the lock is ours, 0: another process has it, -1. */
int spool_lock(struct spool *spool, int fd, struct error *err) MUST_CHECK;
bool spool_locked(struct spool *spool, int fd);

static inline int spool_dir(const struct spool *spool, enum spool_folder folder)
{
	return folder == SPOOL_NEW ? spool->fresh : spool->failed;
}
static inline const char *spool_where(enum spool_folder folder)
{
	return folder == SPOOL_NEW ? "new" : "failed";
}

/* ---- spool_message: the file of a message ---- */

/* Writes it; *sum becomes its checksum. */
bool spool_message_write(struct spool *spool, int fd, const struct queue_item *item, struct span header,
			 const struct source *body, uint64_t *sum, struct error *err) MUST_CHECK;
/* Appends the state the message was accepted with, as it is in its file; *sum becomes the file's checksum. */
bool spool_message_first_state(struct spool *spool, int fd, struct strbuf *state, uint64_t *sum,
			       struct error *err) MUST_CHECK;
/*
 * Header and body.  1: they are as they were accepted (sum: the checksum they must have, or 0 for the one in the
 * file).  0: they are damaged, err says so (ERROR_DAMAGED); header and body hold what is there, which may be all of the
 * file as body.  -1: they cannot be read.  Takes fd over: body reads from it, or it is closed.
 */
int spool_message_content(struct spool *spool, int fd, uint64_t sum, struct strbuf *header, struct source *body,
			  struct error *err) MUST_CHECK;
/* Finds the message's file in either folder and opens it; 1, 0 (there is none), -1. */
int spool_message_open(struct spool *spool, const char *id, int flags, int *fd, enum spool_folder *folder,
		       struct error *err) MUST_CHECK;

/* ---- spool_state: the stored state of a message ---- */

/*
 * 1: *item (fresh) is the latest state of the message in fd.  0: what was stored is damaged, and *item is HELD for
 * HOLD_DAMAGED with everything that is known.  -1: it cannot be read.
 */
int spool_state_read(struct spool *spool, int fd, const char *id, struct queue_item *item,
		     struct error *err) MUST_CHECK;
/* Makes the item HELD for HOLD_DAMAGED because header or body are damaged. */
void spool_state_hold_content(struct queue_item *item);
/* Replaces state/ID. */
bool spool_state_write(struct spool *spool, const struct queue_item *item, struct error *err) MUST_CHECK;
/* Copies a damaged state file to state/ID.damaged, before it is replaced. */
bool spool_state_set_aside(struct spool *spool, const char *id, struct error *err) MUST_CHECK;
/* Sets in_flight and stores that: by a mark if this is the first attempt, else by a new state. */
bool spool_state_mark(struct spool *spool, struct queue_item *item, int64_t now, struct error *err) MUST_CHECK;
/* Removes what there is of the message's state; what cannot be removed is left to spool_clean(). */
void spool_state_remove(struct spool *spool, const struct queue_item *item);
/* The ID of the message that this file in state/ belongs to; len 0: of none. */
struct span spool_state_id(const char *name);

#endif
