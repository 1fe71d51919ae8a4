/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/mime_entity.h"

#include "base/xalloc.h"
#include "header/header_scan.h"

static bool is_multipart(const struct mime_entity *e)
{
	return strncmp(e->type.name, "multipart/", 10) == 0;
}

static bool is_rfc822(const struct mime_entity *e)
{
	return strcmp(e->type.name, "message/rfc822") == 0;
}

/* Message types that may not be encoded: all but message/rfc822, and message/global and its kin (RFC 6532). */
static bool is_fixed_type(const struct mime_entity *e)
{
	return strncmp(e->type.name, "message/", 8) == 0 && !e->global;
}

static enum mime_refusal refusal_of(const struct mime_entity *e, bool ambiguous, const struct mime_levels *levels)
{
	bool identity = mime_encoding_is_identity(e->encoding);
	if (e->index >= MIME_PARTS_MAX)
		return REFUSAL_LIMIT;
	if (ambiguous)
		return REFUSAL_AMBIGUOUS;
	if (!is_multipart(e) && !is_rfc822(e)) {
		if (is_fixed_type(e))
			return REFUSAL_TYPE;
		return identity ? REFUSAL_NONE : e->encoding == MIME_OTHER ? REFUSAL_UNKNOWN : REFUSAL_ENCODED;
	}
	if (!identity)
		return REFUSAL_CONTAINER;
	if (e->depth >= MIME_DEPTH_MAX)
		return REFUSAL_LIMIT;
	if (is_multipart(e) && (!e->type.boundary || !mime_levels_allow(levels, e->type.boundary)))
		return REFUSAL_BOUNDARY;
	return REFUSAL_NONE;
}

void mime_entity_read(struct mime_entity *e, struct span block, bool digest, const struct mime_levels *levels)
{
	struct header_list list = HEADER_LIST_INIT;
	unsigned types = 0, encodings = 0;
	header_scan(block, &list);
	for (size_t i = 0; i < list.n; i++) {
		const struct header_field *f = &list.fields[i];
		if (header_is(f, "Content-Type") && !types++)
			mime_type_parse(f->value, &e->type);
		else if (header_is(f, "Content-Transfer-Encoding") && !encodings++)
			e->encoding = mime_encoding_parse(f->value);
		else if (header_is(f, "MIME-Version"))
			e->has_version = true;
	}
	header_list_release(&list);
	e->has_type = types;
	e->has_encoding = encodings;
	if (!types) /* RFC 2046 section 5.1.5 */
		e->type.name = xstrdup(digest ? "message/rfc822" : "text/plain");
	e->text = strncmp(e->type.name, "text/", 5) == 0 || !*e->type.name;
	e->global = strncmp(e->type.name, "message/global", 14) == 0;
	e->refusal = refusal_of(e, types > 1 || encodings > 1, levels);
	e->kind = e->refusal != REFUSAL_NONE ? MIME_FIXED
		  : is_multipart(e)	     ? MIME_MULTIPART
		  : is_rfc822(e)	     ? MIME_MESSAGE
					     : MIME_LEAF;
	/* RFC 3030 section 3: text has CRLF line ends in BINARYMIME, too. */
	e->octets = e->kind == MIME_LEAF && e->encoding == MIME_BINARY && strncmp(e->type.name, "text/", 5) != 0;
}
