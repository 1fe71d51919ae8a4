/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/progress.h"

#include "base/i18n.h"
#include "base/wrap.h"

/* Nothing is shown for transfers that are quicker; then the line changes so often, in milliseconds. */
#define PATIENCE_MS 2000
#define REDRAW_MS 250

static void overwrite(struct progress *p, const char *text, struct strbuf *out)
{
	size_t width = wrap_width(span_of(text)), rest = p->width > width ? p->width - width : 0;
	strbuf_addf(out, "\r%s%*s", text, (int)rest, "");
	p->width = width;
}

static void draw(struct progress *p, uint64_t octets, uint64_t size, struct strbuf *out)
{
	AUTO(strbuf) text = STRBUF_INIT;
	double mega = 1e6, seconds = (double)(p->drawn - p->began) / 1000;
	strbuf_addf(&text, _("sending: %u %% of %.1f MB, %.2f MB/s"), (unsigned)(octets * 100 / size),
		    (double)size / mega, (double)octets / mega / seconds);
	overwrite(p, text.buf, out);
}

void progress_draw(struct progress *p, uint64_t octets, uint64_t size, struct strbuf *out)
{
	msec_t now = clock_monotonic(p->clock);
	if (!p->began)
		p->began = now;
	if (octets >= size) {
		progress_erase(p, out);
	} else if (now - p->began >= PATIENCE_MS && now - p->drawn >= REDRAW_MS) {
		p->drawn = now;
		draw(p, octets, size, out);
	}
}

void progress_erase(struct progress *p, struct strbuf *out)
{
	if (!p->width)
		return;
	overwrite(p, "", out);
	strbuf_addch(out, '\r');
	p->began = 0;
}
