/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_open.h"

#include "base/clean_text.h"
#include "base/i18n.h"

int queue_open_existing(const struct runtime *runtime, struct spool **spool, struct error *err)
{
	AUTO_FREE char *folder = spool_user_folder(runtime, err);
	bool none = false;
	if (!folder)
		return -1;
	*spool = spool_open_existing(folder, runtime, &none, err);
	return *spool ? 1 : none ? 0 : -1;
}

struct spool *queue_open(const struct runtime *runtime, struct error *err)
{
	AUTO_FREE char *folder = spool_user_folder(runtime, err);
	return folder ? spool_open(folder, runtime, err) : NULL;
}

bool queue_find(struct spool *spool, const char *prefix, struct strbuf *id, struct error *err)
{
	if (!prefix || !*prefix) {
		(void)error_set(err, ERROR_USAGE, "%s", _("no message is named"));
		error_hint(err, "%s", _("Name it by its ID, or the first letters of that; mailq lists what there is."));
		return false;
	}
	if (spool)
		return spool_find(spool, span_of(prefix), id, err);
	AUTO_FREE char *shown = clean_text(span_of(prefix), 40);
	(void)error_set(err, ERROR_FILE_MISSING, _("there is no message \"%s\" in the queue: it is empty"), shown);
	error_hint(err, "%s", _("mailq lists what there is."));
	return false;
}
