/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * option: the one table of settings, options.def, as data.
 *
 * Everything that knows an option's name is derived from its row: the config
 * command, the command-line flag, copying and merging of accounts, where a
 * value came from, --help, man page, completion, and what is redacted.
 * Add a row and doc/options/NAME; type the name nowhere else.
 *
 * OPTION(ID, group, command, flag, letter, type, limits, default_own, default_msmtp, flags, since, argument, help)
 *   ID        OPT_ID is its index
 *   group     GROUP_group: the heading it stands under in help and manual
 *   command   config command, or NULL (command line only)
 *   flag      long option without "--", or NULL
 *   letter    sendmail letter, or 0
 *   type      VALUE_...
 *   limits    one of the OPTION_RANGE() ... OPTION_FREE below
 *   default_own    default text in our own files; NULL: unset
 *   default_msmtp  default text in an msmtprc; NULL: unset
 *   flags     OPTION_... below
 *   since     version that brought it
 *   argument  what --help calls the argument, N_("HOST"); NULL for flags
 *   help      one line, N_("...")
 */
#ifndef CONFIG_OPTION_H
#define CONFIG_OPTION_H

#include "base/error.h"
#include "base/strbuf.h"

enum option_group {
	GROUP_MODE,    /* what the program does */
	GROUP_ACCOUNT, /* files and accounts */
	GROUP_SERVER,  /* host, port, limits of time */
	GROUP_AUTH,
	GROUP_TLS,
	GROUP_ENVELOPE, /* sender, recipients, delivery notifications */
	GROUP_HEADER,	/* what is changed in the header */
	GROUP_MESSAGE,	/* what may be sent, and how */
	GROUP_QUEUE,
	GROUP_LOG,
	GROUP_SERVICE, /* the server side */
	GROUP_COMPAT,  /* taken from sendmail, without effect */
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
	VALUE_SIZE,	/* octets: "10", "10k", "10M", "1G" (powers of 1024), "off" is 0 */
	VALUE_LIST,	/* blank-separated words, quotes as in the lexer */
	VALUE_SECRET	/* kept in a struct secret, never shown */
};

enum option_flags {
	OPTION_CONNECTION = 1 << 0,   /* part of the key under which an open session may be shared */
	OPTION_OBSOLETE = 1 << 1,     /* another spelling of an older time; not in --help */
	OPTION_NOT_SENDMAIL = 1 << 2, /* its letter is refused under the name sendmail */
	OPTION_LATER = 1 << 3, /* belongs to a later version: one clear line, 64 on the command line, 78 in a file */
	OPTION_MODE = 1 << 4,  /* selects what the program does */
	OPTION_BARE = 1 << 5,  /* the argument is optional ("--tls", "--tls=off", "-d0.1"): bare means "on"
				* for a BOOL and the first word for a WORD */
	OPTION_EMPTY_UNSETS = 1 << 6, /* an empty argument means "none", whatever was inherited */
	OPTION_IGNORED = 1 << 7,      /* taken and without effect, whatever the argument */
	OPTION_NOCASE = 1 << 8,	      /* words match in any case */
	OPTION_STRUCTURE = 1 << 9,    /* a keyword that shapes the file; no value of an account */
	OPTION_INTERNAL = 1 << 11,    /* the program calls itself with it; told to nobody */
	OPTION_WARNS = 1 << 10	      /* with LATER: in an msmtprc only a warning, so that everybody's loads */
};

enum option_id {
#define OPTION(id, ...) OPT_##id,
#include "config/options.def"
#undef OPTION
	OPTION_COUNT
};

/*
 * Judges a text beyond its type and writes the one spelling that is kept; the
 * error's text is "expected ..., got ...".
 */
typedef bool option_check_fn(struct span text, struct strbuf *canonical, struct error *err);

/*
 * Limits:
 * OPTION_RANGE(min, max)    VALUE_INT
 * OPTION_WORDS("a\0b\0")    VALUE_WORD; "=c" is another spelling of the word before it, "!d" a word that
 *                           arrives in a later version
 * OPTION_SPELLS(ID, pairs)  another spelling of ID: "given\0meant\0" pairs translate the argument, NULL passes it
 *                           through; a VALUE_NONE row has the one word it means
 * OPTION_CHECK(function)    VALUE_STRING, VALUE_LIST (each word)
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

/* NULL: no such command (commands are case-sensitive, as msmtp's are). */
const struct option_row *option_by_command(struct span name);
/* NULL: no such letter. */
const struct option_row *option_by_letter(char letter);
/* The row whose value this one sets: itself unless it is another spelling. */
const struct option_row *option_target(const struct option_row *row);
/* Long option: exact, or a unique prefix; NULL and *ambiguous otherwise. */
const struct option_row *option_by_flag(struct span name, bool *ambiguous);
/* The command nearest in spelling (edit distance <= 2), for "did you mean"; or NULL. */
const struct option_row *option_nearest(struct span name);
/* How people call it where no flag or command was typed: "tls_trust_file", "--json", "-V". malloc'ed. */
char *option_name(const struct option_row *row);
/* The nth word of a VALUE_WORD row without its mark, spellings counted; len 0 behind the last.  *mark is '=', '!' or 0.
 */
struct span option_word(const struct option_row *row, size_t nth, char *mark);
/* ERROR_USAGE or ERROR_CONFIG: "NAME arrives in a later version of posthaste". */
bool option_later(const struct option_row *row, enum error_kind kind, struct error *err);
const char *option_group_title(enum option_group group);

#endif
