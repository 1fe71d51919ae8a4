/* SPDX-License-Identifier: GPL-3.0-or-later */
/* header_build: the header as it goes out, by the settings of the account. */
#ifndef CLI_HEADER_BUILD_H
#define CLI_HEADER_BUILD_H

#include "cli/prepare.h"

void header_build(struct prepared *p, const struct surroundings *around);

#endif
