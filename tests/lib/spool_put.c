/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spool_put: puts messages into the user's queue for a test, as an accepted
 * submission would, and prints their IDs.
 *
 *	spool_put --now 1763726400 --to a@example.org --code 451 --server "4.2.0 later" --attempt "mail.example.org:
 * RCPT TO: later"
 *
 * Words of others are taken as they are: hostile ones are what tests want.  With --claim it waits
 * until its standard input ends, and the message is being sent for so long.
 */
#include "base/xalloc.h"
#include "queue/spool.h"

#include "test_runtime.h"

#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

struct fixed_clock {
	struct clock clock; /* first */
	int64_t now;
};

static int64_t fixed_ms(const struct clock *clock)
{
	return ((const struct fixed_clock *)clock)->now * 1000;
}

struct wish {
	struct queue_item item;
	struct strbuf header;
	struct source body;
	long count;
	const char *id; /* or NULL */
	bool claim, fail;
};

enum {
	NOW = 1,
	FROM,
	TO,
	ACCEPTED,
	REFUSED,
	UNCERTAIN,
	TEXT,
	SERVER,
	CODE,
	ENHANCED,
	HOST,
	ACCOUNT,
	SETTING,
	HELD,
	FIX,
	FAILED,
	DUE,
	NOT_BEFORE,
	ARRIVAL,
	ATTEMPT,
	IN_FLIGHT,
	SIZE,
	HEADER,
	BODY,
	COUNT,
	CLAIM,
	ID,
	HELP
};
static const struct option options[] = {
	{"now", 1, NULL, NOW},		     /* the time it is accepted; first of all */
	{"from", 1, NULL, FROM},	     /* sender */
	{"to", 1, NULL, TO},		     /* a recipient; what follows is about this one */
	{"accepted", 0, NULL, ACCEPTED},     /* it has its mail */
	{"refused", 0, NULL, REFUSED},	     /* it was refused for good */
	{"uncertain", 0, NULL, UNCERTAIN},   /* it may have it */
	{"text", 1, NULL, TEXT},	     /* our words about it */
	{"server", 1, NULL, SERVER},	     /* the server's */
	{"code", 1, NULL, CODE},	     /* its code */
	{"enhanced", 1, NULL, ENHANCED},     /* "5.1.1" */
	{"host", 1, NULL, HOST},	     /* the server's name */
	{"account", 1, NULL, ACCOUNT},	     /* the account's name */
	{"setting", 1, NULL, SETTING},	     /* a line of configuration */
	{"held", 0, NULL, HELD},	     /* by the user */
	{"fix", 1, NULL, FIX},		     /* held to be fixed: why */
	{"failed", 0, NULL, FAILED},	     /* over, in failed/ */
	{"due", 1, NULL, DUE},		     /* the next attempt */
	{"not-before", 1, NULL, NOT_BEFORE}, /* send later */
	{"arrival", 1, NULL, ARRIVAL},
	{"attempt", 1, NULL, ATTEMPT},	   /* a failed attempt at --now: what happened */
	{"in-flight", 1, NULL, IN_FLIGHT}, /* an attempt began then and died */
	{"size", 1, NULL, SIZE},	   /* as it is shown */
	{"header", 1, NULL, HEADER},	   /* all of it */
	{"body", 1, NULL, BODY},
	{"count", 1, NULL, COUNT}, /* so many of the same */
	{"claim", 0, NULL, CLAIM}, /* and keep it claimed */
	{"id", 1, NULL, ID},	   /* instead of a new one */
	{"help", 0, NULL, HELP},
	{NULL, 0, NULL, 0},
};

static int usage(void)
{
	(void)fprintf(stderr, "usage: spool_put OPTION...; the options:");
	for (const struct option *o = options; o->name; o++)
		(void)fprintf(stderr, " --%s%s", o->name, o->has_arg ? "=VALUE" : "");
	(void)fprintf(stderr, "\n");
	return 64;
}

static void add_rcpt(struct queue_item *item, const char *address)
{
	if (item->n == item->cap) {
		item->cap = item->cap * 2 + 4;
		item->rcpts = xreallocarray(item->rcpts, item->cap, sizeof(*item->rcpts));
	}
	item->rcpts[item->n++] = (struct queue_rcpt){.who = {.address = {.given = xstrdup(address)}}};
}

static void set(char **to, const char *text)
{
	free(*to);
	*to = xstrdup(text);
}

/* About the recipient named last. */
static bool take_rcpt(struct queue_rcpt *rcpt, int option, const char *value)
{
	switch (option) {
	case ACCEPTED: rcpt->state = RCPT_ACCEPTED; return true;
	case REFUSED:
		rcpt->state = RCPT_FAILED;
		rcpt->status.kind = ERROR_RECIPIENT_REFUSED;
		return true;
	case UNCERTAIN:
		rcpt->state = RCPT_UNCERTAIN;
		rcpt->possible_duplicate = true;
		return true;
	case TEXT: set(&rcpt->status.text, value); return true;
	case SERVER: server_words_set(&rcpt->status.server, span_of(value)); return true;
	case HOST: set(&rcpt->status.host, value); return true;
	case CODE:
		rcpt->status.code = atoi(value);
		rcpt->status.kind = rcpt->status.kind ? rcpt->status.kind : ERROR_SERVER_TEMPORARY;
		return true;
	case ENHANCED: (void)snprintf(rcpt->status.enhanced, sizeof(rcpt->status.enhanced), "%s", value); return true;
	default: return false;
	}
}

