/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print.h"

#include "base/i18n.h"

#include <errno.h>
#include <stdlib.h>

/* Of the process, as standard error is. */
static struct {
	FILE *stream; /* NULL: nothing is kept */
	char *text;
	size_t len;
} kept;

bool print_done(struct error *err)
{
	errno = 0;
	bool lost = ferror(stdout);
	if (fflush(stdout) == 0 && !lost)
		return true;
	return error_set_errno(err, ERROR_IO, errno ? errno : EIO, "%s", _("cannot write to standard output"));
}

void print_errors_keep(void)
{
	kept.stream = open_memstream(&kept.text, &kept.len);
}

static char *take_errors(void)
{
	if (!kept.stream)
		return NULL;
	(void)fclose(kept.stream);
	char *text = kept.text;
	print_errors_keep();
	return text;
}

static void add_errors(struct span text)
{
	(void)fwrite(text.ptr, 1, text.len, print_errors());
}

const struct runner_errors print_errors_kept = {take_errors, add_errors};

FILE *print_errors(void)
{
	return kept.stream ? kept.stream : stderr;
}

void print_errors_end(int status)
{
	if (!kept.stream)
		return;
	(void)fclose(kept.stream);
	kept.stream = NULL;
	if (status != 0)
		(void)fwrite(kept.text, 1, kept.len, stderr);
	(void)fflush(stderr);
	free(kept.text);
	kept.text = NULL;
}
