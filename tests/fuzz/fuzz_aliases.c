/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For any text: no name contains "@" or control characters, every address passes the check for SMTP commands, and every
 * expansion ends, loses no address on another host, and has no more addresses than the file.
 */
#include "fuzz.h"

#include "address/address.h"
#include "address/aliases.h"

static size_t must_be_sound(const struct alias *alias)
{
	MUST(*alias->name && !strchr(alias->name, '@'));
	for (const char *p = alias->name; *p; p++)
		MUST(!ascii_iscntrl(*p));
	for (size_t i = 0; i < alias->n; i++)
		MUST(!alias->to[i].addr || address_check(span_of(alias->to[i].addr), false, NULL));
	return alias->n;
}

static bool found(const struct alias_finds *out, const char *addr)
{
	for (size_t i = 0; i < out->n; i++)
		if (strcmp(out->v[i].addr, addr) == 0)
			return true;
	return false;
}

static void must_end(const struct aliases *a, size_t targets)
{
	AUTO(local_names) local = LOCAL_NAMES_INIT;
	AUTO(alias_walk) walk;
	AUTO(alias_finds) out = ALIAS_FINDS_INIT;
	local_names_add(&local, SPAN_LIT("vm"));
	alias_walk_init(&walk, a, &local);
	for (size_t i = 0; i < a->n; i++) {
		if (!strpbrk(a->v[i].name, " ()<>[]:;@\\,.\""))
			alias_walk_expand(&walk, a->v[i].name, &out);
	}
	alias_walk_expand(&walk, "somebody@vm", &out);
	MUST(out.n <= targets + 2 * a->n + 1);
	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; walk.state[i] && !a->v[i].unusable && j < a->v[i].n && out.n < 1000; j++)
			MUST(!a->v[i].to[j].addr || local_names_has(&local, span_of(a->v[i].to[j].addr)) ||
			     found(&out, a->v[i].to[j].addr));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(aliases) a = ALIASES_INIT;
	size_t targets = 0, line = 0;
	aliases_parse(&a, span_make((const char *)data, size));
	for (size_t i = 0; i < a.n; i++) {
		targets += must_be_sound(&a.v[i]);
		MUST(aliases_find(&a, span_of(a.v[i].name)) != NULL);
	}
	for (size_t i = 0; i < a.problem_n; i++) {
		MUST(a.problems[i].line >= line && *a.problems[i].text);
		line = a.problems[i].line;
	}
	must_end(&a, targets);
	aliases_find_loops(&a);
	return 0;
}
