/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/flavour.h"

#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"

#include <limits.h>
#include <unistd.h>

#define LINKS_MAX 40 /* as many as the kernel follows */

static bool contains(struct span text, const char *word)
{
	size_t n = strlen(word);
	for (size_t i = 0; i + n <= text.len; i++)
		if (span_equals_str_nocase(span_sub(text, i, i + n), word))
			return true;
	return false;
}

/* Removes the last part of *path and returns it. */
static struct span take_last(struct span *path)
{
	size_t end = path->len, at;
	while (end && path->ptr[end - 1] == '/')
		end--;
	for (at = end; at && path->ptr[at - 1] != '/'; at--)
		;
	struct span last = span_sub(*path, at, end);
	*path = span_sub(*path, 0, at);
	return last;
}

static void read_names(const char *text, enum flavour_name *found)
{
	struct span path = span_of(text), name = take_last(&path), folder = take_last(&path);
	if (contains(name, "msmtp") || contains(folder, "msmtp"))
		*found = FLAVOUR_NAME_MSMTP;
	else if (*found == FLAVOUR_NAME_NEITHER &&
		 (contains(name, "posthaste") || span_equals_str(folder, "posthaste")))
		*found = FLAVOUR_NAME_OWN;
}

enum flavour_name flavour_name_of(const char *path)
{
	enum flavour_name found = FLAVOUR_NAME_NEITHER;
	char target[PATH_MAX];
	AUTO_FREE char *at = xstrdup(path);
	read_names(at, &found);
	for (int i = 0; i < LINKS_MAX; i++) {
		ssize_t n = readlink(at, target, sizeof(target) - 1);
		if (n < 0)
			break;
		target[n] = '\0';
		char *next = fs_beside(at, target);
		free(at);
		at = next;
		read_names(at, &found);
	}
	if (found != FLAVOUR_NAME_NEITHER) /* the usual places: no further system calls */
		return found;
	/* "config" in the folder we are in, and folders that are links */
	AUTO_FREE char *real = realpath(path, NULL);
	if (real)
		read_names(real, &found);
	return found;
}

void flavour_hint(struct error *err)
{
	if (!err || err->status.kind != ERROR_CONFIG)
		return;
	AUTO_FREE char *hint = steal_ptr(err->status.hint);
	error_hint(
		err, "%s %s", hint ? hint : error_kind_cure(ERROR_CONFIG),
		_("Nothing in the name of the file says \"msmtp\", so it was read as one of posthaste's own.  If it is "
		  "an msmtprc, write \"syntax msmtp\" into its first line."));
}
