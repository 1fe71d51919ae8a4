/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sink_script.h"
#include "sink_buf.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Returns false at an escape we do not know. */
static bool unescape(const char *in, struct buf *out)
{
	buf_add(out, "", 0);
	for (; *in; in++) {
		char c = *in;

		if (c != '\\') {
			buf_add(out, &c, 1);
			continue;
		}
		switch (*++in) {
		case 'r': c = '\r'; break;
		case 'n': c = '\n'; break;
		case 't': c = '\t'; break;
		case '0': c = '\0'; break;
		case '\\': c = '\\'; break;
		case 'x':
			if (hex(in[1]) < 0 || hex(in[2]) < 0)
				return false;
			c = (char)(hex(in[1]) * 16 + hex(in[2]));
			in += 2;
			break;
		default: return false;
		}
		buf_add(out, &c, 1);
	}
	return true;
}

static const char *const stages[] = {
	"greeting", "tls", "ehlo", "helo", "starttls", "auth", "auth-final", "mail", "rcpt", "data",
	"body",	    "eod", "bdat", "rset", "noop",     "vrfy", "etrn",	     "help", "quit",
};

static bool known_stage(const char *stage)
{
	size_t len = strcspn(stage, ":");

	for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
		if (strlen(stages[i]) == len && !strncasecmp(stage, stages[i], len))
			return true;
	return false;
}

static const char *rule_parse(struct script_rule *r, const char *arg)
{
	bool wants_text = r->kind == SCRIPT_REPLY || r->kind == SCRIPT_INJECT || r->kind == SCRIPT_EARLY;
	const char *eq = strchr(arg, '=');
	struct buf text = {0};

	if (wants_text && !eq)
		return "STAGE=TEXT is wanted";
	if (wants_text && !unescape(eq + 1, &text))
		return "unknown escape; use \\r \\n \\t \\0 \\\\ \\xHH";
	r->stage = mem_dup(arg, wants_text ? (size_t)(eq - arg) : strlen(arg));
	r->text = text.data;
	r->text_len = text.len;
	r->at = UINT64_MAX;
	if (!known_stage(r->stage))
		return "no such stage";
	if (!strncasecmp(r->stage, "body:", 5)) {
		char *end;

		if (!isdigit((unsigned char)r->stage[5]))
			return "body:N wants a number";
		r->at = strtoull(r->stage + 5, &end, 10);
		if (*end)
			return "body:N wants a number";
	}
	if ((r->kind == SCRIPT_EARLY) != (r->at != UINT64_MAX) && r->kind != SCRIPT_HANG && r->kind != SCRIPT_CLOSE)
		return "body:N goes with --early-reply, --hang and --close";
	return NULL;
}

const char *script_add(struct script *s, enum script_kind kind, const char *arg)
{
	struct script_rule *r;

	s->rules = mem_grow(s->rules, (s->count + 1) * sizeof *s->rules);
	r = &s->rules[s->count];
	memset(r, 0, sizeof *r);
	r->kind = kind;
	s->count++;
	return rule_parse(r, arg);
}

bool script_share(struct script *s)
{
	size_t size = (s->count + 1) * sizeof *s->used;
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return false;
	s->used = p;
	return true;
}

void script_release(struct script *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->rules[i].stage);
		free(s->rules[i].text);
	}
	free(s->rules);
	s->rules = NULL;
	s->count = 0;
}

static bool rule_matches(const struct script_rule *r, enum script_kind kind, const char *stage, const char *detail)
{
	size_t len = strlen(stage);

	if (r->kind != kind || strncasecmp(r->stage, stage, len))
		return false;
	if (!detail)
		return r->stage[len] == '\0';
	return r->stage[len] == ':' && !strcasecmp(r->stage + len + 1, detail);
}

const struct script_rule *script_find(const struct script *s, enum script_kind kind, const char *stage,
				      const char *detail)
{
	for (size_t i = 0; detail && i < s->count; i++)
		if (rule_matches(&s->rules[i], kind, stage, detail))
			return &s->rules[i];
	for (size_t i = 0; i < s->count; i++)
		if (rule_matches(&s->rules[i], kind, stage, NULL))
			return &s->rules[i];
	return NULL;
}

const struct script_rule *script_reply(const struct script *s, const char *stage, const char *detail)
{
	const struct script_rule *first = script_find(s, SCRIPT_REPLY, stage, detail);
	const struct script_rule *now = first;
	unsigned turn;

	if (!first)
		return NULL;
	if (detail && !rule_matches(first, SCRIPT_REPLY, stage, detail))
		detail = NULL;
	turn = atomic_fetch_add(&s->used[first - s->rules], 1);
	for (size_t i = (size_t)(first - s->rules) + 1; turn && i < s->count; i++)
		if (rule_matches(&s->rules[i], SCRIPT_REPLY, stage, detail)) {
			now = &s->rules[i];
			turn--;
		}
	return now->text_len ? now : NULL;
}

const struct script_rule *script_body(const struct script *s, uint64_t from)
{
	const struct script_rule *best = NULL;

	for (size_t i = 0; i < s->count; i++) {
		const struct script_rule *r = &s->rules[i];

		if (r->at != UINT64_MAX && r->at >= from && (!best || r->at < best->at))
			best = r;
	}
	return best;
}
