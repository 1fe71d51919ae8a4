/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue_help.h"

#include "queue/retry.h"

#define NOW INT64_C(1795262400)
#define DAY (24 * 3600)

/* Chance that always says the same. */
struct fixed_rng {
	struct rng rng;
	unsigned char octet;
};

static void fill_fixed(const struct rng *rng, void *p, size_t len)
{
	memset(p, ((const struct fixed_rng *)(const void *)rng)->octet, len);
}

static const struct fixed_rng least = {{fill_fixed}, 0};

/* The default without jitter. */
static struct retry_policy plain_policy(void)
{
	struct retry_policy policy = retry_policy_default;
	policy.jitter_percent = 0;
	return policy;
}

/* The decision about an item whose one recipient failed so. */
static struct retry_decision decide_one(const struct retry_policy *policy, const struct queue_item *item,
					const struct status *fault, bool in_transaction, int64_t now,
					const struct rng *rng)
{
	struct queue_rcpt rcpt = {.status = *fault}; /* borrows its texts */
	struct queue_item one = *item;
	one.rcpts = &rcpt;
	one.n = 1;
	return attempt_decide(&one, in_transaction, policy, now, rng);
}

/* ---- the schedule ---------------------------------------------------- */

static void the_schedule_is_followed_and_its_end_repeats(void **state)
{
	(void)state;
	static const int64_t minutes[] = {1, 1, 2, 5, 15, 30, 60, 120, 120, 120}; /* after attempt 0, 1, 2 ... */
	struct retry_policy policy = plain_policy();
	struct status fault = {.kind = ERROR_CONNECT};
	for (unsigned attempts = 0; attempts < ARRAY_SIZE(minutes); attempts++) {
		struct queue_item item = {.arrival = NOW, .age_from = NOW, .attempts = attempts};
		struct retry_decision d = decide_one(&policy, &item, &fault, false, NOW + 10, &least.rng);
		assert_int_equal(d.action, RETRY_LATER);
		assert_int_equal(d.due, NOW + 10 + minutes[attempts] * 60);
		assert_int_equal(d.age_from, NOW);
	}
	struct queue_item many = {.arrival = NOW, .age_from = NOW, .attempts = UINT32_MAX};
	struct retry_decision d = decide_one(&policy, &many, &fault, false, NOW, &least.rng);
	assert_int_equal(d.due, NOW + 7200);
}

static void jitter_only_lengthens_and_stays_within_its_part(void **state)
{
	(void)state;
	struct status fault = {.kind = ERROR_CONNECT};
	struct queue_item item = {.arrival = NOW, .age_from = NOW, .attempts = 7};
	int64_t first = 0;
	bool differs = false;
	for (unsigned octet = 0; octet < 256; octet++) {
		struct fixed_rng rng = {{fill_fixed}, (unsigned char)octet};
		struct retry_decision d = decide_one(&retry_policy_default, &item, &fault, false, NOW, &rng.rng);
		assert_true(d.due >= NOW + 7200 && d.due <= NOW + 7200 + 1440);
		differs |= octet && d.due != first;
		first = octet ? first : d.due;
		assert_true(retry_due(&retry_policy_default, &(struct queue_item){.due = d.due}, NOW) ==
			    d.due); /* never taken for a wrong clock */
	}
	assert_true(differs);
}

/* ---- what becomes of each fault ------------------------------------------ */

