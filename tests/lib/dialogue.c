/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dialogue.h"

#include "base/xalloc.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>

const char dialogue_standard_input[] = "From: me@example.org\n"
				       "To: you@example.net\n"
				       "Date: Sat, 01 Jan 2022 00:00:00 +0000\n"
				       "Message-ID: <1@example.org>\n"
				       "Subject: hi\n"
				       "\n"
				       "Hello.\n";

static const char standard_config[] = "account default\n"
				      "domain localhost\n"
				      "host @HOST@\n"
				      "port @PORT@\n"
				      "tls off\n"
				      "from me@example.org\n"
				      "queue off\n";

enum section {
	SECTION_HEAD,
	SECTION_CONFIG,
	SECTION_ARGS,
	SECTION_ENV,
	SECTION_FILE,
	SECTION_INPUT,
	SECTION_DIALOGUE,
	SECTION_OUTCOME,
	SECTION_EXIT,
	SECTION_ERR,
	SECTION_OUT
};

struct parse {
	struct dialogue *d;
	enum section section;
	unsigned line;
	bool blank; /* the last line was empty */
	bool has_config, has_input, has_args, has_dialogue;
};

/* ---- escapes -------------------------------------------------------------- */

static int hex_digit(char c)
{
	if (ascii_isdigit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void put(struct strbuf *octets, struct strbuf *wild, char c, char mark)
{
	strbuf_addch(octets, c);
	if (wild)
		strbuf_addch(wild, mark);
}

/* \r \n \t \0 \\ \xHH, \* for any run of octets (where wild), \c for "no line end".  False: no such escape. */
static bool unescape(struct span text, struct strbuf *octets, struct strbuf *wild, bool *line_end)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c != '\\') {
			put(octets, wild, c, ' ');
			continue;
		}
		if (++i == text.len)
			return false;
		switch (text.ptr[i]) {
		case 'r': put(octets, wild, '\r', ' '); break;
		case 'n': put(octets, wild, '\n', ' '); break;
		case 't': put(octets, wild, '\t', ' '); break;
		case '0': put(octets, wild, '\0', ' '); break;
		case '\\': put(octets, wild, '\\', ' '); break;
		case 'c': *line_end = false; break;
		case 'x':
			if (i + 2 >= text.len || hex_digit(text.ptr[i + 1]) < 0 || hex_digit(text.ptr[i + 2]) < 0)
				return false;
			put(octets, wild, (char)(hex_digit(text.ptr[i + 1]) * 16 + hex_digit(text.ptr[i + 2])), ' ');
			i += 2;
			break;
		case '*':
			if (!wild)
				return false;
			put(octets, wild, '*', '*');
			break;
		default: return false;
		}
	}
	return true;
}

void dialogue_show(struct strbuf *out, struct span octets)
{
	for (size_t i = 0; i < octets.len; i++) {
		char c = octets.ptr[i];
		switch (c) {
		case '\r': strbuf_adds(out, "\\r"); break;
		case '\n': strbuf_adds(out, "\\n"); break;
		case '\\': strbuf_adds(out, "\\\\"); break;
		default:
			if (ascii_iscntrl(c) || (unsigned char)c >= 0x80)
				strbuf_addf(out, "\\x%02x", (unsigned char)c);
			else
				strbuf_addch(out, c);
		}
	}
}

void dialogue_substitute(struct strbuf *out, struct span text, const char *const *values)
{
	for (size_t i = 0; i < text.len; i++) {
		size_t v = 0;
		if (text.ptr[i] == '@') {
			struct span rest = span_sub(text, i + 1, text.len);
			for (; values[v]; v += 2) {
				size_t n = strlen(values[v]);
				if (rest.len > n && memcmp(rest.ptr, values[v], n) == 0 && rest.ptr[n] == '@')
					break;
			}
			if (values[v]) {
				strbuf_adds(out, values[v + 1]);
				i += strlen(values[v]) + 1;
				continue;
			}
		}
		strbuf_addch(out, text.ptr[i]);
	}
}

/* ---- matching --------------------------------------------------------------- */

/* A star that fails is tried one octet further; the last star suffices. */
static bool glob(struct span pattern, struct span wild, struct span text)
{
	size_t p = 0, t = 0, star = SIZE_MAX, back = 0;
	while (t < text.len) {
		if (p < pattern.len && wild.ptr[p] == '*') {
			star = p++;
			back = t;
		} else if (p < pattern.len && pattern.ptr[p] == text.ptr[t]) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++back;
		} else {
			return false;
		}
	}
	while (p < pattern.len && wild.ptr[p] == '*')
		p++;
	return p == pattern.len;
}

bool dialogue_line_matches(const struct dialogue_event *e, struct span line)
{
	return glob(strbuf_span(&e->octets), strbuf_span(&e->wild), line);
}

