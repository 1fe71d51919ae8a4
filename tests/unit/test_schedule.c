/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spool_help.h"

#include "runner/attempt.h"

#define T0 INT64_C(1795262400)
#define DAY (24 * 3600)
#define ME "me@example.org"

/* ---- a world: a clock, a disk that does not wait, servers that do as asked ------------------------- */

/* What a server says to the next attempt; the last one repeats. */
enum answer {
	TAKE,
	LATER_MESSAGE,
	LATER_ACCOUNT,
	DIE_EARLY, /* before MAIL */
	BUSY_421,
	AUTH_REFUSED,
	REFUSE,
	REFUSE_FIRST,
	DIE,
	UNSURE,
	EACH_ITS_OWN,
	RETURN, /* the session ends, and nobody has it; the next attempt is taken */
	ANSWERS
};

/* An attempt that has not ended. */
struct under_way {
	struct route *route;
	struct spool_entry *entry;
	struct attempt_result *result;
	void (*done)(void *arg);
	void *arg;
};

struct words {
	enum error_kind kind; /* ERROR_NONE: accepted */
	int code;
	const char *enhanced;
	bool in_transaction;
};

struct world {
	struct schedule_ops ops; /* first */
	struct spool_ops disk;	 /* of the spool ... */
	struct clock clock;	 /* ... and its clock */
	char *folder;
	struct spool *spool;
	int64_t now_ms;
	const char *fingerprint;
	bool broken;
	struct error why;
	struct route routes[3];
	enum answer answers[3]; /* of each route */
	enum answer to[16];	/* a message with this number; TAKE: as its route */
	struct under_way under_way[16];
	size_t n_under_way, most_under_way;
	struct words own[2]; /* to the two recipients, if the answer is EACH_ITS_OWN */
	struct strbuf log;   /* "a1 " attempt along a of message 1, "| " hang up, "t1 " told, "~1 " died, "!1 " said */
	struct strvec ids;   /* in order of arrival */
	unsigned accepted[256];	      /* how often each message was */
	unsigned attempts, end_after; /* stop: 0 never */
	unsigned waits, watched;
	bool cannot_tell, stop_wait;
	bool (*while_held)(
		struct world *w); /* in a wait while something is held; NULL, or false: the runner is ended */
	void (*meanwhile)(struct world *w, const char *id); /* within an attempt; or NULL */
};

static struct world *of(const struct schedule_ops *ops)
{
	return (struct world *)(uintptr_t)ops;
}

static int64_t world_wall_ms(const struct clock *clock)
{
	const struct world *w = (struct world *)(void *)((char *)(uintptr_t)clock - offsetof(struct world, clock));
	return w->now_ms;
}

static int no_sync(const struct spool_ops *ops, int fd)
{
	(void)ops;
	(void)fd;
	return 0;
}

static size_t number_of(const struct world *w, const char *id)
{
	for (size_t i = 0; i < w->ids.n; i++)
		if (strcmp(w->ids.v[i], id) == 0)
			return i + 1;
	return 0;
}

static int64_t op_now(const struct schedule_ops *ops)
{
	return of(ops)->now_ms;
}

static void op_refresh(const struct schedule_ops *ops)
{
	struct world *w = of(ops);
	for (size_t i = 0; i < ARRAY_SIZE(w->routes); i++) {
		w->routes[i].fingerprint = (char *)(uintptr_t)w->fingerprint;
		w->routes[i].broken = w->broken ? w->why : ERROR_INIT;
	}
}

/* The account's name is the key: "a", "b", "c". */
static struct route *op_route(const struct schedule_ops *ops, const struct queue_item *item)
{
	return &of(ops)->routes[item->account ? item->account[0] - 'a' : 0];
}

static const struct words all_words[ANSWERS] = {
	[LATER_MESSAGE] = {ERROR_SERVER_TEMPORARY, 451, "4.3.0", true},
	[DIE_EARLY] = {ERROR_CONNECT, 0, "", false},
	[LATER_ACCOUNT] = {ERROR_CONNECT, 0, "", false},
	[BUSY_421] = {ERROR_SERVER_TEMPORARY, 421, "4.7.0", true},
	[AUTH_REFUSED] = {ERROR_AUTH_REFUSED, 535, "5.7.8", false},
	[REFUSE] = {ERROR_MESSAGE_REFUSED, 554, "5.6.0", true},
	[REFUSE_FIRST] = {ERROR_RECIPIENT_REFUSED, 550, "5.1.1", true},
	[UNSURE] = {ERROR_UNCERTAIN, 0, "", true},
	[EACH_ITS_OWN] = {ERROR_SERVER_TEMPORARY, 0, "", true},
};

static enum answer answer_to(const struct world *w, const struct route *route, size_t number)
{
	enum answer own = number < ARRAY_SIZE(w->to) ? w->to[number] : TAKE;
	return own != TAKE ? own : w->answers[route - w->routes];
}

/* False: it could not be marked. */
static bool go_out(struct world *w, struct route *route, struct spool_entry *entry, struct attempt_result *result)
{
	AUTO(error) unmarked = ERROR_INIT;
	size_t number = number_of(w, spool_entry_item(entry)->id);
	const struct words *words = &all_words[answer_to(w, route, number)];
	bool mails = words->kind == ERROR_NONE || words->in_transaction;
	result->unmarked = mails && !attempt_mark(entry, w->now_ms / 1000, &unmarked);
	if (result->unmarked) {
		status_copy(&result->status, &unmarked.status);
		return false;
	}
	strbuf_addf(&w->log, "%s%zu ", route->key, number);
	w->attempts++;
	return true;
}

static void answer_now(struct world *w, struct route *route, struct spool_entry *entry, struct attempt_result *verdict)
{
	struct queue_item *item = spool_entry_item(entry);
	size_t number = number_of(w, item->id);
	enum answer answer = answer_to(w, route, number);
	const struct words *words = &all_words[answer];
	AUTO(queue_item) seen = QUEUE_ITEM_INIT;
	bool mails = words->kind == ERROR_NONE || words->in_transaction;
	assert_int_equal(spool_read(w->spool, item->id, &seen, NULL, NULL), 1);
	assert_int_equal(seen.in_flight != 0, mails); /* on disk before MAIL goes out, and not earlier */
	if (answer == RETURN) {
		w->to[number] = TAKE;
		verdict->returned = true;
		return;
	}
	if (answer == DIE_EARLY)
		_exit(7);
	if (w->meanwhile)
		w->meanwhile(w, item->id);
	if (answer == DIE)
		_exit(7);
	bool first = true;
	for (size_t i = 0; i < item->n; i++) {
		struct queue_rcpt *rcpt = &item->rcpts[i];
		if (rcpt->state != RCPT_OPEN && rcpt->state != RCPT_UNCERTAIN)
			continue;
		const struct words *own = answer == EACH_ITS_OWN ? &w->own[i] : words;
		bool taken = own->kind == ERROR_NONE || (answer == REFUSE_FIRST && !first);
		first = false;
		rcpt->state = taken ? RCPT_ACCEPTED : answer == UNSURE ? RCPT_UNCERTAIN : RCPT_OPEN;
		rcpt->status.kind = taken ? ERROR_NONE : own->kind;
		rcpt->status.code = taken ? 250 : own->code;
		(void)snprintf(rcpt->status.enhanced, ENHANCED_MAX, "%s", taken ? "" : own->enhanced);
	}
	if (answer == TAKE && number)
		w->accepted[number - 1]++;
	verdict->status.kind = words->kind;
	verdict->status.code = words->code;
	verdict->in_transaction = answer == TAKE || words->in_transaction;
}

static void op_attempt(const struct schedule_ops *ops, struct route *route, struct spool_entry *entry,
		       struct attempt_result *result, void (*done)(void *arg), void *arg)
{
	struct world *w = of(ops);
	bool goes = go_out(w, route, entry, result);
	if (goes && route->pipeline > 1) {
		w->under_way[w->n_under_way++] = (struct under_way){route, entry, result, done, arg};
		if (w->n_under_way > w->most_under_way)
			w->most_under_way = w->n_under_way;
		return;
	}
	if (goes)
		answer_now(w, route, entry, result);
	done(arg);
}

/* True: the session goes on. */
static bool end_oldest(struct world *w)
{
	struct under_way oldest = w->under_way[0];
	size_t number = number_of(w, spool_entry_item(oldest.entry)->id);
	enum answer answer = answer_to(w, oldest.route, number);
	for (size_t i = 0; i < w->n_under_way; i++)
		assert_true(spool_is_claimed(w->spool, spool_entry_item(w->under_way[i].entry)->id));
	memmove(w->under_way, w->under_way + 1, --w->n_under_way * sizeof(*w->under_way));
	answer_now(w, oldest.route, oldest.entry, oldest.result);
	strbuf_addf(&w->log, "%s%zu ", oldest.result->returned ? "<" : ".", number);
	oldest.done(oldest.arg);
	return answer != UNSURE && answer != BUSY_421 && answer != RETURN;
}

