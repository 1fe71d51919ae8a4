/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/item_route.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/strbuf.h"
#include "base/xalloc.h"

#define LABEL_MAX 100

/* Adds the length, too, so that different parts never make the same key. */
static void add_part(struct strbuf *key, const char *text)
{
	if (text)
		strbuf_addf(key, "%zu:%s", strlen(text), text);
	strbuf_addch(key, ',');
}

static void add_lines(struct strbuf *key, const struct strvec *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		add_part(key, lines->v[i]);
	strbuf_addch(key, ';');
}

char *queue_item_route(const struct queue_item *item)
{
	AUTO(strbuf) key = STRBUF_INIT;
	strbuf_addf(&key, "%d,%d,", (int)item->scope, item->msmtp);
	add_part(&key, item->account);
	add_part(&key, item->config_file);
	/* without an account's name the sender decides which account it is */
	add_part(&key, item->account ? NULL : item->mail.sender.given);
	add_lines(&key, &item->settings);
	add_lines(&key, &item->environment);
	return strbuf_detach(&key, NULL);
}

/* ---- its name ------------------------------------------------------------- */

static const char *host_of(const struct strvec *lines)
{
	static const char host[] = "host ";
	for (size_t i = 0; i < lines->n; i++)
		if (strncmp(lines->v[i], host, strlen(host)) == 0)
			return lines->v[i] + strlen(host);
	return NULL;
}

char *queue_item_account_label(const struct queue_item *item)
{
	const char *host = host_of(&item->settings);
	const char *name = item->account ? item->account : host ? host : host_of(&item->environment);
	return name && *name ? clean_text(span_of(name), LABEL_MAX) : xstrdup(_("(without a name)"));
}