static bool take_time(struct queue_item *item, int option, int64_t value)
{
	switch (option) {
	case DUE: item->due = value; return true;
	case NOT_BEFORE: item->not_before = value; return true;
	case ARRIVAL:
		item->arrival = value;
		item->age_from = value;
		return true;
	case IN_FLIGHT: item->in_flight = value; return true;
	case SIZE: item->size = (uint64_t)value; return true;
	default: return false;
	}
}

static bool take(struct wish *w, struct fixed_clock *clock, int option, const char *value)
{
	struct queue_item *item = &w->item;
	if (item->n && take_rcpt(&item->rcpts[item->n - 1], option, value))
		return true;
	if (value && take_time(item, option, atoll(value)))
		return true;
	switch (option) {
	case NOW: clock->now = atoll(value); break;
	case FROM: set(&item->mail.sender.given, value); break;
	case TO: add_rcpt(item, value); break;
	case ACCOUNT: set(&item->account, value); break;
	case SETTING: strvec_push(&item->settings, value); break;
	case HELD:
		item->state = QUEUE_HELD;
		item->hold = HOLD_USER;
		break;
	case FIX:
		item->state = QUEUE_HELD;
		item->hold = HOLD_CONFIG;
		set(&item->reason.text, value);
		item->reason.kind = ERROR_AUTH_REFUSED;
		break;
	case FAILED: w->fail = true; break;
	case ATTEMPT:
		queue_item_attempt(item, clock->now,
				   &(struct status){.kind = ERROR_SERVER_TEMPORARY,
						    .code = 451,
						    .text = (char *)(uintptr_t)value});
		break;
	case HEADER:
		strbuf_reset(&w->header);
		strbuf_adds(&w->header, value);
		break;
	case BODY:
		source_release(&w->body);
		source_init(&w->body, NULL);
		return source_append(&w->body, value, strlen(value), NULL);
	case COUNT: w->count = atol(value); break;
	case CLAIM: w->claim = true; break;
	case ID: w->id = value; break;
	default: return false;
	}
	return true;
}

static bool put(struct spool *spool, struct wish *w, struct error *err)
{
	AUTO_PTR(spool_entry) entry = NULL;
	char octet;
	if (!spool_enqueue(spool, &w->item, strbuf_span(&w->header), &w->body, &entry, err))
		return false;
	if (w->fail && !spool_fail(entry, err))
		return false;
	(void)printf("%s\n", w->item.id);
	if (w->claim) {
		(void)fflush(stdout);
		(void)!read(STDIN_FILENO, &octet, 1); /* its end is the end of the claim */
	}
	return true;
}

int main(int argc, char **argv)
{
	struct fixed_clock clock = {{.wall_ms = fixed_ms}, 1763726400};
	struct runtime runtime = test_runtime();
	struct wish w = {.item = QUEUE_ITEM_INIT, .header = STRBUF_INIT, .body = SOURCE_INIT, .count = 1};
	AUTO(error) err = ERROR_INIT;
	bool ok = true;
	runtime.clock = &clock.clock;
	strbuf_adds(&w.header, "From: me@example.org\r\nMessage-ID: <one@example.org>\r\nSubject: a test\r\n\r\n");
	source_init(&w.body, NULL);
	set(&w.item.mail.sender.given, "me@example.org");
	set(&w.item.message_id, "<one@example.org>");
	w.item.size = 326;
	for (int option; ok && (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
		ok = take(&w, &clock, option, optarg);
	if (!ok || optind < argc)
		return usage();
	if (!w.item.n)
		add_rcpt(&w.item, "friend@example.org");
	if (!w.body.size)
		ok = source_append(&w.body, "Good morning.\n", 14, &err);

	AUTO_FREE char *folder = spool_user_folder(&runtime, &err);
	AUTO_PTR(spool) spool = ok && folder ? spool_open(folder, &runtime, &err) : NULL;
	ok = spool && source_complete(&w.body, &err);
	for (long i = 0; ok && i < w.count; i++) {
		free(w.item.id); /* each has its own */
		w.item.id = xstrdup_null(w.id);
		ok = put(spool, &w, &err);
	}
	if (!ok)
		(void)fprintf(stderr, "spool_put: %s\n", err.status.text ? err.status.text : "failed");
	queue_item_release(&w.item);
	strbuf_release(&w.header);
	source_release(&w.body);
	return ok ? 0 : error_kind_exit_status(err.status.kind);
}
