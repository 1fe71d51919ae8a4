/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queued: what a queued message needs to be sent, made anew for each attempt
 * from the configuration as it is now: account and settings, envelope, octets.
 */
#ifndef RUNNER_ROUTE_H
#define RUNNER_ROUTE_H

#include "submit/submission.h"
#include "queue/spool.h"

/* The settings of an account as the message was submitted with; shared by all messages with the same. */
struct route {
	char *key;	   /* route_key() */
	char *config_file; /* of the items, or NULL */
	struct settings settings;
	struct submission p; /* the account; the rest only between route_load_message() and route_unload_message() */
	bool ready;	     /* the account can be used; else ... */
	struct error error;  /* ... why not */
	char *fingerprint;   /* of all files that decide, when they were read */
};

/* What messages that share settings have in common; malloc'ed. */
char *route_key(const struct queue_item *item);
/* Never NULL; reads the configuration, asks for no secret. */
struct route *route_new(const struct queue_item *item, const struct runtime *runtime);
void route_free(struct route *q);
DEFINE_AUTO_PTR(route);
/* The files that decide are no longer what they were: prepare anew. */
bool route_outdated(const struct route *q, const struct runtime *runtime);

/* Fills envelope and octets of q->p from the message; index has room for every recipient of the item and gets their
 * places. */
bool route_load_message(struct route *q, struct spool_entry *entry, int64_t now, size_t *index,
			struct error *err) MUST_CHECK;
void route_unload_message(struct route *q);

#endif
