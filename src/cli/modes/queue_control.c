/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --queue-hold, --queue-release, --queue-remove. */
#include "base/i18n.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_json.h"
#include "cli/print_result.h"
#include "queue/queue_control.h"
#include "queue/queue_open.h"
#include "runner/spawn.h"

#include <sysexits.h>

struct action {
	enum option_id option;
	queue_control_fn *act;
	const char *done; /* printed after the ID */
};

/* What became of one message. */
struct outcome_of_control {
	struct strbuf id;
	bool died; /* the last attempt was cut short */
};

/* 0, or the exit status with the error set. */
static int control(struct spool *spool, const char *prefix, const struct action *action, int64_t now,
		   struct outcome_of_control *done, struct error *err)
{
	AUTO_PTR(spool_entry) entry = NULL;
	bool gone = false;
	if (!queue_find(spool, prefix, &done->id, err))
		return error_kind_exit_status(err->status.kind);
	int claimed = spool_claim(spool, done->id.buf, &entry, &gone, err);
	if (claimed == 0 && gone) {
		(void)error_set(err, ERROR_FILE_MISSING, _("the message %s has just left the queue"), done->id.buf);
		return EX_NOINPUT;
	}
	if (claimed == 0) {
		(void)error_set(err, ERROR_SYSTEM,
				_("the message %s is being sent at this moment, so it was not changed"), done->id.buf);
		error_hint(err, "%s",
			   _("Try again in a moment; while it is being sent, mailq shows a * after its ID."));
		return EX_TEMPFAIL;
	}
	if (claimed < 0)
		return error_kind_exit_status(err->status.kind);
	done->died = queue_item_recover(spool_entry_item(entry));
	if (!action->act(entry, now, err))
		return error_kind_exit_status(err->status.kind);
	return EX_OK;
}

/* A message of the list, on a line or as an object. */
static void print_one(struct json *j, const struct action *action, const char *name,
		      const struct outcome_of_control *done, const struct error *problem)
{
	bool ok = problem->status.kind == ERROR_NONE;
	if (!ok)
		print_problem(print_errors(), problem);
	if (j) {
		json_object(j, NULL);
		json_string(j, "queue_id", done->id.len ? done->id.buf : name);
		json_string(j, "done", ok ? action->done : NULL);
		json_bool(j, "possible_duplicate", done->died);
		status_json(&problem->status, j);
		json_end(j);
	} else if (ok) {
		(void)printf("%s: %s\n", done->id.buf, _(action->done));
		if (done->died)
			(void)printf(_("%s: the last attempt was cut short, and the message may have been delivered\n"),
				     done->id.buf);
	}
}

/* Only the command line can say that the runner is not to be started; the accounts are not read. */
static bool wakes_runner(const struct args *args, const struct action *action)
{
	return action->option == OPT_QUEUE_RELEASE &&
	       (!args->request.given[OPT_QUEUE_AUTOSTART] || account_bool(args->request.flags, OPT_QUEUE_AUTOSTART));
}

/* Tries each message that is named, even after one has failed.  Status and error are those of the first failure. */
static int control_each(struct spool *spool, const struct strvec *names, const struct action *action, int64_t now,
			struct json *j, bool *some, struct error *first)
{
	int status = EX_OK;
	for (size_t i = 0; i < names->n; i++) {
		AUTO(error) problem = ERROR_INIT;
		struct outcome_of_control done = {STRBUF_INIT, false};
		int one = control(spool, names->v[i], action, now, &done, &problem);
		*some = *some || one == EX_OK;
		print_one(j, action, names->v[i], &done, &problem);
		if (status == EX_OK) {
			status = one;
			error_move(first, &problem);
		}
		strbuf_release(&done.id);
	}
	return status;
}

static int control_all(const struct args *args, const struct runtime *runtime, const struct action *action)
{
	AUTO(error) err = ERROR_INIT, problem = ERROR_INIT; /* of all together, and of a message */
	AUTO_PTR(spool) spool = NULL;
	AUTO(strvec) names = STRVEC_INIT;
	AUTO(strbuf) out = STRBUF_INIT;
	struct json j = JSON_INIT(&out);
	const char *first = account_str(args->request.flags, action->option);
	bool as_json = args->request.given[OPT_JSON], some = false;
	int status = EX_OK;
	strvec_push(&names, first ? first : "");
	strvec_push_all(&names, &args->request.recipients);
	json_object(&j, NULL);
	json_array(&j, "messages");
	bool ok = queue_open_existing(runtime, &spool, &err) >= 0;
	if (ok)
		status = control_each(spool, &names, action, (int64_t)clock_wall(runtime->clock), as_json ? &j : NULL,
				      &some, &problem);
	json_end(&j);
	if (some && wakes_runner(args, action))
		ok = runner_spawn(runtime, &err);
	if (!ok)
		print_problem(print_errors(), &err);
	if (status == EX_OK)
		status = error_kind_exit_status(err.status.kind);
	print_json_status(&j, status, problem.status.kind != ERROR_NONE ? &problem : &err);
	if (as_json)
		print_json_end(&j, NULL);
	return status;
}

int mode_queue_hold(const struct args *args, const struct runtime *runtime)
{
	return control_all(args, runtime, &(struct action){OPT_QUEUE_HOLD, queue_control_hold, N_("held")});
}

int mode_queue_release(const struct args *args, const struct runtime *runtime)
{
	return control_all(args, runtime, &(struct action){OPT_QUEUE_RELEASE, queue_control_release, N_("released")});
}

int mode_queue_remove(const struct args *args, const struct runtime *runtime)
{
	return control_all(args, runtime, &(struct action){OPT_QUEUE_REMOVE, queue_control_remove, N_("removed")});
}
