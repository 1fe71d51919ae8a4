/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The value is converted to its wire form first (folds with CRLF), so that the positions which the address parser
 * returns are positions in the text that will be written.
 */
#include "header/header_rewrite.h"

#include "address/address.h"
#include "header/header_write.h"

#define CRLF "\r\n"

/* ---- one field ----------------------------------------------------------- */

struct rewrite {
	struct strbuf head; /* name, colon, and the white space after it */
	struct strbuf text; /* the value */
	struct mailbox_list boxes;
	struct strbuf done; /* the new field so far */
	struct fold fold;   /* its end */
	size_t at;	    /* how much of text is in it */
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

/* Only addresses that are where the grammar has them can be replaced. */
static bool is_regular(const struct mailbox_list *boxes)
{
	for (size_t i = 0; i < boxes->n; i++)
		if (boxes->v[i].refused)
			return false;
	return !boxes->irregular;
}

static bool rewrite_begin(struct rewrite *r, const struct header_field *field)
{
	struct span value = span_trim(field->value);
	strbuf_init(&r->head);
	strbuf_init(&r->text);
	strbuf_init(&r->done);
	r->boxes = MAILBOX_LIST_INIT;
	r->fold = fold_begin(&r->done, CRLF);
	r->at = 0;
	r->changed = false;
	if (!value.len)
		return false;
	add_wire(&r->head, span_make(field->raw.ptr, (size_t)(value.ptr - field->raw.ptr)));
	add_wire(&r->text, value);
	fold_add(&r->fold, strbuf_span(&r->head));
	return address_list_parse(strbuf_span(&r->text), &r->boxes, NULL) && is_regular(&r->boxes);
}

static void copy_to(struct rewrite *r, size_t to)
{
	fold_add(&r->fold, span_sub(strbuf_span(&r->text), r->at, to));
	r->at = to;
}

/* If the line has become long, the next address begins a new one. The next comma is before it, perhaps in a comment,
 * which may be folded, too. */
static void fold_before_next(struct rewrite *r)
{
	struct span text = strbuf_span(&r->text), rest = span_sub(text, r->at, text.len);
	const char *hit = rest.len ? memchr(rest.ptr, ',', rest.len) : NULL;
	if (fold_column(&r->fold) < LINE_WANTED || !hit)
		return;
	size_t comma = (size_t)(hit - text.ptr), next = comma + 1;
	bool space = next < text.len && ascii_isblank(text.ptr[next]);
	if (next == text.len || text.ptr[next] == '\r' || (!space && comma != r->at))
		return;
	copy_to(r, next);
	fold_break(&r->fold);
	if (!space)
		strbuf_addch(&r->done, ' ');
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

static void replace_address(struct rewrite *r, const struct mailbox *box, const char *own)
{
	AUTO(strbuf) now = STRBUF_INIT;
	if (box->name) { /* the name stays as it is written */
		header_write_value(&now, own);
		copy_to(r, box->addr_from);
		fold_add(&r->fold, strbuf_span(&now));
		r->at = box->addr_to;
		copy_to(r, box->to);
	} else {
		struct fold f = fold_begin(&now, CRLF);
		header_write_phrase(&f, span_of(box->addr));
		header_write_bracketed(&f, own);
		copy_to(r, box->from);
		fold_add(&r->fold, strbuf_span(&now));
		r->at = box->to;
	}
	fold_before_next(r);
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
			replace_address(&r, &r.boxes.v[i], own);
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
		fold_add(&r.fold, SPAN_LIT("@"));
		fold_add(&r.fold, domain);
		copy_to(&r, r.boxes.v[i].to);
		fold_before_next(&r);
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
	header_write_mailbox(out, "From", !readable ? raw.buf : first->name ? first->name : first->addr, own);
	return true;
}
