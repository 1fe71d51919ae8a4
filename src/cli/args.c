/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/args.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"

struct cursor {
	struct args *args;
	int argc, at;
	char *const *argv;
};

void args_release(struct args *args)
{
	request_release(&args->request);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* fexecve() leaves no name but that of a descriptor. */
static bool is_descriptor(const char *path)
{
	static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		size_t n = strlen(folders[i]);
		if (strncmp(path, folders[i], n) == 0 && !strchr(path + n, '/'))
			return true;
	}
	return false;
}

/* The name of the file that was executed decides.  The caller chooses argv[0], which is looked at only if that file has
 * no name. */
static const char *called(const char *executed, const char *argv0)
{
	bool known = executed && *executed && !is_descriptor(executed);
	return last_part(known ? executed : argv0 ? argv0 : "");
}

static enum personality personality_of(const char *name)
{
	static const struct {
		const char *name;
		enum personality personality;
	} names[] = {
		{"sendmail", PERSONALITY_SENDMAIL},
		{"mailq", PERSONALITY_MAILQ},
		{"newaliases", PERSONALITY_NEWALIASES},
	};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(name, names[i].name) == 0)
			return names[i].personality;
	return PERSONALITY_POSTHASTE;
}

/* "--tls-starttls", "-f": as the user typed it, cleaned. */
static bool usage(struct error *err, struct span typed, const char *what)
{
	AUTO_FREE char *shown = clean_text(typed, 80);
	(void)error_set(err, ERROR_USAGE, "%s: %s", shown, what);
	error_hint(err, "%s", _("posthaste --help lists the options."));
	return false;
}

/* Of the options that only sendmail has, the one that says when to deliver: "-odq", "-O DeliveryMode=background". */
static void note_delivery_mode(struct args *args, const struct option_row *row, struct span text)
{
	static const char name[] = "DeliveryMode=";
	struct span word = span_make(NULL, 0);
	if (row->id == OPT_SM_O_SHORT && text.len > 1 && text.ptr[0] == 'd')
		word = span_sub(text, 1, text.len);
	else if (row->id == OPT_SM_O_LONG && span_equals_str_nocase(span_sub(text, 0, sizeof(name) - 1), name))
		word = span_sub(text, sizeof(name) - 1, text.len);
	if (word.len && strchr("ibqd", word.ptr[0])) /* other letters are ignored, like the other options of sendmail */
		args->request.delivery = word.ptr[0];
}

static bool set_value(struct cursor *c, const struct option_row *row, struct span typed, struct span text,
		      struct error *err)
{
	struct args *args = c->args;
	args->request.given[option_target(row)->id] = true;
	args->request.given[row->id] = true;
	note_delivery_mode(args, row, text);
	if ((row->type == VALUE_NONE && option_target(row) == row) || (row->flags & OPTION_IGNORED))
		return true;
	strvec_push_span(&args->request.names, typed);
	struct origin origin = {.kind = ORIGIN_COMMAND_LINE, .file = args->request.names.v[args->request.names.n - 1]};
	if (account_set(args->request.flags, row->id, text, origin, err))
		return true;
	/* A wrong address is EX_DATAERR wherever it comes from. */
	if (err)
		err->status.kind = option_target(row)->id == OPT_FROM ? ERROR_ADDRESS : ERROR_USAGE;
	AUTO_FREE char *shown = clean_text(typed, 80);
	error_prefix(err, "%s", shown);
	return false;
}

static bool next_argument(struct cursor *c, struct span typed, struct span *text, struct error *err)
{
	if (c->at + 1 >= c->argc)
		return usage(err, typed, _("this option needs an argument, and none follows"));
	*text = span_of(c->argv[++c->at]);
	return true;
}

