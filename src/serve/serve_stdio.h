/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * serve_stdio: -bs, SMTP on standard input and output, for a user of this machine.
 *
 * Trouble that keeps a session from starting (the configuration, the command line) is a greeting 421 with its words,
 * since a program at the other end shows nothing else, and the exit status.  Otherwise the status is 0, however the
 * session ended: the replies have said everything.
 *
 * If standard input is an Internet socket, as inetd and systemd pass it (StandardInput=socket), the client is one of
 * the network, and is served as the mail service serves it (serve_client.h): from other machines only with a login, and
 * never by root.
 */
#ifndef SERVE_SERVE_STDIO_H
#define SERVE_SERVE_STDIO_H

#include "serve/serve_session.h"

struct serve_stdio {
	const struct request *request;
	const struct runtime *runtime;
	int in, out;
};

/* Returns the exit status; *err has what stood in the 421, or kind NONE. */
int serve_stdio(const struct serve_stdio *how, struct error *err);

#endif
