/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * posthaste-qr: makes a QR code of the text on standard input; oauth/qr.h describes what it prints.  A program of its
 * own, so that libqrencode is loaded only when a code is shown.
 */
#include "base/strbuf.h"
#include "helper/helper_io.h"

#include <sysexits.h>

#include <qrencode.h>

#define TEXT_MAX 2000

int main(void)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(strbuf) out = STRBUF_INIT;
	helper_protect();
	if (!helper_read_request(&text, TEXT_MAX) || !text.len)
		return EX_DATAERR;
	struct span bytes = secret_reveal(&text);
	QRcode *code = QRcode_encodeData((int)bytes.len, (const unsigned char *)bytes.ptr, 0, QR_ECLEVEL_L);
	if (!code)
		return EX_DATAERR;
	for (int y = 0; y < code->width; y++) {
		for (int x = 0; x < code->width; x++)
			strbuf_addch(&out, code->data[y * code->width + x] & 1 ? '1' : '0');
		strbuf_addch(&out, '\n');
	}
	QRcode_free(code);
	helper_write(out.buf, out.len);
	return EX_OK;
}
