/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue_help.h"

#include "queue/queue_health.h"
#include "queue/item_route.h"
#include "queue/queue_json.h"
#include "queue/queue_text.h"

#define NOW 1795262700

struct given {
	const char *name;
	enum queue_state state;
	enum queue_hold hold;
	const char *held_for, *last;
	int64_t due, not_before;
	struct spool_stat where;
	/* wanted: */
	char mark;
	const char *reason;
	int64_t next;
	const char *hint;
};

static const struct given table[] = {
	{"new", QUEUE_QUEUED, HOLD_NONE, NULL, NULL, NOW, 0, {.claimed = false}, ' ', NULL, NOW, NULL},
	{"tried",
	 QUEUE_QUEUED,
	 HOLD_NONE,
	 NULL,
	 "later",
	 NOW + 60,
	 0,
	 {.claimed = false},
	 ' ',
	 "later",
	 NOW + 60,
	 NULL},
	{"being sent", QUEUE_QUEUED, HOLD_NONE, NULL, NULL, NOW, 0, {.claimed = true}, '*', NULL, NOW, NULL},
	{"being sent beats held",
	 QUEUE_HELD,
	 HOLD_CONFIG,
	 "fix it",
	 NULL,
	 0,
	 0,
	 {.claimed = true},
	 '*',
	 "fix it",
	 0,
	 NULL},
	{"send later",
	 QUEUE_QUEUED,
	 HOLD_NONE,
	 NULL,
	 NULL,
	 NOW,
	 NOW + 100,
	 {.claimed = false},
	 ' ',
	 "to be sent later: Sat Nov 21 12:06:40",
	 NOW + 100,
	 NULL},
	{"send later is over",
	 QUEUE_QUEUED,
	 HOLD_NONE,
	 NULL,
	 NULL,
	 NOW,
	 NOW - 100,
	 {.claimed = false},
	 ' ',
	 NULL,
	 NOW,
	 NULL},
	{"what failed, and what fixes it",
	 QUEUE_HELD,
	 HOLD_CONFIG,
	 "wrong password\nask for another",
	 NULL,
	 0,
	 0,
	 {.claimed = false},
	 '!',
	 "wrong password",
	 0,
	 "ask for another"},
	{"held by the user",
	 QUEUE_HELD,
	 HOLD_USER,
	 NULL,
	 "later",
	 NOW,
	 0,
	 {.claimed = false},
	 '!',
	 "held until it is released with --queue-release",
	 0,
	 NULL},
	{"held to be fixed",
	 QUEUE_HELD,
	 HOLD_CONFIG,
	 "no\033 password\r\n",
	 "later",
	 0,
	 0,
	 {.claimed = false},
	 '!',
	 "no? password",
	 0,
	 NULL},
	{"held, tried in a while",
	 QUEUE_HELD,
	 HOLD_CONFIG,
	 "no host",
	 NULL,
	 NOW + 7200,
	 0,
	 {.claimed = false},
	 '!',
	 "no host",
	 NOW + 7200,
	 NULL},
	{"held without words",
	 QUEUE_HELD,
	 HOLD_CONFIG,
	 NULL,
	 "it said no",
	 0,
	 0,
	 {.claimed = false},
	 '!',
	 "it said no",
	 0,
	 NULL},
	{"held without any words",
	 QUEUE_HELD,
	 HOLD_CONFIG,
	 NULL,
	 NULL,
	 0,
	 0,
	 {.claimed = false},
	 '!',
	 "held until the configuration changes",
	 0,
	 NULL},
	{"damaged",
	 QUEUE_HELD,
	 HOLD_DAMAGED,
	 "what is left\nlook at it",
	 "later",
	 NOW + 60,
	 0,
	 {.damaged = true},
	 '!',
	 "what is left",
	 0,
	 "look at it"},
	{"failed",
	 QUEUE_FAILED,
	 HOLD_NONE,
	 NULL,
	 "gone",
	 NOW,
	 0,
	 {.folder = SPOOL_FAILED},
	 '#',
	 "failed, and the report could not be sent: gone",
	 0,
	 NULL},
	{"failed without words",
	 QUEUE_FAILED,
	 HOLD_NONE,
	 NULL,
	 NULL,
	 NOW,
	 0,
	 {.folder = SPOOL_FAILED},
	 '#',
	 "failed, and the report could not be sent",
	 0,
	 NULL},
};

