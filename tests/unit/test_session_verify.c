/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session_verify() and session_etrn() against scripted servers, with their octets cut everywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/strbuf.h"
#include "base/strvec.h"
#include "base/xalloc.h"
#include "smtp/client/session.h"

#define RECIPIENTS_MAX 3

struct server {
	const char *const *replies; /* one per command, the greeting first; after the last one it closes */
	size_t at;
	struct strbuf pending; /* sent, not yet read */
	struct strbuf sent;    /* what the client sent */
	size_t chunk;
};

/* Queues a reply for each command in what was written. */
static void server_hears(struct server *sv, struct span bytes)
{
	strbuf_add_span(&sv->sent, bytes);
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.ptr[i] == '\n' && sv->replies[sv->at])
			strbuf_adds(&sv->pending, sv->replies[sv->at++]);
}

/* Runs until the session is ready (true) or has closed. */
static bool run(struct session *s, struct server *sv)
{
	for (int guard = 0; guard < 100000; guard++) {
		struct session_step step = session_step(s);
		size_t n;
		switch (step.want) {
		case SESSION_WRITE:
			n = step.bytes.len < sv->chunk ? step.bytes.len : sv->chunk;
			server_hears(sv, span_sub(step.bytes, 0, n));
			session_wrote(s, n);
			break;
		case SESSION_READ:
			if (!sv->pending.len) {
				session_eof(s);
				break;
			}
			n = sv->pending.len < sv->chunk ? sv->pending.len : sv->chunk;
			session_feed(s, span_sub(strbuf_span(&sv->pending), 0, n));
			strbuf_remove(&sv->pending, 0, n);
			break;
		case SESSION_READY: return true;
		case SESSION_CLOSE: return false;
		default: fail_msg("the session wants %d", (int)step.want);
		}
	}
	fail_msg("the session does not end");
	return false;
}

struct begun {
	struct server sv;
	struct session *s;
	bool ready;
};

static struct begun begin(const char *const *replies, size_t chunk)
{
	struct begun b = {.sv = {replies, 1, STRBUF_INIT, STRBUF_INIT, chunk}};
	const struct session_options options = {.local_name = "client.example"};
	b.s = session_new(&options);
	strbuf_adds(&b.sv.pending, replies[0]);
	b.ready = run(b.s, &b.sv);
	strbuf_reset(&b.sv.sent);
	return b;
}

static void end(struct begun *b)
{
	session_free(b->s);
	strbuf_release(&b->sv.pending);
	strbuf_release(&b->sv.sent);
}

#define GREETING "220 sv.example\r\n"
#define PLAIN "250 sv.example\r\n"
#define PIPE "250-sv.example\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250 DSN\r\n"