static void op_make_room(const struct schedule_ops *ops)
{
	struct world *w = of(ops);
	bool goes_on = true;
	while (w->n_under_way && (!goes_on || w->n_under_way >= w->under_way[0].route->pipeline))
		goes_on &= end_oldest(w);
}

static void op_settle(const struct schedule_ops *ops)
{
	while (of(ops)->n_under_way)
		(void)end_oldest(of(ops));
}

static void op_hang_up(const struct schedule_ops *ops)
{
	assert_int_equal(of(ops)->n_under_way, 0);
	strbuf_adds(&of(ops)->log, "| ");
}

static void op_died(const struct schedule_ops *ops, struct route *route, struct spool_entry *entry)
{
	(void)route;
	strbuf_addf(&of(ops)->log, "~%zu ", number_of(of(ops), spool_entry_item(entry)->id));
}

/* A message with this bit owes a report. */
static bool op_owes(const struct schedule_ops *ops, const struct queue_item *item)
{
	(void)ops;
	return item->rcpts[0].reported & REPORTING_FAILED;
}

static bool op_notify(const struct schedule_ops *ops, struct route *route, struct spool_entry *entry, struct error *err)
{
	struct world *w = of(ops);
	(void)route;
	if (w->cannot_tell)
		return error_set(err, ERROR_IO, "no report");
	if (queue_item_pending(spool_entry_item(entry)) && op_owes(ops, spool_entry_item(entry))) {
		strbuf_addf(&w->log, "r%zu ", number_of(w, spool_entry_item(entry)->id));
		spool_entry_item(entry)->rcpts[0].reported = REPORTED_FAILED;
		return spool_update(entry, err);
	}
	if (!queue_item_pending(spool_entry_item(entry)))
		strbuf_addf(&w->log, "t%zu ", number_of(w, spool_entry_item(entry)->id));
	return true;
}

static bool op_end(const struct schedule_ops *ops, struct spool_entry *entry, struct error *err)
{
	(void)ops;
	return spool_finish(entry, err);
}

static bool op_wait(const struct schedule_ops *ops, int64_t until_ms, bool wakes)
{
	struct world *w = of(ops);
	(void)wakes;
	w->waits++;
	assert_true(until_ms > w->now_ms);
	bool held = w->watched != 0;
	w->watched = 0;
	if (held)
		assert_true(until_ms <= w->now_ms + SCHEDULE_LOOK * 1000);
	if (held && !(w->while_held && w->while_held(w)))
		return false;
	assert_true(until_ms < (T0 + 1000 * (int64_t)DAY) * 1000);
	w->now_ms = until_ms;
	return !w->stop_wait;
}

static bool op_stopped(const struct schedule_ops *ops)
{
	const struct world *w = of(ops);
	return w->end_after && w->attempts >= w->end_after;
}

static bool op_watch(const struct schedule_ops *ops, struct route *route)
{
	struct world *w = of(ops);
	assert_true(route->holds);
	w->watched++;
	return true;
}

static void op_say(const struct schedule_ops *ops, const char *id, const struct error *err)
{
	assert_int_not_equal(err->status.kind, ERROR_NONE);
	strbuf_addf(&of(ops)->log, "!%zu ", id ? number_of(of(ops), id) : 0);
}

static int make_world(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	static char keys[][2] = {"a", "b", "c"};
	w->ops = (struct schedule_ops){.now_ms = op_now,
				       .refresh = op_refresh,
				       .route = op_route,
				       .attempt = op_attempt,
				       .make_room = op_make_room,
				       .settle = op_settle,
				       .hang_up = op_hang_up,
				       .died = op_died,
				       .notify = op_notify,
				       .owes = op_owes,
				       .end = op_end,
				       .wait = op_wait,
				       .stopped = op_stopped,
				       .watch = op_watch,
				       .say = op_say};
	w->disk = spool_ops_system;
	w->clock.wall_ms = world_wall_ms;
	w->disk.fsync = no_sync;
	w->folder = make_folder();
	w->now_ms = T0 * 1000;
	w->fingerprint = "as it was";
	w->log = STRBUF_INIT;
	w->why = (struct error){.status.kind = ERROR_CONFIG, .status.text = xstrdup("no such account")};
	AUTO_FREE char *path = xasprintf("%s/queue", w->folder);
	w->spool = spool_open(
		path, &(struct runtime){.clock = &w->clock, .rng = &descending_rng, .spool_ops = &w->disk}, NULL);
	assert_non_null(w->spool);
	for (size_t i = 0; i < ARRAY_SIZE(w->routes); i++) {
		w->routes[i] = (struct route){.key = keys[i], .policy = {.retry = retry_policy_default}};
		w->routes[i].policy.retry.jitter_percent = 0;
	}
	*state = w;
	return 0;
}

static int end_world(void **state)
{
	struct world *w = *state;
	spool_free(w->spool);
	remove_folder(w->folder);
	strbuf_release(&w->log);
	strvec_release(&w->ids);
	error_release(&w->why);
	for (size_t i = 0; i < ARRAY_SIZE(w->routes); i++)
		route_forget_attempts(&w->routes[i]);
	free(w);
	return 0;
}

/* One message for two recipients; change makes it special. */
static void put(struct world *w, const char *account, void (*change)(struct queue_item *item, int64_t now))
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(source) body = SOURCE_INIT;
	small_item(&item, 0);
	item.account = xstrdup(account);
	if (change)
		change(&item, w->now_ms / 1000);
	fill_body(&body);
	assert_true(spool_enqueue(w->spool, &item, SPAN_LIT(HEADER), &body, NULL, NULL));
	strvec_push(&w->ids, item.id);
	w->now_ms++;
}

/* Letters are accounts: "aab" are three messages. */
static void put_all(struct world *w, const char *accounts)
{
	for (; *accounts; accounts++)
		put(w, (char[]){*accounts, '\0'}, NULL);
}

static size_t count_in(struct world *w, enum spool_folder folder)
{
	AUTO(strvec) ids = STRVEC_INIT;
	assert_true(spool_list(w->spool, folder, &ids, NULL));
	return ids.n;
}

static void look(struct world *w, size_t number, struct queue_item *item)
{
	assert_int_equal(spool_read(w->spool, w->ids.v[number - 1], item, NULL, NULL), 1);
}

/* Routes of another process, which knows nothing yet of attempts; they are put back at the end. */
struct other_process {
	struct world *w;
	struct route routes[ARRAY_SIZE(((struct world *)0)->routes)];
};

static struct other_process begin_process(struct world *w)
{
	struct other_process p = {.w = w};
	memcpy(p.routes, w->routes, sizeof(p.routes));
	for (size_t i = 0; i < ARRAY_SIZE(w->routes); i++)
		w->routes[i].backoff = (struct retry_account){.failures = 0};
	return p;
}

static void end_process(const struct other_process *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(p->routes); i++)
		route_forget_attempts(&p->w->routes[i]);
	memcpy(p->w->routes, p->routes, sizeof(p->routes));
}

static struct schedule_tally run_all(struct world *w, enum schedule_what what)
{
	struct other_process process = begin_process(w);
	struct schedule *run = schedule_new(w->spool, &w->ops, &counting_rng);
	assert_true(schedule_once(run, &(struct schedule_filter){.what = what, .text = ME}, NULL));
	struct schedule_tally tally = *schedule_tally(run);
	schedule_free(run);
	end_process(&process);
	return tally;
}

static void until_empty(struct world *w)
{
	struct other_process process = begin_process(w);
	struct schedule *run = schedule_new(w->spool, &w->ops, &counting_rng);
	assert_true(schedule_until_empty(run, NULL));
	schedule_free(run);
	end_process(&process);
}

static void said(struct world *w, const char *wanted)
{
	assert_string_equal(w->log.buf, wanted);
	strbuf_reset(&w->log);
}

/* ---- order and connections ------------------------------------------------------------ */

static void messages_go_by_route_in_order_of_arrival(void **state)
{
	struct world *w = *state;
	put_all(w, "abacb");
	struct schedule_tally tally = run_all(w, SCHEDULE_ALL);
	said(w, "a1 a3 | b2 b5 | c4 | ");
	assert_int_equal(tally.done, 5);
	assert_int_equal(tally.left, 0);
	assert_int_equal(count_in(w, SPOOL_NEW), 0);
}

