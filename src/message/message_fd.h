/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message_fd: reads a message from a descriptor. */
#ifndef MESSAGE_MESSAGE_FD_H
#define MESSAGE_MESSAGE_FD_H

#include "message/message.h"

/* To the end of fd, waiting if it has to.  fd may be closed afterwards.  The error is ERROR_IO "cannot read the message
 * from PLACE", or what message_reader_feed() found. */
bool message_read_fd(struct message *msg, int fd, const char *place, struct error *err) MUST_CHECK;

#endif
