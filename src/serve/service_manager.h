/* SPDX-License-Identifier: GPL-3.0-or-later */
/* service_manager: what systemd, or another service manager with its protocols, passes to a service and is told by it.
 */
#ifndef SERVE_SERVICE_MANAGER_H
#define SERVE_SERVICE_MANAGER_H

#include "base/runtime.h"

/* The first descriptor that is passed. */
#define SERVICE_MANAGER_FIRST_FD 3

/* The number of sockets that were passed to this very process (LISTEN_PID, LISTEN_FDS); 0: none. */
int service_manager_sockets(const struct runtime *runtime);
/* This process was started by a service manager that waits for it, so it has to stay in the foreground. */
bool service_manager_waits(const struct runtime *runtime);
/* Sends lines such as "READY=1" as one datagram, if the service manager wants to know.  Failures do not matter. */
void service_manager_notify(const struct runtime *runtime, const char *lines);
/* The environment without what is meant for this process alone; the list is malloc'ed, its strings are borrowed. */
char **service_manager_environ(char *const *env);

#endif
