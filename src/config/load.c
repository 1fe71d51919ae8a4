/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "config/account_index.h"
#include "config/account_line.h"
#include "config/configuration.h"
#include "config/evaluate.h"
#include "config/expected.h"
#include "config/flavour.h"
#include "config/variables.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define INCLUDE_DEPTH_MAX 16
/* Of one file with all that it includes: with three includes in each of 16 levels it would be 21 million files. */
#define FILES_MAX 1000
#define SIZE_MAX_MIB 16
#define ALL_SIZE_MAX ((size_t)SIZE_MAX_MIB << 20)

struct file_identity {
	dev_t dev;
	ino_t ino;
};

/* What is known about the file being read.  One that it includes begins with a copy. */
struct reading {
	const char *file; /* borrowed from c->files */
	enum config_flavour flavour;
	bool assumed;		 /* the flavour is the default: no name says which it is */
	struct account *current; /* what settings go to: an account, the defaults, or NULL at the beginning */
	unsigned commands;	 /* read so far */
	bool holds_secret;	 /* the file contains a literal password */
	bool evaluated;		 /* the line being read was printed by a command */
	bool literal;		 /* its argument stands in the file, at least a part of it */
};

struct loader {
	struct config *c;
	const struct runtime *runtime;
	struct account_index names; /* the accounts of this file and those it includes */
	struct account *defaults;
	struct reading now;
	bool system; /* the system's file, or one it includes */
	bool failed; /* the place of the error is known: that of the innermost file */
	struct file_identity open[INCLUDE_DEPTH_MAX];
	size_t depth, files, size; /* files and bytes read */
};

/* The secret is judged when it is used (config_choose): the system's file must not fail users who do not need it. */
static bool note_secret(struct loader *l, int fd)
{
	bool open_to_all;
	struct secret_fault fault = {.file = l->now.file, .why = ERROR_INIT};
	if (fs_admin_fd(fd, l->now.file, &open_to_all, &fault.why) && !open_to_all)
		return true;
	GROW(l->c->secret_faults, l->c->n_secret_faults, l->c->cap_secret_faults);
	l->c->secret_faults[l->c->n_secret_faults++] = fault;
	return true;
}

static bool load_file(struct loader *l, const char *path, bool included, struct error *err) MUST_CHECK;
static bool read_line(struct loader *l, const struct lexer_line *line, unsigned *column, struct error *err) MUST_CHECK;

/* ---- files and their names ---------------------------------------------- */

/* The file's own name decides, else what is known already. */
static void note_name(struct reading *now, const char *path)
{
	enum flavour_name name = flavour_name_of(path);
	if (name == FLAVOUR_NAME_MSMTP)
		now->flavour = FLAVOUR_MSMTP;
	if (name != FLAVOUR_NAME_NEITHER)
		now->assumed = false;
}

/* syntax msmtp|posthaste */
static bool syntax_line(struct loader *l, const struct option_row *row, struct span argument, struct error *err)
{
	struct value word = {.set = false};
	if (!value_parse(row, argument, &word, err))
		return false;
	if (l->now.commands != 1)
		return error_set(err, ERROR_CONFIG, _("%s must be the first command of a file"), row->command);
	l->now.flavour = word.n ? FLAVOUR_MSMTP : FLAVOUR_OWN;
	l->now.assumed = false;
	return true;
}

/* ---- accounts ------------------------------------------------------------ */

static void add_account(struct loader *l, struct account *a)
{
	struct config *c = l->c;
	GROW(c->accounts, c->n, c->cap);
	c->accounts[c->n++] = a;
	account_index_add(&l->names, a);
	l->now.current = a;
}

const struct account *config_find(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->accounts[i]->name, name) == 0)
			return c->accounts[i];
	return NULL;
}

/* Begins an account with the current defaults, marked as not set by the account itself. */
static struct account *begin_account(struct loader *l, struct span name, unsigned line)
{
	AUTO_FREE char *id = xmemdup0(name.ptr, name.len);
	struct account *a = account_new(id, l->now.flavour, l->runtime->environ);
	account_merge(a, l->defaults);
	account_mark_defaults(a);
	a->flavour_assumed = l->now.assumed;
	a->defined = (struct origin){ORIGIN_FILE, l->now.file, line};
	return a;
}

