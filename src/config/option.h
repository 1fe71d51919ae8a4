/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * option: the table of all settings, options.def, as data.
 *
 * Everything that depends on an option's name is derived from its row: the config command, the command-line flag,
 * copying and merging of accounts, where a value came from, --help, man page, completion, and what is redacted.  To
 * add an option, add a row and doc/options/NAME; its name is not needed anywhere else.
 *
 * OPTION(ID, group, command, flag, letter, type, limits, default_own, default_msmtp, flags, since, argument, help)
 *   ID             OPT_ID is its index
 *   group          GROUP_group: its heading in help and manual
 *   command        config command, or NULL (command line only)
 *   flag           long option without "--", or NULL
 *   letter         sendmail letter, or 0
 *   type           VALUE_...
 *   limits         one of OPTION_RANGE() ... OPTION_FREE below
 *   default_own    default text in our own files; NULL: unset
 *   default_msmtp  default text in an msmtprc; NULL: unset
 *   flags          OPTION_... below
 *   since          the version that added it
 *   argument       what --help calls the argument, N_("HOST"); NULL if there is none
 *   help           one line, N_("...")
 */
#ifndef CONFIG_OPTION_H
#define CONFIG_OPTION_H

#include "base/error.h"
#include "base/strbuf.h"

enum option_group {
	GROUP_MODE,    /* what the program does */
	GROUP_ACCOUNT, /* files and accounts */
	GROUP_SERVER,  /* host, port, time limits */
	GROUP_AUTH,
	GROUP_TLS,
	GROUP_ENVELOPE, /* sender, recipients, delivery notifications */
	GROUP_HEADER,	/* what is changed in the header */
	GROUP_MESSAGE,	/* what may be sent, and how */
	GROUP_QUEUE,
	GROUP_LOG,
	GROUP_SERVICE, /* the server side */
	GROUP_COMPAT,  /* accepted for compatibility with sendmail, without effect */
	GROUP_COUNT
};

enum value_type {
	VALUE_NONE,	/* a switch without argument */
	VALUE_BOOL,	/* on | off; bare means on */
	VALUE_WORD,	/* one of a list of words; int is its index */
	VALUE_INT,	/* within a range */
	VALUE_STRING,	/* any text; empty unsets */
	VALUE_PATH,	/* text with "~" expanded; empty unsets */
	VALUE_DURATION, /* milliseconds: "off", "30", "30s", "5m", "2h", "5d" (bare: seconds); off is -1 */
	VALUE_SIZE,	/* bytes: "10", "10k", "10M", "1G" (powers of 1024), "off" is 0 */
	VALUE_LIST,	/* words separated by spaces, quotes as in the lexer */
	VALUE_SECRET	/* kept in a struct secret, never shown */
};

enum option_flags {
	OPTION_CONNECTION = 1 << 0,   /* part of the key under which an open session may be shared */
	OPTION_OBSOLETE = 1 << 1,     /* an older spelling; not in --help */
	OPTION_NOT_SENDMAIL = 1 << 2, /* its letter is refused under the name sendmail */
	OPTION_MODE = 1 << 3,	      /* selects what the program does */
	OPTION_BARE = 1 << 4,	      /* the argument is optional ("--tls", "--tls=off", "-d0.1"): bare means "on"
				       * for a BOOL and the first word for a WORD */
	OPTION_EMPTY_UNSETS = 1 << 5, /* an empty argument means "none", whatever was inherited */
	OPTION_IGNORED = 1 << 6,      /* accepted, without effect, whatever the argument */
	OPTION_NOCASE = 1 << 7,	      /* words match in any case */
	OPTION_STRUCTURE = 1 << 8,    /* a keyword that structures the file, not a value of an account */
	OPTION_INTERNAL = 1 << 9,     /* the program starts itself with it; not documented for users */
	OPTION_PATHS = 1 << 10	      /* LIST: its words are names of files, with "~" expanded */
};

enum option_id {
#define OPTION(id, ...) OPT_##id,
#include "config/options.def"
#undef OPTION
	OPTION_COUNT
};

/*
 * Checks a text beyond its type and writes the canonical spelling.  False with ERROR_CONFIG "expected ..., got ...".
 */
typedef bool option_check_fn(struct span text, struct strbuf *canonical, struct error *err);

/*
 * Limits:
 *   OPTION_RANGE(min, max)    VALUE_INT
 *   OPTION_WORDS("a\0b\0")    VALUE_WORD; "=c" is another spelling of the word before it
 *   OPTION_SPELLS(ID, pairs)  another spelling of ID: "given\0meant\0" pairs translate the argument, NULL keeps
 *                             it; a VALUE_NONE row has only the word it stands for
 *   OPTION_CHECK(function)    VALUE_STRING, VALUE_LIST (each word)
 */
#define OPTION_FREE .words = NULL
#define OPTION_RANGE(lowest, highest) .min = (lowest), .max = (highest)
#define OPTION_WORDS(list) .words = list
#define OPTION_SPELLS(of, pairs) .target = OPT_##of, .words = pairs
#define OPTION_CHECK(function) .check = function

struct option_row {
	enum option_id id;
	const char *command, *flag;
	char letter;
	enum value_type type;
	long long min, max;    /* VALUE_INT */
	const char *words;     /* VALUE_WORD, see OPTION_WORDS */
	enum option_id target; /* OPTION_SPELLS: the row this one is another spelling of; 0 for none */
	option_check_fn *check;
	enum option_group group;
	const char *default_own, *default_msmtp;
	unsigned flags;
	const char *since, *argument, *help;
};

extern const struct option_row option_table[OPTION_COUNT];

/* The row of a config command, or NULL; commands are case-sensitive, as in msmtp. */
const struct option_row *option_by_command(struct span name);
/* The row of a sendmail letter, or NULL. */
const struct option_row *option_by_letter(char letter);
/* The row whose value this row sets: itself, unless it is another spelling. */
const struct option_row *option_target(const struct option_row *row);
/* The row of a long option, given exactly or as a prefix.  Of several that a prefix fits, the one that an earlier
 * version had already is meant: what is cut short in somebody's script stays valid.  NULL, with *ambiguous set, if
 * several came with the same version. */
const struct option_row *option_by_flag(struct span name, bool *ambiguous);
/* The command with the most similar spelling (edit distance <= 2), for "did you mean"; or NULL. */
const struct option_row *option_nearest(struct span name);
/* The name to use in messages if neither flag nor command was typed: "tls_trust_file", "--json", "-V"; malloc'ed. */
char *option_name(const struct option_row *row);
/* The nth word of a VALUE_WORD row without its mark; other spellings have a number too.  len is 0 after the last
 * word.  *mark is '=' or 0. */
struct span option_word(const struct option_row *row, size_t nth, char *mark);
const char *option_group_title(enum option_group group);

#endif
