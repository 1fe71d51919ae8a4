/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever an HTTP proxy says: what is sent does not depend on it; the login is in no message; what follows the header
 * of its final response is all of what is left for the target; and it makes no difference in which portions it comes.
 *
 * The input is what the proxy says, with "\xHH" for some octets.
 */
#include "fuzz.h"

#include "net/http_connect.h"

#define PASSWORD "pAssw0rd-canary"
#define CODED "bWU6cEFzc3cwcmQtY2FuYXJ5"
#define REQUEST                                                                   \
	"CONNECT mail.example.org:587 HTTP/1.1\r\nHost: mail.example.org:587\r\n" \
	"Proxy-Authorization: Basic " CODED "\r\n\r\n"

struct dialogue {
	bool ok;
	enum error_kind kind;
	struct strbuf left; /* of the proxy's octets, for the target */
};

static void play(struct dialogue *d, struct span script, size_t chunk)
{
	AUTO(secret) password = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) sent = STRBUF_INIT;
	*d = (struct dialogue){.left = STRBUF_INIT};
	struct stream *s = stream_mem_new(script, chunk, &sent);
	const struct proxy_request req = {
		.host = "mail.example.org",
		.port = 587,
		.user = "me",
		.password = &password,
		.clock = &fuzz_clock,
		.deadline = DEADLINE_NEVER,
	};
	secret_set(&password, PASSWORD, strlen(PASSWORD));
	d->ok = http_connect(&s, &req, &err);
	fuzz_must_agree(d->ok, &err);
	d->kind = err.status.kind;
	MUST(span_equals_str(strbuf_span(&sent), REQUEST));
	MUST(d->ok || fuzz_is_clean(span_of(err.status.text)));
	MUST(d->ok || (!strstr(err.status.text, PASSWORD) && !strstr(err.status.text, CODED)));
	char buf[256];
	for (size_t got; d->ok && stream_read(s, buf, sizeof(buf), &got, NULL) == STREAM_OK;)
		strbuf_add(&d->left, buf, got);
	stream_free(s);
}

/* What is left begins after an empty line, and is the end of what was said. */
static void must_be_the_rest(struct span script, struct span left)
{
	MUST(left.len <= script.len);
	struct span header = span_sub(script, 0, script.len - left.len);
	MUST(span_equal(span_sub(script, header.len, script.len), left));
	MUST(header.len <= HTTP_CONNECT_MAX && header.len > 2 && header.ptr[header.len - 1] == '\n');
	const char *end = header.ptr + header.len - 2;
	MUST(*end == '\n' || (*end == '\r' && header.len > 3 && end[-1] == '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(strbuf) script = STRBUF_INIT;
	struct dialogue whole, parts;
	fuzz_unescape(span_make((const char *)data, size), &script);
	play(&whole, strbuf_span(&script), SIZE_MAX);
	play(&parts, strbuf_span(&script), 1);
	MUST(whole.ok == parts.ok && whole.kind == parts.kind);
	MUST(span_equal(strbuf_span(&whole.left), strbuf_span(&parts.left)));
	if (whole.ok)
		must_be_the_rest(strbuf_span(&script), strbuf_span(&whole.left));
	strbuf_release(&whole.left);
	strbuf_release(&parts.left);
	return 0;
}
