/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * import: the configuration of another program, as accounts of ours.
 *
 * Known are ssmtp.conf (with the file revaliases beside it), nullmailer's remotes (with the files beside it), dma.conf
 * (with the file that AUTHPATH names) and esmtprc.  Which one it is follows from the file's name, else from what is in
 * it.  Every setting is taken over, or a comment says why it is not needed or not possible.
 *
 * A password is never part of the text: it goes into a file of its own beside the user's configuration, with mode 0600,
 * which the text names.
 *
 * A folder is a queue of msmtpq, see import_queue.h.
 */
#ifndef SETUP_IMPORT_H
#define SETUP_IMPORT_H

#include "base/runtime.h"
#include "base/strbuf.h"

/* Appends the text.  ERROR_FILE_MISSING and ERROR_CONFIG for a file that cannot be read or is none of these. */
bool import_configuration(const char *path, const struct runtime *runtime, struct strbuf *out,
			  struct error *err) MUST_CHECK;

#endif
