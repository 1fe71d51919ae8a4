/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages that are posted, with pipeline_messages, against a scripted server: results come in order, each message is
 * sent again only if nobody has it, and every one has its own outcome.
 */
#include "delivery_help.h"

#include "base/xalloc.h"

#include <signal.h>

#define MESSAGES_MAX 8

#define CHUNKED "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250-CHUNKING\nS: 250 PIPELINING\n"
#define B(x) \
	"C: MAIL FROM:<me@example.org>\nC: RCPT TO:<" x "@example.net>\nC: BDAT 18 LAST\nD: Subject: x\nD:\nD: hi\n"
#define R(x) "C: RSET\n" B(x)
#define OK3 "S: 250 ok\nS: 250 ok\nS: 250 taken\n"
#define OK4 "S: 250 reset\n" OK3
#define D "D: Subject: x\nD:\nD: hi\nD: .\n"
#define GO "S: 250 ok\nS: 250 ok\nS: 354 go\n"
#define SIZED(x, p)                                          \
	"C: MAIL FROM:<me@example.org>" p "\nC: RCPT TO:<" x \
	"@example.net>\nC: BDAT 18 LAST\nD: Subject: x\nD:\nD: hi\n"

struct situation {
	const char *name;
	const char *lines; /* of the account */
	const char *sessions[HOST_SESSIONS_MAX];
	const char *messages; /* each has a recipient of one letter; in upper case no server can accept it, and with "!"
			       * before it the caller changes its mind */
	const char *outcomes; /* in the order in which they are reported */
	const char *ready;    /* the messages about which ready() was asked */
};

static const struct situation situations[] = {
	{"one at a time without the option",
	 "",
	 {CHUNKED B("a") OK3 B("b") OK3 QUIT},
	 "ab",
	 "a accepted, b accepted, ",
	 "ab"},
	{"three under way",
	 "pipeline_messages 3\n",
	 {CHUNKED B("a") OK3 B("b") R("c") R("d") OK3 OK4 OK4 QUIT},
	 "abcd",
	 "a accepted, b accepted, c accepted, d accepted, ",
	 "abcd"},
	{"two under way",
	 "pipeline_messages 2\n",
	 {CHUNKED B("a") OK3 B("b") R("c") OK3 R("d") OK4 OK4 QUIT},
	 "abcd",
	 "a accepted, b accepted, c accepted, d accepted, ",
	 "abcd"},
	{"by DATA",
	 "pipeline_messages 9\n",
	 {HELLO("X=1") TAKEN("a") NAMED("b") GO D NAMED("c") "S: 250 taken\n" GO D "S: 250 taken\n" QUIT},
	 "abc",
	 "a accepted, b accepted, c accepted, ",
	 "abc"},
	{"a refusal is about one message",
	 "pipeline_messages 9\n",
	 {CHUNKED B("a") OK3 B("b") R("c") R("d") "S: 250 ok\nS: 250 ok\nS: 554 no\n" OK4
						  "S: 250 reset\nS: 250 ok\nS: 450 later\nS: 503 no\n" QUIT},
	 "abcd",
	 "a accepted, b refused, c accepted, d retry, ",
	 "abcd"},
	{"what fits no server has no share in the others, and waits for its turn",
	 "pipeline_messages 9\n",
	 {CHUNKED B("a") OK3 B("b") OK3 B("c") R("d") OK3 OK4 QUIT},
	 "abCcd",
	 "a accepted, b accepted, C refused, c accepted, d accepted, ",
	 "abcd"},
	{"nor has what the caller does not want to be sent",
	 "pipeline_messages 9\n",
	 {CHUNKED B("a") OK3 B("b") OK3 B("d") OK3 QUIT},
	 "ab!cd",
	 "a accepted, b accepted, c retry, d accepted, ",
	 "abcd"},
	{"the server leaves with two under way",
	 "pipeline_messages 9\n",
	 {CHUNKED B("a") OK3 B("b") R("c") R("d") OK3 "S-close\n"},
	 "abcd",
	 "a accepted, b accepted, c unknown, d unknown, ",
	 "abcd"},
	{"and the next message is sent in a new session",
	 "pipeline_messages 2\n",
	 {CHUNKED B("a") OK3 B("b") R("c") "S-close\n", CHUNKED B("d") OK3 QUIT},
	 "abcd",
	 "a accepted, b unknown, c unknown, d accepted, ",
	 "abcd"},
	{"421: what it refused is sent in a new session, in order",
	 "pipeline_messages 9\n",
	 {CHUNKED B("a") OK3 B("b") R("c") R("d") OK3 "S: 250 reset\nS: 421 enough\nS-close\n",
	  CHUNKED B("c") OK3 B("d") OK3 QUIT},
	 "abcd",
	 "a accepted, b accepted, c accepted, d accepted, ",
	 "abcdcd"},
	{"MAIL is refused as a nested one: sent again, and one at a time from then on",
	 "pipeline_messages 2\n",
	 {CHUNKED B("a") OK3 B("b") R("c") OK3
	  "S: 500 reset?\nS: 503 nested\nS: 503 no\nS: 503 no\n"
	  "C: RSET\nC: MAIL FROM:<me@example.org>\nC: RCPT TO:<c@example.net>\nS: 250 reset\nS: 250 ok\nS: 250 ok\n"
	  "C: BDAT 18 LAST\nD: Subject: x\nD:\nD: hi\nS: 250 taken\n" B("d") OK3 B("e") OK3 QUIT},
	 "abcde",
	 "a accepted, b accepted, c accepted, d accepted, e accepted, ",
	 "abccde"},
	{"a parameter that is offered and refused is left out, for all that were under way",
	 "pipeline_messages 3\n",
	 {"S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250-CHUNKING\nS: 250-SIZE\nS: 250 PIPELINING\n" SIZED(
		 "a", " SIZE=18")
		  OK3 SIZED("b", " SIZE=18") "C: RSET\n" SIZED(
			  "c", " SIZE=18") "S: 555 what size?\nS: 503 no\nS: 503 no\nS: 250 reset\nS: 555 what "
					   "size?\nS: 503 no\nS: 503 no\n"
					   "C: RSET\nC: MAIL FROM:<me@example.org>\nC: RCPT TO:<b@example.net>\nS: 250 "
					   "reset\nS: 250 ok\nS: 250 ok\n"
					   "C: BDAT 18 LAST\nD: Subject: x\nD:\nD: hi\nS: 250 taken\n" B("c") OK3 QUIT},
	 "abc",
	 "a accepted, b accepted, c accepted, ",
	 "abcbc"},
	{"two recipients of which one needs a further transaction",
	 "pipeline_messages 2\n",
	 {CHUNKED B("a") OK3
	  "C: MAIL FROM:<me@example.org>\nC: RCPT TO:<x@example.net>\nC: RCPT TO:<y@example.net>\nC: BDAT 18 LAST\n"
	  "D: Subject: x\nD:\nD: hi\n" R("c") "S: 250 ok\nS: 250 ok\nS: 452 4.5.3 too many\nS: 250 taken\n" OK4 QUIT,
	  CHUNKED B("y") OK3 B("d") OK3 QUIT},
	 "a2cd",
	 "a accepted, x accepted, y accepted, c accepted, d accepted, ",
	 "a2c2d"},
};