static void every_kind_of_fault_has_its_verdict(void **state)
{
	(void)state;
	static const struct {
		enum error_kind kind;
		enum retry_action before, in; /* before MAIL, from MAIL on */
		enum retry_scope scope_before, scope_in;
		bool probes;
	} rows[] = {
		{ERROR_USAGE, RETRY_HOLD, RETRY_HOLD, RETRY_ACCOUNT, RETRY_ACCOUNT, false},
		{ERROR_MESSAGE, RETRY_GIVE_UP, RETRY_GIVE_UP, RETRY_MESSAGE, RETRY_MESSAGE, false},
		{ERROR_ADDRESS, RETRY_GIVE_UP, RETRY_GIVE_UP, RETRY_MESSAGE, RETRY_MESSAGE, false},
		{ERROR_TOO_BIG, RETRY_GIVE_UP, RETRY_GIVE_UP, RETRY_MESSAGE, RETRY_MESSAGE, false},
		{ERROR_MESSAGE_REFUSED, RETRY_GIVE_UP, RETRY_GIVE_UP, RETRY_MESSAGE, RETRY_MESSAGE, false},
		{ERROR_FILE_MISSING, RETRY_HOLD, RETRY_HOLD, RETRY_ACCOUNT, RETRY_ACCOUNT, true},
		{ERROR_RECIPIENT_REFUSED, RETRY_GIVE_UP, RETRY_GIVE_UP, RETRY_MESSAGE, RETRY_MESSAGE, false},
		{ERROR_LOCAL_NAME, RETRY_GIVE_UP, RETRY_GIVE_UP, RETRY_MESSAGE, RETRY_MESSAGE, false},
		{ERROR_HOST_UNKNOWN, RETRY_HOLD, RETRY_HOLD, RETRY_ACCOUNT, RETRY_ACCOUNT, true},
		{ERROR_SERVER_REFUSES, RETRY_HOLD, RETRY_GIVE_UP, RETRY_ACCOUNT, RETRY_MESSAGE, true},
		{ERROR_NOT_OFFERED, RETRY_HOLD, RETRY_HOLD, RETRY_MESSAGE, RETRY_MESSAGE, true},
		{ERROR_NO_REQUIRETLS, RETRY_HOLD, RETRY_HOLD, RETRY_MESSAGE, RETRY_MESSAGE, true},
		{ERROR_CANNOT_HOLD, RETRY_HOLD, RETRY_HOLD, RETRY_MESSAGE, RETRY_MESSAGE, true},
		{ERROR_NO_MECHANISM, RETRY_HOLD, RETRY_HOLD, RETRY_ACCOUNT, RETRY_ACCOUNT, true},
		{ERROR_INTERNAL, RETRY_GIVE_UP, RETRY_GIVE_UP, RETRY_MESSAGE, RETRY_MESSAGE, false},
		{ERROR_SYSTEM, RETRY_LATER, RETRY_LATER, RETRY_ACCOUNT, RETRY_MESSAGE, false},
		{ERROR_CANNOT_CREATE, RETRY_HOLD, RETRY_HOLD, RETRY_ACCOUNT, RETRY_MESSAGE, true},
		{ERROR_IO, RETRY_LATER, RETRY_LATER, RETRY_ACCOUNT, RETRY_MESSAGE, false},
		{ERROR_DAMAGED, RETRY_HOLD, RETRY_HOLD, RETRY_MESSAGE, RETRY_MESSAGE, false},
		{ERROR_DNS_TEMPORARY, RETRY_LATER, RETRY_LATER, RETRY_ACCOUNT, RETRY_ACCOUNT, false},
		{ERROR_CONNECT, RETRY_LATER, RETRY_LATER, RETRY_ACCOUNT, RETRY_ACCOUNT, false},
		{ERROR_TIMEOUT, RETRY_LATER, RETRY_LATER, RETRY_ACCOUNT, RETRY_MESSAGE, false},
		{ERROR_CONNECTION_LOST, RETRY_LATER, RETRY_LATER, RETRY_ACCOUNT, RETRY_MESSAGE, false},
		{ERROR_SERVER_TEMPORARY, RETRY_LATER, RETRY_LATER, RETRY_ACCOUNT, RETRY_MESSAGE, false},
		{ERROR_SECRET_UNAVAILABLE, RETRY_LATER, RETRY_LATER, RETRY_ACCOUNT, RETRY_ACCOUNT, false},
		{ERROR_FILTER, RETRY_LATER, RETRY_LATER, RETRY_MESSAGE, RETRY_MESSAGE, false},
		{ERROR_UNCERTAIN, RETRY_LATER, RETRY_LATER, RETRY_MESSAGE, RETRY_MESSAGE, false},
		{ERROR_INTERRUPTED, RETRY_LATER, RETRY_LATER, RETRY_ACCOUNT, RETRY_MESSAGE, false},
		{ERROR_PROTOCOL, RETRY_LATER, RETRY_GIVE_UP, RETRY_ACCOUNT, RETRY_MESSAGE, false},
		{ERROR_TLS, RETRY_HOLD, RETRY_HOLD, RETRY_ACCOUNT, RETRY_ACCOUNT, true},
		{ERROR_AUTH_REFUSED, RETRY_HOLD, RETRY_HOLD, RETRY_ACCOUNT, RETRY_ACCOUNT, false},
		{ERROR_LOGIN_EXPIRED, RETRY_HOLD, RETRY_HOLD, RETRY_ACCOUNT, RETRY_ACCOUNT, false},
		{ERROR_SENDER_REFUSED, RETRY_GIVE_UP, RETRY_GIVE_UP, RETRY_MESSAGE, RETRY_MESSAGE, false},
		{ERROR_CERTIFICATE, RETRY_HOLD, RETRY_HOLD, RETRY_ACCOUNT, RETRY_ACCOUNT, true},
		{ERROR_NO_ACCESS, RETRY_HOLD, RETRY_HOLD, RETRY_ACCOUNT, RETRY_ACCOUNT, true},
		{ERROR_TLS_UNVERIFIED, RETRY_HOLD, RETRY_HOLD, RETRY_MESSAGE, RETRY_MESSAGE, false},
		{ERROR_CONFIG, RETRY_HOLD, RETRY_HOLD, RETRY_ACCOUNT, RETRY_ACCOUNT, false},
	};
	struct retry_policy policy = plain_policy();
	assert_int_equal(ARRAY_SIZE(rows), ERROR_KIND_COUNT - 1); /* a new kind needs a row */
	for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		bool in = i % 2;
		struct queue_item item = {.arrival = NOW, .age_from = NOW, .attempts = 1};
		struct status fault = {.kind = rows[i / 2].kind};
		struct retry_decision d = decide_one(&policy, &item, &fault, in, NOW, &least.rng);
		if (d.action != (in ? rows[i / 2].in : rows[i / 2].before) ||
		    d.scope != (in ? rows[i / 2].scope_in : rows[i / 2].scope_before))
			print_message("# %s, %d\n", error_kind_name(fault.kind), in);
		assert_int_equal(d.action, in ? rows[i / 2].in : rows[i / 2].before);
		assert_int_equal(d.scope, in ? rows[i / 2].scope_in : rows[i / 2].scope_before);
		assert_int_equal(d.due, d.action == RETRY_LATER			       ? NOW + 60
					: d.action == RETRY_HOLD && rows[i / 2].probes ? NOW + 7200
										       : 0);
		assert_false(d.expired);
	}
}