static void make(struct queue_item *item, const struct given *g)
{
	struct recipient rcpt = {{(char[]){"a@example.org"}, NULL}, NULL, NULL, 0};
	struct envelope env = {.mail.sender = {(char[]){"me@example.org"}, NULL}, .rcpts = &rcpt, .n = 1};
	queue_item_set_envelope(item, &env);
	item->id = xstrdup("01jd3k8qz5f7m");
	item->arrival = NOW - 300;
	item->state = g->state;
	item->hold = g->hold;
	if (g->held_for) /* and what to do about it, on the next line */
		item->reason = (struct status){.kind = ERROR_CONFIG,
					       .text = xmemdup0(g->held_for, g->hint ? strcspn(g->held_for, "\n")
										     : strlen(g->held_for)),
					       .hint = xstrdup_null(g->hint)};
	item->due = g->due;
	item->not_before = g->not_before;
	item->size = 1536;
	if (g->last)
		queue_item_attempt(item, NOW - 60,
				   &(struct status){.kind = ERROR_SERVER_TEMPORARY,
						    .text = (char *)(uintptr_t)g->last});
	queue_item_attempt(item, NOW - 30, /* for others: no reason to wait */
			   &(struct status){.code = 250,
					    .host = (char *)"mail.example.org",
					    .server = {(char *)"fine", (char *)"fine"}});
	if (!g->last) {
		status_release(&item->history[0].status);
		item->n_history = 0;
	}
}

static void mark_reason_and_next_attempt_follow_from_the_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const struct given *g = &table[i];
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		make(&item, g);
		struct queue_view view = {.item = &item, .where = g->where, .now = NOW};
		AUTO_FREE char *reason = queue_view_reason(&view);
		print_message("# %s\n", g->name);
		assert_int_equal(queue_view_mark(&view), g->mark);
		assert_int_equal(queue_item_next_attempt(&item), g->next);
		if (g->reason)
			assert_string_equal(reason, g->reason);
		else
			assert_null(reason);
		AUTO_FREE char *hint = queue_view_hint(&view);
		if (g->hint)
			assert_string_equal(hint, g->hint);
		else
			assert_null(hint);
	}
}

/* A message of this account whose last attempt, if any, ended so. */
static void make_of_account(struct queue_item *item, const char *account, enum queue_state state, int64_t due,
			    enum error_kind failed)
{
	const struct given g = {.state = state, .hold = state == QUEUE_HELD ? HOLD_CONFIG : HOLD_NONE, .due = due};
	make(item, &g);
	item->account = xstrdup(account);
	item->account_fault = error_kind_scope(failed) == ERROR_SCOPE_ACCOUNT;
	if (failed != ERROR_NONE)
		queue_item_attempt(item, NOW - 30, &(struct status){.kind = failed, .text = (char *)"it is closed"});
}

