/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/candidate.h"

#include "base/i18n.h"
#include "base/xalloc.h"

void candidates_release(struct candidates *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].host);
		free(list->v[i].user);
		free(list->v[i].told_by);
	}
	free(list->v);
	*list = CANDIDATES_INIT;
}

static bool is_there(const struct candidates *list, const struct candidate *c)
{
	for (size_t i = 0; i < list->n; i++)
		if (ascii_strcasecmp(list->v[i].host, c->host) == 0 && list->v[i].port == c->port &&
		    list->v[i].mode == c->mode)
			return true;
	return false;
}

void candidates_add(struct candidates *list, const struct candidate *c)
{
	if (is_there(list, c))
		return;
	GROW(list->v, list->n, list->cap);
	struct candidate *to = &list->v[list->n++];
	*to = *c;
	to->host = xstrdup(c->host);
	to->user = xstrdup_null(c->user);
	to->told_by = xstrdup_null(c->told_by);
}

/* ---- the order ---- */

static void add_variant(struct candidates *out, const struct candidate *c, unsigned port, enum setup_mode mode)
{
	struct candidate other = *c; /* borrows its texts */
	other.port = port;
	other.mode = mode;
	candidates_add(out, &other);
}

/* The mode that clients expect at this port; that of c where none is usual. */
static enum setup_mode usual_mode(const struct candidate *c)
{
	switch (c->port) {
	case 465: return SETUP_TLS;
	case 587:
	case 25: return SETUP_STARTTLS;
	default: return c->mode;
	}
}

static void add_with_variants(struct candidates *out, const struct candidate *c)
{
	if (c->mode == SETUP_PLAIN) {
		add_variant(out, c, 465, SETUP_TLS);
		add_variant(out, c, 587, SETUP_STARTTLS);
		add_variant(out, c, c->port, SETUP_STARTTLS);
	}
	candidates_add(out, c);
	if (c->mode != SETUP_PLAIN && usual_mode(c) != c->mode)
		add_variant(out, c, c->port, usual_mode(c));
}

void candidates_rank(struct candidates *list)
{
	AUTO(candidates) out = CANDIDATES_INIT;
	for (int plain = 0; plain <= 1; plain++)
		for (int source = SETUP_NAMED; source <= SETUP_DATABASE; source++)
			for (size_t i = 0; i < list->n; i++)
				if ((int)list->v[i].source == source && (list->v[i].mode == SETUP_PLAIN) == plain)
					add_with_variants(&out, &list->v[i]);
	struct candidates before = *list;
	*list = out;
	out = before;
}

/* ---- words ---- */

bool setup_is_within(struct span host, struct span domain)
{
	if (!domain.len || host.len < domain.len ||
	    !span_equal_nocase(span_sub(host, host.len - domain.len, host.len), domain))
		return false;
	return host.len == domain.len || host.ptr[host.len - domain.len - 1] == '.';
}

const char *setup_mode_text(enum setup_mode mode)
{
	switch (mode) {
	case SETUP_TLS: return "TLS";
	case SETUP_STARTTLS: return "STARTTLS";
	case SETUP_PLAIN: break;
	}
	return _("without encryption");
}
