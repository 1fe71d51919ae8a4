/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever a proxy says: the password goes out only if the proxy chose that method, and is in no message; the target is
 * named only after a login that succeeded; nothing of what follows the proxy's reply is read; and it makes no
 * difference in which portions the octets come.
 *
 * The input: a line of letters (u: there is a user, 4 or 6: the target is an address), then the octets of the proxy, as
 * they are or as "\xHH".
 */
#include "fuzz.h"

#include "net/socks5.h"

#define PASSWORD "pAssw0rd-canary"
#define METHODS_PLAIN SPAN_LIT("\x05\x01\x00")
#define METHODS_LOGIN SPAN_LIT("\x05\x02\x00\x02")
#define LOGIN SPAN_LIT("\x01\x02me\x0f" PASSWORD)

struct dialogue {
	bool ok;
	enum error_kind kind;
	struct strbuf sent, left; /* by us; of the proxy's octets, not read */
};

static void dialogue_release(struct dialogue *d)
{
	strbuf_release(&d->sent);
	strbuf_release(&d->left);
}

static void play(struct dialogue *d, struct span script, size_t chunk, struct span letters)
{
	AUTO(secret) password = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	*d = (struct dialogue){.sent = STRBUF_INIT, .left = STRBUF_INIT};
	AUTO_PTR(stream) s = stream_mem_new(script, chunk, &d->sent);
	const struct proxy_request req = {
		.host = fuzz_has(letters, SPAN_LIT("4"))   ? "192.0.2.1"
			: fuzz_has(letters, SPAN_LIT("6")) ? "2001:db8::1"
							   : "mail.example.org",
		.port = 587,
		.user = fuzz_has(letters, SPAN_LIT("u")) ? "me" : NULL,
		.password = &password,
		.clock = &fuzz_clock,
		.deadline = DEADLINE_NEVER,
	};
	secret_set(&password, PASSWORD, strlen(PASSWORD));
	d->ok = socks5_connect(s, &req, &err);
	fuzz_must_agree(d->ok, &err);
	d->kind = err.status.kind;
	MUST(d->ok || fuzz_is_clean(span_of(err.status.text)));
	MUST(d->ok || !strstr(err.status.text, PASSWORD));
	char buf[256];
	for (size_t got; stream_read(s, buf, sizeof(buf), &got, NULL) == STREAM_OK;)
		strbuf_add(&d->left, buf, got);
}

static bool begins(struct span text, struct span with)
{
	return text.len >= with.len && memcmp(text.ptr, with.ptr, with.len) == 0;
}

/* Takes octets that the proxy has to say here from the front of its script. */
static bool take(struct span *script, struct span octets)
{
	bool there = begins(*script, octets);
	*script = span_sub(*script, there ? octets.len : 0, script->len);
	return there;
}

/* What follows the reply of a proxy that agreed to everything: RFC 1928 section 6. */
static bool take_reply(struct span *script)
{
	static const struct {
		struct span head;
		size_t len;
	} forms[] = {{{"\x05\x00\x00\x01", 4}, 6}, {{"\x05\x00\x00\x04", 4}, 18}};
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (begins(*script, forms[i].head) && script->len >= 4 + forms[i].len) {
			*script = span_sub(*script, 4 + forms[i].len, script->len);
			return true;
		}
	size_t n = script->len > 4 ? (unsigned char)script->ptr[4] : 0;
	if (!begins(*script, SPAN_LIT("\x05\x00\x00\x03")) || script->len < 7 + n)
		return false;
	*script = span_sub(*script, 7 + n, script->len);
	return true;
}

static void must_keep_to_the_rules(const struct dialogue *d, struct span script, bool user)
{
	struct span sent = strbuf_span(&d->sent);
	bool plain = take(&script, SPAN_LIT("\x05\x00"));
	bool login = !plain && user && take(&script, SPAN_LIT("\x05\x02"));
	bool in = plain || (login && take(&script, SPAN_LIT("\x01\x00")));
	MUST(take(&sent, user ? METHODS_LOGIN : METHODS_PLAIN));
	MUST(take(&sent, LOGIN) == login);
	MUST(in == begins(sent, SPAN_LIT("\x05\x01\x00")) && (in || !sent.len));
	MUST(d->ok == (in && take_reply(&script)));
	MUST(!d->ok || span_equal(script, strbuf_span(&d->left)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_make((const char *)data, size), letters = {"", 0};
	AUTO(strbuf) script = STRBUF_INIT;
	AUTO(dialogue) whole;
	AUTO(dialogue) parts;
	(void)fuzz_line(&rest, &letters);
	fuzz_unescape(rest, &script);
	play(&whole, strbuf_span(&script), SIZE_MAX, letters);
	play(&parts, strbuf_span(&script), 1, letters);
	MUST(whole.ok == parts.ok && whole.kind == parts.kind);
	MUST(span_equal(strbuf_span(&whole.sent), strbuf_span(&parts.sent)));
	MUST(span_equal(strbuf_span(&whole.left), strbuf_span(&parts.left)));
	must_keep_to_the_rules(&whole, strbuf_span(&script), fuzz_has(letters, SPAN_LIT("u")));
	return 0;
}
