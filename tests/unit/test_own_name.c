/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/xalloc.h"
#include "net/own_name.h"

#include <arpa/inet.h>
#include <sys/un.h>
#include <unistd.h>

#define L10 "abcdefghij"
#define L63 L10 L10 L10 L10 L10 L10 "abc"

static const struct {
	const char *host, *name; /* NULL: not one for others */
} hosts[] = {
	{"mail.example.org", "mail.example.org"},
	{"Mail.Example.ORG.", "Mail.Example.ORG"},
	{"example.org", "example.org"},
	{"3com.example", "3com.example"},
	{"ip-192-0-2-1.ec2.internal", "ip-192-0-2-1.ec2.internal"},
	{"localhost.example.org", "localhost.example.org"},
	{L63 "." L63 ".example", L63 "." L63 ".example"},
	{"b\xc3\xbc"
	 "cher.example",
	 "xn--bcher-kva.example"},
	/* one label */
	{"", NULL},
	{"box", NULL},
	{"box.", NULL},
	{"localhost", NULL},
	/* names of every machine, or of every network */
	{"localhost.localdomain", NULL},
	{"localhost.localdomain.", NULL},
	{"box.LocalDomain", NULL},
	{"box.localhost", NULL},
	{"box.local", NULL},
	/* no names of hosts */
	{"my_box.example.org", NULL},
	{"-box.example.org", NULL},
	{"box-.example.org", NULL},
	{"box..example.org", NULL},
	{".example.org", NULL},
	{"a b.example.org", NULL},
	{"a\r\nMAIL FROM:<>.example.org", NULL},
	{"\xfc"
	 "ber.example.org",
	 NULL},
	{L63 "x.example", NULL},
	{"(none)", NULL},
	{"192.0.2.1", NULL},
	{"[192.0.2.1]", NULL},
	{"[IPv6:2001:db8::1]", NULL},
	{"2001:db8::1", NULL},
};

static void a_host_name_must_be_fully_qualified(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		AUTO_FREE char *name = own_name_of_host(span_of(hosts[i].host));
		if (!hosts[i].name && name)
			fail_msg("%s became %s", hosts[i].host, name);
		else if (hosts[i].name)
			assert_string_equal(name, hosts[i].name);
	}
}

static const struct {
	int family;
	const char *ip, *name;
} addresses[] = {
	{AF_INET, "192.0.2.1", "[192.0.2.1]"},
	{AF_INET, "127.0.0.1", "[127.0.0.1]"},
	{AF_INET, "0.0.0.0", NULL},
	{AF_INET6, "2001:db8::1", "[IPv6:2001:db8::1]"},
	{AF_INET6, "::1", "[IPv6:::1]"},
	{AF_INET6, "fe80::1", "[IPv6:fe80::1]"},
	{AF_INET6, "::ffff:192.0.2.1", "[192.0.2.1]"},
	{AF_INET6, "::ffff:0.0.0.0", NULL},
	{AF_INET6, "::", NULL},
};

static struct sockaddr_storage address_of(int family, const char *ip)
{
	struct sockaddr_storage sa = {.ss_family = (sa_family_t)family};
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_scope_id = 7};
	if (family == AF_INET) {
		assert_int_equal(inet_pton(AF_INET, ip, &in.sin_addr), 1);
		memcpy(&sa, &in, sizeof(in));
	} else {
		assert_int_equal(inet_pton(AF_INET6, ip, &in6.sin6_addr), 1);
		memcpy(&sa, &in6, sizeof(in6));
	}
	return sa;
}

static void an_address_becomes_a_literal(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		struct sockaddr_storage sa = address_of(addresses[i].family, addresses[i].ip);
		AUTO_FREE char *name = own_name_of_address(&sa);
		if (addresses[i].name)
			assert_string_equal(name, addresses[i].name);
		else
			assert_null(name);
	}
	struct sockaddr_storage local = {.ss_family = AF_UNIX};
	assert_null(own_name_of_address(&local));
}

static void there_is_always_a_name(void **state)
{
	(void)state;
	char host[256];
	assert_int_equal(gethostname(host, sizeof(host)), 0);
	AUTO_FREE char *of_host = own_name_of_host(span_of(host)), *name = own_name_find(-1);
	assert_string_equal(name, of_host ? of_host : "localhost");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_name_must_be_fully_qualified),
		cmocka_unit_test(an_address_becomes_a_literal),
		cmocka_unit_test(there_is_always_a_name),
	};
	return cmocka_run_group_tests_name("own name", tests, NULL, NULL);
}
