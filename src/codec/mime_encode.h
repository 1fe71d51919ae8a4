/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime_encode: content as quoted-printable (RFC 2045 section 6.7) or base64
 * (section 6.8), in any portions, which do not change what comes out.
 *
 * No line is longer than 76 octets, and none begins with "--" (no boundary can
 * arise), ".", or "From ".  The last line is not ended unless the content ends
 * with a line end in quoted-printable: what follows a part begins with CRLF.
 */
#ifndef CODEC_MIME_ENCODE_H
#define CODEC_MIME_ENCODE_H

#include "base/strbuf.h"

struct quoted_encoder {
	char line[80]; /* the line under way */
	size_t len;
	char blank; /* held back: the line may end behind it */
};
#define QUOTED_ENCODER_INIT ((struct quoted_encoder){.len = 0})
/* Octets of one line: a CR or LF among them is encoded. */
void quoted_encode(struct quoted_encoder *q, struct span in, struct strbuf *out);
void quoted_encode_eol(struct quoted_encoder *q, struct strbuf *out);
/* Writes what is held back and starts anew. */
void quoted_encode_end(struct quoted_encoder *q, struct strbuf *out);

struct base64_encoder {
	char held[57]; /* octets of a line that is not full yet */
	size_t len;
	bool any; /* a line was written */
};
#define BASE64_ENCODER_INIT ((struct base64_encoder){.len = 0})
void base64_lines_encode(struct base64_encoder *b, struct span in, struct strbuf *out);
void base64_lines_end(struct base64_encoder *b, struct strbuf *out);

#endif
