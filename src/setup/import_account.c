/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the importers share: the pairs of the foreign file, and the account that is being written. */
#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "config/lexer.h"
#include "setup/import_private.h"

#define BESIDE_MAX ((size_t)1 << 20)

/* ---- the foreign file ---- */

void importing_add(struct importing *im, struct span name, struct span value)
{
	GROW(im->pairs, im->n, im->cap);
	im->pairs[im->n++] = (struct import_pair){.name = xmemdup0(name.ptr, name.len),
						  .value = xmemdup0(value.ptr ? value.ptr : "", value.len),
						  .section = im->section};
}

static struct import_pair *find(const struct importing *im, const char *name)
{
	for (size_t i = im->n; i-- > 0;)
		if (im->pairs[i].section == im->section && ascii_strcasecmp(im->pairs[i].name, name) == 0)
			return &im->pairs[i];
	return NULL;
}

const char *importing_get(const struct importing *im, const char *name)
{
	const struct import_pair *pair = find(im, name);
	return pair ? pair->value : NULL;
}

bool importing_is_on(const struct importing *im, const char *name)
{
	static const char *const words[] = {"", "yes", "true", "on", "1"};
	const char *value = importing_get(im, name);
	for (size_t i = 0; value && i < ARRAY_SIZE(words); i++)
		if (ascii_strcasecmp(value, words[i]) == 0)
			return true;
	return false;
}

bool importing_read_beside(const struct importing *im, const char *name, struct strbuf *out, struct error *err)
{
	AUTO_FREE char *path = fs_beside(im->path, name);
	AUTO_FD int fd = fs_open_regular(path, _("file to import"), err);
	if (fd < 0)
		return false;
	if (fs_read_fd(fd, out, BESIDE_MAX, err))
		return true;
	error_prefix(err, "%s", path);
	return false;
}

char *importing_first_line(const struct importing *im, const char *name)
{
	AUTO(strbuf) text = STRBUF_INIT;
	struct span rest, line;
	if (!importing_read_beside(im, name, &text, NULL))
		return NULL;
	rest = strbuf_span(&text);
	if (!span_split(&rest, '\n', &line))
		return NULL;
	line = span_trim(line);
	return line.len ? xmemdup0(line.ptr, line.len) : NULL;
}

/* ---- comments ---- */

void importing_say(struct importing *im, const char *fmt, ...)
{
	va_list ap;
	AUTO(strbuf) line = STRBUF_INIT;
	va_start(ap, fmt);
	strbuf_vaddf(&line, fmt, ap);
	va_end(ap);
	AUTO_FREE char *clean = clean_text(strbuf_span(&line), 1000);
	strbuf_addf(&im->out->text, "# %s\n", clean);
}

static void keep(struct importing *im, const char *name, const char *value, enum import_fate fate, const char *why)
{
	struct import *out = im->out;
	GROW(out->settings, out->n, out->cap);
	out->settings[out->n++] = (struct import_setting){.name = clean_text(span_of(name), 200),
							  .value = value ? clean_text(span_of(value), 1000) : NULL,
							  .fate = fate,
							  .why = why ? xstrdup(why) : NULL};
}

void importing_note(struct importing *im, const char *name, const char *value, enum import_fate fate, const char *why)
{
	AUTO_FREE char *set = !value   ? xstrdup(name)
			      : *value ? xasprintf("%s%s%s", name, im->between, value)
				       : xstrdup(name);
	keep(im, name, value, fate, why);
	switch (fate) {
	/* TRANSLATORS: a setting of another program, and why it is not taken over */
	case IMPORT_NEEDLESS: importing_say(im, _("%s: not needed. %s"), set, why ? why : ""); break;
	case IMPORT_IMPOSSIBLE: importing_say(im, _("%s: not possible. %s"), set, why ? why : ""); break;
	case IMPORT_TAKEN:
		if (why)
			importing_say(im, "%s: %s", set, why);
		else
			importing_say(im, "%s", set);
	}
}

const char *importing_take(struct importing *im, const char *name)
{
	struct import_pair *pair = find(im, name);
	if (!pair)
		return NULL;
	pair->used = true;
	importing_note(im, pair->name, pair->value, IMPORT_TAKEN, NULL);
	return pair->value;
}

void importing_finish(struct importing *im, const struct import_reason *reasons)
{
	for (size_t i = 0; i < im->n; i++) {
		const struct import_pair *pair = &im->pairs[i];
		const struct import_reason *r = reasons;
		if (pair->section != im->section || pair->used)
			continue;
		while (r->name && ascii_strcasecmp(r->name, pair->name) != 0)
			r++;
		if (r->name)
			importing_note(im, pair->name, r->secret ? NULL : pair->value, r->fate, _(r->why));
		else if (importing_get(im, pair->name) != pair->value)
			importing_note(im, pair->name, NULL, IMPORT_NEEDLESS, _("A later line replaces it."));
		else
			importing_note(im, pair->name, NULL, IMPORT_IMPOSSIBLE, _("It is not known."));
	}
}

