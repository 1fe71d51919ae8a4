/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reread_file: a file of the user that is read a second time instead of being copied.
 *
 * A large message on standard input is often a regular file. Then no copy of it is made: a checksum of each block that
 * was read is kept, and a block that has changed since is an error. It does not matter if the file has grown.
 */
#ifndef MESSAGE_REREAD_FILE_H
#define MESSAGE_REREAD_FILE_H

#include "base/error.h"

#include <stdint.h>

#define REREAD_FILE_BLOCK (16u * 1024)

struct reread_file {
	int fd;	       /* -1: none */
	uint64_t base; /* the offset of the first block in the file */
	uint64_t *sums;
	size_t n, cap;
};
#define REREAD_FILE_INIT ((struct reread_file){.fd = -1})

/* Duplicates fd. Returns false if it is not a regular file or cannot be duplicated: then a copy is needed. */
bool reread_file_take(struct reread_file *f, int fd);
void reread_file_release(struct reread_file *f);
/* Records the next block, REREAD_FILE_BLOCK bytes, as it was read. */
void reread_file_record(struct reread_file *f, const char *block);
/* Everything that was read is recorded, except for the last `tail` bytes. Returns false if the position of the file
 * shows that something else was read from it, too. */
bool reread_file_complete(struct reread_file *f, uint64_t tail);
/* Reads from the recorded blocks at offset, which must be within them: *got bytes, at least one and at most room.
 * ERROR_IO if the file cannot be read or has changed. */
bool reread_file_read_at(const struct reread_file *f, uint64_t offset, char *buf, size_t room, size_t *got,
			 struct error *err) MUST_CHECK;

#endif
