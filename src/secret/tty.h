/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tty: asks a person for a secret, without showing it. */
#ifndef SECRET_TTY_H
#define SECRET_TTY_H

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"

/*
 * Prints the prompt on the terminal and takes one line from it, echo off.
 * Whatever happens, the terminal is as before when this returns or a signal
 * takes the process away: signals that would end or stop it wait
 * until the terminal is restored, and after a stop the prompt comes again.
 * ERROR_INTERRUPTED: such a signal came and was caught.
 * ERROR_SECRET_UNAVAILABLE: deadline, end of input, the terminal went away.
 */
bool tty_ask(int fd, const char *prompt, const struct clock *clock, msec_t deadline, struct secret *out,
	     struct error *err) MUST_CHECK;

#endif
