/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queued: what a queued message needs to be sent, made anew for each attempt
 * from the configuration as it is now: account and settings, envelope, octets.
 */
#ifndef CLI_QUEUED_H
#define CLI_QUEUED_H

#include "cli/prepare.h"
#include "queue/spool.h"

/* The settings of an account as the message was submitted with; shared by all messages with the same. */
struct queued {
	char *key; /* queued_key() */
	struct args args;
	struct prepared p;  /* account and configuration; the rest only between queued_load() and queued_unload() */
	bool ready;	    /* p.account can be used; else ... */
	struct error error; /* ... why not */
	char *fingerprint;  /* of all files that decide, when they were read */
};

/* What messages that share settings have in common; malloc'ed. */
char *queued_key(const struct queue_item *item);
/* Never NULL; reads the configuration, asks for no secret. */
struct queued *queued_prepare(const struct queue_item *item, const struct surroundings *around);
void queued_free(struct queued *q);
DEFINE_AUTO_PTR(queued);
/* The files that decide are no longer what they were: prepare anew. */
bool queued_outdated(const struct queued *q);

/* Fills envelope and octets of q->p from the message; index has room for every recipient of the item and gets their
 * places. */
bool queued_load(struct queued *q, struct spool_entry *entry, int64_t now, size_t *index, struct error *err) MUST_CHECK;
void queued_unload(struct queued *q);

#endif
