/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/enqueue.h"
#include "runner/enqueue_item.h"
#include "runner/retry_policy.h"

#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

static struct account *account_of(enum config_flavour flavour, const char *const *lines, enum origin_kind origin)
{
	struct account *a = account_new("work", flavour, NULL);
	for (; *lines; lines++) {
		struct span rest = span_of(*lines), name;
		assert_true(span_split(&rest, ' ', &name));
		const struct option_row *row = option_by_command(name);
		assert_non_null(row);
		assert_true(account_set(a, row->id, rest, (struct origin){.kind = origin, .file = "x"}, NULL));
	}
	return a;
}

#define SET 4

static void modes_by_rows_and_letters(void **state)
{
	(void)state;
	static const struct {
		enum config_flavour flavour;
		const char *lines[SET], *flags[SET];
		char letter;
		enum enqueue_mode mode;
	} rows[] = {
		{FLAVOUR_OWN, {NULL}, {NULL}, 0, ENQUEUE_AUTO},
		{FLAVOUR_MSMTP, {NULL}, {NULL}, 0, ENQUEUE_OFF},
		{FLAVOUR_MSMTP, {NULL}, {NULL}, 'q', ENQUEUE_OFF},
		{FLAVOUR_MSMTP, {"queue auto"}, {NULL}, 0, ENQUEUE_AUTO},
		{FLAVOUR_OWN, {"queue off"}, {NULL}, 0, ENQUEUE_OFF},
		{FLAVOUR_OWN, {"queue always"}, {NULL}, 0, ENQUEUE_ALWAYS},
		{FLAVOUR_OWN, {NULL}, {NULL}, 'i', ENQUEUE_AUTO},
		{FLAVOUR_OWN, {NULL}, {NULL}, 'b', ENQUEUE_ALWAYS},
		{FLAVOUR_OWN, {NULL}, {NULL}, 'q', ENQUEUE_ALWAYS},
		{FLAVOUR_OWN, {NULL}, {NULL}, 'd', ENQUEUE_ALWAYS},
		{FLAVOUR_OWN, {"queue always"}, {NULL}, 'i', ENQUEUE_AUTO},
		{FLAVOUR_OWN, {"queue off"}, {NULL}, 'q', ENQUEUE_OFF},
		{FLAVOUR_OWN, {"queue off"}, {"queue auto"}, 0, ENQUEUE_AUTO},
		{FLAVOUR_OWN, {NULL}, {"queue off"}, 'q', ENQUEUE_OFF},
		{FLAVOUR_OWN, {NULL}, {"queue auto"}, 'q', ENQUEUE_AUTO},
		{FLAVOUR_OWN, {NULL}, {"queue always"}, 'i', ENQUEUE_ALWAYS},
		{FLAVOUR_OWN, {"undo_window 20s"}, {NULL}, 0, ENQUEUE_ALWAYS},
		{FLAVOUR_OWN, {"undo_window 20s"}, {NULL}, 'i', ENQUEUE_ALWAYS},
		{FLAVOUR_OWN, {"undo_window off"}, {NULL}, 0, ENQUEUE_AUTO},
		{FLAVOUR_OWN, {"undo_window 20s"}, {"undo_window off"}, 0, ENQUEUE_AUTO},
		{FLAVOUR_OWN, {"undo_window 20s", "queue off"}, {NULL}, 0, ENQUEUE_OFF},
		{FLAVOUR_OWN, {"undo_window 20s"}, {"queue off"}, 0, ENQUEUE_OFF},
		{FLAVOUR_MSMTP, {"undo_window 20s"}, {NULL}, 0, ENQUEUE_ALWAYS},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_PTR(account) a = account_of(rows[i].flavour, rows[i].lines, ORIGIN_FILE);
		AUTO_PTR(account) flags = account_of(FLAVOUR_OWN, rows[i].flags, ORIGIN_COMMAND_LINE);
		account_merge(a, flags);
		assert_true(account_complete(a, NULL));
		if (enqueue_mode_of(a, rows[i].letter) != rows[i].mode)
			fail_msg("row %zu: mode %d, wanted %d", i, (int)enqueue_mode_of(a, rows[i].letter),
				 (int)rows[i].mode);
	}
}

