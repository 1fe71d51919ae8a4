/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * source: octets that are written once and read any number of times.
 *
 * Up to SOURCE_MEMORY_MAX octets stay in memory, more go to an unnamed
 * temporary file, so a message of any size costs the same memory.  The folder
 * is behind a callback: message does no I/O of its own choosing.  If they come from
 * a regular file, that file is read again instead.
 */
#ifndef MESSAGE_SOURCE_H
#define MESSAGE_SOURCE_H

#include "base/error.h"
#include "base/strbuf.h"
#include "message/reread_file.h"

#include <stdint.h>

#define SOURCE_MEMORY_MAX (256u * 1024)

struct source {
	struct strbuf memory;	 /* all of it; once spilled, the end that is not yet in the file */
	int fd;			 /* of a temporary file of ours, or what the queue opened; -1: none */
	uint64_t start;		 /* where in the file the octets begin; 0 unless somebody else wrote it (queue) */
	int input;		 /* where the octets are read from, as far as anybody said; else -1 */
	struct reread_file file; /* that file, when it is read again */
	uint64_t size;
	int (*open_temp)(struct error *err); /* fs_unnamed_temp; NULL: stay in memory */
};

#define SOURCE_INIT ((struct source){.memory = STRBUF_INIT, .fd = -1, .input = -1, .file = REREAD_FILE_INIT})

void source_init(struct source *src, int (*open_temp)(struct error *err));
void source_release(struct source *src);
/* What will be appended is read from there to its end, and nothing is left out
 * but in front; borrowed until source_complete(). */
void source_input(struct source *src, int fd);
/* ERROR_IO when the file cannot be written, or what open_temp says.  After a
 * failure the source is fit for source_release() only. */
bool source_append(struct source *src, const void *data, size_t len, struct error *err) MUST_CHECK;
/* All was appended; before the first read.  ERROR_IO if it turns out that the input was read by somebody else too. */
bool source_complete(struct source *src, struct error *err) MUST_CHECK;
/* Octets from offset on, at most room: *got of them (perhaps fewer than room
 * before the end), 0 only at the end. */
bool source_read_at(const struct source *src, uint64_t offset, void *buf, size_t room, size_t *got,
		    struct error *err) MUST_CHECK;
/* Borrowed view when all is in memory; false when it is in a file. */
bool source_view(const struct source *src, struct span *all);

#endif