static void urgent(struct queue_item *item, int64_t now)
{
	(void)now;
	item->mail.params.has_priority = true;
	item->mail.params.priority = 4;
}

static void bulk(struct queue_item *item, int64_t now)
{
	urgent(item, now);
	item->mail.params.priority = -4;
}

/* What looks like a priority, and is none. */
static void no_priority(struct queue_item *item, int64_t now)
{
	urgent(item, now);
	item->mail.params.has_priority = false;
}

/* RFC 6710 section 5.1 */
static void a_higher_priority_goes_first(void **state)
{
	struct world *w = *state;
	put(w, "a", bulk);
	put(w, "a", no_priority);
	put(w, "b", no_priority);
	put(w, "b", urgent);
	put(w, "a", urgent);
	put(w, "b", urgent);
	struct schedule_tally tally = run_all(w, SCHEDULE_ALL);
	said(w, "b4 b6 | a5 a2 | b3 | a1 | ");
	assert_int_equal(tally.done, 6);
}

/* With a lower priority, too. */
static void an_account_that_fails_takes_nothing_more(void **state)
{
	struct world *w = *state;
	put(w, "a", bulk);
	put(w, "a", urgent);
	put(w, "b", no_priority);
	w->answers[0] = AUTH_REFUSED;
	struct schedule_tally tally = run_all(w, SCHEDULE_ALL);
	assert_null(strstr(w->log.buf, "a1"));
	assert_non_null(strstr(w->log.buf, "a2"));
	assert_non_null(strstr(w->log.buf, "b3"));
	assert_int_equal(tally.done, 1);
}

static void a_connection_carries_so_many_messages_only(void **state)
{
	struct world *w = *state;
	w->routes[0].max_messages = 2;
	put_all(w, "aaaaa");
	(void)run_all(w, SCHEDULE_DUE);
	said(w, "a1 a2 | a3 a4 | a5 | ");
}

static void the_rate_is_kept(void **state)
{
	struct world *w = *state;
	w->routes[0].min_interval = 20000;
	put_all(w, "aaba");
	int64_t begin = w->now_ms;
	(void)run_all(w, SCHEDULE_ALL);
	said(w, "a1 | a2 | a4 | b3 | ");
	assert_int_equal(w->now_ms - begin, 40000);
	/* the background runner serves others meanwhile */
	put_all(w, "aab");
	w->now_ms += 20000;
	until_empty(w);
	said(w, "a5 | b7 | a6 | ");
}

static void a_short_interval_keeps_the_connection(void **state)
{
	struct world *w = *state;
	w->routes[0].min_interval = 500;
	put_all(w, "aaa");
	until_empty(w);
	said(w, "a1 a2 a3 | ");
}

/* ---- faults ------------------------------------------------------------------------ */

static void a_fault_of_the_message_delays_it_alone(void **state)
{
	struct world *w = *state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	w->answers[0] = LATER_MESSAGE;
	put_all(w, "aa");
	struct schedule_tally tally = run_all(w, SCHEDULE_ALL);
	said(w, "a1 a2 | ");
	assert_int_equal(tally.left, 2);
	look(w, 1, &item);
	assert_int_equal(item.due, w->now_ms / 1000 + 60);
	assert_int_equal(item.attempts, 1);
	assert_int_equal(item.in_flight, 0);
	(void)run_all(w, SCHEDULE_DUE);
	said(w, "");
}

static void a_fault_of_the_account_holds_the_others_back(void **state)
{
	static const enum answer answers[] = {LATER_ACCOUNT, BUSY_421, AUTH_REFUSED};
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct world *w = *state;
		w->answers[0] = answers[i];
		put_all(w, "aba");
		struct schedule_tally tally = run_all(w, SCHEDULE_ALL);
		assert_int_equal(tally.left, 2);
		assert_int_equal(tally.done, 1);
		assert_non_null(strstr(w->log.buf, "| b"));
		assert_int_equal(w->attempts, 2);
		(void)end_world(state);
		(void)make_world(state);
	}
}

/* Its rate limit, stated for one recipient, applies to the message.  The order of the recipients does not matter. */
static void a_rate_limit_of_one_recipient_delays_the_message(void **state)
{
	static const struct words accepted = {ERROR_NONE, 250, "", true};
	static const struct words refused = {ERROR_RECIPIENT_REFUSED, 550, "5.1.1", true};
	static const struct words busy = {ERROR_SERVER_TEMPORARY, 450, "4.2.1", true};
	static const struct words greylisted = {ERROR_SERVER_TEMPORARY, 450, "4.7.1", true};
	static const struct words slower = {ERROR_SERVER_TEMPORARY, 451, "4.7.0", true};
	static const struct words leaving = {ERROR_SERVER_TEMPORARY, 421, "4.3.2", true};
	static const struct {
		const struct words *recipients[2];
		int64_t after; /* seconds */
		bool others_wait;
	} rows[] = {
		{{&busy, &busy}, 60, false},	      {{&greylisted, &slower}, 900, false},
		{{&busy, &greylisted}, 900, false},   {{&busy, &slower}, 900, false},
		{{&refused, &busy}, 60, false},	      {{&refused, &slower}, 900, false},
		{{&accepted, &busy}, 60, false},      {{&accepted, &greylisted}, 900, false},
		{{&accepted, &leaving}, 900, true},   {{&busy, &leaving}, 900, true},
		{{&greylisted, &leaving}, 900, true},
	};
	for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		struct world *w = *state;
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		w->answers[0] = EACH_ITS_OWN;
		w->own[i % 2] = *rows[i / 2].recipients[0];
		w->own[1 - i % 2] = *rows[i / 2].recipients[1];
		put_all(w, "aa");
		(void)run_all(w, SCHEDULE_ALL);
		said(w, rows[i / 2].others_wait ? "a1 | " : "a1 a2 | ");
		look(w, 1, &item);
		assert_int_equal(item.state, QUEUE_QUEUED);
		assert_int_equal(item.due, w->now_ms / 1000 + rows[i / 2].after);
		(void)end_world(state);
		(void)make_world(state);
	}
}

static void a_server_that_returns_gets_everything_once(void **state)
{
	struct world *w = *state;
	w->answers[0] = LATER_ACCOUNT;
	put_all(w, "aaaa");
	w->end_after = 3;
	until_empty(w);
	said(w, "a1 | a1 | a1 | ");
	assert_int_equal(w->now_ms / 1000 - T0, 60 + 120);
	w->answers[0] = TAKE;
	w->end_after = 0;
	until_empty(w);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(w->accepted[i], 1);
	assert_int_equal(count_in(w, SPOOL_NEW), 0);
}

static void what_must_be_mended_is_held_until_something_changes(void **state)
{
	struct world *w = *state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	w->answers[0] = AUTH_REFUSED;
	put_all(w, "aa");
	until_empty(w); /* waits for a change */
	said(w, "a1 | ");
	assert_int_equal(w->waits, 1);
	look(w, 1, &item);
	assert_int_equal(item.state, QUEUE_HELD);
	assert_int_equal(item.hold, HOLD_CONFIG);
	assert_string_equal(item.fingerprint, "as it was");
	until_empty(w); /* another runner does not ask with the second message */
	put_all(w, "a");
	until_empty(w);
	said(w, "");
	w->answers[0] = TAKE;
	w->fingerprint = "fixed";
	until_empty(w);
	said(w, "a1 a2 a3 | ");
}

static bool change_something(struct world *w)
{
	w->answers[0] = w->answers[1] = TAKE;
	w->fingerprint = w->waits < 3 ? "as it was" : "fixed";
	return true;
}

/* The runner that has found out is there to notice the change. */
static void what_is_held_is_watched_and_goes_when_it_changes(void **state)
{
	static const enum answer answers[] = {AUTH_REFUSED, LATER_MESSAGE};
	struct world *w = *state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		w->answers[0] = AUTH_REFUSED;
		w->answers[1] = answers[i];
		put_all(w, "aab");
		w->while_held = change_something;
		w->waits = 0;
		w->end_after = 0;
		until_empty(w);
		assert_non_null(strstr(w->log.buf, "| a"));
		assert_int_equal(count_in(w, SPOOL_NEW), 0);
		assert_true(w->waits >= 3);
		strbuf_reset(&w->log);
		w->fingerprint = "as it was";
	}
}

static void hold_by_hand(struct queue_item *item, int64_t now)
{
	(void)now;
	item->state = QUEUE_HELD;
	item->hold = HOLD_USER;
}

