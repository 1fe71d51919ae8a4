/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * delivery_help: the surroundings of a delivery, controlled by the test: hosts
 * that follow a script, a resolver that knows these hosts only, a clock that
 * the test moves, and a small message.  All functions assert.
 */
#ifndef TESTS_DELIVERY_HELP_H
#define TESTS_DELIVERY_HELP_H

#include "message_help.h"
#include "scripted_server.h"
#include "test_runtime.h"

#include "config/configuration.h"
#include "transport/transport.h"

#define HOSTS_MAX 3
#define HOST_SESSIONS_MAX 3
/* No server and no client waits longer than this, in seconds. */
#define HOST_PATIENCE 60

/* Pieces of a dialogue: a server with PIPELINING, and the small message to a letter of example.net. */
#define HELLO(limits) "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250-LIMITS " limits "\nS: 250 PIPELINING\n"
#define NAMED(x) "C: MAIL FROM:<me@example.org>\nC: RCPT TO:<" x "@example.net>\nC: DATA\n"
#define SENT(x) NAMED(x) "S: 250 ok\nS: 250 ok\nS: 354 go\nD: Subject: x\nD:\nD: hi\nD: .\n"
#define TAKEN(x) SENT(x) "S: 250 taken\n"
#define QUIT "C: QUIT\n"

struct host_script {
	const char *name;			 /* what the resolver knows it by; NULL: the end of the list */
	const char *sessions[HOST_SESSIONS_MAX]; /* one dialogue per connection; a further connection is an error */
	bool refuses;				 /* nothing listens on its port; sessions are not used */
};

struct host {
	const char *name;
	unsigned port;
	int closed_fd; /* of a host that refuses: keeps its port from others */
	struct scripted_server server;
	pid_t pid;
	int gone;   /* closed when the client has finished */
	int report; /* the server's complaints can be read here after that */
};

struct hosts {
	struct resolver resolver; /* first */
	struct runtime runtime;	  /* the system's with this resolver; the test may change it */
	struct host v[HOSTS_MAX];
	size_t n;
};

/* Starts a process for each host; all use the same certificate (scripted_server_certificate()). */
void hosts_start(struct hosts *h, const struct host_script *scripts, const struct strbuf *certificate,
		 const struct strbuf *key);
/* Waits for the processes; adds to why what the client did against the scripts. */
void hosts_end(struct hosts *h, struct strbuf *why);

/* The system's clock, which the test can set forward. */
struct moved_clock {
	struct clock clock; /* first */
	msec_t ahead;
};
void moved_clock_init(struct moved_clock *c);

/* An account without TLS, with these lines after the usual ones. */
const struct account *delivery_account(struct config *c, const char *lines);
/* Sends a message to these recipients, each a letter of example.net, or "." for x@elsewhere.example, over the
 * transport; the caller releases the result. */
void carry_to(struct transport *transport, const char *letters, struct delivery_result *result);
/* The same with parameters of MAIL. */
void carry_params(struct transport *transport, const char *letters, const struct mail_params *params,
		  struct delivery_result *result);
/* The same with a message that no server can accept: its header contains a NUL. */
void carry_unsendable(struct transport *transport, const char *letters, struct delivery_result *result);

#endif
