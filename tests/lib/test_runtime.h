/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_runtime: the surroundings of a test: the system's, as main.c builds them, without input and helpers. */
#ifndef LIB_TEST_RUNTIME_H
#define LIB_TEST_RUNTIME_H

#include "base/runtime.h"
#include "dns/srv.h"
#include "net/resolve.h"
#include "queue/spool_ops.h"

#include <unistd.h>

/* An environment: TEST_ENV("HOME=/h", "A=b").  Lives as long as the block it is written in. */
#define TEST_ENV(...) ((char *const *)(const void *)(const char *const[]){__VA_ARGS__, NULL})

/* To be changed where a test wants something else; the environment is the one at the time of the call. */
__attribute__((unused)) static struct runtime test_runtime(void)
{
	static const struct temp_files temp = {fs_temp_open, NULL};
	return (struct runtime){
		.environ = environ,
		.clock = &clock_system,
		.rng = &rng_system,
		.resolver = &resolver_system,
		.dns = &srv_dns_system,
		.spool_ops = &spool_ops_system,
		.temp = &temp,
		.input = -1,
	};
}

#endif
