/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever is in the file of a token: what is taken for an entry comes back when it is written, and a token is visible.
 */
#include "fuzz.h"

#include "oauth/token_entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = {(const char *)data, size};
	struct oauth_entry entry, again;
	AUTO(secret) written = SECRET_INIT;
	if (!oauth_entry_parse(text, &entry))
		return 0;
	for (size_t i = 0; entry.secret.ptr && i < entry.secret.len; i++)
		MUST(entry.secret.ptr[i] > ' ' && entry.secret.ptr[i] <= '~');
	MUST(entry.secret.ptr || entry.keyring);
	oauth_entry_format(&entry, &written);
	MUST(oauth_entry_parse(secret_reveal(&written), &again));
	MUST(span_equal(entry.client_id, again.client_id) && span_equal(entry.server, again.server) &&
	     span_equal(entry.scope, again.scope) && span_equal(entry.user, again.user));
	MUST(entry.login_ms == again.login_ms && entry.issued_ms == again.issued_ms && entry.life_ms == again.life_ms);
	MUST(!entry.secret.ptr == !again.secret.ptr && (!entry.secret.ptr || span_equal(entry.secret, again.secret)));
	return 0;
}