static bool occurs(const struct dialogue_pattern *p, struct span output)
{
	struct span line;
	while (span_split(&output, '\n', &line))
		if (glob(strbuf_span(&p->octets), strbuf_span(&p->wild), line))
			return true;
	return false;
}

bool dialogue_patterns_hold(const struct dialogue_patterns *p, const char *what, struct span output, struct strbuf *why)
{
	size_t before = why->len;
	if (!p->given && output.len)
		strbuf_addf(why, "%s should be empty\n", what);
	for (size_t i = 0; i < p->n; i++) {
		if (occurs(&p->v[i], output) != p->v[i].forbidden)
			continue;
		strbuf_addf(why, "%s %s: ", what, p->v[i].forbidden ? "must not have" : "lacks");
		dialogue_show(why, strbuf_span(&p->v[i].octets));
		strbuf_addch(why, '\n');
	}
	return why->len == before;
}

/* ---- lines of the sections ----------------------------------------------------- */

static struct dialogue_event *add_event(struct parse *p, enum dialogue_kind kind)
{
	struct dialogue *d = p->d;
	GROW(d->events, d->n, d->cap);
	struct dialogue_event *e = &d->events[d->n++];
	*e = (struct dialogue_event){.kind = kind, .octets = STRBUF_INIT, .wild = STRBUF_INIT, .line = p->line};
	return e;
}

static bool add_line(struct parse *p, enum dialogue_kind kind, struct span text)
{
	struct dialogue_event *e = add_event(p, kind);
	bool line_end = true;
	if (!unescape(text, &e->octets, &e->wild, &line_end))
		return false;
	if (line_end) {
		strbuf_adds(&e->octets, "\r\n");
		strbuf_adds(&e->wild, "  ");
	}
	return true;
}

/* After BDAT the message has no final dot. */
static bool behind_bdat(const struct dialogue *d)
{
	size_t i = d->n;
	while (i && d->events[i - 1].kind != DIALOGUE_CLIENT)
		i--;
	return i && strncmp(d->events[i - 1].octets.buf, "BDAT ", 5) == 0;
}

static void add_standard_message(struct parse *p)
{
	struct span rest = span_of(dialogue_standard_input), line;
	rest.len--; /* the last line's end */
	while (span_split(&rest, '\n', &line))
		(void)add_line(p, DIALOGUE_MESSAGE, line); /* holds no escape */
	if (!behind_bdat(p->d))
		(void)add_line(p, DIALOGUE_MESSAGE, SPAN_LIT("."));
}

/* "S: text", "S:" for an empty line; *text is what stands after the blank. */
static bool prefixed(struct span line, const char *prefix, struct span *text)
{
	size_t n = strlen(prefix);
	if (line.len < n || memcmp(line.ptr, prefix, n) != 0)
		return false;
	if (line.len > n && line.ptr[n] == ' ')
		n++;
	*text = span_sub(line, n, line.len);
	return true;
}

