/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `netrc`: ~/.netrc and the system's file, or the one file that is set. */
#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "secret/file.h"
#include "secret/netrc.h"
#include "secret/source.h"

#include <errno.h>

#define FILE_LIMIT (256u * 1024)

static bool netrc_willing(const struct secret_query *q)
{
	return q->netrc != SECRET_NETRC_OFF && q->host && q->user;
}

/* Looks in one file.  Its permissions are checked only if the password comes from it, because other programs use the
 * file too. */
static enum secret_result look_in(const struct secret_query *q, const char *path, bool named, struct secret *out,
				  struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO_FD int fd = secret_file_open(path);
	if (fd < 0) {
		AUTO(error) why = ERROR_INIT;
		int errnum = errno;
		(void)error_set_errno(&why, ERROR_FILE_MISSING, errnum, _("cannot open %s"), path);
		if (named) {
			error_move(err, &why);
			return SECRET_FAIL;
		}
		if (errnum != ENOENT && errnum != ENOTDIR)
			secret_query_note(q, secret_source_netrc.name, why.status.text);
		return SECRET_NONE;
	}
	if (!secret_file_read(fd, "netrc", path, FILE_LIMIT, &text, err))
		return SECRET_FAIL;
	if (!netrc_find(secret_reveal(&text), q->host, q->user, out))
		return SECRET_NONE;
	return fs_private_fd(fd, path, err) ? SECRET_FOUND : SECRET_FAIL;
}

static enum secret_result netrc_fill(const struct secret_query *q, struct secret *out, struct error *err)
{
	if (!netrc_willing(q))
		return SECRET_NONE;
	if (q->netrc == SECRET_NETRC_FILE)
		return look_in(q, q->netrc_file, true, out, err);
	AUTO_FREE char *home = env_home(q->runtime->environ);
	AUTO_FREE char *path = home ? xasprintf("%s/.netrc", home) : NULL;
	enum secret_result r = path ? look_in(q, path, false, out, err) : SECRET_NONE;
	return r == SECRET_NONE ? look_in(q, SYSCONFDIR "/netrc", false, out, err) : r;
}

const struct secret_source secret_source_netrc = {"netrc", ERROR_CONFIG, false, netrc_willing, netrc_fill};
