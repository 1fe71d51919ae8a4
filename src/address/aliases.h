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
 * a line. "\name" stands for that name, which is not looked up again. "/dev/null" stands for nothing: mail for it is
 * dropped.
 *
 * An alias whose line cannot be used makes only its own name unusable: a line with a command ("|"), another file ("/")
 * or ":include:" (posthaste never runs or writes anything for an alias), with an error, or with the name of an earlier
 * line.
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
	char *addr;   /* NULL: /dev/null */
	bool literal; /* written "\name" */
};

struct alias {
	char *name; /* unquoted */
	size_t line;
	struct alias_target *to;
	size_t n, cap;
	bool unusable;		  /* there is a problem on its lines ... */
	size_t problem_line;	  /* ... the first one on this line, */
	const char *problem_text; /* in problems */
};

struct alias_problem {
	size_t line;
	char *text;   /* what is wrong, as a clause for the user; cleaned */
	bool foreign; /* sendmail can use the line, but posthaste cannot */
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
/* The alias for a name, which is the default if the name has no line of its own; or NULL. */
const struct alias *aliases_find(const struct aliases *a, struct span name);

/* The alias for a target that is a name of this machine; local NULL: any name without a domain. NULL: there is none. */
const struct alias *aliases_of_target(const struct aliases *a, const struct alias_target *to,
				      const struct local_names *local);
/* For each alias, whether it does not only lead back to itself, but to an address, a name without an alias, /dev/null
 * or an unusable alias. malloc'ed. */
bool *aliases_find_ends(const struct aliases *a, const struct local_names *local);
/* Records the aliases that lead back to themselves, and to no address, as problems. */
void aliases_find_loops(struct aliases *a);

/* What a recipient stands for. */
struct alias_found {
	char *addr;		/* an address on another host, or a local name without an alias, or ... */
	const struct alias *at; /* ... the name of this alias, because it is unusable or (loop) leads back to itself */
	bool loop;
};
struct alias_finds {
	struct alias_found *v;
	size_t n, cap;
};
#define ALIAS_FINDS_INIT ((struct alias_finds){NULL, 0, 0})
void alias_finds_release(struct alias_finds *finds);

/*
 * Expands all recipients of one message. Each alias is followed once, however often it is named, so loops end and the
 * time is linear in the size of the file. A name that is found again in its own expansion is passed over; if nothing
 * else is found there, the alias is a loop.
 */
struct alias_walk {
	const struct aliases *aliases; /* or NULL: no file, every name stands for itself */
	const struct local_names *local;
	uint8_t *state; /* of each alias: it was followed */
	bool *ends;	/* aliases_find_ends(), once it is needed */
};
void alias_walk_init(struct alias_walk *walk, const struct aliases *a, const struct local_names *local);
void alias_walk_release(struct alias_walk *walk);
/* Appends what addr stands for. Nothing is appended for an alias that was followed before, because its addresses were
 * appended then, and for /dev/null; but an unusable alias and a loop are appended for every addr that leads to them. */
void alias_walk_expand(struct alias_walk *walk, const char *addr, struct alias_finds *out);

#endif
