/* SPDX-License-Identifier: GPL-3.0-or-later */
/* expected: the one form in which the configuration says that a text is not what belongs in its place. */
#ifndef CONFIG_EXPECTED_H
#define CONFIG_EXPECTED_H

#include "base/error.h"

/* Sets ERROR_CONFIG "expected WANTED, got TEXT", with the text cleaned and cut; an empty text is called "nothing".
 * wanted: a translated noun phrase.  Returns false. */
bool check_expected(struct error *err, const char *wanted, struct span got);

#endif
