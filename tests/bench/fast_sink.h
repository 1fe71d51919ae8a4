/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fast_sink: settings, and one connection. */
#ifndef BENCH_FAST_SINK_H
#define BENCH_FAST_SINK_H

#include <gnutls/gnutls.h>
#include <stdbool.h>

enum sink_tls { SINK_PLAIN, SINK_STARTTLS, SINK_IMPLICIT };
enum { SINK_PIPELINING = 1, SINK_CHUNKING = 2, SINK_SIZE = 4, SINK_8BITMIME = 8, SINK_PIPECONNECT = 16 };

struct sink {
	enum sink_tls tls;
	unsigned extensions;
	const char *auth; /* "PLAIN LOGIN", or "" */
	bool lax;
	int log; /* or -1 */
	gnutls_certificate_credentials_t cred;
	gnutls_priority_t priority;
};

/* Serves the connection to its end and closes it; one line to the log.  Thread-safe. */
void sink_serve(const struct sink *sink, int fd);

#endif
