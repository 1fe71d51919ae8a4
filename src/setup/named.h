/* SPDX-License-Identifier: GPL-3.0-or-later */
/* named: the candidates for a server that the user names. */
#ifndef SETUP_NAMED_H
#define SETUP_NAMED_H

#include "config/account.h"
#include "setup/candidate.h"

/* The usual ports of a host. */
void candidates_add_usual(const char *host, struct candidates *out);
/* Those for the server that the settings of the command line name (NULL: there are none); false: they name none. */
bool candidates_named(const struct account *given, struct candidates *out);

#endif