/* ---- the account ---- */

/* A name without what means something in an "account" line. */
static char *account_name(const char *wanted)
{
	char *name = clean_text(span_of(wanted), 100);
	for (char *c = name; *c; c++)
		if (*c == ':' || *c == ',' || *c == ' ' || *c == '"' || *c == '\\' || *c == '$')
			*c = '-';
	return name;
}

void importing_begin(struct importing *im, const char *account, const char *parent)
{
	AUTO_FREE char *name = account_name(account);
	AUTO_FREE char *inherited = parent ? account_name(parent) : NULL;
	account_free(im->account);
	im->account = account_new(name, FLAVOUR_OWN, im->runtime->environ);
	strbuf_addf(&im->out->text, "\n%s %s%s%s\n", option_table[OPT_ACCOUNT].command, name, parent ? " : " : "",
		    parent ? inherited : "");
}

/* In our own files "$${" and "$$$" are "${" and "$$". */
static void add_literally(const char *value, struct strbuf *out)
{
	for (; *value; value++) {
		strbuf_addch(out, *value);
		if (value[0] == '$' && (value[1] == '{' || value[1] == '$'))
			strbuf_addch(out, '$');
	}
}

static bool has_control(const char *value)
{
	while (*value && !ascii_iscntrl(*value))
		value++;
	return *value;
}

void importing_set(struct importing *im, enum option_id id, const char *value)
{
	const struct option_row *row = &option_table[id];
	const struct origin origin = {.kind = ORIGIN_DERIVED};
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) literal = STRBUF_INIT;
	if (has_control(value)) {
		importing_note(im, row->command, value, IMPORT_IMPOSSIBLE, _("It has a control character."));
		return;
	}
	if (!account_set(im->account, id, span_of(value), origin, &err)) {
		importing_note(im, row->command, value, IMPORT_IMPOSSIBLE, err.status.text);
		return;
	}
	add_literally(value, &literal);
	strbuf_addf(&im->out->text, "%s ", row->command);
	if (row->type == VALUE_LIST) /* words, quoted already */
		strbuf_add_span(&im->out->text, strbuf_span(&literal));
	else
		lexer_quote(strbuf_span(&literal), false, &im->out->text);
	strbuf_addch(&im->out->text, '\n');
}

void importing_number(struct importing *im, enum option_id id, unsigned long long number)
{
	AUTO_FREE char *text = xasprintf("%llu", number);
	importing_set(im, id, text);
}

void importing_server(struct importing *im, const char *server, unsigned port)
{
	const char *end = *server == '[' ? strchr(server, ']') : NULL, *colon = strrchr(end ? end : server, ':');
	unsigned long long number;
	bool has_port = colon && span_to_u64(span_of(colon + 1), &number) && number && number < 65536 &&
			(end || strchr(server, ':') == colon);
	const char *stop = end ? end : has_port ? colon : server + strlen(server), *start = end ? server + 1 : server;
	AUTO_FREE char *host = xmemdup0(start, (size_t)(stop - start));
	importing_set(im, OPT_HOST, host);
	importing_number(im, OPT_PORT, has_port ? number : port);
}

void importing_login(struct importing *im, const char *user, struct span password)
{
	struct import *out = im->out;
	if (user)
		importing_set(im, OPT_USER, user);
	if (!password.len)
		return;
	if (!out->folder) {
		importing_note(im, option_table[OPT_PASSWORD].command, NULL, IMPORT_IMPOSSIBLE,
			       _("There is no home directory for its file."));
		return;
	}
	GROW(out->passwords, out->n_passwords, out->cap_passwords);
	struct import_password *p = &out->passwords[out->n_passwords++];
	*p = (struct import_password){.name = xasprintf("password-%s", im->account->name), .secret = SECRET_INIT};
	for (char *c = p->name; *c; c++)
		if (!ascii_isalnum(*c) && !strchr("@._-", *c))
			*c = '_';
	secret_set(&p->secret, password.ptr, password.len);
	AUTO_FREE char *path = xasprintf("%s/%s", out->folder, p->name);
	importing_say(im, "%s", _("The password was written to this file, which only you can read:"));
	importing_set(im, OPT_PASSWORD_FILE, path);
}

void importing_tls(struct importing *im, enum import_tls tls, bool login, bool checked)
{
	if (tls == IMPORT_PLAIN && login)
		importing_say(im, "%s",
			      _("The password was sent without encryption, which posthaste refuses except to this "
				"machine: set tls on, and port 465, or port 587 with tls_starttls on."));
	else if (tls == IMPORT_PLAIN)
		importing_say(im, "%s", _("Without encryption: messages can be read on the way."));
	else if (!checked)
		importing_say(im, _("%s did not check whose certificate it was; posthaste does."), im->out->program);
	importing_set(im, OPT_TLS, tls == IMPORT_PLAIN ? "off" : "on");
	if (tls != IMPORT_PLAIN)
		importing_set(im, OPT_TLS_STARTTLS, tls == IMPORT_STARTTLS ? "on" : "off");
}
