/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --queue-hold, --queue-release, --queue-remove. */
#include "base/i18n.h"
#include "cli/mode.h"
#include "cli/print.h"
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

/* 0, or the exit status with the error set. */
static int control(struct spool *spool, const char *prefix, const struct action *action, int64_t now, struct error *err)
{
	AUTO(strbuf) id = STRBUF_INIT;
	AUTO_PTR(spool_entry) entry = NULL;
	bool gone = false;
	if (!queue_find(spool, prefix, &id, err))
		return error_kind_exit_status(err->status.kind);
	int claimed = spool_claim(spool, id.buf, &entry, &gone, err);
	if (claimed == 0 && gone) {
		(void)error_set(err, ERROR_FILE_MISSING, _("the message %s has just left the queue"), id.buf);
		return EX_NOINPUT;
	}
	if (claimed == 0) {
		(void)error_set(err, ERROR_SYSTEM,
				_("the message %s is being sent at this moment, so it was not changed"), id.buf);
		error_hint(err, "%s",
			   _("Try again in a moment; while it is being sent, mailq shows a * after its ID."));
		return EX_TEMPFAIL;
	}
	if (claimed < 0)
		return error_kind_exit_status(err->status.kind);
	bool died = queue_item_recover(spool_entry_item(entry));
	if (!action->act(entry, now, err))
		return error_kind_exit_status(err->status.kind);
	(void)printf("%s: %s\n", id.buf, _(action->done));
	if (died)
		(void)printf(_("%s: the last attempt was cut short, and the message may have been delivered\n"),
			     id.buf);
	return EX_OK;
}

/* Only the command line can say that the runner is not to be started; the accounts are not read. */
static bool wakes_runner(const struct args *args, const struct action *action)
{
	return action->option == OPT_QUEUE_RELEASE &&
	       (!args->request.given[OPT_QUEUE_AUTOSTART] || account_bool(args->request.flags, OPT_QUEUE_AUTOSTART));
}

/* Tries each message that is named, even after one has failed.  The exit status is that of the first failure. */
static int control_all(const struct args *args, const struct runtime *runtime, const struct action *action)
{
	AUTO(error) err = ERROR_INIT;
	AUTO_PTR(spool) spool = NULL;
	AUTO(strvec) names = STRVEC_INIT;
	int64_t now = (int64_t)clock_wall(runtime->clock);
	int status = EX_OK;
	bool some = false;
	strvec_push(&names, account_str(args->request.flags, action->option)
				    ? account_str(args->request.flags, action->option)
				    : "");
	strvec_push_all(&names, &args->request.recipients);
	if (queue_open_existing(runtime, &spool, &err) < 0) {
		print_problem(print_errors(), &err);
		return error_kind_exit_status(err.status.kind);
	}
	for (size_t i = 0; i < names.n; i++) {
		AUTO(error) problem = ERROR_INIT;
		int one = control(spool, names.v[i], action, now, &problem);
		some = some || one == EX_OK;
		if (one != EX_OK)
			print_problem(print_errors(), &problem);
		if (status == EX_OK)
			status = one;
	}
	if (some && wakes_runner(args, action) && !runner_spawn(runtime, &err))
		status = status ? status : error_kind_exit_status(err.status.kind);
	if (err.status.kind != ERROR_NONE)
		print_problem(print_errors(), &err);
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
