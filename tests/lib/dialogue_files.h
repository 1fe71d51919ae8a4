/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dialogue_files: which dialogues a player plays. */
#ifndef TESTS_DIALOGUE_FILES_H
#define TESTS_DIALOGUE_FILES_H

#include "base/strvec.h"

enum dialogue_player { DIALOGUE_IN_MEMORY, DIALOGUE_OVER_SOCKET };

/*
 * The paths of the files in argv, or without arguments of all files of
 * $top_srcdir/tests/dialogues, in alphabetical order.  Dialogues that are
 * marked for the other player only are left out.  A file that cannot be read
 * or parsed is in the list: its player reports it as failed.
 */
void dialogue_files(struct strvec *files, enum dialogue_player player, int argc, char **argv);

#endif
