/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host_names: what this machine is called, without asking a name server. */
#ifndef SUBMIT_HOST_NAMES_H
#define SUBMIT_HOST_NAMES_H

#include "address/local_names.h"

#define MAILNAME_FILE SYSCONFDIR "/mailname"

/* The name from gethostname(), its first label, and the first line of the file, if there is one. */
void host_names_find(struct local_names *names, const char *mailname_file);
/* The first line of the file without spaces around it, malloc'ed; NULL if there is none. */
MUST_CHECK char *host_names_mailname(const char *mailname_file);

#endif
