/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flavour: which of the two kinds of configuration file a file is, as far as its name says so.
 */
#ifndef CONFIG_FLAVOUR_H
#define CONFIG_FLAVOUR_H

#include "base/error.h"
#include "config/lexer.h"

enum flavour_name { FLAVOUR_NAME_NEITHER, FLAVOUR_NAME_OWN, FLAVOUR_NAME_MSMTP };

/*
 * Looks at the name of the file and that of its folder, and at the same names of what it is a link to.  "msmtp" in any
 * of them, in any case, makes it an msmtprc.  Else "posthaste" in the file's name, or a folder of that name, makes it
 * one of ours.  "/dev/fd/3" has the name of the file that is open.
 */
enum flavour_name flavour_name_of(const char *path);
/* Adds to the hint of an ERROR_CONFIG that the file was read as ours only because nothing says that it is an msmtprc.
 */
void flavour_hint(struct error *err);

#endif
