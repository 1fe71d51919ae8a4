/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailq, -bp: what waits in the queue. */
#include "base/i18n.h"
#include "cli/mode.h"

#include <stdio.h>
#include <sysexits.h>

/* Nothing is kept by this version, so nothing can wait; scripts that ask get sendmail's words. */
int mode_mailq(const struct args *args, const struct surroundings *around)
{
	(void)around;
	(void)printf("%s\n", args->given[OPT_JSON] ? "[]" : _("Mail queue is empty"));
	return EX_OK;
}
