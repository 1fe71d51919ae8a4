/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SINK_STORE_H
#define SINK_STORE_H

#include "sink_buf.h"

/*
 * Messages in a directory: NNNN.eml and NNNN.json, each complete from the
 * moment it has its name, .json last.  Small messages stay in memory until
 * they are accepted, large ones go to a hidden file.
 */
struct store {
	const char *dir; /* NULL: count only, store nothing */
	int fd;		 /* of the hidden file, -1: none yet */
	struct buf pending;
	bool failed; /* writing failed; commit will say so */
};

void store_init(struct store *s, const char *dir);
/* Add octets to the message; matches struct body's emit. */
void store_add(void *store, const void *data, size_t len);
/* Name the message and write its envelope.  False: it could not be stored; nothing is left. */
bool store_commit(struct store *s, unsigned number, const struct buf *json);
/* Forget the unfinished message. */
void store_drop(struct store *s);

#endif
