/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_item: what the queue knows about one message besides its content: sender, recipients and how far each has come,
 * account, the attempts so far, and when the next one is due.
 *
 * Times are seconds since 1970 by the wall clock; 0 is "never".  Strings are malloc'ed and owned; NULL is "none". There
 * is never a secret in an item: passwords and tokens are fetched again for each attempt.
 *
 *	AUTO(queue_item) item = QUEUE_ITEM_INIT;
 *	item.account = xstrdup("work");
 *	queue_item_set_envelope(&item, &env);
 */
#ifndef QUEUE_ITEM_H
#define QUEUE_ITEM_H

#include "base/error.h"
#include "base/strvec.h"
#include "address/envelope.h"
#include "message/info.h"

#include <stdint.h>

/*
 * QUEUED  is tried when it is due
 * HELD    waits for the user or for a change (see hold); due may name a time when it is tried nevertheless
 * FAILED  is not tried any more; it stays only because its report could not be sent
 */
enum queue_state { QUEUE_QUEUED, QUEUE_HELD, QUEUE_FAILED };
/*
 * Why it is HELD.
 * USER     the user asked for it
 * CONFIG   the configuration, a password or a server has to change first
 * DAMAGED  what is on disk is not what was accepted (spool.h); never tried, and removed only by the user
 */
enum queue_hold { HOLD_NONE, HOLD_USER, HOLD_CONFIG, HOLD_DAMAGED };
/* Whose configuration it was accepted under. */
enum queue_scope { SCOPE_USER, SCOPE_SYSTEM };

/*
 * OPEN       not accepted yet, to be tried
 * ACCEPTED   by the next server; never tried again
 * FAILED     for good; never tried again
 * UNCERTAIN  the last attempt ended between the end of the message and the server's reply: it may have been delivered;
 *            to be tried again like OPEN
 */
enum rcpt_state { RCPT_OPEN, RCPT_ACCEPTED, RCPT_FAILED, RCPT_UNCERTAIN };

/*
 * Which reports have been sent, which are being made (runner/notify.h), and for which events on_failure was run; bits
 * of a recipient, and of the item (REPORTED_FAILED and NOTIFIED_HELD only).
 */
enum queue_reported {
	REPORTED_FAILED = 1,
	REPORTED_DELAYED = 2,
	REPORTED_RELAYED = 4,
	REPORTING_FAILED = 8,
	REPORTING_DELAYED = 16,
	REPORTING_RELAYED = 32, /* each is its REPORTED_ bit shifted by REPORTING_SHIFT */
	NOTIFIED_FAILED = 64,
	NOTIFIED_DELAYED = 128,
	NOTIFIED_HELD = 256
};
#define REPORTING_SHIFT 3
#define REPORTING_ANY (REPORTING_FAILED | REPORTING_DELAYED | REPORTING_RELAYED)

struct queue_rcpt {
	struct recipient who;
	enum rcpt_state state;
	bool possible_duplicate; /* was UNCERTAIN once: a second copy is possible */
	struct status status;	 /* of the last attempt */
	int64_t last_attempt;
	unsigned reported;	  /* enum queue_reported bits */
	bool relayed_without_dsn; /* ACCEPTED by a server without DSN: we have to report success if that was asked for
				   */
};

/* One line of the history. */
struct history_line {
	int64_t when;
	struct status status; /* the failure that speaks for the message, or the reply that accepted it */
};
/* The history has at most this many lines: the first one and the latest. */
#define QUEUE_ATTEMPTS_MAX 40

struct queue_item {
	char *id;
	int64_t arrival;  /* when it was accepted */
	int64_t age_from; /* when its lifetime started: arrival, unless the clock was wrong (retry.h) */
	enum queue_state state;
	enum queue_hold hold;
	struct status reason; /* HELD, FAILED: why, for the user */
	char *fingerprint;    /* HOLD_CONFIG: of configuration and secret when it failed; opaque */
	int64_t not_before;   /* send later, undo_window: not even -q tries it earlier */
	int64_t due;	      /* next attempt; HELD with 0: none until it is released */
	unsigned attempts;    /* made so far */
	bool account_fault;   /* the last one found a fault of the account or its server, so others wait for it, too */
	/*
	 * Since when an attempt has been under way.  Set and stored (spool_mark()) before MAIL is sent; a process that
	 * claims an item and finds it set knows that the attempt died: queue_item_recover().
	 */
	int64_t in_flight;

