/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/help.h"
#include "gen/gen.h"

static bool is_offered(const struct option_row *row)
{
	return option_is_live(row) && (row->flag || row->letter);
}

/* The words an argument can be, separated by spaces; empty if it is free text. */
static void words_of(const struct option_row *row, struct strbuf *out)
{
	struct span word;
	char mark;
	if (row->type == VALUE_BOOL)
		strbuf_adds(out, "on off");
	for (size_t i = 0; row->type == VALUE_WORD && (word = option_word(row, i, &mark)).len; i++)
		if (!mark)
			strbuf_addf(out, "%s%.*s", out->len ? " " : "", SPAN_FMT(word));
}

static bool takes_argument(const struct option_row *row)
{
	return row->type != VALUE_NONE;
}

/* ---- names that are found when they are wanted ---- */

/* Prints the accounts of the files that it is called with and those that they include (config/load.c), each as it is
 * given on the command line. */
#define PRINT_ACCOUNTS                                                                       \
	"awk '\n"                                                                            \
	"function first(line, end) {\n"                                                      \
	"\tsub(/^[ \\t]*[a-z]+[ \\t]+/, \"\", line)\n"                                       \
	"\tif (sub(/^\"/, \"\", line)) sub(/\".*/, \"\", line); else sub(end, \"\", line)\n" \
	"\treturn line\n"                                                                    \
	"}\n"                                                                                \
	"function take(file, depth,  line, to, folder) {\n"                                  \
	"\tif (file in open || depth > 16 || ++files > 1000) return\n"                       \
	"\topen[file] = 1\n"                                                                 \
	"\twhile ((getline line < file) > 0)\n"                                              \
	"\t\tif (line ~ /^[ \\t]*account[ \\t]/) print first(line, \"[ \\t\\r:].*\")\n"      \
	"\t\telse if (line ~ /^[ \\t]*include[ \\t]/) {\n"                                   \
	"\t\t\tto = first(line, \"[ \\t\\r].*\")\n"                                          \
	"\t\t\tif (to ~ /^~/) to = ENVIRON[\"HOME\"] substr(to, 2)\n"                        \
	"\t\t\tfolder = file\n"                                                              \
	"\t\t\tsub(/[^\\/]*$/, \"\", folder)\n"                                              \
	"\t\t\ttake(to ~ /^\\// ? to : folder to, depth + 1)\n"                              \
	"\t\t}\n"                                                                            \
	"\tclose(file)\n"                                                                    \
	"\tdelete open[file]\n"                                                              \
	"}\n"                                                                                \
	"BEGIN { for (i = 1; i < ARGC; i++) take(ARGV[i], 0) }'"
#define PRINT_IDS "posthaste -bp 2>/dev/null | awk '/^[0-9a-z]+[*!#?]? / { sub(/[*!#?]$/, \"\", $1); print $1 }'"
#define USUAL_FILES                                                                                   \
	"\"$config/posthaste/config\" ~/.posthasterc ~/.msmtprc \"$config/msmtp/config\" " SYSCONFDIR \
	"/posthaste/config " SYSCONFDIR "/msmtprc"

/* The shell function that prints what the argument can be; NULL: it is of another kind. */
static const char *finder_of(const struct option_row *row)
{
	switch (row->id) {
	case OPT_ACCOUNT:
	case OPT_CHECK:
	case OPT_ACCEPT_KEY:
	case OPT_LOGIN:
	case OPT_LOGOUT: return "accounts";
	case OPT_QUEUE_SHOW:
	case OPT_QUEUE_HOLD:
	case OPT_QUEUE_RELEASE:
	case OPT_QUEUE_REMOVE: return "ids";
	default: return NULL;
	}
}

/* What is after -C or --file, and may begin with "~/", is read alone. */
static const char bash_finders[] = "_posthaste_accounts() {\n"
				   "\tlocal i word named= config=${XDG_CONFIG_HOME:-$HOME/.config}\n"
				   "\tfor ((i = 1; i < ${#COMP_WORDS[@]}; i++)); do\n"
				   "\t\tword=${COMP_WORDS[i+1]-}\n"
				   "\t\tif [[ $word == = ]]; then word=${COMP_WORDS[i+2]-}; fi\n"
				   "\t\tcase ${COMP_WORDS[i]} in\n"
				   "\t\t-C|--file) named=$word ;;\n"
				   "\t\t-C?*) named=${COMP_WORDS[i]#-C} ;;\n"
				   "\t\tesac\n"
				   "\tdone\n"
				   "\tset -- " USUAL_FILES "\n"
				   "\tif [[ $named ]]; then set -- \"${named/#\\~/$HOME}\"; fi\n"
				   "\t" PRINT_ACCOUNTS " \"$@\" 2>/dev/null\n"
				   "}\n"
				   "_posthaste_ids() { " PRINT_IDS "; }\n"
				   "# compgen -W would evaluate what stands in a file\n"
				   "_posthaste_offer() {\n"
				   "\tlocal name\n"
				   "\twhile IFS= read -r name; do\n"
				   "\t\t[[ $name != \"$cur\"* ]] || COMPREPLY+=(\"$(printf %q \"$name\")\")\n"
				   "\tdone < <(\"_posthaste_$1\")\n"
				   "}\n";

