/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xtext: text in the parameters of SMTP commands and in delivery reports, where only a part of ASCII is allowed.
 */
#ifndef CODEC_XTEXT_H
#define CODEC_XTEXT_H

#include "base/strbuf.h"

/* xtext of RFC 3461 section 4: "+", "=" and every octet that is not printable ASCII become "+HH". */
void xtext_add(struct strbuf *out, struct span text);
/* utf-8-addr-xtext of RFC 6533 section 3, for addresses: the characters that xtext encodes, and "\", become "\x{HHHH}".
 * An octet that is not UTF-8 becomes "?". */
void xtext_add_utf8(struct strbuf *out, struct span address);
/* Appends what xtext stands for; false, with out unchanged, if it is not valid xtext. */
bool xtext_decode(struct strbuf *out, struct span text) MUST_CHECK;
/* The same for utf-8-addr-xtext, and utf-8-addr-unitext, which may have UTF-8 as it is. */
bool xtext_decode_utf8(struct strbuf *out, struct span text) MUST_CHECK;

#endif