/* The same for messages that are returnable, each posted when there is room for it. */
static const struct situation returning[] = {
	{"421: what it refused is returned",
	 "pipeline_messages 3\n",
	 {CHUNKED B("a") OK3 B("b") R("c") R("d") OK3 "S: 250 reset\nS: 421 enough\nS-close\n",
	  CHUNKED B("e") OK3 QUIT},
	 "abcde",
	 "a accepted, b accepted, c returned, d returned, e accepted, ",
	 "abcde"},
	{"what is not returned is what was sent in full",
	 "pipeline_messages 3\n",
	 {CHUNKED B("a") OK3 B("b") R("c") R("d") OK3 "S-close\n"},
	 "abcd",
	 "a accepted, b accepted, c unknown, d unknown, ",
	 "abcd"},
	{"the first message of a session has its result, whatever it is",
	 "pipeline_messages 3\n",
	 {"S: 220 hi\nC: EHLO me.example\nS: 421 enough\nS-close\n", CHUNKED B("b") "S: 421 enough\nS-close\n"},
	 "ab",
	 "a retry, b retry, ",
	 "b"},
	{"what the server refuses only because it came early is sent again, as the session goes on",
	 "pipeline_messages 2\n",
	 {CHUNKED B("a") OK3 B("b") R("c") OK3
	  "S: 500 reset?\nS: 503 nested\nS: 503 no\nS: 503 no\n"
	  "C: RSET\nC: MAIL FROM:<me@example.org>\nC: RCPT TO:<c@example.net>\nS: 250 reset\nS: 250 ok\nS: 250 ok\n"
	  "C: BDAT 18 LAST\nD: Subject: x\nD:\nD: hi\nS: 250 taken\n" QUIT},
	 "abc",
	 "a accepted, b accepted, c accepted, ",
	 "abcc"},
};

/* ---- the messages ---- */

struct test;
struct posting {
	struct test *test;
	char letter;
	bool unwanted, returnable;
	struct message msg;
	struct envelope env;
	struct delivery_message message;
	struct delivery_result result;
};

struct test {
	struct posting postings[MESSAGES_MAX];
	size_t n, done;
	struct strbuf outcomes, ready;
};

static bool ready(void *arg, struct error *err)
{
	struct posting *p = arg;
	strbuf_addch(&p->test->ready, p->letter);
	return !p->unwanted || error_set(err, ERROR_IO, "the disk is full");
}

