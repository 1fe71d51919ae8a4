/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message on its way in, from the command line, aliases and header together, as the program reads it: no copy that
 * goes out shows a word of a blind copy that stands nowhere else in the message, and every recipient that was named is
 * tried or refused by name.  What a Bcc is and who is named is found out by a reader of its own, which shares no code
 * with the program.
 *
 * The input: a line of letters (t: -t, u: "To: undisclosed-recipients", k: sender keep, f: sender force, p: all
 * recipients or none, n: without aliases), a recipient per line; then the file of aliases; then the message.  What is
 * looked for in copies are words of Bcc fields that begin with "hidden".
 */
#include "fuzz.h"

#include "address/address_check.h"
#include "cli/args.h"
#include "submit/alias_file.h"
#include "submit/submission_read.h"
#include "transport/adapt.h"

#include "../lib/test_runtime.h"

#include <sys/mman.h>

#define OWN "own.example"

/* ---- files in memory ---- */

/* Replaces the content of a file, which is made at the first call. */
static void refill(int *fd, struct span content)
{
	if (*fd < 0)
		*fd = memfd_create("fuzz", MFD_CLOEXEC);
	MUST(*fd >= 0 && ftruncate(*fd, 0) == 0);
	MUST(pwrite(*fd, content.ptr, content.len, 0) == (ssize_t)content.len && lseek(*fd, 0, SEEK_SET) == 0);
}

static int open_in_memory(const struct temp_files *temp, struct error *err)
{
	(void)temp;
	(void)err;
	return memfd_create("fuzz", MFD_CLOEXEC);
}

/* ---- what a reader sees ---- */

/* The header in one reading of it: up to the first empty line, whatever is in it. */
struct reading {
	struct strbuf text;  /* the message with LF line ends */
	size_t end;	     /* of the header */
	struct strbuf bcc;   /* the lines of Bcc and Resent-Bcc fields ... */
	struct strbuf other; /* ... and everything else */
};

static void reading_release(struct reading *r)
{
	strbuf_release(&r->text);
	strbuf_release(&r->bcc);
	strbuf_release(&r->other);
}

/* A CR alone is a line end where there is no LF at all; else it is nothing in a name, and a space in a value. */
static void add_with_lf(struct strbuf *out, struct span message)
{
	bool crs = !fuzz_has(message, SPAN_LIT("\n")), value = false;
	for (size_t i = 0; i < message.len; i++) {
		char c = message.ptr[i];
		bool last = i + 1 == message.len || message.ptr[i + 1] == '\n' || message.ptr[i + 1] == '\r';
		if (c == '\r' && crs)
			c = '\n';
		else if (c == '\r' && value && !last)
			c = ' ';
		value = c != '\n' &&
			(value || c == ':' || (ascii_isblank(c) && (!out->len || out->buf[out->len - 1] == '\n')));
		if (c != '\r')
			strbuf_addch(out, c);
	}
}

static struct span without_bom(struct span line)
{
	return line.len >= 3 && memcmp(line.ptr, "\xef\xbb\xbf", 3) == 0 ? span_sub(line, 3, line.len) : line;
}

/* The next line of the header. */
static bool next_header_line(struct span *rest, struct span *line)
{
	return fuzz_line(rest, line) && without_bom(*line).len;
}

/* The value if the line is the field of that name. */
static bool is_field(struct span line, const char *name, struct span *value)
{
	line = without_bom(line);
	if (!span_starts_nocase(line, name))
		return false;
	size_t i = strlen(name);
	while (i < line.len && ascii_isblank(line.ptr[i]))
		i++;
	if (i == line.len || line.ptr[i] != ':')
		return false;
	*value = span_sub(line, i + 1, line.len);
	return true;
}

static bool continues(struct span line)
{
	return line.len && ascii_isblank(line.ptr[0]);
}

