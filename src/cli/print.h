/* SPDX-License-Identifier: GPL-3.0-or-later */
/* print: standard output as a result that must not be lost. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "base/error.h"

/* Flushes it.  ERROR_IO if something could not be written (a full disk, a closed descriptor). */
bool print_done(struct error *err) MUST_CHECK;

#endif
