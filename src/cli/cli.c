/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/i18n.h"
#include "base/language.h"
#include "base/process.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_result.h"
#include "submit/settings.h"

#include <signal.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define DRAIN_MAX ((size_t)64 << 20)
#define DRAIN_MS 5000

static const struct {
	enum option_id switch_;
	mode_fn *run;
} modes[] = {
	{OPT_HELP, mode_version_help},
	{OPT_VERSION, mode_version_help},
	{OPT_LOGIN, mode_login},
	{OPT_LOGOUT, mode_logout},
	{OPT_SERVERINFO, mode_serverinfo},
	{OPT_RMQS, mode_rmqs},
	{OPT_CONFIGURE, mode_configure},
	{OPT_IMPORT, mode_import},
	{OPT_CHECK, mode_check},
	{OPT_ACCEPT_KEY, mode_accept_key},
	{OPT_EXPLAIN, mode_explain},
	{OPT_PRETEND, mode_pretend},
	{OPT_DRY_RUN, mode_dry_run},
	{OPT_BATCH, mode_batch},
	{OPT_QUEUE_SHOW, mode_queue_show},
	{OPT_QUEUE_HOLD, mode_queue_hold},
	{OPT_QUEUE_RELEASE, mode_queue_release},
	{OPT_QUEUE_REMOVE, mode_queue_remove},
	{OPT_QUEUE_STATUS, mode_queue_status},
	{OPT_QUEUE_RUNNER, mode_queue_runner},
	{OPT_KEEPER, mode_keeper},
	{OPT_QUEUE_RUN, mode_queue_run},
	{OPT_QUEUE_WORK, mode_queue_run},
};

/* sendmail's letters after -b */
static const struct {
	char letter;
	mode_fn *run;
} letter_modes[] = {{'D', mode_listen}, {'S', mode_batch},	 {'d', mode_listen}, {'i', mode_aliases},
		    {'p', mode_mailq},	{'s', mode_serve_stdio}, {'v', mode_verify}};

mode_fn *mode_of(const struct args *args)
{
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (args->request.given[modes[i].switch_])
			return modes[i].run;
	if (args->personality == PERSONALITY_MAILQ)
		return mode_mailq;
	if (args->personality == PERSONALITY_NEWALIASES)
		return mode_aliases;
	const char *letter = args->request.given[OPT_BMODE] ? account_word_text(args->request.flags, OPT_BMODE) : "";
	for (size_t i = 0; i < ARRAY_SIZE(letter_modes); i++)
		if (*letter == letter_modes[i].letter)
			return letter_modes[i].run;
	return mode_send;
}

static void protect_process(void)
{
	(void)signal(SIGPIPE, SIG_IGN); /* a closed connection is an error to report */
	(void)signal(SIGXFSZ, SIG_IGN); /* and so is a file at its size limit: the log, a temporary file */
	(void)umask(umask(S_IRWXG | S_IRWXO) & ~(mode_t)S_IRWXU); /* we must be able to read the files we create */
	process_hide();
}

/* True even if an error before --json ended the parsing of the command line. */
static bool wants_json(int argc, char *const *argv, const struct args *args)
{
	if (args->personality != PERSONALITY_POSTHASTE)
		return false;
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			return true;
	return args->request.given[OPT_JSON];
}

static void show_problem(const struct runtime *runtime, const struct error *err)
{
	(void)runtime;
	print_note(print_errors(), err);
}

static void show_delay(const struct runtime *runtime, const char *why)
{
	(void)runtime;
	(void)fprintf(print_errors(), "posthaste: %s\n", why);
}

/* The status of these is that of what they did, whether or not it could be printed: a message that was delivered would
 * be sent again. */
static bool is_done_unprinted(mode_fn *run)
{
	static mode_fn *const acting[] = {mode_send,	     mode_batch,      mode_serve_stdio,	  mode_queue_run,
					  mode_queue_runner, mode_queue_hold, mode_queue_release, mode_queue_remove,
					  mode_login,	     mode_logout,     mode_accept_key};
	for (size_t i = 0; i < ARRAY_SIZE(acting); i++)
		if (run == acting[i])
			return true;
	return false;
}

/* The only place where it is noticed that standard output cannot be written.  Returns the exit status. */
static int finish_output(mode_fn *run, int status)
{
	AUTO(error) err = ERROR_INIT;
	if (print_done(&err))
		return status;
	if (status == EX_OK && !(run && is_done_unprinted(run)))
		status = error_kind_exit_status(err.status.kind);
	print_problem(print_errors(), &err);
	return status;
}

/* Whether errors are printed although the exit status may be 0: the user asked for what is to be seen, or reads the
 * result of the mode, or the process stays and there is no exit status to wait for. */
static bool prints_at_once(mode_fn *run, const struct args *args)
{
	const char *work = account_str(args->request.flags, OPT_QUEUE_WORK);
	return args->request.given[OPT_DEBUG] || (work && ascii_isdigit(work[0])) || run == mode_check ||
	       run == mode_explain || run == mode_serverinfo || run == mode_verify || run == mode_listen;
}

static bool reads_message(mode_fn *run)
{
	return !run || run == mode_send || run == mode_batch || run == mode_dry_run;
}

static char *queue_dir(const struct runtime *runtime)
{
	return settings_queue_dir(runtime->queue_dir_arg, runtime);
}

int cli_main(int argc, char *const *argv, const struct runtime *outer)
{
	struct runtime runtime = *outer;
	runtime.problem = show_problem;
	struct args args;
	runtime.queue_dir = queue_dir;
	runtime.queue_dir_arg = &args.request;
	struct error err = ERROR_INIT;
	mode_fn *run = NULL;
	int status;
	protect_process();
	language_init(&runtime);
	if (args_parse(argc, argv, &runtime, &args, &err)) {
		run = mode_of(&args);
		runtime.keeps_helper_errors = !isatty(STDERR_FILENO);
		runtime.delay = runtime.keeps_helper_errors ? NULL : show_delay;
		if (runtime.keeps_helper_errors && !prints_at_once(run, &args))
			print_errors_keep();
		status = run(&args, &runtime);
	} else {
		status = error_kind_exit_status(err.status.kind);
		print_problem(print_errors(), &err);
		if (wants_json(argc, argv, &args))
			print_result_json(stdout, NULL, NULL, &err, NULL, status);
	}
	status = finish_output(run, status);
	print_errors_end(status);
	if (status != EX_OK && reads_message(run))
		fs_drain_pipe(runtime.input, DRAIN_MAX, DRAIN_MS,
			      runtime.clock); /* the writer gets our status, no SIGPIPE */
	error_release(&err);
	args_release(&args);
	return status;
}
