/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sink_parameters.h"
#include "sink_buf.h"
#include "sink_syntax.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct context {
	const struct extensions *shown;
	struct parameters *p;
};

static const char *check_digits(const char *v, size_t max)
{
	size_t n = strspn(v, "0123456789");

	return !n || v[n] ? "a number is wanted" : n > max ? "number too long" : NULL;
}

/* RFC 1870 section 5: size-value ::= 1*20DIGIT */
static const char *check_size(const char *v, const struct context *c)
{
	const char *wrong = check_digits(v, 20);

	if (wrong)
		return wrong;
	c->p->has_size = true;
	c->p->size = strtoull(v, NULL, 10);
	return NULL;
}

static const char *check_body(const char *v, const struct context *c)
{
	bool binary = extensions_find(c->shown, "BINARYMIME");
	bool eight = extensions_find(c->shown, "8BITMIME");

	if (!strcasecmp(v, "7BIT"))
		c->p->body = BODY_7BIT;
	else if (!strcasecmp(v, "8BITMIME") && eight)
		c->p->body = BODY_8BITMIME;
	else if (!strcasecmp(v, "BINARYMIME") && binary)
		c->p->body = BODY_BINARYMIME;
	else
		return "a body type that was not offered";
	return NULL;
}

static const char *check_smtputf8(const char *v, const struct context *c)
{
	(void)v;
	c->p->smtputf8 = true;
	return NULL;
}

static const char *check_requiretls(const char *v, const struct context *c)
{
	(void)v;
	c->p->requiretls = true;
	return NULL;
}

/* RFC 4954 section 5: "<>" or a mailbox, as xtext */
static const char *check_auth(const char *v, const struct context *c)
{
	const char *wrong = syntax_xtext(v), *path, *rest;
	size_t len = strlen(v), at = 1, n;
	char *bracketed;

	(void)c;
	if (wrong || !strcmp(v, "<>"))
		return wrong;
	if (len > 500)
		return "longer than 500 characters";
	bracketed = mem_alloc(len + 3);
	bracketed[0] = '<';
	for (const char *p = v; *p; p++, at++) {
		unsigned octet = (unsigned char)*p;

		if (*p == '+') {
			sscanf(p + 1, "%2x", &octet);
			p += 2;
		}
		bracketed[at] = (char)octet;
	}
	strcpy(bracketed + at, ">");
	wrong = syntax_path(bracketed, false, &path, &n, &rest);
	if (!wrong && (!n || *rest || !memchr(path, '@', n)))
		wrong = "a mailbox is wanted";
	free(bracketed);
	return wrong;
}

static const char *check_ret(const char *v, const struct context *c)
{
	(void)c;
	return !strcasecmp(v, "FULL") || !strcasecmp(v, "HDRS") ? NULL : "FULL or HDRS is wanted";
}

static const char *check_envid(const char *v, const struct context *c)
{
	(void)c;
	return strlen(v) > 100 ? "longer than 100 characters" : syntax_xtext(v);
}

/* RFC 3461 4.1: "NEVER" / 1#("SUCCESS" / "FAILURE" / "DELAY") */
static const char *check_notify(const char *v, const struct context *c)
{
	static const char *const words[] = {"SUCCESS", "FAILURE", "DELAY"};

	(void)c;
	if (!strcasecmp(v, "NEVER"))
		return NULL;
	for (;; v++) {
		size_t n = strcspn(v, ","), i = 0;

		while (i < 3 && (strlen(words[i]) != n || strncasecmp(v, words[i], n)))
			i++;
		if (i == 3)
			return "NEVER or a list of SUCCESS, FAILURE, DELAY is wanted";
		v += n;
		if (!*v)
			return NULL;
	}
}

/* RFC 3461 4.2: atom ";" xtext; RFC 6533 section 3 adds utf-8 with \x{HEX} and, under SMTPUTF8, raw UTF-8. */
static const char *check_orcpt(const char *v, const struct context *c)
{
	size_t type = strcspn(v, ";");
	const char *p = v + type + 1;

	if (strlen(v) > 500)
		return "longer than 500 characters";
	if (!type || !v[type] || !*p)
		return "address type and address are wanted";
	if (type != 5 || strncasecmp(v, "utf-8", 5))
		return syntax_xtext(p);
	if (!syntax_utf8(p, strlen(p)))
		return "not valid UTF-8";
	for (; *p; p++) {
		size_t hex;

		if ((unsigned char)*p >= 0x80 && !c->p->smtputf8)
			return "raw UTF-8 without SMTPUTF8";
		if ((unsigned char)*p <= 32 || *p == 127 || *p == '=')
			return "forbidden character";
		if (*p != '\\')
			continue;
		if (p[1] != 'x' || p[2] != '{' || !(hex = strspn(p + 3, "0123456789ABCDEF")) || hex > 6 ||
		    p[3 + hex] != '}')
			return "bad \\x{HEX} escape";
		p += 3 + hex;
	}
	return NULL;
}

