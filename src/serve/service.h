/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * service: the mail service of -bd and -bD.  It waits for clients at the addresses of the setting listen, or at the
 * sockets that a service manager passes, and submits what they send as -bs does.
 *
 *	struct service_request how = {.request = request, .runtime = runtime, .foreground = true};
 *	ok = service_run(&how, &err);
 */
#ifndef SERVE_SERVICE_H
#define SERVE_SERVICE_H

#include "serve/listen.h"
#include "submit/request.h"

struct service_request {
	const struct request *request; /* of the command line */
	const struct runtime *runtime;
	bool foreground; /* else it goes to the background, unless a service manager waits for it */
	/* Clients can connect now, and the process is about to go to the background; may be NULL. */
	void (*listening)(void *arg, const struct listen_sockets *sockets, bool foreground);
	void *arg;
};

/* False: it could not start.  Returns when a signal has ended it, or at once in the process that has started it in the
 * background. */
bool service_run(const struct service_request *how, struct error *err) MUST_CHECK;

#endif
