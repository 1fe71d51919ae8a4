/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever the helper writes: an answer is a token of visible characters, or an error with a text that can be shown;
 * and no purpose makes a token of what another calls an error.  "|" in the input stands for NUL.
 */
#include "fuzz.h"

#include "base/xalloc.h"
#include "oauth/metadata.h"
#include "oauth/answer.h"

static void must_be_shown(const char *text)
{
	MUST(text && *text);
	for (; *text; text++)
		MUST(!ascii_iscntrl(*text));
}

static void must_be_visible(const struct secret *s)
{
	struct span bytes = secret_reveal(s);
	for (size_t i = 0; i < bytes.len; i++)
		MUST(bytes.ptr[i] > ' ' && bytes.ptr[i] <= '~');
}

static void ask(const struct oauth_reply *reply, struct oauth_settings *settings, enum oauth_purpose purpose)
{
	const struct oauth_question q = {
		.purpose = purpose, .settings = settings, .url = "https://a.example/t", .asked_ms = 5};
	AUTO(oauth_grant) grant = OAUTH_GRANT_INIT;
	AUTO(error) err = ERROR_INIT;
	switch (oauth_answer_read(reply, &q, &grant, &err)) {
	case OAUTH_ANSWER_TOKEN:
		MUST(secret_is_set(&grant.token.access) && err.status.kind == ERROR_NONE);
		must_be_visible(&grant.token.access);
		must_be_visible(&grant.refresh);
		MUST(grant.token.life_ms >= 0 && grant.token.life_ms <= OAUTH_LIFE_MAX_MS);
		MUST(reply->code >= 200 && reply->code <= 299);
		break;
	case OAUTH_ANSWER_PENDING:
	case OAUTH_ANSWER_SLOW_DOWN: MUST(purpose == OAUTH_FOR_DEVICE && err.status.kind == ERROR_NONE); break;
	case OAUTH_ANSWER_LOGIN_NEEDED:
	case OAUTH_ANSWER_FAILED:
		MUST(err.status.kind != ERROR_NONE && err.status.hint);
		must_be_shown(err.status.text);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(secret) written = SECRET_INIT;
	AUTO(oauth_reply) reply = OAUTH_REPLY_INIT;
	AUTO(oauth_settings) settings = OAUTH_SETTINGS_INIT;
	AUTO(error) err = ERROR_INIT;
	AUTO_FREE char *copy = xmemdup0(data, size);
	for (size_t i = 0; i < size; i++)
		if (copy[i] == '|')
			copy[i] = '\0';
	settings.account = xstrdup("work");
	settings.value[OAUTH_SCOPE].text = xstrdup("mail");
	secret_set(&written, copy, size);
	oauth_reply_read(&reply, &written);
	MUST(!secret_is_set(&written) && reply.detail);
	if (reply.kind != OAUTH_REPLY_ANSWER)
		return 0;
	for (int purpose = OAUTH_FOR_LOGIN; purpose <= OAUTH_FOR_METADATA; purpose++)
		ask(&reply, &settings, (enum oauth_purpose)purpose);
	settings.value[OAUTH_ISSUER].text = xstrdup("https://i.example");
	if (oauth_metadata_learn(&settings, &reply, &err))
		MUST(oauth_url_valid(span_of(settings.value[OAUTH_TOKEN_URL].text)));
	return 0;
}