static void rate_limits_are_respected(void **state)
{
	(void)state;
	static const struct {
		int code;
		const char *enhanced;
		bool in;
		unsigned attempts;
		int64_t wait;
		enum retry_scope scope;
	} cases[] = {
		{421, "4.3.2", true, 1, 900, RETRY_ACCOUNT},   {421, NULL, false, 1, 900, RETRY_ACCOUNT},
		{450, "4.7.1", true, 1, 900, RETRY_MESSAGE},   {454, "4.7.0", false, 1, 900, RETRY_ACCOUNT},
		{451, "4.7.28", true, 6, 3600, RETRY_MESSAGE}, /* the schedule is longer already */
		{450, "4.2.2", true, 1, 60, RETRY_MESSAGE},    {450, "", true, 1, 60, RETRY_MESSAGE},
		{451, "4.77.1", true, 1, 60, RETRY_MESSAGE},
	};
	struct retry_policy policy = plain_policy();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct queue_item item = {.arrival = NOW, .age_from = NOW, .attempts = cases[i].attempts};
		struct status fault = {.kind = ERROR_SERVER_TEMPORARY, .code = cases[i].code};
		(void)snprintf(fault.enhanced, sizeof(fault.enhanced), "%s",
			       cases[i].enhanced ? cases[i].enhanced : "");
		struct retry_decision d = decide_one(&policy, &item, &fault, cases[i].in, NOW, &least.rng);
		assert_int_equal(d.action, RETRY_LATER);
		assert_int_equal(d.due - NOW, cases[i].wait);
		assert_int_equal(d.scope, cases[i].scope);
	}
}

/* ---- several recipients -------------------------------------------------- */

#define RCPTS 5

/* How a recipient failed; the first of a row without a kind ends it. */
struct failure {
	enum error_kind kind;
	int code;
	const char *enhanced;
};

static size_t make_rcpts(struct queue_rcpt *rcpts, const struct failure *failures)
{
	size_t n = 0;
	for (; n < RCPTS && failures[n].kind != ERROR_NONE; n++) {
		rcpts[n] = (struct queue_rcpt){.status = {.kind = failures[n].kind, .code = failures[n].code}};
		(void)snprintf(rcpts[n].status.enhanced, ENHANCED_MAX, "%s",
			       failures[n].enhanced ? failures[n].enhanced : "");
	}
	return n;
}

static void assert_same_decision(const struct retry_decision *a, const struct retry_decision *b)
{
	assert_int_equal(a->action, b->action);
	assert_int_equal(a->scope, b->scope);
	assert_true(a->due == b->due);
	assert_true(a->age_from == b->age_from);
	assert_int_equal(a->expired, b->expired);
}

