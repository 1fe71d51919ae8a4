/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --queue-status: one line for monitoring; 0 if all is well, 1 if something is stuck. */
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/queue_health.h"
#include "cli/queue_open.h"
#include "cli/queue_walk.h"
#include "cli/print_result.h"

#include <sysexits.h>

#define EX_STUCK 1 /* none of sysexits.h: monitoring programs take it for a warning */

static void count(void *ctx, const struct queue_view *view)
{
	queue_health_count(ctx, view);
}

static void count_unreadable(void *ctx, const char *id, const struct error *err)
{
	struct queue_health *health = ctx;
	(void)id;
	(void)err; /* mailq shows it */
	health->damaged++;
}

int mode_queue_status(const struct args *args, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO_PTR(spool) spool = NULL;
	struct queue_health health = {0};
	struct queue_visitor visitor = {count, count_unreadable, &health};
	int found = queue_open_existing(runtime, &spool, &err);
	bool ok = found == 0 || (found > 0 && queue_walk(spool, (int64_t)clock_wall(runtime->clock), &visitor, &err));
	if (ok && args->request.given[OPT_JSON]) {
		struct json j = JSON_INIT(&out);
		queue_health_json(&health, &j);
	} else if (ok) {
		queue_health_line(&health, &out);
	}
	if (ok && out.len)
		(void)printf("%s\n", out.buf);
	if (ok && print_done(&err))
		return queue_health_stuck(&health) ? EX_STUCK : EX_OK;
	print_error(stderr, &err);
	return error_kind_exit_status(err.status.kind);
}