/* Reports a word that is not an option.  It may be misspelt, or a command of the configuration file. */
static bool no_such_option(struct error *err, struct span typed)
{
	AUTO_FREE char *name = xmemdup0(typed.ptr + 2, typed.len - 2);
	for (char *c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	const struct option_row *row = option_nearest(span_of(name));
	(void)usage(err, typed, _("there is no such option"));
	if (row && row->flag)
		error_hint(err, _("Did you mean --%s?"), row->flag);
	else if (row)
		error_hint(err, _("%s can be set in the configuration file only."), row->command);
	return false;
}

static bool allowed_long(const struct args *args, const struct option_row *row)
{
	return args->personality == PERSONALITY_POSTHASTE || row->id == OPT_HELP || row->id == OPT_VERSION;
}

static bool take_long(struct cursor *c, struct span word, struct error *err)
{
	const char *eq = memchr(word.ptr, '=', word.len);
	struct span typed = eq ? span_make(word.ptr, (size_t)(eq - word.ptr)) : word;
	struct span text = eq ? span_sub(word, typed.len + 1, word.len) : span_make(NULL, 0);
	bool ambiguous = false;
	const struct option_row *row = option_by_flag(span_sub(typed, 2, typed.len), &ambiguous);
	if (!row)
		return ambiguous ? usage(err, typed, _("several options begin with this")) : no_such_option(err, typed);
	if (!allowed_long(c->args, row))
		return usage(err, typed, _("long options are not accepted under the name sendmail"));
	if (row->type == VALUE_NONE) {
		if (eq && !(row->flags & OPTION_BARE))
			return usage(err, typed, _("this option takes no argument"));
	} else if (!eq && !(row->flags & OPTION_BARE) && !next_argument(c, typed, &text, err)) {
		return false;
	}
	return set_value(c, row, typed, text, err);
}

/* "-?", and "-h" without what sendmail wants after it: the user looks for help. */
static bool asks_for_help(const struct cursor *c, struct span word)
{
	return c->args->personality == PERSONALITY_POSTHASTE &&
	       (span_equals_str(word, "-?") || (span_equals_str(word, "-h") && c->argc == 2));
}

/* One word of letters: "-ti", "-fuser@example.org", "-f" "user@example.org". */
static bool take_letters(struct cursor *c, struct span word, struct error *err)
{
	for (size_t i = 1; i < word.len; i++) {
		char name[3] = {'-', word.ptr[i], '\0'};
		struct span typed = span_make(name, 2);
		const struct option_row *row = option_by_letter(word.ptr[i]);
		if (!row)
			return usage(err, typed, _("there is no such option"));
		if (c->args->personality != PERSONALITY_POSTHASTE && (row->flags & OPTION_NOT_SENDMAIL))
			return usage(err, typed, _("this option is not accepted under the name sendmail"));
		if (row->type == VALUE_NONE && !(row->flags & OPTION_BARE)) {
			if (!set_value(c, row, typed, span_make(NULL, 0), err))
				return false;
			continue;
		}
		struct span text = span_sub(word, i + 1, word.len);
		if (row->type == VALUE_WORD && i == 1) /* errors name "-bs", not "-b" */
			typed = word;
		if (row->id == OPT_DEBUG && span_equals_str(text, "0.1")) /* sendmail's "print your version" */
			c->args->request.given[OPT_VERSION] = true;
		if (!text.len && !(row->flags & OPTION_BARE) && !next_argument(c, typed, &text, err))
			return false;
		return set_value(c, row, typed, text, err);
	}
	return true;
}

static bool parse_words(struct cursor *c, struct error *err)
{
	bool options = true;
	for (c->at = 1; c->at < c->argc; c->at++) {
		struct span word = span_of(c->argv[c->at]);
		bool ok = true;
		if (!options || word.len < 2 || word.ptr[0] != '-')
			strvec_push_span(&c->args->request.recipients, word);
		else if (span_equals_str(word, "--"))
			options = false;
		else if (asks_for_help(c, word))
			c->args->request.given[OPT_HELP] = true;
		else if (word.ptr[1] == '-')
			ok = take_long(c, word, err);
		else
			ok = take_letters(c, word, err);
		if (!ok)
			return false;
	}
	return true;
}

static bool check_together(const struct args *args, struct error *err)
{
	if ((args->request.given[OPT_ACCOUNT] || account_is_set(args->request.flags, OPT_CHECK) ||
	     args->request.given[OPT_ACCEPT_KEY]) &&
	    args->request.given[OPT_HOST])
		return error_set(err, ERROR_USAGE,
				 _("--account and --host exclude each other: one takes the settings from the file, the "
				   "other from the command line"));
	if (args->request.given[OPT_FROM] && args->request.given[OPT_READ_ENVELOPE_FROM])
		return error_set(err, ERROR_USAGE,
				 _("-f and --read-envelope-from exclude each other: both say who the sender is"));
	if (args->request.given[OPT_HOLD_FOR] && args->request.given[OPT_HOLD_UNTIL])
		return error_set(
			err, ERROR_USAGE,
			_("--hold-for and --hold-until exclude each other: both say how long the message is held"));
	static const enum option_id lone[] = {OPT_SERVERINFO, OPT_RMQS,		 OPT_CONFIGURE,	   OPT_CHECK,
					      OPT_ACCEPT_KEY, OPT_IMPORT,	 OPT_QUEUE_STATUS, OPT_QUEUE_SHOW,
					      OPT_QUEUE_HOLD, OPT_QUEUE_RELEASE, OPT_QUEUE_REMOVE};
	static const size_t alone = 7; /* after the others, further IDs may follow */
	if (args->request.given[OPT_RAW] && (!args->request.given[OPT_QUEUE_SHOW] || args->request.recipients.n))
		return error_set(err, ERROR_USAGE, _("--raw needs --queue-show with one message"));
	for (size_t i = 0; i < ARRAY_SIZE(lone); i++) {
		AUTO_FREE char *name = option_name(&option_table[lone[i]]);
		if (args->request.given[lone[i]] && args->request.recipients.n && i < alone)
			return error_set(err, ERROR_USAGE, _("%s sends nothing and takes no recipients"), name);
		for (size_t j = 0; j < i; j++) {
			AUTO_FREE char *other = option_name(&option_table[lone[j]]);
			if (args->request.given[lone[i]] && args->request.given[lone[j]])
				return error_set(err, ERROR_USAGE,
						 _("%s and %s exclude each other: one thing at a time"), other, name);
		}
	}
	return true;
}

/* Makes "--check work" the same as "--check=work": --check takes no recipients, so the word is the account. */
static bool take_check_account(struct args *args, struct error *err)
{
	if (!args->request.given[OPT_CHECK] || account_is_set(args->request.flags, OPT_CHECK) ||
	    args->request.recipients.n != 1)
		return true;
	AUTO(strvec) words = args->request.recipients;
	args->request.recipients = STRVEC_INIT;
	return account_set(args->request.flags, OPT_CHECK, span_of(words.v[0]),
			   (struct origin){ORIGIN_COMMAND_LINE, option_table[OPT_CHECK].flag, 0}, err);
}

bool args_parse(int argc, char *const *argv, const struct runtime *runtime, struct args *args, struct error *err)
{
	const char *name = called(runtime->executed, argc > 0 ? argv[0] : NULL);
	*args = (struct args){.personality = personality_of(name)};
	request_init(&args->request, runtime);
	if (strcmp(name, "msmtp") == 0)
		args->request.flags->flavour = FLAVOUR_MSMTP;
	struct cursor c = {.args = args, .argc = argc, .argv = argv};
	if (parse_words(&c, err) && take_check_account(args, err) && check_together(args, err))
		return true;
	error_stage(err, "%s", _("command line"));
	return false;
}