static void what_the_user_holds_keeps_no_runner(void **state)
{
	struct world *w = *state;
	put(w, "a", hold_by_hand);
	until_empty(w);
	assert_int_equal(w->waits, 0);
}

/* The user knows better: what he releases is tried, and speaks for the others. */
static void what_is_released_by_hand_releases_the_others(void **state)
{
	struct world *w = *state;
	AUTO_PTR(schedule) run = schedule_new(w->spool, &w->ops, &counting_rng);
	AUTO_PTR(spool_entry) entry = NULL;
	w->answers[0] = AUTH_REFUSED;
	put_all(w, "aa");
	assert_true(schedule_until_empty(run, NULL));
	assert_true(schedule_until_empty(run, NULL));
	said(w, "a1 | ");
	w->answers[0] = TAKE;
	assert_int_equal(spool_claim(w->spool, w->ids.v[0], &entry, NULL, NULL), 1);
	assert_true(spool_release(entry, w->now_ms / 1000, NULL));
	spool_entry_free(steal_ptr(entry));
	assert_true(schedule_until_empty(run, NULL));
	said(w, "a1 a2 | ");
}

static void a_broken_configuration_holds_without_an_attempt(void **state)
{
	struct world *w = *state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	w->broken = true;
	put_all(w, "a");
	until_empty(w);
	said(w, "!1 ");
	look(w, 1, &item);
	assert_int_equal(item.state, QUEUE_HELD);
	assert_string_equal(item.reason.text, "no such account");
	w->broken = false;
	w->fingerprint = "fixed";
	until_empty(w);
	said(w, "a1 | ");
}

static void recipients_end_one_by_one(void **state)
{
	struct world *w = *state;
	w->answers[0] = REFUSE_FIRST;
	put_all(w, "a");
	struct schedule_tally tally = run_all(w, SCHEDULE_ALL);
	said(w, "a1 t1 | ");
	assert_int_equal(tally.done, 1);
	assert_int_equal(tally.failed, 1);
	assert_int_equal(count_in(w, SPOOL_NEW), 0);
}

static void a_report_that_cannot_be_made_keeps_the_message(void **state)
{
	struct world *w = *state;
	w->answers[0] = REFUSE;
	w->cannot_tell = true;
	put_all(w, "a");
	(void)run_all(w, SCHEDULE_ALL);
	said(w, "a1 !1 | ");
	assert_int_equal(count_in(w, SPOOL_NEW), 1);
	w->cannot_tell = false; /* a later run makes it, and tries nothing */
	(void)run_all(w, SCHEDULE_DUE);
	said(w, "t1 ");
	assert_int_equal(count_in(w, SPOOL_NEW), 0);
}

static void no_answer_means_uncertain_and_again(void **state)
{
	struct world *w = *state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	w->answers[0] = UNSURE;
	put_all(w, "a");
	(void)run_all(w, SCHEDULE_ALL);
	look(w, 1, &item);
	assert_int_equal(item.rcpts[0].state, RCPT_UNCERTAIN);
	assert_int_equal(item.state, QUEUE_QUEUED);
	w->answers[0] = TAKE;
	until_empty(w);
	said(w, "a1 | a1 | ");
}

/* ---- death ------------------------------------------------------------------------- */

/* The process dies within an attempt, as one. */
static void die_once(struct world *w)
{
	pid_t pid = fork();
	int status = 0;
	if (pid == 0) {
		until_empty(w);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 7);
}

static void a_poison_message_blocks_nobody_and_waits(void **state)
{
	struct world *w = *state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	w->answers[0] = DIE;
	put_all(w, "a");
	die_once(w);
	w->answers[0] = TAKE;
	w->end_after = 1;
	put_all(w, "a");
	until_empty(w);
	said(w, "~1 a2 | ");
	look(w, 1, &item);
	assert_int_equal(item.attempts, 1);
	assert_int_equal(item.due, T0 + 60);
	assert_int_equal(item.rcpts[0].state, RCPT_UNCERTAIN);
	assert_true(item.rcpts[0].possible_duplicate);
	w->end_after = 0;
	until_empty(w);
	said(w, "a1 | ");
}

/* Where an attempt died, and what each filter does right after it. */
static void a_death_is_an_attempt_from_mail_on(void **state)
{
	struct world *w = *state;
	static const struct {
		enum answer death;
		enum schedule_what what;
		const char *log;
		unsigned attempts;
	} rows[] = {
		{DIE, SCHEDULE_ALL, "~1 a1 | ", 2},
		{DIE, SCHEDULE_SENDER, "~2 a2 | ", 2},
		{DIE, SCHEDULE_DUE, "~3 ", 1},
		{DIE_EARLY, SCHEDULE_ALL, "a4 | ", 1},
		{DIE_EARLY, SCHEDULE_SENDER, "a5 | ", 1},
		{DIE_EARLY, SCHEDULE_DUE, "a6 | ", 1},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		w->answers[0] = rows[i].death;
		put_all(w, "a");
		die_once(w);
		w->answers[0] = LATER_MESSAGE;
		assert_int_equal(run_all(w, rows[i].what).left, 1);
		said(w, rows[i].log);
		look(w, i + 1, &item);
		assert_int_equal(item.attempts, rows[i].attempts);
		assert_int_equal(item.rcpts[0].possible_duplicate, rows[i].death == DIE);
		w->answers[0] = TAKE;
		assert_int_equal(run_all(w, SCHEDULE_ALL).done, 1);
		strbuf_reset(&w->log);
	}
}

static void poison_ends_with_its_lifetime(void **state)
{
	struct world *w = *state;
	w->answers[0] = DIE;
	w->routes[0].policy.retry.lifetime = 600;
	put_all(w, "a");
	unsigned deaths = 0;
	while (count_in(w, SPOOL_NEW)) {
		pid_t pid = fork();
		int status = 0;
		if (pid == 0) {
			until_empty(w);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		deaths += WEXITSTATUS(status) == 7;
		w->now_ms += 100000;
		assert_true(deaths < 20);
	}
	assert_true(deaths >= 3);
}

static void accepted_and_cut_off_before_the_end_is_only_ended(void **state)
{
	struct world *w = *state;
	put_all(w, "a");
	AUTO_PTR(spool_entry) entry = NULL;
	assert_int_equal(spool_claim(w->spool, w->ids.v[0], &entry, NULL, NULL), 1);
	struct queue_item *item = spool_entry_item(entry);
	for (size_t i = 0; i < item->n; i++)
		item->rcpts[i].state = RCPT_ACCEPTED;
	item->due = T0 + 10 * (int64_t)DAY;
	assert_true(spool_update(entry, NULL));
	spool_entry_free(steal_ptr(entry));
	until_empty(w);
	said(w, "t1 ");
	assert_int_equal(count_in(w, SPOOL_NEW), 0);
}

static void failed_and_held_by_hand(struct queue_item *item, int64_t now)
{
	(void)now;
	item->rcpts[0].state = item->rcpts[1].state = RCPT_FAILED;
	item->state = QUEUE_HELD;
	item->hold = HOLD_USER;
}

static void failed_and_held_for_a_change(struct queue_item *item, int64_t now)
{
	failed_and_held_by_hand(item, now);
	item->hold = HOLD_CONFIG;
	item->fingerprint = xstrdup("as it was");
}

static void failed_and_due_later(struct queue_item *item, int64_t now)
{
	item->rcpts[0].state = item->rcpts[1].state = RCPT_FAILED;
	item->due = now + 3600;
}

/* The process died after the last recipient had failed and before there was a report: neither a hold nor a later time
 * delays it. */
static void a_report_that_was_cut_off_is_made_at_once(void **state)
{
	static void (*const changes[])(struct queue_item *, int64_t) = {
		failed_and_held_by_hand, failed_and_held_for_a_change, failed_and_due_later};
	static const enum schedule_what whats[] = {SCHEDULE_ALL, SCHEDULE_DUE};
	for (size_t i = 0; i < 3 * ARRAY_SIZE(changes); i++) {
		struct world *w = *state;
		put(w, "a", changes[i / 3]);
		if (i % 3 == 2)
			until_empty(w);
		else
			(void)run_all(w, whats[i % 3]);
		said(w, "t1 ");
		assert_int_equal(w->waits, 0);
		assert_int_equal(count_in(w, SPOOL_NEW), 0);
		(void)end_world(state);
		(void)make_world(state);
	}
}

/* ---- who may go ------------------------------------------------------------------------- */

/* One recipient has failed, its report was cut off, and the other one waits. */
static void owing_until_later(struct queue_item *item, int64_t now)
{
	item->rcpts[0].state = RCPT_FAILED;
	item->rcpts[0].reported = REPORTING_FAILED;
	item->due = now + 3600;
}

static void owing_and_held(struct queue_item *item, int64_t now)
{
	owing_until_later(item, now);
	item->state = QUEUE_HELD;
	item->hold = HOLD_USER;
}

static void owing_and_for_later(struct queue_item *item, int64_t now)
{
	owing_until_later(item, now);
	item->not_before = now + 3600;
}

static void owing_and_held_for_a_change(struct queue_item *item, int64_t now)
{
	owing_and_held(item, now);
	item->hold = HOLD_CONFIG;
	item->fingerprint = xstrdup("as it was");
}

/* It comes with the next run, whatever the message itself waits for, and once. */
static void a_report_that_is_owed_is_made_with_the_next_run(void **state)
{
	struct world *w = *state;
	static void (*const changes[])(struct queue_item *, int64_t) = {
		owing_until_later, owing_and_held, owing_and_for_later, owing_and_held_for_a_change};
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		put(w, "a", changes[i]);
		AUTO_FREE char *wanted = xasprintf("r%zu ", i + 1);
		assert_int_equal(run_all(w, SCHEDULE_DUE).unreadable, 0);
		said(w, wanted);
		assert_int_equal(run_all(w, SCHEDULE_DUE).unreadable, 0);
		said(w, "");
	}
	w->cannot_tell = true;
	put(w, "a", owing_until_later);
	w->stop_wait = true;
	until_empty(w); /* ends, because it waits before it tries again */
	said(w, "!5 ");
	assert_int_equal(w->attempts, 0);
}

