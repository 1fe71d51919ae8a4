/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * batch_journal: what became of the messages of a Maildir, until their files say so.
 *
 * It is the file posthaste-batch in that folder, and exists while a batch is at work and as long as there is something
 * to remember.  A line each, of words with blanks and the like as %XX:
 *
 *	begin NAME             it was about to be sent or queued.  On disk before that; without one of the lines that
 *	                       follow it may have been delivered
 *	open NAME [ADDRESS...]  it was not sent to all its recipients, but to these (of all attempts)
 *	done NAME              it was sent, or is in the queue, for all
 *
 * The folder is locked as long as the journal is open.
 */
#ifndef SERVE_BATCH_JOURNAL_H
#define SERVE_BATCH_JOURNAL_H

#include "base/error.h"
#include "base/strvec.h"

enum batch_fate { BATCH_BEGUN, BATCH_OPEN, BATCH_DONE };

struct batch_record {
	char *name; /* of the message: that of its file without flags */
	enum batch_fate fate;
	struct strvec served; /* OPEN */
};

struct batch_journal {
	int folder; /* borrowed */
	const char *path;
	int fd;			/* to append; -1: there is no file */
	struct batch_record *v; /* what earlier runs left, by name */
	size_t n, cap;
};

/* Locks the folder and reads the file.  folder is the descriptor of path, both of which are borrowed.  ERROR_TIMEOUT:
 * another process has locked it. */
bool batch_journal_open(struct batch_journal *j, int folder, const char *path, struct error *err) MUST_CHECK;
void batch_journal_release(struct batch_journal *j);
/* What an earlier run left about the message; NULL: nothing. */
const struct batch_record *batch_journal_find(const struct batch_journal *j, const char *name);
/* False: the line is not on disk, so nothing must be sent. */
bool batch_journal_begin(struct batch_journal *j, const char *name, struct error *err) MUST_CHECK;
/* served may be NULL.  False: the line was not written, so the next run takes it for begun. */
bool batch_journal_end(struct batch_journal *j, const char *name, enum batch_fate fate, const struct strvec *served,
		       struct error *err) MUST_CHECK;
/* Reads the file again and leaves only what has to be remembered: what is not open for all, and wanted.  Removes the
 * file if that is nothing.  To be called when the files of the messages are as they should be, on disk as well. */
bool batch_journal_tidy(struct batch_journal *j, bool (*wanted)(void *arg, const struct batch_record *record),
			void *arg, struct error *err) MUST_CHECK;

#endif