/* Whether a field that only a header has follows before the next empty line. */
static bool goes_on(struct span rest)
{
	static const char *const names[] = {"to", "cc", "bcc", "subject", "from"};
	struct span line, value;
	while (next_header_line(&rest, &line))
		for (size_t i = 0; i < ARRAY_SIZE(names); i++)
			if (is_field(line, names[i], &value))
				return true;
	return false;
}

/* An address on a line of its own after a Bcc. */
static bool lost_its_blank(struct span line, struct span rest)
{
	return fuzz_has(line, SPAN_LIT("@")) && !fuzz_has(line, SPAN_LIT(":")) && goes_on(rest);
}

static void read_header(struct reading *r, struct span message)
{
	bool in_bcc = false;
	struct span line, value;
	*r = (struct reading){.text = STRBUF_INIT, .bcc = STRBUF_INIT, .other = STRBUF_INIT};
	add_with_lf(&r->text, message);
	struct span rest = strbuf_span(&r->text);
	while (next_header_line(&rest, &line)) {
		if (!continues(line) && !(in_bcc && lost_its_blank(line, rest)))
			in_bcc = is_field(line, "bcc", &value) || is_field(line, "resent-bcc", &value);
		strbuf_add_span(in_bcc ? &r->bcc : &r->other, line);
		strbuf_addch(in_bcc ? &r->bcc : &r->other, '\n');
		r->end = r->text.len - rest.len;
	}
	strbuf_add_span(&r->other, rest);
}

/* ---- no copy shows a blind copy ---- */

static bool has_nocase(struct span text, struct span word)
{
	for (size_t i = 0; i + word.len <= text.len; i++)
		if (ascii_lower(text.ptr[i]) == ascii_lower(word.ptr[0]) &&
		    span_equal_nocase(span_sub(text, i, i + word.len), word))
			return true;
	return false;
}

static void must_not_show(struct span copy, const struct reading *r)
{
	struct span bcc = strbuf_span(&r->bcc);
	for (size_t i = 0, end; i < bcc.len; i = end + 1) {
		for (end = i; end < bcc.len && ascii_isalnum(bcc.ptr[end]);)
			end++;
		struct span word = span_sub(bcc, i, end);
		if (word.len > 6 && span_starts_nocase(word, "hidden") && !has_nocase(strbuf_span(&r->other), word))
			MUST(!has_nocase(copy, word));
	}
}

static void add_wire(struct span header, const struct source *body, struct strbuf *out)
{
	AUTO(wire_body) w;
	wire_body_init(&w, header, body, true);
	for (bool more = true; more;)
		MUST(wire_body_next(&w, out, &more, NULL));
}

/* The copy as it is, and as it goes to a server that has no extension. */
static void must_hide_bcc(const struct submission *p, const struct reading *r)
{
	static const struct temp_files temp = {open_in_memory, NULL};
	AUTO(strbuf) copy = STRBUF_INIT;
	AUTO(caps) caps = CAPS_INIT;
	AUTO(adapted_message) adapted;
	AUTO(error) err = ERROR_INIT;
	const struct delivery_message message = submission_message(p);
	add_wire(message.header, message.body, &copy);
	must_not_show(strbuf_span(&copy), r);

	adapted_message_init(&adapted, &temp);
	if (!adapt_message(&adapted, p->account, &message, &caps, &err)) {
		fuzz_must_agree(false, &err);
		return;
	}
	strbuf_reset(&copy);
	add_wire(adapted.header, adapted.body, &copy);
	must_not_show(strbuf_span(&copy), r);
}

/* ---- every recipient is tried or refused by name ---- */

/* WORD or WORD@WORD.WORD of letters and digits: every reader agrees about that. */
static bool is_simple(struct span text)
{
	bool at = false, dot = false, word = false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (!ascii_isalnum(c) && (!word || (c != '@' && c != '.') || (c == '@' && at)))
			return false;
		at |= c == '@';
		dot |= c == '.';
		word = ascii_isalnum(c);
	}
	return word && (at || !dot) && !span_starts_nocase(text, "undisclosed"); /* that is no recipient */
}