static const struct verify_case {
	const char *name;
	const char *replies[9];
	size_t recipients;
	const char *sent;
	const char *outcomes; /* "250 550 451"; "-" for one without a code */
	enum error_kind error, broken;
} verify_cases[] = {
	{"nobody",
	 {GREETING, PLAIN, "250 ok\r\n", "250 ok\r\n"},
	 0,
	 "MAIL FROM:<me@example.org>\r\nRSET\r\n",
	 "",
	 ERROR_NONE,
	 ERROR_NONE},
	{"each has a verdict",
	 {GREETING, PLAIN, "250 ok\r\n", "250 2.1.5 yes\r\n", "550 5.1.1 no\r\n", "451 later\r\n", "250 ok\r\n"},
	 3,
	 "MAIL FROM:<me@example.org>\r\nRCPT TO:<r0@example.org>\r\nRCPT TO:<r1@example.org>\r\nRCPT "
	 "TO:<r2@example.org>\r\nRSET\r\n",
	 "250 550 451 ",
	 ERROR_NONE,
	 ERROR_NONE},
	{"in one flight",
	 {GREETING, PIPE, "250 ok\r\n", "251 will forward\r\n", "550 5.1.1 no\r\n", "250 ok\r\n"},
	 2,
	 "MAIL FROM:<me@example.org>\r\nRCPT TO:<r0@example.org>\r\nRCPT TO:<r1@example.org>\r\nRSET\r\n",
	 "251 550 ",
	 ERROR_NONE,
	 ERROR_NONE},
	{"the sender is refused",
	 {GREETING, PLAIN, "550 5.7.1 no\r\n", "250 ok\r\n"},
	 2,
	 "MAIL FROM:<me@example.org>\r\nRSET\r\n",
	 "550 550 ",
	 ERROR_SENDER_REFUSED,
	 ERROR_NONE},
	{"the sender is refused, in one flight",
	 {GREETING, PIPE, "550 5.7.1 no\r\n", "503 what\r\n", "503 what\r\n", "250 ok\r\n"},
	 2,
	 "MAIL FROM:<me@example.org>\r\nRCPT TO:<r0@example.org>\r\nRCPT TO:<r1@example.org>\r\nRSET\r\n",
	 "550 550 ",
	 ERROR_SENDER_REFUSED,
	 ERROR_NONE},
	{"a recipient is answered 354",
	 {GREETING, PLAIN, "250 ok\r\n", "354 go\r\n"},
	 1,
	 "MAIL FROM:<me@example.org>\r\nRCPT TO:<r0@example.org>\r\n",
	 "354 ",
	 ERROR_NONE,
	 ERROR_PROTOCOL},
	{"the server leaves",
	 {GREETING, PLAIN, "250 ok\r\n", "250 ok\r\n", "421 bye\r\n"},
	 2,
	 "MAIL FROM:<me@example.org>\r\nRCPT TO:<r0@example.org>\r\nRCPT TO:<r1@example.org>\r\n",
	 "250 421 ",
	 ERROR_NONE,
	 ERROR_SERVER_TEMPORARY},
	{"the connection is lost",
	 {GREETING, PLAIN, "250 ok\r\n"},
	 1,
	 "MAIL FROM:<me@example.org>\r\nRCPT TO:<r0@example.org>\r\n",
	 "- ",
	 ERROR_NONE,
	 ERROR_CONNECTION_LOST},
	{"RSET is refused, which costs nothing",
	 {GREETING, PLAIN, "250 ok\r\n", "250 ok\r\n", "500 what\r\n"},
	 1,
	 "MAIL FROM:<me@example.org>\r\nRCPT TO:<r0@example.org>\r\nRSET\r\n",
	 "250 ",
	 ERROR_NONE,
	 ERROR_NONE},
};

static void fill(struct envelope *env, size_t recipients)
{
	env->mail.sender = (struct mail_address){xstrdup("me@example.org"), xstrdup("me@example.org")};
	for (size_t i = 0; i < recipients; i++)
		envelope_add(env,
			     (struct mail_address){xasprintf("r%zu@example.org", i), xasprintf("r%zu@example.org", i)});
}

static void judge(const struct verify_case *k, struct begun *b, size_t recipients)
{
	AUTO(strbuf) text = STRBUF_INIT;
	const struct outcome *o = session_outcomes(b->s);
	for (size_t i = 0; i < recipients; i++) {
		assert_int_not_equal(o[i].kind, OUTCOME_OPEN);
		if (o[i].status.code)
			strbuf_addf(&text, "%d ", o[i].status.code);
		else
			strbuf_adds(&text, "- ");
		assert_int_equal(o[i].kind == OUTCOME_ACCEPTED, o[i].status.code / 100 == 2);
	}
	if (strcmp(text.buf, k->outcomes) != 0)
		fail_msg("%s: %s", k->name, text.buf);
	if (strcmp(b->sv.sent.buf, k->sent) != 0)
		fail_msg("%s: %s", k->name, b->sv.sent.buf);
	const struct error *err = session_submission_error(b->s), *broken = session_error(b->s);
	assert_int_equal(broken ? broken->status.kind : ERROR_NONE, k->broken);
	if (!broken)
		assert_int_equal(err ? err->status.kind : ERROR_NONE, k->error);
	assert_int_equal(session_phase(b->s), SESSION_PHASE_READY);
}

static void verifying_names_and_takes_back(void **state)
{
	(void)state;
	static const size_t chunks[] = {1, 2, 3, 7, 10000};
	for (size_t i = 0; i < ARRAY_SIZE(verify_cases); i++)
		for (size_t j = 0; j < ARRAY_SIZE(chunks); j++) {
			const struct verify_case *k = &verify_cases[i];
			AUTO(envelope) env = ENVELOPE_INIT;
			fill(&env, k->recipients);
			struct begun b = begin(k->replies, chunks[j]);
			const struct mail_transaction mail = {.env = &env};
			assert_true(b.ready);
			session_verify(b.s, &mail);
			assert_int_equal(run(b.s, &b.sv), k->broken == ERROR_NONE);
			judge(k, &b, k->recipients);
			end(&b);
		}
}

