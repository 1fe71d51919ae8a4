/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * batch: many messages over one session, by the program's own transport - what
 * a batch or the queue's runner does, without reading and storing messages.
 *
 *	batch HOST PORT BUNDLE|system MESSAGES [UNDER-WAY] <message
 *
 * TLS from the first octet, AUTH PLAIN; so many messages under way at once
 * (pipeline_messages), 1 if that is not given.
 */
#include "test_runtime.h"

#include "base/xalloc.h"
#include "config/configuration.h"
#include "header/header_apply.h"
#include "message/message.h"
#include "message/wire.h"
#include "transport/transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void die(const char *what, const struct error *err)
{
	fprintf(stderr, "batch: %s: %s\n", what, err && err->status.text ? err->status.text : "?");
	exit(75);
}

static const struct account *read_account(struct config *config, char **argv, const char *window)
{
	struct error err = ERROR_INIT;
	const char *trust = strcmp(argv[3], "system") == 0 ? "" : argv[3];
	AUTO_FREE char *text = xasprintf("host %s\nport %s\ntls on\ntls_starttls off\n%s%s\nauth plain\nuser joe\n"
					 "password secret\nfrom joe@example.org\ndomain localhost\n"
					 "pipeline_messages %s\n",
					 argv[1], argv[2], *trust ? "tls_trust_file " : "", trust, window);
	struct runtime none = {.environ = NULL};
	if (!config_parse(config, "batch", span_of(text), FLAVOUR_OWN, &none, &err) ||
	    !account_complete(config->accounts[0], &err))
		die("settings", &err);
	return config->accounts[0];
}

static void read_message(struct message *msg, struct strbuf *header)
{
	struct error err = ERROR_INIT;
	struct message_reader reader;
	char room[65536];
	ssize_t got;
	message_init(msg, NULL);
	message_reader_init(&reader, msg, 0);
	while ((got = read(0, room, sizeof(room))) > 0)
		if (!message_reader_feed(&reader, room, (size_t)got, &err))
			die("message", &err);
	if (!message_reader_end(&reader, &err))
		die("message", &err);
	message_reader_release(&reader);
	struct eol_encoder eol;
	eol_encoder_init(&eol);
	eol_encode(&eol, strbuf_span(&msg->header), header);
	eol_encode_end(&eol, header);
	strbuf_add(header, "\r\n", 2);
}

struct sending {
	struct delivery_result result;
	unsigned long *left;
};

static void done(void *arg)
{
	struct sending *s = arg;
	if (s->result.outcomes[0].kind != OUTCOME_ACCEPTED)
		die("outcome", &s->result.error);
	delivery_result_release(&s->result);
	--*s->left;
}

static void send_all(struct transport *t, const struct delivery_message *message, unsigned long n)
{
	const struct delivery_task task = {DELIVERY_SEND, .message = message};
	struct sending *sendings = xcalloc(n, sizeof(*sendings));
	unsigned long left = n;
	for (unsigned long i = 0; i < n; i++) {
		sendings[i].left = &left;
		transport_post(t, &task, &sendings[i].result, done, &sendings[i]);
	}
	transport_flush(t);
	if (left)
		die("not all are done", NULL);
	free(sendings);
}

int main(int argc, char **argv)
{
	if (argc != 5 && argc != 6) {
		fprintf(stderr, "usage: batch HOST PORT BUNDLE|system MESSAGES [UNDER-WAY] <message\n");
		return 64;
	}
	char sender[] = "joe@example.org", friend[] = "friend0@example.org";
	struct recipient rcpt = {.address = {friend, friend}};
	struct envelope env = {.mail.sender = {sender, sender}, .rcpts = &rcpt, .n = 1, .cap = 1};
	struct strbuf header = STRBUF_INIT;
	struct message msg;
	struct config config = CONFIG_INIT;
	struct runtime runtime = test_runtime();
	read_message(&msg, &header);
	const struct delivery_message message = {
		.env = &env, .header = strbuf_span(&header), .body = &msg.body, .info = &msg.info};
	struct delivery_request req =
		delivery_request_make(&runtime, read_account(&config, argv, argc == 6 ? argv[5] : "1"),
				      (struct delivery_task){.kind = DELIVERY_SEND});
	struct transport *t = transport_new(&req);
	send_all(t, &message, strtoul(argv[4], NULL, 10));
	transport_free(t);
	config_release(&config);
	message_release(&msg);
	strbuf_release(&header);
	return 0;
}
