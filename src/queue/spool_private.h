/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the spool share; nobody else's. */
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
	uid_t owner;			     /* we, and of everything in there */
};

struct spool_entry {
	struct spool *spool;
	enum spool_folder folder;
	int fd; /* of the message's file; holds the lock */
	struct queue_item item;
};

/* ---- spool_file: one file at a time ---- */

/* Sets the error for a system call that failed, its kind by errnum. */
bool spool_fault(struct error *err, int errnum, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* A regular file of ours with one name and no rights for others; *gone: it has no name any more. */
bool spool_check_file(struct spool *spool, int fd, const char *name, bool *gone, struct error *err) MUST_CHECK;
/* 1: *fd is open and judged; 0: there is none; -1.  name is the file's, where the folder's (for words). */
int spool_open_file(struct spool *spool, int dir, const char *where, const char *name, int flags, int *fd,
		    struct error *err) MUST_CHECK;
/* Makes tmp/name, locked, or fails; *exists (if not NULL) tells when that is why. */
bool spool_create_temp(struct spool *spool, const char *name, int *fd, bool *exists, struct error *err) MUST_CHECK;
bool spool_write_all(struct spool *spool, int fd, struct span octets, struct error *err) MUST_CHECK;
bool spool_sync(struct spool *spool, int fd, const char *what, struct error *err) MUST_CHECK;
/* Exactly len octets, appended. */
bool spool_read_exactly(struct spool *spool, int fd, uint64_t offset, size_t len, struct strbuf *out,
			struct error *err) MUST_CHECK;
/* Writes a small file by way of tmp/ and makes sure of it. */
bool spool_replace_file(struct spool *spool, int dir, const char *temp, const char *name, struct span octets,
			struct error *err) MUST_CHECK;
/* Whoever does not care. */
void spool_close(struct spool *spool, int fd);
/* 1: the lock is ours, 0: somebody else's, -1. */
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

/* ---- spool_message: what lies in new/ID ---- */

struct spool_layout {
	uint64_t state, header, body; /* how many octets of each ... */
	uint64_t start;		      /* ... and where the state begins */
};
/* Writes the whole file. */
bool spool_message_write(struct spool *spool, int fd, const struct queue_item *item, struct span header,
			 const struct source *body, struct error *err) MUST_CHECK;
bool spool_message_layout(struct spool *spool, int fd, struct spool_layout *layout, struct error *err) MUST_CHECK;
/* The latest state of the message in fd. */
bool spool_message_state(struct spool *spool, int fd, const char *id, struct queue_item *item,
			 struct error *err) MUST_CHECK;
/* Finds the message's file in either folder and opens it; 1, 0 (none), -1. */
int spool_message_open(struct spool *spool, const char *id, int flags, int *fd, enum spool_folder *folder,
		       struct error *err) MUST_CHECK;

#endif