static bool inherit_all(struct loader *l, struct account *a, struct span parents, struct error *err)
{
	struct span part;
	while (span_split(&parents, ',', &part)) {
		part = span_trim(part);
		const struct account *parent = account_index_find(&l->names, part);
		if (!parent) {
			(void)check_expected(err, _("the name of an account defined above"), part);
			return false;
		}
		account_inherit(a, parent);
	}
	return true;
}

static bool is_account_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (ascii_iscntrl(name.ptr[i]) || name.ptr[i] == ',' || name.ptr[i] == ':')
			return false;
	return name.len > 0;
}

/* account ID [: PARENT, ...] */
static bool account_line(struct loader *l, const struct lexer_line *line, struct span argument, struct error *err)
{
	const char *colon = argument.len ? memchr(argument.ptr, ':', argument.len) : NULL;
	size_t end = colon ? (size_t)(colon - argument.ptr) : argument.len;
	struct span name = span_trim(span_sub(argument, 0, end));
	if (!is_account_name(name))
		return check_expected(err, _("a name without a comma or colon"), name);
	const struct account *twin = account_index_find(&l->names, name);
	if (twin) {
		AUTO_FREE char *where = origin_text(&twin->defined);
		(void)error_set(err, ERROR_CONFIG, _("account %s is defined twice (first at: %s)"), twin->name, where);
		if (twin->implied)
			error_hint(
				err,
				_("The settings from line %u on stand before any account, and make this one: write a "
				  "line \"defaults\" above them, and they apply to all accounts."),
				twin->defined.line);
		return false;
	}
	AUTO_PTR(account) a = begin_account(l, name, line->line);
	if (colon && !inherit_all(l, a, span_sub(argument, end + 1, argument.len), err))
		return false;
	add_account(l, steal_ptr(a));
	return true;
}

/* ---- lines --------------------------------------------------------------- */

static bool include_line(struct loader *l, struct span argument, struct error *err)
{
	struct reading outer = l->now;
	if (!argument.len)
		return check_expected(err, _("the name of a file"), argument);
	AUTO_FREE char *typed = xmemdup0(argument.ptr, argument.len);
	AUTO_FREE char *home_path = env_expand_home(l->runtime->environ, typed, err);
	if (!home_path)
		return false;
	AUTO_FREE char *path = fs_beside(outer.file, home_path);
	note_name(&l->now, path);
	bool ok = load_file(l, path, true, err);
	l->now = outer;
	return ok;
}

/* eval COMMAND: the line it prints replaces this line. */
static bool eval_line(struct loader *l, const struct lexer_line *line, struct span argument, struct error *err)
{
	AUTO(secret) printed = SECRET_INIT;
	struct lexer lexer;
	struct lexer_line inner;
	unsigned column;
	if (!argument.len)
		return check_expected(err, _("a command to run"), argument);
	if (l->now.evaluated)
		return error_set(err, ERROR_CONFIG,
				 _("the eval command printed another eval line, which is not allowed"));
	AUTO_FREE char *command = xmemdup0(argument.ptr, argument.len);
	l->c->evaluates = true;
	if (!evaluate_line(command, l->runtime, &printed, &l->c->warnings, err)) {
		error_prefix(err, "%s", option_table[OPT_EVAL].command);
		return false;
	}
	lexer_init(&lexer, secret_reveal(&printed));
	int got = lexer_next(&lexer, &inner, err);
	if (got == 0) /* the command printed a comment */
		return true;
	inner.line = line->line;
	l->now.evaluated = true;
	bool ok = got > 0 && read_line(l, &inner, &column, err);
	l->now.evaluated = false;
	if (!ok)
		error_prefix(err, _("the line that the command printed"));
	return ok;
}

static bool structure_line(struct loader *l, const struct option_row *row, const struct lexer_line *line,
			   struct span argument, struct error *err)
{
	switch (row->id) {
	case OPT_ACCOUNT: return account_line(l, line, argument, err);
	case OPT_INCLUDE: return include_line(l, argument, err);
	case OPT_EVAL: return eval_line(l, line, argument, err);
	case OPT_DEFAULTS:
		if (argument.len)
			return check_expected(err, _("no argument"), argument);
		l->defaults->flavour = l->now.flavour;
		l->now.current = l->defaults;
		return true;
	default: return syntax_line(l, row, argument, err);
	}
}

