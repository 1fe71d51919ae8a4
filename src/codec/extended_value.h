/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extended_value: the percent encoding of MIME parameters that are not ASCII, as in filename*=utf-8''%C3%9Cbersicht.txt
 * (RFC 2231 section 4).
 */
#ifndef CODEC_EXTENDED_VALUE_H
#define CODEC_EXTENDED_VALUE_H

#include "base/strbuf.h"

void extended_value_add(struct strbuf *out, struct span text);
/* How many octets of text, which is UTF-8, have an encoding of at most room octets. No character is divided, and one is
 * always taken. */
size_t extended_value_fitting(struct span text, size_t room);
/* Appends what text encodes. A "%" without two hexadecimal digits after it stands for itself. */
void extended_value_decode(struct strbuf *out, struct span text);

#endif
