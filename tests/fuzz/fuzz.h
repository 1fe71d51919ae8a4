/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the harnesses share.  A harness is one file with LLVMFuzzerTestOneInput:
 * linked with replay.c it runs saved inputs in "make check", with libFuzzer it
 * looks for new ones.  It checks properties, not only that nothing crashes.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property: what is false here is a bug in the library. */
#define MUST(condition)                                                                                 \
	do {                                                                                            \
		if (!(condition)) {                                                                     \
			(void)fprintf(stderr, "%s:%d: violated: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                        \
		}                                                                                       \
	} while (0)

#endif
