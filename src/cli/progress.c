/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress.h"

#include "base/i18n.h"
#include "base/terminal.h"
#include "base/wrap.h"

#include <unistd.h>

/* Nothing is shown for transfers that are quicker; then the line changes so often, in milliseconds. */
#define PATIENCE_MS 2000
#define REDRAW_MS 250

void progress_init(struct progress *p, const struct runtime *runtime)
{
	bool redraws = terminal_redraws(runtime, STDERR_FILENO);
	*p = (struct progress){.to = redraws ? stderr : NULL, .clock = runtime->clock};
}

static void overwrite(struct progress *p, const char *text)
{
	size_t width = wrap_width(span_of(text)), rest = p->width > width ? p->width - width : 0;
	(void)fprintf(p->to, "\r%s%*s", text, (int)rest, "");
	p->width = width;
}

static void draw(struct progress *p, uint64_t octets, uint64_t size)
{
	AUTO(strbuf) text = STRBUF_INIT;
	double mega = 1e6, seconds = (double)(p->drawn - p->began) / 1000;
	strbuf_addf(&text, _("sending: %u %% of %.1f MB, %.2f MB/s"), (unsigned)(octets * 100 / size),
		    (double)size / mega, (double)octets / mega / seconds);
	overwrite(p, text.buf);
	(void)fflush(p->to);
}

void progress_draw(struct progress *p, uint64_t octets, uint64_t size)
{
	if (!p->to)
		return;
	msec_t now = clock_monotonic(p->clock);
	if (!p->began)
		p->began = now;
	if (octets >= size) {
		progress_erase(p);
	} else if (now - p->began >= PATIENCE_MS && now - p->drawn >= REDRAW_MS) {
		p->drawn = now;
		draw(p, octets, size);
	}
}

void progress_erase(struct progress *p)
{
	if (!p->to || !p->width)
		return;
	overwrite(p, "");
	(void)fputc('\r', p->to);
	(void)fflush(p->to);
	p->began = 0;
}
