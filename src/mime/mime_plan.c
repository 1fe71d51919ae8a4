/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/mime_plan.h"

#include "base/i18n.h"
#include "base/xalloc.h"

void mime_plan_release(struct mime_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		free(plan->parts[i].type);
	free(plan->parts);
	*plan = MIME_PLAN_INIT;
}

/* ---- names ------------------------------------------------------------------------ */

/* Numbers parts like IMAP (RFC 3501 section 6.4.5): an enclosed multipart message shares the number of its part. */
static void add_number(const struct mime_plan *plan, size_t index, struct strbuf *out)
{
	const struct mime_part *part = &plan->parts[index];
	if (index == 0)
		return;
	add_number(plan, part->parent, out);
	if (part->is_message && part->kind == MIME_MULTIPART)
		return;
	size_t number = 1;
	for (size_t i = part->parent + 1; i < index; i++)
		number += plan->parts[i].parent == part->parent;
	strbuf_addf(out, "%s%zu", out->len ? "." : "", number);
}

void mime_plan_name(const struct mime_plan *plan, size_t index, struct strbuf *out)
{
	AUTO(strbuf) number = STRBUF_INIT;
	const char *type = plan->parts[index].type;
	add_number(plan, index, &number);
	if (!*type)
		type = "?";
	if (number.len)
		strbuf_addf(out, _("part %s (%s)"), number.buf, type);
	else
		strbuf_addf(out, _("the message (%s)"), type);
}

/* ---- refusals ------------------------------------------------------------------------ */

static const char *hint_for(const struct mime_part *part)
{
	if (part->sealed)
		return _("It is signed or encrypted and may not be changed. Encode it before signing, or use a server "
			 "that accepts it as it is.");
	switch (part->refusal) {
	case REFUSAL_ENCODED:
		return _("Its Content-Transfer-Encoding is wrong: it says that the content is encoded already. Correct "
			 "it.");
	case REFUSAL_UNKNOWN:
		return _("Its Content-Transfer-Encoding is unknown. Correct it, or use quoted-printable or base64.");
	case REFUSAL_TYPE:
		return _("Content of this type must be ASCII (RFC 2046). Correct it, or attach it as another type.");
	case REFUSAL_BOUNDARY:
		return _("Its Content-Type has no usable boundary, or that of an enclosing part: correct it.");
	case REFUSAL_CONTAINER:
		return _("A part that contains other parts must not be encoded itself (RFC 2045): correct its "
			 "Content-Transfer-Encoding.");
	case REFUSAL_AMBIGUOUS:
		return _("It has two Content-Type or two Content-Transfer-Encoding fields: remove one.");
	case REFUSAL_LIMIT: return _("The message has too many parts, or they are nested too deep, to be converted.");
	case REFUSAL_NONE: break;
	}
	return _("What cannot be encoded is outside the parts, before the first boundary or after the last one: remove "
		 "it.");
}

static bool refuse(const struct mime_plan *plan, const struct mime_part *part, bool nul, const char *hint,
		   struct error *err)
{
	AUTO(strbuf) name = STRBUF_INIT;
	mime_plan_name(plan, (size_t)(part - plan->parts), &name);
	if (nul)
		(void)error_set(err, ERROR_MESSAGE,
				_("%s contains a NUL octet, which cannot be sent as it is and cannot be encoded"),
				name.buf);
	else
		(void)error_set(err, ERROR_MESSAGE, _("%s has octets above 127 and cannot be encoded"), name.buf);
	error_hint(err, "%s", hint);
	return false;
}

/* ---- decisions ------------------------------------------------------------------------- */

/* 57 octets become 78 in base64, with the line end; in quoted-printable one becomes three where it must be encoded. */
static enum mime_action shorter_encoding(const struct mime_part *part)
{
	bool quoted = part->text && part->content.high * 2 <= part->content.total * 21 / 57;
	return quoted ? ACTION_QUOTED : ACTION_BASE64;
}

static bool too_long(const struct mime_octets *o, const struct mime_wants *wants)
{
	return wants->line_max && o->longest > wants->line_max;
}

static bool decide_leaf(const struct mime_plan *plan, struct mime_part *part, const struct mime_wants *wants,
			struct error *err)
{
	const struct mime_octets *c = &part->content;
	bool declared = part->encoding == MIME_BINARY;
	bool octets = declared && (part->octets || c->nul);
	bool seven_bit = wants->seven_bit || (wants->encode_header && part->global);
	if (declared && !wants->no_binary && !wants->seven_bit)
		part->action = octets || part->sealed ? ACTION_RAW : ACTION_TEXT;
	else if (part->sealed && (c->nul || (wants->seven_bit && c->high)))
		return refuse(plan, part, c->nul, hint_for(part), err);
	else if (part->sealed)
		part->action = ACTION_COPY;
	else if (octets || c->nul)
		part->action = ACTION_BASE64_RAW;
	else if ((seven_bit && c->high) || too_long(c, wants))
		part->action = shorter_encoding(part);
	return true;
}

