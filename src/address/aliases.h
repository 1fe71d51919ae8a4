/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * aliases: the text of an aliases file, and what a local name stands for.
 *
 *	name: address, "A. Name" <address>, other-name	# a comment
 *		address
 *	"a name with: specials": address
 *	default: address
 *
 * A line that begins with a blank goes on with the one before.  Lines and lists
 * have no limit.  "#" begins a comment at the start of a line, behind a blank
 * or comma, and behind a domain; not inside quotes.  Names hold no "@".  A name
 * matches exactly first, then without case.  "default" stands for every local
 * name that has no line.  "\name" is that name and is not looked up again.
 * Commands ("|"), files ("/") and ":include:" are refused: nothing here runs or
 * writes anything.
 *
 * Pure: no file is opened.  Parsing never fails half-way: what is wrong is
 * collected with its line, and the rest is read.
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
	char *text; /* a clause for people, cleaned */
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
/* True if nothing is wrong; else ERROR_CONFIG "FILE, line N: ..." with the first problem. */
bool aliases_sound(const struct aliases *a, const char *file, struct error *err) MUST_CHECK;
/* The line for a name (the default's where there is none of its own), or NULL. */
const struct alias *aliases_find(const struct aliases *a, struct span name);

/*
 * Expansion for all recipients of one message.  Each alias is followed once,
 * however often it is named, so loops end and the work is linear in the file.  A
 * name met again on its own way (an alias to itself, or through others) stands
 * for itself: the literal local name.
 */
struct alias_walk {
	const struct aliases *aliases; /* or NULL: no file, every name stands for itself */
	const struct local_names *local;
	uint8_t *state; /* of each alias */
};
void alias_walk_init(struct alias_walk *walk, const struct aliases *a, const struct local_names *local);
void alias_walk_release(struct alias_walk *walk);
/* Appends what addr stands for: addresses elsewhere, and local ones that no alias leads away.  Nothing is
 * appended for an alias followed before: its addresses are there already. */
void alias_walk_expand(struct alias_walk *walk, const char *addr, struct strvec *out);

#endif
