/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever is in a netrc: a password found is no longer than the file, an
 * entry in front of it is found unharmed, and any password without a line end
 * can be written in double quotes and comes back.
 */
#include "fuzz.h"

#include "base/strbuf.h"
#include "secret/netrc.h"

static void must_find(const struct strbuf *text, struct span wanted)
{
	AUTO(secret) found = SECRET_INIT;
	MUST(netrc_find(strbuf_span(text), "mail.example.org", "joe", &found));
	MUST(span_equal(secret_reveal(&found), wanted));
}

static void must_not_hide_the_first(struct span data)
{
	AUTO(strbuf) text = STRBUF_INIT;
	strbuf_adds(&text, "machine mail.example.org login joe password first\nmachine another\n");
	strbuf_add_span(&text, data);
	must_find(&text, SPAN_LIT("first"));
}

static void must_come_back(struct span data)
{
	AUTO(strbuf) text = STRBUF_INIT;
	strbuf_adds(&text, "machine mail.example.org login joe password \"");
	for (size_t i = 0; i < data.len; i++) {
		if (data.ptr[i] == '"' || data.ptr[i] == '\\')
			strbuf_addch(&text, '\\');
		strbuf_addch(&text, data.ptr[i]);
	}
	strbuf_addch(&text, '"');
	must_find(&text, data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = {(const char *)data, size};
	AUTO(secret) found = SECRET_INIT;
	bool ok = netrc_find(text, "mail.example.org", "joe", &found);
	MUST(ok == secret_is_set(&found));
	MUST(secret_reveal(&found).len <= size);
	must_not_hide_the_first(text);
	if (!size || !memchr(data, '\n', size))
		must_come_back(text);
	return 0;
}