/* The longest wait that one of them needs; in both orders, for the first one to be asked is not the one that counts. */
static void the_recipients_decide_together(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		struct failure failures[RCPTS];
		enum retry_action verdict;
		int64_t wait; /* 0: no time */
		enum retry_scope scope;
		size_t left; /* recipients still to be tried */
	} rows[] = {
		{"450, then 451 4.7.1",
		 {{ERROR_SERVER_TEMPORARY, 450, "4.2.0"}, {ERROR_SERVER_TEMPORARY, 451, "4.7.1"}},
		 RETRY_LATER,
		 900,
		 RETRY_MESSAGE,
		 2},
		{"450 and 452",
		 {{ERROR_SERVER_TEMPORARY, 450, ""}, {ERROR_SERVER_TEMPORARY, 452, "4.2.2"}},
		 RETRY_LATER,
		 60,
		 RETRY_MESSAGE,
		 2},
		{"a rate limit that is for good does not count",
		 {{ERROR_SERVER_TEMPORARY, 450, ""}, {ERROR_RECIPIENT_REFUSED, 550, "5.7.1"}},
		 RETRY_LATER,
		 60,
		 RETRY_MESSAGE,
		 1},
		{"one refused, one uncertain",
		 {{ERROR_RECIPIENT_REFUSED, 550, "5.1.1"}, {ERROR_UNCERTAIN, 0, ""}},
		 RETRY_LATER,
		 60,
		 RETRY_MESSAGE,
		 1},
		{"all refused",
		 {{ERROR_RECIPIENT_REFUSED, 550, "5.1.1"}, {ERROR_MESSAGE_REFUSED, 554, ""}},
		 RETRY_GIVE_UP,
		 0,
		 RETRY_MESSAGE,
		 0},
		{"one needs what the server does not offer, the other may go later",
		 {{ERROR_NOT_OFFERED, 0, ""}, {ERROR_SERVER_TEMPORARY, 450, ""}},
		 RETRY_LATER,
		 60,
		 RETRY_MESSAGE,
		 2},
		{"one refused, one held for the server",
		 {{ERROR_RECIPIENT_REFUSED, 550, ""}, {ERROR_NOT_OFFERED, 0, ""}},
		 RETRY_HOLD,
		 7200,
		 RETRY_MESSAGE,
		 1},
		{"one held for a password, one for the server",
		 {{ERROR_AUTH_REFUSED, 535, ""}, {ERROR_NOT_OFFERED, 0, ""}},
		 RETRY_HOLD,
		 7200,
		 RETRY_ACCOUNT,
		 2},
		{"421 to one",
		 {{ERROR_SERVER_TEMPORARY, 450, ""}, {ERROR_SERVER_TEMPORARY, 421, ""}},
		 RETRY_LATER,
		 900,
		 RETRY_ACCOUNT,
		 2},
	};
	struct retry_policy policy = plain_policy();
	for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		struct queue_rcpt rcpts[RCPTS];
		AUTO(queue_item) item = {.arrival = NOW, .age_from = NOW, .attempts = 1};
		size_t k = i / 2;
		item.n = make_rcpts(rcpts, rows[k].failures);
		if (i % 2) {
			struct queue_rcpt first = rcpts[0];
			rcpts[0] = rcpts[1];
			rcpts[1] = first;
		}
		item.rcpts = rcpts;
		struct retry_decision d = attempt_decide(&item, true, &policy, NOW, &least.rng);
		if (d.action != rows[k].verdict || d.due != (rows[k].wait ? NOW + rows[k].wait : 0))
			print_message("# %s: %s\n", rows[k].name, i % 2 ? "the other way round" : "as it is");
		assert_int_equal(d.action, rows[k].verdict);
		assert_int_equal(d.due, rows[k].wait ? NOW + rows[k].wait : 0);
		assert_int_equal(d.scope, rows[k].scope);
		attempt_apply(&d, &item, NULL, NULL);
		assert_int_equal(queue_item_pending(&item), rows[k].left);
		item.rcpts = NULL; /* not malloc'ed */
		item.n = 0;
	}
}

