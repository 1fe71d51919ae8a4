/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * idn2_lazy: libidn2, loaded when it is first used (base/library.h).  idn.c includes this header in place of libidn2's
 * and calls its functions by their names.  If it cannot be loaded, the process ends: the address may be good.
 */
#ifndef NET_IDN2_LAZY_H
#define NET_IDN2_LAZY_H

#include "base/library.h"

#include <idn2.h>

#ifdef LAZY_LIBRARIES

struct idn2_members {
#define NAME LIBRARY_MEMBER
#include "net/idn2_names.def"
#undef NAME
};
LIBRARY_DECLARE(idn2)

#define idn2_free (idn2_lazy()->idn2_free)
#define idn2_strerror (idn2_lazy()->idn2_strerror)
#define idn2_to_ascii_8z (idn2_lazy()->idn2_to_ascii_8z)

#endif

#endif
