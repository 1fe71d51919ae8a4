/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * env: the environment a process was given, and the user's folders that follow from it.
 *
 * env is a list like environ(7), NULL for an empty one.  Strings returned are malloc'ed, unless they are const.
 */
#ifndef BASE_ENV_H
#define BASE_ENV_H

#include "base/error.h"

/* The value of a variable, borrowed from env; NULL if it is not set. */
const char *env_get(char *const *env, const char *name);
/* $HOME if absolute, else the home directory of the passwd entry, else NULL. */
char *env_home(char *const *env);
/* $XDG_CONFIG_HOME if absolute, else ~/.config, else NULL. */
char *env_config_home(char *const *env);
/* The folder in which the program keeps its queue and its state files: "posthaste" in $XDG_STATE_HOME if that is
 * absolute, else in ~/.local/state, else NULL. */
char *env_state_folder(char *const *env);
/* The folder for what can be fetched again: "posthaste" in $XDG_CACHE_HOME if that is absolute, else in ~/.cache, else
 * NULL. */
char *env_cache_folder(char *const *env);
/* "~" and "~/x" become a path in the home directory; others a copy.  NULL with ERROR_CONFIG if there is no home
 * directory. */
char *env_expand_home(char *const *env, const char *path, struct error *err);

#endif
