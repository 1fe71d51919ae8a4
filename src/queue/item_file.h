/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * envelope_file: a queue_item as octets, and back.
 *
 *	file   = "posthaste-queue 1" LF *record "end 0:" LF
 *	record = tag SP length ":" octets LF		; length: decimal, of octets
 *	tag    = ["+"] 1*(a-z / "_")
 *
 * A record's octets are text, a number, or records again (a recipient, an
 * attempt).  Reading is strict: cut off, out of range, a tag missing, twice
 * or unknown, octets behind the end: all are ERROR_IO, and the item is not
 * touched.  A later version number is ERROR_CONFIG, and the text says that a
 * newer program wrote it.  A tag with "+" is optional: a program of the same
 * version that does not know it keeps the record and writes it back (item.extra);
 * it stands at the top only.
 *
 * What is written is canonical: equal items give equal octets.
 */
#ifndef QUEUE_ITEM_FILE_H
#define QUEUE_ITEM_FILE_H

#include "queue/item.h"

#include "base/strbuf.h"

#define ENVELOPE_FILE_VERSION 1
/* More than so many octets are never written or read: half a million recipients fit. */
#define ENVELOPE_FILE_MAX (128u * 1024 * 1024)

/* Appends. */
void envelope_file_write(const struct queue_item *item, struct strbuf *out);
/* item must be fresh (QUEUE_ITEM_INIT). */
bool envelope_file_parse(struct span octets, struct queue_item *item, struct error *err) MUST_CHECK;

#endif