static bool setting_line(struct loader *l, const struct option_row *row, const struct lexer_line *line,
			 struct span argument, struct error *err)
{
	struct origin origin = {ORIGIN_FILE, l->now.file, line->line};
	if (!l->now.current) /* a file that was included here may have begun it */
		l->now.current = account_index_find(&l->names, SPAN_LIT("default"));
	if (!l->now.current) {
		add_account(l, begin_account(l, SPAN_LIT("default"), line->line));
		l->now.current->implied = true;
	}
	if (!account_line_set(l->now.current, row, argument, origin, err))
		return false;
	if (row->type == VALUE_SECRET && argument.len && l->now.literal &&
	    !l->now.evaluated) /* what a command prints is not stored in the file */
		l->now.holds_secret = true;
	return true;
}

static bool unknown_command(struct span command, struct error *err)
{
	const struct option_row *near = option_nearest(command);
	(void)check_expected(err, _("a command"), command);
	if (near)
		error_hint(err, _("Did you mean %s?"), near->command);
	return false;
}

/* The word may be a password without its keyword, so it is not shown. */
static bool unknown_printed(struct error *err)
{
	(void)error_set(err, ERROR_CONFIG, _("expected a command, got another word"));
	error_hint(err, _("The output must be a complete line, such as: password SECRET. To get only the password from "
			  "a command, use passwordeval."));
	return false;
}

/* The argument without its quotes, and with its variables replaced: not those in the name of an account, nor in what a
 * command printed.  On failure *at is the place in the line's argument. */
static bool read_argument(struct loader *l, const struct option_row *row, struct span raw, struct strbuf *out,
			  size_t *at, struct error *err)
{
	struct strbuf text = STRBUF_INIT;
	const struct variables_request variables = {
		.runtime = l->runtime,
		.words = row->type == VALUE_LIST,
		.secret = row->type == VALUE_SECRET,
	};
	l->now.literal = true;
	if (l->now.flavour != FLAVOUR_OWN || l->now.evaluated || row->id == OPT_ACCOUNT || variables_none(raw))
		return account_line_argument(row, raw, l->now.flavour, out, at, err);
	strbuf_grow(&text, raw.len);
	bool ok = account_line_argument(row, raw, l->now.flavour, &text, at, err);
	if (ok && !variables_replace(strbuf_span(&text), &variables, out, &l->now.literal, at, err)) {
		*at += text.len < raw.len; /* the quote */
		ok = false;
	}
	strbuf_wipe(&text);
	return ok;
}

/* On failure *column is the place of the fault. */
static bool read_line(struct loader *l, const struct lexer_line *line, unsigned *column, struct error *err)
{
	const struct option_row *row = option_by_command(line->command);
	*column = line->column;
	l->now.commands++;
	if (!row)
		return l->now.evaluated ? unknown_printed(err) : unknown_command(line->command, err);
	struct strbuf argument = STRBUF_INIT;
	size_t at = 0;
	*column = line->argument.len ? line->argument_column : line->column + (unsigned)line->command.len;
	bool ok = read_argument(l, row, line->argument, &argument, &at, err);
	*column += (unsigned)at;
	if (ok)
		ok = row->flags & OPTION_STRUCTURE ? structure_line(l, row, line, strbuf_span(&argument), err)
						   : setting_line(l, row, line, strbuf_span(&argument), err);
	strbuf_wipe(&argument);
	return ok;
}

/* Returns false. */
static bool fail_at(struct loader *l, unsigned line, unsigned column, struct error *err)
{
	error_prefix(err, _("%s, line %u, column %u"), l->now.file, line, column);
	if (!l->failed && l->now.assumed)
		flavour_hint(err);
	l->failed = true;
	return false;
}

static bool parse_text(struct loader *l, struct span text, struct error *err)
{
	struct lexer lexer;
	struct lexer_line line;
	int got;
	lexer_init(&lexer, text);
	while ((got = lexer_next(&lexer, &line, err)) > 0) {
		unsigned column;
		if (!read_line(l, &line, &column, err))
			return fail_at(l, line.line, column, err);
	}
	return got == 0 || fail_at(l, line.line, line.column, err);
}

/* ---- complete files ------------------------------------------------------ */

static bool cannot_read(struct error *err, const char *path, int errnum)
{
	return error_set_errno(err, ERROR_FILE_MISSING, errnum, _("cannot read the configuration file %s"), path);
}