/* Content that is encoded already can be changed so that every decoder finds the same: octets above 127 become what
 * decoders make of them, and lines that are too long are broken. */
static void decide_encoded(struct mime_part *part, const struct mime_wants *wants)
{
	if (part->refusal != REFUSAL_ENCODED || part->sealed)
		return;
	part->wrap = too_long(&part->content, wants);
	if (part->wrap || (wants->seven_bit && part->content.high))
		part->action = part->encoding == MIME_QUOTED ? ACTION_ESCAPE : ACTION_STRIP;
}

/* Refuses what may not stay and is in a place where nothing can be encoded. */
static bool check_fixed(const struct mime_plan *plan, const struct mime_part *part, const struct mime_octets *o,
			const struct mime_wants *wants, struct error *err)
{
	bool corrected = o == &part->content && (part->action == ACTION_ESCAPE || part->action == ACTION_STRIP);
	return !(o->nul || (wants->seven_bit && o->high && !corrected)) ||
	       refuse(plan, part, o->nul, hint_for(part), err);
}

/* The label of a part that is encoded, or that contains others, or is left as it is. */
static void decide_label(struct mime_part *part, const struct mime_wants *wants)
{
	bool identity = part->has_encoding && (part->encoding == MIME_8BIT || part->encoding == MIME_BINARY);
	if (part->action == ACTION_QUOTED)
		part->label = "quoted-printable";
	else if (part->action == ACTION_BASE64 || part->action == ACTION_BASE64_RAW)
		part->label = "base64";
	else if (part->sealed || !identity || part->action == ACTION_RAW || part->action == ACTION_TEXT)
		return;
	else if (wants->seven_bit)
		part->label = "7bit";
	else if (part->encoding == MIME_BINARY && wants->no_binary)
		part->label = "8bit";
}

static bool is_encoded(const struct mime_part *part)
{
	return part->action == ACTION_QUOTED || part->action == ACTION_BASE64 || part->action == ACTION_BASE64_RAW;
}

/* The message is 8-bit text and does not say so (RFC 5321 section 2.4). */
static bool lacks_label(const struct mime_plan *plan, const struct mime_part *part, const struct mime_wants *wants)
{
	return wants->label && part == plan->parts && part->kind == MIME_LEAF && !part->has_type &&
	       part->content.high && part->action == ACTION_COPY;
}

static bool decide_header(const struct mime_plan *plan, struct mime_part *part, const struct mime_wants *wants,
			  struct error *err)
{
	bool ascii = wants->seven_bit && part != plan->parts;
	if (part->header.nul)
		return refuse(plan, part, true, _("It is in the header: remove it."), err);
	if (ascii && part->header.high && part->sealed)
		return refuse(plan, part, false, hint_for(part), err);
	part->encode_header = (ascii || wants->encode_header) && part->header.high && !part->sealed;
	bool labelled = lacks_label(plan, part, wants);
	decide_label(part, wants);
	if (labelled && part->encoding != MIME_8BIT)
		part->label = "8bit";
	part->add_version = (is_encoded(part) || labelled) && part->is_message && !part->has_version;
	part->add_type = (is_encoded(part) || labelled) && part->is_message && !part->has_type;
	return true;
}

static bool decide_part(struct mime_plan *plan, size_t i, const struct mime_wants *wants, struct error *err)
{
	struct mime_part *part = &plan->parts[i];
	part->action = ACTION_COPY;
	part->label = NULL;
	part->wrap = false;
	if (part->kind == MIME_LEAF && !decide_leaf(plan, part, wants, err))
		return false;
	decide_encoded(part, wants);
	if ((part->kind == MIME_FIXED && !check_fixed(plan, part, &part->content, wants, err)) ||
	    !check_fixed(plan, part, &part->margin, wants, err) || !decide_header(plan, part, wants, err))
		return false;
	plan->encoded += is_encoded(part);
	plan->binary |= part->action == ACTION_RAW || part->action == ACTION_TEXT;
	bool header = part->label || part->encode_header || part->add_type ||
		      (too_long(&part->header, wants) && !part->sealed) ||
		      (wants->utf8_header && !i && part->header.high);
	plan->changes |= header || part->action != ACTION_COPY;
	plan->body_changes |= (header && i) || part->action != ACTION_COPY;
	return true;
}

bool mime_plan_decide(struct mime_plan *plan, const struct mime_wants *wants, struct error *err)
{
	plan->changes = plan->body_changes = plan->binary = false;
	plan->encoded = 0;
	for (size_t i = 0; i < plan->n; i++)
		if (!decide_part(plan, i, wants, err))
			return false;
	/* Labels of parts are valid only in a message that says that it is MIME. */
	for (size_t i = 0; plan->encoded && i < plan->n; i++)
		if (plan->parts[i].is_message && plan->parts[i].kind == MIME_MULTIPART && !plan->parts[i].sealed)
			plan->parts[i].add_version = !plan->parts[i].has_version;
	return true;
}