static void settings_that_are_needed_again(void **state)
{
	(void)state;
	static const struct {
		const char *line, *stored; /* NULL: not stored */
	} rows[] = {
		{"host a.example b.example", "host a.example b.example"},
		{"port 2525", "port 2525"},
		{"tls off", "tls off"},
		{"timeout 90s", "timeout 90s"},
		{"user a \"b\" c", "user a \"b\" c"},
		{"user  joe ", "user \" joe \""},
		{"user ", "user"},
		{"password_file secret", "password_file /f/secret"},
		{"password_file /etc/secret", "password_file /etc/secret"},
		{"netrc on", "netrc on"},
		{"netrc off", "netrc off"},
		{"netrc mine", "netrc /f/mine"},
		{"tls_trust_file system", "tls_trust_file system"},
		{"tls_trust_file ca.pem", "tls_trust_file /f/ca.pem"},
		{"tls_trust_add ca.pem /etc/cas", "tls_trust_add /f/ca.pem /etc/cas"},
		{"tls_key_file pkcs11:token=x", "tls_key_file pkcs11:token=x"},
		{"logfile -", "logfile -"},
		{"logfile log", "logfile /f/log"},
		{"syslog_tag mine", "syslog_tag mine"},
		{"partial abort", "partial abort"},
		{"size_limit 10M", "size_limit 10m"},
		{"early_pipelining on", "early_pipelining on"},
		{"on_failure notify-send \"a b\"", "on_failure notify-send \"a b\""},
		{"password geheim", NULL},
		{"proxy_password geheim", NULL},
		{"queue always", NULL},
		{"undo_window 20s", NULL},
		{"queue_autostart off", NULL},
		{"require_tls on", NULL},
		{"from a@example.org", NULL},
		{"dsn_notify failure", NULL},
		{"hold_for 5m", NULL},
		{"set_date_header off", NULL},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *const lines[] = {rows[i].line, NULL};
		static const enum origin_kind origins[] = {ORIGIN_COMMAND_LINE, ORIGIN_ENVIRONMENT, ORIGIN_FILE};
		for (size_t k = 0; k < ARRAY_SIZE(origins); k++) {
			AUTO_PTR(account) a = account_of(FLAVOUR_OWN, lines, origins[k]);
			AUTO(queue_item) item = QUEUE_ITEM_INIT;
			const char *wanted = origins[k] == ORIGIN_FILE ? NULL : rows[i].stored;
			bool environment = origins[k] == ORIGIN_ENVIRONMENT;
			const struct strvec *stored = environment ? &item.environment : &item.settings;
			enqueue_item_add_settings(&item, a, "/f");
			assert_int_equal(item.settings.n + item.environment.n, wanted != NULL);
			if (wanted)
				assert_string_equal(stored->v[0], wanted);
		}
	}
}

/* An account that is in no file, with the defaults of an msmtprc, is described completely. */
static void the_server_of_smtpserver_keeps_its_defaults(void **state)
{
	(void)state;
	const char *const lines[] = {"host h", NULL};
	AUTO_PTR(account) a = account_of(FLAVOUR_MSMTP, lines, ORIGIN_ENVIRONMENT);
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	assert_true(account_complete(a, NULL));
	enqueue_item_add_settings(&item, a, "/f");
	assert_true(strvec_has(&item.environment, "host h"));
	assert_true(strvec_has(&item.environment, "port 25"));
	assert_true(strvec_has(&item.environment, "tls off"));
}