/* RFC 2852 section 4: ["-"/"+"] 1*9digit ";" ("N" / "R") ["T"] */
static const char *check_by(const char *v, const struct context *c)
{
	long seconds = strtol(v, NULL, 10);
	unsigned long long least = extensions_number(c->shown, "DELIVERBY", NULL);
	size_t n = strspn(v += *v == '-' || *v == '+', "0123456789");
	bool back;

	if (!n || n > 9 || v[n] != ';')
		return "seconds and a mode are wanted";
	v += n + 1;
	back = *v == 'R' || *v == 'r';
	if (!back && *v != 'N' && *v != 'n')
		return "mode R or N is wanted";
	if (v[1] && ((v[1] != 'T' && v[1] != 't') || v[2]))
		return "only T may follow the mode";
	if (back && seconds <= 0)
		return "mode R wants a positive time";
	return back && (unsigned long long)seconds < least ? "less than the server's minimum" : NULL;
}

/* RFC 4865: "FUTURERELEASE" max-interval max-datetime */
static const char *check_holdfor(const char *v, const struct context *c)
{
	const char *wrong = check_digits(v, 9);
	unsigned long long most = extensions_number(c->shown, "FUTURERELEASE", NULL);

	if (c->p->held)
		return "HOLDFOR and HOLDUNTIL exclude each other";
	c->p->held = true;
	if (!wrong && *v == '0')
		return "a number greater than 0, without leading zeros, is wanted";
	if (!wrong && most && strtoull(v, NULL, 10) > most)
		return "more than the server's maximum";
	return wrong;
}

/* RFC 3339 date-time, in the shape only; the limit compares as text when both are in UTC. */
static const char *check_holduntil(const char *v, const struct context *c)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd";
	const char *most = extensions_find(c->shown, "FUTURERELEASE");
	size_t i;

	if (c->p->held)
		return "HOLDFOR and HOLDUNTIL exclude each other";
	c->p->held = true;
	for (i = 0; shape[i]; i++)
		if (shape[i] == 'd' ? !isdigit((unsigned char)v[i]) : v[i] != shape[i])
			return "a date and time of RFC 3339 is wanted";
	if (strcmp(v + i, "Z") && !((v[i] == '+' || v[i] == '-') && strlen(v + i) == 6))
		return "a time zone is wanted";
	most = most ? strchr(most, ' ') : NULL;
	return most && !strcmp(v + i, "Z") && strcmp(v, most + 1) > 0 ? "later than the server's maximum" : NULL;
}

/* RFC 6710: priority-value = (["-"] NZDIGIT) / "0" */
static const char *check_priority(const char *v, const struct context *c)
{
	bool negative = *v == '-';

	(void)c;
	v += negative;
	return isdigit((unsigned char)v[0]) && !v[1] && !(negative && *v == '0') ? NULL : "-9 to 9 is wanted";
}

enum value { VALUE_NEVER, VALUE_ALWAYS };

static const struct row {
	const char *name;
	enum parameter_of command;
	enum value value;
	const char *keyword, *or_keyword; /* one of them must have been advertised */
	const char *(*check)(const char *value, const struct context *c);
} rows[] = {
	{"SIZE", PARAMETER_MAIL, VALUE_ALWAYS, "SIZE", NULL, check_size},
	{"BODY", PARAMETER_MAIL, VALUE_ALWAYS, "8BITMIME", "BINARYMIME", check_body},
	{"SMTPUTF8", PARAMETER_MAIL, VALUE_NEVER, "SMTPUTF8", NULL, check_smtputf8},
	{"AUTH", PARAMETER_MAIL, VALUE_ALWAYS, "AUTH", NULL, check_auth},
	{"RET", PARAMETER_MAIL, VALUE_ALWAYS, "DSN", NULL, check_ret},
	{"ENVID", PARAMETER_MAIL, VALUE_ALWAYS, "DSN", NULL, check_envid},
	{"BY", PARAMETER_MAIL, VALUE_ALWAYS, "DELIVERBY", NULL, check_by},
	{"HOLDFOR", PARAMETER_MAIL, VALUE_ALWAYS, "FUTURERELEASE", NULL, check_holdfor},
	{"HOLDUNTIL", PARAMETER_MAIL, VALUE_ALWAYS, "FUTURERELEASE", NULL, check_holduntil},
	{"MT-PRIORITY", PARAMETER_MAIL, VALUE_ALWAYS, "MT-PRIORITY", NULL, check_priority},
	{"REQUIRETLS", PARAMETER_MAIL, VALUE_NEVER, "REQUIRETLS", NULL, check_requiretls},
	{"NOTIFY", PARAMETER_RCPT, VALUE_ALWAYS, "DSN", NULL, check_notify},
	{"ORCPT", PARAMETER_RCPT, VALUE_ALWAYS, "DSN", NULL, check_orcpt},
};
#define ROWS (sizeof rows / sizeof *rows)

