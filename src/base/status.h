/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * status: what is known about one thing that failed or was accepted: a delivery, a recipient, an attempt.
 *
 * The same facts are shown to the user, written as JSON, stored in the queue, logged and put into reports.  They are
 * kept in one struct, so each of these places has all of them, and one function each formats, encodes, copies and
 * redacts them.
 *
 *	AUTO(status) s = STATUS_INIT;
 *	xreplace(&s.stage, "MAIL FROM:<me@example.org>");
 *	status_set_reply(&s, 451, "4.7.1", words);
 *	status_format(&s, &out);	// "MAIL FROM:<me@example.org>: 451 4.7.1 later"
 *
 * kind      what it is (base/error_kind.h); ERROR_NONE: nothing failed.
 * code      three digits of the SMTP reply that decided, or 0.
 * enhanced  "5.7.8" (RFC 3463), or "".
 * text      what happened, a translated clause without a final full stop; NULL when nothing failed.
 * stage     what we were doing, and to whom ("RCPT TO:<x@example.org>"), or NULL.
 * hint      what to do next, a whole translated sentence, or NULL.
 * host      the server that said so or could not be reached, or NULL.
 * server    the server's own words, or empty.
 *
 * All strings are malloc'ed and owned.  Never put a secret into a status; what a server repeated of one is removed with
 * status_redact().
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include "base/error_kind.h"
#include "base/json.h"
#include "base/strbuf.h"

#define ENHANCED_MAX 16

/*
 * What a server said, on one line and with its own line ends ('\n').  Only server_words_set() makes it, from raw
 * octets, and it removes control characters, so these texts may be shown and logged as they are.
 */
struct server_words {
	char *line;  /* or NULL: it said nothing */
	char *lines; /* NULL where line is */
};

void server_words_set(struct server_words *words, struct span raw);
void server_words_release(struct server_words *words);

struct status {
	enum error_kind kind;
	int code;
	char enhanced[ENHANCED_MAX];
	char *text, *stage, *hint, *host;
	struct server_words server;
	bool hint_again; /* the hint is to submit the message once more */
};

#define STATUS_INIT ((struct status){.kind = ERROR_NONE})

/* Makes it STATUS_INIT again. */
void status_release(struct status *s);
/* What to held is freed; to may be from. */
void status_copy(struct status *to, const struct status *from);
/* What to held is freed; from is STATUS_INIT afterwards. */
void status_move(struct status *to, struct status *from);

/* Removes the hint to submit the message once more: for what the queue tries again. */
void status_drop_hint_again(struct status *s);

/* Code, enhanced code ("" or NULL: none) and words of a reply; the rest stays as it is. */
void status_set_reply(struct status *s, int code, const char *enhanced, struct span words);

/* Appends "STAGE: TEXT: CODE WORDS" on one line; what is absent is left out.  Something failed and nobody said what:
 * "failed". */
void status_format(const struct status *s, struct strbuf *out);
/* The same without the stage. */
void status_format_words(const struct status *s, struct strbuf *out);
/* Appends "CODE WORDS", as the server said it.  Returns false, and appends nothing, if it said nothing. */
bool status_format_reply(const struct status *s, struct strbuf *out);
/* The hint, else the cure of the kind.  Without a hint, what will be tried again has none: NULL, as for what did not
 * fail. */
const char *status_hint(const struct status *s);
/* Adds the keys code, enhanced, error, text, server, hint, host and stage to the object that is open; null where
 * absent. */
void status_json(const struct status *s, struct json *j);

/*
 * Which of two failures speaks for a message that failed in several ways: where one line or one exit status has to
 * stand for all.  What decides about the next attempt goes first, so the reason shown for waiting is the one it waits
 * for:
 *
 *	1  a rate limit (421, 4.7.x), which puts the next attempt off longest
 *	2  it may have been delivered
 *	3  whatever else may succeed later as it is
 *	4  what needs a change of configuration or secret
 *	5  what will never succeed
 *
 * Between equals the one with the larger code leads, and further differences decide in a fixed way, so the result does
 * not depend on the order in which failures are compared.  NULL and ERROR_NONE lose to every failure.  Returns a or b;
 * NULL if neither failed.
 */
const struct status *status_leading(const struct status *a, const struct status *b);
/* True if a stands in an earlier line of that list than b, which may be NULL like a. */
bool status_outranks(const struct status *a, const struct status *b);
/* The server wants us to come less often. */
bool status_is_rate_limit(const struct status *s);
/* ... or over fewer connections at once: "421 4.7.0", "432 4.3.2", "454 Throttling failure". */
bool status_wants_fewer_sessions(const struct status *s);

/* Lets redact() change each text in place; it may only make texts shorter. */
void status_redact(struct status *s, void (*redact)(const void *arg, char *text), const void *arg);

#endif