static void what_is_worth_another_attempt(void **state)
{
	(void)state;
	for (int kind = ERROR_NONE + 1; kind < ERROR_KIND_COUNT; kind++) {
		AUTO(error) err = ERROR_INIT;
		struct outcome o = {.kind = OUTCOME_OPEN};
		(void)error_set(&err, (enum error_kind)kind, "x");
		outcome_from_error(&o, &err);
		bool retry = kind == ERROR_LOGIN_EXPIRED || /* kept until the user has logged in again */
			     (error_kind_disposition((enum error_kind)kind) == DISPOSITION_RETRY &&
			      kind != ERROR_INTERRUPTED);
		assert_int_equal(enqueue_item_wants(&o, true), retry);
		assert_int_equal(enqueue_item_wants(&o, false), retry && kind != ERROR_UNCERTAIN);
		outcome_release(&o);
	}
	static const enum outcome_kind never[] = {OUTCOME_ACCEPTED, OUTCOME_REFUSED, OUTCOME_QUEUED, OUTCOME_OPEN};
	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		assert_false(
			enqueue_item_wants(&(struct outcome){.kind = never[i], .status.kind = ERROR_CONNECT}, true));
}

/* ---- items ---- */

static void envelope_of(struct envelope *env, size_t n)
{
	*env = ENVELOPE_INIT;
	env->mail.sender = (struct mail_address){xstrdup("me@example.org"), xstrdup("me@example.org")};
	for (size_t i = 0; i < n; i++)
		envelope_add(env, (struct mail_address){xasprintf("%c@example.org", (char)('a' + i)),
							xasprintf("%c@example.org", (char)('a' + i))});
}

static void holding_moves_the_lifetime_along(void **state)
{
	(void)state;
	AUTO(queue_item) item = {.arrival = 1000, .age_from = 1000, .mail.params = {.hold_for = 60, .hold_until = 5}};
	enqueue_item_hold(&item, 0);
	assert_int_equal(item.mail.params.hold_for, 0);
	assert_int_equal(item.mail.params.hold_until, 0);
	assert_int_equal(item.not_before, 0);
	assert_int_equal(item.age_from, 1000);
	enqueue_item_hold(&item, 1060);
	assert_int_equal(item.not_before, 1060);
	assert_int_equal(item.due, 1060);
	assert_int_equal(item.age_from, 1060);
	assert_int_equal(item.arrival, 1000);
}

static void chance_of(const struct rng *rng, void *out, size_t len)
{
	(void)rng;
	memset(out, 0, len);
}

static void an_attempt_is_entered_for_those_who_stay(void **state)
{
	(void)state;
	static const struct rng rng = {.fill = chance_of};
	struct outcome outcomes[] = {
		{.kind = OUTCOME_ACCEPTED},
		{.kind = OUTCOME_RETRY,
		 .status = {.kind = ERROR_SERVER_TEMPORARY,
			    .code = 451,
			    .enhanced = "4.7.1",
			    .text = (char *)"put off",
			    .stage = (char *)"RCPT TO:<b@example.org>",
			    .host = (char *)"mail.example.org",
			    .server = {(char *)"grey", (char *)"grey"}},
		 .of_recipient = true},
		{.kind = OUTCOME_REFUSED,
		 .status = {.kind = ERROR_RECIPIENT_REFUSED, .code = 550, .text = (char *)"no"},
		 .of_recipient = true},
		{.kind = OUTCOME_UNKNOWN,
		 .status = {.kind = ERROR_UNCERTAIN, .text = (char *)"lost", .stage = (char *)"end of data"}},
	};
	struct delivery_result result = {.stage = DELIVERY_TRANSACTION, .outcomes = outcomes, .n = 4};
	static const bool wanted[] = {false, true, false, true};
	AUTO(envelope) env = ENVELOPE_INIT;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	envelope_of(&env, 4);
	queue_item_set_envelope(&item, &env);
	item.arrival = item.age_from = 1700000000;
	assert_true(enqueue_item_attempted(&item, &result, wanted, &retry_policy_default, 1700000010, &rng));
	assert_int_equal(item.n, 2);
	assert_string_equal(item.rcpts[0].who.address.given, "b@example.org");
	assert_int_equal(item.rcpts[0].state, RCPT_OPEN);
	assert_false(item.rcpts[0].possible_duplicate);
	assert_int_equal(item.rcpts[0].status.code, 451);
	assert_string_equal(item.rcpts[0].status.enhanced, "4.7.1");
	assert_string_equal(item.rcpts[0].status.text, "put off");
	assert_string_equal(item.rcpts[0].status.server.line, "grey");
	assert_string_equal(item.rcpts[0].status.host, "mail.example.org");
	assert_int_equal(item.rcpts[0].last_attempt, 1700000010);
	assert_string_equal(item.rcpts[1].who.address.given, "d@example.org");
	assert_int_equal(item.rcpts[1].state, RCPT_UNCERTAIN);
	assert_true(item.rcpts[1].possible_duplicate);
	assert_int_equal(item.attempts, 1);
	assert_int_equal(item.n_history, 1);
	assert_string_equal(item.history[0].status.stage, "RCPT TO:<b@example.org>"); /* the rate limit decides when */
	assert_string_equal(item.history[0].status.text, "put off");
	assert_string_equal(item.history[0].status.server.line, "grey");
	assert_int_equal(item.state, QUEUE_QUEUED);
	assert_int_equal(item.due, 1700000910);
}

