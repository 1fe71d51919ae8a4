/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SINK_OPTIONS_H
#define SINK_OPTIONS_H

#include "sink_script.h"

#include <stdbool.h>
#include <stddef.h>

enum tls_mode { TLS_NONE, TLS_STARTTLS, TLS_IMPLICIT };

/* What the command line said; constant once parsed.  "sink --help" explains each. */
struct options {
	char **listen;
	size_t listen_count;
	const char *port_file;
	const char *pid_file;
	unsigned long once; /* 0: serve until killed */
	bool parent_death;
	unsigned long timeout_s;

	enum tls_mode tls;
	const char *cert;
	const char *key;
	const char *client_ca;
	bool require_client_cert;
	const char *tls_priority;
	const char *ocsp_response;
	bool require_tls;
	bool no_close_notify;
	bool garbage_tls;

	bool lmtp;
	const char *hostname;
	const char *extensions;
	const char *extensions_after_auth; /* NULL: as extensions */
	const char *extensions_before_tls; /* NULL: as extensions */

	const char *auth; /* blank-separated, NULL: none */
	bool auth_before_tls;
	bool require_auth;
	const char *user;
	const char *password_file;
	char *password; /* read from password_file, "" without */
	const char *token;
	unsigned long scram_iterations;

	const char *spool;
	bool discard;
	const char *transcript;
	const char *violations;

	struct script script;
	bool close_at_421;
	unsigned long delay_ms;
	unsigned long max_line;	   /* octets of a text line with CRLF, 0: any */
	unsigned long max_command; /* 0: as the RFCs say */
	unsigned long rcpt_limit;  /* 0: none */
};

/*
 * Parse argv.  Returns true to go on.  Returns false when the program has to
 * end with *status: --help was printed (0), or an error was printed (64).
 */
bool options_parse(struct options *o, int argc, char **argv, int *status);
void options_release(struct options *o);

#endif