static void a_message_may_follow_a_verification(void **state)
{
	(void)state;
	static const char *const replies[] = {GREETING,	    PLAIN,	  "250 ok\r\n", "250 ok\r\n", "500 what\r\n",
					      "250 ok\r\n", "450 no\r\n", "450 no\r\n", NULL};
	AUTO(envelope) env = ENVELOPE_INIT;
	fill(&env, 1);
	const struct mail_transaction mail = {.env = &env};
	struct begun b = begin(replies, 5);
	session_verify(b.s, &mail);
	assert_true(run(b.s, &b.sv));
	strbuf_reset(&b.sv.sent);
	session_submit(b.s, &mail); /* sends RSET again, since the first was refused */
	assert_true(run(b.s, &b.sv));
	assert_true(strncmp(b.sv.sent.buf, "RSET\r\nMAIL FROM:<me@example.org>", 32) == 0);
	assert_int_equal(session_outcomes(b.s)[0].status.code, 450);
	end(&b);
}

static void etrn_asks_and_reports(void **state)
{
	(void)state;
	static const struct {
		const char *caps, *what, *reply, *sent;
		enum error_kind kind;
	} cases[] = {
		{"250-x\r\n250 ETRN\r\n", "example.org", "250 queuing started\r\n", "ETRN example.org\r\n", ERROR_NONE},
		{"250-x\r\n250 ETRN\r\n", "@example.org", "251 nothing waits\r\n", "ETRN @example.org\r\n", ERROR_NONE},
		{"250-x\r\n250 ETRN\r\n", "#queue", "253-2 wait\r\n253 started\r\n", "ETRN #queue\r\n", ERROR_NONE},
		{"250-x\r\n250 ETRN\r\n", "a", "458 cannot\r\n", "ETRN a\r\n", ERROR_SERVER_TEMPORARY},
		{"250-x\r\n250 ETRN\r\n", "a", "459 not allowed\r\n", "ETRN a\r\n", ERROR_SERVER_TEMPORARY},
		{"250-x\r\n250 ETRN\r\n", "a", "500 what\r\n", "ETRN a\r\n", ERROR_ADDRESS},
		{"250-x\r\n250 ETRN\r\n", "a", "501 what\r\n", "ETRN a\r\n", ERROR_ADDRESS},
		{"250-x\r\n250 ETRN\r\n", "a", "502 not here\r\n", "ETRN a\r\n", ERROR_NOT_OFFERED},
		{"250-x\r\n250 ETRN\r\n", "a", "530 who are you\r\n", "ETRN a\r\n", ERROR_AUTH_REFUSED},
		{"250-x\r\n250 ETRN\r\n", "a", "554 no\r\n", "ETRN a\r\n", ERROR_SERVER_REFUSES},
		{"250-x\r\n250 ETRN\r\n", "a", "354 go\r\n", "ETRN a\r\n", ERROR_PROTOCOL},
		{"250-x\r\n250 ETRN\r\n", "a\r\nMAIL FROM:<>", "250 ok\r\n", "", ERROR_ADDRESS},
		{"250-x\r\n250 SIZE\r\n", "a", "250 ok\r\n", "", ERROR_NOT_OFFERED},
		{"250-x\r\n250 ETRN\r\n", "a", NULL, "ETRN a\r\n", ERROR_CONNECTION_LOST},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (size_t chunk = 1; chunk < 40; chunk += 6) {
			const char *const replies[] = {GREETING, cases[i].caps, cases[i].reply, NULL};
			struct begun b = begin(replies, chunk);
			assert_true(b.ready);
			session_etrn(b.s, cases[i].what);
			bool ready = run(b.s, &b.sv);
			const struct error *err = ready ? session_submission_error(b.s) : session_error(b.s);
			assert_int_equal(err ? err->status.kind : ERROR_NONE, cases[i].kind);
			assert_true(strncmp(b.sv.sent.buf, cases[i].sent, strlen(cases[i].sent)) == 0);
			if (!*cases[i].sent)
				assert_null(strstr(b.sv.sent.buf, "ETRN"));
			assert_int_equal(session_final_reply(b.s) != NULL, cases[i].kind == ERROR_NONE);
			end(&b);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verifying_names_and_takes_back),
		cmocka_unit_test(a_message_may_follow_a_verification),
		cmocka_unit_test(etrn_asks_and_reports),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
