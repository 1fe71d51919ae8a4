/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/sandbox.h"

#include "base/process.h"
#include "base/sandbox_private.h"
#include "base/xalloc.h"

static struct sandbox_support support(void)
{
	return (struct sandbox_support){.landlock = landlock_version(), .seccomp = seccomp_is_there()};
}

static struct sandbox_support enter(const struct sandbox *s)
{
	struct sandbox_support on = {.landlock = 0};
	/* else Landlock and seccomp need rights of root */
	if (process_forbid_new_rights() < 0)
		return on;
	on.landlock = landlock_enter(s);
	on.seccomp = seccomp_enter(s->level); /* last: it may leave none of the calls above */
	return on;
}

const struct sandbox_ops sandbox_system = {.support = support, .enter = enter};

char *sandbox_describe(const struct sandbox_ops *ops)
{
	struct sandbox_support has = ops ? ops->support() : (struct sandbox_support){.landlock = 0};
	if (!has.landlock)
		return xstrdup(has.seccomp ? "seccomp" : "none");
	return xasprintf("Landlock %d%s", has.landlock, has.seccomp ? ", seccomp" : "");
}
