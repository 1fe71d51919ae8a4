/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth/ntlm.h"

#include "base/i18n.h"

#include <stdint.h>

/* Where the fields are: signature (8), type (4), length (2) and offset (4) of the target name, flags (4), nonce (8). */
#define TYPE_AT 8
#define NAME_LENGTH_AT 12
#define NAME_OFFSET_AT 16
#define NONCE_END 32

static uint32_t little_endian(struct span message, size_t at, size_t octets)
{
	uint32_t value = 0;
	while (octets--)
		value = value << 8 | (unsigned char)message.ptr[at + octets];
	return value;
}

bool ntlm_check_challenge(struct span message, struct error *err)
{
	if (message.len >= NONCE_END && memcmp(message.ptr, "NTLMSSP", 8) == 0 &&
	    little_endian(message, TYPE_AT, 4) == 2) {
		uint32_t len = little_endian(message, NAME_LENGTH_AT, 2);
		uint32_t offset = little_endian(message, NAME_OFFSET_AT, 4);
		if (!len || (offset <= message.len && len <= message.len - offset))
			return true;
	}
	return error_set(err, ERROR_PROTOCOL, _("the server's %s challenge is invalid"), "NTLM");
}