static bool is_settled(const struct submission *p, struct span addr)
{
	for (size_t i = 0; i < p->env.n; i++) {
		const struct recipient *rcpt = &p->env.rcpts[i];
		if (span_equal_nocase(span_of(rcpt->address.given), addr) ||
		    (rcpt->address.ascii && span_equal_nocase(span_of(rcpt->address.ascii), addr)) ||
		    (rcpt->orcpt && span_equal_nocase(span_of(rcpt->orcpt), addr)))
			return true;
	}
	return false;
}

/* What an alias stands for, in the simplest way to find out. */
struct expansion {
	const struct submission *p;
	const struct aliases *aliases;
	bool *seen; /* the alias was followed for this recipient */
	bool found; /* an address, or a name that is refused; or it is to be dropped */
};

static void must_be_settled(struct expansion *e, const char *addr)
{
	MUST(is_settled(e->p, span_of(addr)));
	e->found = true;
}

static void must_be_expanded(struct expansion *e, const char *addr)
{
	AUTO(strbuf) user = STRBUF_INIT;
	local_names_user(span_of(addr), &user);
	const struct alias *alias = aliases_find(e->aliases, strbuf_span(&user));
	if (!alias || alias->unusable) {
		must_be_settled(e, addr);
		return;
	}
	bool *done = &e->seen[alias - e->aliases->v];
	if (*done)
		return;
	*done = true;
	for (size_t i = 0; i < alias->n; i++) {
		const struct alias_target *to = &alias->to[i];
		if (!to->addr)
			e->found = true;
		else if (!to->literal && local_names_has(&e->p->local, span_of(to->addr)))
			must_be_expanded(e, to->addr);
		else
			must_be_settled(e, to->addr);
	}
}

struct named {
	const struct submission *p;
	struct aliases aliases;
};

static void must_be_served(const struct named *named, struct span addr)
{
	AUTO_FREE char *text = fuzz_string(addr);
	AUTO_FREE bool *seen = calloc(named->aliases.n + 1, sizeof(bool));
	struct expansion expansion = {named->p, &named->aliases, seen, false};
	if (local_names_has(&named->p->local, addr))
		must_be_expanded(&expansion, text);
	MUST(expansion.found || is_settled(named->p, addr));
}

/* A list of which every reader knows what is in it: nothing but simple addresses between commas. */
static void must_serve_list(const struct named *named, struct span list)
{
	struct span rest = list, item;
	while (span_split(&rest, ',', &item))
		if (span_trim(item).len && !is_simple(span_trim(item)))
			return;
	for (rest = list; span_split(&rest, ',', &item);)
		if (span_trim(item).len)
			must_be_served(named, span_trim(item));
}

/* A field's lines, joined. */
static void add_value(struct span *rest, struct span value, struct strbuf *out)
{
	struct span line, after = *rest;
	strbuf_add_span(out, value);
	while (fuzz_line(&after, &line) && continues(line)) {
		strbuf_add_span(out, line);
		*rest = after;
	}
}

/* The number of the name in the list; -1: none of them. */
static int field_number(struct span line, const char *const *names, struct span *value)
{
	for (int i = 0; names[i]; i++)
		if (is_field(line, names[i], value))
			return i;
	return -1;
}

static bool is_resent(struct span line)
{
	return fuzz_has(line, SPAN_LIT(":")) && span_starts_nocase(without_bom(line), "resent-");
}

