/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print.h"

#include "base/i18n.h"

#include <errno.h>
#include <stdio.h>

bool print_done(struct error *err)
{
	errno = 0;
	bool lost = ferror(stdout);
	if (fflush(stdout) == 0 && !lost)
		return true;
	return error_set_errno(err, ERROR_IO, errno ? errno : EIO, "%s", _("cannot write to standard output"));
}
