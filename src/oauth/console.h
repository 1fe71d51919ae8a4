/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_console: how a login talks to the user, who may sit at another machine than this one.
 *
 * Only cli prints; it hands over say(), and describes the terminal.
 */
#ifndef OAUTH_CONSOLE_H
#define OAUTH_CONSOLE_H

#include "base/runtime.h"

struct oauth_console {
	const struct runtime *runtime;
	void (*say)(void *arg, const char *text); /* shows a text of one or more lines at once */
	void *arg;
	msec_t patience;  /* how long a server may take for one answer */
	int terminal;	  /* descriptor of a terminal to read lines from; -1: there is none */
	unsigned columns; /* of the terminal that shows the text, if it shows UTF-8 and colours; 0: it does not, or it
			     is not a terminal */
};

/* The member for what is printed on this descriptor. */
unsigned oauth_console_columns(const struct runtime *runtime, int fd);
/* There is a display on which xdg-open can show a browser. */
bool oauth_console_has_display(const struct oauth_console *c);
/* Starts xdg-open with the address, if there is a display.  It gets /dev/null for its input and output.  A failure is
 * not reported: the user has the address. */
void oauth_console_browse(const struct oauth_console *c, const char *url);
/* Shows a QR code of the text, if the terminal is wide enough for it and the helper program for it is installed. */
void oauth_console_show_qr(const struct oauth_console *c, const char *text);

#endif