static void by_hand(struct queue_item *item, int64_t now)
{
	(void)now;
	item->state = QUEUE_HELD;
	item->hold = HOLD_USER;
}

static void in_an_hour(struct queue_item *item, int64_t now)
{
	item->due = now + 3600;
}

static void not_for_a_day(struct queue_item *item, int64_t now)
{
	item->not_before = now + DAY;
}

static void to_be_returned(struct queue_item *item, int64_t now)
{
	item->arrival = now - 100;
	item->mail.params.deliver_by = true;
	item->mail.params.by_seconds = 100;
	item->mail.params.by_mode = BY_RETURN;
}

static void to_be_notified(struct queue_item *item, int64_t now)
{
	to_be_returned(item, now);
	item->mail.params.by_mode = BY_NOTIFY;
}

static void from_another(struct queue_item *item, int64_t now)
{
	(void)now;
	free(item->mail.sender.given);
	item->mail.sender.given = xstrdup("Other@Example.net");
}

static void what_waits_for_its_time_is_not_hurried(void **state)
{
	struct world *w = *state;
	put(w, "a", by_hand);
	put(w, "a", in_an_hour);
	put(w, "a", not_for_a_day);
	(void)run_all(w, SCHEDULE_DUE);
	said(w, "");
	(void)run_all(w, SCHEDULE_ALL);
	said(w, "a2 | ");
	until_empty(w);
	said(w, "a3 | ");
	assert_int_equal(w->now_ms / 1000, T0 + DAY);
	assert_int_equal(count_in(w, SPOOL_NEW), 1); /* the one that the user holds; the runner does not wait for it */
}

static void what_is_too_late_for_by_is_returned_unsent(void **state)
{
	struct world *w = *state;
	put(w, "a", to_be_returned);
	put(w, "a", to_be_notified);
	struct schedule_tally tally = run_all(w, SCHEDULE_ALL);
	said(w, "t1 a2 | ");
	assert_int_equal(tally.failed, 1);
}

static void filters_choose(void **state)
{
	struct world *w = *state;
	AUTO(strvec) ids = STRVEC_INIT;
	put(w, "a", from_another);
	put(w, "a", in_an_hour);
	put(w, "a", NULL);
	strvec_push(&ids, w->ids.v[1]);
	w->answers[0] = LATER_MESSAGE;
	const struct {
		struct schedule_filter filter;
		const char *log;
	} rows[] = {
		{{SCHEDULE_SENDER, "other@", NULL}, "a1 | "}, {{SCHEDULE_RECIPIENT, "B@EXAMPLE", NULL}, "a1 a2 a3 | "},
		{{SCHEDULE_RECIPIENT, "nobody", NULL}, ""},   {{SCHEDULE_ID, w->ids.v[2] + 2, NULL}, "a3 | "},
		{{SCHEDULE_IDS, NULL, &ids}, "a2 | "},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_PTR(schedule) run = schedule_new(w->spool, &w->ops, &counting_rng);
		assert_true(schedule_once(run, &rows[i].filter, NULL));
		schedule_free(steal_ptr(run));
		said(w, rows[i].log);
	}
}

/* ---- company -------------------------------------------------------------------------- */

