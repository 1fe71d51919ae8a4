/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * item_file: a queue_item as a file's text, and back.
 *
 *	file   = "posthaste-queue " sum SP version LF *record "end 0:" LF
 *	sum    = checksum of everything after it, as 16 digits (base/checksum.h)
 *	record = tag SP length ":" bytes LF		; length: decimal, of bytes
 *	tag    = ["+"] 1*(a-z / "_")
 *
 * The bytes of a record are text, a number, a word of a list, or records again (a recipient, a line of
 * the history).  Reading is strict: a wrong checksum, a record that is cut off, out of range, missing, twice,
 * unknown or in another place, and an item that queue_item_check() refuses are ERROR_DAMAGED, and the item is
 * not touched.  A later version number is ERROR_CONFIG: a newer program wrote it.  A tag with "+" is optional: a
 * program of the same version that does not know it stores the record and writes it back (item.extra); it may occur
 * at the top level only.
 *
 * What is written is canonical: equal items give equal bytes.
 */
#ifndef QUEUE_ITEM_FILE_H
#define QUEUE_ITEM_FILE_H

#include "queue/item.h"

#include "base/strbuf.h"

#define ITEM_FILE_VERSION 1
/* Larger files are neither written nor read: half a million recipients fit. */
#define ITEM_FILE_MAX (128u * 1024 * 1024)

/* Appends. */
void item_file_write(const struct queue_item *item, struct strbuf *out);
/* item must be fresh (QUEUE_ITEM_INIT). */
bool item_file_parse(struct span file, struct queue_item *item, struct error *err) MUST_CHECK;

#endif
