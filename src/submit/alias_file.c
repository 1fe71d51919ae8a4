/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/alias_file.h"

#include "base/fsutil.h"
#include "base/i18n.h"

#define ALIAS_FILE_MAX (256u * 1024 * 1024)

bool alias_file_read(const char *path, struct aliases *a, struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(error) why = ERROR_INIT;
	AUTO_FD int fd = fs_open_regular(path, _("aliases file"), err);
	if (fd < 0) {
		error_hint(err, "%s", _("Check the name in the setting aliases, or remove the setting."));
		return false;
	}
	if (!fs_read_fd(fd, &text, ALIAS_FILE_MAX, &why)) {
		(void)error_set(err, ERROR_FILE_MISSING, _("cannot read the aliases file %s: %s"), path,
				why.status.text);
		return false;
	}
	aliases_parse(a, strbuf_span(&text));
	return true;
}