static void scribble(struct world *w, const char *id)
{
	AUTO_FREE char *path = xasprintf("%s/queue/new/%s", w->folder, id);
	FILE *f = fopen(path, "r+");
	assert_non_null(f);
	assert_true(fputs("nonsense, nonsense, nonsense", f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Of which not even the recipients are known any more. */
static void a_damaged_message_is_held_and_the_others_go(void **state)
{
	struct world *w = *state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	put_all(w, "aaa");
	scribble(w, w->ids.v[1]);
	struct schedule_tally tally = run_all(w, SCHEDULE_ALL);
	said(w, "a1 !2 t2 a3 | ");
	assert_int_equal(tally.unreadable, 1);
	look(w, 2, &item);
	assert_int_equal(item.state, QUEUE_HELD);
	assert_int_equal(item.hold, HOLD_DAMAGED);
	until_empty(w);
	(void)run_all(w, SCHEDULE_ALL);
	AUTO(strvec) ids = STRVEC_INIT;
	strvec_push(&ids, w->ids.v[1]);
	AUTO_PTR(schedule) run = schedule_new(w->spool, &w->ops, &counting_rng);
	assert_true(schedule_once(run, &(struct schedule_filter){SCHEDULE_IDS, NULL, &ids}, NULL));
	said(w, ""); /* it was reported once; it is neither sent nor ended, with any filter */
	assert_int_equal(count_in(w, SPOOL_NEW), 1);
}

static void flip(struct world *w, const char *folder, const char *id, long at)
{
	AUTO_FREE char *path = xasprintf("%s/queue/%s/%s", w->folder, folder, id);
	FILE *f = fopen(path, "r+");
	assert_non_null(f);
	assert_int_equal(fseek(f, at, at < 0 ? SEEK_END : SEEK_SET), 0);
	int c = fgetc(f);
	assert_int_equal(fseek(f, -1, SEEK_CUR), 0);
	assert_int_equal(fputc(c ^ 4, f), c ^ 4);
	assert_int_equal(fclose(f), 0);
}

/* It is not known who has it already, so it is not sent again. */
static void a_damaged_state_holds_its_message(void **state)
{
	struct world *w = *state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	w->answers[0] = LATER_MESSAGE;
	put_all(w, "aa");
	(void)run_all(w, SCHEDULE_ALL);
	said(w, "a1 a2 | ");
	w->answers[0] = TAKE;
	flip(w, "state", w->ids.v[0], 40);
	(void)run_all(w, SCHEDULE_DUE);
	said(w, "!1 ");
	look(w, 1, &item);
	assert_int_equal(item.hold, HOLD_DAMAGED);
	assert_int_equal(item.rcpts[0].state, RCPT_UNCERTAIN);
	(void)run_all(w, SCHEDULE_ALL);
	said(w, "a2 | ");
	assert_int_equal(count_in(w, SPOOL_NEW), 1);
}

static void an_unreadable_message_is_said_and_passed(void **state)
{
	struct world *w = *state;
	put_all(w, "aaa");
	AUTO_FREE char *path = xasprintf("%s/queue/new/%s", w->folder, w->ids.v[1]);
	assert_int_equal(chmod(path, 0644), 0);
	struct schedule_tally tally = run_all(w, SCHEDULE_ALL);
	said(w, "!2 a1 a3 | ");
	assert_int_equal(tally.unreadable, 1);
	until_empty(w); /* ends all the same */
	assert_int_equal(count_in(w, SPOOL_NEW), 1);
}

/* While the first one is tried, somebody removes the second and holds the third. */
static void meddle(struct world *w, const char *id)
{
	if (number_of(w, id) != 1)
		return;
	AUTO_PTR(spool_entry) second = NULL;
	AUTO_PTR(spool_entry) third = NULL;
	assert_int_equal(spool_claim(w->spool, w->ids.v[1], &second, NULL, NULL), 1);
	assert_true(spool_finish(second, NULL));
	assert_int_equal(spool_claim(w->spool, w->ids.v[2], &third, NULL, NULL), 1);
	assert_true(spool_hold(third, HOLD_USER, NULL, NULL, NULL));
}

static void what_vanishes_or_is_held_meanwhile_is_left_alone(void **state)
{
	struct world *w = *state;
	put_all(w, "aaaa");
	w->meanwhile = meddle;
	(void)run_all(w, SCHEDULE_ALL);
	said(w, "a1 a4 | ");
	assert_int_equal(count_in(w, SPOOL_NEW), 1);
}

/* Within the attempt of one runner a second one works through everything. */
static void second_run_of_all(struct world *w, const char *id)
{
	(void)id;
	w->meanwhile = NULL;
	(void)run_all(w, SCHEDULE_ALL);
}

static void second_run_of_what_is_due(struct world *w, const char *id)
{
	(void)id;
	w->meanwhile = NULL;
	(void)run_all(w, SCHEDULE_DUE);
}

/* What the second one has sent or put off, the first one leaves alone, though it saw it due before. */
static void two_runners_try_nothing_twice(void **state)
{
	static const enum answer answers[] = {TAKE, LATER_MESSAGE};
	static const enum schedule_what first[] = {SCHEDULE_ALL, SCHEDULE_DUE};
	static void (*const second[])(struct world *, const char *) = {second_run_of_all, second_run_of_what_is_due};
	for (size_t i = 0; i < 8; i++) {
		struct world *w = *state;
		w->answers[0] = answers[i & 1];
		w->meanwhile = second[i >> 1 & 1];
		put_all(w, "aaa");
		(void)run_all(w, first[i >> 2]);
		said(w, "a1 a2 a3 | | ");
		(void)end_world(state);
		(void)make_world(state);
	}
}

static void somebody_elses_message_is_looked_at_again(void **state)
{
	struct world *w = *state;
	AUTO_PTR(spool_entry) entry = NULL;
	put_all(w, "a");
	assert_int_equal(spool_claim(w->spool, w->ids.v[0], &entry, NULL, NULL), 1);
	w->stop_wait = true;
	until_empty(w); /* it waits, but not for ever */
	said(w, "");
	assert_int_equal(w->waits, 1);
	assert_int_equal(w->now_ms / 1000, T0 + 60);
	spool_entry_free(steal_ptr(entry));
	until_empty(w);
	said(w, "a1 | ");
}

static struct spool_entry *claimed;

/* The process that had the message ends its claim, which wakes the one that waits. */
static bool let_go(const struct schedule_ops *ops, int64_t until_ms, bool wakes)
{
	struct world *w = of(ops);
	assert_true(wakes);
	assert_true(until_ms > w->now_ms);
	w->now_ms += 10;
	spool_entry_free(steal_ptr(claimed));
	w->waits++;
	return true;
}

static void somebody_elses_message_is_tried_when_it_is_let_go(void **state)
{
	struct world *w = *state;
	put_all(w, "aaa");
	int64_t begin = w->now_ms;
	assert_int_equal(spool_claim(w->spool, w->ids.v[1], &claimed, NULL, NULL), 1);
	w->ops.wait = let_go;
	until_empty(w);
	said(w, "a1 a3 | a2 | ");
	assert_int_equal(w->now_ms, begin + 10);
}

/* Somebody takes the second message while the first one is tried, after both were seen, and lets it go at once. */
static void take_the_second(struct world *w, const char *id)
{
	if (number_of(w, id) == 1)
		assert_int_equal(spool_claim(w->spool, w->ids.v[1], &claimed, NULL, NULL), 1);
}

static bool let_go_or_wait(const struct schedule_ops *ops, int64_t until_ms, bool wakes)
{
	struct world *w = of(ops);
	if (claimed)
		return let_go(ops, until_ms, wakes);
	w->now_ms = until_ms;
	return true;
}

static void a_message_taken_at_the_last_moment_is_tried_soon(void **state)
{
	struct world *w = *state;
	put_all(w, "aa");
	int64_t begin = w->now_ms;
	w->meanwhile = take_the_second;
	w->ops.wait = let_go_or_wait;
	until_empty(w);
	assert_non_null(strstr(w->log.buf, "a1 "));
	assert_non_null(strstr(w->log.buf, "a2 "));
	assert_true(w->now_ms - begin <= 2000);
}

/* ---- a server that is back ----------------------------------------------------------------- */

/* What the latest attempt of a message left, some time ago. */
struct past {
	enum answer answer;
	int64_t ago, due; /* seconds before and after now */
	unsigned attempts;
};

static void put_past(struct world *w, const char *account, const struct past *past)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(source) body = SOURCE_INIT;
	const struct words *words = &all_words[past->answer];
	struct status status = {.kind = words->kind, .code = words->code};
	int64_t now = w->now_ms / 1000;
	small_item(&item, 0);
	item.account = xstrdup(account);
	item.arrival = item.age_from = now - past->ago;
	(void)snprintf(status.enhanced, sizeof(status.enhanced), "%s", words->enhanced);
	queue_item_set_status(&item, now - past->ago, &status);
	queue_item_attempt(&item, now - past->ago, &status);
	item.attempts = past->attempts;
	item.account_fault = !words->in_transaction || words->code == 421;
	item.due = now + past->due;
	fill_body(&body);
	assert_true(spool_enqueue(w->spool, &item, SPAN_LIT(HEADER), &body, NULL, NULL));
	strvec_push(&w->ids, item.id);
	w->now_ms++;
}

static void when_a_server_answers_all_go_in_order_of_arrival(void **state)
{
	static const struct {
		const char *name;
		struct past past[3];
		const char *log; /* of the first round */
	} rows[] = {
		{"the last one is due first",
		 {{LATER_ACCOUNT, 90, 7200, 8}, {LATER_ACCOUNT, 80, 600, 4}, {LATER_ACCOUNT, 70, -1, 1}},
		 "a1 a2 a3 "},
		{"the one between",
		 {{LATER_ACCOUNT, 90, 9, 1}, {LATER_ACCOUNT, 80, -1, 1}, {LATER_ACCOUNT, 70, 9, 1}},
		 "a1 a2 a3 "},
		{"none is due",
		 {{LATER_ACCOUNT, 30, 30, 1}, {LATER_ACCOUNT, 20, 40, 1}, {LATER_ACCOUNT, 10, 50, 1}},
		 ""},
		{"a rate limit is kept",
		 {{BUSY_421, 90, 810, 1}, {LATER_ACCOUNT, 80, 600, 4}, {LATER_ACCOUNT, 70, -1, 1}},
		 "a2 a3 "},
		{"a rate limit is over but for the jitter",
		 {{BUSY_421, 901, 60, 1}, {LATER_ACCOUNT, 80, 600, 4}, {LATER_ACCOUNT, 70, -1, 1}},
		 "a1 a2 a3 "},
		{"jitter has turned the order round",
		 {{LATER_MESSAGE, 63, 9, 1}, {LATER_MESSAGE, 62, 3, 1}, {LATER_MESSAGE, 61, -1, 1}},
		 "a1 a2 a3 "},
		{"an interval is not shortened",
		 {{LATER_MESSAGE, 63, 57, 2}, {LATER_MESSAGE, 62, 58, 2}, {LATER_MESSAGE, 61, -1, 1}},
		 "a3 "},
		{"a fault of a message waits for its time",
		 {{LATER_MESSAGE, 50, 10, 1}, {LATER_ACCOUNT, 40, 20, 1}, {LATER_ACCOUNT, 61, -1, 1}},
		 "a2 a3 "},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world *w = *state;
		print_message("# %s\n", rows[i].name);
		for (size_t j = 0; j < 3; j++)
			put_past(w, "a", &rows[i].past[j]);
		(void)run_all(w, SCHEDULE_DUE);
		AUTO_FREE char *wanted = xasprintf("%s%s", rows[i].log, *rows[i].log ? "| " : "");
		assert_string_equal(w->log.len ? w->log.buf : "", wanted);
		(void)end_world(state);
		(void)make_world(state);
	}
}

/* Another account does not go along. */
static void a_server_that_answers_says_nothing_about_another(void **state)
{
	struct world *w = *state;
	put_past(w, "b", &(struct past){LATER_ACCOUNT, 90, 600, 4});
	put_past(w, "a", &(struct past){LATER_ACCOUNT, 80, -1, 4});
	(void)run_all(w, SCHEDULE_DUE);
	said(w, "a2 | ");
}

/* The oldest is asked with; while that fails, the others cost nothing. */
static void a_server_that_is_away_is_asked_once(void **state)
{
	struct world *w = *state;
	w->answers[0] = LATER_ACCOUNT;
	put_past(w, "a", &(struct past){LATER_ACCOUNT, 90, 7200, 8});
	put_past(w, "a", &(struct past){LATER_ACCOUNT, 80, -1, 1});
	(void)run_all(w, SCHEDULE_DUE);
	said(w, "a1 | ");
}

static unsigned rounds;
static int64_t asked_at;

/* A new message comes a while after the failure. */
static bool new_message_comes(const struct schedule_ops *ops, int64_t until_ms, bool wakes)
{
	struct world *w = of(ops);
	(void)wakes;
	if (++rounds > 1) {
		w->now_ms = until_ms;
		return true;
	}
	w->now_ms += 5000;
	w->answers[0] = TAKE;
	put(w, "a", NULL);
	asked_at = w->now_ms;
	return true;
}

static void a_new_message_asks_again(void **state)
{
	static const struct {
		enum answer answer;
		int64_t least, most; /* seconds until all are sent */
	} rows[] = {{LATER_ACCOUNT, 50, 60}, {BUSY_421, 890, 9000}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world *w = *state;
		rounds = 0;
		w->answers[0] = rows[i].answer;
		put_past(w, "a", &(struct past){LATER_ACCOUNT, 20000, -1, 9});
		w->ops.wait = new_message_comes;
		until_empty(w);
		said(w, "a1 | a1 a2 | ");
		int64_t after = (w->now_ms - asked_at) / 1000;
		assert_true(after >= rows[i].least && after <= rows[i].most);
		(void)end_world(state);
		(void)make_world(state);
	}
}

/* The user, or a submission to which the server has answered, makes the oldest due: the others go with it. */
static bool oldest_becomes_due(const struct schedule_ops *ops, int64_t until_ms, bool wakes)
{
	struct world *w = of(ops);
	AUTO_PTR(spool_entry) entry = NULL;
	(void)wakes;
	assert_true(until_ms > w->now_ms);
	w->answers[0] = TAKE;
	w->now_ms += 1000;
	assert_int_equal(spool_claim(w->spool, w->ids.v[0], &entry, NULL, NULL), 1);
	assert_true(spool_release(entry, w->now_ms / 1000, NULL));
	return true;
}

static void what_is_released_asks_at_once(void **state)
{
	struct world *w = *state;
	w->answers[0] = LATER_ACCOUNT;
	put_past(w, "a", &(struct past){LATER_ACCOUNT, 20000, -1, 9});
	put_past(w, "a", &(struct past){LATER_ACCOUNT, 19000, 100, 9});
	int64_t begin = w->now_ms;
	w->ops.wait = oldest_becomes_due;
	until_empty(w);
	said(w, "a1 | a1 a2 | ");
	assert_int_equal(w->now_ms, begin + 1000);
}

/* ---- the long run ------------------------------------------------------------------------ */

/* Answers in a row that repeats, with more bad days than good ones. */
static void change_the_weather(struct world *w, const char *id)
{
	static const enum answer weather[] = {LATER_ACCOUNT, LATER_MESSAGE, BUSY_421, LATER_ACCOUNT,
					      UNSURE,	     LATER_MESSAGE, TAKE};
	(void)id;
	for (size_t i = 0; i < ARRAY_SIZE(w->answers); i++)
		w->answers[i] = weather[(w->attempts + i) % ARRAY_SIZE(weather)];
}

static void a_year_loses_nothing_and_doubles_nothing(void **state)
{
	struct world *w = *state;
	AUTO_PTR(schedule) run = schedule_new(w->spool, &w->ops, &counting_rng);
	size_t told = 0;
	w->meanwhile = change_the_weather;
	for (int day = 0; day < 365; day++) {
		if (day % 6 == 0)
			put_all(w, &"abc"[day % 3]);
		assert_true(w->ids.n < ARRAY_SIZE(w->accepted) - 3);
		w->now_ms = w->now_ms > (T0 + day * (int64_t)DAY) * 1000 ? w->now_ms : (T0 + day * (int64_t)DAY) * 1000;
		assert_true(schedule_until_empty(run, NULL));
	}
	for (const char *at = w->log.buf; (at = strchr(at, 't')); at++)
		told++;
	size_t accepted = 0;
	for (size_t i = 0; i < ARRAY_SIZE(w->accepted); i++) {
		assert_true(w->accepted[i] <= 1);
		accepted += w->accepted[i];
	}
	assert_int_equal(count_in(w, SPOOL_NEW), 0);
	assert_int_equal(accepted + told, w->ids.n);
	assert_true(accepted > 0);
}

/* No server ever answers: the schedule is followed to its end, once, and then the failure is reported. */
static void a_server_that_never_returns_is_given_up_in_time(void **state)
{
	struct world *w = *state;
	w->answers[0] = LATER_ACCOUNT;
	put_all(w, "a");
	until_empty(w);
	assert_int_equal(w->now_ms / 1000, T0 + 5 * DAY);
	assert_non_null(strstr(w->log.buf, "t1 "));
	assert_true(w->attempts > 60 && w->attempts < 75);
	assert_int_equal(count_in(w, SPOOL_NEW), 0);
}

/* The clock was a year ahead when something went out, and is put right while the runner waits. */
static bool put_right(const struct schedule_ops *ops, int64_t until_ms, bool wakes)
{
	struct world *w = of(ops);
	(void)wakes;
	assert_true(until_ms > w->now_ms);
	if (w->waits++ == 0) {
		w->now_ms -= 365 * (int64_t)DAY * 1000;
		put(w, "a", NULL);
		return true;
	}
	assert_true(until_ms <= (T0 + 2 * 3600 + 60) * 1000);
	w->now_ms = until_ms;
	return w->waits < 100;
}

static void due_in_an_hour(struct queue_item *item, int64_t now)
{
	item->due = now + 3600;
}

static void a_clock_set_back_delays_nobody(void **state)
{
	static const int64_t intervals[] = {0, 2500};
	struct world *w = *state;
	for (size_t i = 0; i < ARRAY_SIZE(intervals); i++) {
		size_t before = w->attempts;
		w->waits = 0;
		w->routes[0].min_interval = intervals[i];
		w->now_ms = (T0 + 365 * (int64_t)DAY) * 1000;
		put(w, "a", NULL);
		put(w, "b", due_in_an_hour);
		w->ops.wait = put_right;
		until_empty(w);
		assert_int_equal(w->attempts - before, 3);
		assert_int_equal(count_in(w, SPOOL_NEW), 0);
	}
}

static void due_long_ago(struct queue_item *item, int64_t now)
{
	item->due = item->age_from = item->arrival = now - 365 * DAY;
}

/* A message that somebody had is looked at again, not in a year. */
static void a_pause_ends_when_the_clock_is_set_back(void **state)
{
	struct world *w = *state;
	AUTO_PTR(spool_entry) entry = NULL;
	w->now_ms = (T0 + 365 * (int64_t)DAY) * 1000;
	put(w, "a", due_long_ago);
	assert_int_equal(spool_claim(w->spool, w->ids.v[0], &entry, NULL, NULL), 1);
	AUTO_PTR(schedule) run = schedule_new(w->spool, &w->ops, &counting_rng);
	assert_true(schedule_once(run, &(struct schedule_filter){.what = SCHEDULE_DUE}, NULL));
	spool_entry_free(steal_ptr(entry));
	assert_int_equal(w->attempts, 0);
	w->now_ms = T0 * 1000;
	assert_true(schedule_once(run, &(struct schedule_filter){.what = SCHEDULE_DUE}, NULL));
	assert_int_equal(w->attempts, 1);
}

/* ---- a disk that takes nothing ---------------------------------------------------------- */

static int no_room(const struct spool_ops *ops, int dir, const char *name, int flags, mode_t mode)
{
	(void)ops;
	if (!(flags & O_CREAT))
		return openat(dir, name, flags, mode);
	errno = ENOSPC;
	return -1;
}

/* What cannot be noted is not begun: else a crash would make it a second copy. */
static void a_full_disk_sends_nothing_and_is_left_in_peace(void **state)
{
	struct world *w = *state;
	put_all(w, "aab");
	w->disk.openat = no_room;
	AUTO_PTR(schedule) run = schedule_new(w->spool, &w->ops, &counting_rng);
	for (unsigned looks = 0; looks < 20; looks++) {
		int64_t next;
		assert_true(schedule_once(run, &(struct schedule_filter){.what = SCHEDULE_DUE}, NULL));
		assert_true(schedule_next(run, &next, NULL));
		assert_true(next >= w->now_ms + 60000);
		w->now_ms = next;
	}
	assert_int_equal(w->attempts, 0);
	w->disk.openat = spool_ops_system.openat;
	assert_true(schedule_until_empty(run, NULL));
	assert_int_equal(w->attempts, 3);
	assert_int_equal(count_in(w, SPOOL_NEW), 0);
}

/* ---- several attempts under way ------------------------------------------------------- */

static struct world *ahead(void **state, unsigned pipeline, const char *accounts)
{
	struct world *w = *state;
	w->routes[0].pipeline = pipeline;
	put_all(w, accounts);
	return w;
}

/* "a1" it goes out, ".1" it ends, "<1" it is returned. */
static void several_are_under_way_in_order(void **state)
{
	struct world *w = ahead(state, 3, "aaaabb");
	struct schedule_tally tally = run_all(w, SCHEDULE_ALL);
	said(w, "a1 a2 a3 .1 a4 .2 .3 .4 | b5 b6 | ");
	assert_int_equal(tally.done, 6);
	assert_int_equal(w->most_under_way, 3);
	put_all(w, "aab");
	until_empty(w);
	said(w, "a7 a8 .7 .8 | b9 | ");
}

static void a_message_that_fails_leaves_the_others_alone(void **state)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	struct world *w = ahead(state, 4, "aaaa");
	w->to[2] = LATER_MESSAGE;
	w->to[3] = REFUSE;
	struct schedule_tally tally = run_all(w, SCHEDULE_ALL);
	said(w, "a1 a2 a3 a4 .1 .2 .3 t3 .4 | ");
	assert_true(tally.done == 3 && tally.failed == 1 && tally.left == 1);
	look(w, 2, &item);
	assert_true(item.attempts == 1 && !item.in_flight);
}

/* They go again, before what was not begun yet, and without having been tried. */
static void what_is_returned_has_another_turn(void **state)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	struct world *w = ahead(state, 3, "aaaaa");
	w->to[2] = UNSURE;
	w->to[3] = w->to[4] = RETURN;
	w->end_after = 5;
	struct schedule_tally tally = run_all(w, SCHEDULE_ALL);
	said(w, "a1 a2 a3 .1 a4 .2 <3 <4 a3 .3 | ");
	look(w, 4, &item);
	assert_true(item.attempts == 0 && !item.in_flight && !item.n_history && item.rcpts[0].state == RCPT_OPEN);
	assert_int_equal(tally.done, 2);
	w->end_after = 0;
	tally = run_all(w, SCHEDULE_DUE);
	said(w, "a4 a5 .4 .5 | ");
	assert_int_equal(tally.done, 2);
}

