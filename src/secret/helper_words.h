/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * helper_words: what a helper program wrote to its standard error, made fit to be shown, logged and stored.
 *
 * A helper may repeat there the secret that it prints ("set -x" in a shell script does).  What it printed to standard
 * output is therefore hidden as a redactor hides it: the first HELPER_WORDS_LINES lines, each as a whole and without
 * its first word, because a line of a configuration file is "password SECRET".
 */
#ifndef SECRET_HELPER_WORDS_H
#define SECRET_HELPER_WORDS_H

#include "base/proc.h"
#include "base/strvec.h"

#define HELPER_WORDS_LINES 10

/* Appends "the command NAME wrote: WORDS" for each line, cleaned, HELPER_WORDS_LINES at most.  Changes the text of
 * errors. */
void helper_words_take(struct proc_errors *errors, const char *name, struct strvec *lines);

#endif