	enum queue_scope scope;
	char *account;	   /* name; NULL: no file describes it, its settings are among the following */
	char *config_file; /* named with -C, absolute; NULL: the usual ones */
	bool msmtp;	   /* all configuration files are msmtprcs: the program was called msmtp */
	/* Settings given for this message on the command line and in the environment, as lines of a configuration file
	 * ("tls_starttls on", see config/account_line.h); never secrets. */
	struct strvec settings, environment;

	struct mail_options mail; /* params.by_seconds as they were at arrival */
	struct queue_rcpt *rcpts;
	size_t n, cap;

	char *archive;	  /* to be archived when it is accepted, with this text before it (Bcc fields); NULL: not */
	char *language;	  /* of the process that accepted it, for reports (language_name()); NULL: English */
	char *message_id; /* value of the field, fixed at acceptance, with brackets; NULL: it has none */
	char *date;	  /* value of the Date field; NULL: it has none */
	struct message_info info;
	uint64_t size; /* on the wire before dot-stuffing (wire_size) */

	struct history_line *history; /* oldest first */
	size_t n_history, cap_history;
	unsigned reports; /* enum queue_reported bits: sent about the message as a whole */
	char *report;	  /* ID of the latest report about it (it may be gone), or NULL */
	char *report_of;  /* this is a report: ID of the message it is about (which may be gone), or NULL */
	/* Checksum of the message's file, fixed when it was accepted; 0: the state in that file itself. */
	uint64_t message_sum;
	struct strvec extra; /* optional records of a later program, as they were read (item_file.h) */
};

#define QUEUE_ITEM_INIT ((struct queue_item){.id = NULL})

void queue_item_release(struct queue_item *item);
/* Copies sender, recipients (all OPEN) and parameters; what was there is freed. */
void queue_item_set_envelope(struct queue_item *item, const struct envelope *env);
/*
 * The envelope of the next attempt: recipients still to be tried, in their order, and the parameters.  The time of BY=
 * started at arrival: by_seconds is what is left at now (RFC 2852 section 4.1.4; with BY_RETURN at least 1: the caller
 * has to fail a message whose time is over).  HOLDFOR is dropped once its time has passed.  index (if not NULL, room
 * for item->n) gets the place of each recipient in item->rcpts.  env must be fresh; it gets copies, for the caller to
 * release.
 */
void queue_item_envelope(const struct queue_item *item, int64_t now, struct envelope *env, size_t *index);
/* OPEN or UNCERTAIN: still to be tried. */
static inline bool queue_rcpt_pending(const struct queue_rcpt *rcpt)
{
	return rcpt->state == RCPT_OPEN || rcpt->state == RCPT_UNCERTAIN;
}
/* How many recipients are still to be tried. */
size_t queue_item_pending(const struct queue_item *item);
/* Adds a line to the history and counts the attempt; the status is copied. */
void queue_item_attempt(struct queue_item *item, int64_t when, const struct status *status);
/* The same for something that was not an attempt: nothing is counted. */
void queue_item_note(struct queue_item *item, int64_t when, const struct status *status);
/* Gives recipients that are still to be tried a copy of this status, as of the time given. */
void queue_item_set_status(struct queue_item *item, int64_t when, const struct status *status);
/*
 * The failure that speaks for the message (status_leading()): why it is HELD, else of the recipients that are still to
 * be tried, else of those that failed, else of the history.  NULL: nothing has failed.
 */
const struct status *queue_item_leading(const struct queue_item *item);
/* When it is tried next, or 0: not until the user releases it, or never. */
int64_t queue_item_next_attempt(const struct queue_item *item);
/*
 * Marks recipients that are still to be tried as possibly delivered: they become UNCERTAIN with possible_duplicate and
 * that text, as of the time given.
 */
void queue_item_doubt(struct queue_item *item, int64_t when, const char *text);
/*
 * After an attempt that died (in_flight is set): recipients that were OPEN become UNCERTAIN with
 * possible_duplicate, the history says so, in_flight is cleared.  True if it did something: store it.
 */
bool queue_item_recover(struct queue_item *item);

/* The names of the values, in their order, and NULL: "queued", "held", "failed" ... */
extern const char *const queue_state_names[];
/* ... "none", "user", "fix", "damaged" ... */
extern const char *const queue_hold_names[];
/* ... "open", "accepted", "failed", "uncertain". */
extern const char *const rcpt_state_names[];
static inline const char *queue_state_name(enum queue_state state)
{
	return queue_state_names[state];
}
static inline const char *rcpt_state_name(enum rcpt_state state)
{
	return rcpt_state_names[state];
}

#endif
