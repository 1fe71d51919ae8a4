/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailq, -bp: what waits in the queue. */
#include "base/i18n.h"
#include "base/json.h"
#include "cli/mode.h"
#include "queue/queue_json.h"
#include "cli/print.h"
#include "cli/print_json.h"
#include "cli/print_result.h"
#include "queue/queue_open.h"
#include "queue/queue_walk.h"

#include <stdio.h>

#define PORTION (64u * 1024) /* output is written in pieces of this size, so memory does not grow with the queue */

struct listing {
	struct strbuf out;
	struct json *json; /* or NULL */
	uint64_t bytes;
	size_t n;
	struct error first; /* of what could not be read */
	int64_t now;
	struct account_waits waits;
};

static void write_out(struct listing *l, size_t least)
{
	if (l->out.len < least)
		return;
	(void)fwrite(l->out.buf, 1, l->out.len, stdout);
	strbuf_reset(&l->out);
}

static void count_message(struct listing *l)
{
	if (!l->n++ && !l->json)
		queue_list_heading(&l->out);
}

static void list_message(void *ctx, const struct queue_item *item, const struct spool_stat *where)
{
	struct listing *l = ctx;
	struct queue_view view = {item, *where, l->now, account_waits_find(&l->waits, item, l->now)};
	count_message(l);
	l->bytes += item->size;
	if (l->json) {
		queue_json_message(l->json, &view);
		json_end(l->json);
	} else {
		queue_list_message(&l->out, &view);
	}
	write_out(l, PORTION);
}

static void list_unreadable(void *ctx, const char *id, const struct error *err)
{
	struct listing *l = ctx;
	count_message(l);
	if (l->json) {
		queue_json_unknown(l->json, id, "damaged", err);
		json_end(l->json);
	} else {
		queue_list_unreadable(&l->out, id, err);
	}
	if (l->first.status.kind == ERROR_NONE)
		error_copy(&l->first, err);
}

static void finish_listing(struct listing *l)
{
	if (l->json) {
		json_end(l->json);
		strbuf_addch(&l->out, '\n');
	} else if (l->n) {
		queue_list_footer(&l->out, l->bytes, l->n);
	} else {
		strbuf_adds(&l->out, "Mail queue is empty\n"); /* not translated, because scripts compare it */
	}
	write_out(l, 0);
}

/* Instead of a list that cannot be read. */
static void print_failure(struct listing *l, int status, const struct error *err)
{
	strbuf_reset(&l->out);
	struct json j = JSON_INIT(&l->out);
	json_object(&j, NULL);
	print_json_status(&j, status, err);
	print_json_end(&j, NULL);
}

int mode_mailq(const struct args *args, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	AUTO_PTR(spool) spool = NULL;
	struct listing l = {.out = STRBUF_INIT, .first = ERROR_INIT, .now = clock_wall(runtime->clock)};
	struct json j = JSON_INIT(&l.out);
	struct queue_visitor visitor = {list_message, list_unreadable, &l};
	int found = queue_open_existing(runtime, &spool, &err);
	if (args->request.given[OPT_JSON]) {
		l.json = &j;
		json_array(&j, NULL);
	}
	bool ok = found == 0 ||
		  (found > 0 && account_waits_read(&l.waits, spool, l.now, &err) && queue_walk(spool, &visitor, &err));
	if (ok) {
		finish_listing(&l);
		error_move(&err, &l.first);
	}
	int status = error_kind_exit_status(err.status.kind);
	if (!ok && l.json)
		print_failure(&l, status, &err);
	if (err.status.kind != ERROR_NONE)
		print_problem(print_errors(), &err);
	account_waits_release(&l.waits);
	strbuf_release(&l.out);
	error_release(&l.first);
	return status;
}
