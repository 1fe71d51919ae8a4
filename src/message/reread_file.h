/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * borrowed: a file of somebody else's that is read a second time, and only as
 * it was the first time.
 *
 * A large message on standard input is a regular file often enough, and then
 * no copy of it need be made: what was read is remembered as a checksum of
 * each block, and a block that has changed since is an error.  That it grows
 * behind what was read does not matter.
 */
#ifndef MESSAGE_REREAD_FILE_H
#define MESSAGE_REREAD_FILE_H

#include "base/error.h"

#include <stdint.h>

#define REREAD_FILE_BLOCK (16u * 1024)

struct reread_file {
	int fd;	       /* -1: none */
	uint64_t base; /* where the first block stands in the file */
	uint64_t *sums;
	size_t n, cap;
};
#define REREAD_FILE_INIT ((struct reread_file){.fd = -1})

/* False if it is no regular file, or cannot be held on to: then a copy is needed. */
bool reread_file_take(struct reread_file *b, int fd);
void reread_file_release(struct reread_file *b);
/* The next block, as it was read: REREAD_FILE_BLOCK octets. */
void reread_file_note(struct reread_file *b, const char *block);
/* All was noted but a tail of so many octets, with which the file now stands at
 * the end of what was read.  False if its position says otherwise. */
bool reread_file_complete(struct reread_file *b, uint64_t tail);
/* Octets of the noted blocks from offset on: *got of them, at least one and at most room.  Offset
 * must lie within them.  ERROR_IO if the file cannot be read or is no longer what it was. */
bool reread_file_read_at(const struct reread_file *b, uint64_t offset, char *buf, size_t room, size_t *got,
			 struct error *err) MUST_CHECK;

#endif
