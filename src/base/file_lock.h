/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * file_lock: an exclusive lock on a file, which belongs to the open file: it ends when the last descriptor of that is
 * closed, at the latest with the last process that has one.  A child made by fork() has it, too.
 *
 * It is an open file description lock of fcntl(2), or where there are none a lock of flock(2).  The two do not see each
 * other, so programs that use the same files are to be built alike.
 */
#ifndef BASE_FILE_LOCK_H
#define BASE_FILE_LOCK_H

#include <stdbool.h>

/* Does not wait.  0; -1 with errno: EAGAIN while another open file has the lock.  fd: open for writing. */
int file_lock(int fd);
/*
 * True while another open file has the lock.  flock(2) cannot tell without taking a shared lock for a moment, for
 * which file_lock() waits.  If this descriptor has the lock itself, it must not be asked.
 */
bool file_is_locked(int fd);

#endif