static void done(void *arg)
{
	struct posting *p = arg;
	struct test *t = p->test;
	assert_ptr_equal(p, &t->postings[t->done]);
	t->done++;
	assert_int_equal(p->result.n, p->env.n);
	assert_true(p->returnable || !p->result.returned);
	if (p->result.returned)
		strbuf_addf(&t->outcomes, "%c returned, ", p->letter);
	for (size_t i = 0; i < p->env.n && !p->result.returned; i++) {
		const struct outcome *o = &p->result.outcomes[i];
		char letter = p->letter == '2' ? p->env.rcpts[i].address.given[0] : p->letter;
		strbuf_addf(&t->outcomes, "%c %s, ", letter, outcome_name(o->kind));
		assert_int_equal(o->kind == OUTCOME_ACCEPTED, o->status.kind == ERROR_NONE);
	}
	assert_non_null(p->result.host);
	delivery_result_release(&p->result);
}

static struct mail_address address_of(char letter)
{
	struct mail_address a = {.given = xasprintf("%c@example.net", letter)};
	a.ascii = xstrdup(a.given);
	return a;
}

static void make(struct test *t, char letter, bool unwanted)
{
	struct posting *p = &t->postings[t->n++];
	bool unsendable = letter >= 'A' && letter <= 'Z';
	*p = (struct posting){.test = t, .letter = letter, .unwanted = unwanted, .env = ENVELOPE_INIT};
	struct span text = unsendable ? SPAN_LIT("Subject: \0\n\nhi\n") : SPAN_LIT("Subject: x\n\nhi\n");
	read_message(&p->msg, text, 0);
	p->env.mail.sender = (struct mail_address){xstrdup("me@example.org"), xstrdup("me@example.org")};
	envelope_add(&p->env, address_of(letter == '2' ? 'x' : letter));
	if (letter == '2')
		envelope_add(&p->env, address_of('y'));
	p->message = (struct delivery_message){.env = &p->env,
					       .header = unsendable ? SPAN_LIT("Subject: \0\r\n\r\n")
								    : SPAN_LIT("Subject: x\r\n\r\n"),
					       .body = &p->msg.body,
					       .info = &p->msg.info};
}

static void post(struct transport *transport, struct posting *p)
{
	struct delivery_task task = {.kind = DELIVERY_SEND,
				     .message = &p->message,
				     .ready = ready,
				     .ready_arg = p,
				     .returnable = p->returnable};
	if (p->returnable)
		transport_make_room(transport);
	transport_post(transport, &task, &p->result, done, p);
}

static void play(const struct situation *s, bool returnable, const struct strbuf *certificate, const struct strbuf *key)
{
	struct hosts hosts;
	struct test t = {.outcomes = STRBUF_INIT, .ready = STRBUF_INIT};
	AUTO(config) config = CONFIG_INIT;
	AUTO(strbuf) why = STRBUF_INIT;
	struct host_script scripts[] = {{.name = "one.example"}, {.name = NULL}};
	AUTO_FREE char *lines = xasprintf("host one.example\n%s", s->lines);
	memcpy(scripts[0].sessions, s->sessions, sizeof(s->sessions));
	hosts_start(&hosts, scripts, certificate, key);
	hosts.runtime.environ = TEST_ENV("HOME=/dev/null"); /* what a server refuses is not remembered */
	struct delivery_request req = delivery_request_make(&hosts.runtime, delivery_account(&config, lines),
							    (struct delivery_task){.kind = DELIVERY_SEND});
	struct transport *transport = transport_new(&req);
	for (const char *letter = s->messages; *letter; letter++) {
		bool unwanted = *letter == '!';
		letter += unwanted;
		make(&t, *letter, unwanted);
		t.postings[t.n - 1].returnable = returnable;
		post(transport, &t.postings[t.n - 1]);
	}
	transport_flush(transport);
	assert_int_equal(t.done, t.n);
	transport_free(transport);
	hosts_end(&hosts, &why);
	if (why.len || strcmp(t.outcomes.buf, s->outcomes) != 0 || strcmp(t.ready.buf, s->ready) != 0)
		fail_msg("%s: %s(%s)\n%s", s->name, t.outcomes.buf, t.ready.buf, why.len ? why.buf : "");
	for (size_t i = 0; i < t.n; i++) {
		message_release(&t.postings[i].msg);
		envelope_release(&t.postings[i].env);
	}
	strbuf_release(&t.outcomes);
	strbuf_release(&t.ready);
}

static void messages_are_under_way_together(void **state)
{
	(void)state;
	AUTO(strbuf) certificate = STRBUF_INIT;
	AUTO(strbuf) key = STRBUF_INIT;
	assert_true(scripted_server_certificate(&certificate, &key, NULL));
	for (size_t i = 0; i < ARRAY_SIZE(situations); i++)
		play(&situations[i], false, &certificate, &key);
	for (size_t i = 0; i < ARRAY_SIZE(returning); i++)
		play(&returning[i], true, &certificate, &key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(messages_are_under_way_together)};
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