/* To, Cc and Bcc; of a message that was sent again, the fields of the new sender that stand together, each once. */
static void must_serve_header(const struct named *named, const struct reading *r)
{
	static const char *const fields[] = {"to", "cc", "bcc", NULL};
	static const char *const again[] = {"resent-to", "resent-cc", "resent-bcc", NULL};
	struct span header = span_sub(strbuf_span(&r->text), 0, r->end), rest = header, line, value;
	bool resent = false, begun = false, seen[3] = {false};
	while (fuzz_line(&rest, &line))
		resent |= has_nocase(line, SPAN_LIT("resent-"));
	for (rest = header; fuzz_line(&rest, &line);) {
		AUTO(strbuf) list = STRBUF_INIT;
		int number = field_number(line, resent ? again : fields, &value);
		if (resent && (number < 0 || seen[number])) {
			if (begun || is_resent(line))
				return;
			continue;
		}
		if (number < 0)
			continue;
		begun = seen[number] = true;
		add_value(&rest, value, &list);
		must_serve_list(named, strbuf_span(&list));
	}
}

static void must_serve_all(const struct submission *p, const struct args *args, struct span aliases,
			   const struct reading *r)
{
	struct named named = {p, ALIASES_INIT};
	const struct strvec *given = &args->request.recipients;
	if (!args->request.given[OPT_NO_ALIASES])
		aliases_parse(&named.aliases, aliases);
	for (size_t i = 0; i < given->n; i++)
		must_serve_list(&named, span_of(given->v[i]));
	if (args->request.given[OPT_READ_RECIPIENTS])
		must_serve_header(&named, r);
	for (size_t i = 0; i < p->env.n; i++) {
		const struct recipient *rcpt = &p->env.rcpts[i];
		MUST(rcpt->refused || address_check(span_of(rcpt->address.given), false, NULL));
		MUST(!rcpt->refused || (rcpt->refused->text && rcpt->refused->stage &&
					strstr(rcpt->refused->stage, rcpt->address.given)));
	}
	aliases_release(&named.aliases);
}

/* ---- the command line ---- */

static void add_arguments(struct strvec *argv, struct span first, int aliases)
{
	static const struct {
		char letter;
		const char *option;
	} rows[] = {{'t', "-t"},
		    {'u', "--set-to-header=undisclosed_recipients"},
		    {'k', "--sender=keep"},
		    {'f', "--sender=force"},
		    {'p', "--partial=abort"},
		    {'n', "-n"}};
	struct span rest = first, line = {NULL, 0};
	strvec_push(argv, "posthaste");
	strvec_push(argv, "--host=mail.example");
	strvec_push(argv, "--from=me@" OWN);
	strvec_pushf(argv, "--aliases=/proc/self/fd/%d", aliases);
	(void)fuzz_line(&rest, &line);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (memchr(line.ptr ? line.ptr : "", rows[i].letter, line.len))
			strvec_push(argv, rows[i].option);
	strvec_push(argv, "--");
	while (fuzz_line(&rest, &line)) {
		AUTO_FREE char *argument = fuzz_string(line);
		strvec_push(argv, argument);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int alias_fd = -1, message_fd = -1;
	static const struct temp_files temp = {open_in_memory, NULL};
	struct span rest = span_make((const char *)data, size), first = fuzz_part(&rest), aliases = fuzz_part(&rest);
	struct runtime runtime = test_runtime();
	AUTO(strvec) argv = STRVEC_INIT;
	AUTO(args) args;
	AUTO(settings) settings = SETTINGS_INIT;
	AUTO(error) err = ERROR_INIT;
	AUTO(reading) reading;
	AUTO(submission) p;

	refill(&alias_fd, aliases);
	refill(&message_fd, rest);
	runtime.environ = TEST_ENV("USER=me", "HOSTNAME=vm");
	runtime.clock = &fuzz_clock;
	runtime.rng = &fuzz_rng;
	runtime.temp = &temp;
	runtime.input = message_fd;
	add_arguments(&argv, first, alias_fd);
	read_header(&reading, rest);
	submission_init(&p, &runtime);
	MUST(args_parse((int)argv.n, argv.v, &runtime, &args, &err));
	bool ok = submission_read(&p, &settings, &args.request, &runtime, &err);
	fuzz_must_agree(ok, &err);
	if (!ok)
		return 0;
	must_serve_all(&p, &args, aliases, &reading);
	must_hide_bcc(&p, &reading);
	return 0;
}