/* Nothing more is begun; what was returned waits with the others, as if it had not been begun. */
static void an_account_that_fails_keeps_what_is_returned(void **state)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT, other = QUEUE_ITEM_INIT;
	struct world *w = ahead(state, 3, "aaaaa");
	w->to[2] = BUSY_421;
	w->to[3] = w->to[4] = RETURN;
	struct schedule_tally tally = run_all(w, SCHEDULE_ALL);
	said(w, "a1 a2 a3 .1 a4 .2 <3 <4 | ");
	assert_true(tally.done == 1 && tally.left == 4);
	look(w, 2, &item);
	assert_true(item.attempts == 1 && item.account_fault);
	look(w, 3, &other);
	assert_true(other.attempts == 0 && !other.in_flight && !other.account_fault);
	w->to[2] = TAKE;
	until_empty(w);
	assert_int_equal(count_in(w, SPOOL_NEW), 0);
}

static void made_uncertain(struct queue_item *item, int64_t now)
{
	queue_item_doubt(item, now, "it may have been delivered");
}

static void what_may_have_been_delivered_goes_alone(void **state)
{
	struct world *w = ahead(state, 9, "aa");
	put(w, "a", made_uncertain);
	put_all(w, "aa");
	(void)run_all(w, SCHEDULE_ALL);
	said(w, "a1 a2 .1 .2 a3 .3 a4 a5 .4 .5 | ");
}