static const char zsh_finders[] = "_posthaste_accounts() {\n"
				  "\tlocal named=${${(M)words:#--file=*}[-1]#--file=} at=${words[(I)(-C|--file)]}\n"
				  "\t[[ $at == 0 ]] || named=${words[at+1]}\n"
				  "\tlocal config=${XDG_CONFIG_HOME:-$HOME/.config}\n"
				  "\tlocal -a files=(" USUAL_FILES ")\n"
				  "\t[[ -z $named ]] || files=(${named/#\\~/$HOME})\n"
				  "\tcompadd -- ${(f)\"$(" PRINT_ACCOUNTS " $files 2>/dev/null)\"}\n"
				  "}\n"
				  "_posthaste_ids() { compadd -- ${(f)\"$(" PRINT_IDS ")\"} }\n";

static const char fish_finders[] =
	"function __posthaste_accounts\n"
	"\tset -l config $HOME/.config\n"
	"\ttest -n \"$XDG_CONFIG_HOME\"; and set config $XDG_CONFIG_HOME\n"
	"\tset -l files " USUAL_FILES "\n"
	"\tset -l words (commandline -opc)\n"
	"\tfor i in (seq (count $words))\n"
	"\t\tswitch $words[$i]\n"
	"\t\t\tcase -C --file\n"
	"\t\t\t\tset -q words[(math $i + 1)]; and set files (string replace -r '^~' $HOME -- $words[(math $i + 1)])\n"
	"\t\t\tcase '--file=*'\n"
	"\t\t\t\tset files (string replace -r '^--file=' '' -- $words[$i])\n"
	"\t\tend\n"
	"\tend\n"
	"\t" PRINT_ACCOUNTS " $files 2>/dev/null\n"
	"end\n"
	"function __posthaste_ids\n"
	"\t" PRINT_IDS "\n"
	"end\n";

/* ---- the shells ---- */

static void bash_case(const struct option_row *row, struct strbuf *out)
{
	AUTO(strbuf) words = STRBUF_INIT;
	if (!takes_argument(row))
		return;
	words_of(row, &words);
	const char *finder = finder_of(row);
	if (!words.len && row->type != VALUE_PATH && !finder)
		return;
	strbuf_adds(out, "\t");
	if (row->flag)
		strbuf_addf(out, "--%s", row->flag);
	if (row->letter)
		strbuf_addf(out, "%s-%c", row->flag ? "|" : "", row->letter);
	if (finder)
		strbuf_addf(out, ") _posthaste_offer %s; return ;;\n", finder);
	else if (words.len)
		strbuf_addf(out, ") COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n", words.buf);
	else
		strbuf_adds(out, ") COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n");
}

void gen_bash(struct strbuf *out)
{
	strbuf_adds(out, "# bash completion for posthaste, generated from its option table\n");
	strbuf_adds(out, bash_finders);
	strbuf_adds(out, "_posthaste() {\n"
			 "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
			 "\tCOMPREPLY=()\n"
			 "\tif [[ $cur == = ]]; then cur=\n"
			 "\telif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
			 "\tcase $prev in\n");
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (is_offered(&option_table[i]))
			bash_case(&option_table[i], out);
	strbuf_adds(out, "\tesac\n\tcase $cur in\n\t-*) COMPREPLY=($(compgen -W '");
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_table[i];
		if (!is_offered(row))
			continue;
		if (row->flag)
			strbuf_addf(out, "--%s%s ", row->flag,
				    takes_argument(row) && !(row->flags & OPTION_BARE) ? "=" : "");
		if (row->letter)
			strbuf_addf(out, "-%c ", row->letter);
	}
	strbuf_adds(out, "' -- \"$cur\"))\n"
			 "\t\tif [[ ${COMPREPLY-} == *= ]]; then compopt -o nospace; fi ;;\n"
			 "\tesac\n"
			 "}\n"
			 "complete -F _posthaste posthaste\n");
}

