/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_qr: draws a QR code on a terminal.  Pure.
 *
 * The helper program posthaste-qr gets the text on its standard input and prints the code: a line of 0 (light) and 1
 * (dark) for each row of it.
 */
#ifndef OAUTH_QR_H
#define OAUTH_QR_H

#include "base/strbuf.h"

/* Appends the code with the light border that it must have, two rows in a line of half blocks, black on white.  False,
 * and nothing is appended: it is not a code, or does not fit into so many columns. */
bool oauth_qr_draw(struct span rows, unsigned columns, struct strbuf *out) MUST_CHECK;

#endif
