/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * i18n: text for users.  _() translates, N_() marks a table's text for later translation, Q_() chooses the plural.
 * Protocol text is never marked.
 */
#ifndef BASE_I18N_H
#define BASE_I18N_H

#include <config.h>

#ifdef ENABLE_NLS
#include <libintl.h>
#define _(text) gettext(text)
#define Q_(one, many, n) ngettext(one, many, n)
#else
#define _(text) (text)
#define Q_(one, many, n) ((n) == 1 ? (one) : (many))
#endif
#define N_(text) text

#endif