/* Any failures of any number of recipients, in any order: the same decision. */
static void the_order_of_recipients_makes_no_difference(void **state)
{
	(void)state;
	static const struct failure failures[] = {
		{ERROR_SERVER_TEMPORARY, 450, "4.2.0"},
		{ERROR_SERVER_TEMPORARY, 451, "4.7.1"},
		{ERROR_SERVER_TEMPORARY, 421, "4.3.2"},
		{ERROR_RECIPIENT_REFUSED, 550, "5.1.1"},
		{ERROR_MESSAGE_REFUSED, 554, ""},
		{ERROR_UNCERTAIN, 0, ""},
		{ERROR_NOT_OFFERED, 0, ""},
		{ERROR_AUTH_REFUSED, 535, "5.7.8"},
		{ERROR_TLS, 0, ""},
		{ERROR_CONNECTION_LOST, 0, ""},
	};
	static const struct fixed_rng some = {{fill_fixed}, 0x5a};
	uint32_t x = 1;
	for (unsigned round = 0; round < 5000; round++) {
		struct failure chosen[RCPTS] = {{ERROR_NONE, 0, NULL}};
		struct queue_rcpt rcpts[RCPTS];
		size_t n = 2 + round % (RCPTS - 1);
		for (size_t i = 0; i < n; i++) {
			x = x * 1664525 + 1013904223;
			chosen[i] = failures[(x >> 16) % ARRAY_SIZE(failures)];
		}
		struct queue_item item = {.arrival = NOW, .age_from = NOW, .attempts = 1 + round % 3, .rcpts = rcpts};
		int64_t now = round % 7 ? NOW + 100 : NOW + 6 * DAY;
		bool in = round % 2;
		item.n = make_rcpts(rcpts, chosen);
		struct retry_decision before = attempt_decide(&item, in, &retry_policy_default, now, &some.rng);
		for (size_t i = n - 1; i > 0; i--) {
			x = x * 1664525 + 1013904223;
			size_t k = (x >> 16) % (i + 1);
			struct queue_rcpt moved = rcpts[i];
			rcpts[i] = rcpts[k];
			rcpts[k] = moved;
		}
		struct retry_decision after = attempt_decide(&item, in, &retry_policy_default, now, &some.rng);
		assert_same_decision(&before, &after);
	}
}

/* Recipients that are done with say nothing about the next attempt. */
static void only_pending_recipients_count(void **state)
{
	(void)state;
	struct retry_policy policy = plain_policy();
	static const enum rcpt_state states[] = {RCPT_ACCEPTED, RCPT_FAILED};
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		static const struct failure failures[RCPTS] = {{ERROR_SERVER_TEMPORARY, 450, ""},
							       {ERROR_SERVER_TEMPORARY, 451, "4.7.1"}};
		struct queue_rcpt rcpts[RCPTS];
		struct queue_item item = {.arrival = NOW, .age_from = NOW, .attempts = 1, .rcpts = rcpts};
		item.n = make_rcpts(rcpts, failures);
		rcpts[1].state = states[i];
		struct retry_decision d = attempt_decide(&item, true, &policy, NOW, &least.rng);
		assert_int_equal(d.due, NOW + 60);
		rcpts[0].state = states[i];
		d = attempt_decide(&item, true, &policy, NOW, &least.rng);
		assert_int_equal(d.action, RETRY_GIVE_UP);
	}
}

/* ---- age and clocks ------------------------------------------------------ */

static void messages_are_given_up_when_their_time_is_over(void **state)
{
	(void)state;
	static const struct {
		int64_t age_from, now;
		unsigned attempts;
		enum error_kind kind;
		enum retry_action verdict;
		int64_t due, new_age_from;
	} cases[] = {
		{NOW, NOW + 5 * DAY - 1, 60, ERROR_CONNECT, RETRY_LATER, NOW + 5 * DAY,
		 NOW}, /* the last attempt is at the end */
		{NOW, NOW + 5 * DAY - 7300, 60, ERROR_CONNECT, RETRY_LATER, NOW + 5 * DAY - 100, NOW},
		{NOW, NOW + 5 * DAY, 60, ERROR_CONNECT, RETRY_GIVE_UP, 0, NOW},
		{NOW, NOW + 5 * DAY, 60, ERROR_AUTH_REFUSED, RETRY_GIVE_UP, 0, NOW},
		{NOW, NOW + 50 * DAY, 60, ERROR_TLS, RETRY_GIVE_UP, 0, NOW},
		/* slept through, or the clock jumped ahead: not without three attempts */
		{NOW, NOW + 50 * DAY, 1, ERROR_CONNECT, RETRY_LATER, NOW + 50 * DAY + 60, NOW},
		{NOW, NOW + 50 * DAY, 2, ERROR_CONNECT, RETRY_LATER, NOW + 50 * DAY + 120, NOW},
		{NOW, NOW + 50 * DAY, 3, ERROR_CONNECT, RETRY_GIVE_UP, 0, NOW},
		{NOW, NOW + 50 * DAY, 2, ERROR_CONFIG, RETRY_HOLD, 0, NOW},
		/* arrived in the future */
		{NOW + 3650 * DAY, NOW, 60, ERROR_CONNECT, RETRY_LATER, NOW + 7200, NOW},
		{INT64_MAX, NOW, 60, ERROR_CONNECT, RETRY_LATER, NOW + 7200, NOW},
		/* arrived before there were clocks */
		{100, NOW, 60, ERROR_CONNECT, RETRY_LATER, NOW + 7200, NOW},
		{INT64_MIN, NOW, 60, ERROR_CONNECT, RETRY_LATER, NOW + 7200, NOW},
		/* and it is still that early */
		{100, 1000, 1, ERROR_CONNECT, RETRY_LATER, 1060, 100},
		{100, 100 + 6 * DAY, 60, ERROR_CONNECT, RETRY_GIVE_UP, 0, 100},
	};
	struct retry_policy policy = plain_policy();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct queue_item item = {
			.arrival = cases[i].age_from, .age_from = cases[i].age_from, .attempts = cases[i].attempts};
		struct status fault = {.kind = cases[i].kind};
		struct retry_decision d = decide_one(&policy, &item, &fault, false, cases[i].now, &least.rng);
		if (d.action != cases[i].verdict || d.due != cases[i].due)
			print_message("# case %zu\n", i);
		assert_int_equal(d.action, cases[i].verdict);
		assert_true(d.due == cases[i].due);
		assert_int_equal(d.expired, cases[i].verdict == RETRY_GIVE_UP);
		assert_true(d.age_from == cases[i].new_age_from);
		item.attempts--;
		assert_int_equal(retry_expired(&policy, &item, cases[i].now), d.expired);
	}
}

