/* SPDX-License-Identifier: GPL-3.0-or-later */
/* expected: the error text for every value of the configuration that has the wrong form. */
#ifndef CONFIG_EXPECTED_H
#define CONFIG_EXPECTED_H

#include "base/error.h"

/* Sets ERROR_CONFIG "expected WANTED, got TEXT", with got cleaned and shortened; an empty text is called "nothing".
 * wanted is a translated noun phrase.  Always returns false. */
bool check_expected(struct error *err, const char *wanted, struct span got);

#endif
