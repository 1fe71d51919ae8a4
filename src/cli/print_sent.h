/* SPDX-License-Identifier: GPL-3.0-or-later */
/* print_sent: what the user sees of a message that was sent, queued or not sent. */
#ifndef CLI_PRINT_SENT_H
#define CLI_PRINT_SENT_H

#include "cli/args.h"
#include "runner/send.h"

/* As print_result(); where: which message it is, on each line, or NULL.  Adds notes to sent. */
void print_sent(const struct args *args, const char *where, const struct submission *p, struct send_result *sent);
/* One object, of a batch with the key "where". */
void print_sent_json(const char *where, const struct submission *p, const struct send_result *sent);

#endif
