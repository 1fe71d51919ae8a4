/* SPDX-License-Identifier: GPL-3.0-or-later */
/* terminal: what may be written to one. */
#ifndef BASE_TERMINAL_H
#define BASE_TERMINAL_H

#include "base/runtime.h"

/* It is a terminal on which the cursor can go back: not $TERM dumb, as in Emacs. */
bool terminal_redraws(const struct runtime *runtime, int fd);
/* ... and colours are wanted: $NO_COLOR is empty or not set. */
bool terminal_has_colours(const struct runtime *runtime, int fd);

#endif
