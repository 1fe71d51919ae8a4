/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table itself: the only file that knows both the rows and the functions that check their values. */
#include "config/deliver_by.h"
#include "config/listen_address.h"
#include "config/option.h"
#include "config/value_check.h"

#include "base/i18n.h"

const struct option_row option_table[OPTION_COUNT] = {
#define OPTION(id_, group_, command_, flag_, letter_, type_, limits_, own_, msmtp_, flags_, since_, argument_, help_) \
	[OPT_##id_] = {.id = OPT_##id_,                                                                               \
		       .group = GROUP_##group_,                                                                       \
		       .command = command_,                                                                           \
		       .flag = flag_,                                                                                 \
		       .letter = letter_,                                                                             \
		       .type = type_,                                                                                 \
		       limits_,                                                                                       \
		       .default_own = own_,                                                                           \
		       .default_msmtp = msmtp_,                                                                       \
		       .flags = flags_,                                                                               \
		       .since = since_,                                                                               \
		       .argument = argument_,                                                                         \
		       .help = help_},
#include "config/options.def"
#undef OPTION
};
