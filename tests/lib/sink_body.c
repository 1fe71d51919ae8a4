/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sink_body.h"

#include <string.h>

/*
 * Where we stand.  START is after a CRLF (or at the beginning); a dot there
 * is a stuffed dot or the end.  A bare LF does not lead to START: treating it
 * as a line end is what SMTP smuggling lives on.
 */
enum { START, MIDDLE, CR, DOT, DOT_CR };

void body_init(struct body *b, enum body_mode mode, size_t max_line, void (*emit)(void *, const void *, size_t),
	       void *arg)
{
	memset(b, 0, sizeof *b);
	b->mode = mode;
	b->max_line = max_line;
	b->emit = emit;
	b->arg = arg;
	b->state = START;
}

static void emit(struct body *b, const char *from, const char *to)
{
	if (to <= from)
		return;
	b->size += (uint64_t)(to - from);
	b->emit(b->arg, from, (size_t)(to - from));
}

static void note_line(struct body *b)
{
	if (b->line > b->longest)
		b->longest = b->line;
	if (b->max_line && b->line > b->max_line)
		b->faults |= BODY_LONG_LINE;
	b->line = 0;
}

static bool has_high(const char *p, size_t len)
{
	unsigned long long bits = 0, word;

	for (; len >= sizeof word; p += sizeof word, len -= sizeof word) {
		memcpy(&word, p, sizeof word);
		bits |= word;
	}
	for (; len; p++, len--)
		bits |= (unsigned char)*p;
	return bits & 0x8080808080808080ULL;
}

/* The rest of a line, from its first ordinary octet: returns after what was read. */
static const char *scan_middle(struct body *b, const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));
	const char *stop = nl ? nl + 1 : end;
	/* A good CR is the octet before the LF, or the last of the block. */
	const char *good = nl ? (nl > p ? nl - 1 : p) : end - 1;
	const char *cr = memchr(p, '\r', (size_t)(stop - p));

	b->line += (size_t)(stop - p);
	if (cr && cr < good)
		b->faults |= BODY_BARE_CR;
	if (!nl) {
		b->state = end[-1] == '\r' ? CR : MIDDLE;
	} else if (nl > p && nl[-1] == '\r') {
		b->state = START;
		note_line(b);
	} else {
		b->faults |= BODY_BARE_LF;
		b->state = MIDDLE;
		note_line(b);
	}
	return stop;
}

static const char *after_cr(struct body *b, const char *p)
{
	if (*p == '\n') {
		b->line++;
		note_line(b);
		b->state = START;
		return p + 1;
	}
	b->faults |= BODY_BARE_CR;
	b->state = MIDDLE;
	return p;
}

size_t body_feed(struct body *b, const char *data, size_t len, bool *end)
{
	static const char lone_cr[] = "\r";
	const char *p = data, *stop = data + len, *from = data;

	*end = false;
	while (p < stop) {
		switch (b->state) {
		case START:
			if (*p == '.' && b->mode == BODY_DATA) {
				emit(b, from, p);
				from = ++p;
				b->state = DOT;
				break;
			}
			__attribute__((fallthrough));
		case MIDDLE: p = scan_middle(b, p, stop); break;
		case CR: p = after_cr(b, p); break;
		case DOT:
			b->state = *p == '\r' ? DOT_CR : MIDDLE;
			if (*p == '\r')
				from = ++p;
			else if (*p != '.')
				b->faults |= BODY_BAD_DOT;
			break;
		case DOT_CR:
			if (*p == '\n') {
				*end = true;
				p++;
				goto out;
			}
			/* ".\r" and something else: the CR was the message's */
			b->faults |= BODY_BARE_CR | BODY_BAD_DOT;
			emit(b, lone_cr, lone_cr + 1);
			b->line++;
			b->state = MIDDLE;
			break;
		}
	}
	emit(b, from, stop);
out:
	len = (size_t)(p - data);
	if (!(b->faults & BODY_NUL) && memchr(data, '\0', len))
		b->faults |= BODY_NUL;
	if (!(b->faults & BODY_EIGHT_BIT) && has_high(data, len))
		b->faults |= BODY_EIGHT_BIT;
	return len;
}

void body_finish(struct body *b)
{
	if (b->state != START)
		b->faults |= BODY_NO_LAST_CRLF;
	if (b->line)
		note_line(b);
}
