/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mode: the modes of the program, a function each, chosen from one table.
 */
#ifndef CLI_MODE_H
#define CLI_MODE_H

#include "cli/args.h"
#include "submit/submission.h"

/* Prints its results and errors, and returns the exit status. */
typedef int mode_fn(const struct args *args, const struct runtime *runtime);

mode_fn mode_send, mode_batch, mode_serve_stdio, mode_dry_run, mode_version_help, mode_serverinfo, mode_pretend,
	mode_explain;
mode_fn mode_queue_run, mode_queue_runner;
mode_fn mode_check, mode_configure, mode_rmqs, mode_verify, mode_mailq, mode_aliases, mode_login, mode_logout;
mode_fn mode_accept_key, mode_keeper;
mode_fn mode_import, mode_listen;
mode_fn mode_queue_show, mode_queue_hold, mode_queue_release, mode_queue_remove, mode_queue_status;

/* The mode that the arguments select. */
mode_fn *mode_of(const struct args *args);

/* The program, called by main(). */
int cli_main(int argc, char *const *argv, const struct runtime *runtime);

#endif
