/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/option.h"

#include "base/i18n.h"
#include "base/xalloc.h"

const struct option_row *option_by_command(struct span name)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (option_table[i].command && span_equals_str(name, option_table[i].command))
			return &option_table[i];
	return NULL;
}

const struct option_row *option_by_letter(char letter)
{
	for (size_t i = 0; letter && i < OPTION_COUNT; i++)
		if (option_table[i].letter == letter)
			return &option_table[i];
	return NULL;
}

const struct option_row *option_by_flag(struct span name, bool *ambiguous)
{
	const struct option_row *found = NULL;
	*ambiguous = false;
	for (size_t i = 0; name.len && i < OPTION_COUNT; i++) {
		const char *flag = option_table[i].flag;
		if (!flag || strncmp(flag, name.ptr, name.len) != 0)
			continue;
		if (flag[name.len] == '\0') {
			*ambiguous = false;
			return &option_table[i];
		}
		int order = found ? strverscmp(option_table[i].since, found->since) : -1;
		if (order <= 0) {
			*ambiguous = order == 0;
			found = &option_table[i];
		}
	}
	return *ambiguous ? NULL : found;
}

const struct option_row *option_target(const struct option_row *row)
{
	return row->target ? &option_table[row->target] : row;
}

/*
 * Levenshtein's distance, keeping one row of the matrix; a swap of adjacent characters is two changes.  Gives up on
 * names longer than the longest option.
 */
#define NAME_MAX_LEN 40

static size_t edit_distance(struct span a, const char *b)
{
	size_t cost[NAME_MAX_LEN + 1], n = strlen(b);
	if (a.len > NAME_MAX_LEN || n > NAME_MAX_LEN)
		return NAME_MAX_LEN;
	for (size_t j = 0; j <= n; j++)
		cost[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = cost[0];
		cost[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t best = diagonal + (ascii_lower(a.ptr[i - 1]) != ascii_lower(b[j - 1]));
			if (cost[j] + 1 < best)
				best = cost[j] + 1;
			if (cost[j - 1] + 1 < best)
				best = cost[j - 1] + 1;
			diagonal = cost[j];
			cost[j] = best;
		}
	}
	return cost[n];
}

const struct option_row *option_nearest(struct span name)
{
	const struct option_row *nearest = NULL;
	size_t least = 3;
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (!option_table[i].command || option_table[i].flags & (OPTION_OBSOLETE))
			continue;
		size_t d = edit_distance(name, option_table[i].command);
		/* two changes would replace a very short name completely */
		if (d < least && d < strlen(option_table[i].command)) {
			least = d;
			nearest = &option_table[i];
		}
	}
	return nearest;
}

char *option_name(const struct option_row *row)
{
	if (row->command)
		return xstrdup(row->command);
	if (row->flag)
		return xasprintf("--%s", row->flag);
	return xasprintf("-%c", row->letter);
}

struct span option_word(const struct option_row *row, size_t nth, char *mark)
{
	const char *word = row->words;
	*mark = 0;
	while (word && *word && nth--)
		word += strlen(word) + 1;
	if (!word || !*word)
		return SPAN_LIT("");
	if (*word == '=')
		*mark = *word++;
	return span_of(word);
}

const char *option_group_title(enum option_group group)
{
	static const char *const titles[GROUP_COUNT] = {
		[GROUP_MODE] = N_("What to do"),
		[GROUP_ACCOUNT] = N_("Files and accounts"),
		[GROUP_SERVER] = N_("Server"),
		[GROUP_AUTH] = N_("Authentication"),
		[GROUP_TLS] = N_("Encryption (TLS)"),
		[GROUP_ENVELOPE] = N_("Sender, recipients, delivery reports"),
		[GROUP_HEADER] = N_("Header"),
		[GROUP_MESSAGE] = N_("Message"),
		[GROUP_QUEUE] = N_("Queue"),
		[GROUP_LOG] = N_("Log"),
		[GROUP_SERVICE] = N_("Server mode"),
		[GROUP_COMPAT] = N_("Accepted for compatibility with sendmail, without effect"),
	};
	return _(titles[group]);
}
