/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any text either fails with an error that has a text, or gives accounts that,
 * shown as a file, read back the same.  The first octet chooses the flavour.
 */
#include "config/configuration.h"
#include "config/show.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static const struct runtime runtime = {.clock = &clock_system};

/* This harness reads no file and runs no command. */
static bool reaches_out(struct span text)
{
	static const enum option_id ids[] = {OPT_INCLUDE, OPT_EVAL};
	for (size_t i = 0; text.len && i < ARRAY_SIZE(ids); i++) {
		const char *command = option_table[ids[i]].command;
		if (memmem(text.ptr, text.len, command, strlen(command)))
			return true;
	}
	return false;
}

static void reads_back(const struct account *a)
{
	AUTO(config) again = CONFIG_INIT;
	AUTO(strbuf) shown = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	show_file(a, &shown);
	check(config_parse(&again, "shown", strbuf_span(&shown), FLAVOUR_OWN, &runtime, &err));
	check(again.n == 1 && strcmp(again.accounts[0]->name, a->name) == 0);
	for (enum option_id i = 0; i < OPTION_COUNT; i++)
		if (option_table[i].type != VALUE_SECRET)
			check(value_equal(&option_table[i], account_value(a, i), account_value(again.accounts[0], i)));
}

static void completes(struct account *a)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) json = STRBUF_INIT;
	check(account_complete(a, &err));
	check(account_check(a, &err) || err.status.text);
	struct json j = JSON_INIT(&json);
	json_object(&j, NULL);
	show_json(a, &j);
	json_end(&j);
	show_text(a, &json);
	reads_back(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(config) c = CONFIG_INIT;
	AUTO(error) err = ERROR_INIT;
	struct span text = {(const char *)data, size};
	if (!size)
		return 0;
	enum config_flavour flavour = text.ptr[0] == 'm' ? FLAVOUR_MSMTP : FLAVOUR_OWN;
	text = span_sub(text, 1, text.len);
	if (reaches_out(text))
		return 0;
	if (!config_parse(&c, "fuzz", text, flavour, &runtime, &err)) {
		check(err.status.kind != ERROR_NONE && err.status.text && c.n == 0);
		return 0;
	}
	for (size_t i = 0; i < c.n; i++) {
		reads_back(c.accounts[i]);
		completes(c.accounts[i]);
	}
	return 0;
}
