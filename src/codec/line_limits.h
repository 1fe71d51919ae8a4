/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * line_limits: how many octets a line of a message may have, its CRLF not included.
 */
#ifndef CODEC_LINE_LIMITS_H
#define CODEC_LINE_LIMITS_H

/* No line may be longer: RFC 5322 section 2.1.1. */
#define LINE_LIMIT 998
/* Lines we write are not longer if they can be folded: the same section. */
#define LINE_WANTED 78
/* The limit for a header line with an encoded-word (RFC 2047 section 2) and for a line of quoted-printable or base64
 * (RFC 2045 sections 6.7 and 6.8). */
#define LINE_LIMIT_ENCODED 76

#endif