/* Adds text for single quotes, in which zsh and fish put descriptions. */
static void add_quoted(const char *text, const char *escape, struct strbuf *out)
{
	for (; *text; text++) {
		if (*text == '\'')
			strbuf_adds(out, "'\\'");
		else if (strchr(escape, *text))
			strbuf_addch(out, '\\');
		strbuf_addch(out, *text);
	}
}

static void zsh_argument(const struct option_row *row, struct strbuf *out)
{
	AUTO(strbuf) words = STRBUF_INIT;
	if (!takes_argument(row))
		return;
	words_of(row, &words);
	strbuf_adds(out, row->flags & OPTION_BARE ? "::" : ":");
	add_quoted(row->argument, ":[]", out);
	if (finder_of(row))
		strbuf_addf(out, ":_posthaste_%s", finder_of(row));
	else if (words.len)
		strbuf_addf(out, ":(%s)", words.buf);
	else
		strbuf_adds(out, row->type == VALUE_PATH ? ":_files" : ": ");
}

static void zsh_option(const struct option_row *row, const char *dashes, const char *name, const char *joined,
		       struct strbuf *out)
{
	strbuf_addf(out, "\t'*%s%s%s[", dashes, name, takes_argument(row) ? joined : "");
	add_quoted(row->help, ":[]", out);
	strbuf_addch(out, ']');
	zsh_argument(row, out);
	strbuf_adds(out, "' \\\n");
}

void gen_zsh(struct strbuf *out)
{
	strbuf_adds(out, "#compdef posthaste\n# zsh completion for posthaste, generated from its option table\n");
	strbuf_adds(out, zsh_finders);
	strbuf_adds(out, "_arguments -s -S \\\n");
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_table[i];
		const char letter[2] = {row->letter, '\0'};
		bool bare = row->flags & OPTION_BARE;
		if (!is_offered(row))
			continue;
		if (row->flag)
			zsh_option(row, "--", row->flag, bare ? "=-" : "=", out);
		if (row->letter)
			zsh_option(row, "-", letter, bare ? "-" : "+", out);
	}
	strbuf_adds(out, "\t'*:recipient:_email_addresses'\n");
}

void gen_fish(struct strbuf *out)
{
	strbuf_adds(out, "# fish completion for posthaste, generated from its option table\n");
	strbuf_adds(out, fish_finders);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_table[i];
		AUTO(strbuf) words = STRBUF_INIT;
		if (!is_offered(row))
			continue;
		strbuf_adds(out, "complete -c posthaste");
		if (row->letter)
			strbuf_addf(out, " -s %c", row->letter);
		if (row->flag)
			strbuf_addf(out, " -l %s", row->flag);
		words_of(row, &words);
		if (finder_of(row))
			strbuf_addf(out, " -x -a '(__posthaste_%s)'", finder_of(row));
		else if (words.len)
			strbuf_addf(out, " -x -a '%s'", words.buf);
		else if (takes_argument(row))
			strbuf_adds(out, row->type == VALUE_PATH ? " -r -F" : " -x");
		strbuf_adds(out, " -d '");
		add_quoted(row->help, "\\", out);
		strbuf_adds(out, "'\n");
	}
}

void gen_vim(struct strbuf *out)
{
	strbuf_adds(out, "\" Vim syntax for posthaste's configuration files, generated from its option table\n"
			 "if exists(\"b:current_syntax\")\n  finish\nendif\n"
			 "setlocal iskeyword+=_,-\n"
			 "syntax match posthasteComment /^\\s*#.*/\n"
			 "syntax match posthasteWrong /^\\s*\\zs[^# \\t]\\S*/\n");
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_table[i];
		if (!row->command)
			continue;
		strbuf_addf(out, "syntax match %s /^\\s*\\zs%s\\ze\\(\\s\\|$\\)/\n",
			    row->flags & OPTION_STRUCTURE  ? "posthasteSection"
			    : row->flags & OPTION_OBSOLETE ? "posthasteOld"
							   : "posthasteCommand",
			    row->command);
	}
	strbuf_adds(out, "highlight default link posthasteComment Comment\n"
			 "highlight default link posthasteWrong Error\n"
			 "highlight default link posthasteSection Statement\n"
			 "highlight default link posthasteOld PreProc\n"
			 "highlight default link posthasteCommand Identifier\n"
			 "let b:current_syntax = \"posthaste\"\n");
}