static void a_short_life_needs_fewer_attempts(void **state)
{
	(void)state;
	static const struct {
		int64_t lifetime;
		unsigned attempts;
	} cases[] = {{0, 1}, {59, 1}, {60, 2}, {179, 2}, {180, 3}, {1000000, 3}};
	struct status fault = {.kind = ERROR_CONNECT};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct retry_policy policy = plain_policy();
		policy.lifetime = cases[i].lifetime;
		for (unsigned attempts = 1; attempts <= 4; attempts++) {
			struct queue_item item = {.arrival = NOW, .age_from = NOW, .attempts = attempts};
			struct retry_decision d =
				decide_one(&policy, &item, &fault, false, NOW + cases[i].lifetime, &least.rng);
			assert_int_equal(d.action, attempts >= cases[i].attempts ? RETRY_GIVE_UP : RETRY_LATER);
		}
	}
}

/* From arrival to the end, as the runner lives it: five days, and no endless loop. */
static void a_life_of_failures_ends_in_time(void **state)
{
	(void)state;
	for (unsigned octet = 0; octet < 256; octet += 17) {
		struct fixed_rng rng = {{fill_fixed}, (unsigned char)octet};
		AUTO(queue_item) item = {.arrival = NOW, .age_from = NOW, .due = NOW};
		struct status fault = {.kind = ERROR_CONNECT};
		struct retry_decision d = {.action = RETRY_LATER};
		int64_t now = NOW;
		while (d.action == RETRY_LATER) {
			now = retry_due(&retry_policy_default, &item, now);
			item.attempts++;
			d = decide_one(&retry_policy_default, &item, &fault, false, now, &rng.rng);
			attempt_apply(&d, &item, NULL, NULL);
			assert_true(d.action != RETRY_LATER || item.due > now);
		}
		assert_true(d.expired);
		assert_int_equal(now, NOW + 5 * DAY);
		assert_true(item.attempts > 50 && item.attempts < 70);
	}
}

static void due_times_are_put_right(void **state)
{
	(void)state;
	static const struct {
		struct queue_item item;
		int64_t due;
	} cases[] = {
		{{.due = NOW + 100}, NOW + 100},
		{{.due = NOW - 100 * DAY}, NOW - 100 * DAY}, /* overdue is due */
		{{.due = 0}, 0},
		{{.due = NOW + 8640}, NOW + 8640}, /* the longest interval with all its jitter */
		{{.due = NOW + 8641},
		 NOW}, /* set when the clock was ahead: a time that is counted from each look again never comes */
		{{.due = INT64_MAX}, NOW},
		{{.due = NOW, .not_before = NOW + 30 * DAY}, NOW + 30 * DAY}, /* send later may be far */
		{{.due = NOW + 30 * DAY, .not_before = NOW + 30 * DAY}, NOW + 30 * DAY},
		{{.due = NOW + 50, .not_before = NOW + 10}, NOW + 50},
		{{.state = QUEUE_FAILED, .due = NOW}, RETRY_NEVER},
		{{.state = QUEUE_HELD, .hold = HOLD_USER, .due = NOW}, RETRY_NEVER},
		{{.state = QUEUE_HELD, .hold = HOLD_CONFIG}, RETRY_NEVER},
		{{.state = QUEUE_HELD, .hold = HOLD_CONFIG, .due = NOW + 60}, NOW + 60},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t due = retry_due(&retry_policy_default, &cases[i].item, NOW);
		if (due != cases[i].due)
			print_message("# case %zu\n", i);
		assert_true(due == cases[i].due);
	}
}