static int open_file(const char *path, bool included, struct stat *st, struct error *err)
{
	/* a file given with -C may be a pipe; a file that another file includes may not */
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (included ? O_NONBLOCK : 0));
	if (fd < 0 || fstat(fd, st) < 0) {
		(void)cannot_read(err, path, errno);
		return -1;
	}
	if (S_ISDIR(st->st_mode) || (included && !S_ISREG(st->st_mode))) {
		(void)error_set(err, ERROR_FILE_MISSING, _("%s is not a file"), path);
		error_hint(err, "%s",
			   S_ISDIR(st->st_mode) ? _("It is a folder: name a file in it.")
						: _("Only a regular file can be included."));
		return -1;
	}
	return steal_fd(&fd);
}

static bool enter_file(struct loader *l, const struct stat *st, const char *path, struct error *err)
{
	for (size_t i = 0; i < l->depth; i++)
		if (l->open[i].dev == st->st_dev && l->open[i].ino == st->st_ino)
			return error_set(err, ERROR_CONFIG, _("%s includes itself"), path);
	if (l->depth == INCLUDE_DEPTH_MAX)
		return error_set(err, ERROR_CONFIG, _("files are included more than %d levels deep"),
				 INCLUDE_DEPTH_MAX);
	if (l->files == FILES_MAX)
		return error_set(err, ERROR_CONFIG, _("more than %d files are included"), FILES_MAX);
	l->files++;
	l->open[l->depth++] = (struct file_identity){st->st_dev, st->st_ino};
	return true;
}

static bool read_all(struct loader *l, int fd, size_t expected, struct strbuf *text, struct error *err)
{
	AUTO(error) why = ERROR_INIT;
	size_t room = ALL_SIZE_MAX - l->size;
	/* reserving space for all of it leaves no copies of a password behind */
	if (expected > 0 && expected <= room)
		strbuf_grow(text, expected + 4097);
	if (fs_read_fd(fd, text, room, &why)) {
		l->size += text->len;
		return true;
	}
	if (why.sys_errno)
		error_move(err, &why);
	else
		(void)error_set(err, ERROR_CONFIG,
				_("the configuration is larger than %d MiB, with all included files"), SIZE_MAX_MIB);
	return false;
}

static bool load_file(struct loader *l, const char *path, bool included, struct error *err)
{
	struct stat st;
	struct strbuf text = STRBUF_INIT;
	AUTO_FD int fd = open_file(path, included, &st, err);
	if (fd < 0 || !enter_file(l, &st, path, err))
		return false;
	strvec_push(&l->c->files, path);
	l->now.file = l->c->files.v[l->c->files.n - 1];
	l->now.holds_secret = l->now.evaluated = false;
	l->now.commands = 0;
	bool ok = read_all(l, fd, (size_t)st.st_size, &text, err);
	if (!ok)
		error_prefix(err, "%s", path);
	ok = ok && parse_text(l, strbuf_span(&text), err);
	ok = ok && (!l->now.holds_secret || (l->system ? note_secret(l, fd) : fs_private_fd(fd, path, err)));
	strbuf_wipe(&text);
	l->depth--;
	return ok;
}

static void truncate_vec(struct strvec *sv, size_t n)
{
	while (sv->n > n) {
		free(sv->v[--sv->n]);
		sv->v[sv->n] = NULL;
	}
}

/* The state of a config before a file is read, to restore it if the file has an error. */
struct mark {
	size_t accounts, files, warnings, secret_faults;
};

static void rewind_to(struct config *c, struct mark mark)
{
	while (c->n > mark.accounts)
		account_free(c->accounts[--c->n]);
	for (size_t i = mark.files; i < c->files.n; i++)
		strvec_push(&c->unusable, c->files.v[i]);
	truncate_vec(&c->files, mark.files);
	truncate_vec(&c->warnings, mark.warnings);
	while (c->n_secret_faults > mark.secret_faults)
		error_release(&c->secret_faults[--c->n_secret_faults].why);
}

/* On failure everything that was read is removed; the error's text does not point into it. */
static bool run_loader(struct config *c, const char *name, const struct span *text, struct loader *l, struct error *err)
{
	AUTO_PTR(account) defaults = account_new("", l->now.flavour, l->runtime->environ);
	struct mark mark = {c->n, c->files.n, c->warnings.n, c->n_secret_faults};
	bool ok;
	l->c = c;
	l->defaults = defaults;
	if (text) {
		strvec_push(&c->files, name);
		l->now.file = c->files.v[c->files.n - 1];
		ok = parse_text(l, *text, err);
	} else {
		ok = load_file(l, name, false, err);
	}
	if (!ok)
		rewind_to(c, mark);
	account_index_release(&l->names);
	return ok;
}

