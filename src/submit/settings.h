/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * settings: the configuration as files, environment and caller give it, and the account chosen from it.
 *
 *	AUTO(settings) settings = SETTINGS_INIT;
 *	ok = settings_load(&settings, request, runtime, &err);
 */
#ifndef SUBMIT_SETTINGS_H
#define SUBMIT_SETTINGS_H

#include "base/runtime.h"
#include "config/configuration.h"
#include "header/header_scan.h"
#include "submit/request.h"

struct settings {
	struct config config;
	struct account *account; /* NULL until one is chosen */
	char *why;		 /* one sentence: which account was chosen, and why */
	char *chosen_for;	 /* the sender of that choice if nothing else of a message decides it, or NULL ... */
	size_t warnings;	 /* ... and how many warnings there were before */
};
#define SETTINGS_INIT ((struct settings){.config = CONFIG_INIT})
void settings_release(struct settings *s);

/* Files and environment. */
bool settings_read(struct settings *s, const struct request *request, const struct runtime *runtime,
		   struct error *err) MUST_CHECK;
/* The account; recipients (addresses) and sender, where they are known, may decide.  Both may be NULL.  The account
 * stays if it was chosen for the same sender before and the message cannot change it. */
bool settings_choose_account(struct settings *s, const struct request *request, const struct runtime *runtime,
			     const char *sender, const struct strvec *recipients, struct error *err) MUST_CHECK;
/* As before the choice. */
void settings_forget_account(struct settings *s);
/* The %-sequences of the account where nothing is sent (--serverinfo, --pretend), and its domain as EHLO may carry it:
 * a pattern in from stays one. */
bool settings_expand(struct settings *s, const struct header_list *fields, const struct runtime *runtime,
		     struct error *err) MUST_CHECK;
/* All three, for modes that read no message; the sender is the one of the command line. */
bool settings_load(struct settings *s, const struct request *request, const struct runtime *runtime,
		   struct error *err) MUST_CHECK;
/* After a failure: the account whose log a success would have been written to, as far as it can be found; unchecked.
 * fields: of the message, if it was read.  False: there is none. */
bool settings_find_for_log(struct settings *s, const struct request *request, const struct header_list *fields,
			   const struct runtime *runtime) MUST_CHECK;

/* Another account of the configuration, complete and checked, for its server and login; owned by the caller. */
MUST_CHECK struct account *settings_other_account(struct settings *s, const char *name, const struct runtime *runtime,
						  struct error *err);
/* The first account that sets this, as settings of the machine are read that no message decides about; NULL: none. */
const struct account *settings_first(const struct settings *s, enum option_id id);
/* queue_dir of the command line, or else of the first account that sets it; malloc'ed, NULL: none does. */
char *settings_queue_dir(const struct request *request, const struct runtime *runtime);

#endif