static void after_a_sleep_the_start_is_spread(void **state)
{
	(void)state;
	static const struct fixed_rng odd = {{fill_fixed}, 0x7f};
	bool later = false;
	assert_int_equal(retry_after_sleep(&retry_policy_default, -5, NOW, &odd.rng), NOW);
	assert_int_equal(retry_after_sleep(&retry_policy_default, 60, NOW, &odd.rng), NOW);
	for (unsigned octet = 0; octet < 256; octet++) {
		struct fixed_rng rng = {{fill_fixed}, (unsigned char)octet};
		int64_t start = retry_after_sleep(&retry_policy_default, 8 * 3600, NOW, &rng.rng);
		int64_t sooner = retry_after_sleep(&retry_policy_default, 100, NOW, &rng.rng);
		assert_true(start >= NOW && start <= NOW + 30);
		assert_true(sooner >= NOW && sooner <= NOW + 10);
		later |= start > NOW;
	}
	assert_true(later);
}

/* ---- holding ---------------------------------------------------------- */

static void what_is_held_goes_when_something_changed(void **state)
{
	(void)state;
	struct status fault = {.kind = ERROR_AUTH_REFUSED, .text = (char *)"wrong password"};
	struct retry_decision d;
	AUTO(queue_item) item = {.arrival = NOW, .age_from = NOW, .attempts = 1};
	d = decide_one(&retry_policy_default, &item, &fault, false, NOW, &least.rng);
	attempt_apply(&d, &item, "before", &fault);
	assert_int_equal(item.state, QUEUE_HELD);
	assert_int_equal(item.hold, HOLD_CONFIG);
	assert_string_equal(item.reason.text, "wrong password");
	assert_int_equal(item.reason.kind, ERROR_AUTH_REFUSED);
	assert_false(retry_changed(&item, "before"));
	assert_true(retry_changed(&item, "after"));
	assert_true(retry_changed(&item, NULL));

	fault.kind = ERROR_CONNECT;
	d = decide_one(&retry_policy_default, &item, &fault, false, NOW, &least.rng);
	attempt_apply(&d, &item, "before", &fault);
	assert_int_equal(item.state, QUEUE_QUEUED);
	assert_int_equal(item.hold, HOLD_NONE);
	assert_null(item.reason.text);
	assert_null(item.fingerprint);
	assert_false(retry_changed(&item, "after"));

	AUTO(queue_item) by_user = {.state = QUEUE_HELD, .hold = HOLD_USER};
	assert_false(retry_changed(&by_user, NULL));

	fault.kind = ERROR_MESSAGE;
	item.age_from = INT64_MAX;
	d = decide_one(&retry_policy_default, &item, &fault, false, NOW, &least.rng);
	attempt_apply(&d, &item, NULL, NULL);
	assert_int_equal(item.state, QUEUE_QUEUED); /* the caller's to end */
	assert_true(item.age_from == NOW);
}

