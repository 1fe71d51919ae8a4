/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * option: the one table of settings, options.def, as data.
 *
 * Everything that knows an option's name is derived from its row: the config
 * command, the command-line flag, copying and merging of accounts, where a
 * value came from, --help, man page, completion, and what is redacted.
 * Add a row and doc/options/NAME; type the name nowhere else.
 *
 * OPTION(ID, command, flag, letter, type, limits, own, msmtp, flags, since, argument, help)
 *   ID        OPT_ID is its index
 *   command   config command, or NULL (command line only)
 *   flag      long option without "--", or NULL (configuration only)
 *   letter    sendmail letter, or 0
 *   type      VALUE_...
 *   limits    OPTION_RANGE(min, max), OPTION_WORDS("a\0b\0"), or OPTION_FREE
 *   own       default text in our own files; NULL: unset
 *   msmtp     default text in an msmtprc; NULL: unset
 *   flags     OPTION_... below
 *   since     version that brought it
 *   argument  what --help calls the argument, N_("HOST"); NULL for flags
 *   help      one line, N_("...")
 */
#ifndef CONFIG_OPTION_H
#define CONFIG_OPTION_H

#include "base/span.h"

enum value_type {
	VALUE_NONE,	/* command line only: a mode or switch without argument */
	VALUE_BOOL,	/* on | off; bare means on */
	VALUE_WORD,	/* one of a list of words; int is its index */
	VALUE_INT,	/* within a range */
	VALUE_STRING,	/* any text; empty unsets */
	VALUE_PATH,	/* text with "~" expanded; empty unsets */
	VALUE_DURATION, /* milliseconds: "off", "30", "30s", "5m", "2h", "5d" (bare: seconds); off is -1 */
	VALUE_SIZE,	/* octets: "10", "10k", "10M", "1G" (powers of 1024), "off" is 0 */
	VALUE_LIST,	/* blank-separated words, quotes as in the lexer */
	VALUE_SECRET	/* kept in a struct secret, never shown */
};

enum option_flags {
	OPTION_CONNECTION = 1 << 0, /* part of the key under which an open session may be shared */
	OPTION_OBSOLETE = 1 << 1,   /* another spelling of an older time; not in --help */
	OPTION_NOT_SENDMAIL = 1 << 2, /* refused under the name sendmail (letters too) */
	OPTION_LATER = 1 << 3,	    /* belongs to a later version: one clear line, 64 on the command line, 78 in a file */
	OPTION_MODE = 1 << 4,	    /* selects what the program does */
	OPTION_BARE = 1 << 5,	    /* the flag's argument is optional ("--tls", "--tls=off") */
	OPTION_EMPTY_UNSETS = 1 << 6
};

enum option_id {
#define OPTION(id, ...) OPT_##id,
#include "config/options.def"
#undef OPTION
	OPTION_COUNT
};

struct option_row {
	enum option_id id;
	const char *command, *flag;
	char letter;
	enum value_type type;
	long long min, max; /* VALUE_INT */
	const char *words;  /* VALUE_WORD: NUL-separated, ends with an empty one */
	const char *own, *msmtp;
	unsigned flags;
	const char *since, *argument, *help;
};

extern const struct option_row option_table[OPTION_COUNT];

/* NULL: no such command (commands are case-sensitive, as msmtp's are). */
const struct option_row *option_by_command(struct span name);
/* Long option: exact, or a unique prefix; NULL and *ambiguous otherwise. */
const struct option_row *option_by_flag(struct span name, bool *ambiguous);
/* The command nearest in spelling (edit distance <= 2), for "did you mean"; or NULL. */
const struct option_row *option_nearest(struct span name);

#endif