static bool dialogue_line(struct parse *p, struct span line)
{
	static const struct {
		const char *word;
		enum dialogue_kind kind;
	} words[] = {{"TLS", DIALOGUE_TLS},	  {"TLS-refused", DIALOGUE_TLS_REFUSED},
		     {"S-close", DIALOGUE_CLOSE}, {"S-reset", DIALOGUE_RESET},
		     {"S-hang", DIALOGUE_HANG},	  {"C-rest", DIALOGUE_REST},
		     {"again", DIALOGUE_AGAIN}};
	struct span text;
	if (!line.len || line.ptr[0] == '#')
		return true;
	if (prefixed(line, "S:", &text))
		return add_line(p, DIALOGUE_SERVER, text);
	if (prefixed(line, "C:", &text))
		return add_line(p, DIALOGUE_CLIENT, text);
	if (prefixed(line, "D:", &text))
		return add_line(p, DIALOGUE_MESSAGE, text);
	if (span_equals_str(line, "message")) {
		add_standard_message(p);
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (span_equals_str(line, words[i].word)) {
			(void)add_event(p, words[i].kind);
			return true;
		}
	return false;
}

static bool pattern_line(struct dialogue_patterns *patterns, struct span line)
{
	if (!line.len || line.ptr[0] == '#')
		return true;
	if (line.len < 2 || (line.ptr[0] != '+' && line.ptr[0] != '-') || line.ptr[1] != ' ')
		return false;
	GROW(patterns->v, patterns->n, patterns->cap);
	struct dialogue_pattern *pattern = &patterns->v[patterns->n++];
	*pattern = (struct dialogue_pattern){STRBUF_INIT, STRBUF_INIT, line.ptr[0] == '-'};
	bool ignored = true;
	put(&pattern->octets, &pattern->wild, '*', '*');
	if (!unescape(span_sub(line, 2, line.len), &pattern->octets, &pattern->wild, &ignored))
		return false;
	put(&pattern->octets, &pattern->wild, '*', '*');
	return true;
}

static bool outcome_line(struct dialogue *d, struct span line)
{
	if (!line.len || line.ptr[0] == '#')
		return true;
	struct span word = span_word(&line);
	AUTO(strbuf) address = STRBUF_INIT;
	if (word.ptr[word.len - 1] == ':') { /* the number of a message */
		strbuf_add_span(&address, word);
		strbuf_addch(&address, ' ');
		word = span_word(&line);
	}
	struct span name = span_word(&line), code = span_word(&line);
	unsigned long long number = 0;
	bool ignored = true;
	if (!unescape(word, &address, NULL, &ignored) || !name.len || (code.len && !span_to_u64(code, &number)) ||
	    number > 599)
		return false;
	GROW(d->outcomes, d->outcomes_n, d->outcomes_cap);
	d->outcomes[d->outcomes_n++] =
		(struct dialogue_outcome){xstrdup(address.buf), xmemdup0(name.ptr, name.len), (int)number};
	return true;
}

static bool vector_line(struct strvec *to, struct span line)
{
	AUTO(strbuf) text = STRBUF_INIT;
	bool ignored = true;
	if (!unescape(line, &text, NULL, &ignored) || memchr(text.buf, '\0', text.len))
		return false;
	strvec_push(to, text.buf);
	return true;
}

static bool input_line(struct strbuf *to, struct span line)
{
	bool line_end = true;
	if (!unescape(line, to, NULL, &line_end))
		return false;
	if (line_end)
		strbuf_addch(to, '\n');
	return true;
}

static bool head_line(struct dialogue *d, struct span line)
{
	struct span text;
	if (!line.len || line.ptr[0] == '#')
		return true;
	if (prefixed(line, "title:", &text)) {
		free(d->title);
		d->title = xmemdup0(text.ptr, text.len);
		return true;
	}
	if (prefixed(line, "remembered:", &text)) {
		AUTO_FREE char *keyword = xmemdup0(text.ptr, text.len);
		strvec_push(&d->remembered, keyword);
		d->memory_only = true;
		return true;
	}
	unsigned long long number;
	if (prefixed(line, "messages:", &text)) {
		bool good = span_to_u64(text, &number) && number && number < 100;
		d->messages = good ? (size_t)number : 0;
		d->memory_only = true;
		return good;
	}
	if (!prefixed(line, "only:", &text))
		return false;
	d->memory_only = span_equals_str(text, "memory");
	d->socket_only = span_equals_str(text, "socket");
	return d->memory_only || d->socket_only;
}

static bool exit_line(struct dialogue *d, struct span line)
{
	unsigned long long status;
	if (!line.len)
		return true;
	if (!span_to_u64(line, &status) || status > 255)
		return false;
	d->exit_status = (int)status;
	return true;
}

/* ---- sections ---------------------------------------------------------------------- */

/* An empty line in front of the next heading is for the eye. */
static void end_section(struct parse *p)
{
	struct dialogue *d = p->d;
	struct strbuf *text = p->section == SECTION_INPUT  ? &d->input
			      : p->section == SECTION_FILE ? &d->files[d->files_n - 1].content
							   : NULL;
	if (text && p->blank)
		strbuf_setlen(text, text->len - 1);
}

static bool begin_section(struct parse *p, struct span name)
{
	struct dialogue *d = p->d;
	static const struct {
		const char *name;
		enum section section;
	} plain[] = {{"config", SECTION_CONFIG},     {"config+", SECTION_CONFIG},  {"msmtprc", SECTION_CONFIG},
		     {"args", SECTION_ARGS},	     {"env", SECTION_ENV},	   {"stdin", SECTION_INPUT},
		     {"dialogue", SECTION_DIALOGUE}, {"outcome", SECTION_OUTCOME}, {"exit", SECTION_EXIT},
		     {"stderr", SECTION_ERR},	     {"stdout", SECTION_OUT}};
	struct span file;
	if (prefixed(name, "file", &file) && file.len && !memchr(file.ptr, '/', file.len)) {
		GROW(d->files, d->files_n, d->files_cap);
		d->files[d->files_n++] = (struct dialogue_file){xmemdup0(file.ptr, file.len), STRBUF_INIT};
		p->section = SECTION_FILE;
		return true;
	}
	size_t i = 0;
	while (i < ARRAY_SIZE(plain) && !span_equals_str(name, plain[i].name))
		i++;
	if (i == ARRAY_SIZE(plain))
		return false;
	p->section = plain[i].section;
	if (span_equals_str(name, "config+"))
		strbuf_adds(&d->config, standard_config);
	d->msmtprc |= span_equals_str(name, "msmtprc");
	p->has_config |= p->section == SECTION_CONFIG;
	p->has_input |= p->section == SECTION_INPUT;
	p->has_args |= p->section == SECTION_ARGS;
	p->has_dialogue |= p->section == SECTION_DIALOGUE;
	d->err.given |= p->section == SECTION_ERR;
	d->out.given |= p->section == SECTION_OUT;
	return true;
}

static bool section_line(struct parse *p, struct span line)
{
	struct dialogue *d = p->d;
	switch (p->section) {
	case SECTION_HEAD: return head_line(d, line);
	case SECTION_CONFIG: return input_line(&d->config, line);
	case SECTION_ARGS: return !line.len || vector_line(&d->args, line);
	case SECTION_ENV: return !line.len || vector_line(&d->env, line);
	case SECTION_FILE: return input_line(&d->files[d->files_n - 1].content, line);
	case SECTION_INPUT: return input_line(&d->input, line);
	case SECTION_DIALOGUE: return dialogue_line(p, line);
	case SECTION_OUTCOME: return outcome_line(d, line);
	case SECTION_EXIT: return exit_line(d, line);
	case SECTION_ERR: return pattern_line(&d->err, line);
	case SECTION_OUT: return pattern_line(&d->out, line);
	}
	return false;
}

static bool parse_lines(struct parse *p, const char *name, struct span text, struct error *err)
{
	struct span line;
	if (text.len && text.ptr[text.len - 1] == '\n')
		text.len--;
	while (span_split(&text, '\n', &line)) {
		p->line++;
		bool heading = line.len > 2 && line.ptr[0] == '[' && line.ptr[line.len - 1] == ']';
		if (heading)
			end_section(p);
		bool fine = heading ? begin_section(p, span_sub(line, 1, line.len - 1)) : section_line(p, line);
		if (!fine)
			return error_set(err, ERROR_CONFIG, "%s, line %u: cannot be understood", name, p->line);
		p->blank = !heading && !line.len;
	}
	end_section(p);
	return true;
}

static void prepare(struct dialogue *d, const char *name)
{
	*d = (struct dialogue){.config = STRBUF_INIT, .input = STRBUF_INIT, .messages = 1};
	d->name = xstrdup(name);
}

bool dialogue_parse_events(struct dialogue *d, const char *name, struct span lines, struct error *err)
{
	struct parse p = {.d = d, .section = SECTION_DIALOGUE};
	prepare(d, name);
	return parse_lines(&p, name, lines, err);
}

bool dialogue_parse(struct dialogue *d, const char *name, struct span text, struct error *err)
{
	struct parse p = {.d = d};
	prepare(d, name);
	if (!parse_lines(&p, name, text, err))
		return false;
	if (!d->title)
		return error_set(err, ERROR_CONFIG, "%s: has no title", name);
	if (!p.has_config)
		strbuf_adds(&d->config, standard_config);
	if (!p.has_input)
		strbuf_adds(&d->input, dialogue_standard_input);
	if (!p.has_args)
		strvec_push(&d->args, "you@example.net");
	return true;
}

bool dialogue_read(struct dialogue *d, const char *path, struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	char block[4096];
	size_t n;
	FILE *f = fopen(path, "rb");
	*d = (struct dialogue){.config = STRBUF_INIT, .input = STRBUF_INIT};
	if (!f)
		return error_set_errno(err, ERROR_FILE_MISSING, errno, "cannot read %s", path);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		strbuf_add(&text, block, n);
	(void)fclose(f); /* only read */
	const char *slash = strrchr(path, '/');
	return dialogue_parse(d, slash ? slash + 1 : path, strbuf_span(&text), err);
}

static void patterns_release(struct dialogue_patterns *p)
{
	for (size_t i = 0; i < p->n; i++) {
		strbuf_release(&p->v[i].octets);
		strbuf_release(&p->v[i].wild);
	}
	free(p->v);
}

void dialogue_release(struct dialogue *d)
{
	free(d->name);
	free(d->title);
	strbuf_release(&d->config);
	strbuf_release(&d->input);
	strvec_release(&d->args);
	strvec_release(&d->remembered);
	strvec_release(&d->env);
	for (size_t i = 0; i < d->n; i++) {
		strbuf_release(&d->events[i].octets);
		strbuf_release(&d->events[i].wild);
	}
	free(d->events);
	for (size_t i = 0; i < d->outcomes_n; i++) {
		free(d->outcomes[i].address);
		free(d->outcomes[i].name);
	}
	free(d->outcomes);
	for (size_t i = 0; i < d->files_n; i++) {
		free(d->files[i].name);
		strbuf_release(&d->files[i].content);
	}
	free(d->files);
	patterns_release(&d->err);
	patterns_release(&d->out);
	*d = (struct dialogue){.config = STRBUF_INIT, .input = STRBUF_INIT};
}
