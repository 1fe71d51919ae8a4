/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * args: parsing the command line by the option table.
 *
 * Options and recipients may be mixed; "--" ends the options; long options may be shortened to a unique prefix; an
 * optional argument follows "=" or its letter immediately.  Under the name sendmail only letters are accepted, and of
 * the long options --version and --help: nothing a caller can write there names a file, a command or a host.
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "submit/request.h"

enum personality { PERSONALITY_POSTHASTE, PERSONALITY_SENDMAIL, PERSONALITY_MAILQ, PERSONALITY_NEWALIASES };

struct args {
	enum personality personality;
	struct request request;
};

void args_release(struct args *args);
/* The name of the executed file chooses the personality (runtime->executed, else argv[0]); "msmtp" is posthaste with
 * the defaults of msmtp in request.flags and in each configuration file.  Errors are ERROR_USAGE and name the option as
 * it was typed. */
bool args_parse(int argc, char *const *argv, const struct runtime *runtime, struct args *args,
		struct error *err) MUST_CHECK;

#endif
