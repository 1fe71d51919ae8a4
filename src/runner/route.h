/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * route: how messages with the same settings are sent, and what is known about sending them.
 *
 * There is one for each combination of account, file and settings (queue_item_route()), for as long as the process
 * works on the queue.  It is looked up once for each item and passed by pointer.  Its settings are those of the
 * configuration as it is now: they are read again when a file has changed.
 */
#ifndef RUNNER_ROUTE_H
#define RUNNER_ROUTE_H

#include "submit/settings.h"
#include "submit/submission.h"
#include "queue/spool.h"
#include "runner/retry_policy.h"

struct route {
	char *key;	   /* queue_item_route() of its messages */
	char *config_file; /* named for them with -C, or NULL */

	/* ---- from the configuration: route_read() ---- */
	bool is_read;
	struct settings settings;
	struct error broken;	 /* why the configuration cannot be used, so nothing is sent; ERROR_NONE: it can */
	char *fingerprint;	 /* of all files that decide, when they were read; NULL: unknown */
	char *server;		 /* its name and port; NULL: unknown */
	uint64_t secret;	 /* checksum of the password when route_look() was called last; 0: none */
	unsigned secret_changes; /* how often it was another one than before */
	int64_t looked_ms;	 /* when that was; 0: never */
	struct account_retry_policy policy;
	unsigned max_messages; /* over one connection; 0: any number */
	unsigned sessions;     /* connections at once */
	unsigned pipeline;     /* messages under way at once over one connection */
	int64_t min_interval;  /* milliseconds from the start of one attempt to that of the next */

	struct submission p; /* without a message; its account is that of the settings */

	/* ---- from the attempts: runner/schedule ---- */
	struct retry_account backoff;
	char finder[SPOOL_ID_LEN + 1]; /* the message whose attempt found that out */
	bool waits;		       /* it still waits for that in this round */
	int64_t limited_until;	       /* what is new in this round waits, because of a rate limit found before */
	int64_t next_ms;	       /* no attempt before that time, because of min_interval */
	bool holds;		       /* a message of this round is held until something changes */
	bool proven;		       /* the server has answered to MAIL in this round */
	bool crowded;		       /* it wants fewer connections, so there is one from now on */
	bool answered;		       /* the server has, in a run of chosen messages */
	bool asked;		       /* a message of this round is due */
	size_t next;		       /* in this round's list: no message of it waits for its turn before that place */
	bool closed;		       /* it takes nothing more in this round ... */
	bool failed;		       /* ... because an attempt has shown that the others have to wait, too */
};

/* Never NULL; reads the configuration, asks for no secret. */
struct route *route_new(const struct queue_item *item, const struct runtime *runtime);
void route_free(struct route *route);
DEFINE_AUTO_PTR(route);
/* Reads the configuration again, for one of its messages.  If that leads to another server, what was known from
 * attempts is forgotten. */
void route_read(struct route *route, const struct queue_item *item, const struct runtime *runtime);
/* True if the files that decide have changed since they were read. */
bool route_outdated(const struct route *route, const struct runtime *runtime);
/* Appends the paths of the files that decide, whether they exist or not. */
void route_files(const struct route *route, const struct runtime *runtime, struct strvec *paths);
/*
 * Asks the account's secret sources, without a prompt, for what no file shows: a password in the keyring, or from a
 * command.  If it is another one than the last time, the route is outdated.
 */
void route_look(struct route *route, const struct runtime *runtime);
/* Forgets what is known from attempts. */
void route_forget_attempts(struct route *route);

/* Fills p, which is new (submission_init()), with the route's account, and with envelope, header and body of the
 * message; index has room for every recipient of the item and gets the place there of each in the envelope.
 * ERROR_DAMAGED as spool_read_message(). */
bool route_load_message(const struct route *route, struct spool_entry *entry, int64_t now, struct submission *p,
			size_t *index, struct error *err) MUST_CHECK;

#endif
