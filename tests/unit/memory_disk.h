/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * memory_disk: a file system in memory that forgets what was not synced.
 *
 * Content of a file is on disk once the file was fsynced; a name (made, taken
 * away or changed) once its folder was: the folder a file is renamed to, for a
 * rename, which happens as a whole or not at all.  Until then each may be
 * there or not, in any combination.  memory_disk_after_cut() makes a disk of one of them.
 *
 * Descriptors are its own numbers: nothing but its own operations knows them.
 */
#ifndef UNIT_MEMORY_DISK_H
#define UNIT_MEMORY_DISK_H

#include "queue/spool.h"

#include "base/clock.h"
#include "base/strbuf.h"

struct disk_inode {
	bool folder, dirty;
	mode_t mode;
	struct strbuf data, synced;
	int locked_by; /* descriptor, or 0 */
};

struct disk_name {
	int folder, inode; /* inode -1: no such name */
	char name[40];
};

struct disk_change {
	struct disk_name gone, come; /* come.inode -1: only removed; gone.name "": only made */
};

#define DISK_FDS 64
#define DISK_INODES 200
#define DISK_NAMES 200
#define DISK_PENDING 16

struct memory_disk {
	struct spool_ops ops; /* first */
	struct clock clock;   /* goes on by a millisecond each time it is asked */
	struct disk_inode inodes[DISK_INODES];
	struct disk_name names[DISK_NAMES], durable[DISK_NAMES];
	struct disk_change pending[DISK_PENDING];
	size_t n_inodes, n_names, n_durable, n_pending;
	struct {
		int inode; /* -1: free */
	} fds[DISK_FDS];
	int64_t now_ms;
	void (*changed)(struct memory_disk *disk); /* after each operation that changes something, and each fsync */
};

struct memory_disk *memory_disk_new(void);
void memory_disk_free(struct memory_disk *disk);
struct spool *memory_disk_spool(struct memory_disk *disk, const char *path, const struct rng *rng, struct error *err);
/* How contents that were not synced look. */
#define DISK_CONTENTS 4
/* The pending changes whose bits are set have reached the disk, the others have not. */
struct memory_disk *memory_disk_after_cut(const struct memory_disk *disk, unsigned reached, unsigned contents);

#endif
