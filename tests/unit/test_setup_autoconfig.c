/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "setup/autoconfig.h"
#include "setup/xml.h"

#include "base/strbuf.h"

/* "HOST:PORT MODE USER LOGIN" of each server, separated by "; " */
static void list(const struct autoconfig *a, struct strbuf *out)
{
	static const char *const modes[] = {"tls", "starttls", "plain"};
	for (size_t i = 0; i < a->n; i++)
		strbuf_addf(out, "%s%s:%u %s %s %s%s%s", i ? "; " : "", a->v[i].host, a->v[i].port, modes[a->v[i].mode],
			    a->v[i].user ? a->v[i].user : "-", a->v[i].login & SETUP_PASSWORD ? "pw" : "",
			    a->v[i].login & SETUP_OAUTH ? "oauth" : "", a->v[i].login ? "" : "none");
}

static void check_file(struct span file, const char *want)
{
	AUTO(autoconfig) a = AUTOCONFIG_INIT;
	AUTO(strbuf) got = STRBUF_INIT;
	if (!autoconfig_read(file, "jo.e@mail.test", &a))
		strbuf_adds(&got, "refused");
	list(&a, &got);
	assert_string_equal(got.buf, want);
}

#define SERVER(inside) "<outgoingServer type='smtp'>" inside "</outgoingServer>"
#define USUAL(host, port, mode) "<hostname>" host "</hostname><port>" port "</port><socketType>" mode "</socketType>"
#define FULL "<username>%EMAILADDRESS%</username>"
#define FILE_OF(inside) "<clientConfig version='1.1'><emailProvider id='x'>" inside "</emailProvider></clientConfig>"