static void limits_hold_with_several_under_way(void **state)
{
	struct world *w = ahead(state, 9, "aaaaa");
	w->routes[0].max_messages = 2;
	(void)run_all(w, SCHEDULE_ALL);
	said(w, "a1 a2 .1 .2 | a3 a4 .3 .4 | a5 .5 | ");
}

static void asked_to_end_it_completes_what_is_under_way(void **state)
{
	struct world *w = ahead(state, 9, "aaaaa");
	w->end_after = 3;
	(void)run_all(w, SCHEDULE_ALL);
	said(w, "a1 a2 a3 .1 .2 .3 | ");
	assert_int_equal(count_in(w, SPOOL_NEW), 2);
}

/* A crash with several under way leaves each marked; each of them was an attempt, and goes alone the next time. */
static void a_death_with_several_under_way_is_an_attempt_of_each(void **state)
{
	struct world *w = ahead(state, 3, "aaaa");
	w->to[1] = DIE;
	die_once(w);
	for (size_t number = 1; number <= 4; number++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		look(w, number, &item);
		assert_int_equal(item.in_flight != 0, number <= 3);
		assert_int_equal(item.attempts, 0);
	}
	w->to[1] = TAKE;
	(void)run_all(w, SCHEDULE_DUE);
	said(w, "~1 ~2 ~3 a4 .4 | ");
	w->now_ms += 120000;
	(void)run_all(w, SCHEDULE_DUE);
	said(w, "a1 .1 a2 .2 a3 .3 | ");
	assert_int_equal(count_in(w, SPOOL_NEW), 0);
}

#define ONE(name) cmocka_unit_test_setup_teardown(name, make_world, end_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ONE(messages_go_by_route_in_order_of_arrival),
		ONE(a_higher_priority_goes_first),
		ONE(an_account_that_fails_takes_nothing_more),
		ONE(a_connection_carries_so_many_messages_only),
		ONE(the_rate_is_kept),
		ONE(a_short_interval_keeps_the_connection),
		ONE(a_fault_of_the_message_delays_it_alone),
		ONE(a_fault_of_the_account_holds_the_others_back),
		ONE(a_rate_limit_of_one_recipient_delays_the_message),
		ONE(a_server_that_returns_gets_everything_once),
		ONE(what_must_be_mended_is_held_until_something_changes),
		ONE(what_is_held_is_watched_and_goes_when_it_changes),
		ONE(what_the_user_holds_keeps_no_runner),
		ONE(what_is_released_by_hand_releases_the_others),
		ONE(a_broken_configuration_holds_without_an_attempt),
		ONE(recipients_end_one_by_one),
		ONE(a_report_that_cannot_be_made_keeps_the_message),
		ONE(no_answer_means_uncertain_and_again),
		ONE(a_poison_message_blocks_nobody_and_waits),
		ONE(a_death_is_an_attempt_from_mail_on),
		ONE(poison_ends_with_its_lifetime),
		ONE(accepted_and_cut_off_before_the_end_is_only_ended),
		ONE(a_report_that_was_cut_off_is_made_at_once),
		ONE(a_report_that_is_owed_is_made_with_the_next_run),
		ONE(what_waits_for_its_time_is_not_hurried),
		ONE(what_is_too_late_for_by_is_returned_unsent),
		ONE(filters_choose),
		ONE(a_damaged_message_is_held_and_the_others_go),
		ONE(a_damaged_state_holds_its_message),
		ONE(an_unreadable_message_is_said_and_passed),
		ONE(what_vanishes_or_is_held_meanwhile_is_left_alone),
		ONE(two_runners_try_nothing_twice),
		ONE(somebody_elses_message_is_looked_at_again),
		ONE(somebody_elses_message_is_tried_when_it_is_let_go),
		ONE(a_message_taken_at_the_last_moment_is_tried_soon),
		ONE(when_a_server_answers_all_go_in_order_of_arrival),
		ONE(a_server_that_answers_says_nothing_about_another),
		ONE(a_server_that_is_away_is_asked_once),
		ONE(a_new_message_asks_again),
		ONE(what_is_released_asks_at_once),
		ONE(a_year_loses_nothing_and_doubles_nothing),
		ONE(a_server_that_never_returns_is_given_up_in_time),
		ONE(a_full_disk_sends_nothing_and_is_left_in_peace),
		ONE(a_clock_set_back_delays_nobody),
		ONE(a_pause_ends_when_the_clock_is_set_back),
		ONE(several_are_under_way_in_order),
		ONE(a_message_that_fails_leaves_the_others_alone),
		ONE(what_is_returned_has_another_turn),
		ONE(an_account_that_fails_keeps_what_is_returned),
		ONE(what_may_have_been_delivered_goes_alone),
		ONE(limits_hold_with_several_under_way),
		ONE(asked_to_end_it_completes_what_is_under_way),
		ONE(a_death_with_several_under_way_is_an_attempt_of_each),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
