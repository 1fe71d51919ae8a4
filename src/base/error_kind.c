/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error_kind.h"

#include "base/i18n.h"

#include <sysexits.h>

/* The words of the table. */
enum answer { ANSWER_NO, ANSWER_YES, ANSWER_GREETED };

static const struct kind {
	const char *name;
	int exit_status;
	enum error_disposition disposition, before_mail;
	enum error_scope scope;
	enum answer clears, next_server;
	const char *detail;
	const char *meaning, *cure;
} kinds[ERROR_KIND_COUNT] = {
#define KIND(id, name, exit_status, disposition, before_mail, scope, clears, next_server, detail, meaning, cure) \
	{name,                                                                                                   \
	 exit_status,                                                                                            \
	 DISPOSITION_##disposition,                                                                              \
	 DISPOSITION_##before_mail,                                                                              \
	 ERROR_SCOPE_##scope,                                                                                    \
	 ANSWER_##clears,                                                                                        \
	 ANSWER_##next_server,                                                                                   \
	 detail,                                                                                                 \
	 meaning,                                                                                                \
	 cure},
#include "base/error_kinds.def"
#undef KIND
};

const char *error_kind_name(enum error_kind kind)
{
	return kinds[kind].name;
}

int error_kind_exit_status(enum error_kind kind)
{
	return kinds[kind].exit_status;
}

enum error_disposition error_kind_disposition(enum error_kind kind)
{
	return kinds[kind].disposition;
}

enum error_disposition error_kind_disposition_before_mail(enum error_kind kind)
{
	return kinds[kind].before_mail;
}

enum error_scope error_kind_scope(enum error_kind kind)
{
	return kinds[kind].scope;
}

bool error_kind_clears(enum error_kind kind)
{
	return kinds[kind].clears != ANSWER_NO;
}

bool error_kind_next_server(enum error_kind kind, bool greeted)
{
	return kinds[kind].next_server == ANSWER_GREETED || (kinds[kind].next_server == ANSWER_YES && !greeted);
}

const char *error_kind_detail(enum error_kind kind)
{
	return kinds[kind].detail;
}

const char *error_kind_meaning(enum error_kind kind)
{
	return *kinds[kind].meaning ? _(kinds[kind].meaning) : "";
}

const char *error_kind_cure(enum error_kind kind)
{
	return *kinds[kind].cure ? _(kinds[kind].cure) : "";
}

const char *error_disposition_name(enum error_disposition d)
{
	static const char *const names[] = {"retry", "permanent", "fix"};
	return names[d];
}
