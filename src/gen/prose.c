/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gen/prose.h"

#include "base/fsutil.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>

#define PROSE_MAX ((size_t)1 << 20)
#define INDENT 4

static void escape_man(char c, bool code, bool line_start, struct strbuf *out)
{
	if (line_start && (c == '.' || c == '\''))
		strbuf_adds(out, "\\&");
	if (c == '\\')
		strbuf_adds(out, "\\e");
	else if (c == '-' && code)
		strbuf_adds(out, "\\-");
	else if (c == '~' && code)
		strbuf_adds(out, "\\(ti");
	else
		strbuf_addch(out, c);
}

static void escape_texi(char c, bool code, bool line_start, struct strbuf *out)
{
	(void)code, (void)line_start;
	if (c == '@' || c == '{' || c == '}')
		strbuf_addch(out, '@');
	strbuf_addch(out, c);
}

const struct markup markup_man = {
	.escape = escape_man,
	.code_open = "\\fB",
	.code_close = "\\fP",
	.paragraph = ".Pp\n",
	.example_open = ".Bd -literal -offset indent\n",
	.example_close = ".Ed\n",
	.list_open = ".Bl -bullet -compact\n",
	.item = ".It\n",
	.list_close = ".El\n",
};
const struct markup markup_texi = {
	.escape = escape_texi,
	.code_open = "@code{",
	.code_close = "}",
	.paragraph = "\n",
	.example_open = "\n@example\n",
	.example_close = "@end example\n",
	.list_open = "@itemize\n",
	.item = "@item\n",
	.list_close = "@end itemize\n",
};

char *prose_name(const struct option_row *row)
{
	if (row->command)
		return xstrdup(row->command);
	if (!row->flag)
		return xasprintf("letter_%c", row->letter);
	char *name = xstrdup(row->flag);
	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	return name;
}

bool prose_read(const char *folder, const char *name, struct strbuf *out, struct error *err)
{
	AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	AUTO(strbuf) raw = STRBUF_INIT;
	if (fd < 0)
		return error_set_errno(err, ERROR_FILE_MISSING, errno, "%s", path);
	if (!fs_read_fd(fd, &raw, PROSE_MAX, err))
		return false;
	struct span rest = strbuf_span(&raw), line;
	while (rest.len && span_split(&rest, '\n', &line))
		if (!line.len || line.ptr[0] != '#') {
			strbuf_add_span(out, line);
			strbuf_addch(out, '\n');
		}
	return true;
}

/* The length of the word that begins at i. */
static size_t word_ahead(struct span text, size_t i)
{
	size_t n = 0;
	while (i + n < text.len && text.ptr[i + n] != ' ')
		n++;
	return n;
}

/* Lines stay below 80 bytes; font changes make words longer than they look. */
#define LINE_ROOM 68

void prose_inline(const struct markup *m, struct span text, struct strbuf *out)
{
	bool code = false, line_start = true;
	size_t begin = out->len;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '`') {
			strbuf_adds(out, code ? m->code_close : m->code_open);
			code = !code;
			line_start = false;
			continue;
		}
		/* a sentence ends its line, because roff adds the right space between sentences at line ends */
		bool sentence = i && strchr(".?!", text.ptr[i - 1]) != NULL;
		if (c == ' ' && !code && (sentence || out->len - begin + word_ahead(text, i + 1) > LINE_ROOM)) {
			strbuf_addch(out, '\n');
			begin = out->len;
			line_start = true;
			continue;
		}
		m->escape(c, code, line_start, out);
		line_start = false;
	}
	strbuf_addch(out, '\n');
}

enum block { BLOCK_NONE, BLOCK_TEXT, BLOCK_EXAMPLE, BLOCK_LIST };

static void close_block(const struct markup *m, enum block block, struct strbuf *out)
{
	if (block == BLOCK_EXAMPLE)
		strbuf_adds(out, m->example_close);
	if (block == BLOCK_LIST)
		strbuf_adds(out, m->list_close);
}

static void add_verbatim(const struct markup *m, struct span line, struct strbuf *out)
{
	for (size_t i = 0; i < line.len; i++)
		m->escape(line.ptr[i], true, i == 0, out);
	strbuf_addch(out, '\n');
}

static enum block block_of(struct span line, enum block now)
{
	if (!line.len)
		return BLOCK_NONE;
	if (line.len >= INDENT && strncmp(line.ptr, "    ", INDENT) == 0)
		return BLOCK_EXAMPLE;
	if (line.len > 2 && strncmp(line.ptr, "- ", 2) == 0)
		return BLOCK_LIST;
	return now == BLOCK_LIST ? BLOCK_LIST : BLOCK_TEXT;
}

void prose_write(const struct markup *m, struct span prose, struct strbuf *out)
{
	enum block now = BLOCK_NONE;
	bool any_text = false;
	struct span line;
	while (prose.len && span_split(&prose, '\n', &line)) {
		enum block next = block_of(line, now);
		if (next != now) {
			close_block(m, now, out);
			if (next == BLOCK_TEXT && any_text)
				strbuf_adds(out, m->paragraph);
			if (next == BLOCK_EXAMPLE)
				strbuf_adds(out, m->example_open);
			if (next == BLOCK_LIST)
				strbuf_adds(out, m->list_open);
			any_text = any_text || next != BLOCK_NONE;
			now = next;
		}
		if (next == BLOCK_EXAMPLE) {
			add_verbatim(m, span_sub(line, INDENT, line.len), out);
		} else if (next != BLOCK_NONE) {
			bool item = next == BLOCK_LIST && line.ptr[0] == '-';
			if (item)
				strbuf_adds(out, m->item);
			prose_inline(m, span_sub(line, item ? 2 : 0, line.len), out);
		}
	}
	close_block(m, now, out);
}

void prose_defaults(const struct option_row *row, struct strbuf *out)
{
	if (!row->default_own && !row->default_msmtp)
		return;
	if (row->default_own && row->default_msmtp && strcmp(row->default_own, row->default_msmtp) == 0)
		strbuf_addf(out, "Default: `%s`.", row->default_own);
	else if (row->default_own && row->default_msmtp)
		strbuf_addf(out, "Default: `%s` in posthaste's own files, `%s` in an msmtprc.", row->default_own,
			    row->default_msmtp);
	else if (row->default_own)
		strbuf_addf(out, "Default: `%s` in posthaste's own files.", row->default_own);
	else
		strbuf_addf(out, "Default in an msmtprc: `%s`.", row->default_msmtp);
}
