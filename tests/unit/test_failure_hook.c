/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue_help.h"

#include "../lib/test_runtime.h"

#include "runner/failure_hook.h"

static void held_by_auth(struct queue_item *item)
{
	xreplace(&item->reason.text, "the server \"refused\" the password\n");
}

static void expired(struct queue_item *item)
{
	item->rcpts[2].state = RCPT_FAILED;
	item->rcpts[2].status.kind = ERROR_CONNECT;
	item->rcpts[2].status.text = xstrdup("no answer");
	item->rcpts[1].reported |= NOTIFIED_FAILED;
}

static void hostile(struct queue_item *item)
{
	server_words_set(&item->rcpts[1].status.server, SPAN_LIT("\"},{\"\r\n\033\377"));
	xreplace(&item->rcpts[1].status.text, "\"},{\"\r\n\033\377");
}

static void no_more_time(struct queue_item *item)
{
	item->due = 1795269999;
	item->account = NULL;
}

/* What is in the object, and what is not. */
static const struct {
	enum failure_event event;
	void (*change)(struct queue_item *item);
	const char *has[4], *not ;
} table[] = {
	{FAILURE_HELD,
	 held_by_auth,
	 {"\"event\":\"held\"", "\"reason\":\"the server \\\"refused\\\" the password\\n\"",
	  "--queue-release 01jd3k8qz5f7m", "\"next_attempt\":null"},
	 "\n\""},
	{FAILURE_FAILED,
	 NULL,
	 {"\"event\":\"failed\"", "\"reason\":\"the server refused this recipient: 550 5.1.1 no such user 5.1.1 here\"",
	  "\"host\":\"mail.example.org\"", "\"code\":550,\"enhanced\":\"5.1.1\""},
	 "may have been"},
	{FAILURE_FAILED,
	 NULL,
	 {"\"from\":\"me@example.org\"", "\"attempts\":2", "\"queue_id\":\"01jd3k8qz5f7m\"", "\"account\":\"work\""},
	 NULL},
	{FAILURE_EXPIRED,
	 expired,
	 {"\"event\":\"expired\"", "\"reason\":\"no answer\"", "\"possible_duplicate\":true",
	  "It may have been delivered all the same"},
	 NULL},
	{FAILURE_DELAYED,
	 no_more_time,
	 {"\"event\":\"delayed\"", "\"account\":null",
	  "\"next_attempt\":\"2026-11-21T14:06:39Z\",\"next_attempt_unix\":1795269999", "--queue-show 01jd3k8qz5f7m"},
	 NULL},
	{FAILURE_FAILED,
	 hostile,
	 {"\"text\":\"\\\"},{\\\"\\u000d\\n\\u001b\357\277\275\"", "\"server\":\"\\\"},{\\\" ??\"", "\"changed\":true",
	  "\"state\":\"failed\""},
	 "\377"},
};

static void the_object_says_what_happened(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		AUTO(strbuf) json = STRBUF_INIT;
		fill_item(&item);
		char *account = item.account;
		if (table[i].change)
			table[i].change(&item);
		failure_hook_json(&item, table[i].event, &json);
		if (!item.account)
			free(account);
		for (size_t k = 0; k < ARRAY_SIZE(table[i].has); k++) {
			if (!strstr(json.buf, table[i].has[k]))
				print_message("# row %zu: no %s in %s\n", i, table[i].has[k], json.buf);
			assert_non_null(strstr(json.buf, table[i].has[k]));
		}
		assert_true(!table[i].not || !strstr(json.buf, table[i].not ));
		assert_int_equal(json.buf[json.len - 1], '\n');
		assert_ptr_equal(memchr(json.buf, '\n', json.len), json.buf + json.len - 1); /* one line */
	}
}

static void those_told_of_before_are_not_news(void **state)
{
	(void)state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(strbuf) json = STRBUF_INIT;
	fill_item(&item);
	item.rcpts[1].reported |= NOTIFIED_FAILED;
	failure_hook_json(&item, FAILURE_FAILED, &json);
	assert_null(strstr(json.buf, "\"changed\":true"));
}

static void no_command_is_no_failure(void **state)
{
	(void)state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	const struct runtime runtime = test_runtime();
	fill_item(&item);
	AUTO_PTR(account) account = account_new("work", FLAVOUR_OWN, NULL);
	assert_true(account_complete(account, NULL));
	assert_true(failure_hook_run(account, &item, FAILURE_FAILED, &runtime, NULL));
}

/* Its words reach it as they are; what a shell would make of them does not happen. */
static void there_is_no_shell(void **state)
{
	(void)state;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(error) err = ERROR_INIT;
	const struct runtime runtime = test_runtime();
	fill_item(&item);
	AUTO_PTR(account) account = account_new("work", FLAVOUR_OWN, NULL);
	assert_true(account_set(account, OPT_ON_FAILURE, span_of("test \"$HOME; exit 0\" = \"a b\""),
				(struct origin){.kind = ORIGIN_FILE}, NULL));
	assert_false(failure_hook_run(account, &item, FAILURE_FAILED, &runtime, &err));
	assert_non_null(strstr(err.status.text, "on_failure: the command test failed with exit status 1"));
}

static msec_t leaps(const struct clock *clock)
{
	static msec_t now;
	(void)clock;
	return now += 70000; /* a minute is over at the next look, and nothing is waited for */
}

static void one_that_hangs_is_ended(void **state)
{
	(void)state;
	static const struct clock hasty = {leaps, NULL};
	struct runtime runtime = test_runtime();
	runtime.clock = &hasty;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(error) err = ERROR_INIT;
	fill_item(&item);
	AUTO_PTR(account) account = account_new("work", FLAVOUR_OWN, NULL);
	assert_true(account_set(account, OPT_ON_FAILURE, SPAN_LIT("sleep 100000"), (struct origin){.kind = ORIGIN_FILE},
				NULL));
	assert_false(failure_hook_run(account, &item, FAILURE_FAILED, &runtime, &err));
	assert_non_null(strstr(err.status.text, "did not end in time"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_object_says_what_happened), cmocka_unit_test(those_told_of_before_are_not_news),
		cmocka_unit_test(no_command_is_no_failure),	 cmocka_unit_test(there_is_no_shell),
		cmocka_unit_test(one_that_hangs_is_ended),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