/* esmtp-value = 1*(%d33-60 / %d62-126), RFC 6531 adds UTF-8 */
static const char *check_value(const char *v)
{
	if (!*v)
		return "empty value";
	for (; *v; v++)
		if ((unsigned char)*v <= 32 || *v == '=' || *v == 127)
			return "forbidden character in a value";
	return NULL;
}

static const char *check_one(char *param, enum parameter_of command, const struct context *c, unsigned *seen, int *code)
{
	char *value = strchr(param, '=');
	const char *wrong;
	size_t i;

	if (value)
		*value++ = '\0';
	for (i = 0; i < ROWS; i++)
		if (rows[i].command == command && !strcasecmp(rows[i].name, param))
			break;
	*code = 555;
	if (i == ROWS)
		return *param ? "unknown parameter" : (*code = 501, "two blanks in a row");
	if (!extensions_find(c->shown, rows[i].keyword) &&
	    !(rows[i].or_keyword && extensions_find(c->shown, rows[i].or_keyword)))
		return "parameter whose keyword was not advertised";
	*code = 501;
	if (*seen & 1u << i)
		return "repeated parameter";
	*seen |= 1u << i;
	if ((value != NULL) != (rows[i].value == VALUE_ALWAYS))
		return value ? "parameter takes no value" : "parameter wants a value";
	if (value && (wrong = check_value(value)))
		return wrong;
	return rows[i].check(value, c);
}

const char *parameters_check(const char *text, enum parameter_of command, const struct extensions *shown,
			     struct parameters *p, int *code)
{
	struct context c = {.shown = shown, .p = p};
	unsigned seen = 0;
	const char *wrong = NULL;

	while (*text && !wrong) {
		size_t len = strcspn(text, " ");
		char *one = mem_dup(text, len);

		wrong = check_one(one, command, &c, &seen, code);
		free(one);
		text += len;
		if (*text && !*++text && !wrong) {
			*code = 501;
			wrong = "blank at the end of the line";
		}
	}
	return wrong;
}

bool parameters_has_utf8(const char *line)
{
	for (const char *p = line; (p = strcasestr(p, " SMTPUTF8")); p += 9)
		if (p[9] == '\0' || p[9] == ' ' || p[9] == '\r' || p[9] == '\n')
			return true;
	return false;
}

/*
 * RFC 5321 4.5.3.1.4 allows 512 octets; each extension says how much longer
 * its parameters make MAIL and RCPT.  RFC 4954 section 4 gives AUTH 12288.
 */
size_t parameters_line_limit(const char *line, size_t len, const struct extensions *shown)
{
	static const struct {
		const char *keyword;
		size_t mail, rcpt;
	} more[] = {
		{"SIZE", 26, 0},	  {"8BITMIME", 17, 0},	  {"SMTPUTF8", 10, 0},
		{"AUTH", 500, 0},	  {"DSN", 125, 540},	  {"DELIVERBY", 17, 0},
		{"FUTURERELEASE", 34, 0}, {"MT-PRIORITY", 15, 0}, {"REQUIRETLS", 11, 0},
	};
	bool mail = len > 4 && !strncasecmp(line, "MAIL", 4);
	bool rcpt = len > 4 && !strncasecmp(line, "RCPT", 4);
	size_t limit = 512;

	if (len > 4 && !strncasecmp(line, "AUTH", 4))
		return 12288;
	for (size_t i = 0; (mail || rcpt) && i < sizeof more / sizeof *more; i++)
		if (extensions_find(shown, more[i].keyword))
			limit += mail ? more[i].mail : more[i].rcpt;
	return limit;
}
