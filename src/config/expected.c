/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/expected.h"

#include "base/clean_text.h"
#include "base/i18n.h"

#define GOT_MAX 60 /* bytes shown of the text that was given */

bool check_expected(struct error *err, const char *wanted, struct span got)
{
	if (!got.len)
		return error_set(err, ERROR_CONFIG, _("expected %s, got nothing"), wanted);
	AUTO_FREE char *clean = clean_text(got, GOT_MAX);
	return error_set(err, ERROR_CONFIG, _("expected %s, got %s"), wanted, clean);
}
