/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sink_extensions.h"
#include "sink_buf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void extensions_add(struct extensions *e, const char *line, size_t len)
{
	size_t key;

	while (len && *line == ' ')
		line++, len--;
	while (len && line[len - 1] == ' ')
		len--;
	if (!len)
		return;
	for (key = 0; key < len && line[key] != ' '; key++)
		;
	e->items = mem_grow(e->items, (e->count + 1) * sizeof *e->items);
	e->items[e->count].keyword = mem_dup(line, key);
	while (key < len && line[key] == ' ')
		key++;
	e->items[e->count].params = mem_dup(line + key, len - key);
	e->count++;
}

void extensions_parse(struct extensions *e, const char *list)
{
	while (*list) {
		size_t len = strcspn(list, ",");

		extensions_add(e, list, len);
		list += len + (list[len] == ',');
	}
}

const char *extensions_find(const struct extensions *e, const char *keyword)
{
	for (size_t i = 0; i < e->count; i++)
		if (!strcasecmp(e->items[i].keyword, keyword))
			return e->items[i].params;
	return NULL;
}

unsigned long long extensions_number(const struct extensions *e, const char *keyword, const char *name)
{
	const char *p = extensions_find(e, keyword);
	size_t len = name ? strlen(name) : 0;

	if (!p || !name)
		return p ? strtoull(p, NULL, 10) : 0;
	while (*p) {
		if (!strncasecmp(p, name, len) && p[len] == '=')
			return strtoull(p + len + 1, NULL, 10);
		p += strcspn(p, " ");
		p += strspn(p, " ");
	}
	return 0;
}

void extensions_release(struct extensions *e)
{
	for (size_t i = 0; i < e->count; i++) {
		free(e->items[i].keyword);
		free(e->items[i].params);
	}
	free(e->items);
	memset(e, 0, sizeof *e);
}
