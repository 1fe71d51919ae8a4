/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * post_many: messages posted to a transport, and what became of them.
 *
 *	post_many PORT NAME MESSAGES [SETTING...]
 *
 * to 127.0.0.1:PORT, from NAME0@x, NAME1@x and so on, with these lines of
 * configuration.  For each message a line with its sender and its outcome,
 * when it is reported; so they should be in order.
 */
#include "test_runtime.h"

#include "base/xalloc.h"
#include "config/configuration.h"
#include "message/message.h"
#include "transport/transport.h"

#include <stdio.h>
#include <stdlib.h>

struct posting {
	struct envelope env;
	struct delivery_message message;
	struct delivery_result result;
};

static _Noreturn void die(const struct error *err)
{
	(void)fprintf(stderr, "post_many: %s\n", err->status.text ? err->status.text : "?");
	exit(99);
}

static const struct account *read_account(struct config *config, int argc, char **argv)
{
	struct error err = ERROR_INIT;
	AUTO(strbuf) text = STRBUF_INIT;
	struct runtime none = {.environ = NULL};
	strbuf_addf(&text, "host 127.0.0.1\nport %s\ntls off\nfrom me@x\ndomain x\n", argv[1]);
	for (int i = 4; i < argc; i++)
		strbuf_addf(&text, "%s\n", argv[i]);
	if (!config_parse(config, "post_many", strbuf_span(&text), FLAVOUR_OWN, &none, &err) ||
	    !account_complete(config->accounts[0], &err))
		die(&err);
	return config->accounts[0];
}

static void read_message(struct message *msg)
{
	static const char text[] = "Subject: x\n\nhi\n";
	struct error err = ERROR_INIT;
	struct message_reader reader;
	message_init(msg, NULL);
	message_reader_init(&reader, msg, 0);
	if (!message_reader_feed(&reader, text, sizeof(text) - 1, &err) || !message_reader_end(&reader, &err))
		die(&err);
	message_reader_release(&reader);
}

static void done(void *arg)
{
	struct posting *p = arg;
	(void)printf("%s %s\n", p->env.mail.sender.given, outcome_name(p->result.outcomes[0].kind));
	delivery_result_release(&p->result);
}

static void post(struct transport *t, struct posting *p, const struct message *msg, const char *name, size_t number)
{
	struct mail_address to = {xstrdup("b@x"), xstrdup("b@x")};
	p->env = ENVELOPE_INIT;
	p->env.mail.sender = (struct mail_address){xasprintf("%s%zu@x", name, number), NULL};
	p->env.mail.sender.ascii = xstrdup(p->env.mail.sender.given);
	envelope_add(&p->env, to);
	p->message = (struct delivery_message){
		.env = &p->env, .header = SPAN_LIT("Subject: x\r\n\r\n"), .body = &msg->body, .info = &msg->info};
	const struct delivery_task task = {DELIVERY_SEND, .message = &p->message};
	transport_post(t, &task, &p->result, done, p);
}

int main(int argc, char **argv)
{
	size_t n = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
	if (!n)
		return 64;
	struct config config = CONFIG_INIT;
	struct runtime runtime = test_runtime();
	struct message msg;
	runtime.environ = TEST_ENV("HOME=/dev/null");
	read_message(&msg);
	struct delivery_request req = delivery_request_make(&runtime, read_account(&config, argc, argv),
							    (struct delivery_task){.kind = DELIVERY_SEND});
	struct posting *postings = xcalloc(n, sizeof(*postings));
	struct transport *t = transport_new(&req);
	for (size_t i = 0; i < n; i++)
		post(t, &postings[i], &msg, argv[2], i);
	transport_flush(t);
	transport_free(t);
	for (size_t i = 0; i < n; i++)
		envelope_release(&postings[i].env);
	free(postings);
	message_release(&msg);
	config_release(&config);
	return 0;
}