static void what_waits_for_its_account_names_reason_and_message(void **state)
{
	enum { NOTHING = -1, CHANGE = 0 };
	static const struct {
		const char *name;
		/* the other one */
		const char *account;
		enum queue_state state;
		int64_t due;
		enum error_kind failed;
		/* this one */
		int64_t own_due;
		int64_t next; /* or NOTHING: it waits for its own time */
	} rows[] = {
		{"a refused password", "work", QUEUE_HELD, 0, ERROR_AUTH_REFUSED, NOW - 9, CHANGE},
		{"a refused password, due later", "work", QUEUE_HELD, 0, ERROR_AUTH_REFUSED, NOW + 9, CHANGE},
		{"a wrong line", "work", QUEUE_HELD, 0, ERROR_CONFIG, NOW - 9, CHANGE},
		{"of another account", "home", QUEUE_HELD, 0, ERROR_AUTH_REFUSED, NOW - 9, NOTHING},
		{"held by the user without a failure", "work", QUEUE_HELD, 0, ERROR_NONE, NOW - 9, NOTHING},
		{"the message's own fault", "work", QUEUE_HELD, 0, ERROR_NOT_OFFERED, NOW - 9, NOTHING},
		{"no connection", "work", QUEUE_QUEUED, NOW + 60, ERROR_CONNECT, NOW - 9, NOW + 60},
		{"no connection, due before", "work", QUEUE_QUEUED, NOW + 60, ERROR_CONNECT, NOW + 9, NOW + 60},
		{"no connection, due after", "work", QUEUE_QUEUED, NOW + 60, ERROR_CONNECT, NOW + 99, NOTHING},
		{"no connection, and over", "work", QUEUE_QUEUED, NOW - 1, ERROR_CONNECT, NOW - 9, NOTHING},
		{"a certificate", "work", QUEUE_HELD, NOW + 60, ERROR_CERTIFICATE, NOW - 9, NOW + 60},
		{"one recipient later", "work", QUEUE_QUEUED, NOW + 60, ERROR_SERVER_TEMPORARY, NOW - 9, NOTHING},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(queue_item) other = QUEUE_ITEM_INIT, item = QUEUE_ITEM_INIT;
		AUTO(account_waits) waits = ACCOUNT_WAITS_INIT;
		print_message("# %s\n", rows[i].name);
		make_of_account(&other, rows[i].account, rows[i].state, rows[i].due, rows[i].failed);
		make_of_account(&item, "work", QUEUE_QUEUED, rows[i].own_due, ERROR_NONE);
		account_waits_add(&waits, &item, NOW);
		account_waits_add(&waits, &other, NOW);
		struct queue_view view = {.item = &item, .now = NOW};
		view.waits_for = account_waits_find(&waits, &item, NOW);
		AUTO_FREE char *reason = queue_view_reason(&view);
		if (rows[i].next == NOTHING) {
			assert_null(reason);
			assert_int_equal(queue_view_next_attempt(&view), rows[i].own_due < NOW ? NOW : rows[i].own_due);
			continue;
		}
		assert_string_equal(reason, "waits for account work: it is closed (01jd3k8qz5f7m)");
		assert_int_equal(queue_view_next_attempt(&view), rows[i].next);
	}
}

