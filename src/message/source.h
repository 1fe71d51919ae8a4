/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * source: bytes that are written once and read any number of times: the body of a message.
 *
 * Up to SOURCE_MEMORY_MAX bytes stay in memory, more go to an unnamed temporary file that the owner's
 * temp_files opens, so a message of any size takes the same memory. If the bytes come from a regular
 * file, that file is read again instead.
 */
#ifndef MESSAGE_SOURCE_H
#define MESSAGE_SOURCE_H

#include "base/error.h"
#include "base/fsutil.h"
#include "base/strbuf.h"
#include "message/reread_file.h"

#include <stdint.h>

#define SOURCE_MEMORY_MAX (256u * 1024)

struct source {
	struct strbuf memory;	 /* all bytes; if there is a file, those at the end that are not in it yet */
	int fd;			 /* of our temporary file; -1: none */
	int input;		 /* where the bytes come from, see source_input(); or -1 */
	struct reread_file file; /* that file, when it is read again */
	uint64_t size;
	const struct temp_files *temp; /* NULL: stay in memory */
};

#define SOURCE_INIT ((struct source){.memory = STRBUF_INIT, .fd = -1, .input = -1, .file = REREAD_FILE_INIT})

void source_init(struct source *src, const struct temp_files *temp);
void source_release(struct source *src);
/* Says that what will be appended is read from fd, without gaps, up to its end. fd is used until source_complete(). */
void source_input(struct source *src, int fd);
/* ERROR_IO if the file cannot be written, or the error of temp->open(). After a failure the source can only be
 * released.
 */
bool source_append(struct source *src, const void *data, size_t len, struct error *err) MUST_CHECK;
/* Called after the last source_append() and before the first read. ERROR_IO if another process read from the input,
 * too. */
bool source_complete(struct source *src, struct error *err) MUST_CHECK;
/* Reads at most room bytes at offset. *got is their number, which may be less than room before the end, too, and is 0
 * only at the end. */
bool source_read_at(const struct source *src, uint64_t offset, void *buf, size_t room, size_t *got,
		    struct error *err) MUST_CHECK;
/* *all is all bytes, borrowed from the source. Returns false if they are in a file. */
bool source_view(const struct source *src, struct span *all);

#endif
