/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * batch: many messages over one session, with the program's own streams,
 * engine and conversation - what a queue runner will do.
 *
 *	batch HOST PORT BUNDLE|system MESSAGES <message
 *
 * TLS from the first octet, AUTH PLAIN, one message after the other's outcome.
 */
#include "base/strbuf.h"
#include "transport/session_driver.h"
#include "header/header_apply.h"
#include "message/message.h"
#include "net/dial.h"
#include "net/resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void die(const char *what, const struct error *err)
{
	fprintf(stderr, "batch: %s: %s\n", what, err && err->status.text ? err->status.text : "?");
	exit(75);
}

static bool no_tls(struct session_driver *c, struct error *err)
{
	(void)c;
	return error_set(err, ERROR_INTERNAL, "no STARTTLS here");
}

static void plain(struct session_driver *c, const struct session_step *step)
{
	struct error err = ERROR_INIT;
	if (step->event == SASL_SUCCESS)
		session_sasl_agree(c->session);
	else if (step->event == SASL_START && !step->refusal)
		session_sasl_start(c->session, "PLAIN", span_make("\0joe\0secret", 11));
	else {
		(void)error_set(&err, ERROR_INTERNAL, "refused");
		session_sasl_cancel(c->session, &err);
	}
}

static const struct session_driver_ops ops = {no_tls, plain};

static struct stream *open_stream(const char *host, unsigned port, const char *bundle)
{
	struct error err = ERROR_INIT;
	struct address_list addresses = ADDRESS_LIST_INIT;
	msec_t deadline = deadline_in(&clock_system, 30000);
	struct tls_policy policy = {
		.host = host, .certcheck = true, .trust_file = strcmp(bundle, "system") == 0 ? NULL : bundle};
	if (!resolve_host(&resolver_system, host, port, &clock_system, deadline, &addresses, &err))
		die(host, &err);
	struct dialer *dialer =
		dialer_new(&(struct dial_request){.addresses = &addresses, .clock = &clock_system, .host = host});
	struct tls_context *tls = tls_context_new(&policy, &err);
	struct stream *lower = tls ? dialer_finish(dialer, deadline, NULL, &err) : NULL;
	struct stream *stream =
		lower ? tls_client_new(tls, &lower, &clock_system, deadline, TLS_BRIEF, NULL, &err) : NULL;
	if (!stream)
		die(host, &err);
	tls_context_free(tls);
	dialer_free(dialer);
	address_list_release(&addresses);
	return stream;
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

static void send_one(struct session_driver *c, const struct mail_transaction *mail, struct span header,
		     const struct source *body)
{
	session_driver_message(c, header, body, false);
	session_submit(c->session, mail);
	if (!session_driver_run(c))
		die("session", session_error(c->session));
	if (session_outcomes(c->session)[0].kind != OUTCOME_ACCEPTED)
		die("outcome", session_submission_error(c->session));
}

int main(int argc, char **argv)
{
	if (argc != 5) {
		fprintf(stderr, "usage: batch HOST PORT BUNDLE|system MESSAGES <message\n");
		return 64;
	}
	char sender[] = "joe@example.org", friend[] = "friend0@example.org";
	struct recipient rcpt = {.address = {friend, friend}};
	struct envelope env = {.mail.sender = {sender, sender}, .rcpts = &rcpt, .n = 1, .cap = 1};
	struct strbuf header = STRBUF_INIT;
	struct message msg;
	read_message(&msg, &header);
	struct mail_transaction mail = {.env = &env, .size = wire_size(strbuf_span(&header), &msg.info)};
	struct session_options settings = {.tls = SESSION_TLS_ACTIVE, .auth = true, .local_name = "localhost"};
	struct session_driver c;
	session_driver_init(&c, &ops, NULL);
	c.clock = &clock_system;
	c.stream = open_stream(argv[1], (unsigned)strtoul(argv[2], NULL, 10), argv[3]);
	c.session = session_new(&settings);
	if (!session_driver_run(&c))
		die("session", session_error(c.session));
	for (unsigned long n = strtoul(argv[4], NULL, 10); n; n--)
		send_one(&c, &mail, strbuf_span(&header), &msg.body);
	session_driver_end(&c);
	session_free(c.session);
	stream_free(c.stream);
	session_driver_release(&c);
	message_release(&msg);
	strbuf_release(&header);
	return 0;
}