static void what_holds_its_account(void **state)
{
	(void)state;
	static const struct {
		enum queue_hold hold;
		int64_t due;
		enum error_kind kind;
		bool holds;
	} rows[] = {
		{HOLD_CONFIG, 0, ERROR_AUTH_REFUSED, true},    {HOLD_CONFIG, 0, ERROR_CONFIG, true},
		{HOLD_CONFIG, NOW, ERROR_AUTH_REFUSED, false}, {HOLD_CONFIG, 0, ERROR_TLS, false}, /* may clear up */
		{HOLD_CONFIG, 0, ERROR_NOT_OFFERED, false}, /* this message's own */
		{HOLD_CONFIG, 0, ERROR_CONNECT, false},	       {HOLD_CONFIG, 0, ERROR_NONE, false},
		{HOLD_USER, 0, ERROR_AUTH_REFUSED, false},     {HOLD_DAMAGED, 0, ERROR_AUTH_REFUSED, false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(queue_item) item = {.state = QUEUE_HELD, .hold = rows[i].hold, .due = rows[i].due};
		assert_false(retry_holds_account(&item)); /* without a history */
		queue_item_attempt(&item, NOW, &(struct status){.kind = rows[i].kind});
		assert_int_equal(retry_holds_account(&item), rows[i].holds);
		item.state = QUEUE_QUEUED;
		assert_false(retry_holds_account(&item));
	}
}

static void an_account_is_held_back_as_a_whole(void **state)
{
	(void)state;
	AUTO(retry_account) account = {.failures = 0};
	struct retry_policy policy = plain_policy();
	assert_true(retry_account_due(&policy, &account, "a", NOW) <= NOW);

	retry_account_failed(&account, &(struct retry_decision){.action = RETRY_LATER, .due = NOW + 60}, "a");
	assert_int_equal(retry_account_due(&policy, &account, "a", NOW), NOW + 60);
	assert_int_equal(retry_account_due(&policy, &account, "b", NOW),
			 NOW + 60); /* waiting is no matter of settings */
	assert_int_equal(retry_account_due(&policy, &account, "a", NOW - 100 * DAY),
			 NOW - 100 * DAY); /* the clock went back */

	retry_account_failed(&account, &(struct retry_decision){.action = RETRY_HOLD}, "a");
	assert_int_equal(account.failures, 2);
	assert_true(retry_account_due(&policy, &account, "a", NOW) == RETRY_NEVER);
	assert_true(retry_account_due(&policy, &account, "b", NOW) <= NOW);
	retry_account_failed(&account, &(struct retry_decision){.action = RETRY_HOLD, .due = NOW + 7200}, "a");
	assert_int_equal(retry_account_due(&policy, &account, "a", NOW), NOW + 7200);

	retry_account_worked(&account);
	assert_int_equal(account.failures, 0);
	assert_true(retry_account_due(&policy, &account, "a", NOW) <= NOW);
}

/* Whatever the times and the fault: no overflow, and what is decided holds together. */
static void nothing_a_clock_says_breaks_it(void **state)
{
	(void)state;
	static const int64_t times[] = {INT64_MIN,     INT64_MIN + 1, -1,	0, 1, 1767225599, 1767225600, NOW,
					NOW + 5 * DAY, INT64_MAX - 1, INT64_MAX};
	static const unsigned attempts[] = {0, 1, 3, UINT32_MAX};
	for (size_t i = 0; i < ARRAY_SIZE(times) * ARRAY_SIZE(times) * ARRAY_SIZE(attempts) * ERROR_KIND_COUNT; i++) {
		size_t k = i;
		int64_t from = times[k % ARRAY_SIZE(times)];
		k /= ARRAY_SIZE(times);
		int64_t now = times[k % ARRAY_SIZE(times)];
		k /= ARRAY_SIZE(times);
		AUTO(queue_item)
		item = {.arrival = from, .age_from = from, .due = from, .attempts = attempts[k % ARRAY_SIZE(attempts)]};
		k /= ARRAY_SIZE(attempts);
		struct status fault = {.kind = k ? (enum error_kind)k : ERROR_CONNECT};
		struct retry_decision d = decide_one(&retry_policy_default, &item, &fault, false, now, &least.rng);
		assert_true(d.age_from <= now || d.age_from == from);
		assert_true(d.action != RETRY_LATER || d.due > now || now >= INT64_MAX - 1);
		attempt_apply(&d, &item, NULL, NULL);
		(void)retry_due(&retry_policy_default, &item, now);
		(void)retry_expired(&retry_policy_default, &item, now);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_schedule_is_followed_and_its_end_repeats),
		cmocka_unit_test(jitter_only_lengthens_and_stays_within_its_part),
		cmocka_unit_test(every_kind_of_fault_has_its_verdict),
		cmocka_unit_test(rate_limits_are_respected),
		cmocka_unit_test(the_recipients_decide_together),
		cmocka_unit_test(the_order_of_recipients_makes_no_difference),
		cmocka_unit_test(only_pending_recipients_count),
		cmocka_unit_test(messages_are_given_up_when_their_time_is_over),
		cmocka_unit_test(a_short_life_needs_fewer_attempts),
		cmocka_unit_test(a_life_of_failures_ends_in_time),
		cmocka_unit_test(due_times_are_put_right),
		cmocka_unit_test(after_a_sleep_the_start_is_spread),
		cmocka_unit_test(what_is_held_goes_when_something_changed),
		cmocka_unit_test(what_holds_its_account),
		cmocka_unit_test(an_account_is_held_back_as_a_whole),
		cmocka_unit_test(nothing_a_clock_says_breaks_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
