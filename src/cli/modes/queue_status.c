/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --queue-status: one line for monitoring; 0 if all is well, 1 if something is stuck. */
#include "cli/mode.h"
#include "queue/queue_health.h"
#include "cli/print.h"
#include "cli/print_json.h"
#include "cli/print_result.h"
#include "queue/queue_open.h"
#include "queue/queue_walk.h"

#include <sysexits.h>

#define EX_STUCK 1 /* not from sysexits.h: monitoring programs treat it as a warning */

struct count {
	struct queue_health health;
	int64_t now;
};

static void count_message(void *ctx, const struct queue_item *item, const struct spool_stat *where)
{
	struct count *s = ctx;
	queue_health_count(&s->health, &(struct queue_view){.item = item, .where = *where, .now = s->now});
}

static void count_unreadable(void *ctx, const char *id, const struct error *err)
{
	struct count *s = ctx;
	(void)id;
	(void)err; /* mailq shows it */
	s->health.damaged++;
}

int mode_queue_status(const struct args *args, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO_PTR(spool) spool = NULL;
	struct count s = {.now = clock_wall(runtime->clock)};
	struct queue_visitor visitor = {count_message, count_unreadable, &s};
	int found = queue_open_existing(runtime, &spool, &err);
	bool ok = found == 0 || (found > 0 && queue_walk(spool, &visitor, &err));
	int status = !ok ? error_kind_exit_status(err.status.kind) : queue_health_stuck(&s.health) ? EX_STUCK : EX_OK;
	if (args->request.given[OPT_JSON]) {
		struct json j = JSON_INIT(&out);
		json_object(&j, NULL);
		queue_health_json(&s.health, &j);
		print_json_status(&j, status, &err);
		print_json_end(&j, NULL);
	} else if (ok) {
		queue_health_line(&s.health, &out);
		(void)printf("%s\n", out.buf);
	}
	if (!ok)
		print_problem(print_errors(), &err);
	return status;
}
