/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/confinement.h"

#include "base/clean_text.h"
#include "base/cleanup.h"
#include "base/i18n.h"
#include "base/xalloc.h"

char *confinement_hint(struct span attr)
{
	attr = span_trim(attr);
	while (attr.len && !attr.ptr[attr.len - 1])
		attr.len--;
	struct span rest = span_trim(attr), profile = span_word(&rest);
	/* AppArmor writes "PROFILE (MODE)" or "unconfined"; SELinux and others write no mode */
	if (!profile.len || span_equals_str(profile, "unconfined") ||
	    span_equals_str(span_trim(rest), "(unconfined)") || !span_trim(rest).len)
		return NULL;
	AUTO_FREE char *name = clean_text(profile, 100);
	return xasprintf(
		_("The AppArmor profile %s confines this program and may be what denies access; see the kernel's log."),
		name);
}
