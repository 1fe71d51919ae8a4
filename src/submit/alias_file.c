/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/alias_file.h"

#include "base/fsutil.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>

#define ALIAS_FILE_MAX (256u * 1024 * 1024)

static bool unreadable(const char *path, int errnum, struct error *err)
{
	(void)error_set_errno(err, ERROR_FILE_MISSING, errnum, _("cannot read the aliases file %s"), path);
	error_hint(err, "%s", _("Check the name in the setting aliases, or remove the setting."));
	return false;
}

bool alias_file_read(const char *path, struct aliases *a, struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(error) why = ERROR_INIT;
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return unreadable(path, errno, err);
	if (!fs_read_fd(fd, &text, ALIAS_FILE_MAX, &why)) {
		(void)error_set(err, ERROR_FILE_MISSING, _("cannot read the aliases file %s: %s"), path,
				why.status.text);
		return false;
	}
	aliases_parse(a, strbuf_span(&text));
	return true;
}
