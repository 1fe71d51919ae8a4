/* SPDX-License-Identifier: GPL-3.0-or-later */
/* header_fill: the header as it goes out, by the settings of the account. */
#ifndef SUBMIT_HEADER_FILL_H
#define SUBMIT_HEADER_FILL_H

#include "submit/submission.h"

void header_fill(struct submission *p, const struct runtime *runtime);

#endif
