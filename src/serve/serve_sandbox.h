/* SPDX-License-Identifier: GPL-3.0-or-later */
/* serve_sandbox: what a session with a client of the mail service can do (base/sandbox.h, doc/design/sandbox.md). */
#ifndef SERVE_SERVE_SANDBOX_H
#define SERVE_SERVE_SANDBOX_H

#include "submit/settings.h"

/*
 * Gives up all other rights.  Called as soon as the configuration has been read, before anything comes from the client:
 * what the configuration, or request, wants to be written remains possible, and so do its commands.  The queue's runner
 * is started by another process (runtime->wake_runner).
 */
void serve_sandbox_enter(const struct settings *settings, const struct request *request, const struct runtime *runtime);

#endif
