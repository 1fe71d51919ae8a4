/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * service: the mail service of -bd and -bD.  It waits for clients at the addresses of the setting listen, or at the
 * sockets that a service manager passes, and submits what they send as -bs does.
 *
 *	status = service_run(request, runtime, NULL);
 */
#ifndef SERVE_SERVICE_H
#define SERVE_SERVICE_H

#include "submit/request.h"

/*
 * Returns the exit status: after a signal has ended the service, or in the process that has started it in the
 * background.  What is wrong is reported as a problem (runtime_problem()).
 *
 * waiting: the service stays in the foreground, and this is called with the name of each socket as soon as clients can
 * connect.  NULL: it goes to the background, unless a service manager waits for it.
 */
int service_run(const struct request *request, const struct runtime *runtime, void (*waiting)(const char *name));

#endif