static void what_a_server_without_dsn_accepted_is_left_to_report(void **state)
{
	(void)state;
	static const struct {
		unsigned notify;
		const char *sender;
		unsigned offered;
		enum outcome_kind outcome;
		bool reports;
	} rows[] = {
		{NOTIFY_SUCCESS, "me@example.org", 0, OUTCOME_ACCEPTED, true},
		{NOTIFY_SUCCESS | NOTIFY_FAILURE, "me@example.org", CAP_SIZE, OUTCOME_ACCEPTED, true},
		{NOTIFY_SUCCESS, "me@example.org", CAP_DSN, OUTCOME_ACCEPTED, false},
		{NOTIFY_SUCCESS, "", 0, OUTCOME_ACCEPTED, false},
		{NOTIFY_SUCCESS, "me@example.org", 0, OUTCOME_RETRY, false},
		{NOTIFY_SUCCESS, "me@example.org", 0, OUTCOME_UNKNOWN, false},
		{NOTIFY_FAILURE, "me@example.org", 0, OUTCOME_ACCEPTED, false},
		{NOTIFY_NEVER, "me@example.org", 0, OUTCOME_ACCEPTED, false},
		{NOTIFY_UNSET, "me@example.org", 0, OUTCOME_ACCEPTED, false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct recipient of_message = {.notify = 0}, of_its_own = {.notify = rows[i].notify};
		struct envelope env = {.mail = {.sender = {(char *)rows[i].sender, NULL}, .notify = rows[i].notify},
				       .rcpts = &of_message,
				       .n = 1};
		const struct caps caps = {.bits = rows[i].offered};
		const struct outcome outcome = {.kind = rows[i].outcome};
		assert_int_equal(enqueue_item_reports(&env, 0, &caps, &outcome), rows[i].reports);
		env.mail.notify = rows[i].notify ? NOTIFY_DELAY : NOTIFY_UNSET;
		env.rcpts = &of_its_own;
		assert_int_equal(enqueue_item_reports(&env, 0, &caps, &outcome), rows[i].reports);
	}
	struct outcome outcomes[] = {{.kind = OUTCOME_RETRY},
				     {.kind = OUTCOME_ACCEPTED, .status = {.code = 250, .host = (char *)"srv"}}};
	struct delivery_result result = {.outcomes = outcomes, .n = 2, .final = {.code = 250}};
	static const bool wanted[] = {false, true};
	AUTO(envelope) env = ENVELOPE_INIT;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	envelope_of(&env, 2);
	queue_item_set_envelope(&item, &env);
	enqueue_item_relayed(&item, &result, wanted, 1700000010);
	assert_int_equal(item.n, 1);
	assert_string_equal(item.rcpts[0].who.address.given, "b@example.org");
	assert_int_equal(item.rcpts[0].state, RCPT_ACCEPTED);
	assert_true(item.rcpts[0].relayed_without_dsn);
	assert_string_equal(item.rcpts[0].status.host, "srv");
	assert_int_equal(queue_item_pending(&item), 0);
	assert_int_equal(item.history[0].status.code, 250);
}

static void a_recipients_trouble_alone(void **state)
{
	(void)state;
	static const struct rng rng = {.fill = chance_of};
	struct outcome outcomes[] = {{.kind = OUTCOME_ACCEPTED},
				     {.kind = OUTCOME_RETRY,
				      .status = {.kind = ERROR_SERVER_TEMPORARY,
						 .code = 451,
						 .text = (char *)"put off",
						 .stage = (char *)"RCPT TO:<b@example.org>",
						 .server = {(char *)"grey", (char *)"grey"}},
				      .of_recipient = true}};
	struct delivery_result result = {.stage = DELIVERY_TRANSACTION, .outcomes = outcomes, .n = 2};
	static const bool wanted[] = {false, true};
	AUTO(envelope) env = ENVELOPE_INIT;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	envelope_of(&env, 2);
	queue_item_set_envelope(&item, &env);
	item.arrival = item.age_from = 1700000000;
	assert_true(enqueue_item_attempted(&item, &result, wanted, &retry_policy_default, 1700000010, &rng));
	assert_int_equal(item.n, 1);
	assert_string_equal(item.history[0].status.stage, "RCPT TO:<b@example.org>");
	assert_int_equal(item.history[0].status.code, 451);
	assert_string_equal(item.history[0].status.text, "put off");
	assert_string_equal(item.history[0].status.server.line, "grey");
}

/* There may be no next attempt: then the failure is the user's to hear of now. */
static void what_has_no_next_attempt_is_not_queued(void **state)
{
	(void)state;
	static const struct rng rng = {.fill = chance_of};
	struct outcome outcomes[] = {
		{.kind = OUTCOME_RETRY, .status = {.kind = ERROR_TIMEOUT, .text = (char *)"slow"}}};
	struct delivery_result result = {.stage = DELIVERY_CONNECT, .outcomes = outcomes, .n = 1};
	static const bool wanted[] = {true}, unwanted[] = {false};
	struct retry_policy short_life = retry_policy_default;
	short_life.lifetime = 30;
	for (unsigned i = 0; i < 3; i++) {
		AUTO(envelope) env = ENVELOPE_INIT;
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		envelope_of(&env, 1);
		queue_item_set_envelope(&item, &env);
		item.arrival = item.age_from = 1700000000;
		bool again = enqueue_item_attempted(&item, &result, i == 2 ? unwanted : wanted, &short_life,
						    i == 0 ? 1700000029 : 1700000030, &rng);
		assert_int_equal(again, i == 0);
	}
}

/* The first attempt keeps a rate limit of any recipient that has to wait, or of the message, in whatever order. */
static void a_rate_limit_at_the_first_attempt(void **state)
{
	(void)state;
	static const struct rng rng = {.fill = chance_of};
#define OF_RECIPIENT(c, e)                                                                        \
	{                                                                                         \
		.kind = OUTCOME_RETRY, .status.kind = ERROR_SERVER_TEMPORARY, .status.code = (c), \
		.status.enhanced = e, .of_recipient = true                                        \
	}
#define OF_ALL(c, e)                                                                                                   \
	{                                                                                                              \
		.kind = OUTCOME_RETRY, .status.kind = ERROR_SERVER_TEMPORARY, .status.code = (c), .status.enhanced = e \
	}
#define TAKEN                                                \
	{                                                    \
		.kind = OUTCOME_ACCEPTED, .status.code = 250 \
	}
#define REFUSED                                                                                      \
	{                                                                                            \
		.kind = OUTCOME_REFUSED, .status.kind = ERROR_RECIPIENT_REFUSED, .status.code = 550, \
		.of_recipient = true                                                                 \
	}
	static const struct {
		struct outcome outcomes[2];
		int64_t after; /* seconds */
	} rows[] = {
		{{OF_RECIPIENT(450, "4.2.1"), OF_RECIPIENT(450, "4.2.1")}, 60},
		{{OF_RECIPIENT(450, "4.7.1"), OF_RECIPIENT(451, "4.7.0")}, 900},
		{{OF_RECIPIENT(450, "4.7.1"), OF_RECIPIENT(450, "4.2.1")}, 900},
		{{OF_RECIPIENT(421, ""), OF_RECIPIENT(450, "4.2.1")}, 900},
		{{TAKEN, OF_RECIPIENT(450, "4.2.1")}, 60},
		{{TAKEN, OF_RECIPIENT(450, "4.7.1")}, 900},
		{{REFUSED, OF_RECIPIENT(450, "4.7.1")}, 900},
		{{OF_RECIPIENT(450, "4.7.1"), TAKEN}, 900},
		{{OF_ALL(451, "4.3.0"), OF_ALL(451, "4.3.0")}, 60},
		{{OF_ALL(421, ""), OF_ALL(421, "")}, 900},
		{{OF_ALL(451, "4.7.0"), OF_ALL(451, "4.7.0")}, 900},
		{{OF_RECIPIENT(450, "4.2.1"), OF_RECIPIENT(451, "4.7.1")}, 900},
		{{OF_RECIPIENT(450, "4.7.1"), OF_ALL(451, "4.3.0")}, 900},
		{{OF_RECIPIENT(450, "4.2.1"), OF_ALL(421, "4.3.2")}, 900},
		{{OF_ALL(421, "4.3.2"), OF_RECIPIENT(450, "4.2.1")}, 900},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct outcome outcomes[2] = {rows[i].outcomes[0], rows[i].outcomes[1]};
		struct delivery_result result = {.stage = DELIVERY_TRANSACTION, .outcomes = outcomes, .n = 2};
		const bool wanted[] = {enqueue_item_wants(&outcomes[0], true), enqueue_item_wants(&outcomes[1], true)};
		AUTO(envelope) env = ENVELOPE_INIT;
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		envelope_of(&env, 2);
		queue_item_set_envelope(&item, &env);
		item.arrival = item.age_from = 1700000000;
		assert_true(enqueue_item_attempted(&item, &result, wanted, &retry_policy_default, 1700000010, &rng));
		assert_int_equal(item.state, QUEUE_QUEUED);
		if (item.due != 1700000010 + rows[i].after)
			fail_msg("row %zu: due after %lld s, wanted %lld s", i, (long long)item.due - 1700000010,
				 (long long)rows[i].after);
	}
}

static void an_accounts_own_times(void **state)
{
	(void)state;
	struct account_retry_policy policy;
	AUTO_PTR(account) a = account_new("work", FLAVOUR_OWN, NULL);
	account_retry_policy_init(&policy, a);
	assert_ptr_equal(policy.retry.schedule, retry_policy_default.schedule);
	assert_int_equal(policy.retry.lifetime, retry_policy_default.lifetime);
	account_retry_policy_release(&policy);
	struct origin origin = {.kind = ORIGIN_COMMAND_LINE};
	assert_true(account_set(a, OPT_QUEUE_RETRY, SPAN_LIT("5s 2h"), origin, NULL));
	assert_true(account_set(a, OPT_QUEUE_LIFETIME, SPAN_LIT("1d"), origin, NULL));
	account_retry_policy_init(&policy, a);
	assert_int_equal(policy.retry.n, 2);
	assert_int_equal(policy.retry.schedule[0], 5);
	assert_int_equal(policy.retry.schedule[1], 7200);
	assert_int_equal(policy.retry.lifetime, 86400);
	account_retry_policy_release(&policy);
	assert_true(account_set(a, OPT_QUEUE_LIFETIME, SPAN_LIT("off"), origin, NULL));
	account_retry_policy_init(&policy, a);
	assert_true(policy.retry.lifetime == INT64_MAX);
	account_retry_policy_release(&policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modes_by_rows_and_letters),
		cmocka_unit_test(settings_that_are_needed_again),
		cmocka_unit_test(the_server_of_smtpserver_keeps_its_defaults),
		cmocka_unit_test(what_is_worth_another_attempt),
		cmocka_unit_test(holding_moves_the_lifetime_along),
		cmocka_unit_test(an_attempt_is_entered_for_those_who_stay),
		cmocka_unit_test(what_a_server_without_dsn_accepted_is_left_to_report),
		cmocka_unit_test(a_recipients_trouble_alone),
		cmocka_unit_test(what_has_no_next_attempt_is_not_queued),
		cmocka_unit_test(a_rate_limit_at_the_first_attempt),
		cmocka_unit_test(an_accounts_own_times),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
