/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * evaluate: gets a line of a configuration file from a command.
 */
#ifndef CONFIG_EVALUATE_H
#define CONFIG_EVALUATE_H

#include "base/runtime.h"
#include "base/secret.h"
#include "base/strvec.h"

/*
 * Runs command with /bin/sh -c, as msmtp does, and stores the first line it prints, without its line end, in line; it
 * may contain a password, so it is a secret.  False with ERROR_SECRET_UNAVAILABLE (worth a retry) if the command
 * cannot be run, fails, or takes longer than five minutes (the user may have to type a pass phrase), and with
 * ERROR_CONFIG if it succeeds and prints nothing.  Neither error quotes the output.  What the command wrote to its
 * standard error is appended to warnings, or the start of it to the text of the error.
 */
bool evaluate_line(const char *command, const struct runtime *runtime, struct secret *line, struct strvec *warnings,
		   struct error *err) MUST_CHECK;

#endif