static void servers_are_read(void **state)
{
	static const struct {
		const char *file, *want;
	} cases[] = {
		{FILE_OF(SERVER(USUAL("a.test", "465", "SSL") FULL
				"<authentication>password-cleartext</authentication>")),
		 "a.test:465 tls jo.e@mail.test pw"},
		{"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\n<!-- c -->"
		 "<clientConfig version=\"1.2\">\n <emailProvider>\n  <domain>other.test</domain>"
		 "<incomingServer type=\"imap\">" USUAL("imap.test", "993", "SSL") "</incomingServer>" SERVER(
			 USUAL("a.test", " 587 ",
			       "starttls")) "<x/>"
					    "</emailProvider>"
					    "<oAuth2><authURL>https://x</authURL></oAuth2></clientConfig>\n",
		 "a.test:587 starttls - pw"},
		/* the order of the file; several ways to log in; where placeholders stand */
		{FILE_OF(SERVER(
			 USUAL("%EMAILDOMAIN%", "465",
			       "TLS") "<username>%EMAILLOCALPART%.%EMAILDOMAIN%</username>"
				      "<authentication>OAuth2</authentication><authentication>plain</authentication>")
				 SERVER(USUAL("smtp.%emaildomain%", "587",
					      "STARTTLS") "<username>%EMAILLOCALPART%</username>"
							  "<authentication>OAuth</authentication>")),
		 "mail.test:465 tls jo.e.mail.test pwoauth; smtp.mail.test:587 starttls jo.e oauth"},
		/* no encryption is only what says so */
		{FILE_OF(SERVER(USUAL("a.test", "25", "plain") "<authentication>none</authentication>")),
		 "a.test:25 plain - none"},
		{FILE_OF(SERVER(USUAL("a.test", "25", "clear")) SERVER(USUAL("b.test", "465", "ssl"))),
		 "b.test:465 tls - pw"},
		{FILE_OF(SERVER(USUAL("a.test", "25", ""))), "refused"},
		{FILE_OF(SERVER("<hostname>a.test</hostname><port>25</port>")), "refused"},
		{FILE_OF(SERVER("<hostname>a.test</hostname><port>465</port><socketType>odd</socketType>"
				"<socketType>SSL</socketType><socketType>plain</socketType>")),
		 "a.test:465 tls - pw"},
		/* unusable hosts and ports */
		{FILE_OF(SERVER(USUAL("a b", "465", "SSL"))), "refused"},
		{FILE_OF(SERVER(USUAL("localhost", "465", "SSL"))), "refused"},
		{FILE_OF(SERVER(USUAL("a.test", "0", "SSL"))), "refused"},
		{FILE_OF(SERVER(USUAL("a.test", "65536", "SSL"))), "refused"},
		{FILE_OF(SERVER(USUAL("a.test", "-1", "SSL"))), "refused"},
		{FILE_OF(SERVER(USUAL("-a.test", "465", "SSL"))), "refused"},
		{FILE_OF(SERVER(USUAL("a.test&#10;user x", "465", "SSL"))), "refused"},
		{FILE_OF(SERVER(USUAL("", "465", "SSL"))), "refused"},
		{FILE_OF(SERVER(USUAL("b&#xFC;cher.test", "465", "SSL"))), "xn--bcher-kva.test:465 tls - pw"},
		/* a login name is a line that can be shown */
		{FILE_OF(SERVER(USUAL("a.test", "465", "SSL") "<username>a&#10;password x</username>")),
		 "a.test:465 tls - pw"},
		{FILE_OF(SERVER(USUAL("a.test", "465", "SSL") "<username>a&amp;b&lt;<![CDATA[<&]]></username>")),
		 "a.test:465 tls a&b<<& pw"},
		/* what is not known is passed over */
		{FILE_OF(SERVER(
			 USUAL("a.test", "465", "SSL") "<authentication system='sasl'>SCRAM-SHA-256</authentication>"
						       "<authentication>NTLM</authentication>"
						       "<useGlobalPreferredServer>true</useGlobalPreferredServer>"
						       "<password>x</password>")),
		 "a.test:465 tls - pw"},
		{"<clientConfig><outgoingServer type='exchange'>" USUAL(
			 "a.test", "465",
			 "SSL") "</outgoingServer>" SERVER(USUAL("b.test", "465", "SSL")) "</clientConfig>",
		 "b.test:465 tls - pw"},
		{"<m:clientConfig xmlns:m='x'><m:deep><m:outgoingServer>" USUAL("a.test", "465",
										"SSL") "</m:outgoingServer>"
										       "</m:deep></m:clientConfig>",
		 "a.test:465 tls - pw"},
		/* something else than such a file */
		{"", "refused"},
		{"<!DOCTYPE html><html><body>" SERVER(USUAL("a.test", "465", "SSL")) "</body></html>", "refused"},
		{"<!DOCTYPE clientConfig [<!ENTITY a 'b'>]>" FILE_OF(SERVER(USUAL("a.test", "465", "SSL"))), "refused"},
		{FILE_OF(SERVER(USUAL("&host;", "465", "SSL"))), "refused"},
		{FILE_OF(SERVER(USUAL("a.test", "465", "SSL") "&file;")), "refused"},
		{FILE_OF(SERVER(USUAL("a.test", "465", "SSL"))) "<more/>", "refused"},
		{FILE_OF(SERVER(USUAL("a.test", "465", "SSL"))) "more", "refused"},
		{"<clientConfig>" SERVER(USUAL("a.test", "465", "SSL")), "refused"},
		{"<clientConfig>" SERVER(USUAL("a.test", "465", "SSL")) "</clientconfig>", "refused"},
		{"{\"a\":1}", "refused"},
		{"<a b=c/>", "refused"},
		{"<a b='<'/>", "refused"},
		{"<a b='1'c='2'/>", "refused"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%zu %s\n", i, cases[i].file);
		check_file(span_of(cases[i].file), cases[i].want);
	}
}

static void texts_for_people_are_read_and_cleaned(void **state)
{
	AUTO(autoconfig) a = AUTOCONFIG_INIT;
	static const char file[] = "<clientConfig><emailProvider><displayName>A\nB &#x202e;</displayName>"
				   "<enable visiturl='https://a.test/?u=%EMAILADDRESS%&amp;x=1'><instruction "
				   "lang='en'>First\n  this</instruction>"
				   "<instruction lang='de'>Erst</instruction></enable>" SERVER(
					   USUAL("a.test", "465", "SSL")) "</emailProvider></clientConfig>";
	(void)state;
	assert_true(autoconfig_read(SPAN_LIT(file), "jo@mail.test", &a));
	assert_string_equal(a.provider, "A B ???");
	assert_string_equal(a.enable, "First   this");
	assert_string_equal(a.enable_url, "https://a.test/?u=%EMAILADDRESS%&x=1");
}

static void addresses_of_pages_are_https(void **state)
{
	AUTO(autoconfig) a = AUTOCONFIG_INIT;
	static const char file[] = "<c><enable visiturl='javascript:x'><instruction>do</instruction></enable>" SERVER(
		USUAL("a.test", "465", "SSL")) "</c>";
	(void)state;
	assert_true(autoconfig_read(SPAN_LIT(file), "jo@mail.test", &a));
	assert_null(a.enable_url);
	assert_string_equal(a.enable, "do");
}

static void add_utf16(struct strbuf *out, const char *ascii, bool big)
{
	for (; *ascii; ascii++) {
		if (big)
			strbuf_addch(out, '\0');
		strbuf_addch(out, *ascii);
		if (!big)
			strbuf_addch(out, '\0');
	}
}

static void encodings_are_converted(void **state)
{
	static const char file[] = FILE_OF(SERVER(USUAL("a.test", "465", "SSL")));
	static const char latin1[] =
		"<?xml version='1.0' encoding='ISO-8859-1'?><c>" SERVER(USUAL("b\xfc"
									      "cher.test",
									      "465", "SSL")) "</c>";
	static const char wrong[] = "<?xml version='1.0' encoding='UTF-8'?><c>" SERVER(USUAL("b\xfc"
											     "cher.test",
											     "465", "SSL")) "</c>";
	static const char unknown[] =
		"<?xml version='1.0' encoding='EBCDIC'?><c>" SERVER(USUAL("a.test", "465", "SSL")) "</c>";
	(void)state;
	for (int big = 0; big <= 1; big++) {
		AUTO(strbuf) marked = STRBUF_INIT;
		AUTO(strbuf) unmarked = STRBUF_INIT;
		strbuf_adds(&marked, big ? "\xfe\xff" : "\xff\xfe");
		add_utf16(&marked, file, big);
		add_utf16(&unmarked, file, big);
		check_file(strbuf_span(&marked), "a.test:465 tls - pw");
		check_file(strbuf_span(&unmarked), "a.test:465 tls - pw");
		strbuf_addch(&marked, 'x');
		check_file(strbuf_span(&marked), "refused");
	}
	check_file(SPAN_LIT(latin1), "xn--bcher-kva.test:465 tls - pw");
	check_file(SPAN_LIT(wrong), "refused");
	check_file(SPAN_LIT(unknown), "refused");
	check_file(SPAN_LIT("\xef\xbb\xbf"
			    "<c>" SERVER(USUAL("a.test", "465", "SSL")) "</c>"),
		   "a.test:465 tls - pw");
	check_file(SPAN_LIT("\xff\xfe\x00\xdc"), "refused");
	check_file(SPAN_LIT("\xfe\xff\xd8\x00\x00\x41"), "refused");
}

static void size_and_depth_are_limited(void **state)
{
	AUTO(strbuf) at = STRBUF_INIT;
	AUTO(strbuf) over = STRBUF_INIT;
	AUTO(strbuf) deep = STRBUF_INIT;
	AUTO(strbuf) deeper = STRBUF_INIT;
	static const char server[] = "<c>" SERVER(USUAL("a.test", "465", "SSL")) "</c>";
	(void)state;
	strbuf_adds(&at, server);
	while (at.len < XML_LIMIT)
		strbuf_addch(&at, '\n');
	strbuf_add_span(&over, strbuf_span(&at));
	strbuf_addch(&over, '\n');
	check_file(strbuf_span(&at), "a.test:465 tls - pw");
	check_file(strbuf_span(&over), "refused");
	for (int i = 0; i < XML_DEPTH - 3; i++)
		strbuf_adds(&deep, "<d>");
	strbuf_adds(&deep, server);
	for (int i = 0; i < XML_DEPTH - 3; i++)
		strbuf_adds(&deep, "</d>");
	strbuf_addf(&deeper, "<d>%s</d>", deep.buf);
	check_file(strbuf_span(&deep), "a.test:465 tls - pw");
	check_file(strbuf_span(&deeper), "refused");
}

static void many_servers_are_cut(void **state)
{
	AUTO(strbuf) file = STRBUF_INIT;
	AUTO(autoconfig) a = AUTOCONFIG_INIT;
	(void)state;
	strbuf_adds(&file, "<c>");
	for (int i = 1; i <= AUTOCONFIG_SERVERS_MAX + 3; i++)
		strbuf_addf(&file, SERVER(USUAL("a%d.test", "465", "SSL")), i);
	strbuf_adds(&file, "</c>");
	assert_true(autoconfig_read(strbuf_span(&file), "jo@mail.test", &a));
	assert_int_equal(a.n, AUTOCONFIG_SERVERS_MAX);
}

static void pages_are_recognized(void **state)
{
	(void)state;
	assert_true(autoconfig_is_page(span_of(" \n<!DOCTYPE HTML>\n<p>")));
	assert_true(autoconfig_is_page(span_of("<html lang=en>")));
	assert_true(autoconfig_is_page(span_of("")));
	assert_false(autoconfig_is_page(span_of("<?xml version='1.0'?><clientConfig/>")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_are_read),
		cmocka_unit_test(texts_for_people_are_read_and_cleaned),
		cmocka_unit_test(addresses_of_pages_are_https),
		cmocka_unit_test(encodings_are_converted),
		cmocka_unit_test(size_and_depth_are_limited),
		cmocka_unit_test(many_servers_are_cut),
		cmocka_unit_test(pages_are_recognized),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
