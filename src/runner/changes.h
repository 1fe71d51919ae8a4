/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * changes: tells that something has changed in a queue, or in a file besides.
 *
 * inotify(7) tells it at once.  Where there is none, the folders and files are looked at each CHANGES_LOOK_MS.
 */
#ifndef RUNNER_CHANGES_H
#define RUNNER_CHANGES_H

#include "base/strbuf.h"
#include "base/strvec.h"

#define CHANGES_LOOK_MS 1000

struct changes {
	int folders; /* readable: the queue may have changed; -1: there is no inotify */
	int files;   /* readable: changes_in_files() is to be asked; -1: none are watched, or there is no inotify */
	struct strvec names; /* "WD NAME": which files, by watch and name; without inotify the paths */
	struct strbuf state; /* without inotify: what the paths were like */
};

/*
 * folder: the queue's.  Watched are messages that come or go, claims that end (the file is closed, also by a process
 * that died), and states that change; without inotify the end of a claim is not seen.
 */
void changes_open(struct changes *c, const char *folder);
void changes_close(struct changes *c);
/* An absolute path; it need not exist.  It changes when it is replaced, has been written, or appears. */
void changes_watch(struct changes *c, const char *path);
/* True if a file that is watched has changed.  Never waits. */
bool changes_in_files(struct changes *c);
/* Forgets what has changed in the queue, before it is read, so that no change in between is missed. */
void changes_forget(struct changes *c);
/* How long to wait before changes_seen() is to be asked, which tells of both; -1: the descriptors tell. */
int changes_look_ms(const struct changes *c);
bool changes_seen(struct changes *c);

#endif
