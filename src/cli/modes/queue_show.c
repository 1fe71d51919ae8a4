/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --queue-show ID: all that is known about a message; with --raw its bytes instead. */
#include "base/i18n.h"
#include "cli/mode.h"
#include "queue/queue_json.h"
#include "queue/queue_text.h"
#include "cli/print.h"
#include "cli/print_result.h"
#include "queue/queue_open.h"

#include <stdio.h>
#include <sysexits.h>

#define PORTION (64u * 1024)

static bool print_body(const struct source *body, struct error *err)
{
	AUTO(strbuf) buf = STRBUF_INIT;
	strbuf_grow(&buf, PORTION);
	for (uint64_t at = 0; at < body->size;) {
		size_t got;
		if (!source_read_at(body, at, buf.buf, PORTION, &got, err))
			return false;
		if (!got)
			return error_set(err, ERROR_IO, "%s", _("the message's file ends too early"));
		(void)fwrite(buf.buf, 1, got, stdout);
		at += got;
	}
	return true;
}

static bool report_gone(const char *id, struct error *err)
{
	return error_set(err, ERROR_FILE_MISSING, _("the message %s has just left the queue"), id);
}

/* Reported after everything else was printed. */
static bool check_damage(bool damaged, const char *id, struct error *err)
{
	if (!damaged)
		return true;
	(void)error_set(err, ERROR_DAMAGED, _("the message %s is damaged, and only this is left of it"), id);
	error_hint(err, _("Check it before you submit it again; posthaste --queue-remove %s removes this one."), id);
	return false;
}

static bool show_raw(struct spool *spool, const char *id, struct error *err)
{
	AUTO(strbuf) header = STRBUF_INIT;
	AUTO(source) body = SOURCE_INIT;
	bool damaged = false;
	int found = spool_show_message(spool, id, &header, &body, &damaged, err);
	if (found <= 0)
		return found < 0 ? false : report_gone(id, err);
	(void)fwrite(header.buf, 1, header.len, stdout);
	return print_body(&body, err) && check_damage(damaged, id, err);
}

/* *shown: something was printed, even if the result is false. */
static bool show_message(struct spool *spool, const char *id, int64_t now, bool as_json, bool *shown, struct error *err)
{
	AUTO(strbuf) header = STRBUF_INIT, out = STRBUF_INIT;
	AUTO(source) body = SOURCE_INIT;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	struct queue_view view = {.item = &item, .now = now};
	bool damaged = false;
	AUTO(account_waits) waits = ACCOUNT_WAITS_INIT;
	int found = spool_read(spool, id, &item, &view.where, err);
	if (found > 0 && !account_waits_read(&waits, spool, now, err))
		return false;
	view.waits_for = account_waits_find(&waits, &item, now);
	if (found > 0)
		found = spool_show_message(spool, id, &header, &body, &damaged, err);
	if (found <= 0)
		return found < 0 ? false : report_gone(id, err);
	if (as_json) {
		struct json j = JSON_INIT(&out);
		queue_json_message(&j, &view);
		queue_json_details(&j, &item);
		json_span(&j, "header", strbuf_span(&header));
		json_end(&j);
		strbuf_addch(&out, '\n');
	} else {
		queue_text_message(&out, &view);
		strbuf_addch(&out, '\n');
		queue_text_header(&out, strbuf_span(&header));
	}
	(void)fwrite(out.buf, 1, out.len, stdout);
	*shown = true;
	return check_damage(damaged, id, err);
}

static bool show_named(struct spool *spool, const char *prefix, const struct args *args, const struct runtime *runtime,
		       bool *shown, struct error *err)
{
	AUTO(strbuf) id = STRBUF_INIT;
	*shown = false;
	if (!queue_find(spool, prefix, &id, err))
		return false;
	return args->request.given[OPT_RAW] ? show_raw(spool, id.buf, err)
					    : show_message(spool, id.buf, (int64_t)clock_wall(runtime->clock),
							   args->request.given[OPT_JSON], shown, err);
}

static void show_failure(const char *prefix, const struct error *err)
{
	AUTO(strbuf) out = STRBUF_INIT;
	struct json j = JSON_INIT(&out);
	queue_json_unknown(&j, prefix, NULL, err);
	queue_json_no_details(&j);
	json_end(&j);
	(void)printf("%s\n", out.buf);
}

int mode_queue_show(const struct args *args, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	AUTO_PTR(spool) spool = NULL;
	bool as_json = args->request.given[OPT_JSON] && !args->request.given[OPT_RAW];
	const char *name = account_str(args->request.flags, OPT_QUEUE_SHOW);
	bool shown = false;
	bool ok =
		queue_open_existing(runtime, &spool, &err) >= 0 && show_named(spool, name, args, runtime, &shown, &err);
	for (size_t i = 0; ok && i < args->request.recipients.n; i++) {
		if (!as_json)
			(void)putchar('\n');
		name = args->request.recipients.v[i];
		ok = show_named(spool, name, args, runtime, &shown, &err);
	}
	if (ok)
		return EX_OK;
	if (as_json && !shown)
		show_failure(name, &err);
	print_problem(print_errors(), &err);
	return error_kind_exit_status(err.status.kind);
}
