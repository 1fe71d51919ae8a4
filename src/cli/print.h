/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * print: what happens to the text on standard output and standard error as a whole.
 *
 * Callers such as Emacs, cron and php-fpm take any text on standard error for a failure.  Therefore it is kept until
 * the exit status is known, and written only if that is not 0; at once if a person reads it or asked for it.
 *
 * A signal that ends the process loses it.  Only a handler could write it, and handlers must not print; to wait for
 * signals as for replies would cost every submission a mask and a descriptor, which tests/cli/footprint.sh counts, and
 * could not end a wait in the resolver or in a library.  Little is lost: what is kept before the end are warnings, and
 * a failure is kept only when the process is about to end anyhow.  The caller sees that a signal ended the process,
 * which is not success, and that nothing is said.  Nothing is logged or queued, unless that was done already.
 */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "base/error.h"
#include "runner/runner.h"

#include <stdio.h>

/* Flushes standard output.  ERROR_IO if something could not be written (a full disk, a closed descriptor).  cli_main()
 * calls it once, at the end of every mode. */
bool print_done(struct error *err) MUST_CHECK;

/* From here on errors are kept.  If there is no memory for that, they are printed at once. */
void print_errors_keep(void);
/* What is kept, of a process and its children. */
extern const struct runner_errors print_errors_kept;
/* Where problems, warnings and hints are printed. */
FILE *print_errors(void);
/* Writes what was kept unless the status is 0, and forgets it. */
void print_errors_end(int status);

#endif
