/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * aliases: parses an aliases file, and finds what a local name stands for.
 *
 *	name: address, "A. Name" <address>, other-name	# a comment
 *		address
 *	"a name with: specials": address
 *	default: address
 *
 * A line that begins with a space or tab continues the line before. There is no limit on the length of lines and lists.
 * "#" begins a comment at the start of a line, after a space or comma, and after a domain, but not inside quotes. Names
 * do not contain "@". A name matches exactly first, then without case. "default" stands for every local name without
 * a line. "\name" stands for that name, which is not looked up again. Commands ("|"), files ("/") and ":include:" are
 * refused: posthaste never runs or writes anything for an alias.
 *
 * Pure: no file is opened. A mistake does not stop the parsing: it is recorded with the number of its line, and the
 * rest of the file is read.
 */
#ifndef ADDRESS_ALIASES_H
#define ADDRESS_ALIASES_H

#include "base/error.h"
#include "address/local_names.h"

#include <stdint.h>

struct alias_target {
	char *addr;
	bool literal; /* written "\name" */
};

struct alias {
	char *name; /* unquoted */
	size_t line;
	struct alias_target *to;
	size_t n, cap;
};

struct alias_problem {
	size_t line;
	char *text; /* what is wrong, as a clause for the user; cleaned */
};

struct aliases {
	struct alias *v; /* in the order of the file */
	size_t n, cap;
	size_t *exact, *nocase;		/* indexes into v, sorted by name; NULL while empty */
	struct alias_problem *problems; /* in the order of their lines */
	size_t problem_n, problem_cap;
};
#define ALIASES_INIT ((struct aliases){.v = NULL})
void aliases_release(struct aliases *a);
void aliases_parse(struct aliases *a, struct span text);
/* Whether there is no problem; else ERROR_CONFIG with the first one, "FILE, line N: ...". */
bool aliases_sound(const struct aliases *a, const char *file, struct error *err) MUST_CHECK;
/* The alias for a name, which is the default if the name has no line of its own; or NULL. */
const struct alias *aliases_find(const struct aliases *a, struct span name);

/*
 * Expands all recipients of one message. Each alias is followed once, however often it is named, so loops end and the
 * time is linear in the size of the file. A name that is found again in its own expansion (an alias that leads to
 * itself, directly or through others) stands for itself, the local name.
 */
struct alias_walk {
	const struct aliases *aliases; /* or NULL: no file, every name stands for itself */
	const struct local_names *local;
	uint8_t *state; /* of each alias */
};
void alias_walk_init(struct alias_walk *walk, const struct aliases *a, const struct local_names *local);
void alias_walk_release(struct alias_walk *walk);
/* Appends what addr stands for: addresses on other hosts, and local ones without an alias. Nothing is appended for an
 * alias that was followed before, because its addresses were appended then. */
void alias_walk_expand(struct alias_walk *walk, const char *addr, struct strvec *out);

#endif
