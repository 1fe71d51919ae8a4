/* SPDX-License-Identifier: GPL-3.0-or-later */
/* print: standard output as a result, whose loss is a failure. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "base/error.h"

/* All that was printed has got out; else ERROR_IO (a full disk, a closed descriptor). */
bool print_done(struct error *err) MUST_CHECK;

#endif
