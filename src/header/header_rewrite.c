/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The value is brought into its wire form first (folds with CR LF), so that the
 * places the address parser tells are places in what will be written.
 */
#include "header/header_rewrite.h"

#include "address/address.h"
#include "codec/line_limits.h"

static size_t column(const struct strbuf *out)
{
	const char *lf = out->len ? memrchr(out->buf, '\n', out->len) : NULL;
	return lf ? out->len - (size_t)(lf - out->buf) - 1 : out->len;
}

void header_add_value(struct strbuf *out, const char *value)
{
	for (; *value; value++)
		strbuf_addch(out, ascii_iscntrl(*value) ? '?' : *value);
}

/* " <addr>" behind a name, on a line of its own where it must be. */
static void add_bracketed(struct strbuf *out, const char *addr)
{
	strbuf_adds(out, column(out) + strlen(addr) + 3 > LINE_WANTED ? "\r\n <" : " <");
	header_add_value(out, addr);
	strbuf_addch(out, '>');
}

void header_add_mailbox(struct strbuf *out, const char *field, const char *name, const char *addr)
{
	AUTO(strbuf) line = STRBUF_INIT; /* of its own, so that columns count from its start */
	strbuf_addf(&line, "%s: ", field);
	size_t before = line.len;
	if (name)
		address_format_name(&line, span_of(name));
	if (line.len == before) /* no name, or nothing left of it */
		header_add_value(&line, addr);
	else
		add_bracketed(&line, addr);
	strbuf_add_span(out, strbuf_span(&line));
	strbuf_adds(out, "\r\n");
}

/* ---- one field, taken apart ---------------------------------------------- */

struct rewrite {
	struct strbuf head; /* name, colon and the blanks behind it */
	struct strbuf text; /* the value */
	struct mailbox_list boxes;
	struct strbuf done; /* the new field so far */
	size_t line;	    /* where its last line begins: never searched from the end of a long one */
	size_t at;	    /* so much of text is in it */
	bool changed;
};

static void rewrite_release(struct rewrite *r)
{
	strbuf_release(&r->head);
	strbuf_release(&r->text);
	strbuf_release(&r->done);
	mailbox_list_release(&r->boxes);
}

static void add_wire(struct strbuf *out, struct span raw)
{
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.ptr[i] == '\n')
			strbuf_addch(out, '\r');
		if (raw.ptr[i] != '\r')
			strbuf_addch(out, raw.ptr[i]);
	}
}

static void add_done(struct rewrite *r, struct span part)
{
	const char *lf = part.len ? memrchr(part.ptr, '\n', part.len) : NULL;
	if (lf)
		r->line = r->done.len + (size_t)(lf - part.ptr) + 1;
	strbuf_add_span(&r->done, part);
}

static bool rewrite_begin(struct rewrite *r, const struct header_field *field)
{
	struct span value = span_trim(field->value);
	strbuf_init(&r->head);
	strbuf_init(&r->text);
	strbuf_init(&r->done);
	r->boxes = MAILBOX_LIST_INIT;
	r->line = r->at = 0;
	r->changed = false;
	if (!value.len)
		return false;
	add_wire(&r->head, span_make(field->raw.ptr, (size_t)(value.ptr - field->raw.ptr)));
	add_wire(&r->text, value);
	add_done(r, strbuf_span(&r->head));
	return address_list_parse(strbuf_span(&r->text), &r->boxes, NULL);
}

static void copy_to(struct rewrite *r, size_t to)
{
	add_done(r, span_sub(strbuf_span(&r->text), r->at, to));
	r->at = to;
}

/* What was written made the line long: the next address begins a new one.  The next comma lies before it,
 * maybe in a comment, which may be folded too. */
static void fold_behind(struct rewrite *r)
{
	struct span text = strbuf_span(&r->text), rest = span_sub(text, r->at, text.len);
	const char *hit = rest.len ? memchr(rest.ptr, ',', rest.len) : NULL;
	if (r->done.len - r->line < LINE_WANTED || !hit)
		return;
	size_t comma = (size_t)(hit - text.ptr), next = comma + 1;
	bool blank = next < text.len && ascii_isblank(text.ptr[next]);
	if (next == text.len || text.ptr[next] == '\r' || (!blank && comma != r->at))
		return;
	copy_to(r, next);
	add_done(r, span_of(blank ? "\r\n" : "\r\n "));
}

static bool rewrite_end(struct rewrite *r, struct strbuf *out)
{
	if (!r->changed)
		return false;
	copy_to(r, r->text.len);
	strbuf_add_span(out, strbuf_span(&r->done));
	strbuf_adds(out, "\r\n");
	return true;
}

/* ---- what is changed ------------------------------------------------------ */

static void replace(struct rewrite *r, const struct mailbox *box, const char *own)
{
	AUTO(strbuf) now = STRBUF_INIT;
	if (box->name) { /* its name stays as it is written */
		header_add_value(&now, own);
		copy_to(r, box->addr_from);
		add_done(r, strbuf_span(&now));
		r->at = box->addr_to;
		copy_to(r, box->to);
	} else {
		address_format_name(&now, span_of(box->addr));
		add_bracketed(&now, own);
		copy_to(r, box->from);
		add_done(r, strbuf_span(&now));
		r->at = box->to;
	}
	fold_behind(r);
	r->changed = true;
}

bool header_fix_addresses(const struct header_field *field, const char *own, const struct local_names *local,
			  struct strbuf *out)
{
	AUTO(rewrite) r;
	if (!rewrite_begin(&r, field))
		return false;
	for (size_t i = 0; i < r.boxes.n; i++)
		if (local_names_has(local, span_of(r.boxes.v[i].addr)))
			replace(&r, &r.boxes.v[i], own);
	return rewrite_end(&r, out);
}

bool header_qualify_addresses(const struct header_field *field, struct span domain, struct strbuf *out)
{
	AUTO(rewrite) r;
	if (!domain.len || !rewrite_begin(&r, field))
		return false;
	for (size_t i = 0; i < r.boxes.n; i++) {
		struct span local, has;
		address_split(span_of(r.boxes.v[i].addr), &local, &has);
		if (has.ptr || !local.len)
			continue;
		copy_to(&r, r.boxes.v[i].addr_to);
		add_done(&r, SPAN_LIT("@"));
		add_done(&r, domain);
		copy_to(&r, r.boxes.v[i].to);
		fold_behind(&r);
		r.changed = true;
	}
	return rewrite_end(&r, out);
}

bool header_force_address(const struct header_field *field, const char *own, struct strbuf *out)
{
	AUTO(rewrite) r;
	AUTO(strbuf) raw = STRBUF_INIT;
	bool readable = rewrite_begin(&r, field) && r.boxes.n;
	const struct mailbox *first = readable ? &r.boxes.v[0] : NULL;
	if (readable && r.boxes.n == 1 && ascii_strcasecmp(first->addr, own) == 0)
		return false;
	if (!readable)
		header_value(field, &raw);
	header_add_mailbox(out, "From", !readable ? raw.buf : first->name ? first->name : first->addr, own);
	return true;
}
