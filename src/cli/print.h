/* SPDX-License-Identifier: GPL-3.0-or-later */
/* print: makes sure that what was written to standard output has arrived there. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "base/error.h"

/* Flushes standard output.  ERROR_IO if something could not be written (a full disk, a closed descriptor).  cli_main()
 * calls it once, at the end of every mode. */
bool print_done(struct error *err) MUST_CHECK;

#endif
