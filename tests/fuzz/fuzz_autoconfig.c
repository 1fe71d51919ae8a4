/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Autoconfig files of strangers: what they name is a host name, a port and a line of text, the terminal can show all
 * of it, the limits hold, and a DOCTYPE ends the reading.
 */
#include "fuzz.h"

#include "dns/name.h"
#include "setup/autoconfig.h"
#include "setup/xml.h"

#define ADDRESS "joe.bloggs@mail.test"

static void check_text(const char *text)
{
	MUST(!text || fuzz_is_clean(span_of(text)));
}

static void check_server(const struct autoconfig_server *s)
{
	MUST(dns_name_is_host(s->host));
	MUST(s->port > 0 && s->port < 65536);
	MUST(s->mode == SETUP_TLS || s->mode == SETUP_STARTTLS || s->mode == SETUP_PLAIN);
	MUST(!s->user || *s->user);
	check_text(s->user);
}

/* Every element that begins ends, and none is deeper than the limit. */
static void check_events(struct span utf8)
{
	AUTO(strbuf) text = STRBUF_INIT;
	struct xml xml;
	enum xml_event event;
	size_t open = 0, steps = 0;
	xml_init(&xml, utf8);
	while ((event = xml_next(&xml, &text)) > 0) {
		open += event == XML_OPEN;
		MUST(event != XML_CLOSE || open);
		open -= event == XML_CLOSE;
		MUST(open <= XML_DEPTH && open == xml.depth);
		MUST(utf8_valid(strbuf_span(&text)) && text.len <= utf8.len);
		MUST(++steps <= 2 * utf8.len);
	}
	MUST(event != XML_END || !open);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(strbuf) file = STRBUF_INIT;
	AUTO(strbuf) utf8 = STRBUF_INIT;
	AUTO(autoconfig) a = AUTOCONFIG_INIT;
	fuzz_unescape(span_make((const char *)data, size), &file);
	bool ok = autoconfig_read(strbuf_span(&file), ADDRESS, &a);
	MUST(ok == (a.n > 0));
	MUST(!ok || file.len <= XML_LIMIT);
	for (size_t i = 0; i < a.n; i++)
		check_server(&a.v[i]);
	check_text(a.provider);
	check_text(a.enable);
	check_text(a.enable_url);
	if (!xml_to_utf8(strbuf_span(&file), &utf8))
		return 0;
	MUST(utf8_valid(strbuf_span(&utf8)));
	check_events(strbuf_span(&utf8));
	return 0;
}
