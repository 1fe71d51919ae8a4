/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * evaluate: the line of a configuration file that a command prints.
 */
#ifndef CONFIG_EVALUATE_H
#define CONFIG_EVALUATE_H

#include "base/runtime.h"
#include "base/secret.h"

/*
 * Gives command to /bin/sh -c, as msmtp does, and keeps the first line of what it prints,
 * without its end; it may hold a password and is kept as one.
 * A command that cannot be run, fails, or takes longer than five minutes (somebody may have to type a
 * pass phrase) is ERROR_SECRET_UNAVAILABLE: it may do better later.  One that succeeds
 * and prints nothing is ERROR_CONFIG.  Neither quotes the output.
 */
bool evaluate_line(const char *command, const struct runtime *runtime, struct secret *line,
		   struct error *err) MUST_CHECK;

#endif
