/* SPDX-License-Identifier: GPL-3.0-or-later */
/* header_fill: the header as it goes out, according to the settings of the account. */
#ifndef SUBMIT_HEADER_FILL_H
#define SUBMIT_HEADER_FILL_H

#include "submit/submission.h"

/* Fills p->header, p->message_id and p->date. */
void header_fill(struct submission *p, const struct runtime *runtime);
/* The same for a message that was made from that header: only what the recipients must not see is removed. */
void header_fill_again(struct submission *p);

#endif
