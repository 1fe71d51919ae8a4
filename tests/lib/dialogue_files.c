/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dialogue_files.h"

#include "dialogue.h"

#include "base/xalloc.h"

#include <glob.h>
#include <stdlib.h>

static bool is_for(const char *path, enum dialogue_player player)
{
	struct dialogue d;
	AUTO(error) err = ERROR_INIT;
	bool other = dialogue_read(&d, path, &err) && (player == DIALOGUE_IN_MEMORY ? d.socket_only : d.memory_only);
	dialogue_release(&d);
	return !other;
}

static void push_if_for(struct strvec *files, enum dialogue_player player, const char *path)
{
	if (is_for(path, player))
		strvec_push(files, path);
}

void dialogue_files(struct strvec *files, enum dialogue_player player, int argc, char **argv)
{
	const char *top = getenv("top_srcdir");
	AUTO_FREE char *pattern = xasprintf("%s/tests/dialogues/*.dlg", top ? top : ".");
	glob_t found;
	for (int i = 1; i < argc; i++)
		push_if_for(files, player, argv[i]);
	if (argc > 1 || glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		push_if_for(files, player, found.gl_pathv[i]);
	globfree(&found);
}
