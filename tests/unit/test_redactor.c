/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "secret/redactor.h"

static void covers_every_form(void **state)
{
	(void)state;
	static const struct {
		const char *secret, *text, *masked;
	} rows[] = {
		{"secret?x>", "bad password secret?x> for joe", "bad password *** for joe"},
		{"secret?x>", "secret?x>secret?x>", "******"},
		{"secret?x>", "got c2VjcmV0P3g+", "got ***"},
		{"secret?x>", "got c2VjcmV0P3g-", "got ***"},
		{"secret?x>", "got YTpzZWNyZXQ/eD4=", "got YTp***4="},
		{"secret?x>", "got 7365637265743f783e", "got ***"},
		{"secret?x>", "got 7365637265743F783E", "got ***"},
		{"secret?x>", "got secret%3Fx%3E", "got ***"},
		{"secret?x>", "got secret%3fx%3e", "got ***"},
		/* any byte may be percent-encoded */
		{"secret?x>", "got %73ecret?x%3E.", "got ***."},
		{"secret?x>", "got %73%65%63%72%65%74%3f%78%3e", "got ***"},
		{"50%41 off", "got 50%41 off and 50%2541%20off", "got *** and ***"},
		{"secret?x>", "got %7", "got %7"},
		/* a reply's line may end within it */
		{"secret?x>", "got sec\nret?x> and", "got *** and"},
		{"secret?x>", "got secret?x >", "got ***"},
		{"secret?x>", "5.7.8 bad secret 5.7.8 ?x> again", "5.7.8 bad *** again"},
		{"secret?x>", "535-5.7.8 bad secr\r\n535 5.7.8 et?x> again", "535-5.7.8 bad *** again"},
		{"secret?x>", "got c2VjcmV0\nP3g+", "got ***"},
		/* ... also where the change of line begins with an octet that is in the secret, too */
		{"my secret", "my 5.7.8  secret", "***"},
		{"my secret", "my\n secret my secret", "*** ***"},
		{"a 535 5.7.8 b", "a \r\n535 535 5.7.8 b", "***"},
		{"a 535 5.7.8 b", "a 535 \n535 5.7.8 b", "***"},
		/* ... and more than one */
		{"a-rather-long-secret", "535-a-ra\r\n535-ther\r\n535--long-se\r\n535 cret", "535-***"},
		{"a-rather-long-secret", "got a-r ath er-long-secret", "got a-r ath er-long-secret"},
		{"a-rather-long-secret", "got a-rat\nher-lo\nng-s\necret, 7", "got ***, 7"},
		{"a-rather-long-secret", "got 612d726174\n6865722d6c6f\n6e672d736563726574", "got ***"},
		{"5.7.8 5.7.8 5.7.8 5.7.8 x", "\n5.7.8 5.7.8 5.7.8 5.7.8 5.7.8 5.7.8 5.7.8 y",
		 "\n5.7.8 5.7.8 5.7.8 5.7.8 5.7.8 5.7.8 5.7.8 y"},
		/* ... and within an escape */
		{"secret?x>", "got secret%3\r\n535-5.7.8 fx%3e", "got ***"},
		{"secret?x>", "got secret%\n3fx>", "got ***"},
		{"??a5", "got %3f%3f%\n615 .", "got *** ."},
		{"secret?x>", "got secret%3\nfx\n%3e", "got secret%3\nfx\n%3e"},
		{"secret?x>", "got s e c r e t ? x >", "got s e c r e t ? x >"},
		{"secret?x>", "got secret?x", "got secret?x"},
		/* and its beginning where the rest was cut off */
		{"secret?x>", "got secret?x...", "got ***..."},
		{"secret?x>", "got secr...", "got ***..."},
		{"secret?x>", "got sec...", "got sec..."},
		{"secret?x>", "secr... and secret?x... and secret?x>...", "***... and ***... and ***..."},
		{"secret?x>", "got c2VjcmV0...", "got ***..."},
		{"secret?x>", "got secret%3...", "got ***..."},
		{"secret?x>", "got 736563726...", "got ***..."},
		{"dots....end", "got dots...... end", "got ***...... end"},
		{"secret?x>", "...", "..."},
		{"secret?x>", "", ""},
		{"abc", "an abc of things", "an abc of things"},
		{"aaaa", "aaaaaaaaa", "******a"},
		{"****", "a ******** b", "a ****** b"},
		{"", "nothing to hide", "nothing to hide"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		AUTO(secret) s = SECRET_INIT;
		AUTO(redactor) m = REDACTOR_INIT;
		AUTO_FREE char *text = xstrdup(rows[i].text);
		secret_set(&s, rows[i].secret, strlen(rows[i].secret));
		redactor_set(&m, &s);
		redactor_apply(&m, text);
		assert_string_equal(text, rows[i].masked);
	}
}

/* Each of its spaces may be a change of line. */
static void covers_a_secret_of_spaces(void **state)
{
	(void)state;
	static const char *const breaks[] = {"\n", " ", "\r\n535-5.7.8 "};
	AUTO(strbuf) password = STRBUF_INIT;
	AUTO(secret) s = SECRET_INIT;
	AUTO(redactor) m = REDACTOR_INIT;
	strbuf_addf(&password, "a%150sb", "");
	secret_set(&s, password.buf, password.len);
	redactor_set(&m, &s);
	for (size_t width = 4; width < 20; width++)
		for (size_t b = 0; b < ARRAY_SIZE(breaks); b++) {
			AUTO(strbuf) text = STRBUF_INIT;
			for (size_t at = 0; at < password.len; at += width) {
				size_t n = password.len - at < width ? password.len - at : width;
				strbuf_adds(&text, at ? breaks[b] : "");
				strbuf_add(&text, password.buf + at, n);
			}
			redactor_apply(&m, text.buf);
			assert_string_equal(text.buf, "***");
		}
	AUTO(strbuf) other = STRBUF_INIT;
	strbuf_addf(&other, "a%300sc", "");
	AUTO_FREE char *shown = xstrdup(other.buf);
	redactor_apply(&m, shown);
	assert_string_equal(shown, other.buf);
}

static void covers_parts_at_the_ends_of_a_reply_line(void **state)
{
	(void)state;
	static const struct {
		const char *text, *masked;
	} rows[] = {
		{"535-5.7.8 bad password secr", "535-5.7.8 bad password ***"},
		{"535 5.7.8 et?x> again", "535 5.7.8 *** again"},
		{"535 secret?", "535 ***"},
		{"cret?x> again", "*** again"},
		{"535-5.7.8 bad password sec", "535-5.7.8 bad password sec"},
		{"535 5.7.8 x> again", "535 5.7.8 x> again"},
		{"535-secret?x>", "535-***"},
		{"", ""},
		{"535", "535"},
		{"250-c2VjcmV0", "250-***"},
		{"535-ecret?", "535-***"},
		{"535 5.7.8 ecret?\r", "535 5.7.8 ***"},
		{"535-ecret", "535-ecret"},
		{"535-an ecret?", "535-an ecret?"},
	};
	AUTO(secret) s = SECRET_INIT;
	AUTO(redactor) m = REDACTOR_INIT;
	secret_set(&s, "secret?x>", 9);
	redactor_set(&m, &s);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		AUTO_FREE char *text = xstrdup(rows[i].text);
		redactor_apply_reply_line(&m, text);
		assert_string_equal(text, rows[i].masked);
	}
}

static void hides_what_was_set_last(void **state)
{
	(void)state;
	AUTO(secret) s = SECRET_INIT;
	AUTO(redactor) m = REDACTOR_INIT;
	char text[] = "first then second";
	redactor_apply(&m, text);
	redactor_apply(&m, NULL);
	secret_set(&s, "first", 5);
	redactor_set(&m, &s);
	secret_set(&s, "second", 6);
	redactor_set(&m, &s);
	redactor_apply(&m, text);
	assert_string_equal(text, "first then ***");
	secret_set(&s, "first", 5);
	redactor_add(&m, &s);
	char both[] = "first and second";
	redactor_apply(&m, both);
	assert_string_equal(both, "*** and ***");
	redactor_set(&m, NULL);
	redactor_apply(&m, text);
	assert_string_equal(text, "first then ***");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(covers_every_form),
		cmocka_unit_test(covers_a_secret_of_spaces),
		cmocka_unit_test(covers_parts_at_the_ends_of_a_reply_line),
		cmocka_unit_test(hides_what_was_set_last),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
