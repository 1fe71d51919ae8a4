/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * linux_only: flags that not every system has, as what comes closest (doc/design/portability.md).
 *
 * Without POLLRDHUP, the end of what the other side sends is seen as POLLIN; who does not ask for that sees it when
 * writing fails.  A symbolic link cannot be opened with O_RDONLY.
 */
#ifndef BASE_LINUX_ONLY_H
#define BASE_LINUX_ONLY_H

#include <fcntl.h>
#include <poll.h>

#if !HAVE_DECL_POLLRDHUP
#undef POLLRDHUP
#define POLLRDHUP 0
#endif
#if !HAVE_DECL_O_PATH
#undef O_PATH
#define O_PATH O_RDONLY
#endif

#endif
