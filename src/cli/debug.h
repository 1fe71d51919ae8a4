/* SPDX-License-Identifier: GPL-3.0-or-later */
/* debug: the dialogue on standard output, "--> " ours, "<-- " the server's. */
#ifndef CLI_DEBUG_H
#define CLI_DEBUG_H

#include "submit/settings.h"
#include "transport/delivery_request.h"

/* Prints the settings now, and the dialogue during the delivery. */
void debug_listen(struct delivery_request *req, const struct settings *settings);
/* The dialogue alone. */
void debug_listen_dialogue(struct delivery_request *req);

#endif
