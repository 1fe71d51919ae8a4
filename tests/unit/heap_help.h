/* SPDX-License-Identifier: GPL-3.0-or-later */
/* heap_help: looks for copies of a secret that were freed and not overwritten.  Not with sanitizers: their heap has no
 * such name, and keeps what was freed.  Included after cmocka.h. */
#ifndef TESTS_HEAP_HELP_H
#define TESTS_HEAP_HELP_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#ifndef HAVE_SANITIZERS

/* A secret of which the program itself has no copy, and how often it is in writable memory; free() writes over the
 * beginning. */
#define UNSEEN 48
#define UNSEEN_TAIL 24

static void unseen(char *out)
{
	for (size_t i = 0; i < UNSEEN; i++)
		out[i] = (char)('a' + (i * 7 + 3) % 23);
	out[UNSEEN] = '\0';
}

static size_t count_in(const char *start, const char *end)
{
	size_t found = 0;
	for (const char *at = start; at + UNSEEN <= end; at++) {
		size_t i = UNSEEN_TAIL;
		while (i < UNSEEN && at[i] == (char)('a' + (i * 7 + 3) % 23))
			i++;
		found += i == UNSEEN;
	}
	return found;
}

static size_t copies_in_heap(void)
{
	char line[512];
	size_t found = 0;
	FILE *maps = fopen("/proc/self/maps", "re");
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		uintptr_t start, end;
		if (strstr(line, "[heap]") && sscanf(line, "%" SCNxPTR "-%" SCNxPTR " rw", &start, &end) == 2)
			found += count_in((const char *)start, (const char *)end);
	}
	(void)fclose(maps);
	return found;
}

#endif
#endif
