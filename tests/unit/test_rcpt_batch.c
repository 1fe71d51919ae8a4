/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recipients, transactions, and sessions of a server that limits the domains of a session (RFC 9422 section 4.3). */
#include "smtp/client/rcpt_batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/xalloc.h"

/* Addresses with spaces between them. */
static void envelope_of(struct envelope *env, const char *addresses)
{
	AUTO_FREE char *text = xstrdup(addresses);
	for (char *save = NULL, *one = strtok_r(text, " ", &save); one; one = strtok_r(NULL, " ", &save))
		envelope_add(env, (struct mail_address){xstrdup(one), xstrdup(one)});
}

static bool all(void *arg, size_t i)
{
	(void)arg;
	(void)i;
	return true;
}

/* Sends one message: appends its transactions, "a@x b@x|c@x|", and "..." if recipients need another session. */
static void send_one(const char *addresses, struct rcpt_limits limits, struct strvec *domains, struct strbuf *out)
{
	AUTO(envelope) env = ENVELOPE_INIT;
	struct rcpt_batch b = RCPT_BATCH_INIT;
	envelope_of(&env, addresses);
	rcpt_batch_begin(&b, &env, &limits, domains, all, NULL);
	while (rcpt_batch_waiting(&b) && !rcpt_batch_needs_session(&b)) {
		size_t position;
		rcpt_batch_next(&b);
		for (const char *space = ""; rcpt_batch_take(&b, &position); space = " ")
			strbuf_addf(out, "%s%s", space, env.rcpts[rcpt_batch_recipient(&b, position)].address.given);
		strbuf_addch(out, '|');
	}
	strbuf_adds(out, rcpt_batch_waiting(&b) ? "..." : "");
	rcpt_batch_release(&b);
}

static void the_domains_of_a_session_are_counted(void **state)
{
	(void)state;
	static const struct {
		const char *first, *second; /* messages of one session */
		struct rcpt_limits limits;
		const char *sent;
	} rows[] = {
		{"a@x b@y", NULL, {0, 0}, "a@x b@y|"},
		{"a@x b@y c@X", NULL, {0, 2}, "a@x c@X b@y|"},
		{"a@x b@y c@X", NULL, {0, 1}, "a@x c@X|..."},
		{"a@x b@y c@X", NULL, {1, 1}, "a@x|c@X|..."},
		{"a@z b@y c@x", NULL, {0, 2}, "c@x b@y|..."},
		{"a@x", "b@X", {0, 1}, "a@x|b@X|"},
		{"a@x", "b@y", {0, 1}, "a@x|..."},
		{"a@x", "b@y", {0, 0}, "a@x|b@y|"},
		{"a@b a@d a@f", "b@c b@f", {0, 4}, "a@b a@d a@f|b@c b@f|"},
		{"a@b a@d a@f", "b@a b@b b@c b@d b@e b@f", {0, 5}, "a@b a@d a@f|b@a b@b b@c b@d|..."},
		{"a@b a@d a@f", "b@b b@d b@f", {0, 3}, "a@b a@d a@f|b@b b@d b@f|"},
		{"local a@x", NULL, {0, 1}, "local|..."},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strvec) domains = STRVEC_INIT;
		AUTO(strbuf) sent = STRBUF_INIT;
		send_one(rows[i].first, rows[i].limits, &domains, &sent);
		if (rows[i].second)
			send_one(rows[i].second, rows[i].limits, &domains, &sent);
		if (strcmp(sent.buf, rows[i].sent) != 0)
			fail_msg("row %zu: %s, wanted %s", i, sent.buf, rows[i].sent);
	}
}

/* With "partial abort". */
static void all_of_them_fit_or_do_not(void **state)
{
	(void)state;
	static const struct {
		const char *before, *addresses;
		struct rcpt_limits limits;
		bool new_session, this_session;
	} rows[] = {
		{NULL, "a@x b@y", {0, 0}, true, true},	 {NULL, "a@x b@y", {2, 0}, true, true},
		{NULL, "a@x b@y", {1, 0}, false, false}, {NULL, "a@x b@y c@X", {0, 2}, true, true},
		{NULL, "a@x b@y", {0, 1}, false, false}, {"a@x", "b@x", {0, 1}, true, true},
		{"a@x", "b@y", {0, 1}, true, false},	 {"a@x", "b@y c@x", {0, 2}, true, true},
		{"a@x", "b@y c@z", {0, 2}, true, false}, {"a@x", "b@y c@z", {0, 3}, true, true},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strvec) domains = STRVEC_INIT;
		AUTO(strbuf) sent = STRBUF_INIT;
		AUTO(envelope) env = ENVELOPE_INIT;
		struct rcpt_batch b = RCPT_BATCH_INIT;
		if (rows[i].before)
			send_one(rows[i].before, rows[i].limits, &domains, &sent);
		envelope_of(&env, rows[i].addresses);
		rcpt_batch_begin(&b, &env, &rows[i].limits, &domains, all, NULL);
		if (rcpt_batch_fits(&b, false) != rows[i].new_session ||
		    rcpt_batch_fits(&b, true) != rows[i].this_session)
			fail_msg("row %zu", i);
		rcpt_batch_release(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_domains_of_a_session_are_counted),
		cmocka_unit_test(all_of_them_fit_or_do_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
