/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ntlm: checks the server's NTLM message, because libntlm does not check it before it computes with it.  Pure. */
#ifndef AUTH_NTLM_H
#define AUTH_NTLM_H

#include "base/error.h"

/* Checks a CHALLENGE_MESSAGE ([MS-NLMP] section 2.2.1.2): signature, type, the server's nonce, and a target name that
 * lies within the message.  ERROR_PROTOCOL if it is not one. */
bool ntlm_check_challenge(struct span message, struct error *err) MUST_CHECK;

#endif
