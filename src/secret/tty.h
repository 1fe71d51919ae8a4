/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tty: asks the user for a secret without echoing it. */
#ifndef SECRET_TTY_H
#define SECRET_TTY_H

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"

/*
 * Prints the prompt on the terminal fd and reads one line from it with echo off.  The terminal's settings are
 * restored before this returns and before a signal ends or stops the process: such signals are blocked until the
 * settings are restored, and after a stop the prompt is printed again.
 * ERROR_INTERRUPTED: such a signal arrived and was caught.
 * ERROR_SECRET_UNAVAILABLE: deadline, end of input, or the terminal is gone.
 */
bool tty_ask(int fd, const char *prompt, const struct clock *clock, msec_t deadline, struct secret *out,
	     struct error *err) MUST_CHECK;

#endif