static void an_account_without_a_name_is_called_by_its_host(void **state)
{
	static const struct {
		const char *account, *setting, *environment, *wanted;
	} rows[] = {
		{"work", "host mail.example.org", NULL, "work"},
		{NULL, "host mail.example.org", "host other.example.org", "mail.example.org"},
		{NULL, "port 25", "host other.example.org", "other.example.org"},
		{"", NULL, NULL, "(without a name)"},
		{NULL, "hosts x", NULL, "(without a name)"},
		{"a\033[2J", NULL, NULL, "a?[2J"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		item.account = xstrdup_null(rows[i].account);
		if (rows[i].setting)
			strvec_push(&item.settings, rows[i].setting);
		if (rows[i].environment)
			strvec_push(&item.environment, rows[i].environment);
		AUTO_FREE char *label = queue_item_account_label(&item);
		assert_string_equal(label, rows[i].wanted);
	}
}

static void a_recipients_reason_is_ours_the_code_and_the_servers(void **state)
{
	const struct {
		struct queue_rcpt rcpt;
		const char *wanted;
	} rows[] = {
		{{.state = RCPT_OPEN}, NULL},
		{{.status.text = (char[]){"no"}}, "no"},
		{{.status.text = (char[]){""}}, NULL},
		{{.status.text = (char[]){"no"}, .status.server.line = (char[]){"5.1.1 who?"}, .status.code = 550},
		 "no: 550 5.1.1 who?"},
		{{.status.server.line = (char[]){"5.1.1 who?"}, .status.code = 550}, "550 5.1.1 who?"},
		{{.status.server.line = (char[]){"who\033[0m\n?"}}, "who?[0m ?"},
		{{.state = RCPT_UNCERTAIN}, "may have been delivered"},
		{{.state = RCPT_UNCERTAIN, .status.text = (char[]){"lost"}}, "lost"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FREE char *reason = queue_rcpt_reason(&rows[i].rcpt);
		if (rows[i].wanted)
			assert_string_equal(reason, rows[i].wanted);
		else
			assert_null(reason);
	}
}

static void a_reason_is_said_once_for_those_who_share_it(void **state)
{
	struct recipient rcpts[5] = {{{(char[]){"a@x"}, NULL}, NULL, NULL, 0},
				     {{(char[]){"b@x"}, NULL}, NULL, NULL, 0},
				     {{(char[]){"c@x"}, NULL}, NULL, NULL, 0},
				     {{(char[]){"d@x"}, NULL}, NULL, NULL, 0},
				     {{(char[]){"e@x"}, NULL}, NULL, NULL, 0}};
	struct envelope env = {.mail.sender = {(char[]){""}, NULL}, .rcpts = rcpts, .n = 5};
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(strbuf) out = STRBUF_INIT;
	(void)state;
	queue_item_set_envelope(&item, &env);
	item.id = xstrdup("01jd3k8qz5f7m");
	item.arrival = NOW;
	item.size = UINT64_MAX;
	item.rcpts[0].status.text = xstrdup("later");
	item.rcpts[1].state = RCPT_ACCEPTED;
	item.rcpts[1].status.text = xstrdup("thanks");
	item.rcpts[2].status.text = xstrdup("later");
	item.rcpts[4].status.text = xstrdup("never");
	queue_item_attempt(&item, NOW, &(struct status){.kind = ERROR_CONNECTION_LOST, .stage = (char *)"EHLO"});
	queue_list_message(&out, &(struct queue_view){.item = &item, .now = NOW});
	assert_string_equal(out.buf, "01jd3k8qz5f7m  18446744073709551615 Sat Nov 21 12:05:00  MAILER-DAEMON\n"
				     "                (later)\n"
				     "                                             a@x\n"
				     "                                             c@x\n"
				     "                (failed)\n"
				     "                                             d@x\n"
				     "                (never)\n"
				     "                                             e@x\n"
				     "\n");
	strbuf_reset(&out);
	queue_list_footer(&out, 2047, 1);
	queue_list_footer(&out, 0, 0);
	assert_string_equal(out.buf, "-- 1 Kbytes in 1 Request.\n-- 0 Kbytes in 0 Requests.\n");
}

static void everything_that_can_be_known_is_shown(void **state)
{
	static const char *const wanted[] = {
		"Message: 01jd3k8qz5f7m\n",
		"State: held until something is fixed\n",
		"Account: work\n",
		"Configuration: /home/me/other rc\n",
		"Setting of the command line: tls_starttls on\n",
		"Setting of the command line: domain two lines\n",
		"Message-ID: <abc@example.org>\n",
		"From: me@example.org\n",
		"To: anna@example.org (accepted by the next server)\n",
		"To: j\303\266rg@b\303\274cher.example (refused for good)\n",
		("    the server refused this recipient: 550 5.1.1 no such user 5.1.1 here\n"
		 "    said by mail.example.org\n"),
		"To: \"a b\"@example.net (may have been delivered, to be tried again)\n",
		"Reports wanted: failure,delay\n",
		"Reports return: hdrs\n",
		"Envelope ID: id = 7 + 1\n",
		"Deliver within: -3600 seconds",
		"Priority: -9\n",
		"Required: verified TLS",
		"Why: the server refused the password\n",
		"Attempts: 2\n",
		"  mail.example.org: RCPT TO <x>: later, please: 10:20\n",
		"  it succeeded\n",
	};
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(strbuf) out = STRBUF_INIT, octets = STRBUF_INIT;
	struct json j = JSON_INIT(&octets);
	struct queue_view view = {.item = &item, .now = NOW};
	(void)state;
	fill_item(&item);
	queue_text_message(&out, &view);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		if (!strstr(out.buf, wanted[i]))
			print_message("# missing: %s\n# in: %s\n", wanted[i], out.buf);
		assert_non_null(strstr(out.buf, wanted[i]));
	}
	queue_json_message(&j, &view);
	queue_json_details(&j, &item);
	json_end(&j);
	assert_non_null(strstr(octets.buf, "\"hold\":\"fix\""));
	assert_non_null(strstr(octets.buf, "\"possible_duplicate\":true"));
	assert_null(strstr(octets.buf, "0123abcd")); /* the fingerprint is internal */
	assert_null(strstr(out.buf, "0123abcd"));
}

static void a_header_is_shown_with_lines_and_without_commands(void **state)
{
	static const struct {
		struct span given;
		const char *wanted;
	} rows[] = {
		{SPAN_LIT("A: b\r\n\tc\r\n\r\n"), "A: b\n\tc\n\n"},
		{SPAN_LIT("A: b\nC: d"), "A: b\nC: d"},
		{SPAN_LIT("a\rb\r"), "a?b?"},
		{SPAN_LIT("\033[2J\0\177"), "?[2J??"},
		{SPAN_LIT("j\303\266rg"), "j\303\266rg"},
		{SPAN_LIT("\303\302\233\377"), "????"},
		{SPAN_LIT("\342\200\256x"), "???x"},
		{SPAN_LIT(""), ""},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		queue_text_header(&out, rows[i].given);
		assert_string_equal(out.buf, rows[i].wanted);
	}
}

static void only_what_needs_somebody_is_stuck(void **state)
{
	static const struct {
		const char *name;
		enum queue_state state;
		enum queue_hold hold;
		int64_t age, later;
		bool stuck;
	} rows[] = {
		{"new", QUEUE_QUEUED, HOLD_NONE, 0, 0, false},
		{"of the future", QUEUE_QUEUED, HOLD_NONE, -1000, 0, false},
		{"at the limit", QUEUE_QUEUED, HOLD_NONE, QUEUE_HEALTH_AGE, 0, false},
		{"beyond the limit", QUEUE_QUEUED, HOLD_NONE, QUEUE_HEALTH_AGE + 1, 0, true},
		{"old, to be sent later", QUEUE_QUEUED, HOLD_NONE, 1000000, NOW + 1, false},
		{"old, to be sent since long", QUEUE_QUEUED, HOLD_NONE, 1000000, NOW - QUEUE_HEALTH_AGE - 1, true},
		{"held by the user, old", QUEUE_HELD, HOLD_USER, 1000000, 0, false},
		{"held to be corrected", QUEUE_HELD, HOLD_CONFIG, 0, 0, true},
		{"damaged", QUEUE_HELD, HOLD_DAMAGED, 0, 0, true},
		{"failed", QUEUE_FAILED, HOLD_NONE, 0, 0, true},
	};
	struct queue_health none = {0}, damaged = {.damaged = 1};
	(void)state;
	assert_false(queue_health_stuck(&none));
	assert_true(queue_health_stuck(&damaged));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct queue_health health = {0};
		struct queue_item item = {.state = rows[i].state,
					  .hold = rows[i].hold,
					  .arrival = NOW - rows[i].age,
					  .not_before = rows[i].later};
		print_message("# %s\n", rows[i].name);
		queue_health_count(&health, &(struct queue_view){.item = &item, .now = NOW});
		assert_int_equal(queue_health_stuck(&health), rows[i].stuck);
		AUTO(strbuf) line = STRBUF_INIT;
		queue_health_line(&health, &line);
		assert_int_equal(strncmp(line.buf, rows[i].stuck ? "QUEUE STUCK - " : "QUEUE OK - ",
					 rows[i].stuck ? 14 : 11),
				 0);
		assert_null(strchr(line.buf, '\n'));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mark_reason_and_next_attempt_follow_from_the_state),
		cmocka_unit_test(what_waits_for_its_account_names_reason_and_message),
		cmocka_unit_test(an_account_without_a_name_is_called_by_its_host),
		cmocka_unit_test(a_recipients_reason_is_ours_the_code_and_the_servers),
		cmocka_unit_test(a_reason_is_said_once_for_those_who_share_it),
		cmocka_unit_test(everything_that_can_be_known_is_shown),
		cmocka_unit_test(a_header_is_shown_with_lines_and_without_commands),
		cmocka_unit_test(only_what_needs_somebody_is_stuck),
	};
	(void)setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests_name("queue_list", tests, NULL, NULL);
}