bool config_parse(struct config *c, const char *name, struct span text, enum config_flavour flavour,
		  const struct runtime *runtime, struct error *err)
{
	struct loader l = {.runtime = runtime, .now = {.flavour = flavour}};
	return run_loader(c, name, &text, &l, err);
}

bool config_load_file(struct config *c, const char *path, enum config_flavour flavour, const struct runtime *runtime,
		      struct error *err)
{
	struct loader l = {.runtime = runtime, .now = {.flavour = flavour}};
	return run_loader(c, path, NULL, &l, err);
}

void config_files_release(struct config_files *files)
{
	strvec_release(&files->user);
	strvec_release(&files->system);
}

static void add_path(struct strvec *paths, const char *folder, const char *name)
{
	if (folder)
		strvec_pushf(paths, "%s/%s", folder, name);
}

void config_files_find(struct config_files *files, char *const *env, const char *sysconfdir)
{
	AUTO_FREE char *home = env_home(env);
	AUTO_FREE char *config_home = env_config_home(env);
	add_path(&files->user, config_home, "posthaste/config");
	add_path(&files->user, home, ".posthasterc");
	add_path(&files->user, home, ".msmtprc");
	add_path(&files->user, config_home, "msmtp/config");
	add_path(&files->system, sysconfdir, "posthaste/config");
	add_path(&files->system, sysconfdir, "msmtprc");
}

/* The first file that exists, even if it cannot be read; NULL: none.  A file in a folder that we may not enter does not
 * exist: HOME may be that of another user. */
static const char *first_existing(const struct strvec *paths)
{
	struct stat st;
	for (size_t i = 0; i < paths->n; i++)
		if (stat(paths->v[i], &st) == 0)
			return paths->v[i];
	return NULL;
}

/* Removes the system's accounts that have the name of a user's account. */
static void drop_hidden(struct config *c, size_t users)
{
	size_t kept = users;
	AUTO(account_index) names = {.slots = NULL};
	for (size_t i = 0; i < users; i++)
		account_index_add(&names, c->accounts[i]);
	for (size_t i = users; i < c->n; i++) {
		if (account_index_find(&names, span_of(c->accounts[i]->name)))
			account_free(c->accounts[i]);
		else
			c->accounts[kept++] = c->accounts[i];
	}
	c->n = kept;
}

/* The flavour of a file that no other includes. */
static struct reading begin_reading(const char *path, const struct config_files *files)
{
	struct reading now = {.flavour = FLAVOUR_OWN, .assumed = true};
	note_name(&now, path);
	if (files->msmtp)
		now = (struct reading){.flavour = FLAVOUR_MSMTP};
	return now;
}

static bool load_user(struct config *c, const char *path, const struct config_files *files,
		      const struct runtime *runtime, struct error *err)
{
	struct loader l = {.runtime = runtime, .now = begin_reading(path, files)};
	return run_loader(c, path, NULL, &l, err);
}

/* Errors of the system's file are kept for a user who finds no account. */
static void load_system(struct config *c, const char *path, const struct config_files *files,
			const struct runtime *runtime)
{
	size_t users = c->n;
	struct loader l = {.runtime = runtime, .system = true, .now = begin_reading(path, files)};
	error_release(&c->system_error);
	if (run_loader(c, path, NULL, &l, &c->system_error))
		drop_hidden(c, users);
}

bool config_load(struct config *c, const char *user_file, const struct config_files *files,
		 const struct runtime *runtime, struct error *err)
{
	const char *user = user_file ? user_file : first_existing(&files->user);
	const char *system_wide = first_existing(&files->system);
	if (user && !load_user(c, user, files, runtime, err))
		return false;
	c->n_users = c->n;
	if (system_wide)
		load_system(c, system_wide, files, runtime);
	return true;
}

void config_release(struct config *c)
{
	while (c->n_secret_faults)
		error_release(&c->secret_faults[--c->n_secret_faults].why);
	free(c->secret_faults);
	error_release(&c->system_error);
	for (size_t i = 0; i < c->n; i++)
		account_free(c->accounts[i]);
	free(c->accounts);
	strvec_release(&c->files);
	strvec_release(&c->unusable);
	strvec_release(&c->names);
	strvec_release(&c->warnings);
	*c = CONFIG_INIT;
}
